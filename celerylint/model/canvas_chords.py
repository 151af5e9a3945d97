"""Chords, written as such or not: a group with something after it in a chain is one (``_chain.prepare_steps``), and a
group that replaces a task becomes one (``Task.replace``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.facts.unknown import Unknown
from celerylint.knowledge.transports import NO_CHORDS
from celerylint.model.canvas import Canvas
from celerylint.model.canvas_parts import Part
from celerylint.model.entities import App
from celerylint.model.values import Known, alternatives

if TYPE_CHECKING:
    from celerylint.model.project import Project


@dataclass(frozen=True, slots=True)
class Chord:
    """``header`` are the parts whose results are waited for, ``body`` gets them (None: it is not seen), ``part`` is
    the chord or the group where it is written, ``canvas`` where it becomes a chord, ``lazy`` the part whose members
    come out of a generator."""

    header: tuple[Part, ...]
    body: Part | None
    part: Part
    canvas: Canvas
    lazy: Part | None = None


def chords(canvas: Canvas) -> Iterator[Chord]:
    """The chords that are made by the outermost part of a canvas; those inside its members have canvases of their
    own."""
    part = canvas.part
    if part.kind == "chord":
        inner = part.members[0] if len(part.members) == 1 and part.members[0].kind == "group" else part
        yield Chord(inner.members, part.body, part, canvas, inner if inner.lazy else None)
    elif part.kind == "chain":
        for step, after in zip(part.members, part.members[1:], strict=False):
            if step.kind == "group":
                yield Chord(step.members, after, step, canvas, step if step.lazy else None)
    elif part.kind == "group" and canvas.fate.kind == "replaced":
        yield Chord(part.members, None, part, canvas, part if part.lazy else None)


def apps_of(part: Part, project: Project) -> tuple[App, ...]:
    """The apps whose tasks are in a canvas; the only app of the project when no task of it is known."""
    found = {id(app): app for leaf in part.leaves() if leaf.task is not None for app in leaf.task.apps}
    if not found and len(project.apps) == 1:
        return (project.apps[0],)
    return tuple(found.values())


def is_eager(app: App, project: Project) -> bool:
    """Whether tasks of an app may always run in place, so that no chord is ever sent."""
    values = (v for x in project.setting("task_always_eager", app) for v in alternatives(x.value))
    return any(not isinstance(v, Known) or (bool(v.value) and v.assumed is None) for v in values)


def refuses_chords(app: App, project: Project) -> bool:
    """Whether the result backend of an app surely has no chords, whatever the environment says."""
    store = project.stores.backend(app)
    return not isinstance(store.kind, Unknown) and store.kind in NO_CHORDS and not store.assumed
