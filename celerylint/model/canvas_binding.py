"""Whether the arguments of a signature fit its task once a canvas has put something before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.model.apps import last_name
from celerylint.model.binding import Mismatch, Passed, mismatch
from celerylint.model.callees import split
from celerylint.model.canvas_parts import Part
from celerylint.model.entities import PACKED, Call, Signature, Task
from celerylint.model.messages import converts
from celerylint.model.values import Collection, Known, Table, Value

if TYPE_CHECKING:
    from celerylint.model.project import Project

_CANVASES = frozenset({"chain", "group", "chord", "link", "link_error", "on_error"})


def parameters(task: Task | None, project: Project) -> Signature | None:
    """The parameters of a task that a message fills; None when that is not known."""
    if task is None or task.unknown_options is not None or converts(task, project):
        return None
    return task.signature if isinstance(task.signature, Signature) else None


def misfit(part: Part, leading: int, project: Project) -> Mismatch | None:
    """Why a task cannot take ``leading`` arguments and then those of its signature; None when it can, or when that is
    not known. What is wrong with a signature's own arguments wherever it is used is somebody else's to report."""
    signature = parameters(part.task, project)
    if part.kind != "task" or part.call is None or part.immutable is None or signature is None:
        return None
    own = project.passed_by(part.call)
    alone = mismatch(signature, own)
    if alone is not None and alone.kind != "missing" and not _CANVASES & set(part.call.context):
        return None
    return mismatch(signature, own if part.immutable else own.after(Passed(leading)))


def complete(part: Part, project: Project) -> bool:
    """Whether a signature has all that its task needs without anything put before it."""
    signature = parameters(part.task, project)
    return signature is not None and part.call is not None and mismatch(signature, project.passed_by(part.call)) is None


def moved_by_none(part: Part, source: Part | None, project: Project) -> bool:
    """Whether a signature has positional arguments that fill its task, and the task before it surely returns nothing:
    the ``None`` that is put first then moves them all by one, which nobody wants."""
    signature = parameters(part.task, project)
    if part.kind != "task" or part.call is None or part.immutable is not False or signature is None or source is None:
        return False
    if any(p.kind == "args" for p in signature.parameters) or not complete(part, project):
        return False
    own = project.passed_by(part.call)
    return own.positional > 0 and not own.more_args and not own.more_kwargs and _returns_nothing(source)


def _returns_nothing(source: Part) -> bool:
    if source.kind in ("chain", "group", "chord"):
        last = source.members[-1:] if source.kind == "chain" else source.members
        return bool(last) and source.body is None and all(_returns_nothing(m) for m in last)
    task = source.task
    if task is None or task.function is None or task.base is not None or task.wrapper is not None:
        return False
    node, body = task.function.node, task.function.body
    decorated = not node.decorators or task.module.span(node.decorators[-1].pos) != task.decorator_span
    if decorated or node.is_generator or node.is_async or any(last_name(e.call.func) == "replace" for e in body.calls):
        return False
    returned = (e.node.value for e in body.returns if isinstance(e.node, s.Return))
    return all(value is None or (isinstance(value, s.Literal) and value.value is None) for value in returned)


def drops_arguments(call: Call, project: Project) -> bool:
    """Whether a call gives arguments to an immutable signature (``Signature._merge`` leaves them out)."""
    owner = split(call.node.func)[0] if call.node is not None else None
    if call.sends is None or call.node is None or owner is None or call.scope is None:
        return False
    if not passes_arguments(call.node, call, project):
        return False
    sent = project.canvases.part(owner, call.scope)
    return sent.kind == "task" and sent.immutable is True


def passes_arguments(node: s.Call, call: Call | None, project: Project) -> bool:
    """Whether what sends a signature or a canvas surely passes arguments to the task; ``call`` is None for
    ``canvas(...)``."""
    how = call.how if call is not None else ""
    if call is not None and call.scope is not None and how in PACKED:
        packed = [*node.args[:2], *(k.value for k in node.keywords if k.name in ("args", "kwargs"))]
        return any(_holds(project.evaluator.value(p, call.scope)) for p in packed)
    by_name = how in ("delay", "delay_on_commit") and any(k.name for k in node.keywords)
    return by_name or any(not isinstance(a, s.Starred) for a in node.args)


def _holds(value: Value) -> bool:
    if isinstance(value, Known):
        return bool(value.value)
    if isinstance(value, Collection):
        return bool(value.items)
    return isinstance(value, Table) and bool(value.entries)


def errback_call(task: Task) -> str | None:
    """How Celery calls a task as an errback: "inline" with the request, the exception and the traceback, or "sent"
    with the id of the task that failed; None when that is not known.

    ``celery/backends/base.py: _call_task_errbacks`` looks at the header that ``head_from_fun`` made of the function
    beneath the task decorator, which is another one when a decorator wraps it.
    """
    if task.kind != "function" or task.function is None:
        return "sent" if task.kind == "class" else None
    if isinstance(task.bind, Unknown):
        return None
    if task.bind:
        return "sent"
    decorators = task.function.node.decorators
    if task.wrapper is not None or not decorators or task.module.span(decorators[-1].pos) != task.decorator_span:
        return None
    params = task.function.node.params
    positional = [p for p in params if p.kind in ("positional", "positional-only")]
    return "inline" if len(positional) > 1 or any(p.kind == "args" for p in params) else "sent"
