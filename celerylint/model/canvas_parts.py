"""The parts that canvases are made of, and what each of them is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from celerylint.facts import syntax as s
from celerylint.model.entities import Call, Task
from celerylint.model.scopes import Scope
from celerylint.sources.spans import Span

Kind = Literal["task", "chain", "group", "chord", "map", "list", "choice", "result", "object", "value", "unknown"]


@dataclass(frozen=True, slots=True)
class Part:
    """What an expression gives where a signature is expected. ``kind``:

    ``task``    the signature of a task; ``call`` is the ``.s()``, ``.si()`` or ``signature()``
    ``chain``   ``members`` are its steps in order; ``a | b`` too
    ``group``   ``members`` run side by side
    ``chord``   ``members`` are its header, ``body`` what comes after (None when it is given later)
    ``map``     ``task.map()``, ``starmap`` and ``chunks``, also as a group: takes nothing from others
    ``list``    a list, tuple or generator whose elements are ``members``
    ``choice``  one of ``members``
    ``result``  no signature any more: a task that was called (``task()``) or sent (``task.delay()``, ``canvas()``)
    ``object``  a task itself, or its method without a call (``task.s``)
    ``value``   a constant
    ``unknown`` anything

    ``node`` is where it is written, ``many`` tells that it stands for any number of such parts (made in a loop) but for
    ``least`` of them or more, ``maybe`` that it may be missing (added under a condition). An ``unknown`` that is both
    ``many`` and ``maybe`` stands for whatever else a list may hold.
    """

    kind: Kind
    node: s.Expr = field(repr=False)
    scope: Scope = field(repr=False)
    members: tuple[Part, ...] = ()
    body: Part | None = None
    call: Call | None = field(default=None, repr=False)
    immutable: bool | None = False
    """Whether what comes before is not passed to it; None when that is not known."""
    many: bool = False
    least: int = 0
    maybe: bool = False
    options: frozenset[str] = frozenset()
    """The execution options that ``.set()`` gives it."""
    lazy: bool = False
    """Whether the members come out of a generator."""
    spelled: str = ""
    """How a chain, group or chord is written ("|" for the operator), the method that gave a result, "" for a call."""
    attached_to: Part | None = field(default=None, repr=False)
    """Set when it is the value of ``owner.link(part)`` or ``owner.link_error(part)``: the owner, which it is not."""

    @property
    def span(self) -> Span:
        return self.scope.module.span(self.node.pos)

    @property
    def task(self) -> Task | None:
        return self.call.target if self.call is not None else None

    @property
    def signs(self) -> bool:
        """Whether it surely is a signature."""
        return self.kind in ("task", "chain", "group", "chord", "map")

    @property
    def label(self) -> str:
        """Its name in messages."""
        if self.call is not None and self.call.label != "?":
            return self.call.label
        return f"the {self.kind}" if self.signs else "?"

    def leaves(self) -> Iterator[Part]:
        """The parts that are no canvas themselves, in order."""
        if self.kind in ("chain", "group", "chord", "list", "choice"):
            for member in self.members:
                yield from member.leaves()
            if self.body is not None:
                yield from self.body.leaves()
        else:
            yield self

    def but(self, **changes: object) -> Part:
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Given:
    """What is put before a part's own arguments: ``what`` is "nothing", "result" (of ``source``), "results" (the list
    of those of ``source``), "id", "error" (request, exception, traceback) or "unknown".

    ``certain`` is False when it is so on some ways through the code only.
    """

    what: Literal["nothing", "result", "results", "unknown"]
    source: Part | None = None
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Fed:
    """A part of a canvas with what it is given there; ``role`` is "step", "member", "header" or "body"."""

    part: Part
    given: Given
    role: str
    canvas: Part
