"""What is known of an ORM object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from celerylint.knowledge import orm
from celerylint.model.symbols import ClassSymbol
from celerylint.sources.spans import Span

ELEMENT = {"query": "instance", "instances": "instance", "manager": "instance", "scalars": "instance", "rows": "plain"}
"""Kind of something that can be iterated over: the kind of its elements."""


@dataclass(frozen=True, slots=True)
class Sort:
    """What an expression is: ``kind`` as in ``knowledge.orm`` (also "class" for a model class), the ORM family, the
    model where it is a class of the project, and the place and words that told.

    ``sure`` is False when only an annotation or the names of parameters say so.
    """

    kind: str
    family: str
    model: ClassSymbol | None
    origin: Span
    why: str
    sure: bool = True

    @property
    def carries_instances(self) -> bool:
        return self.kind in orm.CARRIES_INSTANCES

    @property
    def model_name(self) -> str:
        return self.model.name if self.model is not None else "model"


def element_of(sort: Sort | None) -> Sort | None:
    """What iterating over something gives."""
    kind = ELEMENT.get(sort.kind) if sort is not None else None
    return replace(sort, kind=kind) if sort is not None and kind is not None else None


def agreed(sorts: list[Sort | None]) -> Sort | None:
    """One sort for several possibilities: only when none of them contradicts."""
    known = [sort for sort in sorts if sort is not None]
    if not known or len(known) != len(sorts):
        return None
    if any(sort.kind != known[0].kind for sort in known):
        return None
    return next((sort for sort in known if not sort.sure), known[0])


SortEnv: TypeAlias = Mapping[str, Sort | None]
"""The variables that comprehensions and lambdas around an expression bind; None for what is no ORM object."""
