"""Whose results nobody can read: every send throws the ticket away, and nothing else leads to them."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.model.entities import Call, Task
from celerylint.model.result_flow import Step
from celerylint.model.results import Result
from celerylint.model.values import Known, Table
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

_SENDS = frozenset({"delay", "apply_async", "send_task", "delay_on_commit", "apply_async_on_commit", "sync_to_async"})
_HARMLESS = frozenset({"len", "append", "debug", "info", "print"})
"""Calls that a result is handed to and that keep nothing of it that could be read later."""

_READERS = re.compile(rb"TaskResult\b|GroupResult\b|backend\.get_|get_task_meta|\.info_for|task_result|celery_taskmeta")
"""Other ways to results: the models of django-celery-results, the backend itself."""


class Unread:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._results: dict[int, Result] = {id(r.node): r for r in project.results.found}
        self._calls: dict[int, list[Call]] = {}
        for call in project.calls:
            if call.target is not None and not call.in_tests:
                self._calls.setdefault(id(call.target), []).append(call)

    @cached_property
    def read_by_id(self) -> bool:
        """Whether anything looks results up: by id, through the backend or its tables."""
        if any(r.origin in ("id", "restored", "set") and not r.in_tests for r in self._results.values()):
            return True
        tree = self.project.tree
        return any(_READERS.search(tree.read(path)) for path in self.project.modules_index.kept)

    @cached_property
    def ids_known(self) -> bool:
        """Whether the ids of all messages are accounted for: nothing keeps that of a message whose task is unknown."""
        for call in self.project.calls:
            if call.target is None and not call.in_tests and call.how in _SENDS and call.node is not None:
                result = self._results.get(id(call.node))
                named = call.named and call.target_name is not None
                if not named and (result is None or result.origin in ("sent", "unknown")) and self._kept(result):
                    return False
        return True

    @cached_property
    def nothing_read(self) -> bool:
        """Whether nothing in the project can read any result: every ticket is thrown away, nothing looks results up,
        and no chord, which reads those of its header, is made."""
        if self.read_by_id or not self.ids_known:
            return False
        for call in self.project.calls:
            chord = "chord" in call.context or any(name in call.options for name in ("chord", "group_id", "link"))
            if not call.in_tests and (chord or (call.how in _SENDS and call.options_open)):
                return False
        kept = (r for r in self._results.values() if not r.in_tests)
        return not any(r.origin in ("chord", "inverted") or self._kept(r) for r in kept)

    def stored(self, task: Task) -> bool:
        """Whether it is known that results of a task are stored."""
        ignore = task.option("ignore_result").value
        return isinstance(ignore, Known) and not ignore.value

    def lost(self, task: Task) -> bool:
        """Whether the task is sent, and no sender keeps what leads to the result."""
        if not isinstance(task.name, str):
            return False
        calls = self._calls.get(id(task), [])
        scheduled = [e for e in self.project.schedule if e.target is task and not e.in_tests]
        sends = [c for c in calls if c.how not in ("direct", "run", "retry")]
        return bool(sends or scheduled) and not any(self._leads_to_result(c) for c in sends)

    def _leads_to_result(self, call: Call) -> bool:
        if call.how in ("delay_on_commit", "apply_async_on_commit", "reference"):
            return False  # nobody gets a result object
        if call.how not in _SENDS or call.node is None:
            return True  # a signature, which may become part of a canvas
        if call.options_open or ("task_id" in call.options and self._looked_up(call)):
            return True
        if any(name in call.options for name in ("link", "chord", "group_id", "add_to_parent")):
            return True
        return self._kept(self._results.get(id(call.node)))

    def _looked_up(self, call: Call) -> bool:
        """Whether results may be looked up by the id that a call chooses itself: the variable that holds it is named
        like one with which results are looked up."""
        given = next((k.value for k in call.node.keywords if k.name == "task_id"), None) if call.node else None
        name = _name(given)
        return self.read_by_id and (name is None or None in self._read_names or name in self._read_names)

    @cached_property
    def _read_names(self) -> set[str | None]:
        """What the ids are called with which results are looked up; None among them for an id that has no name."""
        looked_up = [r.node for r in self._results.values() if r.origin in ("id", "restored") and not r.in_tests]
        return {_name(node.args[0] if node.args else None) for node in looked_up if isinstance(node, s.Call)}

    def _kept(self, result: Result | None) -> bool:
        return result is None or any(not _discards(step) for step in result.steps)

    def often(self, task: Task) -> tuple[Span, str] | None:
        """A place from which the task is sent again and again, results and all."""
        for entry in self.project.schedule:
            if entry.target is task and not entry.in_tests and not _ignores(entry.options):
                return entry.span, "sent by beat"
        for call in self._calls.get(id(task), []):
            given = call.options.get("ignore_result")
            if "loop" in call.context and call.how in _SENDS and given is None:
                return call.span, "sent in a loop"
        return None


def _name(expr: s.Expr | None) -> str | None:
    if isinstance(expr, s.Call) and len(expr.args) == 1:  # str(task_id)
        expr = expr.args[0]
    return expr.path.rpartition(".")[2] if isinstance(expr, s.Name) else None


def _discards(step: Step) -> bool:
    if step.kind == "passed":
        return step.name in _HARMLESS
    return step.kind in ("dropped", "tested") or (step.kind == "returned" and isinstance(step.node, s.Lambda))


def _ignores(options: object) -> bool:
    given = options.get("ignore_result") if isinstance(options, Table) else None
    return isinstance(given, Known) and given.value is True
