"""What kind of plain value reading a column of a model instance gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.knowledge.orm_classes import FIELD_VALUES
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol
from celerylint.model.values import Instance, Known
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

_KEYS = ("pk", "id")


def column(expr: s.Expr, scope: Scope, project: Project) -> tuple[str, Span] | None:
    """For ``order.number`` of a Django model of the project: the kind of its value ("int", "str", "UUID" ...) and the
    field; None for anything else."""
    if not isinstance(expr, s.Name) or "." not in expr.path:
        return None
    owner, _, attr = expr.path.rpartition(".")
    line, number, end_line, end = expr.pos
    sort = project.sorts.of(s.Name((line, number, end_line, end - len(attr) - 1), owner), scope)
    if sort is None or sort.kind != "instance" or sort.family != "django" or sort.model is None:
        return None
    if attr in _KEYS:
        return _primary_key(sort.model, attr, project)
    found = project.evaluator.classes.find(sort.model, attr)
    return _kind(found[0], found[0].span) if found is not None and isinstance(found[0], Instance) else None


def _primary_key(model: ClassSymbol, attr: str, project: Project) -> tuple[str, Span] | None:
    """A declared key; without one Django adds an integer, where all bases are known."""
    order, outside = project.evaluator.classes.lineage(model)
    for cls in order:
        for name in project.evaluator.class_scope(cls).table.by_name:
            value = project.evaluator.classes.own(cls, name)
            key = value.keyword("primary_key") if isinstance(value, Instance) else None
            if isinstance(key, Known) and key.value is True and isinstance(value, Instance):
                return _kind(value, value.span) if attr in ("pk", name) else None
    plain = set(outside) <= {"django.db.models.Model", "django.db.models.base.Model", "object"}
    return ("int", model.span) if plain else None


def _kind(field: Instance, span: Span) -> tuple[str, Span] | None:
    kind = FIELD_VALUES.get(field.of)
    return (kind, span) if kind is not None else None
