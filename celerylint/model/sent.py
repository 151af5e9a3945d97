"""What becomes of the arguments of a call under its serializer, and whether the task depends on what is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from celerylint.facts.unknown import Unknown
from celerylint.model.arguments import Argument
from celerylint.model.entities import Call
from celerylint.model.kinds import Kind
from celerylint.model.messages import fate_of, hidden_default, makes_message, serializer
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

LOST = ("refused", "fatal")
ORM = frozenset({"model instance", "queryset"})


@dataclass(frozen=True, slots=True)
class Sent:
    """One value among the arguments of a call that does not arrive as it was sent. ``path`` leads from the argument to
    it, ``fate`` is as in ``knowledge.serializers``."""

    call: Call
    argument: Argument
    path: str
    kind: Kind
    fate: str
    serializer: str

    @property
    def span(self) -> Span:
        """The argument as written."""
        return self.argument.span

    @property
    def what(self) -> str:
        """The value in words, with its place in the argument: "a set in `["tags"]`"."""
        return f"{self.kind} in `{self.path}`" if self.path else str(self.kind)

    @property
    def consequence(self) -> str:
        """What happens, for values that are refused."""
        if self.fate == "fatal":
            return "the worker cannot decode it and discards the message"
        if self.call.how == "retry":
            return f"{self.serializer} cannot encode it, so the retry is dropped"
        return f"{self.serializer} cannot encode it, so the call raises `EncodeError`"

    @property
    def doubtful(self) -> bool:
        """Whether options that cannot be read may name another serializer."""
        task = self.call.target
        return task is not None and task.unknown_options is not None

    @property
    def confidence(self) -> Literal["high", "medium", "low"]:
        """How sure it is that the value is of this kind, and that this serializer gets it."""
        if self.doubtful:
            return "low"
        return "high" if self.kind.sure else "medium"

    @property
    def label(self) -> str:
        """What told the kind, where that stands in the argument itself; else it is evidence."""
        return self.kind.why if _within(self.kind.origin, self.span) else ""

    def evidence(self) -> list[tuple[Span, str]]:
        """Where the value comes from, where it is sent, and the task."""
        found: list[tuple[Span, str]] = []
        if not _within(self.kind.origin, self.span):
            found.append((self.kind.origin, self.kind.why))
        if self.argument.followed:
            found.append((self.call.span, "sent here"))
        if self.call.target is not None:
            found.append((self.call.target.function_span, "the task"))
        return found


def sent(call: Call, project: Project) -> Iterator[Sent]:
    """The values among the arguments of a call that do not arrive as they were sent.

    For each argument it is the first that is refused, because then nothing arrives; otherwise all that are changed.
    Arguments that hold ORM objects are left to the rule about these.
    """
    if not makes_message(call):
        return
    name = serializer(call, project)
    if isinstance(name, Unknown):
        return
    assumed = hidden_default(call, "serializer", "task_serializer", project)
    for argument in project.arguments.of(call):
        kind = project.arguments.kind(argument)
        if kind is None or any(part.name in ORM for _, part in kind.parts()):
            continue
        kind = kind.doubtful() if assumed else kind
        parts = [
            Sent(call, argument, path, part, fate, name)
            for path, part in kind.parts()
            if (fate := fate_of(part.name, call, project, part.cls)) not in (None, "same")
        ]
        lost = next((part for part in parts if part.fate in LOST), None)
        yield from [lost] if lost is not None else parts


def _within(inner: Span, outer: Span) -> bool:
    return (
        inner.path == outer.path
        and (outer.line, outer.column) <= (inner.line, inner.column)
        and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
    )
