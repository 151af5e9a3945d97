"""What becomes of a value where it stands: dropped, returned, kept in a variable, handed to something else.

Rules ask it of calls: a signature that is dropped is never sent, an ``AsyncResult`` that is returned from a task cannot
be waited for, ``task.delay(x).get()`` waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from celerylint.facts import syntax as s
from celerylint.facts.walk import children
from celerylint.model.scopes import Scope
from celerylint.model.visit import whole_body

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator

Kind = Literal[
    "dropped",
    "returned",
    "assigned",
    "attribute",
    "argument",
    "element",
    "operand",
    "test",
    "awaited",
    "iterated",
    "other",
]


@dataclass(frozen=True, slots=True)
class Use:
    """``kind`` says what is done with the value, ``by`` is the node that does it (the statement for a dropped, returned
    or assigned value, the call for an argument, the attribute for ``value.get``), ``name`` the variable that it is
    assigned to, the attribute, or the keyword under which it is passed; "" when there is none.

    kinds: dropped (an expression statement), returned (also yielded, or the body of a lambda), assigned, attribute,
    argument, element (of a display, a comprehension or a mapping), operand (``|``, ``+``, ``and``, a comparison), test
    (of ``if`` and ``while``), awaited, iterated (``for x in value``), other.
    """

    kind: Kind
    by: s.Node
    name: str = ""


class Uses:
    """Finds the use of any expression of a scope."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._parents: dict[int, dict[int, s.Node]] = {}
        self._kept: list[Scope] = []

    def parents(self, scope: Scope) -> dict[int, s.Node]:
        """The node around each node of a scope's body, by identity; nested definitions apart (lambdas are inside)."""
        found = self._parents.get(id(scope))
        if found is None:
            found = _parents(whole_body(scope))
            self._parents[id(scope)] = found
            self._kept.append(scope)  # so that its identity is not used again
        return found

    def around(self, node: s.Node, scope: Scope) -> tuple[s.Node, ...]:
        """The nodes around a node, innermost first, up to its statement and the statements around that."""
        parents = self.parents(scope)
        path: list[s.Node] = []
        current = parents.get(id(node))
        while current is not None:
            path.append(current)
            current = parents.get(id(current))
        return tuple(path)

    def use(self, node: s.Expr, scope: Scope) -> Use | None:
        """What is done with the value of an expression; None when it does not stand in this scope."""
        parents = self.parents(scope)
        inner: s.Node = node
        parent = parents.get(id(inner))
        while isinstance(parent, (s.Conditional, s.Walrus, s.Starred)) and inner is not getattr(parent, "test", None):
            inner, parent = parent, parents.get(id(parent))
        return _use(inner, parent) if parent is not None else None


def _use(node: s.Node, parent: s.Node) -> Use:
    if isinstance(parent, s.Expression):
        return Use("dropped", parent)
    if isinstance(parent, (s.Return, s.Yield, s.Lambda)):
        return Use("returned", parent)
    if isinstance(parent, s.Assign):
        target = parent.targets[0] if len(parent.targets) == 1 else None
        return Use("assigned", parent, target.path if isinstance(target, s.Name) else "")
    if isinstance(parent, s.Attribute):
        return Use("attribute", parent, parent.name)
    if isinstance(parent, s.Call):
        return Use("argument", parent) if node is not parent.func else Use("other", parent)
    if isinstance(parent, s.Keyword):
        return Use("argument", parent, parent.name or "")
    if isinstance(parent, (s.Display, s.Mapping, s.Comprehension, s.Clause)):
        iterated = isinstance(parent, s.Clause) and node is parent.iter
        return Use("iterated" if iterated else "element", parent)
    if isinstance(parent, (s.Binary, s.Boolean, s.Unary, s.Comparison, s.Subscript, s.Format)):
        return Use("operand", parent)
    if isinstance(parent, (s.If, s.While, s.Conditional)):
        return Use("test", parent)
    if isinstance(parent, s.Await):
        return Use("awaited", parent)
    if isinstance(parent, s.For) and node is parent.iter:
        return Use("iterated", parent)
    return Use("other", parent)


def _parents(body: tuple[s.Stmt, ...]) -> dict[int, s.Node]:
    found: dict[int, s.Node] = {}
    stack: list[s.Node] = [n for n in body if not isinstance(n, (s.Function, s.Class))]
    while stack:
        node = stack.pop()
        for child in children(node):
            if not isinstance(child, (s.Function, s.Class)):
                found[id(child)] = node
                stack.append(child)
    return found
