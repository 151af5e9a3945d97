"""The arguments that a message carries, as expressions where they are written: in the call itself, or in the list,
tuple or dict that was built above and is handed over as ``args=``, ``kwargs=``, ``*items`` or ``**options``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.model.apps import last_name
from celerylint.model.entities import PACKED
from celerylint.model.kinds.kind import EMPTY, Env, Kind
from celerylint.model.reliance import Reliance, reliance
from celerylint.model.scopes import Scope, branch_at, mutations, reaching
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.entities import Call, Parameter
    from celerylint.model.project import Project
    from celerylint.model.sorts import Sort

_MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a task: ``expr`` as written, ``key`` its position or keyword (-1 for a position that is not
    known), ``env`` the variables of comprehensions and lambdas around the call."""

    expr: s.Expr
    key: int | str
    scope: Scope
    env: Env
    followed: bool
    """Whether it stands in a container that was built elsewhere than in the call."""

    @property
    def span(self) -> Span:
        return self.scope.module.span(self.expr.pos)


class Arguments:
    """Finds the arguments of calls, and what they are."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def of(self, call: Call) -> Iterator[Argument]:
        """The task's own arguments of a call, as far as they can be seen; none that a signature under it gives."""
        if call.node is None or call.scope is None:
            return
        env = self.env(call.node, call.scope)
        packs = call.method in PACKED
        found = (_packed if packs else _plain)(call.node, call.first, call.scope)
        inside = call.node.pos
        for expr, key in found:
            env = self.project.given_by_callers.env(expr, call.scope, env)
            followed = not (inside[:2] <= expr.pos[:2] and expr.pos[2:] <= inside[2:])
            yield Argument(expr, key, call.scope, env, followed)

    def env(self, node: s.Expr, scope: Scope) -> Env:
        """The variables that comprehensions and lambdas around a node bind."""
        env = EMPTY
        inner: s.Node = node
        around: list[tuple[s.Node, s.Node]] = []
        for outer in self.project.uses.around(node, scope):
            around.append((outer, inner))
            inner = outer
        for outer, child in reversed(around):
            if isinstance(outer, s.Comprehension) and not isinstance(child, s.Clause):
                env = self.project.kinds.within(outer.clauses, scope, env)
            elif isinstance(outer, s.Lambda):
                for param in outer.params:
                    if param.default is None:
                        env = env.binding(param.name, None, None)
                    else:
                        kind = self.project.kinds.of(param.default, scope, env)
                        env = env.binding(param.name, kind, self.project.sorts.of(param.default, scope, env.sorts))
        return env

    def kind(self, argument: Argument) -> Kind | None:
        """What an argument is."""
        return self.project.kinds.of(argument.expr, argument.scope, argument.env)

    def sort(self, argument: Argument) -> Sort | None:
        """The ORM object that an argument is."""
        return self.project.sorts.of(argument.expr, argument.scope, argument.env.sorts)

    def parameter(self, call: Call, argument: Argument) -> Parameter | None:
        """The parameter of the task that an argument lands on; None when that is not known."""
        signature = call.target.signature if call.target is not None else None
        parameters = getattr(signature, "parameters", ())
        if isinstance(argument.key, str):
            return next((p for p in parameters if p.name == argument.key and p.kind != "kwargs"), None)
        shifted = "chain" in call.context and call.how != "si"  # the result of the one before it comes first
        if shifted or call.sends is not None or argument.key < 0:
            return None
        positional = [p for p in parameters if p.kind in ("positional", "positional-only")]
        return positional[argument.key] if argument.key < len(positional) else None

    def reliance(self, call: Call, argument: Argument) -> Reliance | None:
        """What the task does with the parameter that an argument lands on; None when that is not known."""
        parameter = self.parameter(call, argument)
        function = call.target.function if call.target is not None else None
        return reliance(function, parameter.name) if parameter is not None and function is not None else None


def _plain(node: s.Call, skip: int, scope: Scope) -> Iterator[tuple[s.Expr, int | str]]:
    """``delay(1, *items, key=2, **options)``."""
    yield from _positional(node.args[skip:], scope, 0)
    for keyword in node.keywords:
        if keyword.name is not None:
            yield keyword.value, keyword.name
        else:
            yield from _named(keyword.value, scope, 0)


def _packed(node: s.Call, skip: int, scope: Scope) -> Iterator[tuple[s.Expr, int | str]]:
    """``apply_async(args=(1,), kwargs={"key": 2})``."""
    given = {k.name: k.value for k in node.keywords if k.name in ("args", "kwargs")}
    positional = node.args[skip:]
    args = given.get("args", positional[0] if positional else None)
    kwargs = given.get("kwargs", positional[1] if len(positional) > 1 else None)
    if args is not None:
        yield from _items(args, scope, 0)
    if kwargs is not None:
        yield from _named(kwargs, scope, 0)


def _positional(items: tuple[s.Expr, ...], scope: Scope, depth: int) -> Iterator[tuple[s.Expr, int | str]]:
    known = True
    for position, item in enumerate(items):
        if isinstance(item, s.Starred):
            known = False
            for expr, _ in _items(item.value, scope, depth + 1):
                yield expr, -1
        else:
            yield item, position if known else -1


def _items(expr: s.Expr, scope: Scope, depth: int) -> Iterator[tuple[s.Expr, int | str]]:
    """The elements of a sequence of arguments."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(expr, s.Display):
        yield from _positional(expr.items, scope, depth)
    elif isinstance(expr, s.Call) and last_name(expr.func) in ("list", "tuple") and len(expr.args) == 1:
        yield from _items(expr.args[0], scope, depth + 1)
    elif isinstance(expr, s.Binary) and expr.op == "+":
        for side in (expr.left, expr.right):
            for item, _ in _items(side, scope, depth + 1):
                yield item, -1
    elif isinstance(expr, s.Conditional):
        for side in (expr.body, expr.orelse):
            yield from _items(side, scope, depth + 1)
    elif isinstance(expr, s.Name):
        for value, changes in _built(expr, scope):
            yield from _items(value, scope, depth + 1)
            for change, _ in changes:
                if isinstance(change, s.Call) and last_name(change.func) == "append" and len(change.args) == 1:
                    yield change.args[0], -1


def _named(expr: s.Expr, scope: Scope, depth: int) -> Iterator[tuple[s.Expr, int | str]]:
    """The entries of a dict of keyword arguments."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(expr, s.Mapping):
        for key, value in expr.items:
            if key is None:
                yield from _named(value, scope, depth + 1)
            elif isinstance(key, s.Literal) and isinstance(key.value, str):
                yield value, key.value
    elif isinstance(expr, s.Call) and isinstance(expr.func, s.Name) and expr.func.path == "dict":
        for arg in expr.args:
            yield from _named(arg, scope, depth + 1)
        yield from ((k.value, k.name) for k in expr.keywords if k.name is not None)
    elif isinstance(expr, s.Binary) and expr.op == "|":
        for side in (expr.left, expr.right):
            yield from _named(side, scope, depth + 1)
    elif isinstance(expr, s.Name):
        for value, changes in _built(expr, scope):
            latest = {key: item for item, key in _named(value, scope, depth + 1)}
            for change, changed in changes:
                if changed is not None:
                    latest[changed] = change
                elif isinstance(change, s.Call) and last_name(change.func) == "update":
                    latest.update((k.name, k.value) for k in change.keywords if k.name is not None)
                    for arg in change.args:
                        latest.update((key, item) for item, key in _named(arg, scope, depth + 1))
            yield from ((item, key) for key, item in latest.items())


def _built(name: s.Name, scope: Scope) -> Iterator[tuple[s.Expr, list[tuple[s.Expr, str | None]]]]:
    """The container that a local variable holds, with what is put into it later: values with their key, and the calls
    of ``append`` and ``update``."""
    bindings = scope.table.by_name.get(name.path) if scope.function is not None else None
    if not bindings or scope.function is None:
        return
    branch = branch_at(scope.function.statements, name.pos)
    for binding in reaching(bindings, name.pos, branch):
        if binding.kind != "assign" or binding.value is None or binding.detail != ():
            continue
        changes: list[tuple[s.Expr, str | None]] = []
        for change in mutations(bindings, binding, name.pos, branch):
            if change.value is None:
                continue
            if change.kind == "setitem":
                if isinstance(change.detail, s.Literal) and isinstance(change.detail.value, str):
                    changes.append((change.value, change.detail.value))
            elif change.kind == "mutate" and change.detail in ("append", "update"):
                changes.append((change.value, None))
        yield binding.value, changes
