"""What becomes of the arguments of beat entries under their serializer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.facts.unknown import Unknown
from celerylint.model.entities import ScheduleEntry
from celerylint.model.kinds import Kind
from celerylint.model.messages import converts, fate_under, serializer_of
from celerylint.model.values import Collection, Known, Table, Value
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One value among the arguments of an entry that its serializer refuses."""

    span: Span
    path: str
    kind: Kind
    serializer: str

    @property
    def what(self) -> str:
        return f"{self.kind} in `{self.path}`" if self.path else str(self.kind)


def scheduled(entry: ScheduleEntry, project: Project) -> Iterator[Scheduled]:
    """The values that beat cannot send."""
    options = entry.options
    if entry.in_tests or converts(entry.target, project) or (isinstance(options, Table) and options.open):
        return
    given = {str(k.value): v for k, v in options.entries if isinstance(k, Known)} if isinstance(options, Table) else {}
    name = serializer_of(entry.target, given, project)
    doubtful = entry.target is not None and entry.target.unknown_options is not None
    if isinstance(name, Unknown) or isinstance(options, Unknown) or doubtful:
        return
    for value in _arguments(entry):
        kind = project.kinds.of_value(value, value.span)
        for path, part in kind.parts() if kind is not None else ():
            if fate_under(name, part.name, project, part.cls) == "refused":
                yield Scheduled(value.span, path, part, name)
                break


def _arguments(entry: ScheduleEntry) -> Iterator[Value]:
    if isinstance(entry.args, Collection) and entry.args.kind in ("list", "tuple"):
        yield from entry.args.items
    if isinstance(entry.kwargs, Table):
        yield from (value for _, value in entry.kwargs.entries)
