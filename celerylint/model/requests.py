"""What runs inside a web request, and whether Django wraps every request in a transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import below, statements
from celerylint.knowledge.transactions import VIEW_DECORATORS, WEB_BASES
from celerylint.model.apps import last_name
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Known, Reference
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.django import DjangoSettings
    from celerylint.model.evaluate import Evaluator
    from celerylint.model.scopes import Scope

_TRUE = frozenset({"true", "1", "yes", "on", "t", "y"})
_NOT_PRODUCTION = re.compile(r"(?:^|[/_.])(?:tests?|testing|ci|dev|develop|development|local)(?:[/_.]|$)")
_WEB_FILE = re.compile(r"(?:^|/)(?:views?|viewsets?|serializers?|forms?|admin|api|mutations|schema)(?:/|\.py$|_)")


class Requests:
    """Answers what belongs to a request."""

    def __init__(self, evaluator: Evaluator, django: DjangoSettings) -> None:
        self.evaluator = evaluator
        self.django = django

    @cached_property
    def atomic_requests(self) -> Span | None:
        """Where ``ATOMIC_REQUESTS`` is switched on for a database of production settings; None when it is not.

        As a setting of its own Django does not read it: it is an entry of ``DATABASES``
        (``django/core/handlers/base.py: make_view_atomic``).
        """
        for module in self.django.modules:
            if _NOT_PRODUCTION.search(module.path):
                continue
            for value, pos in _entries(module.facts.body):
                if self._is_on(value, module.scope):
                    return module.span(pos)
        return None

    def _is_on(self, value: s.Expr, scope: Scope) -> bool:
        """Whether a value is true, or is by default (``env.bool("ATOMIC_REQUESTS", True)``)."""
        known = self.evaluator.value(value, scope)
        if isinstance(known, Known):
            return _truth(known.value)
        literals = [n.value for n in below(value) if isinstance(n, s.Literal)]
        defaults = [x for x in literals if isinstance(x, bool) or (isinstance(x, str) and x.lower() in _TRUE)]
        return bool(defaults) and _truth(defaults[-1])

    def handles(self, function: FunctionSymbol) -> bool:
        """Whether a function is, or is a method of, a view, serializer, form or admin, or is an admin action."""
        if any(_decorator(d).startswith("non_atomic_requests") for d in function.node.decorators):
            return False
        if function.owner is not None:
            if self._is_non_atomic(function.owner):
                return False
            bases = self.evaluator.classes.outside_bases(function.owner)
            return any(base.startswith(WEB_BASES) for base in bases)
        names = [p.name for p in function.node.params]
        if names[:1] == ["request"] or names[:3] == ["modeladmin", "request", "queryset"]:
            return True
        return any(_decorator(d) in VIEW_DECORATORS for d in function.node.decorators)

    def _is_non_atomic(self, view: ClassSymbol) -> bool:
        """``@method_decorator(non_atomic_requests, name="dispatch")``, or the same above ``dispatch``."""
        for cls in self.evaluator.classes.lineage(view)[0]:
            dispatch = self.evaluator.classes.own(cls, "dispatch")
            method = dispatch.symbol if isinstance(dispatch, Reference) else None
            own = method.node.decorators if isinstance(method, FunctionSymbol) else ()
            names = (n for d in (*cls.node.decorators, *own) for n in below(d) if isinstance(n, s.Name))
            if any(n.path.endswith("non_atomic_requests") for n in names):
                return True
        return False

    def is_web_file(self, path: str) -> bool:
        """Whether a file, by its name, holds views, serializers, forms or admins."""
        return _WEB_FILE.search(path) is not None


def _truth(value: object) -> bool:
    return value.lower() in _TRUE if isinstance(value, str) else bool(value)


def _decorator(expr: s.Expr) -> str:
    return last_name(expr.func if isinstance(expr, s.Call) else expr)


def _entries(body: tuple[s.Stmt, ...]) -> Iterator[tuple[s.Expr, tuple[int, int, int, int]]]:
    """The values given to the key ``ATOMIC_REQUESTS`` in a settings module, by display, item assignment or keyword."""
    for statement in statements(body):
        if isinstance(statement, s.Assign) and statement.value is not None:
            for target in statement.targets:
                if isinstance(target, s.Subscript) and _is_key(target.index):
                    yield statement.value, statement.pos
        for node in below(statement):
            if isinstance(node, s.Mapping):
                for key, value in node.items:
                    if key is not None and _is_key(key):
                        yield value, key.pos
            elif isinstance(node, s.Keyword) and node.name == "ATOMIC_REQUESTS":
                yield node.value, node.pos


def _is_key(expr: s.Expr) -> bool:
    return isinstance(expr, s.Literal) and expr.value == "ATOMIC_REQUESTS"
