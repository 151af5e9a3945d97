"""Classes of the project: which kind of value their instances are."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.knowledge import exceptions
from celerylint.knowledge.serializers import CLASS_KINDS
from celerylint.knowledge.value_members import OPAQUE_BASES, PLAIN_OBJECT_BASES, PYDANTIC_BASES
from celerylint.model.symbols import ClassSymbol
from celerylint.model.values import Instance, Reference

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator
    from celerylint.model.sorts import Sorts

_ENUMS = frozenset({"enum", "str enum", "int enum"})
_STR_ENUMS = frozenset({"strenum.StrEnum", "backports.strenum.StrEnum"})


class ClassKinds:
    """Tells the kind of the instances of a class; None when a base that is not here may make them encodable."""

    def __init__(self, evaluator: Evaluator, sorts: Sorts) -> None:
        self.evaluator = evaluator
        self.sorts = sorts
        self._known: dict[int, str | None] = {}

    def of(self, cls: ClassSymbol) -> str | None:
        key = id(cls.node)
        if key not in self._known:
            self._known[key] = None
            self._known[key] = self._of(cls)
        return self._known[key]

    def _of(self, cls: ClassSymbol) -> str | None:
        if self.evaluator.classes.find(cls, "__json__") is not None:
            return None
        if self.sorts.family(Reference(cls.qualified, cls, cls.span)) is not None:
            return "model instance"
        lineage, outside = self.evaluator.classes.lineage(cls)
        bases = {base.removeprefix("builtins.") for base in outside}
        kinds = {CLASS_KINDS[base] for base in bases if base in CLASS_KINDS} - {"exception"}
        kinds |= {"str enum"} if bases & _STR_ENUMS else set()
        if kinds & _ENUMS:
            return self._enum(kinds, bases)
        if kinds & {"namedtuple", "pydantic model"} or bases & PYDANTIC_BASES:
            return "pydantic model" if "namedtuple" not in kinds else "namedtuple"
        if any(base.endswith("namedtuple()") for base in bases):
            return "namedtuple"
        if bases and all(is_exception(base) for base in bases - PLAIN_OBJECT_BASES) and bases - PLAIN_OBJECT_BASES:
            return "exception"
        if bases & {"typing.TypedDict", "typing_extensions.TypedDict"}:
            return "dict"
        if bases & OPAQUE_BASES:
            return "object"
        if bases - PLAIN_OBJECT_BASES:
            return None
        return "dataclass" if any(self._is_dataclass(c) for c in lineage) else "object"

    def _enum(self, kinds: set[str], bases: set[str]) -> str:
        if "str enum" in kinds or "str" in bases:
            return "str enum"
        return "int enum" if "int enum" in kinds or "int" in bases else "enum"

    def _is_dataclass(self, cls: ClassSymbol) -> bool:
        for decorator in cls.node.decorators:
            func = decorator.func if isinstance(decorator, s.Call) else decorator
            value = self.evaluator.value(func, cls.scope)
            if isinstance(value, (Reference, Instance)) and CLASS_KINDS.get(value.of) == "dataclass":
                return True
        return False


def is_exception(base: str) -> bool:
    found = getattr(builtins, base, None)
    if isinstance(found, type):
        return issubclass(found, BaseException)
    return exceptions.bases(base) is not None
