"""What the function around a canvas tests about the list that the canvas is made of."""

from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.walk import below, statements
from celerylint.model.canvas_parts import Part
from celerylint.model.scopes import Scope

_EMPTINESS = frozenset({"== 0", "!= 0", "> 0", "<= 0", ">= 1", "< 1"})
"""Comparisons of a length that only tell whether there is anything."""


def is_tested(part: Part, scope: Scope) -> bool:
    """Whether the function tests anything that the members of a part are made of."""
    sources = _sources(part, scope)
    return any(isinstance(n, s.Name) and n.path in sources for test in _tests(scope) for n in below(test))


def is_counted(part: Part, scope: Scope) -> bool:
    """Whether the function compares the number of what the members are made of with anything but zero."""
    sources = _sources(part, scope)
    counted = {
        target.path
        for statement in statements(scope.function.statements if scope.function is not None else ())
        if isinstance(statement, s.Assign) and _is_length(statement.value, sources)
        for target in statement.targets
        if isinstance(target, s.Name)
    }
    comparisons = (n for test in _tests(scope) for n in below(test) if isinstance(n, s.Comparison))
    return any(_counts(c, sources, counted) for c in comparisons)


def _counts(test: s.Comparison, sources: set[str], counted: set[str]) -> bool:
    sides = (test.left, *test.others)
    lengths = [x for x in sides if _is_length(x, sources) or (isinstance(x, s.Name) and x.path in counted)]
    other = test.others[0]
    number = str(other.value) if isinstance(other, s.Literal) else "?"
    only = len(test.ops) == 1 and test.left in lengths and f"{test.ops[0]} {number}" in _EMPTINESS
    return bool(lengths) and not only


def _is_length(expr: s.Expr | None, sources: set[str]) -> bool:
    if not (isinstance(expr, s.Call) and isinstance(expr.func, s.Name) and len(expr.args) == 1):
        return False
    inner = expr.args[0]
    return expr.func.path == "len" and isinstance(inner, s.Name) and inner.path in sources


def _tests(scope: Scope) -> Iterator[s.Expr]:
    if scope.function is None:
        return
    for statement in statements(scope.function.statements):
        if isinstance(statement, (s.If, s.While)):
            yield statement.test
    for statement in scope.function.statements:
        yield from (n.test for n in below(statement) if isinstance(n, s.Conditional))


def _sources(part: Part, scope: Scope) -> set[str]:
    """The names in a part and its members, and what the loops that make the members iterate."""
    nodes = [part.node, *(m.node for m in part.members)]
    found = {n.path for node in nodes for n in below(node) if isinstance(n, s.Name)}
    if scope.function is None:
        return found
    for statement in statements(scope.function.statements):
        if isinstance(statement, s.For) and any(m.scope is scope and _holds(statement, m.node) for m in part.members):
            found |= {n.path for n in below(statement.iter) if isinstance(n, s.Name)}
    return found


def _holds(statement: s.Stmt, node: s.Node) -> bool:
    return statement.pos[:2] <= node.pos[:2] <= statement.pos[2:]
