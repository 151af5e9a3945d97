"""Where a task waits for the result of another: in its own body, or in a helper that it calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.knowledge import pools
from celerylint.knowledge.results import POLLS, WAITS
from celerylint.model.apps import last_name
from celerylint.model.builtin_calls import text_of
from celerylint.model.entities import Call, Process, ScheduleEntry, Task
from celerylint.model.results import Result, is_lookup
from celerylint.model.scopes import Scope, is_defined
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.timing import is_rare, timing
from celerylint.model.values import plain
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

ALLOWS = "allow_join_result"
_NO_MESSAGE = frozenset({"direct", "apply", "run", "retry"})
_MANY_SLOTS = 50
_GUARDS = ("current_task", "called_directly", "join_will_block", "eager", "in_celery", "in_task", "is_worker")
"""Words in a condition that asks whether this is a task at all, or whether anything is queued."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait. ``how``: get, wait, join ..., ``~``, or "poll" for a loop that asks until the result is ready.

    ``task`` waits, None when no task is known to run this; ``direct`` when the wait stands in the task's own body,
    else ``through`` is the call by which the task gets there. ``allowed`` is set when the code says that it may wait
    (``allow_join_result``, ``disable_sync_subtasks=False``). ``undefined`` is the name that a ``with`` around the wait
    enters and nothing defines: it raises ``NameError``, and the wait is never reached.
    """

    result: Result
    how: str
    span: Span
    call: s.Call | None
    scope: Scope
    allowed: bool
    task: Task | None = None
    direct: bool = False
    undefined: str = ""
    through: Span | None = None


class Waiting:
    """All waits of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.results = project.results

    @cached_property
    def found(self) -> list[Wait]:
        """Every wait of production code, those outside of tasks too, one for each task that gets there."""
        waits = [wait for result in self.results.found if not result.in_tests for wait in self._of(result)]
        waits.sort(key=lambda w: (w.span, w.result.task is None))
        once = {(w.span, id(w.task)): w for w in reversed(waits)}  # a set of results is one wait for all of them
        return sorted(once.values(), key=lambda w: w.span)

    def _of(self, result: Result) -> Iterator[Wait]:
        if result.origin == "inverted":
            bare = Wait(result, "~", result.span, None, result.scope, self._allowed(result.node, None, result.scope))
            yield from self._placed(bare, result.node, ())
        seen: set[int] = set()
        for step in result.steps:
            if step.shape == "many" or id(step.node) in seen or step.scope.module.is_test:
                continue
            waits = step.kind == "method" and step.name in WAITS and not is_lookup(step.call)
            polls = (
                step.kind in ("method", "attribute") and step.name in POLLS and self._in_while(step.node, step.scope)
            )
            if not waits and not polls:
                continue
            seen.add(id(step.node))
            how = step.name if waits else "poll"
            allowed = waits and self._allowed(step.node, step.call, step.scope)
            undefined = self._undefined(step.node, step.scope)
            bare = Wait(result, how, result.span_of(step), step.call, step.scope, allowed, undefined=undefined)
            yield from self._placed(bare, step.node, step.via)

    def _placed(self, bare: Wait, node: s.Node, via: tuple[Scope, ...]) -> Iterator[Wait]:
        """The wait in every task that gets there; once without a task when none does."""
        around = self.results.task_around(bare.scope)
        if around is not None:
            task, own = around
            if not self._guarded(node, bare.scope, None):
                yield replace(bare, task=task, direct=own)
            return
        function = bare.scope.function
        guarded = self._guarded(node, bare.scope, function)
        called: list[tuple[Task, Span]] = []
        for scope in via:
            outer = self.results.task_around(scope)
            if outer is not None:
                called.append((outer[0], bare.result.span))
        if function is not None and not called:
            running = self.results.callers.tasks_running(function)
            called = [(task, scope.module.span(call.pos)) for task, call, scope in running]
        if not called or guarded:
            yield bare if not called else replace(bare, task=None)
            return
        seen: set[int] = set()
        for task, span in called:
            if id(task) not in seen:
                seen.add(id(task))
                yield replace(bare, task=task, through=span)

    def _guarded(self, node: s.Node, scope: Scope, helper: FunctionSymbol | None) -> bool:
        """Whether a condition around the wait asks if this runs in a task, or depends on what a helper was passed."""
        params = {p.name for p in helper.node.params if p.name not in ("self", "cls")} if helper is not None else set()
        for around in self.project.uses.around(node, scope):
            if not isinstance(around, (s.If, s.While, s.Conditional)):
                continue
            for part in below(around.test):
                if isinstance(part, s.Name):
                    lowered = part.path.lower()
                    if part.path in params or any(word in lowered for word in _GUARDS):
                        return True
        return False

    def _allowed(self, node: s.Node, call: s.Call | None, scope: Scope) -> bool:
        """Whether the code lifts the guard: a keyword, a context manager (also one of the project's own that uses it),
        or a decorator."""
        if call is not None:
            for keyword in call.keywords:
                if keyword.name is None or keyword.name == "disable_sync_subtasks":
                    return True
        for around in self.project.uses.around(node, scope):
            if isinstance(around, s.With) and any(self._allows(item, scope) for item, _ in around.items):
                return True
        current: Scope | None = scope
        while current is not None and current.function is not None:
            if any(self._allows(d, scope) for d in current.function.node.decorators):
                return True
            current = current.parent
        return False

    def _undefined(self, node: s.Node, scope: Scope) -> str:
        """The name that a ``with`` around a wait enters and that nothing in the module defines."""
        withs = (around for around in self.project.uses.around(node, scope) if isinstance(around, s.With))
        entered = (item.func if isinstance(item, s.Call) else item for around in withs for item, _ in around.items)
        names = (e.path.split(".")[0] for e in entered if isinstance(e, s.Name))
        return next((name for name in names if not is_defined(name, scope)), "")

    def _allows(self, item: s.Expr, scope: Scope) -> bool:
        func = item.func if isinstance(item, s.Call) else item
        if last_name(func) == ALLOWS:
            return True
        if not isinstance(item, s.Call):
            return False
        function = self.project.callees.function(item, scope)
        return function is not None and any(
            last_name(event.call.func) in (ALLOWS, "_set_task_join_will_block") for event in function.body.calls
        )

    def _in_while(self, node: s.Node, scope: Scope) -> bool:
        return any(isinstance(around, s.While) for around in self.project.uses.around(node, scope))

    # Pools

    def pool(self, task: Task) -> tuple[str | None, bool]:
        """The pool that runs a task and whether that is known: "prefork" when nothing says otherwise; None when every
        worker that may run it is green, where waiting is allowed."""
        found = {self._pool_of(worker) for worker in self._workers(task)} or {self._set_pool}
        blocking = sorted(name for name in found if name is not None and name not in pools.GREEN)
        if found and not blocking and None not in found:
            return None, True
        certain = len(blocking) == len(found)
        return (blocking[0] if blocking else pools.DEFAULT), certain

    def takes_few_slots(self, task: Task) -> bool:
        """Whether all slots hardly ever wait: beat alone sends the task, once an hour at most, to a worker that has
        more than one slot, or a green worker with many slots runs it."""
        workers = self._workers(task)
        if any(self._pool_of(w) in pools.GREEN and isinstance(w.concurrency, int) and w.concurrency >= _MANY_SLOTS
               for w in workers):  # fmt: skip
            return True
        entries = [e for e in self.project.schedule if e.target is task and not e.in_tests]
        if len(entries) != 1 or not is_rare(timing(entries[0].schedule)):
            return False
        single = any(w.concurrency == 1 or self._pool_of(w) == "solo" for w in workers)
        single = single or any(plain(x.value) == 1 for x in self.project.setting("worker_concurrency"))
        return not single and not any(self._sends(call, entries[0]) for call in self.project.calls_of(task))

    def _sends(self, call: Call, entry: ScheduleEntry) -> bool:
        """Whether a call makes a message of its task, apart from that of the entry."""
        return not call.in_tests and call.how not in _NO_MESSAGE and not entry.span.covers(call.span)

    def _workers(self, task: Task) -> list[Process]:
        """The workers that may run a task: those of its queue, else all of them."""
        workers = [p for p in self.project.processes if p.kind in ("worker", "multi")]
        workers = [p for p in workers if p.production] or workers
        queue = text_of(self.project.routing.queue_of(task, self.project.settings_index).value)
        if queue is None:
            return workers
        consumed = [(p, self.project.queueing.consumed_by(p)) for p in workers]
        return [p for p, queues in consumed if queues is None or queue in queues] or workers

    def _pool_of(self, worker: Process) -> str | None:
        if worker.pool is None:
            return self._set_pool
        return worker.pool if isinstance(worker.pool, str) else None

    @cached_property
    def _set_pool(self) -> str | None:
        """The pool of the settings."""
        names = {text_of(setting.value) for setting in self.project.setting("worker_pool")}
        if not names:
            return pools.DEFAULT
        name = names.pop() if len(names) == 1 else None
        return pools.CLASSES.get(name.replace(".TaskPool", ":TaskPool"), name) if name is not None else None

    def apart(self, wait: Wait) -> bool:
        """Whether what is waited for is known to be run by other workers than the task that waits, so that it never
        needs that task's slot."""
        if wait.task is None or not self.project.processes:
            return False
        result = wait.result
        others = [result.task] if result.task is not None else self._members(result)
        return bool(others) and all(self._apart(wait.task, other) for other in others)

    def _members(self, result: Result) -> list[Task]:
        """The tasks whose signatures are made in the function that sends a canvas; none when one is not known."""
        hows = ("s", "si", "signature", "subtask")
        made = [c for c in self.project.calls if c.how in hows and c.scope is result.scope]
        known = [c.target for c in made if c.target is not None]
        return known if len(known) == len(made) else []

    def _apart(self, task: Task, other: Task) -> bool:
        queueing, routing, index = self.project.queueing, self.project.routing, self.project.settings_index
        one, two = (text_of(routing.queue_of(t, index).value) for t in (task, other))
        if one is None or two is None or one == two:
            return False
        workers = [p for p in self.project.processes if p.kind in ("worker", "multi")]
        consumed = [queueing.consumed_by(p) for p in workers]
        return not any(c is None or (one in c and two in c) for c in consumed)
