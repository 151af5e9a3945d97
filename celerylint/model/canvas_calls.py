"""What stands in a canvas and is no signature: tasks that were called or sent, and tasks without ``.s()``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from celerylint.facts import syntax as s
from celerylint.model.apps import last_name
from celerylint.model.canvas_binding import misfit
from celerylint.model.canvas_parts import Fed, Part
from celerylint.model.entities import Call, Task
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

_PLACES = {"chain": "the chain", "group": "the group", "chord": "the chord"}


@dataclass(frozen=True, slots=True)
class Stranger:
    """A part of a canvas, or a callback, that is no signature. ``place`` names the canvas in messages, ``where`` is
    it; ``leading`` is 1 where a signature in its place would get a result first."""

    part: Part
    place: str
    where: Span
    role: str
    leading: int = 0
    doubtful: bool = False


def strangers(project: Project, kind: Literal["result", "object"]) -> Iterator[Stranger]:
    """Every part of that kind that stands where a signature belongs, each once."""
    seen: set[Span] = set()
    for found in (*_members(project, kind), *_callbacks(project, kind)):
        if found.part.span not in seen:
            seen.add(found.part.span)
            yield found


def _members(project: Project, kind: str) -> Iterator[Stranger]:
    for canvas in project.canvases.found:
        for fed in canvas.given if not canvas.in_tests else ():
            if fed.part.kind == kind and fed.part is not canvas.part:
                yield _member(fed)


def _member(fed: Fed) -> Stranger:
    leading = 1 if fed.given.what in ("result", "results") else 0
    place = _PLACES.get(fed.canvas.kind, "the canvas")
    return Stranger(fed.part, place, fed.canvas.span, fed.role, leading, not fed.given.certain)


def _callbacks(project: Project, kind: str) -> Iterator[Stranger]:
    for callback in project.canvases.callbacks:
        if callback.part.kind == kind and not callback.in_tests:
            where = callback.part.scope.module.span(callback.node.pos)
            yield Stranger(callback.part, f"`{callback.spelled}`", where, callback.how, int(callback.how == "link"))


def gives_canvas(task: Task | None, project: Project) -> bool | None:
    """Whether calling a task in place may give a canvas after all; None when its return values cannot be read."""
    if task is None or task.function is None:
        return None
    returned = project.canvases.returned_by(task.function)
    if returned is None:
        return False
    if any(part.signs or part.kind == "list" for part in (returned, *returned.members)):
        return True
    return (
        None if any(leaf.kind == "unknown" and isinstance(leaf.node, s.Name) for leaf in returned.leaves()) else False
    )


def signature_code(stranger: Stranger, project: Project) -> tuple[Span, str] | None:
    """The signature that was meant, as the text for a span; None when it cannot be told."""
    part = stranger.part
    if part.kind == "object":
        text = project.text(part.span)
        return part.span, f"{text}()" if part.spelled else f"{text}.s()"
    call = part.call
    if call is None or call.node is None or not isinstance(call.node.func, s.Name) or part.node is not call.node:
        return None
    if call.how not in ("direct", "delay"):
        return None
    span = call.module.span(call.node.func.pos)
    task = project.text(span).removesuffix(".delay")
    mutable = misfit(part.but(kind="task", immutable=False), stranger.leading, project)
    return span, f"{task}.si" if stranger.leading and mutable is not None else f"{task}.s"


def scheduled(call: Call, project: Project) -> Span | None:
    """The second argument of ``add_periodic_task`` that a call is, with ``.s`` or ``.s()`` behind it or not."""
    if call.node is None or call.scope is None:
        return None
    around = project.uses.around(call.node, call.scope)
    outer: s.Node = call.node
    for node in around:
        if isinstance(node, s.Attribute) or (isinstance(node, s.Call) and node.func is outer):
            outer = node
            continue
        if isinstance(node, s.Keyword) and node.name == "sig":
            continue
        if isinstance(node, s.Call) and last_name(node.func) == "add_periodic_task":
            if project.transactions.callees.function(node, call.scope) is not None:
                return None  # a method of the project's own
            second = len(node.args) > 1 and node.args[1] is outer
            named = any(k.name == "sig" and k.value is outer for k in node.keywords)
            return call.module.span(outer.pos) if second or named else None
        return None
    return None
