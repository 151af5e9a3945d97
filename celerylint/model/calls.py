"""Every place where a message is made, or a task is run in place, with its target and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.facts.walk import blocks, children
from celerylint.knowledge import surface
from celerylint.knowledge.request import REQUEST_ATTRIBUTES
from celerylint.model.apps import last_name, own_expressions
from celerylint.model.builtin_calls import text_of
from celerylint.model.entities import Call, Task
from celerylint.model.evaluate import REGISTERED
from celerylint.model.modules import Module
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.tasks import Tasks
from celerylint.model.values import Instance, Known, Reference, Table, Value, alternatives
from celerylint.model.visit import body_of, scopes
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator

SENDS = frozenset({"delay", "apply_async", "delay_on_commit", "apply_async_on_commit"})
SIGNATURES = frozenset({"s", "si", "signature", "subtask"})
_ON_TASK = frozenset({"apply", "retry", "replace", "map", "starmap", "chunks", "run"})
_BY_NAME = frozenset({"send_task", "signature", "subtask", "Signature", "maybe_signature"})
CANVAS = ("chain", "group", "chord", "xmap", "xstarmap", "chunks")
RESULTS = frozenset({"AsyncResult", "GroupResult", "ResultSet"})
"""Classes of ``celery.result``; an app and a task have them as attributes too."""

_COMPOSING = ("chain", "group", "chord", "link", "link_error", "on_error", "chunks", "set", "replace")
_MEMBERSHIPS = ("chain", "group", "chord", "link", "link_error", "on_error")
"""What a signature among the arguments becomes part of."""

PASS_ON = frozenset({"set", "clone", "freeze", "on_error", "link", "link_error"})
_TASK_HAS = frozenset((*surface.TASK_METHODS, *surface.TASK_ATTRIBUTES)) - {"retry"}
_ON_COMMIT = ("on_commit", "on_transaction_commit", "run_on_commit", "after_commit")
_BRIDGES = ("sync_to_async", "database_sync_to_async", "to_thread", "run_in_threadpool")


@dataclass(slots=True)
class _Place:
    scope: Scope
    context: tuple[str, ...]
    receivers: frozenset[str] = frozenset()
    """The names that stand for a task itself here: ``self`` of a bound task, of a method of a task class."""

    def within(self, *words: str) -> _Place:
        return _Place(self.scope, (*self.context, *words), self.receivers)


@dataclass(frozen=True, slots=True)
class Refused:
    """A method of a task's, asked of what is known and no task."""

    owner: s.Expr
    method: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Read:
    """An attribute that may be none of a task's: the name as written, how many of its parts stand for the task."""

    node: s.Name
    owner: int
    scope: Scope


class Calls:
    """Collects calls from all loaded modules."""

    def __init__(self, evaluator: Evaluator, tasks: Tasks, by_name: dict[str, Task]) -> None:
        self.evaluator = evaluator
        self.tasks = tasks
        self.by_name = by_name
        self.found: list[Call] = []
        self.by_node: dict[int, Call] = {}
        self.refused: list[Refused] = []
        """``delay`` and the like of what is known and no task: pools, lists, other queues' jobs."""
        self.reads: list[Read] = []
        """Attributes that no task has, read of what may be one; and every ``.retry``."""
        self.made: list[tuple[s.Expr, Scope]] = []
        """What may give a result and is no call above: ``AsyncResult(id)``, ``group(...)()``, ``~charge.s()``."""
        self.composed: list[tuple[s.Call | s.Binary, Scope, tuple[str, ...]]] = []
        """What may put signatures together, or attach one to another, with its scope and its context."""
        self.hooks: list[tuple[s.Call, Scope]] = []
        """The calls that by their name register something for the commit (``transaction.on_commit(...)``)."""
        self._names = {t.function.name for t in tasks.found if t.function is not None}

    def collect(self, module: Module) -> None:
        for scope in scopes(module, self.evaluator):
            self._scope(scope, body_of(scope))

    def collect_function(self, scope: Scope) -> None:
        """Note the calls of a function whose body was left out of the facts."""
        assert scope.function is not None
        self._scope(scope, scope.function.statements)

    def _scope(self, scope: Scope, body: tuple[s.Stmt, ...]) -> None:
        context = self._function_context(scope) if scope.function is not None else ()
        self._body(body, _Place(scope, context, frozenset(self._receivers(scope))))

    def _receivers(self, scope: Scope) -> Iterator[str]:
        current: Scope | None = scope
        while current is not None and current.function is not None:
            function = current.function
            task = self.tasks.by_function.get(id(function.node))
            first = function.node.params[0].name if function.node.params else ""
            bound = task is not None and task.bind is True and _is_self(first)
            owner = function.owner
            if first and (
                bound or (owner is not None and owner.node.bases and self.tasks.factories.is_task_class(owner))
            ):
                yield first
            current = current.parent

    def _function_context(self, scope: Scope) -> tuple[str, ...]:
        words: list[str] = []
        current: Scope | None = scope
        while current is not None and current.function is not None:
            if id(current.function.node) in self.tasks.by_function:
                words.append("task")
            for decorator in current.function.node.decorators:
                path = _path(decorator.func if isinstance(decorator, s.Call) else decorator)
                if _is_atomic(path):
                    words.append("atomic")
                elif path.rpartition(".")[2] == "receiver" or path.endswith(".connect"):
                    words.append("receiver")
            current = current.parent
        return tuple(words)

    # Walking with context

    def _body(self, body: tuple[s.Stmt, ...], place: _Place) -> None:
        for statement in body:
            if isinstance(statement, (s.Function, s.Class)):
                continue  # visited as scopes of their own
            written = statement.targets if isinstance(statement, s.Assign) else ()
            if isinstance(statement, s.Assign) and statement.op == "|=" and statement.value is not None:
                piped = s.Binary(statement.pos, "|", statement.targets[0], statement.value)
                self.composed.append((piped, place.scope, place.context))
            for expr in own_expressions(statement):
                if not (isinstance(expr, s.Name) and any(expr is target for target in written)):
                    self._expr(expr, place)
            for word, nested in blocks(statement):
                context = self._within(statement, word, place.context)
                self._body(nested, _Place(place.scope, context, place.receivers))

    def _within(self, statement: s.Stmt, word: str, context: tuple[str, ...]) -> tuple[str, ...]:
        if word == "loop":
            return (*context, "loop")
        if isinstance(statement, s.With):
            for item, _ in statement.items:
                path = _path(item.func if isinstance(item, s.Call) else item)
                if _is_atomic(path):
                    return (*context, "atomic")
        if word.startswith("except"):
            return (*context, "except")
        return context

    def _expr(self, node: s.Node, place: _Place) -> None:
        if isinstance(node, s.Call):
            call = self.consider(node, place)
            if call is not None:
                self._keep(call)
            inner = place
            name = last_name(node.func)
            if call is None and (name in RESULTS or name == "restore" or _may_be_canvas(node.func, place.scope)):
                self.made.append((node, place.scope))
            if (
                name in _COMPOSING
                or name in place.scope.module.aliases
                or any(k.name in ("link", "link_error") for k in node.keywords)
            ):
                self.composed.append((node, place.scope, place.context))
            if is_on_commit(name):
                if call is None:
                    self.hooks.append((node, place.scope))
                inner = place.within("on_commit")
            elif name in _MEMBERSHIPS:
                inner = place.within(name)
            if isinstance(node.func, s.Name):
                self._read(node.func, place)
            elif not (call is not None and call.how == "sync_to_async"):
                self._expr(node.func, place)
            handed = call is not None and call.how in ("partial", "sync_to_async")
            for arg in node.args[1:] if handed and name == "partial" else node.args:
                self._expr(arg, inner)
            for keyword in node.keywords:
                self._expr(keyword.value, inner)
            return
        if isinstance(node, s.Name):
            self._reference(node, place)
            self._read(node, place)
            return
        if isinstance(node, s.Lambda):
            self._expr(node.body, place)
            return
        if isinstance(node, s.Binary) and node.op == "|":
            self.composed.append((node, place.scope, place.context))
            place = place.within("chain")
        if isinstance(node, s.Comprehension):
            place = place.within("loop")
        if isinstance(node, s.Unary) and node.op == "~":
            self.made.append((node, place.scope))
        for child in children(node):
            self._expr(child, place)

    def _read(self, node: s.Name, place: _Place) -> None:
        if "." not in node.path:
            return
        parts = node.path.split(".")
        for index, attribute in enumerate(parts[1:], 1):
            first = index == 1 and (parts[0] in place.receivers or parts[0] in place.scope.module.aliases)
            ours = first or parts[index - 1] in self._names
            if (ours and attribute not in _TASK_HAS) or (attribute == "retry" and index == len(parts) - 1):
                self.reads.append(Read(node, index, place.scope))
                return
            if ours and attribute == "request" and not {*parts[index + 1 : index + 2]} <= REQUEST_ATTRIBUTES:
                self.reads.append(Read(node, index + 1, place.scope))
                return

    def _keep(self, call: Call) -> None:
        self.found.append(call)
        if call.node is not None:
            self.by_node[id(call.node)] = call

    # One call

    def at(self, node: s.Call, scope: Scope) -> Call | None:
        """The call that a node is where it stands in ``scope``, which may be that of one call of a function."""
        found = self.by_node.get(id(node))
        if found is not None and (found.target is not None or scope.env is None):
            return found
        return self.consider(node, _Place(scope, ()))

    def consider(self, node: s.Call, place: _Place) -> Call | None:
        """The call that a node is, None when it concerns no task."""
        method = last_name(node.func)
        if method in SENDS:
            return self._sent(node, method, place)
        handed = self._handed_over(node, method, place)
        if handed is not None:
            return handed
        if method in SIGNATURES and _has_owner(node.func):
            owner = owner_of(node.func)
            target, reason = self.target(owner, place.scope)
            short = method in ("si", "s") and reason is not None
            missing = reason is not None and "is not visible in" in reason.reason
            if (
                target is not None
                or missing
                or (short and (self._plausible(node, place) or self._defined(owner, place.scope)))
            ):
                return self._make(node, method, place, target, None, reason)
            named = self._named(node, method, place)
            return named if target is None else None
        if method in _BY_NAME:
            return self._named(node, method, place)
        if method in _ON_TASK and _has_owner(node.func):
            target, _ = self.target(owner_of(node.func), place.scope)
            return self._make(node, method, place, target, None, None) if target else None
        if isinstance(node.func, s.Name) and (method in self._names or method in place.scope.module.aliases):
            value = self.evaluator.value(node.func, place.scope)
            target = self.tasks.of_value(value) if not isinstance(value, Instance) else self._instance_task(value)
            if target is not None and not (isinstance(value, Reference) and target.kind == "class"):
                return self._make(node, "direct", place, target, None, None)
        return None

    def _handed_over(self, node: s.Call, method: str, place: _Place) -> Call | None:
        """``partial(task.delay, 1)`` and ``sync_to_async(task.delay)(1)``: the message that will be made."""
        how = "partial" if method == "partial" else "sync_to_async"
        inner = node if how == "partial" else node.func
        if not isinstance(inner, s.Call) or (how != "partial" and last_name(inner.func) not in _BRIDGES):
            return None
        first = inner.args[0] if inner.args else None
        if not (isinstance(first, s.Name) and first.path.rpartition(".")[2] in SENDS):
            return None
        target, reason = self.target(owner_of(first), place.scope)
        return self._make(node, how, place, target, None, reason) if target is not None else None

    def _instance_task(self, value: Instance) -> Task | None:
        """Calling an instance of a task class runs it; calling anything else that is not a task is no call of ours."""
        return self.tasks.of_value(value)

    def _plausible(self, node: s.Call, place: _Place) -> bool:
        """``x.s()`` with an unknown ``x`` counts where the file imports from Celery and ``s`` cannot be its own."""
        owner = owner_of(node.func)
        return (
            isinstance(owner, s.Name)
            and "." not in owner.path
            and len(owner.path) > 1
            and any(
                isinstance(b.node, s.Import) and b.node.module.startswith("celery")
                for bindings in place.scope.module.scope.table.by_name.values()
                for b in bindings
            )
        )

    def _sent(self, node: s.Call, method: str, place: _Place) -> Call | None:
        owner = owner_of(node.func)
        if owner is None:
            return None
        signature = self._signature_under(owner, place)
        if signature is not None:
            call = self._make(node, method, place, signature.target, signature.target_name, signature.unresolved)
            call.options = {**signature.options, **call.options}
            call.sends = signature
            return call
        target, reason = self.target(owner, place.scope)
        if target is None and reason is not None and not self._could_be_task(owner, place):
            self.refused.append(Refused(owner, method, place.scope))
            return None
        if target is None and self._is_canvas(owner, place):
            reason = None  # its members are calls of their own
        elif reason is not None and reason.reason.startswith("`celery.signature`"):
            reason = Unknown("the name of its task is computed", reason.span)
        call = self._make(node, method, place, target, None, reason)
        if target is None:
            call.target_name = self._looked_up(owner, place.scope)
        return call

    def _defined(self, owner: s.Expr | None, scope: Scope) -> bool:
        """Whether an expression surely is a function or class of the project, or an entry of ``app.tasks``."""
        if owner is None:
            return False
        options = list(alternatives(self.evaluator.value(owner, scope)))
        symbols = (o.symbol if isinstance(o, Reference) else None for o in options)
        return self._looked_up(owner, scope) is not None or all(
            isinstance(x, (FunctionSymbol, ClassSymbol)) for x in symbols
        )

    def _looked_up(self, owner: s.Expr, scope: Scope) -> str | None:
        """The name in ``app.tasks["name"]``."""
        value = self.evaluator.value(owner, scope)
        return text_of(value.args[0]) if isinstance(value, Instance) and value.of == REGISTERED else None

    def _is_canvas(self, owner: s.Expr, place: _Place) -> bool:
        values = (_under(v) for v in alternatives(self.evaluator.value(owner, place.scope)))
        return any(isinstance(v, Instance) and v.of.rpartition(".")[2] in CANVAS for v in values)

    def _could_be_task(self, owner: s.Expr, place: _Place) -> bool:
        """Whether ``.delay`` on something unknown may be Celery's: pools, mocks and job queues have it too."""
        value = _under(self.evaluator.value(owner, place.scope))
        if isinstance(owner, s.Name) and owner.path.rpartition(".")[2].lower().endswith(("pool", "executor")):
            return False
        if isinstance(value, Instance):
            return value.of == REGISTERED or value.of.rpartition(".")[2] in (*CANVAS, "signature")
        if isinstance(value, Reference) and value.symbol is not None:
            return not value.of.startswith(("multiprocessing.", "concurrent.", "unittest.", "dramatiq", "rq."))
        return not isinstance(value, Known)

    def _signature_under(self, owner: s.Expr, place: _Place) -> Call | None:
        """The signature in ``task.s(1).set(queue="x").delay()``."""
        current = owner
        while isinstance(current, s.Call):
            method = last_name(current.func)
            if method in SIGNATURES or method in _BY_NAME:
                return self.consider(current, place)
            if method not in PASS_ON:
                return None
            inner = owner_of(current.func)
            if inner is None:
                return None
            current = inner
        return self._signature_in(current, place) if isinstance(current, s.Name) else None

    def _signature_in(self, name: s.Name, place: _Place) -> Call | None:
        """The signature that a variable holds: ``reminder = remind.s(1)``."""
        found = self.evaluator.definition(name.path, place.scope, name.pos) if "." not in name.path else None
        if found is not None and found.binding.kind == "assign" and isinstance(found.binding.value, s.Call):
            changed = any(f"{name.path}.{part}" in found.scope.table.by_name for part in ("args", "kwargs", "task"))
            made = None if changed else self._signature_under(found.binding.value, _Place(found.scope, ()))
            if made is not None and (made.target is not None or made.target_name is not None):
                return made
        value = _under(self.evaluator.value(name, place.scope))
        if (
            isinstance(value, Instance)
            and value.of.rpartition(".")[2] in SIGNATURES
            and isinstance(value.callee, Reference)
        ):
            target = self._task_of_method(value.callee)
            if target is not None:
                return self._make(None, "signature", place, target, None, None, value.span)
        return None

    def _task_of_method(self, callee: Reference) -> Task | None:
        """The task in the folded ``task.s``: its qualified name ends in the method's."""
        owner_name = callee.of.rpartition(".")[0]
        for task in self.tasks.found:
            if task.function is not None and task.function.qualified == owner_name:
                return task
        return None

    def target(self, owner: s.Expr | None, scope: Scope) -> tuple[Task | None, Unknown | None]:
        """The task that an expression stands for, or why it is not known."""
        if owner is None:
            return None, None
        span = scope.module.span(owner.pos)
        if isinstance(owner, s.Name):
            bound = self._self_task(owner.path, scope)
            if bound is not None:
                return bound, None
        if isinstance(owner, s.Subscript) and _path(owner.value).endswith("tasks"):
            name = text_of(self.evaluator.value(owner.index, scope))
            if name is not None:
                return self.by_name.get(name), Unknown(f"no task `{name}` is visible", span)
        value = self.evaluator.value(owner, scope)
        found = {id(t): t for t in (self.tasks.of_value(option) for option in alternatives(value)) if t is not None}
        if len(found) == 1:
            return next(iter(found.values())), None
        if len(found) > 1:
            return None, Unknown("one of several tasks", span)
        if isinstance(value, Unknown):
            return None, Unknown(value.reason, span)
        what = value.of if isinstance(value, (Reference, Instance)) else "this"
        return None, Unknown(f"`{what}` is no task that is visible here", span)

    def _self_task(self, path: str, scope: Scope) -> Task | None:
        """``self`` in a bound task or a task class is the task; ``cls`` and ``self.x`` are not."""
        if "." in path:
            return None
        current: Scope | None = scope
        while current is not None:
            function = current.function
            if function is not None and function.node.params and function.node.params[0].name == path:
                task = self.tasks.by_function.get(id(function.node))
                if task is not None and task.bind is True:
                    return task
                if function.owner is not None:
                    return self.tasks.by_class.get(id(function.owner.node))
                return None
            current = current.parent
        return None

    def _named(self, node: s.Call, method: str, place: _Place) -> Call | None:
        """``app.send_task("name", ...)``, ``signature("name", ...)``."""
        if method != "send_task" and not self._is_celery_signature(node.func, place):
            return None
        first = node.args[0] if node.args else next((k.value for k in node.keywords if k.name == "name"), None)
        if first is None:
            return None
        value = self.evaluator.value(first, place.scope)
        name = text_of(value)
        if name is None:
            task = self.tasks.of_value(value)
            if task is None and method != "send_task":
                return None
            reason = (
                value
                if isinstance(value, Unknown)
                else Unknown("its name is computed", place.scope.module.span(first.pos))
            )
            return self._make(node, method, place, task, None, None if task else reason, named=task is not None)
        return self._make(node, method, place, self.by_name.get(name), name, None, named=True)

    def _is_celery_signature(self, func: s.Expr, place: _Place) -> bool:
        value = self.evaluator.value(func, place.scope)
        of = value.of if isinstance(value, Reference) else ""
        return of.startswith("celery.") or (".signature" in of and "Celery()" in of)

    def _make(
        self,
        node: s.Call | None,
        how: str,
        place: _Place,
        target: Task | None,
        name: str | None,
        reason: Unknown | None,
        span: Span | None = None,
        named: bool = False,
    ) -> Call:
        module = place.scope.module
        call = Call(
            how=how,
            span=span or module.span(node.pos) if node is not None else span,  # type: ignore[arg-type]
            node=node,
            module=module,
            target=target,
            target_name=name or (target.name if target and isinstance(target.name, str) else None),
            unresolved=reason if target is None else None,
            args=(),
            kwargs={},
            options={},
            function=place.scope.function,
            in_tests=module.is_test,
            context=place.context,
            scope=place.scope,
            named=named,
        )
        if node is not None:
            self._arguments(call, node, how, place.scope)
        return call

    def _arguments(self, call: Call, node: s.Call, how: str, scope: Scope) -> None:
        args, keywords, is_open = self.evaluator.arguments(node, scope)
        spans = tuple(scope.module.span(a.pos) for a in node.args)
        hidden = Unknown("arguments passed as `*` or `**`", call.span)
        args = args[call.first :]
        spans = spans[call.first :]
        if call.method in ("delay", "s", "si", "direct", "delay_on_commit", "run"):
            call.args = hidden if is_open else tuple(args)
            call.kwargs = hidden if is_open else keywords
            call.arg_spans = spans
            return
        given_args = keywords.pop("args", args[0] if args else None)
        given_kwargs = keywords.pop("kwargs", args[1] if len(args) > 1 else None)
        call.args = _sequence(given_args, call.span)
        call.kwargs = _table(given_kwargs, call.span)
        call.arg_spans = spans[:1]
        options = keywords.pop("options", None)
        if isinstance(options, Table):
            keywords.update({str(k.value): v for k, v in options.entries if isinstance(k, Known)})
        call.options = keywords
        call.options_open = is_open

    # A task's method handed over without a call: partial(task.delay, 1), on_commit(task.delay)

    def _reference(self, node: s.Name, place: _Place) -> None:
        owner, _, method = node.path.rpartition(".")
        if method not in SENDS or not owner:
            return
        holder = owner_of(node)
        assert holder is not None
        target, _ = self.target(holder, place.scope)
        signature = self._signature_under(holder, place) if target is None else None
        target = signature.target if signature is not None else target
        if target is not None:
            call = self._make(None, "reference", place, target, None, None, place.scope.module.span(node.pos))
            call.sends = signature
            call.handed = node
            self._keep(call)
        elif self._defined(holder, place.scope):
            self.refused.append(Refused(holder, method, place.scope))


def _is_self(name: str) -> bool:
    """Whether the first parameter of a bound task was meant for the task: another one stands where it is forgotten."""
    return "self" in name or "task" in name


def is_on_commit(name: str) -> bool:
    """Whether a function of this name runs what it is given when the transaction has been committed."""
    return any(word in name for word in _ON_COMMIT)


def _may_be_canvas(func: s.Expr, scope: Scope) -> bool:
    """Whether what is called looks like a canvas: ``group(...)``, ``(a | b)``, or a variable that holds one."""
    if isinstance(func, s.Name):
        bindings = scope.table.by_name.get(func.path, ()) if "." not in func.path else ()
        return any(b.kind == "assign" and b.value is not None and is_canvas(b.value) for b in bindings)
    return is_canvas(func)


def is_canvas(expr: s.Expr) -> bool:
    """Whether an expression is written as a canvas; what its names stand for is not asked."""
    if isinstance(expr, s.Binary):
        return expr.op == "|"
    return isinstance(expr, s.Call) and last_name(expr.func) in ("chain", "group", "chord")


def _under(value: Value) -> Value:
    """What ``set``, ``link`` and the like were called on: they give the signature or canvas back."""
    while (
        isinstance(value, Instance) and value.of.rpartition(".")[2] in PASS_ON and isinstance(value.callee, Reference)
    ):
        if value.callee.owner is None:
            break
        value = value.callee.owner
    return value


def _is_atomic(path: str) -> bool:
    """``transaction.atomic``, the project's own (``traced_atomic_transaction``), SQLAlchemy's ``session.begin()``."""
    last = path.rpartition(".")[2]
    return "atomic" in last or (last == "begin" and "." in path)


def _sequence(value: Value | None, span: Span) -> tuple[Value, ...] | Unknown:
    from celerylint.model.values import Collection

    if value is None or (isinstance(value, Known) and value.value is None):
        return ()
    if isinstance(value, Collection) and not value.open:
        return value.items
    return value if isinstance(value, Unknown) else Unknown("arguments built elsewhere", span)


def _table(value: Value | None, span: Span) -> dict[str, Value] | Unknown:
    if value is None or (isinstance(value, Known) and value.value is None):
        return {}
    if isinstance(value, Table) and not value.open and all(isinstance(k, Known) for k, _ in value.entries):
        return {str(k.value): v for k, v in value.entries if isinstance(k, Known)}
    return value if isinstance(value, Unknown) else Unknown("keyword arguments built elsewhere", span)


def _has_owner(func: s.Expr) -> bool:
    return owner_of(func) is not None


def owner_of(func: s.Expr) -> s.Expr | None:
    """What a method is called on."""
    if isinstance(func, s.Attribute):
        return func.value
    if isinstance(func, s.Name) and "." in func.path:
        owner = func.path.rpartition(".")[0]
        line, column, end_line, end_column = func.pos
        end = end_column - len(func.path) + len(owner) if line == end_line else end_column
        return s.Name((line, column, end_line, end), owner)
    return None


def _path(expr: s.Expr) -> str:
    return expr.path if isinstance(expr, s.Name) else expr.name if isinstance(expr, s.Attribute) else ""
