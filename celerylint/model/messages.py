"""What a message is encoded with, and whether its arguments reach the serializer as they are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from celerylint.facts.unknown import Unknown
from celerylint.knowledge.serializers import fate
from celerylint.model.builtin_calls import text_of
from celerylint.model.entities import Call, Task
from celerylint.model.symbols import ClassSymbol
from celerylint.model.values import Known, Value

if TYPE_CHECKING:
    from celerylint.model.project import Project

MAKES_MESSAGE = frozenset(
    {
        "delay",
        "apply_async",
        "delay_on_commit",
        "apply_async_on_commit",
        "send_task",
        "s",
        "si",
        "signature",
        "subtask",
        "partial",
        "sync_to_async",
        "retry",
    }
)
"""The forms of a call whose arguments go through the serializer, sooner or later."""


def makes_message(call: Call) -> bool:
    """Whether a call of production code sends its arguments to a task that is known, at least by name."""
    return call.how in MAKES_MESSAGE and not call.in_tests and (call.target is not None or call.target_name is not None)


def serializer(call: Call, project: Project) -> str | Unknown:
    """The serializer of a message: the call's, the task's, or the setting; pickle was the default before Celery 4.

    Unknown when it is computed, or when it may come from options that cannot be read.
    """
    return serializer_of(call.target, call.options, project)


def serializer_of(task: Task | None, options: Mapping[str, Value], project: Project) -> str | Unknown:
    """The same for a message to a task (None for one that is not visible) with these options."""
    if "serializer" in options:
        value = options["serializer"]
    elif task is not None:
        option = task.option("serializer")
        if option.layer == "default" and before_four(project):
            return "pickle"
        value = option.value
        if task_default(task, "serializer", "task_serializer", project):
            return "json"
    else:
        found = project.setting("task_serializer")
        names = {text_of(setting.value) for setting in found}
        if not found:
            return "pickle" if before_four(project) else "json"
        name = names.pop() if len(names) == 1 else None
        return name or Unknown("the serializer is computed", found[0].span)
    if isinstance(value, Known) and value.value is None:
        return "json"
    return text_of(value) or Unknown("the serializer is computed", value.span)


def hidden_default(call: Call, option: str, setting: str, project: Project) -> bool:
    """Whether an option of the task cannot be read for one reason only: configuration of the app that cannot be
    followed, in a project that never names the setting."""
    return (
        call.target is not None and option not in call.options and task_default(call.target, option, setting, project)
    )


def task_default(task: Task, option: str, setting: str, project: Project) -> bool:
    """The same for a task, whatever a call says."""
    return (
        task.option(option).layer == "unknown"
        and task.unknown_options is None
        and option not in task.declared
        and not before_four(project)
        and all(project.unheard.keeps_default(setting, app) for app in task.apps or (task.app,))
    )


def before_four(project: Project) -> bool:
    """Whether the pinned Celery is older than 4.0, where pickle was the default (celery/app/defaults.py of 3.1).

    Where nothing is pinned, django-celery tells: it works with no Celery from 4.0 on.
    """
    version = project.versions.get("celery")
    if version is None:
        return project.modules_index.imports("djcelery")
    return version.split(".")[0] in ("2", "3")


def converts(task: Task | None, project: Project) -> bool:
    """Whether arguments of a task may be exchanged before they are encoded: by a base class of the project that takes
    calls into its own hands (models for ids, say)."""
    return task is not None and task.base is not None and _class_converts(task.base, project)


def _class_converts(base: ClassSymbol, project: Project) -> bool:
    methods = (project.evaluator.classes.method(base, name) for name in ("apply_async", "delay", "__call__"))
    return any(m is not None and not project.passes_arguments_on(m) for m in methods)


def fate_of(kind: str, call: Call, project: Project, cls: ClassSymbol | None = None) -> str | None:
    """What becomes of a kind of value among the arguments of ``call`` (see ``knowledge.serializers.fate``); None when
    that is not known: the serializer is computed, or the project may exchange or teach its own types.

    ``cls`` is the class of the value where it is one of the project.
    """
    name = serializer(call, project)
    if isinstance(name, Unknown) or converts(call.target, project):
        return None
    return fate_under(name, kind, project, cls)


def fate_under(name: str, kind: str, project: Project, cls: ClassSymbol | None = None) -> str | None:
    """What becomes of a kind of value under a serializer, with the pinned kombu and what the project taught it."""
    if name == "json" and project.taught.covers(kind, cls):
        return None
    return fate(name, kind, kombu_version(project))


def kombu_version(project: Project) -> str | None:
    """The pinned kombu, else the one that belongs to the pinned Celery where only one series does (Celery 5 allows
    any kombu 5, see its requirements/default.txt); None when it may be the newest."""
    pinned = project.versions.get("kombu")
    celery = project.versions.get("celery")
    major = "3" if before_four(project) else celery.split(".")[0] if celery is not None else ""
    return pinned or {"3": "3.0", "4": "4.6"}.get(major)
