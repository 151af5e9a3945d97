"""What a run gives: the findings with their state, and an honest account of what was looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from celerylint.facts.unknown import Unknown
from celerylint.rule import Finding, Fix, Rule, Severity

if TYPE_CHECKING:
    from celerylint.model.project import Project

State: TypeAlias = Literal["new", "baselined", "ignored"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""From worst to mildest."""


@dataclass(slots=True, eq=False)
class Reported:
    """One finding as it is reported: its severity is the configured one, ``reason`` is that of a suppression."""

    finding: Finding
    rule: Rule
    fingerprint: str
    state: State = "new"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was looked at. Test code is not counted; ``files`` are the Python files that name Celery."""

    files: int = 0
    tasks: int = 0
    calls: int = 0
    queues: int = 0
    processes: int = 0


@dataclass(frozen=True, slots=True)
class InternalError:
    """A fault of celerylint's own or of a plug-in's: ``where`` names the rule and hook, ``trace`` is for ``-v``."""

    where: str
    message: str
    trace: str

    @classmethod
    def of(cls, where: str, error: BaseException) -> InternalError:
        import traceback  # only faults pay for it

        lines = str(error).strip().splitlines()
        message = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
        return cls(where, message, "".join(traceback.format_exception(type(error), error, error.__traceback__)))


@dataclass(frozen=True, slots=True)
class Notice:
    """A file or folder that could not be looked at, and why. ``path`` is relative to the project root."""

    path: str
    message: str


@dataclass(slots=True)
class Report:
    """The outcome of one run.

    ``findings`` holds those that are reported and those that a suppression answers (state "ignored"), in the order of
    path, line, column, slug. ``below`` counts those that the profile or the least confidence keeps back. So
    new + ignored + below is everything that was found in the paths asked for.
    """

    root: Path
    findings: list[Reported] = field(default_factory=list)
    below: int = 0
    counts: Counts = field(default_factory=Counts)
    blind_spots: list[Unknown] = field(default_factory=list)
    problems: list[Notice] = field(default_factory=list)
    errors: list[InternalError] = field(default_factory=list)
    found_celery: bool = False
    elapsed: float = 0.0
    project: Project | None = None
    _fixes: dict[int, Fix | None] = field(default_factory=dict, repr=False)

    @property
    def new(self) -> list[Reported]:
        return [entry for entry in self.findings if entry.state == "new"]

    @property
    def ignored(self) -> list[Reported]:
        return [entry for entry in self.findings if entry.state == "ignored"]

    def fix(self, entry: Reported) -> Fix | None:
        """What would cure the finding, None when nothing is known that does. A rule that raises becomes an error."""
        key = id(entry)
        if key not in self._fixes:
            self._fixes[key] = None
            if entry.rule.fix_safety is not None and self.project is not None:
                try:
                    self._fixes[key] = entry.rule.fix(entry.finding, self.project)
                except Exception as error:
                    self.errors.append(InternalError.of(f"the fix of rule `{entry.finding.rule}`", error))
        return self._fixes[key]

    def fails(self, fail_on: Severity) -> bool:
        """Whether a reported finding is at least as severe as ``fail_on``."""
        bad = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
        return any(entry.finding.severity in bad for entry in self.new)


def by_severity(entries: Iterable[Reported]) -> Counter[Severity]:
    """How many findings of each severity."""
    return Counter(entry.finding.severity for entry in entries)
