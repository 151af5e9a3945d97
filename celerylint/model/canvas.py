"""Every canvas of the project: chains, groups and chords with what each part is given, what becomes of them, and the
callbacks attached to them and to single tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from celerylint.facts import syntax as s
from celerylint.knowledge import canvas as known
from celerylint.model.apps import last_name
from celerylint.model.callees import split
from celerylint.model.calls import Calls
from celerylint.model.canvas_fates import Fate, Fates
from celerylint.model.canvas_flow import NOTHING, SOMETHING, fed
from celerylint.model.canvas_parts import Fed, Part
from celerylint.model.canvas_reading import Reader
from celerylint.model.entities import Call
from celerylint.model.scopes import Scope
from celerylint.model.symbols import FunctionSymbol
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

_OPTIONS = ("link", "link_error")


@dataclass(frozen=True, slots=True)
class Canvas:
    """A chain, group or chord where it is put together; ``fate`` is what becomes of it."""

    part: Part
    fate: Fate
    context: tuple[str, ...] = ()
    given: tuple[Fed, ...] = field(default=(), repr=False)
    """Every part that is no canvas, with what it is given; several times where that can differ."""

    @property
    def span(self) -> Span:
        return self.part.span

    @property
    def in_tests(self) -> bool:
        return self.part.scope.module.is_test


@dataclass(frozen=True, slots=True)
class Callback:
    """A signature attached to another: ``how`` is "link" or "link_error", ``owner`` what it is attached to.

    ``spelled`` is what is written ("on_error", "link=" ...), ``node`` the call in which it is.
    """

    how: Literal["link", "link_error"]
    part: Part
    owner: Part
    spelled: str
    node: s.Call = field(repr=False)

    @property
    def in_tests(self) -> bool:
        return self.part.scope.module.is_test

    def but(self, part: Part) -> Callback:
        """This callback with one of several signatures."""
        return replace(self, part=part)


class Canvases:
    """Reads them when first asked for."""

    def __init__(self, project: Project, calls: Calls) -> None:
        self.reader = Reader(project.evaluator, calls)
        self.fates = Fates(self.reader, project.uses)
        self.calls = calls

    def part(self, expr: s.Expr, scope: Scope) -> Part:
        """What an expression gives where a signature is expected."""
        return self.reader.part(expr, scope)

    def returned_by(self, function: FunctionSymbol) -> Part | None:
        """The canvas that a function returns; None when it returns nothing."""
        return self.reader.returned_by(function, self.reader.evaluator.function_scope(function))

    @cached_property
    def found(self) -> list[Canvas]:
        """Every canvas by path and line, those inside others too."""
        return sorted(self._canvases(), key=lambda c: c.span)

    @cached_property
    def callbacks(self) -> list[Callback]:
        """Every callback and errback by path and line."""
        return sorted(self._callbacks(), key=lambda c: c.part.span)

    def _canvases(self) -> Iterator[Canvas]:
        for node, scope, context in self.calls.composed:
            if isinstance(node, s.Call) and self.reader.canvas_class(node.func, scope) not in (
                "chain",
                "group",
                "chord",
            ):
                continue
            part = self.reader.part(node, scope)
            if part.kind not in ("chain", "group", "chord"):
                continue
            fate = self.fates.of(node, scope)
            if fate.kind == "member" and isinstance(node, s.Binary) and isinstance(fate.node, s.Binary):
                continue  # the beginning of a longer `a | b | c`
            if part.kind == "chord" and part.body is None and fate.kind == "sent" and fate.body is not None:
                part = part.but(body=self.reader.part(fate.body, scope))
            begins = NOTHING if fate.kind == "replaced" or (fate.kind == "sent" and fate.bare) else SOMETHING
            yield Canvas(part, fate, context, tuple(fed(part, (begins,))))

    def _callbacks(self) -> Iterator[Callback]:
        for node, scope, _ in self.calls.composed:
            if not isinstance(node, s.Call):
                continue
            owner, method = split(node.func)
            if owner is not None and method in ("link", "link_error", "on_error") and len(node.args) == 1:
                on = self.reader.part(owner, scope)
                how: Literal["link", "link_error"] = "link" if method == "link" else "link_error"
                yield from self._attached(how, node.args[0], on, method, node, scope)
            options = [k for k in node.keywords if k.name in _OPTIONS]
            carrier = self._carrier(node, scope) if options else None
            for option in options:
                if carrier is not None:
                    how = "link" if option.name == "link" else "link_error"
                    yield from self._attached(how, option.value, carrier, f"{option.name}=", node, scope)

    def _attached(
        self, how: Literal["link", "link_error"], expr: s.Expr, owner: Part, spelled: str, node: s.Call, scope: Scope
    ) -> Iterator[Callback]:
        part = self.reader.part(expr, scope)
        for each in part.members if part.kind in ("list", "choice") else (part,):
            if owner.signs or each.signs or spelled.endswith("="):
                yield Callback(how, each, owner, spelled, node)

    def _carrier(self, node: s.Call, scope: Scope) -> Part | None:
        """What a call with ``link=`` sends or describes; None when it has nothing to do with Celery."""
        call: Call | None = self.calls.at(node, scope)
        owner, method = split(node.func)
        if method in known.SENDING or method == "set":
            on = self.reader.part(owner, scope) if owner is not None else None
            if on is not None and on.signs:
                return on
            return Part("task", node, scope, call=call) if call is not None and call.target is not None else None
        if call is not None and call.how in ("signature", "subtask", "retry", "send_task"):
            return Part("task", node, scope, call=call)
        made = self.reader.canvas_class(node.func, scope)
        if made is not None:
            return self.reader.part(node, scope)
        callee = self.reader.part(node.func, scope) if last_name(node.func) or isinstance(node.func, s.Call) else None
        return callee if callee is not None and callee.kind in ("chain", "group", "chord") else None
