"""Models in annotations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.model.scopes import Scope
from celerylint.model.sorts.sort import Sort
from celerylint.model.symbols import ClassSymbol
from celerylint.model.values import Reference

if TYPE_CHECKING:
    from celerylint.model.sorts.infer import Sorts


class Annotations:
    """Reads annotations. What they say is never sure: callers may pass something else."""

    def __init__(self, sorts: Sorts) -> None:
        self.sorts = sorts

    def of(self, annotation: s.Expr, scope: Scope) -> Sort | None:
        """The sort that an annotation promises: a model, ``Optional`` or ``X | None`` of one, a list of them."""
        span = scope.module.span(annotation.pos)
        if isinstance(annotation, s.Literal) and isinstance(annotation.value, str):
            name = annotation.value.strip().removesuffix("| None").strip()
            if not name.replace(".", "").isidentifier():
                return None
            return self.of(s.Name(annotation.pos, name), scope)
        if isinstance(annotation, s.Binary) and annotation.op == "|":
            parts = [
                p for p in (annotation.left, annotation.right) if not (isinstance(p, s.Literal) and p.value is None)
            ]
            sorts = [self.of(p, scope) for p in parts]
            return sorts[0] if len(sorts) == 1 else None
        if isinstance(annotation, s.Subscript) and isinstance(annotation.value, s.Name):
            outer = annotation.value.path.rpartition(".")[2]
            inner = self.of(annotation.index, scope)
            if inner is None:
                return None
            if outer in ("Optional", "Annotated"):
                return inner
            if outer in ("list", "List", "Sequence", "Iterable", "set", "Set", "tuple"):
                return replace(inner, kind="instances")
            return replace(inner, kind="query") if outer == "QuerySet" else None
        if isinstance(annotation, s.Name):
            value = self.sorts.evaluator.name(annotation.path, scope, None)
            family = self.sorts.family(value) if isinstance(value, Reference) else None
            if family is not None and isinstance(value, Reference):
                model = value.symbol if isinstance(value.symbol, ClassSymbol) else None
                return Sort("instance", family, model, span, f"annotated as `{annotation.path}`", False)
        return None
