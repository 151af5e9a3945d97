"""Attributes of models: managers, and relations to other models."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from celerylint.knowledge import orm
from celerylint.knowledge.orm_classes import RELATION_FIELDS
from celerylint.model.sorts.sort import Sort
from celerylint.model.symbols import ClassSymbol
from celerylint.model.values import Instance, Known, Reference
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator
    from celerylint.model.sorts.managers import Managers

_RELATED_NAME = re.compile(
    rb"\b(ForeignKey|OneToOneField|ManyToManyField)\((?:[^()]|\([^()]*\))*?related_name\s*=\s*[\"']([A-Za-z_]\w*)[\"']"
)
_PLAIN_ATTRIBUTES = frozenset({"pk", "id", "uuid", "name", "slug"})


class Relations:
    """Reads attributes of model classes and instances."""

    def __init__(self, evaluator: Evaluator, managers: Managers) -> None:
        self.evaluator = evaluator
        self.managers = managers

    def attribute(self, owner: Sort, attr: str, span: Span) -> Sort | None:
        if owner.kind == "class":
            start = orm.START.get((owner.family, attr))
            if start is None and owner.model is not None and owner.family == "django":
                found = self.evaluator.classes.find(owner.model, attr)
                made_by = found[0].of if found and isinstance(found[0], Instance) else ""
                named = "Manager" in made_by or "as_manager" in made_by or "from_queryset" in made_by
                start = "manager" if named or self._own_manager(owner.model, attr) else None
            return replace(owner, kind=start, origin=span, why=f"from `{owner.model_name}.{attr}`") if start else None
        if owner.kind == "instance":
            return self._field(owner, attr, span)
        return None

    def _own_manager(self, model: ClassSymbol, attr: str) -> bool:
        for cls in self.evaluator.classes.lineage(model)[0]:
            scope = self.evaluator.class_scope(cls)
            bindings = scope.table.by_name.get(attr)
            if bindings:
                return self.managers.is_manager(bindings[-1].value, scope)
        return False

    def _field(self, owner: Sort, attr: str, span: Span) -> Sort | None:
        """A relation of a model: one instance, or a manager."""
        if attr in _PLAIN_ATTRIBUTES or attr.endswith("_id"):
            return None
        if owner.model is None:
            return self._reverse(owner, attr, span)
        found = self.evaluator.classes.find(owner.model, attr)
        if found is None:
            return self._reverse(owner, attr, span)
        field = found[0]
        if not isinstance(field, Instance):
            return None
        many = RELATION_FIELDS.get(field.of.replace("()", ""))
        if many == "one" or (many == "either" and self._is_scalar(owner, attr)):
            kind = "instance"
        elif many == "many" and owner.family == "django":
            kind = "manager"
        else:
            return None
        why = f"the relation `{owner.model.name}.{attr}`"
        return Sort(kind, owner.family, self._related(field, owner), span, why, owner.sure)

    def _reverse(self, owner: Sort, attr: str, span: Span) -> Sort | None:
        """The other end of a relation of Django: ``order.line_set``, ``order.lines`` with ``related_name="lines"``."""
        kind = None
        if owner.family == "django":
            kind = "manager" if attr.endswith("_set") else self._related_names.get(attr)
        why = f"the relation `{owner.model_name}.{attr}`"
        return (
            Sort(kind, owner.family, None, span, why, owner.sure and owner.model is not None)
            if kind is not None
            else None
        )

    @cached_property
    def _related_names(self) -> dict[str, str]:
        """Every ``related_name`` in the project, with what it gives; names that give several things are left out."""
        tree = self.evaluator.modules.tree
        kinds: dict[str, set[str]] = {}
        for path in tree.python_files:
            data = tree.read(path)
            for field, name in _RELATED_NAME.findall(data) if b"related_name" in data else ():
                kind = "instance" if field.startswith(b"OneToOne") else "manager"
                kinds.setdefault(name.decode(), set()).add(kind)
        return {name: found.pop() for name, found in kinds.items() if len(found) == 1}

    def _is_scalar(self, owner: Sort, attr: str) -> bool:
        """A SQLAlchemy relationship beside a ``<attr>_id`` column is to one."""
        return owner.model is not None and self.evaluator.classes.find(owner.model, f"{attr}_id") is not None

    def _related(self, field: Instance, owner: Sort) -> ClassSymbol | None:
        target = field.keyword("to", 0) or field.keyword("argument", 0)
        if isinstance(target, Reference) and isinstance(target.symbol, ClassSymbol):
            return target.symbol
        if isinstance(target, Known) and isinstance(target.value, str) and owner.model is not None:
            if target.value == "self":
                return owner.model
            name = target.value.rpartition(".")[2]
            value = self.evaluator.module_member(owner.model.module, name)
            return value.symbol if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol) else None
        return None
