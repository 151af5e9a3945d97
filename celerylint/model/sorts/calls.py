"""Calls that give ORM objects: of managers, querysets, sessions, forms, and functions of the project."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import statements
from celerylint.knowledge import orm
from celerylint.model.apps import last_name
from celerylint.model.scopes import Scope
from celerylint.model.sorts.sort import ELEMENT, Sort, SortEnv, agreed
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Instance, Reference
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.sorts.infer import Sorts


_VIEW_PARAMETERS = {
    ("form_valid", "form"): "form_class",
    ("perform_create", "serializer"): "serializer_class",
    ("perform_update", "serializer"): "serializer_class",
}
"""Method and parameter of a generic view: the attribute that names the parameter's class."""


class CallSorts:
    """Tells what calls give."""

    def __init__(self, sorts: Sorts) -> None:
        self.sorts = sorts

    def of(self, expr: s.Call, scope: Scope, env: SortEnv) -> Sort | None:
        span = scope.module.span(expr.pos)
        owner_expr, method = split(expr.func)
        if owner_expr is not None:
            sent = self.sorts.signals.sent(owner_expr, expr, scope) if method == "get" else None
            if sent is not None:
                return sent
            owner = self.sorts.of(owner_expr, scope, env)
            if owner is not None:
                if owner.kind == "session":
                    return self._session(expr, method, scope, span)
                kind = orm.result_of(owner.family, owner.kind, method)
                if kind is not None:
                    return replace(owner, kind=kind, origin=span, why=f"from `.{method}()`")
                if owner.kind in ("manager", "query"):
                    return self._custom(owner, method, span)
                own = self.sorts.evaluator.classes.method(owner.model, method) if owner.model is not None else None
                return self._returned(own, span) if own is not None and owner.kind in ("class", "instance") else None
            if method in ("query", "get", "scalars", "execute") and _is_session(owner_expr):
                return self._session(expr, method, scope, span)
            made = self._method_of_class(owner_expr, method, scope, span)
            if made is not None:
                return made
        return self._called(expr, scope, env, span)

    def _custom(self, owner: Sort, method: str, span: Span) -> Sort | None:
        """A method of the project's own manager or queryset, which gives objects of the model that it is asked of."""
        own = self.sorts.managers.method(owner.model, method) if owner.model is not None else None
        given = self._returned(own, span) if own is not None else None
        return replace(given, model=given.model or owner.model) if given is not None else None

    def _session(self, expr: s.Call, method: str, scope: Scope, span: Span) -> Sort | None:
        """``session.query(Order)``, ``session.get(Order, id)``: sorts of a SQLAlchemy session's results."""
        if len(expr.args) < 1 or (method == "query" and len(expr.args) != 1):
            return None
        first = expr.args[0]
        while isinstance(first, s.Call):  # select(Order).where(...)
            inner, name = split(first.func)
            if name == "select" and len(first.args) == 1:
                first = first.args[0]
            elif inner is not None:
                first = inner
            else:
                return None
        model = self.sorts.of(first, scope)
        if model is None or model.kind != "class":
            return None
        kind = orm.result_of(model.family, "session", method)
        return replace(model, kind=kind, origin=span, why=f"from `.{method}()`") if kind else None

    def _method_of_class(self, owner: s.Expr, method: str, scope: Scope, span: Span) -> Sort | None:
        """``form.save()``, ``serializer.save()``, ``self.get_object()`` of generic views."""
        cls: ClassSymbol | None = None
        if isinstance(owner, s.Name) and owner.path == "self":
            cls = scope.method_owner()
        else:
            value = self.sorts.evaluator.value(owner, scope)
            if isinstance(value, Instance) and isinstance(value.symbol, ClassSymbol):
                cls = value.symbol
        if cls is None and method == "save":
            cls = self._given_to_view(owner, scope)
        if cls is None:
            return None
        own = self.sorts.evaluator.classes.method(cls, method)
        if own is not None and not (method == "save" and self._returns_something(own)):
            return None
        for base in self.sorts.evaluator.classes.outside_bases(cls):
            kind = orm.method_of(base, method)
            if kind is not None:
                return Sort(kind, "django", self._model_of_meta(cls), span, f"from `.{method}()`")
        return None

    def _given_to_view(self, owner: s.Expr, scope: Scope) -> ClassSymbol | None:
        """The class of ``form`` in ``form_valid(self, form)`` and of ``serializer`` in ``perform_create``."""
        function = scope.function
        attribute = (
            _VIEW_PARAMETERS.get((function.name, owner.path)) if function and isinstance(owner, s.Name) else None
        )
        if attribute is None or function is None or function.owner is None:
            return None
        found = self.sorts.evaluator.classes.find(function.owner, attribute)
        value = found[0] if found is not None else None
        return value.symbol if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol) else None

    def _returns_something(self, function: FunctionSymbol) -> bool:
        return any(isinstance(n, s.Return) and n.value is not None for n in statements(function.statements))

    def _model_of_meta(self, cls: ClassSymbol) -> ClassSymbol | None:
        """``class Meta: model = Order`` of forms and serializers, ``model = Order`` of views."""
        viewed = self.sorts.evaluator.classes.find(cls, "model")
        if viewed and isinstance(viewed[0], Reference) and isinstance(viewed[0].symbol, ClassSymbol):
            return viewed[0].symbol
        found = self.sorts.evaluator.classes.find(cls, "Meta")
        if found and isinstance(found[0], Reference) and isinstance(found[0].symbol, ClassSymbol):
            model = self.sorts.evaluator.classes.own(found[0].symbol, "model")
            if isinstance(model, Reference) and isinstance(model.symbol, ClassSymbol):
                return model.symbol
        return None

    def _called(self, expr: s.Call, scope: Scope, env: SortEnv, span: Span) -> Sort | None:
        callee = self.sorts.evaluator.value(expr.func, scope)
        if not isinstance(callee, Reference):
            sort = self.sorts.of(expr.func, scope, env)
            return (
                replace(sort, kind="instance", origin=span, why="made here") if sort and sort.kind == "class" else None
            )
        kind = orm.FUNCTIONS.get(callee.of)
        if kind is not None:
            first = self.sorts.of(expr.args[0], scope, env) if expr.args else None
            return Sort(
                kind, "django", first.model if first else None, span, f"from `{callee.of.rpartition('.')[2]}()`"
            )
        family = self.sorts.family(callee)
        if family is not None:
            model = callee.symbol if isinstance(callee.symbol, ClassSymbol) else None
            return Sort("instance", family, model, span, "made here")
        if (
            callee.of.removeprefix("builtins.") in ("list", "tuple", "set", "sorted", "reversed")
            and len(expr.args) == 1
        ):
            inner = self.sorts.of(expr.args[0], scope, env)
            if inner is not None and ELEMENT.get(inner.kind) == "instance":
                return replace(inner, kind="instances")
        if isinstance(callee.symbol, FunctionSymbol):
            return self._returned(callee.symbol, span)
        return None

    def _returned(self, function: FunctionSymbol, span: Span) -> Sort | None:
        """What a function of the project returns: by annotation, or by all of its ``return`` statements."""
        if function.node.is_generator:
            return None
        if function.node.returns is not None:
            sort = self.sorts.annotated(function.node.returns, function.scope)
            return replace(sort, origin=span, why=f"from `{function.name}()`") if sort is not None else None
        scope = self.sorts.evaluator.function_scope(function)
        returns = [n.value for n in statements(function.statements) if isinstance(n, s.Return) and n.value is not None]
        values = [r for r in returns if not (isinstance(r, s.Literal) and r.value is None)]
        sort = agreed([self.sorts.of(value, scope) for value in values]) if values else None
        return replace(sort, origin=span, why=f"from `{function.name}()`") if sort is not None else None


def split(func: s.Expr) -> tuple[s.Expr | None, str]:
    if isinstance(func, s.Attribute):
        return func.value, func.name
    if isinstance(func, s.Name) and "." in func.path:
        owner, _, method = func.path.rpartition(".")
        return s.Name(func.pos, owner), method
    return None, func.path if isinstance(func, s.Name) else ""


def _is_session(owner: s.Expr) -> bool:
    path = owner.path if isinstance(owner, s.Name) else last_name(owner)
    return path.rpartition(".")[2].lower().endswith(("session", "dbsession"))
