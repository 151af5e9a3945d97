"""All that the author of a rule imports.

A rule is one class in one file. Its docstring is its documentation and its test (see CONTRIBUTING.md), its attributes
say what it is, its ``check_*`` methods yield findings and decide nothing else, and ``fix`` describes an edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.entities import App, Call, Process, Queue, Route, ScheduleEntry, Setting, Task
    from celerylint.model.project import Module, Project
    from celerylint.suppress import Suppression

__all__ = [
    "AddHandler",
    "AddParameter",
    "AppendArgument",
    "Confidence",
    "Edit",
    "EnsureImport",
    "Evidence",
    "Finding",
    "Fix",
    "InsertStatement",
    "Remove",
    "RemoveKeyword",
    "RenameKeyword",
    "RenameString",
    "Replace",
    "ReplaceComment",
    "Rule",
    "Safety",
    "SetEntry",
    "SetKeyword",
    "Severity",
    "Span",
    "WrapCall",
]

Severity: TypeAlias = Literal["error", "warning", "info"]
Confidence: TypeAlias = Literal["high", "medium", "low"]
Profile: TypeAlias = Literal["default", "pedantic", "audit"]
Category: TypeAlias = Literal["correctness", "reliability", "security", "performance", "operations"]
Safety: TypeAlias = Literal["safe", "unsafe"]

API = 1
"""The version of this contract. A rule that needs a newer one says ``api = N`` and is refused with a clear message."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One more place that explains the finding, with two to six words about it."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about this project that its owner did not intend.

    ``message`` says what is wrong with real names, lower case, no full stop; ``help`` says what to do, verb first.
    ``subject`` is the thing it is about, as ``kind:name`` (``task:shop.tasks.charge``, ``setting:task_acks_late``,
    ``schedule:nightly``): it anchors the fingerprint, so it must not contain line numbers. ``data`` carries whatever
    the rule's own ``fix`` needs and is never shown.
    """

    rule: str
    span: Span
    message: str
    help: str
    subject: str
    severity: Severity
    confidence: Confidence
    label: str = ""
    """Two to six words shown at the primary place itself; may be empty."""
    evidence: tuple[Evidence, ...] = ()
    data: Any = field(default=None, compare=False)


# Edits. A rule describes, `celerylint.fixes` performs: on the concrete tree, so comments, quotes and layout survive.
# Every span must be exactly the span of an expression, argument, statement or comment as the facts gave it.


@dataclass(frozen=True, slots=True)
class SetKeyword:
    """Give the call (or bare decorator) at ``span`` the keyword ``name=code``, replacing one that is there."""

    span: Span
    name: str
    code: str


@dataclass(frozen=True, slots=True)
class RemoveKeyword:
    """Take the keyword ``name`` out of the call at ``span``."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class RenameKeyword:
    """Rename the keyword ``old`` of the call at ``span`` to ``new``; its value stays."""

    span: Span
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class AppendArgument:
    """Append the positional argument ``code`` to the call at ``span``."""

    span: Span
    code: str


@dataclass(frozen=True, slots=True)
class Replace:
    """Put the expression ``code`` in the place of the expression at ``span``."""

    span: Span
    code: str


@dataclass(frozen=True, slots=True)
class RenameString:
    """Give the string literal at ``span`` the text ``new``, in the quotes and with the prefix that it has."""

    span: Span
    new: str


@dataclass(frozen=True, slots=True)
class WrapCall:
    """Replace the call at ``span`` by ``template``; ``{func}`` and ``{args}`` stand for its parts as written."""

    span: Span
    template: str


@dataclass(frozen=True, slots=True)
class SetEntry:
    """Give the dict display at ``span`` the entry ``"key": code``, replacing one that is there."""

    span: Span
    key: str
    code: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Take out the statement, list element, dict entry (by its key's span) or argument at ``span``."""

    span: Span


@dataclass(frozen=True, slots=True)
class InsertStatement:
    """Insert ``code`` (one or more whole statements) before or after the statement that holds ``span``."""

    span: Span
    code: str
    where: Literal["before", "after"] = "after"


@dataclass(frozen=True, slots=True)
class AddHandler:
    """Insert ``code`` (``except X:`` with its body) above the ``except`` clause whose header is at ``span``."""

    span: Span
    code: str


@dataclass(frozen=True, slots=True)
class AddParameter:
    """Give the function whose name (in its ``def``) is at ``span`` a first parameter ``name``."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class EnsureImport:
    """See that ``from module import name`` (or ``import module`` when ``name`` is None) stands in the file ``path``."""

    path: str
    module: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ReplaceComment:
    """Put ``text`` in the place of the comment at ``span``; an empty text removes it (and its line, if nothing
    else)."""

    span: Span
    text: str


Edit: TypeAlias = (
    SetKeyword
    | RemoveKeyword
    | RenameKeyword
    | AppendArgument
    | Replace
    | RenameString
    | WrapCall
    | SetEntry
    | Remove
    | InsertStatement
    | AddHandler
    | AddParameter
    | EnsureImport
    | ReplaceComment
)


@dataclass(frozen=True, slots=True)
class Fix:
    """What would cure a finding. ``title`` is an imperative; an unsafe fix says in ``changes`` what will behave
    otherwise."""

    title: str
    safety: Safety
    edits: tuple[Edit, ...]
    changes: str = ""


class Rule:
    """Base class of every rule.

    Define any of the ``check_*`` hooks; the engine calls those that a class overrides, once per noun of the model. A
    hook yields findings made with ``self.finding`` and decides nothing else: levels, suppressions and output are not
    its business. Read "Unknown" as "be silent".
    """

    slug: ClassVar[str] = ""
    """Set from the module's name (``retry_swallowed.py`` -> ``retry-swallowed``)."""
    family: ClassVar[str] = ""
    """Set from the folder."""
    category: ClassVar[Category] = "correctness"
    severity: ClassVar[Severity] = "warning"
    profile: ClassVar[Profile] = "default"
    since: ClassVar[str] = ""
    celery: ClassVar[str] = ">=4.0"
    """The Celery versions for which the claim holds, as a version specifier."""
    sources: ClassVar[tuple[str, ...]] = ()
    """Where Celery's source or documentation says so."""
    fix_safety: ClassVar[Safety | None] = None
    """Whether the rule has a fix, and of which kind at best."""
    in_tests: ClassVar[bool] = False
    """Whether findings in test code are shown (only rules about testing itself)."""
    api: ClassVar[int] = API

    options: dict[str, Any]
    """Options from the configuration (``slug = { level = "warning", key = value }``)."""

    def __init__(self, options: dict[str, Any] | None = None) -> None:
        self.options = options or {}

    def check_project(self, project: Project) -> Iterable[Finding]:
        return ()

    def check_app(self, app: App, project: Project) -> Iterable[Finding]:
        return ()

    def check_task(self, task: Task, project: Project) -> Iterable[Finding]:
        return ()

    def check_call(self, call: Call, project: Project) -> Iterable[Finding]:
        return ()

    def check_setting(self, setting: Setting, project: Project) -> Iterable[Finding]:
        return ()

    def check_schedule(self, entry: ScheduleEntry, project: Project) -> Iterable[Finding]:
        return ()

    def check_route(self, route: Route, project: Project) -> Iterable[Finding]:
        return ()

    def check_queue(self, queue: Queue, project: Project) -> Iterable[Finding]:
        return ()

    def check_process(self, process: Process, project: Project) -> Iterable[Finding]:
        return ()

    def check_module(self, module: Module, project: Project) -> Iterable[Finding]:
        """Called for task modules and configuration modules; ``module.cst`` is the concrete tree, parsed on demand."""
        return ()

    def check_suppression(self, suppression: Suppression, project: Project) -> Iterable[Finding]:
        """Called last, for every suppression comment, when it is known what each of them answers."""
        return ()

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        """The edit that cures ``finding``, or None. Called only when somebody wants the edit."""
        return None

    def finding(
        self,
        *,
        at: Span,
        message: str,
        help: str,
        subject: str,
        confidence: Confidence = "high",
        severity: Severity | None = None,
        label: str = "",
        evidence: Iterable[tuple[Span, str]] = (),
        data: Any = None,
    ) -> Finding:
        """Make a finding of this rule; ``severity`` may grade it lower than the rule's own."""
        return Finding(
            rule=self.slug,
            span=at,
            message=message,
            help=help,
            subject=subject,
            severity=severity or self.severity,
            confidence=confidence,
            label=label,
            evidence=tuple(Evidence(span, text) for span, text in evidence),
            data=data,
        )


HOOKS = (
    "check_project",
    "check_app",
    "check_task",
    "check_call",
    "check_setting",
    "check_schedule",
    "check_route",
    "check_queue",
    "check_process",
    "check_module",
    "check_suppression",
)


def overridden(rule: type[Rule]) -> Iterator[str]:
    """The hooks that a rule class defines."""
    return (hook for hook in HOOKS if getattr(rule, hook) is not getattr(Rule, hook))
