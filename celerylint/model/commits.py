"""What is registered for the commit: the callback of each ``on_commit``, the messages it sends, the database it waits
for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from celerylint.facts import syntax as s
from celerylint.knowledge.transactions import COMMIT_HOOKS
from celerylint.model.apps import last_name
from celerylint.model.callees import Callees, split
from celerylint.model.entities import Call
from celerylint.model.functions import Event
from celerylint.model.scopes import Scope, branch_at, reaching
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.values import Instance, Reference, Unknown, Value
from celerylint.sources.spans import Span

_SIGNATURES = frozenset({"s", "si", "signature", "subtask", "Signature"})
_SAME = frozenset({"set", "clone", "on_error"})
"""Methods of a signature that give a signature."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One registration. ``callback`` is the expression that is handed over, ``event`` the registration in its function
    (None at module level), ``calls`` what the callback makes, ``using`` the database, None for the default one."""

    node: s.Call
    scope: Scope
    span: Span
    callback: s.Expr
    event: Event | None
    calls: tuple[Call, ...]
    using: Value | None
    helper: str = ""
    """The project's own function that hands the callback on."""

    @property
    def sends(self) -> Call | None:
        """The first message that the callback makes; None when it makes none that is seen."""
        return self.calls[0] if self.calls else None

    @property
    def body(self) -> s.Expr:
        """What runs at the commit: the body of a lambda, else the callback itself."""
        return self.callback.body if isinstance(self.callback, s.Lambda) else self.callback


class Commits:
    """Resolves registrations that were collected by name."""

    def __init__(
        self, callees: Callees, hooks: Iterable[tuple[s.Call, Scope]], calls: Iterable[Call], by_node: dict[int, Call]
    ) -> None:
        self.callees = callees
        self.evaluator = callees.evaluator
        self.by_node = by_node
        self._by_path: dict[str, list[Call]] = {}
        for call in calls:
            if "on_commit" in call.context:
                self._by_path.setdefault(call.span.path, []).append(call)
        self.hooks: list[Hook] = [h for node, scope in hooks if (h := self._hook(node, scope)) is not None]

    def _hook(self, node: s.Call, scope: Scope) -> Hook | None:
        if scope.module.is_test:
            return None
        value = self.evaluator.value(node.func, scope)
        helper = ""
        callback: s.Expr | None = node.args[0] if node.args else _keyword(node, "func")
        if isinstance(value, Reference) and isinstance(value.symbol, FunctionSymbol):
            helper = value.symbol.name
            callback = self._handed_on(value.symbol, node)
        elif not self._is_djangos(value, node.func):
            return None
        if callback is None or isinstance(callback, s.Starred):
            return None
        span = scope.module.span(node.pos)
        event = None
        if scope.function is not None:
            event = next((e for e in scope.function.body.calls if e.node is node), None)
        inside = scope.module.span(callback.pos)
        calls = tuple(c for c in self._by_path.get(span.path, ()) if inside.covers(c.span))
        return Hook(node, scope, span, callback, event, calls, self._using(node, scope), helper)

    def _is_djangos(self, value: Value, func: s.Expr) -> bool:
        if isinstance(value, (Reference, Instance)) and value.of in COMMIT_HOOKS:
            return True
        owner, method = split(func)
        if method != "on_commit" or owner is None:
            return False
        if isinstance(value, Reference) and value.of.startswith("django.db."):
            return True
        path = owner.path if isinstance(owner, s.Name) else ""
        doubtful = isinstance(value, Unknown) or (isinstance(value, Reference) and value.symbol is None)
        words = ("transaction", "connection", "conn")
        named = path.rpartition(".")[2] in words or last_name(owner) in ("connections", "get_connection")
        return doubtful and (named or isinstance(owner, s.Subscript))

    def _handed_on(self, helper: FunctionSymbol, node: s.Call) -> s.Expr | None:
        """The argument that a function of the project hands on to ``on_commit`` as it came."""
        scope = self.evaluator.function_scope(helper)
        params = [p.name for p in helper.node.params]
        for event in helper.body.calls:
            first = event.call.args[0] if event.call.args else None
            if last_name(event.call.func) != "on_commit" or not isinstance(first, s.Name) or first.path not in params:
                continue
            if not self._is_djangos(self.evaluator.value(event.call.func, scope), event.call.func):
                continue
            position = params.index(first.path)
            return _keyword(node, first.path) or (node.args[position] if position < len(node.args) else None)
        return None

    def _using(self, node: s.Call, scope: Scope) -> Value | None:
        given = _keyword(node, "using") or (node.args[1] if len(node.args) > 1 else None)
        owner, _ = split(node.func)
        if isinstance(owner, s.Subscript):
            given = owner.index
        if given is None or (isinstance(given, s.Literal) and given.value is None):
            return None
        return self.evaluator.value(given, scope)

    # What an expression is

    def signature(self, expr: s.Expr, scope: Scope) -> Call | None:
        """The signature of one task that an expression is, also behind a variable; None for anything else (a canvas
        sends itself when it is called)."""
        current = expr
        while isinstance(current, s.Call):
            made = self.by_node.get(id(current))
            if made is not None and made.how in _SIGNATURES:
                return made if made.target is not None or made.named else None
            owner, method = split(current.func)
            if method not in _SAME or owner is None:
                return None
            current = owner
        if isinstance(current, s.Name) and scope.function is not None:
            bindings = scope.table.by_name.get(current.path, [])
            branch = branch_at(scope.function.statements, current.pos)
            found = reaching(bindings, current.pos, branch)
            if len(found) == 1 and found[0].kind == "assign" and found[0].value is not None:
                return self.signature(found[0].value, scope) if found[0].value is not expr else None
        return None


def _keyword(node: s.Call, name: str) -> s.Expr | None:
    return next((k.value for k in node.keywords if k.name == name), None)
