"""Which expressions are model instances, querysets and the like: a small type inference for ORM objects.

It follows assignments, loops, annotations, managers, relations, forms, signal receivers and the project's own
functions. What it does not know is None.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.knowledge import orm
from celerylint.model.scopes import Scope, targets
from celerylint.model.sorts.annotations import Annotations
from celerylint.model.sorts.calls import CallSorts, split
from celerylint.model.sorts.managers import Managers
from celerylint.model.sorts.relations import Relations
from celerylint.model.sorts.signals import Signals
from celerylint.model.sorts.sort import Sort, SortEnv, agreed, element_of
from celerylint.model.sorts.variables import Variables
from celerylint.model.symbols import ClassSymbol
from celerylint.model.values import Reference

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator

_MAX_DEPTH = 12


class Sorts:
    """Infers sorts of expressions."""

    def __init__(self, evaluator: Evaluator, is_django: bool) -> None:
        self.evaluator = evaluator
        self.is_django = is_django
        self.signals = Signals(evaluator)
        self.managers = Managers(evaluator)
        self.relations = Relations(evaluator, self.managers)
        self.annotations = Annotations(self)
        self.variables = Variables(self)
        self.calls = CallSorts(self)
        self._depth = 0
        self._cut = 0
        """How often the depth ended a question; an answer that was cut short holds for its depth only."""
        self._known: dict[tuple[Hashable, ...], tuple[Sort | None, s.Expr, Scope]] = {}
        """Answers by what was asked; expression and scope are kept, so that their identities are not used again."""

    def annotated(self, annotation: s.Expr, scope: Scope) -> Sort | None:
        """The sort that an annotation promises."""
        return self.annotations.of(annotation, scope)

    def element(
        self, iterable: s.Expr, scope: Scope, env: SortEnv | None = None, path: tuple[int, ...] = ()
    ) -> Sort | None:
        """What iterating over an expression gives, at an index ``path`` into each element."""
        if path == () or not isinstance(iterable, s.Call):
            return element_of(self.of(iterable, scope, env)) if path == () else None
        owner, method = split(iterable.func)
        if owner is None and method == "enumerate" and path[0] == 1 and iterable.args:
            return self.element(iterable.args[0], scope, env, path[1:])
        if owner is None and method == "zip" and path[0] < len(iterable.args):
            return self.element(iterable.args[path[0]], scope, env, path[1:])
        table = self.of(owner, scope, env) if owner is not None and method == "items" and path == (1,) else None
        return replace(table, kind="instance") if table is not None and table.kind == "table" else None

    def of(self, expr: s.Expr, scope: Scope, env: SortEnv | None = None) -> Sort | None:
        """The sort of an expression where it stands; ``env`` holds the variables of comprehensions around it."""
        if self._depth > _MAX_DEPTH:
            self._cut += 1
            return None
        if env or scope.env is not None:
            return self._deeper(expr, scope, env or {})
        what: Hashable = (expr.path, expr.pos) if isinstance(expr, s.Name) else id(expr)
        known = self._known.get((what, id(scope))) or self._known.get((what, id(scope), self._depth))
        if known is None:
            cut = self._cut
            known = (self._deeper(expr, scope, {}), expr, scope)
            self._known[(what, id(scope)) if cut == self._cut else (what, id(scope), self._depth)] = known
        return known[0]

    def _deeper(self, expr: s.Expr, scope: Scope, env: SortEnv) -> Sort | None:
        self._depth += 1
        try:
            return self._of(expr, scope, env)
        finally:
            self._depth -= 1

    def _of(self, expr: s.Expr, scope: Scope, env: SortEnv) -> Sort | None:
        if isinstance(expr, s.Name):
            return self._name(expr, scope, env)
        if isinstance(expr, s.Call):
            return self.calls.of(expr, scope, env)
        if isinstance(expr, s.Attribute):
            owner = self.of(expr.value, scope, env)
            return self.relations.attribute(owner, expr.name, scope.module.span(expr.pos)) if owner else None
        if isinstance(expr, s.Subscript):
            sent = self.signals.sent(expr.value, expr, scope)
            if sent is not None:
                return sent
            return self._element(self.of(expr.value, scope, env), expr, scope)
        if isinstance(expr, s.Await):
            return self.of(expr.value, scope, env)
        if isinstance(expr, s.Conditional):
            return agreed([self.of(expr.body, scope, env), self.of(expr.orelse, scope, env)])
        if isinstance(expr, s.Walrus):
            return self.of(expr.value, scope, env)
        if isinstance(expr, s.Display):
            return self._container([self.of(item, scope, env) for item in expr.items])
        if isinstance(expr, s.Mapping):
            return self._container([self.of(value, scope, env) for _, value in expr.items])
        if isinstance(expr, s.Comprehension):
            return self._comprehension(expr, scope, env)
        return None

    def _container(self, items: list[Sort | None]) -> Sort | None:
        carrying = [item for item in items if item is not None and item.carries_instances]
        return replace(carrying[0], kind="instances") if carrying else None

    def _comprehension(self, expr: s.Comprehension, scope: Scope, env: SortEnv) -> Sort | None:
        inner: dict[str, Sort | None] = dict(env)
        for clause in expr.clauses:
            for name, path in targets(clause.target):
                inner[name] = self.element(clause.iter, scope, inner, path)
        sort = self.of(expr.value if expr.value is not None else expr.element, scope, inner)
        return replace(sort, kind="instances") if sort is not None and sort.carries_instances else None

    def _name(self, expr: s.Name, scope: Scope, env: SortEnv) -> Sort | None:
        first, *rest = expr.path.split(".")
        span = scope.module.span(expr.pos)
        if self.is_django and self._is_request_path(expr, scope):
            return Sort("instance", "django", None, span, "the user of the request")
        for cut in range(len(rest), 0, -1):  # `self.object`, assigned in this function
            dotted = ".".join((first, *rest[:cut]))
            if scope.function is not None and first not in env and dotted in scope.table.by_name:
                sort = self.variables.of(dotted, scope, expr.pos)
                for attr in rest[cut:]:
                    sort = self.relations.attribute(sort, attr, span) if sort is not None else None
                if sort is not None:
                    return sort
        sort = env[first] if first in env else self.variables.of(first, scope, expr.pos)
        while sort is None and rest and first not in env:  # `models.Order.objects`, with `models` a module
            first = f"{first}.{rest.pop(0)}"
            sort = self.variables.qualified(first, scope)
        for attr in rest:
            if sort is None:
                return None
            sort = self.relations.attribute(sort, attr, span)
        return sort

    def _is_request_path(self, expr: s.Name, scope: Scope) -> bool:
        path = expr.path
        if not any(path == end or path.endswith("." + end) for end in orm.REQUEST_PATHS):
            return False
        first = path.split(".")[0]
        bindings = scope.table.by_name.get(first, [])
        return first == "self" or any(b.kind == "param" for b in bindings)

    def family(self, value: Reference) -> str | None:
        """The ORM family of a model class."""
        if isinstance(value.symbol, ClassSymbol):
            for base in self.evaluator.classes.outside_bases(value.symbol):
                found = orm.family_of(base.replace("()", "")) or orm.family_of(base)
                if found is not None:
                    return found
            return None
        return orm.family_of(value.of)

    def _element(self, sort: Sort | None, expr: s.Subscript, scope: Scope) -> Sort | None:
        if sort is None:
            return None
        if isinstance(expr.index, s.Opaque):  # a slice
            return sort if sort.kind in ("query", "instances") else None
        if sort.kind == "table":
            return replace(sort, kind="instance", origin=scope.module.span(expr.pos))
        return element_of(sort)
