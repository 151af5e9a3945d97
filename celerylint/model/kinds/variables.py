"""Variables: which definitions reach a place, and what they and later changes of a container make of a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.model.kinds.kind import ANY, EMPTY, Kind, agreed
from celerylint.model.scopes import Binding, Branch, Scope, branch_at, mutations, reaching
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.values import Reference
from celerylint.sources.spans import Pos, Span

if TYPE_CHECKING:
    from celerylint.model.kinds.infer import Kinds

_HTTP = frozenset(
    {"GET", "POST", "FILES", "META", "session", "user", "method", "COOKIES", "headers", "query_params", "path", "data"}
)
_VIEWS = ("django.views.", "rest_framework.generics.", "rest_framework.viewsets.", "rest_framework.views.")
_STARS = {"args": "tuple", "kwargs": "dict"}


class Variables:
    """Answers for names of function scopes; module-level names are folded by the evaluator."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds

    def is_local(self, name: str, scope: Scope) -> bool:
        """Whether a function around the place binds the name."""
        current: Scope | None = scope
        while current is not None and current.function is not None:
            if current.table.by_name.get(name):
                return True
            current = current.parent
        return False

    def of(self, name: str, scope: Scope, pos: Pos | None) -> Kind | None:
        current: Scope | None = scope
        at = pos
        while current is not None and current.function is not None:
            bindings = current.table.by_name.get(name)
            if bindings:
                return self._reached(bindings, current, at)
            at = None  # an outer scope is complete by the time the inner one runs
            current = current.parent
        return None

    def dotted(self, expr: s.Name, scope: Scope) -> Kind | None:
        """A dotted name that is itself assigned in this function (``self.tags = set()``)."""
        bindings = scope.table.by_name.get(expr.path) if scope.function is not None else None
        return self._reached(bindings, scope, expr.pos) if bindings else None

    def _reached(self, bindings: list[Binding], scope: Scope, pos: Pos | None) -> Kind | None:
        assert scope.function is not None
        branch = branch_at(scope.function.statements, pos) if pos is not None else ()
        found = reaching(bindings, pos, branch)
        return agreed([self._changed(self._binding(b, scope), b, bindings, scope, pos, branch) for b in found])

    def _changed(
        self, kind: Kind | None, since: Binding, bindings: list[Binding], scope: Scope, pos: Pos | None, branch: Branch
    ) -> Kind | None:
        """A container after what happens to it between its definition and the place."""
        for change in mutations(bindings, since, pos, branch) if kind is not None else ():
            if kind is None:
                return None
            if change.kind == "setitem" and change.value is not None and isinstance(change.detail, s.Node):
                kind = self.kinds.with_item(kind, change.detail, change.value, scope, EMPTY)
            elif change.kind == "mutate" and change.detail in ("append", "add") and isinstance(change.value, s.Call):
                added = change.value.args[0] if change.value.args else None
                item = self.kinds.of(added, scope) if added is not None else None
                kind = kind.holding([(ANY, item)]) if kind.name in ("list", "set", "deque") else kind
        return kind

    def _binding(self, binding: Binding, scope: Scope) -> Kind | None:
        span = scope.module.span(binding.pos)
        kind = self._given(binding, scope, span)
        return kind.at(span) if kind is not None else None

    def _given(self, binding: Binding, scope: Scope, span: Span) -> Kind | None:
        node, value = binding.node, binding.value
        if binding.kind == "assign" and value is not None:
            kind = self.kinds.of(value, scope)
            if kind is None and isinstance(node, s.Assign) and node.annotation is not None:
                return self.kinds.annotations.of(node.annotation, scope)
            return kind
        if binding.kind in ("unpack", "loop") and value is not None and isinstance(binding.detail, tuple):
            kind = self.kinds.of(value, scope) if binding.kind == "unpack" else self.kinds.iterated(value, scope, EMPTY)
            for index in binding.detail:
                kind = kind.element(f"[{index}]") if kind is not None else None
            return kind
        if binding.kind == "with" and value is not None and binding.detail == ():
            kind = self.kinds.of(value, scope)
            return kind if kind is not None and kind.name in ("file", "object") else None
        if binding.kind == "except":
            return Kind("exception", span, "the exception that was caught", what="")
        if binding.kind == "param" and isinstance(node, s.Param):
            return self._param(node, scope, span)
        if binding.kind in ("import", "class", "function"):
            return self.kinds.of_value(self.kinds.evaluator.bound(binding, scope), span)
        return None

    # Parameters

    def _param(self, param: s.Param, scope: Scope, span: Span) -> Kind | None:
        function = scope.function
        assert function is not None
        if param.kind in _STARS:
            return Kind(_STARS[param.kind], span, f"`*{param.name}`")
        if param.annotation is not None:
            kind = self.kinds.annotations.of(param.annotation, scope.parent or scope)
            nullable = isinstance(param.default, s.Literal)
            return kind if kind is None or nullable or param.default is None else kind.doubtful()
        first = function.node.params[0].name if function.node.params else None
        if param.name == first and function.owner is not None and param.name == "self":
            return self._self(function, span)
        if param.name == "request" and self._is_http(function):
            return Kind("request", span, "the request of a view", what="request", sure=False)
        return None

    def _self(self, function: FunctionSymbol, span: Span) -> Kind | None:
        owner = function.owner
        assert owner is not None
        task = Reference(owner.qualified, owner, span)
        if self.kinds.tasks.of_value(task) is not None or id(function.node) in self.kinds.tasks.by_function:
            return None
        name = self.kinds.classes.of(owner)
        return Kind(name, span, f"`self` of `{owner.name}`", owner, owner.name) if name is not None else None

    def own_request(self, scope: Scope, span: Span) -> Kind | None:
        """``self.request`` in a method of a class-based view."""
        cls = scope.method_owner()
        bases = self.kinds.evaluator.classes.outside_bases(cls) if cls is not None else []
        view = any(base.startswith(_VIEWS) for base in bases)
        return Kind("request", span, "the request of a view", what="request") if view else None

    def _is_http(self, function: FunctionSymbol) -> bool:
        """Whether a function uses its ``request`` as a view of Django does."""
        if not self.kinds.sorts.is_django:
            return False
        for statement in function.statements:
            for node in below(statement):
                if isinstance(node, s.Name) and node.path.startswith("request."):
                    return node.path.split(".")[1] in _HTTP
        return False
