"""Exceptions that tasks raise, and whether they can be built again from what a result backend keeps of them.

The worker keeps the class and ``args`` (``celery/backends/base.py: Backend.prepare_exception``), and turns an exception
that cannot be built from these into a wrapper (``celery/utils/serialization.py: get_pickleable_exception``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import calls_below
from celerylint.model.callees import split
from celerylint.model.entities import Task
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Reference
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Why building fails: ``init`` is the constructor's head, ``call`` the one that sets ``args``."""

    init: Span
    call: Span
    wanted: int
    stored: int

    def __str__(self) -> str:
        return f"it takes {self.wanted} arguments and keeps {self.stored}"


def raised_classes(task: Task, project: Project) -> Iterator[ClassSymbol]:
    """The exception classes of the project that the body of a task raises itself, each once."""
    function = task.function
    if function is None:
        return
    scope = project.evaluator.function_scope(function)
    seen: set[int] = set()
    for event in function.body.raises:
        exc = event.node.exc if isinstance(event.node, s.Raise) and not event.tries else None
        value = (
            project.evaluator.value(exc.func if isinstance(exc, s.Call) else exc, scope) if exc is not None else None
        )
        cls = value.symbol if isinstance(value, Reference) else None
        if isinstance(cls, ClassSymbol) and id(cls.node) not in seen:
            seen.add(id(cls.node))
            yield cls


def rebuilt(cls: ClassSymbol, project: Project) -> Rebuilt | None:
    """Why an exception cannot be built again from its ``args``; None when it can, or when that is not known."""
    classes = project.evaluator.classes
    if project.kinds.classes.of(cls) != "exception" or classes.find(cls, "__reduce__") is not None:
        return None
    init = classes.method(cls, "__init__")
    call = _super_call(init) if init is not None else None
    if init is None or call is None or any(isinstance(a, s.Starred) for a in call.args):
        return None
    if init.owner is None or any(classes.method(base, "__init__") for base in classes.lineage(init.owner)[0][1:]):
        return None  # what sets `args` is another constructor of the project
    params = [p for p in init.node.params[1:] if p.kind in ("positional", "positional-only")]
    required = [p for p in init.node.params[1:] if p.default is None and p.kind not in ("args", "kwargs")]
    most = len(params) if not any(p.kind == "args" for p in init.node.params) else 10**6
    skip = 0 if isinstance(split(call.func)[0], s.Call) else 1  # `Exception.__init__(self, ...)`
    stored = len(call.args) - skip
    if len(required) <= stored <= most and all(p.kind != "keyword-only" for p in required):
        return None
    span = init.module.span
    return Rebuilt(span(init.node.pos), span(call.pos), len(required), stored)


def _super_call(init: FunctionSymbol) -> s.Call | None:
    """The only call of the base's ``__init__``."""
    calls = [c for statement in init.statements for c in calls_below(statement) if split(c.func)[1] == "__init__"]
    return calls[0] if len(calls) == 1 else None
