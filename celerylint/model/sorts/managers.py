"""Managers and querysets that the project writes itself: ``Order.objects.late()``.

A model says which it has: ``objects = Orders()``, ``OrderQuerySet.as_manager()``, ``Orders.from_queryset(QuerySet)()``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Reference

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator
    from celerylint.model.scopes import Scope

_KINDS = {"QuerySet": "query", "Manager": "manager", "BaseManager": "manager"}


class Managers:
    """Reads the managers of models."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def kind(self, cls: ClassSymbol) -> str | None:
        """ "manager" or "query" for classes below Django's, None for others."""
        for base in self.evaluator.classes.outside_bases(cls):
            package, _, name = base.replace("()", "").rpartition(".")
            if package.startswith("django.") and name in _KINDS:
                return _KINDS[name]
        return None

    def method(self, model: ClassSymbol, name: str) -> FunctionSymbol | None:
        """The method that the project's own managers of a model, or their querysets, have under a name; None when
        there is none or two managers differ."""
        found: dict[int, FunctionSymbol] = {}
        for cls in self.evaluator.classes.lineage(model)[0]:
            scope = self.evaluator.class_scope(cls)
            for bindings in scope.table.by_name.values():
                for made in (b.value for b in bindings if b.kind == "assign" and isinstance(b.value, s.Call)):
                    for manager in self._classes(made, scope):
                        method = self.evaluator.classes.method(manager, name)
                        if method is not None:
                            found[id(method.node)] = method
        return found.popitem()[1] if len(found) == 1 else None

    def is_manager(self, made: s.Expr | None, scope: Scope) -> bool:
        """Whether the expression behind an attribute of a model makes a manager of the project's own."""
        return isinstance(made, s.Call) and any(True for _ in self._classes(made, scope))

    def _classes(self, made: s.Call, scope: Scope) -> Iterator[ClassSymbol]:
        func = made.func
        if isinstance(func, s.Call) and isinstance(func.func, s.Name) and func.func.path.endswith(".from_queryset"):
            yield from self._known(func.func.path.removesuffix(".from_queryset"), scope)
            for arg in func.args:
                if isinstance(arg, s.Name):
                    yield from self._known(arg.path, scope)
        elif isinstance(func, s.Name):
            yield from self._known(func.path.removesuffix(".as_manager"), scope)

    def _known(self, path: str, scope: Scope) -> Iterator[ClassSymbol]:
        value = self.evaluator.name(path, scope, None)
        if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol) and self.kind(value.symbol):
            yield value.symbol
