"""Attributes: of dates, paths, enums, requests, of the project's classes, and the columns of models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.knowledge.orm_classes import FIELD_VALUES
from celerylint.knowledge.value_members import ATTRIBUTES, COLUMN_TYPES
from celerylint.model.kinds.kind import Env, Kind, agreed
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Instance, Known, Reference
from celerylint.sources.spans import Pos, Span

if TYPE_CHECKING:
    from celerylint.model.kinds.infer import Kinds

_COLUMNS = ("Column", "mapped_column")
_KEYS = ("pk", "id")


class Members:
    """Reads attributes."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds

    def attribute(self, owner: Kind | None, name: str, span: Span) -> Kind | None:
        if owner is None:
            return None
        found = ATTRIBUTES.get((owner.name, name))
        if found is not None:
            what = f"request.{name}" if found == "QueryDict" else ""
            return Kind(found, span, f"from `.{name}`", what=what, sure=owner.sure)
        if owner.cls is not None and owner.name in ("dataclass", "pydantic model", "namedtuple", "object"):
            return self._declared(owner.cls, name, span)
        return None

    def _declared(self, cls: ClassSymbol, name: str, span: Span) -> Kind | None:
        """An attribute by its annotation in the class, or by what a property returns."""
        evaluator = self.kinds.evaluator
        for current in evaluator.classes.lineage(cls)[0]:
            scope = evaluator.class_scope(current)
            for binding in scope.table.by_name.get(name, ()):
                node = binding.node
                if isinstance(node, s.Assign) and node.annotation is not None:
                    kind = self.kinds.annotations.of(node.annotation, current.scope)
                    return kind.at(span, f"`{current.name}.{name}`") if kind is not None else None
                if isinstance(node, s.Function) and _is_property(node):
                    return self.kinds.calls.returned(evaluator.function_symbol(node, scope), span)
        return self._assigned(cls, name, span)

    def _assigned(self, cls: ClassSymbol, name: str, span: Span) -> Kind | None:
        """``self.tags``, where every method that assigns it gives it the same kind of value."""
        evaluator = self.kinds.evaluator
        found: list[Kind | None] = []
        for current in evaluator.classes.lineage(cls)[0]:
            for method in evaluator.classes.methods(current):
                scope = evaluator.function_scope(method)
                for binding in scope.table.by_name.get(f"self.{name}", ()):
                    if binding.kind != "mutate":
                        plain = binding.kind == "assign" and binding.value is not None
                        found.append(self.kinds.of(binding.value, scope) if plain and binding.value else None)
        kind = agreed(found) if found else None
        return kind.doubtful().at(span, f"assigned in `{cls.name}`") if kind is not None else None

    def field(self, expr: s.Name, scope: Scope, env: Env, span: Span) -> Kind | None:
        """``order.created_at``: the column of a model instance."""
        owner, _, name = expr.path.rpartition(".")
        if not owner:
            return None
        line, column, end_line, end_column = expr.pos
        pos: Pos = (line, column, end_line, end_column - len(name) - 1) if line == end_line else expr.pos
        sort = self.kinds.sorts.of(s.Name(pos, owner), scope, env.sorts)
        if sort is None or sort.kind != "instance" or sort.model is None:
            return None
        return self.column(sort.model, name, span, sort.sure)

    def column(self, model: ClassSymbol, name: str, span: Span, sure: bool = True) -> Kind | None:
        """The kind of value that a column of a model holds."""
        found = self.kinds.evaluator.classes.find(model, name)
        why = f"the field `{model.name}.{name}`"
        if found is None:
            return self._primary_key(model, name, span, sure) if name in _KEYS else None
        value = found[0]
        if isinstance(value, Reference) and isinstance(value.symbol, FunctionSymbol):
            if _is_property(value.symbol.node):
                return self.kinds.calls.returned(value.symbol, span)
            return None
        if not isinstance(value, Instance):
            return None
        of = value.of.replace("()", "")
        kind = FIELD_VALUES.get(of) or self._column_type(value, of)
        if kind is None and of.rpartition(".")[2] in _COLUMNS:
            annotated = self._declared(model, name, span)
            return annotated.at(span, why) if annotated is not None else None
        if kind is None or kind == "json":
            return None
        if kind == "file":  # not the file itself: pickle takes it
            return Kind("object", span, why, sure=sure, what="FieldFile")
        return Kind(kind, span, why, sure=sure)

    def _primary_key(self, model: ClassSymbol, asked: str, span: Span, sure: bool) -> Kind | None:
        """``pk``, and an ``id`` that Django adds: the field with ``primary_key=True``, else a number."""
        evaluator = self.kinds.evaluator
        if self.kinds.sorts.family(Reference(model.qualified, model, span)) != "django":
            return None
        for current in evaluator.classes.lineage(model)[0]:
            for name in evaluator.class_scope(current).table.by_name:
                value = evaluator.classes.own(current, name)
                given = value.keyword("primary_key") if isinstance(value, Instance) else None
                if isinstance(given, Known) and given.value is True:
                    return self.column(model, name, span, sure) if asked == "pk" else None
        opaque = [b for b in evaluator.classes.outside_bases(model) if b != "django.db.models.Model"]
        return None if opaque else Kind("int", span, f"the key of `{model.name}`", sure=sure)

    def _column_type(self, value: Instance, of: str) -> str | None:
        if of.rpartition(".")[2] not in _COLUMNS:
            return None
        for argument in value.args:
            name = argument.of if isinstance(argument, (Instance, Reference)) else ""
            last = name.replace("()", "").rpartition(".")[2]
            if last == "UUID" and isinstance(argument, Instance):
                as_uuid = argument.keyword("as_uuid", 0)
                if isinstance(as_uuid, Known) and as_uuid.value is False:
                    return "str"
            if last == "Enum":
                return None
            if last in COLUMN_TYPES:
                return COLUMN_TYPES[last]
        return None


def _is_property(function: s.Function) -> bool:
    return any(
        isinstance(d, s.Name) and d.path.rpartition(".")[2] in ("property", "cached_property", "hybrid_property")
        for d in function.decorators
    )
