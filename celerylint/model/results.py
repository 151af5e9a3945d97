"""Every result of the project: where it comes from, and what is done with it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from celerylint.facts import syntax as s
from celerylint.model.apps import last_name
from celerylint.model.callees import split
from celerylint.model.calls import RESULTS, is_canvas
from celerylint.model.entities import App, Call, Task
from celerylint.model.messages import hidden_default
from celerylint.model.result_flow import ResultFlow, Shape, Step
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Instance, Known, Reference, Value, alternatives
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

Origin = Literal["sent", "eager", "group", "chain", "chord", "id", "restored", "set", "inverted", "unknown"]

_SETS_BACKEND = re.compile(rb"result_backend|RESULT_BACKEND")
_SENDING = frozenset({"delay", "apply_async", "send_task", "sync_to_async", "apply"})
_FOREIGN = ("multiprocessing", "gevent", "concurrent", "ray.", "ipyparallel", "eventlet")
"""Packages with an ``AsyncResult`` of their own."""


@dataclass(slots=True)
class Result:
    """One expression that gives a result.

    ``origin``: sent (one message), eager (``apply()``), group, chain, chord, id (``AsyncResult(id)``), restored
    (``GroupResult.restore``), set (``ResultSet([...])``), inverted (``~signature``, which waits by itself), unknown
    (``delay`` on something that is not known). ``task`` is whose value it gives; None when that is not known, or
    several. ``apps`` are those whose backend is asked. ``steps`` is what is done with it.
    """

    origin: Origin
    node: s.Expr
    scope: Scope
    span: Span
    task: Task | None
    call: Call | None
    apps: tuple[App, ...]
    in_tests: bool
    steps: list[Step] = field(default_factory=list, repr=False)

    @property
    def label(self) -> str:
        """What is waited for, for messages: the task's name in backticks, or the kind of canvas."""
        if self.task is not None:
            return f"`{self.task.label}`"
        if self.call is not None and self.call.target_name:
            return f"`{self.call.target_name}`"
        words = {"group": "a group", "chain": "a chain", "chord": "a chord", "restored": "a group", "set": "a set"}
        return words.get(self.origin, "another task")

    def span_of(self, step: Step) -> Span:
        return step.scope.module.span(step.node.pos)


class Results:
    """All results of a project, found when first asked for."""

    def __init__(self, project: Project, made: list[tuple[s.Expr, Scope]]) -> None:
        self.project = project
        self.callers = project.callers
        self.flow = ResultFlow(project.uses, self.callers)
        self._made = made

    @cached_property
    def found(self) -> list[Result]:
        """Every result, by path and line."""
        found = [r for r in (*self._of_calls(), *self._of_others()) if r is not None]
        return sorted(found, key=lambda r: r.span)

    # Where results come from

    def _of_calls(self) -> Iterator[Result | None]:
        for call in self.project.calls:
            if call.how in _SENDING and call.node is not None and call.scope is not None:
                yield self._of_call(call, call.node, call.scope)

    def _of_call(self, call: Call, node: s.Call, scope: Scope) -> Result | None:
        if call.target is not None and self._own_sending(call.target, call.how):
            return None
        origin: Origin = "eager" if call.how == "apply" else "sent"
        task = call.target
        if task is None and not call.named:
            owner = split(node.func)[0]
            canvas = self.canvas_kind(owner, scope) if owner is not None else None
            origin = canvas or "unknown"
            task = self._last_member(owner, scope) if canvas == "chain" and owner is not None else None
        apps = task.apps or ((task.app,) if task.app else ()) if task is not None else ()
        return self._result(origin, node, scope, task, call, apps)

    def _of_others(self) -> Iterator[Result | None]:
        for node, scope in self._made:
            name = last_name(node.func) if isinstance(node, s.Call) else "~"
            if isinstance(node, s.Unary):
                signature = next(
                    (
                        c
                        for c in self.project.calls
                        if c.node is not None and c.node is node.operand and c.how != "direct"
                    ),
                    None,
                )
                if signature is not None or is_canvas(node.operand):
                    task = signature.target if signature is not None else None
                    yield self._result("inverted", node, scope, task, signature, ())
            elif name in RESULTS or name == "restore":
                yield self._by_id(node, scope, name)
            elif isinstance(node, s.Call):
                kind = self.canvas_kind(node.func, scope)
                if kind is not None:
                    task = self._last_member(node.func, scope) if kind == "chain" else None
                    yield self._result(kind, node, scope, task, None, ())

    def _by_id(self, node: s.Expr, scope: Scope, name: str) -> Result | None:
        assert isinstance(node, s.Call)
        owner = split(node.func)[0]
        restored = name == "restore"
        if restored:
            if owner is None or last_name(owner) != "GroupResult":
                return None
            owner = split(owner)[0]
        if owner is None and isinstance(node.func, s.Name):
            value = self.project.evaluator.value(node.func, scope)
            if isinstance(value, Reference) and value.of.startswith(_FOREIGN):
                return None
            if isinstance(value, Reference) and isinstance(value.symbol, (ClassSymbol, FunctionSymbol)):
                return None
        task: Task | None = None
        apps: tuple[App, ...] = ()
        if owner is not None:
            value = self.project.evaluator.value(owner, scope)
            if isinstance(value, Reference) and value.of.startswith(_FOREIGN):
                return None
            if any(self._has_own(option, name) for option in alternatives(value)):
                return None
            task = self.project.tasks_index.of_value(value)
            if task is not None:
                apps = task.apps or ((task.app,) if task.app else ())
            else:
                own = {o.span for o in alternatives(value) if isinstance(o, Instance)}
                apps = tuple(a for a in self.project.apps if a.span in own)
        named = next((k.value for k in node.keywords if k.name == "app"), None)
        app = self.project.tasks_index.apps.owner(named, scope) if named is not None else None
        apps = (app,) if app is not None else apps
        if not node.args and not node.keywords:
            return None
        origin: Origin = "id" if name == "AsyncResult" else "restored" if restored else "set"
        return self._result(origin, node, scope, task, None, apps)

    def _result(
        self, origin: Origin, node: s.Expr, scope: Scope, task: Task | None, call: Call | None, apps: tuple[App, ...]
    ) -> Result:
        shape: Shape = "group" if origin in ("group", "restored", "set") else "one"
        span = scope.module.span(node.pos)
        found = Result(origin, node, scope, span, task, call, apps or tuple(self.project.apps), scope.module.is_test)
        if origin != "inverted":
            start: s.Expr = node
            if call is not None and call.how == "sync_to_async":
                awaited = self.project.uses.parents(scope).get(id(node))
                if not isinstance(awaited, s.Await):
                    return found
                start = awaited
            found.steps = self.flow.follow(start, scope, shape)
        return found

    def _has_own(self, value: Value, name: str) -> bool:
        """Whether an app or a task is of a class of the project that says itself what its results are."""
        cls = value.symbol if isinstance(value, (Instance, Reference)) else None
        task = self.project.tasks_index.of_value(value)
        classes = [cls] if isinstance(cls, ClassSymbol) else []
        classes += [task.base] if task is not None and task.base is not None else []
        return any(self.project.evaluator.classes.find(c, name) is not None for c in classes)

    def is_plain(self, result: Result) -> bool:
        """Whether a result is known to be an object of Celery's own classes."""
        made = self.project.tasks_index.apps.instances
        classes = [made[app.span].symbol for app in result.apps if app.span in made]
        own = [c for c in classes if isinstance(c, ClassSymbol)]
        foreign = any(app.foreign_class is not None for app in result.apps)
        return not foreign and not any(self.project.evaluator.classes.find(c, "AsyncResult") for c in own)

    def _own_sending(self, task: Task, how: str) -> bool:
        """Whether a base class of the project sends in its own way, so that it may give back anything."""
        if task.base is None or how == "send_task":
            return False
        for name in {how, "apply_async"}:
            method = self.project.evaluator.classes.method(task.base, name)
            if method is not None and not _gives_back(method):
                return True
        return False

    def canvas_kind(self, expr: s.Expr, scope: Scope) -> Literal["group", "chain", "chord"] | None:
        """The canvas that an expression is."""
        written = self._written(expr, scope)
        if isinstance(written, s.Binary) and written.op == "|":
            if self.canvas_kind(written.left, scope) == "group":
                return "chord"
            if self.canvas_kind(written.left, scope) or self._is_signature(written.left):
                return "chain"
            return None
        if isinstance(written, s.Call) and is_canvas(written):
            value = self.project.evaluator.value(written.func, scope)
            if isinstance(value, Reference) and value.of.startswith("celery."):
                name = value.of.rpartition(".")[2]
                if name == "group":
                    return "group"
                if name == "chord":
                    return "chord"
                if name == "chain":
                    return "chain"
            if isinstance(written.func, s.Call) and self.canvas_kind(written.func, scope) == "chord":
                return None
        return None

    def _written(self, expr: s.Expr, scope: Scope) -> s.Expr:
        """The expression that a variable of the same function was given, when it was given only one."""
        if isinstance(expr, s.Name) and "." not in expr.path:
            found = [b for b in scope.table.by_name.get(expr.path, ()) if b.kind != "annotation"]
            if len(found) == 1 and found[0].kind == "assign" and found[0].value is not None:
                return found[0].value
        return expr

    def _is_signature(self, expr: s.Expr) -> bool:
        return isinstance(expr, s.Call) and id(expr) in self._signatures

    @cached_property
    def _signatures(self) -> dict[int, Call]:
        hows = ("s", "si", "signature", "subtask")
        return {id(c.node): c for c in self.project.calls if c.node is not None and c.how in hows}

    def _last_member(self, expr: s.Expr, scope: Scope) -> Task | None:
        """The task whose value a chain gives."""
        written = self._written(expr, scope)
        last: s.Expr | None = None
        if isinstance(written, s.Binary):
            last = written.right
        elif isinstance(written, s.Call) and written.args:
            last = written.args[-1]
        while (
            isinstance(last, s.Call) and id(last) not in self._signatures and last_name(last.func) in ("set", "clone")
        ):
            last = split(last.func)[0]
        signature = self._signatures.get(id(last)) if last is not None else None
        return signature.target if signature is not None else None

    # Questions

    def by_node(self, node: s.Expr) -> Result | None:
        """The result that an expression gives."""
        return self._by_node.get(id(node))

    @cached_property
    def _by_node(self) -> dict[int, Result]:
        return {id(result.node): result for result in self.found}

    def ignored(self, result: Result) -> Span | None:
        """The place that says that a result is ignored; None when it is kept, or when that is not known."""
        call, task = result.call, result.task
        if result.origin != "sent" or call is None:
            return None
        given = call.options.get("ignore_result")
        if given is None and call.options_open:
            return None
        if given is not None:
            return given.span if isinstance(given, Known) and given.value is True else None
        if task is None or call.how == "send_task" or call.named:
            return None  # the sender does not see the task's own option (celery/app/base.py: Celery.send_task)
        option = task.option("ignore_result")
        if not isinstance(option.value, Known) or option.value.value is not True or option.value.assumed:
            return None
        return option.span or task.function_span

    def is_kept(self, result: Result) -> bool:
        """Whether it is known that the result is not ignored."""
        call, task = result.call, result.task
        if call is not None and (call.options_open or "ignore_result" in call.options):
            given = call.options.get("ignore_result")
            return isinstance(given, Known) and given.value is False
        if result.origin in ("sent",) and task is not None:
            option = task.option("ignore_result")
            known = isinstance(option.value, Known) and not option.value.value
            return known or self.is_likely_kept(result)
        return True

    def is_likely_kept(self, result: Result) -> bool:
        """Whether only configuration that cannot be followed might say that the result is ignored."""
        call = result.call
        return call is not None and hidden_default(call, "ignore_result", "task_ignore_result", self.project)

    def task_around(self, scope: Scope) -> tuple[Task, bool] | None:
        """The task in whose body a scope is, and whether it is the body itself and no function nested in it."""
        current: Scope | None = scope
        while current is not None:
            if current.function is not None:
                task = self.callers.task_of(current.function)
                if task is not None:
                    return task, current is scope
            current = current.parent
        return None

    def without_backend(self, apps: tuple[App, ...]) -> bool:
        """Whether it is certain that none of these apps has a result backend."""
        return bool(apps) and all(self._disabled(app) for app in apps) and not self._backend_elsewhere

    def _disabled(self, app: App) -> bool:
        if app.opaque or app.foreign_class is not None or self.project.stores.backend(app).kind != "disabled":
            return False
        return not (app.settings_modules and self._set_by_a_sibling(app))

    def _set_by_a_sibling(self, app: App) -> bool:
        """Whether a module beside the app's settings sets a backend: settings for another stage, which may be those
        of production."""
        index = self.project.modules_index
        own = {m.path for m in index.kept.values() if m.name in app.settings_modules}
        folders = {posixpath.dirname(path) for path in own}
        return any(
            _SETS_BACKEND.search(self.project.tree.read(path)) is not None
            for path in self.project.tree.python_files
            if posixpath.dirname(path) in folders and path not in own
        )

    @cached_property
    def _backend_elsewhere(self) -> bool:
        """Whether a file that is not Python names the variable that sets a backend (``CELERY_RESULT_BACKEND``)."""
        tree = self.project.tree
        return any(
            b"CELERY_RESULT_BACKEND" in tree.read(path)
            for path in tree.other_files
            if not path.endswith((".md", ".rst", ".txt"))
        )


def _gives_back(method: FunctionSymbol) -> bool:
    """Whether every way out of a method gives what the method of the same kind in the base class gives."""
    returns = [e.node for e in method.body.returns]
    return bool(returns) and all(
        isinstance(r, s.Return) and isinstance(r.value, s.Call) and last_name(r.value.func) in ("apply_async", "delay")
        for r in returns
    )


def timeout_of(call: s.Call) -> s.Expr | None:
    """The ``timeout`` that a wait is given; None when it has none, or ``None``."""
    given = next((k.value for k in call.keywords if k.name == "timeout"), call.args[0] if call.args else None)
    return None if isinstance(given, s.Literal) and given.value is None else given


def is_lookup(call: s.Call | None) -> bool:
    """Whether ``value.get(...)`` has the arguments of a dict's ``get``: ``get("key")``, ``get(key, None)``."""
    if call is None or not call.args:
        return False
    first, *rest = call.args
    if isinstance(first, s.Literal) and isinstance(first.value, str):
        return True
    return bool(rest) and not (isinstance(rest[0], s.Literal) and isinstance(rest[0].value, bool))
