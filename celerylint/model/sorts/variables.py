"""Variables: which definitions reach a place, and what ORM object they give."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.knowledge import orm
from celerylint.model.scopes import Binding, Scope, branch_at, reaching
from celerylint.model.sorts.sort import Sort, agreed
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Instance, Reference, Value
from celerylint.sources.spans import Pos, Span

if TYPE_CHECKING:
    from celerylint.model.sorts.infer import Sorts


class Variables:
    """Answers for names."""

    def __init__(self, sorts: Sorts) -> None:
        self.sorts = sorts

    def of(self, name: str, scope: Scope, pos: Pos | None) -> Sort | None:
        current: Scope | None = scope
        at = pos
        while current is not None:
            in_class = current.cls is not None and current.function is None
            bindings = current.table.by_name.get(name, ()) if not in_class or current is scope else ()
            if bindings and current.function is not None:
                return self._from_bindings(list(bindings), current, at)
            if bindings:
                return self._global(name, current)
            at = None if current.function is not None else at
            current = current.parent
        return self._global(name, scope.module.scope)

    def _global(self, name: str, scope: Scope) -> Sort | None:
        value = self.sorts.evaluator.lookup(name, scope, None, Span(scope.module.path, 1, 1, 1, 1))
        return self.of_value(value)

    def qualified(self, path: str, scope: Scope) -> Sort | None:
        """A model class by its dotted name."""
        return self.of_value(self.sorts.evaluator.name(path, scope, None))

    def of_value(self, value: Value) -> Sort | None:
        """Model classes, and instances of them at module level."""
        if isinstance(value, Reference):
            family = self.sorts.family(value)
            if family is not None:
                model = value.symbol if isinstance(value.symbol, ClassSymbol) else None
                return Sort("class", family, model, value.span, "a model")
            kind = orm.FUNCTIONS.get(value.of)
            if kind is not None and value.of.rpartition(".")[2] == "current_user":
                return Sort(kind, "sqlalchemy", None, value.span, "the current user")
        if isinstance(value, Instance) and value.of in (
            "django.contrib.auth.get_user_model",
            "django.apps.apps.get_model",
        ):
            return Sort("class", "django", None, value.span, "a model")
        return None

    def _from_bindings(self, bindings: list[Binding], scope: Scope, pos: Pos | None) -> Sort | None:
        function = scope.function
        assert function is not None
        branch = branch_at(function.statements, pos) if pos is not None else ()
        found = [b for b in reaching(bindings, pos, branch) if not _is_none(b)]
        sorts = [self._binding(b, scope) for b in found]
        return agreed(sorts) if len(sorts) > 1 else sorts[0] if sorts else None

    def _binding(self, binding: Binding, scope: Scope) -> Sort | None:
        span = scope.module.span(binding.pos)
        node = binding.node
        if isinstance(node, s.Assign) and node.annotation is not None:
            annotated = self.sorts.annotated(node.annotation, scope)
            if annotated is not None:
                return replace(annotated, origin=span)
        if binding.kind == "assign" and binding.value is not None:
            sort = self.sorts.of(binding.value, scope)
            return replace(sort, origin=span) if sort is not None else None
        if binding.kind == "unpack" and binding.value is not None:
            sort = self.sorts.of(binding.value, scope)
            if sort is not None and sort.kind == "pair" and binding.detail == (0,):
                return replace(sort, kind="instance", origin=span)
            if isinstance(binding.value, s.Display) and isinstance(binding.detail, tuple) and len(binding.detail) == 1:
                index = binding.detail[0]
                return self.sorts.of(binding.value.items[index], scope) if index < len(binding.value.items) else None
            return None
        if binding.kind == "loop" and binding.value is not None and isinstance(binding.detail, tuple):
            sort = self.sorts.element(binding.value, scope, None, binding.detail)
            return replace(sort, origin=span) if sort is not None else None
        if binding.kind == "param" and isinstance(node, s.Param):
            return self._param(node, scope, span)
        if binding.kind in ("import", "class") and scope.function is not None:
            return self.of_value(self.sorts.evaluator.bound(binding, scope))
        return None

    def _param(self, param: s.Param, scope: Scope, span: Span) -> Sort | None:
        function = scope.function
        assert function is not None
        if param.annotation is not None:
            sort = self.sorts.annotated(param.annotation, scope.parent or scope)
            return replace(sort, origin=span) if sort is not None else None
        first = function.node.params[0].name if function.node.params else None
        if param.name == first and function.owner is not None:
            family = self.sorts.family(Reference(function.owner.qualified, function.owner, span))
            if family is not None and param.name == "cls":
                return Sort("class", family, function.owner, span, "a model")
            if family is not None and param.name == "self" and not _is_static(function):
                return Sort("instance", family, function.owner, span, f"`self` of the model `{function.owner.name}`")
            kind = self.sorts.managers.kind(function.owner) if param.name == "self" else None
            return Sort(kind, "django", None, span, f"`self` of `{function.owner.name}`") if kind is not None else None
        if param.name == "instance" and self.sorts.signals.receives(function):
            sender = self.sorts.signals.sender(function)
            return Sort("instance", "django", sender, span, "the instance that the signal is about")
        return None


def _is_static(function: FunctionSymbol) -> bool:
    return any(isinstance(d, s.Name) and d.path in ("staticmethod", "classmethod") for d in function.node.decorators)


def _is_none(binding: Binding) -> bool:
    return binding.kind == "assign" and isinstance(binding.value, s.Literal) and binding.value.value is None
