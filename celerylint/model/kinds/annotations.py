"""What annotations promise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.knowledge.value_members import ANNOTATIONS
from celerylint.model.kinds.kind import ANY, Kind, agreed
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol
from celerylint.model.values import Reference

if TYPE_CHECKING:
    from celerylint.model.kinds.infer import Kinds

_SAME = frozenset({"Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "Mapped"})
_TEXT = re.compile(r"(?:Optional\[)?([A-Za-z_][\w.]*)\]?(?:\s*\|\s*None)?$")


class Annotations:
    """Reads annotations. What they say is never sure: callers may pass something else."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds

    def of(self, annotation: s.Expr, scope: Scope) -> Kind | None:
        """The kind of values that an annotation allows; None for unions and for types that are not known."""
        span = scope.module.span(annotation.pos)
        sort = self.kinds.sorts.annotated(annotation, scope)
        if sort is not None:
            found = self.kinds.of_sort(sort)
            return found.doubtful() if found is not None else None
        if isinstance(annotation, s.Literal):
            if annotation.value is None:
                return Kind("None", span, "None", sure=False)
            simple = _TEXT.match(annotation.value.strip()) if isinstance(annotation.value, str) else None
            return self.of(s.Name(annotation.pos, simple[1]), scope) if simple is not None else None
        if isinstance(annotation, s.Binary) and annotation.op == "|":
            return agreed([self.of(annotation.left, scope), self.of(annotation.right, scope)])
        if isinstance(annotation, s.Subscript):
            return self._generic(annotation, scope)
        if isinstance(annotation, s.Name):
            return self._named(annotation, scope)
        return None

    def _named(self, annotation: s.Name, scope: Scope) -> Kind | None:
        span = scope.module.span(annotation.pos)
        value = self.kinds.evaluator.name(annotation.path, scope, None)
        if not isinstance(value, Reference):
            return None
        why = f"annotated as `{annotation.path}`"
        if isinstance(value.symbol, ClassSymbol):
            name = self.kinds.classes.of(value.symbol)
            return Kind(name, span, why, value.symbol, value.symbol.name, sure=False) if name is not None else None
        name = ANNOTATIONS.get(value.of.removeprefix("builtins."))
        what = annotation.path.rpartition(".")[2] if name == "object" else ""
        return Kind(name, span, why, what=what, sure=False) if name is not None else None

    def _generic(self, annotation: s.Subscript, scope: Scope) -> Kind | None:
        last = annotation.value.path.rpartition(".")[2] if isinstance(annotation.value, s.Name) else ""
        index = annotation.index
        arguments = index.items if isinstance(index, s.Display) else (index,)
        if last in _SAME:
            return self.of(arguments[0], scope)
        if last == "Union":
            return agreed([self.of(argument, scope) for argument in arguments])
        outer = self.of(annotation.value, scope)
        if outer is None:
            return None
        if outer.name == "dict" and len(arguments) == 2:
            key = self.kinds.keyed(self.of(arguments[0], scope))
            outer = Kind(key or "dict", outer.origin, outer.why, sure=False)
            return outer.holding([(ANY, self.of(arguments[1], scope))])
        if outer.name in ("list", "set", "frozenset"):
            return outer.holding([(ANY, self.of(arguments[0], scope))])
        if outer.name == "tuple" and not any(isinstance(a, s.Literal) and a.value is ... for a in arguments):
            return outer.holding((f"[{i}]", self.of(argument, scope)) for i, argument in enumerate(arguments))
        return outer
