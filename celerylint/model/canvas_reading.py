"""Which canvas an expression gives: signatures, chains, groups and chords, however they are put together.

Followed are calls, ``|``, variables, lists that are built up, and the project's own functions that return canvases.
What cannot be followed is a part of kind "unknown".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import below, statements
from celerylint.knowledge import canvas as known
from celerylint.model.apps import last_name
from celerylint.model.callees import split
from celerylint.model.calls import SIGNATURES, Calls
from celerylint.model.canvas_parts import Part
from celerylint.model.conditions import live_returns
from celerylint.model.scopes import Binding, Branch, Scope, branch_at, mutations, reaching
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.values import Collection, Known, Reference, Value
from celerylint.sources.spans import Pos

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator

_DEEPEST = 25
_INLINED = 3
_SAME_ITEMS = frozenset({"list", "tuple", "sorted", "reversed", "set", "iter"})
_GROWS = {"append": 0, "add": 0, "insert": 1}
"""Methods that add one element, and which argument it is."""


class Reader:
    """Reads canvases; each expression once."""

    def __init__(self, evaluator: Evaluator, calls: Calls) -> None:
        self.evaluator = evaluator
        self.calls = calls
        self._memo: dict[tuple[int, int], Part] = {}
        self._kept: list[Scope] = []
        self._active: set[tuple[int, int]] = set()
        self._cut = 0
        self._inlined = 0

    def part(self, expr: s.Expr, scope: Scope) -> Part:
        """What an expression gives where a signature, or a list of them, is expected."""
        key = (id(expr), id(scope))
        found = self._memo.get(key)
        if found is not None:
            return found
        if key in self._active or len(self._active) > _DEEPEST:
            self._cut += 1
            return _unknown(expr, scope)
        self._active.add(key)
        cut = self._cut
        try:
            found = self._part(expr, scope)
        finally:
            self._active.discard(key)
        if cut == self._cut:  # what a cycle cut short is worth more when asked for elsewhere
            self._memo[key] = found
            self._kept.append(scope)  # so that its identity is not used again
        return found

    def _part(self, expr: s.Expr, scope: Scope) -> Part:
        if isinstance(expr, s.Call):
            return self._call(expr, scope)
        if isinstance(expr, s.Name):
            return self._name(expr, scope)
        if isinstance(expr, s.Binary):
            return self._binary(expr, scope)
        if isinstance(expr, s.Display):
            return Part("list", expr, scope, tuple(self.items(expr.items, scope)))
        if isinstance(expr, s.Comprehension):
            element = self.part(expr.element, scope)
            some = any(clause.conditions for clause in expr.clauses)
            each = element.but(many=True, least=self._least(expr, scope), maybe=True if some else element.maybe)
            return Part("list", expr, scope, (each,), lazy=expr.kind == "generator")
        if isinstance(expr, s.Conditional):
            arms = (self.part(expr.body, scope), self.part(expr.orelse, scope))
            return Part("choice", expr, scope, arms)
        if isinstance(expr, s.Walrus):
            return self.part(expr.value, scope)
        if isinstance(expr, s.Literal):
            return Part("value", expr, scope)
        return _unknown(expr, scope)

    # Lists

    def _least(self, expr: s.Comprehension, scope: Scope) -> int:
        """How many elements a comprehension surely has: those of a constant list, or of ``range(3)``."""
        clause = expr.clauses[0]
        if len(expr.clauses) > 1 or clause.conditions:
            return 0
        iterated = clause.iter
        if isinstance(iterated, s.Call) and last_name(iterated.func) == "range" and len(iterated.args) == 1:
            stop = self.evaluator.value(iterated.args[0], scope)
            whole = isinstance(stop, Known) and isinstance(stop.value, int) and stop.assumed is None
            return stop.value if whole and isinstance(stop, Known) and isinstance(stop.value, int) else 0
        value = self.evaluator.value(iterated, scope)
        return len(value.items) if isinstance(value, Collection) else 0

    def items(self, exprs: Iterable[s.Expr], scope: Scope) -> Iterator[Part]:
        """The elements of a display, or the arguments of a call, spreads opened."""
        for expr in exprs:
            if isinstance(expr, s.Starred):
                yield from self.spread(self.part(expr.value, scope))
            else:
                yield self.part(expr, scope)

    def spread(self, part: Part) -> tuple[Part, ...]:
        """The elements of a part that is iterated."""
        if part.kind == "list":
            return part.members
        if part.kind == "choice":
            return tuple(each.but(maybe=True) for member in part.members for each in self.spread(member))
        return (_more(part.node, part.scope),)

    def members(self, node: s.Call, scope: Scope) -> tuple[tuple[Part, ...], bool]:
        """What ``chain(...)`` or ``group(...)`` consists of, and whether it comes out of a generator."""
        args = node.args
        if len(args) == 1 and not isinstance(args[0], s.Starred):
            single = self.part(args[0], scope)
            if single.kind == "unknown":
                return (_more(single.node, scope),), False
            if single.kind == "choice" and any(m.kind == "list" for m in single.members):
                return self.spread(single), False
            return (single.members, single.lazy) if single.kind == "list" else ((single,), False)
        return tuple(self.items(args, scope)), False

    # Operators

    def _binary(self, expr: s.Binary, scope: Scope) -> Part:
        left, right = self.part(expr.left, scope), self.part(expr.right, scope)
        if expr.op == "|":
            return _piped(expr, scope, left, right)
        if expr.op == "+" and "list" in (left.kind, right.kind):
            return Part("list", expr, scope, (*self.spread(left), *self.spread(right)))
        return _unknown(expr, scope)

    # Calls

    def _call(self, node: s.Call, scope: Scope) -> Part:
        method = last_name(node.func)
        made = self.canvas_class(node.func, scope)
        if made is not None:
            return self._canvas(node, made, scope)
        if isinstance(node.func, s.Call):
            return self._applied(node, self.part(node.func, scope), scope)
        if method in SIGNATURES:
            call = self.calls.at(node, scope)
            if call is not None and call.how in SIGNATURES:
                return Part("task", node, scope, call=call, immutable=self._immutable(node, method, scope))
        owner, method = split(node.func)
        if owner is not None:
            return self._method(node, owner, method, scope)
        return self._function(node, scope)

    def canvas_class(self, func: s.Expr, scope: Scope) -> str | None:
        """ "chain", "group", "chord" or "map" when a callee is that class of Celery's."""
        last = last_name(func)
        if last not in known.CLASSES and not (isinstance(func, s.Name) and func.path in scope.module.aliases):
            return None
        value = self.evaluator.value(func, scope)
        of = value.of if isinstance(value, Reference) else ""
        return known.CLASSES.get(of.rpartition(".")[2]) if of.startswith("celery.") else None

    def _canvas(self, node: s.Call, made: str, scope: Scope) -> Part:
        if made == "map":
            return Part("map", node, scope, immutable=True)
        if made == "chord":
            return self._chord(node, scope)
        members, lazy = self.members(node, scope)
        if made == "group" and len(members) == 1 and members[0].kind == "group":
            return members[0].but(node=node, scope=scope)
        return Part("group" if made == "group" else "chain", node, scope, members, lazy=lazy, spelled=made)

    def _chord(self, node: s.Call, scope: Scope) -> Part:
        given = {k.name: k.value for k in node.keywords if k.name in ("header", "body")}
        args = list(node.args)
        if any(isinstance(a, s.Starred) for a in args):
            return Part("chord", node, scope, (_more(node, scope),), _unknown(node, scope), spelled="chord")
        header = given.get("header", args[0] if args else None)
        body = given.get("body", args[1] if len(args) > 1 else None)
        members: tuple[Part, ...] = (_more(node, scope),)
        lazy = False
        if header is not None:
            top = self.part(header, scope)
            lazy = top.lazy
            if top.kind in ("list", "chain"):
                members = top.members
            elif top.kind == "choice":
                members = tuple(m for option in top.members for m in (option.members or (option,)))
            elif top.kind != "unknown":
                members = (top,)
        read = self.part(body, scope) if body is not None and not _is_none(body) else None
        return Part("chord", node, scope, members, read, lazy=lazy, spelled="chord")

    def _applied(self, node: s.Call, callee: Part, scope: Scope) -> Part:
        """``chord(header)(body)``, ``chain(...)()``, ``get_canvas(...)()``."""
        return Part("result", node, scope, (callee,)) if callee.signs else _unknown(node, scope)

    def _method(self, node: s.Call, owner: s.Expr, method: str, scope: Scope) -> Part:
        if method in known.RETURN_SELF:
            on = self.part(owner, scope)
            if on.signs and method == "set":
                on = on.but(options=on.options | {k.name for k in node.keywords if k.name is not None})
            if on.signs and on.kind == "task":
                changed = method not in ("set", "on_error") and bool(node.args or node.keywords)
                return on.but(node=node, immutable=None if changed else self._set(node, on, method))
            return on.but(node=node) if on.signs else _unknown(node, scope)
        if method in known.RETURN_CALLBACK and node.args:
            on = self.part(owner, scope)
            return self.part(node.args[0], scope).but(attached_to=on) if on.signs else _unknown(node, scope)
        if method in known.SENDING:
            call = self.calls.at(node, scope)
            if call is not None and (call.target is not None or call.named or call.sends is not None):
                return Part("result", node, scope, call=call, spelled=method)
            on = self.part(owner, scope)
            return Part("result", node, scope, (on,), spelled=method) if on.signs else _unknown(node, scope)
        if method in ("map", "starmap", "chunks"):
            call = self.calls.at(node, scope)
            if call is not None and call.target is not None:
                return Part("map", node, scope, call=call, immutable=True, spelled=method)
        if method == "group" and self.part(owner, scope).kind == "map":
            return Part("map", node, scope, immutable=True, spelled="chunks")
        if method == "send_task":
            call = self.calls.at(node, scope)
            if call is not None:
                return Part("result", node, scope, call=call, spelled=method)
        return self._function(node, scope)

    def _function(self, node: s.Call, scope: Scope) -> Part:
        """A task run in place, or a function of the project that returns a canvas."""
        call = self.calls.at(node, scope)
        if call is not None and call.how == "direct":
            return Part("result", node, scope, call=call)
        method = last_name(node.func)
        if method in _SAME_ITEMS and isinstance(node.func, s.Name) and len(node.args) == 1:
            inner = self.part(node.args[0], scope)
            return inner.but(node=node, lazy=method == "iter") if inner.kind == "list" else _unknown(node, scope)
        value = self.evaluator.value(node.func, scope)
        if isinstance(value, Reference) and isinstance(value.symbol, FunctionSymbol):
            return self._returned(node, value, value.symbol, scope)
        if isinstance(node.func, s.Name) and "." not in node.func.path:
            bound = self._name(node.func, scope)
            if bound.signs:
                return self._applied(node, bound, scope)
        return _unknown(node, scope)

    def _returned(self, node: s.Call, callee: Reference, function: FunctionSymbol, scope: Scope) -> Part:
        if self._inlined >= _INLINED or function.node.is_async:
            self._cut += 1
            return _unknown(node, scope)
        args, keywords, is_open = self.evaluator.arguments(node, scope)
        own: list[Value] = [callee.owner, *args] if callee.owner is not None else list(args)
        env = self.evaluator.bind(function, own, keywords, scope.module.span(node.pos), is_open)
        inner = self.evaluator.function_scope(function, env)
        self._inlined += 1
        try:
            return self.returned_by(function, inner) or _unknown(node, scope)
        finally:
            self._inlined -= 1

    def returned_by(self, function: FunctionSymbol, scope: Scope) -> Part | None:
        """The canvas, or list of signatures, that a function returns or yields; None when it returns nothing."""
        if function.node.is_generator:
            yields = [n for st in function.statements for n in below(st, False) if isinstance(n, s.Yield)]
            members = tuple(
                self.part(y.value, scope).but(many=True, maybe=True)
                for y in yields
                if y.value is not None and not y.delegates
            )
            return Part("list", yields[0], scope, members, lazy=True) if yields else None
        nodes = list(live_returns(function.statements, lambda test: self.evaluator.holds(test, scope)))
        parts = [self.part(r.value, scope) for r in nodes if r.value is not None and not _is_none(r.value)]
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else Part("choice", parts[0].node, scope, tuple(parts))

    def _immutable(self, node: s.Call, method: str, scope: Scope) -> bool | None:
        if method == "si":
            return True
        if method == "s":
            return False
        return self._flag(node, scope, False)

    def _flag(self, node: s.Call, scope: Scope, otherwise: bool | None) -> bool | None:
        for keyword in node.keywords:
            if keyword.name is None:
                return None
            if keyword.name == "immutable":
                value = self.evaluator.value(keyword.value, scope)
                return bool(value.value) if isinstance(value, Known) else None
        return otherwise

    def _set(self, node: s.Call, on: Part, method: str) -> bool | None:
        """Whether a signature is immutable after ``.set(...)``, whose first parameter says so."""
        if method != "set":
            return on.immutable
        return True if node.args else self._flag(node, on.scope, on.immutable)

    # Names

    def _name(self, expr: s.Name, scope: Scope) -> Part:
        value = self.evaluator.value(expr, scope)
        if self.calls.tasks.of_value(value) is not None:
            return Part("object", expr, scope)
        owner, method = split(expr)
        if owner is not None and method in SIGNATURES and self.part(owner, scope).kind == "object":
            return Part("object", expr, scope, spelled=method)
        if isinstance(value, Known):
            return Part("value", expr, scope)
        found = self._variable(expr.path, scope, expr.pos)
        return found if found is not None else _unknown(expr, scope)

    def _variable(self, path: str, scope: Scope, pos: Pos) -> Part | None:
        current: Scope | None = scope
        at: Pos | None = pos
        while current is not None:
            bindings = current.table.by_name.get(path)
            if bindings:
                return self._bound(bindings, current, at)
            if current.function is not None:
                at = None  # an outer scope is complete by the time the inner one runs
            current = current.parent
        return None

    def _bound(self, bindings: list[Binding], scope: Scope, pos: Pos | None) -> Part | None:
        branch = branch_at(self.body(scope), pos) if pos is not None else ()
        found = _last_of_block(reaching(bindings, pos, branch))
        parts = [self._one(b, bindings, scope, pos, branch) for b in found]
        if not parts or any(p is None for p in parts):
            return None
        whole = [p for p in parts if p is not None]
        return whole[0] if len(whole) == 1 else Part("choice", whole[0].node, scope, tuple(whole))

    def body(self, scope: Scope) -> tuple[s.Stmt, ...]:
        """The statements of a scope."""
        if scope.function is not None:
            return scope.function.statements
        return scope.cls.node.body if scope.cls is not None else scope.module.facts.body

    def _one(
        self, binding: Binding, bindings: list[Binding], scope: Scope, pos: Pos | None, branch: Branch
    ) -> Part | None:
        """What one definition of a variable gives, with what was done to it up to ``pos``."""
        if binding.value is None:
            return None
        if binding.kind == "loop" and binding.detail == ():
            elements = self.spread(self.part(binding.value, scope))
            return Part(
                "choice", binding.value, scope, tuple(e.but(many=False, least=0, maybe=False) for e in elements)
            )
        if binding.kind != "assign":
            return None
        part = self.part(binding.value, scope)
        for change in mutations(bindings, binding, pos, branch):
            part = self._changed(part, change, binding, scope, branch)
        if part.kind == "task" and self._set_later(binding.name, scope):
            part = part.but(immutable=None)
        if part.kind == "list" and self._handed_on(binding.name, scope):
            part = part.but(members=(*part.members, _more(part.node, part.scope)))
        return part

    def _changed(self, part: Part, change: Binding, since: Binding, scope: Scope, branch: Branch) -> Part:
        around = [w for w in change.branch if w not in since.branch]
        looped = any(word == "loop" for _, word in around)
        if part.kind == "choice":
            members = tuple(self._changed(m, change, since, scope, branch) for m in part.members)
            return part.but(members=members)
        if change.kind == "augment" and change.detail == "|=" and change.value is not None:
            return _piped(part.node, part.scope, part, self.part(change.value, scope).but(many=looped, maybe=looped))
        if part.kind != "list":
            return part
        added: tuple[Part, ...]
        front = False
        if change.kind == "augment" and change.detail == "+=" and change.value is not None:
            added = self.spread(self.part(change.value, scope))
        elif change.kind == "mutate" and isinstance(change.value, s.Call):
            method, args = str(change.detail), change.value.args
            front = method == "insert" and isinstance(args[0], s.Literal) and args[0].value == 0 if args else False
            if method in _GROWS and len(args) > _GROWS[method]:
                added = (self.part(args[_GROWS[method]], scope),)
            elif method == "extend" and args:
                added = self.spread(self.part(args[0], scope))
            else:
                return part.but(members=(*(m.but(maybe=True) for m in part.members), _more(part.node, part.scope)))
        else:
            return part.but(members=(*part.members, _more(part.node, part.scope)))
        doubtful = any(w not in branch and w[1] != "try" for w in around)
        placed = tuple(a.but(many=a.many or looped, maybe=a.maybe or doubtful) for a in added)
        return part.but(members=(*placed, *part.members) if front else (*part.members, *placed))

    def _handed_on(self, name: str, scope: Scope) -> bool:
        """Whether a list is given to a function of the project, which may add to it."""
        for statement in self.body(scope):
            for node in below(statement, False):
                if isinstance(node, s.Call) and any(isinstance(a, s.Name) and a.path == name for a in node.args):
                    value = self.evaluator.value(node.func, scope)
                    if isinstance(value, Reference) and isinstance(value.symbol, FunctionSymbol):
                        return True
        return False

    def _set_later(self, name: str, scope: Scope) -> bool:
        """Whether a statement may make the signature in a variable immutable, or change its arguments."""
        for statement in statements(self.body(scope)):
            if isinstance(statement, s.Expression) and isinstance(statement.value, s.Call):
                func = statement.value.func
                if isinstance(func, s.Name) and func.path in (f"{name}.set_immutable", f"{name}.args.append"):
                    return True
                named = {k.name for k in statement.value.keywords}
                if isinstance(func, s.Name) and func.path == f"{name}.set" and named & {"immutable", None}:
                    return True
            targets = statement.targets if isinstance(statement, s.Assign) else ()
            if any(isinstance(t, s.Name) and t.path in (f"{name}.args", f"{name}.immutable") for t in targets):
                return True
        return False


def _last_of_block(found: list[Binding]) -> list[Binding]:
    """Definitions without those that a later one in the same block, or around it, surely replaces."""
    return [b for i, b in enumerate(found) if not any(b.branch[: len(c.branch)] == c.branch for c in found[i + 1 :])]


def _unknown(node: s.Expr, scope: Scope) -> Part:
    return Part("unknown", node, scope, immutable=None)


def _more(node: s.Expr, scope: Scope) -> Part:
    """Whatever else may be there."""
    return Part("unknown", node, scope, immutable=None, many=True, maybe=True)


def _piped(node: s.Expr, scope: Scope, left: Part, right: Part) -> Part:
    """``left | right``; a chain when one side surely is a signature."""
    if not (_may_sign(left) and _may_sign(right)) or not (_any_signs(left) or _any_signs(right)):
        return _unknown(node, scope)
    first = left.members if left.kind == "chain" and left.spelled == "|" else (left,)
    second = right.members if right.kind == "chain" and right.spelled == "|" else (right,)
    return Part("chain", node, scope, (*first, *second), spelled="|")


def _may_sign(part: Part) -> bool:
    return part.kind != "list"


def _any_signs(part: Part) -> bool:
    return part.signs or (part.kind == "choice" and any(m.signs for m in part.members))


def _is_none(expr: s.Expr) -> bool:
    return isinstance(expr, s.Literal) and expr.value is None
