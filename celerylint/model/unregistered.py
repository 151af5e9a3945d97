"""Names that no task of this project is registered under, and how sure it is that nobody else registers them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, NamedTuple

from celerylint.model.not_tasks import plain_function, several_editions
from celerylint.model.spelling import near_name
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.values import Known, Reference, Value
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.entities import Task
    from celerylint.model.modules import Module
    from celerylint.model.project import Project


class Unregistered(NamedTuple):
    """What is known of a name without a task. ``near`` is the name that was meant, None when that is not clear."""

    severity: Literal["error", "warning", "info"]
    confidence: Literal["high", "medium"]
    near: str | None
    evidence: list[tuple[Span, str]]


def unregistered(name: str, project: Project) -> Unregistered | None:
    """How sure it is that nobody registers ``name``; None when somebody else well may, or when it is registered."""
    if name.startswith("celery.") or any(fnmatchcase(name, glob) for glob in project.given.external_tasks):
        return None
    known = {t.name: t for t in project.production_tasks if isinstance(t.name, str)}
    hidden = any(not isinstance(t.name, str) for t in project.production_tasks)
    if name in known:
        return None
    path, _, last = name.rpartition(".")
    module = project.modules.get(path)
    member = project.evaluator.variable(last, module.scope, None) if module is not None else None
    if module is not None and member is not None:
        return _member(member, module, hidden, project)
    near = near_name(name, known) or (None if hidden else _without_path(name, known, project))
    if any(_same_from_another_folder(name, k) and not _root_is_sure(task, project) for k, task in known.items()):
        return None
    if near is not None:
        sure: Literal["high", "medium"] = "medium" if hidden or "." not in name else "high"
        return Unregistered("error", sure, near, [(known[near].function_span, f"`{near}` is registered")])
    first = name.partition(".")[0]
    ours = "." in name and any(task.module.name.partition(".")[0] == first for task in known.values())
    if not ours or hidden:
        return None
    return Unregistered("info" if _serves_others(project) else "warning", "medium", None, [])


def _member(member: Value, module: Module, hidden: bool, project: Project) -> Unregistered | None:
    """What ``module.name`` is, where that name is bound: a function that is no task, or a task of another name."""
    if several_editions(module, project):
        return None
    sure: Literal["high", "medium"] = "medium" if hidden else "high"
    task = project.tasks_index.of_value(member)
    if task is not None:
        if not isinstance(task.name, str) or task.in_tests:
            return None
        return Unregistered("error", sure, task.name, [(task.function_span, f"registered as `{task.name}`")])
    symbol = member.symbol if isinstance(member, Reference) else None
    if isinstance(symbol, FunctionSymbol) and plain_function(member, "delay", project):
        return Unregistered("error", sure, None, [(symbol.span, "a function without decorator")])
    return None


def _same_from_another_folder(name: str, near: str) -> bool:
    """Whether the two would be one name if workers started in another folder: ``shop.tasks.x`` and ``tasks.x``."""
    return "." in name and (near.endswith("." + name) or name.endswith("." + near))


def _root_is_sure(task: Task, project: Project) -> bool:
    """Whether the name of a task does not depend on a folder, or some name in the schedule shows which one it is."""
    package = task.module.name.partition(".")[0]
    return task.explicit_name or any(
        isinstance(entry.task, Known)
        and entry.target is not None
        and not entry.target.explicit_name
        and entry.target.module.name.partition(".")[0] == package
        for entry in project.schedule
        if entry.how != "periodic_task"
    )


def _without_path(name: str, known: dict[str, Task], project: Project) -> str | None:
    """The one task whose generated name ends with ``name``, which has no dots itself but is no common word."""
    ends = [k for k, task in known.items() if k.rpartition(".")[2] == name and not task.explicit_name]
    return ends[0] if "_" in name and len(ends) == 1 and _root_is_sure(known[ends[0]], project) else None


def _serves_others(project: Project) -> bool:
    """Whether the project sends to tasks that are plainly of other services."""
    packages = {module.name.partition(".")[0] for module in project.modules.values()}
    return bool(project.given.external_tasks) or any(
        call.named and call.target is None and call.target_name and call.target_name.partition(".")[0] not in packages
        for call in project.calls
    )
