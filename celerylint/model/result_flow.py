"""Where a result goes: from the call that gives it through variables, lists, loops and the project's own helpers, up to
what is done with it in the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from celerylint.facts import syntax as s
from celerylint.facts.walk import below, children
from celerylint.model.apps import last_name
from celerylint.model.scopes import Binding, Scope, branch_at, reaching
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.visit import whole_body

if TYPE_CHECKING:
    from celerylint.model.callers import Callers
    from celerylint.model.uses import Uses

Shape = Literal["one", "group", "many"]
"""A single result, a ``GroupResult``, or a list (or tuple, set, generator) of results."""

Kind = Literal[
    "method", "attribute", "subscripted", "unpacked", "iterated", "compared", "arithmetic", "tested", "awaited",
    "passed", "kept", "returned", "dropped", "shown",
]  # fmt: skip

_LISTS = frozenset({"list", "tuple", "set", "sorted", "reversed", "iter"})
_SETS = frozenset({"ResultSet", "GroupResult"})
_ADDS: dict[Shape, tuple[str, ...]] = {"one": ("append", "add", "appendleft"), "group": (), "many": ("extend",)}
"""Methods of a list to which a result, or a list of results, is given to keep."""

_MAX_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done with a result, at ``node`` of ``scope``.

    ``kind``: method and attribute (``name``; ``call`` for a method), subscripted, unpacked, iterated, compared,
    arithmetic, tested (``if``, ``not``), awaited, passed (an argument of ``call``), kept (in an attribute, a dict ...),
    returned, dropped, shown (in an f-string). ``sole`` tells that nothing but the result can be there. ``via`` are
    scopes whose calls led here, when the result was handed to a helper.
    """

    kind: Kind
    node: s.Node
    scope: Scope
    shape: Shape
    name: str = ""
    call: s.Call | None = None
    sole: bool = True
    via: tuple[Scope, ...] = ()


@dataclass(frozen=True, slots=True)
class _At:
    """A place that a result has reached."""

    scope: Scope
    shape: Shape
    sole: bool = True
    via: tuple[Scope, ...] = ()
    depth: int = 0


@dataclass(slots=True)
class _Walk:
    steps: list[Step] = field(default_factory=list)
    seen: set[tuple[int, str]] = field(default_factory=set)


class ResultFlow:
    """Follows results."""

    def __init__(self, uses: Uses, callers: Callers) -> None:
        self.uses = uses
        self.callers = callers
        self._names: dict[int, dict[str, list[s.Name]]] = {}
        self._kept: list[Scope] = []

    def follow(self, node: s.Expr, scope: Scope, shape: Shape = "one") -> list[Step]:
        """Everything that is done with the result that ``node`` gives."""
        walk = _Walk()
        self._value(node, _At(scope, shape), walk)
        return walk.steps

    # One value where it stands

    def _value(self, node: s.Expr, at: _At, walk: _Walk) -> None:
        if (id(node), at.shape) in walk.seen:
            return
        walk.seen.add((id(node), at.shape))
        use = self.uses.use(node, at.scope)
        if use is None:
            return
        by = use.by
        around = self.uses.parents(at.scope).get(id(node))
        if isinstance(around, (s.Conditional, s.Boolean)):
            at = replace(at, sole=False)
        if isinstance(around, s.Walrus):
            self._variable(around.target.path, around, at, walk)
        if isinstance(by, s.Attribute):
            self._attribute(by, (use.name,), at, walk)
        elif isinstance(by, s.Assign):
            self._assigned(by, node, at, walk)
        elif isinstance(by, (s.For, s.Clause)) and use.kind == "iterated":
            self._iterated(by, at, walk)
        elif isinstance(by, (s.Display, s.Comprehension)):
            self._value(by, replace(at, shape="many"), walk)
        elif isinstance(by, s.Keyword) or (isinstance(by, s.Call) and use.kind == "argument"):
            self._argument(node, by, at, walk)
        elif isinstance(by, s.Subscript) and (use.kind == "operand"):
            self._subscript(node, by, at, walk)
        elif isinstance(by, s.Await):
            self._step("awaited", by, at, walk)
        elif isinstance(by, (s.Return, s.Yield, s.Lambda)):
            self._returned(by, at, walk)
        else:
            self._operand(node, by, use.kind, at, walk)

    def _operand(self, node: s.Expr, by: s.Node, use: str, at: _At, walk: _Walk) -> None:
        if isinstance(by, s.Format):
            self._step("shown", by, at, walk)
        elif isinstance(by, s.Binary):
            if at.shape == "many":
                self._value(by, at, walk)
            else:
                self._step("shown" if by.op == "%" and node is by.right else "arithmetic", by, at, walk, by.op)
        elif isinstance(by, s.Comparison):
            self._step("compared", by, at, walk)
        elif isinstance(by, s.Boolean):
            self._step("tested", by, replace(at, sole=False), walk)
            self._value(by, replace(at, sole=False), walk)
        elif use == "test" or (isinstance(by, s.Unary) and by.op == "not"):
            self._step("tested", by, at, walk)
        elif isinstance(by, s.Unary):
            self._step("arithmetic", by, at, walk, by.op)
        elif isinstance(by, s.Expression):
            self._step("dropped", by, at, walk)
        else:
            self._step("kept", by, at, walk)

    def _step(self, kind: Kind, node: s.Node, at: _At, walk: _Walk, name: str = "", call: s.Call | None = None) -> None:
        walk.steps.append(Step(kind, node, at.scope, at.shape, name, call, at.sole, at.via))

    def _attribute(self, node: s.Attribute | s.Name, names: tuple[str, ...], at: _At, walk: _Walk) -> None:
        """``value.name`` or, as a dotted name, ``value.name.more``."""
        parent = self.uses.parents(at.scope).get(id(node))
        call = parent if isinstance(parent, s.Call) and parent.func is node and len(names) == 1 else None
        name = names[0]
        if at.shape == "many":
            if call is not None and name == "pop":
                self._value(call, replace(at, shape="one"), walk)
            return
        if at.shape == "group" and name in ("results", "children") and len(names) == 1:
            self._value(node, replace(at, shape="many"), walk)
            return
        self._step("method" if call is not None else "attribute", call or node, at, walk, name, call)

    def _subscript(self, node: s.Expr, by: s.Subscript, at: _At, walk: _Walk) -> None:
        if node is not by.value:
            self._step("kept", by, at, walk)  # the result is a key
        elif at.shape == "one":
            self._step("subscripted", by, at, walk)
        else:
            self._value(by, at if isinstance(by.index, s.Opaque) else replace(at, shape="one"), walk)

    # Variables

    def _assigned(self, by: s.Assign, node: s.Expr, at: _At, walk: _Walk) -> None:
        if node in by.targets:
            return
        for target in by.targets:
            if isinstance(target, s.Name) and "." not in target.path:
                if by.op == "=":
                    self._variable(target.path, by, at, walk)
                elif at.shape == "many":
                    self._collection(target.path, at, walk)
                else:
                    self._step("arithmetic", by, at, walk, by.op)
            elif isinstance(target, s.Display):
                if at.shape == "one" and not isinstance(by.value, s.Display):
                    self._step("unpacked", by, at, walk)
            else:
                self._step("kept", by, at, walk)

    def _variable(self, name: str, by: s.Node, at: _At, walk: _Walk) -> None:
        """The reads of a variable that the definition ``by`` reaches."""
        bindings = at.scope.table.by_name.get(name, [])
        own = [b for b in bindings if b.node is by]
        for read in self._reads(name, at.scope):
            reached = self._reaching(bindings, read, at.scope)
            if any(b in own for b in reached):
                self._read(read, replace(at, sole=at.sole and len(reached) == 1), walk)

    def _reaching(self, bindings: list[Binding], read: s.Name, scope: Scope) -> list[Binding]:
        body = whole_body(scope)
        return reaching(bindings, read.pos, branch_at(body, read.pos))

    def _read(self, read: s.Name, at: _At, walk: _Walk) -> None:
        rest = tuple(read.path.split(".")[1:])
        if rest:
            if (id(read), at.shape) not in walk.seen:
                walk.seen.add((id(read), at.shape))
                self._attribute(read, rest, at, walk)
        else:
            self._value(read, at, walk)

    def _collection(self, name: str, at: _At, walk: _Walk) -> None:
        """What becomes of the list ``name``, to which the result was added."""
        defined = [b for b in at.scope.table.by_name.get(name, ()) if b.kind == "assign"]
        if not defined or not all(_is_container(b.value) for b in defined):
            self._step("kept", s.Name((1, 0, 1, 0), name), at, walk)
            return
        for read in self._reads(name, at.scope):
            self._read(read, replace(at, shape="many", sole=False), walk)

    def _reads(self, name: str, scope: Scope) -> list[s.Name]:
        """The places of a scope where a variable, or an attribute of it, is read."""
        found = self._names.get(id(scope))
        if found is None:
            found = {}
            for node in _own_nodes(scope):
                if isinstance(node, s.Name):
                    found.setdefault(_first(node), []).append(node)
            self._names[id(scope)] = found
            self._kept.append(scope)  # so that its identity is not used again
        return found.get(name, [])

    # Loops

    def _iterated(self, by: s.For | s.Clause, at: _At, walk: _Walk) -> None:
        if at.shape == "one":
            self._step("iterated", by, at, walk)
            return
        each = replace(at, shape="one")
        if not isinstance(by.target, s.Name):
            return
        if isinstance(by, s.For):
            self._variable(by.target.path, by, each, walk)
            return
        around = self.uses.parents(at.scope).get(id(by))
        if isinstance(around, s.Comprehension):
            for node in below(around):
                if isinstance(node, s.Name) and node is not by.target and _first(node) == by.target.path:
                    self._read(node, each, walk)

    # Calls

    def _argument(self, node: s.Expr, by: s.Keyword | s.Call, at: _At, walk: _Walk) -> None:
        call = by if isinstance(by, s.Call) else self.uses.parents(at.scope).get(id(by))
        if not isinstance(call, s.Call):
            return
        name = last_name(call.func)
        owner = call.func.path.rpartition(".")[0] if isinstance(call.func, s.Name) else ""
        if name in _SETS and at.shape == "many":
            self._value(call, replace(at, shape="group"), walk)
        elif name in _LISTS and not owner and at.shape == "many":
            self._value(call, at, walk)
        elif name in _ADDS[at.shape]:
            if owner and "." not in owner:
                self._collection(owner, at, walk)
            else:
                self._step("kept", call, at, walk)
        else:
            self._step("passed", node, at, walk, name, call)
            self._handed_over(node, by, call, at, walk)

    def _handed_over(self, node: s.Expr, by: s.Keyword | s.Call, call: s.Call, at: _At, walk: _Walk) -> None:
        """Into a helper of the project that takes the result as a parameter."""
        if at.depth >= _MAX_DEPTH:
            return
        function = self.callers.callees.function(call, at.scope)
        if function is None or function.node.is_generator:
            return
        param = _parameter(function, by.name if isinstance(by, s.Keyword) else call.args.index(node))
        if param is None:
            return
        scope = self.callers.callees.evaluator.function_scope(function)
        inner = _At(scope, at.shape, False, (at.scope, *at.via), at.depth + 1)
        self._variable(param.name, param, inner, walk)

    def _returned(self, by: s.Return | s.Yield | s.Lambda, at: _At, walk: _Walk) -> None:
        self._step("returned", by, at, walk)
        function = at.scope.function
        if not isinstance(by, s.Return) or function is None or function.node.is_generator or at.depth >= _MAX_DEPTH:
            return
        if self.callers.runs_as_task(function):
            return  # what a task returns goes to the result backend, not to a caller
        returns = [n for n in _own_nodes(at.scope) if isinstance(n, s.Return) and n.value is not None]
        sole = at.sole and len(returns) == 1
        for call, scope in self.callers.calls_of(function):
            inner = _At(scope, at.shape, sole, (), at.depth + 1)
            if not function.node.is_async:
                self._value(call, inner, walk)
                continue
            awaited = self.uses.parents(scope).get(id(call))
            if isinstance(awaited, s.Await):
                self._value(awaited, inner, walk)


def _parameter(function: FunctionSymbol, place: str | int | None) -> s.Param | None:
    params = [p for p in function.node.params if p.kind in ("positional", "positional-only", "keyword-only")]
    if isinstance(place, str):
        return next((p for p in params if p.name == place), None)
    skip = 1 if function.owner is not None and params and params[0].name in ("self", "cls") else 0
    return params[place + skip] if place is not None and place + skip < len(params) else None


def _first(node: s.Name) -> str:
    return node.path.partition(".")[0]


def _is_container(value: s.Expr | None) -> bool:
    if isinstance(value, s.Call):
        return last_name(value.func) in ("list", "set", "deque") and not value.args
    return isinstance(value, (s.Display, s.Comprehension))


def _own_nodes(scope: Scope) -> Iterator[s.Node]:
    """Every node of a scope's body; lambdas are inside, nested definitions are not."""
    stack: list[s.Node] = [n for n in whole_body(scope) if not isinstance(n, (s.Function, s.Class))]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(c for c in children(node) if not isinstance(c, (s.Function, s.Class)))
