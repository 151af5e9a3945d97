"""Bound tasks whose function has no parameter for the task: ``bind=True`` gives it the first argument all the same.

Source: celery/app/base.py: Celery._task_from_fun (``run = fun if bind else staticmethod(fun)``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.facts.walk import below
from celerylint.knowledge import surface
from celerylint.model.binding import Mismatch, mismatch
from celerylint.model.tasks import signature_of

if TYPE_CHECKING:
    from celerylint.model.entities import Call, Task
    from celerylint.model.project import Project

_FOR_THE_TASK = re.compile(
    r"^_*(self|cls|klass|me|this|bound|base|t|obj|ctx|context|app|celery|job|instance|request|current|_|)_*$"
    r"|self|(^|_)task(_?(self|obj|object|instance|ref|ctx|context))?$|^celery_",
    re.IGNORECASE,
)
"""Names of a first parameter that somebody may well have meant for the task."""

_DATA = re.compile(
    r"^(id|pk|uid|uuid|data|payload|body|params|items|email|emails|url|path|filename|message|kwargs|user)$"
    r"|_(ids?|pks?|uuid|data|payload|list|url|path|name|email|code|slug|key|type|date|json)$"
)
_PLAIN_TYPES = frozenset(
    {"int", "str", "float", "bool", "bytes", "dict", "list", "tuple", "set", "Dict", "List", "UUID", "datetime"}
)
_OF_TASKS = frozenset({*surface.TASK_ATTRIBUTES, *surface.TASK_METHODS, "app"}) - {"name"}


class Unbound(NamedTuple):
    """A bound task that has no parameter for itself. ``lost`` is the parameter that gets the task, None when the
    function has none; ``calls`` pass exactly what the function declares; ``sure`` when every run goes wrong."""

    lost: str | None
    calls: list[Call]

    @property
    def sure(self) -> bool:
        return self.lost is None or bool(self.calls)


def unbound(task: Task, project: Project) -> Unbound | None:
    """Whether a task's function has no parameter for the task that ``bind=True`` gives it; None when in doubt."""
    function = task.function
    if task.kind != "function" or task.bind is not True or function is None or isinstance(task.signature, Unknown):
        return None
    params = function.node.params
    if any(p.kind in ("positional", "positional-only", "args") for p in params):
        return _taken(task, params[0], project)
    beneath = len(function.node.decorators) > 1 or task.wrapper is not None
    return None if beneath or task.base is not None or task.decorator_span is None else Unbound(None, [])


def _taken(task: Task, first: s.Param, project: Project) -> Unbound | None:
    """The same for a function whose first parameter gets the task."""
    assert task.function is not None and not isinstance(task.signature, Unknown)
    left = {p.name for p in task.signature.parameters}
    if first.kind == "args" or [p.name for p in task.function.node.params if p.name not in left] != [first.name]:
        return None  # a decorator beneath takes the task, or gives arguments of its own
    if _FOR_THE_TASK.search(first.name) or _used_as_task(task, first.name) or _is_task_type(first.annotation):
        return None
    whole = signature_of(task.function.node, task.function.module, 0)
    fitting: list[Call] = []
    for call in project.calls_of(task):
        why = project.arity.check(call) if not call.in_tests and project.arity.is_final(call) else None
        if why is None or isinstance(why, Unknown):
            continue
        fits_whole = mismatch(whole, project.passed_by(call)) is None
        if not isinstance(why, Mismatch):
            if not fits_whole:
                return None  # somebody counts on it
        elif fits_whole:
            fitting.append(call)
    if fitting or _is_data(task, first):
        return Unbound(first.name, fitting)
    return None


def _used_as_task(task: Task, name: str) -> bool:
    """Whether the body takes of the parameter what only a task has."""
    assert task.function is not None
    for statement in task.function.statements:
        for node in below(statement):
            if isinstance(node, s.Name) and node.path.startswith(f"{name}.") and node.path.split(".")[1] in _OF_TASKS:
                return True
    return False


def _is_data(task: Task, first: s.Param) -> bool:
    """Whether the parameter plainly is for a value: by its type, or by its name."""
    if isinstance(first.annotation, s.Name) and first.annotation.path.rpartition(".")[2] in _PLAIN_TYPES:
        return True
    return _DATA.search(first.name) is not None and _is_read(task, first.name)


def _is_read(task: Task, name: str) -> bool:
    assert task.function is not None
    nodes = (node for statement in task.function.statements for node in below(statement))
    return any(isinstance(node, s.Name) and node.path.partition(".")[0] == name for node in nodes)


def _is_task_type(annotation: s.Expr | None) -> bool:
    """Whether an annotation may mean a task: ``Task``, ``"Task"``, a class of the project's own."""
    if annotation is None:
        return False
    return not (isinstance(annotation, s.Name) and annotation.path.rpartition(".")[2] in _PLAIN_TYPES)
