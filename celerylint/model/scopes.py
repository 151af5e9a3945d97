"""Which definitions of a name can reach a place.

Bindings are gathered once per scope in source order. Each knows the branches it stands in, so a use sees the nearest
definition that must have run before it, and every later one that may have. Mutations of a container
(``X["k"] = v``, ``X.update(...)``, ``X.append(...)``) are bindings too.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from celerylint.facts import syntax as s
from celerylint.facts.walk import blocks
from celerylint.sources.spans import Pos

if TYPE_CHECKING:
    from celerylint.model.modules import Module
    from celerylint.model.symbols import ClassSymbol, FunctionSymbol
    from celerylint.model.values import Value

Branch: TypeAlias = tuple[tuple[int, str], ...]
"""The compound statements around a place, outermost first, each as (a number, the word of its branch)."""

MUTATORS = frozenset({"update", "append", "extend", "insert", "setdefault", "pop", "add", "remove", "clear", "popitem"})
_EXCLUSIVE = ("if", "else", "case")


@dataclass(slots=True)
class Binding:
    """One definition or mutation of a name.

    ``kind``: import, function, class, assign, unpack, augment, loop, with, except, param, setitem, mutate, star.
    ``value`` is the expression that gives it (the iterable for loops, the context manager for with); ``detail`` is the
    unpacking index path, the subscript key or the method call of a mutation.
    """

    name: str
    kind: str
    pos: Pos
    branch: Branch
    node: s.Node
    value: s.Expr | None = None
    detail: tuple[int, ...] | s.Expr | str | None = None


@dataclass(slots=True)
class Bindings:
    """The bindings of one scope."""

    by_name: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[Binding] = field(default_factory=list)
    globals: set[str] = field(default_factory=set)

    def add(self, binding: Binding) -> None:
        self.by_name.setdefault(binding.name, []).append(binding)


@dataclass(slots=True, eq=False)
class Scope:
    """Where an expression is evaluated: a module, a class body or a function, with what its parameters are worth.

    ``env`` gives values to parameters when a function is evaluated for one call; it takes precedence over bindings.
    """

    module: Module
    table: Bindings
    parent: Scope | None = None
    function: FunctionSymbol | None = None
    cls: ClassSymbol | None = None
    env: dict[str, Value] | None = None
    memo: dict[int, tuple[s.Expr, Value]] = field(default_factory=dict, repr=False)
    """Expressions of this scope already folded, by identity; each is kept, so that its identity is not used again."""

    def method_owner(self) -> ClassSymbol | None:
        """The class whose method we are in, through nested functions."""
        scope: Scope | None = self
        while scope is not None:
            if scope.function is not None and scope.function.owner is not None:
                return scope.function.owner
            scope = scope.parent
        return None


def is_defined(name: str, scope: Scope) -> bool:
    """Whether anything around a place may define a name: one of its scopes, a star import, or Python itself."""
    current: Scope | None = scope
    while current is not None:
        bound = name in current.table.by_name or name in current.table.globals or current.table.stars
        if bound or (current.env is not None and name in current.env):
            return True
        current = current.parent
    return hasattr(builtins, name)


def in_call(scope: Scope | None) -> bool:
    """Whether a scope is the inside of one particular call."""
    while scope is not None:
        if scope.env is not None:
            return True
        scope = scope.parent
    return False


def collect(body: tuple[s.Stmt, ...], params: tuple[s.Param, ...] = ()) -> Bindings:
    """The bindings of a function, class or module body."""
    table = Bindings()
    for param in params:
        table.add(Binding(param.name, "param", param.pos, (), param, param.default))
    _collect(body, (), table, [0])
    return table


def _collect(body: tuple[s.Stmt, ...], branch: Branch, table: Bindings, counter: list[int]) -> None:
    for statement in body:
        _bind_statement(statement, branch, table)
        counter[0] += 1
        number = counter[0]
        for word, nested in blocks(statement):
            inner = branch if word == "with" else (*branch, (number, word))
            if isinstance(statement, s.Try) and word.startswith("except"):
                handler = statement.handlers[int(word[6:])]
                if handler.name:
                    table.add(Binding(handler.name, "except", handler.pos, inner, handler, handler.type))
            _collect(nested, inner, table, counter)


def _bind_statement(statement: s.Stmt, branch: Branch, table: Bindings) -> None:
    pos = statement.pos
    if isinstance(statement, s.Import):
        binding = Binding(statement.alias, "import", pos, branch, statement)
        if statement.name == "*":
            table.stars.append(binding)
        else:
            table.add(binding)
    elif isinstance(statement, s.Assign):
        for target in statement.targets:
            _bind_target(
                target, statement.value, "augment" if statement.op != "=" else "assign", branch, table, statement
            )
    elif isinstance(statement, s.Function):
        table.add(Binding(statement.name, "function", statement.pos, branch, statement))
    elif isinstance(statement, s.Class):
        table.add(Binding(statement.name, "class", statement.pos, branch, statement))
    elif isinstance(statement, s.For):
        _bind_target(statement.target, statement.iter, "loop", branch, table, statement)
    elif isinstance(statement, s.With):
        for context, bound in statement.items:
            if bound is not None:
                _bind_target(bound, context, "with", branch, table, statement)
    elif isinstance(statement, s.Expression) and isinstance(statement.value, s.Call):
        _bind_mutation(statement.value, branch, table, statement)
    elif isinstance(statement, s.Plain) and statement.what == "global":
        table.globals.update(v.path for v in statement.values if isinstance(v, s.Name))
    elif isinstance(statement, s.If):
        _bind_walrus(statement.test, branch, table)


def _bind_walrus(test: s.Expr, branch: Branch, table: Bindings) -> None:
    candidates: list[s.Expr] = list(test.operands) if isinstance(test, s.Boolean) else [test]
    for expr in candidates:
        inner: s.Expr = (
            expr.operand if isinstance(expr, s.Unary) else expr.left if isinstance(expr, s.Comparison) else expr
        )
        if isinstance(inner, s.Walrus):
            table.add(Binding(inner.target.path, "assign", inner.pos, branch, inner, inner.value))


def _bind_target(
    target: s.Expr,
    value: s.Expr | None,
    kind: str,
    branch: Branch,
    table: Bindings,
    node: s.Node,
    path: tuple[int, ...] = (),
) -> None:
    if isinstance(target, s.Name):
        detail: tuple[int, ...] | str = path
        if kind == "assign" and path:
            kind = "unpack"
        if value is None and kind == "assign":  # a bare annotation binds nothing, but its type is worth keeping
            kind = "annotation"
        if kind == "augment" and isinstance(node, s.Assign):
            detail = node.op
        table.add(Binding(target.path, kind, target.pos, branch, node, value, detail))
    elif isinstance(target, s.Display):
        for index, item in enumerate(target.items):
            inner = item.value if isinstance(item, s.Starred) else item
            _bind_target(inner, value, kind, branch, table, node, (*path, index))
    elif isinstance(target, s.Subscript) and isinstance(target.value, s.Name):
        table.add(Binding(target.value.path, "setitem", target.pos, branch, node, value, target.index))


def _bind_mutation(call: s.Call, branch: Branch, table: Bindings, node: s.Node) -> None:
    if isinstance(call.func, s.Name):
        name, _, method = call.func.path.rpartition(".")
        if name and method in MUTATORS:
            table.add(Binding(name, "mutate", call.pos, branch, node, call, method))


def targets(target: s.Expr, path: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The names that a target binds, each with its index path into the value."""
    if isinstance(target, s.Name):
        yield target.path, path
    elif isinstance(target, s.Display):
        for index, item in enumerate(target.items):
            yield from targets(item.value if isinstance(item, s.Starred) else item, (*path, index))


def branch_at(body: tuple[s.Stmt, ...], pos: Pos) -> Branch:
    """The branches around a position of a body; numbers agree with those of ``collect``."""
    path: list[tuple[int, str]] = []
    counter = [0]

    def visit(nodes: tuple[s.Stmt, ...]) -> bool:
        for statement in nodes:
            counter[0] += 1
            number = counter[0]
            inside = statement.pos[:2] <= pos[:2] <= statement.pos[2:]
            for word, nested in blocks(statement):
                if inside and nested and _start(nested[0]) <= pos[:2] <= _end(nested[-1]):
                    if word != "with":  # a `with` body always runs
                        path.append((number, word))
                    visit(nested)
                    return True
                _skip(nested, counter)
            if inside:
                return True
        return False

    visit(body)
    return tuple(path)


def _start(statement: s.Stmt) -> tuple[int, int]:
    """Where a statement begins, its decorators included."""
    pos = statement.whole if isinstance(statement, (s.Function, s.Class)) else statement.pos
    return pos[:2]


def _end(statement: s.Stmt) -> tuple[int, int]:
    pos = statement.whole if isinstance(statement, (s.Function, s.Class)) else statement.pos
    return pos[2:]


def _skip(body: tuple[s.Stmt, ...], counter: list[int]) -> None:
    for statement in body:
        counter[0] += 1
        for _, nested in blocks(statement):
            _skip(nested, counter)


def excludes(one: Branch, other: Branch) -> bool:
    """Whether the two places can never run in one pass: different arms of one ``if`` or ``match``."""
    for (a, word_a), (b, word_b) in zip(one, other, strict=False):
        if a != b:
            return False
        if word_a != word_b:
            return word_a.startswith(_EXCLUSIVE) and word_b.startswith(_EXCLUSIVE)
    return False


def reaching(bindings: list[Binding], pos: Pos | None, branch: Branch) -> list[Binding]:
    """The definitions (not mutations) that can give the value at ``pos``; None asks at the end of the scope."""
    result: list[Binding] = []
    for binding in reversed(bindings):
        if binding.kind in ("setitem", "mutate", "augment", "annotation"):
            continue
        if pos is not None and binding.pos[:2] >= pos[:2]:
            continue
        if pos is not None and _inside_own_value(binding, pos):
            continue  # `limits = {**limits, ...}` reads what was there before
        if excludes(binding.branch, branch):
            continue
        result.append(binding)
        if binding.branch == branch[: len(binding.branch)]:
            break
    result.reverse()
    return result


def _inside_own_value(binding: Binding, pos: Pos) -> bool:
    value = binding.value
    if value is None or binding.kind not in ("assign", "unpack", "loop", "with"):
        return False
    return value.pos[:2] <= pos[:2] < value.pos[2:]


def loops_around(body: tuple[s.Stmt, ...], pos: Pos) -> list[s.For | s.While]:
    """The loops in whose bodies a position of a body stands, outermost first."""
    found: list[s.For | s.While] = []
    nodes = body
    while True:
        compounds = (n for n in nodes if not isinstance(n, (s.Function, s.Class)))
        around = next((n for n in compounds if n.pos[:2] <= pos[:2] <= n.pos[2:]), None)
        if around is None:
            return found
        inner = next(
            (nested for _, nested in blocks(around) if nested and _start(nested[0]) <= pos[:2] <= _end(nested[-1])), ()
        )
        if isinstance(around, (s.For, s.While)) and inner is around.body:
            found.append(around)
        nodes = inner


def mutations(bindings: list[Binding], since: Binding, pos: Pos | None, branch: Branch) -> list[Binding]:
    """The mutations of a container between a definition and a place."""
    return [
        b
        for b in bindings
        if b.kind in ("setitem", "mutate", "augment")
        and b.pos[:2] > since.pos[:2]
        and (pos is None or b.pos[:2] < pos[:2])
        and not excludes(b.branch, branch)
        and not excludes(b.branch, since.branch)
    ]
