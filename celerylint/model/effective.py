"""The effective value of a task's option and where it came from, in the order Celery really has.

``task_annotations`` set attributes on the task and so beat the decorator (``celery.app.task.Task.annotate``); what is
then still None is filled from the app's settings (``Task.from_config``); for limits the worker's command line comes
before the setting, because the worker copies its options over the configuration (``celery/apps/worker.py``,
``celery/worker/components.py:Pool``). The tests under ``tests/parity`` and ``tests/knowledge`` prove it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from celerylint.facts.unknown import Unknown
from celerylint.knowledge.surface import TASK_ATTRIBUTES, TASK_FROM_CONFIG
from celerylint.model.entities import Option, Process, Setting, Task
from celerylint.model.settings import Settings
from celerylint.model.values import Choice, Collection, Known, Table, Value, alternatives

SETTING_OF: dict[str, str] = {
    **TASK_FROM_CONFIG,
    "time_limit": "task_time_limit",
    "soft_time_limit": "task_soft_time_limit",
}
"""The setting that stands in for an option nobody gave."""

_COMMAND_OPTIONS = {"time_limit": "time_limit", "soft_time_limit": "soft_time_limit"}

_AUTORETRY = frozenset(
    {
        "autoretry_for",
        "dont_autoretry_for",
        "retry_backoff",
        "retry_backoff_max",
        "retry_jitter",
        "retry_kwargs",
    }
)
"""Options that the decorator hands to ``celery.app.autoretry.add_autoretry_behaviour`` itself; annotations only fill
in."""

_DEFAULTS: dict[str, object] = {
    **TASK_ATTRIBUTES,
    "autoretry_for": (),
    "dont_autoretry_for": (),
    "retry_backoff": False,
    "retry_backoff_max": 600,
    "retry_jitter": True,
    "retry_kwargs": {},
    "queue": None,
    "exchange": None,
    "routing_key": None,
    "compression": None,
    "bind": False,
    "typing": True,
    "acks_late": False,
    "acks_on_failure_or_timeout": True,
    "reject_on_worker_lost": False,
    "ignore_result": False,
    "track_started": False,
    "serializer": "json",
    "store_errors_even_if_ignored": False,
}


class Effective:
    """Answers ``task.option(name)`` for every task of a project."""

    def __init__(self, settings: Settings, processes: list[Process]) -> None:
        self.settings = settings
        self.workers = [p for p in processes if p.kind in ("worker", "multi") and p.production]

    def attach(self, task: Task) -> None:
        task.effective = partial(self.option, task)

    def option(self, task: Task, name: str) -> Option:
        """One option of one task."""
        steps: tuple[Callable[[Task, str], Option | None], ...] = (
            self._annotation,
            self._declared,
            self._hidden,
            self._command,
            self._setting,
        )
        if name in _AUTORETRY:
            steps = (self._declared, self._annotation, self._hidden)
        for step in steps:
            found = step(task, name)
            if found is not None and not (_is_none(found) and name in SETTING_OF):
                return found
        return Option(_constant(_DEFAULTS.get(name), task), "Celery's default", "default")

    # Layers

    def _annotation(self, task: Task, name: str) -> Option | None:
        for setting in self.settings.of(task.app, "task_annotations"):
            for option in alternatives(setting.value):
                found = _annotated(option, task, name)
                if found is not None:
                    return Option(found, "task_annotations", "annotations", found.span)
        return None

    def _declared(self, task: Task, name: str) -> Option | None:
        return task.declared.get(name)

    def _hidden(self, task: Task, name: str) -> Option | None:
        if task.unknown_options is not None:
            return Option(task.unknown_options, task.unknown_options.reason, "unknown", task.unknown_options.span)
        return None

    def _command(self, task: Task, name: str) -> Option | None:
        """A limit on the worker's command line counts when every worker that may run the task has one."""
        attribute = _COMMAND_OPTIONS.get(name)
        if attribute is None or not self.workers:
            return None
        values = [getattr(worker, attribute) for worker in self.workers]
        if any(v is None for v in values):
            return None
        first = values[0]
        span = self.workers[0].argument_spans.get(attribute.replace("_", "-"), self.workers[0].span)
        value: Value = first if isinstance(first, Unknown) else Known(first, span)
        return Option(value, f"command line of worker `{self.workers[0].name}`", "command", span)

    def _setting(self, task: Task, name: str) -> Option | None:
        setting_name = SETTING_OF.get(name)
        if setting_name is None:
            return None
        settings: list[Setting] = []
        for app in task.apps or (task.app,):
            own = self.settings.of(app, setting_name)
            if not own and app is not None and app.opaque:
                return Option(app.opaque[0], app.opaque[0].reason, "unknown", app.opaque[0].span)
            if not own and settings:  # one of several apps leaves it at the default
                own = [replace(settings[0], value=_constant(_DEFAULTS.get(name), task))]
            settings.extend(own)
        return _from_settings(settings) if settings else None


def _from_settings(settings: list[Setting]) -> Option:
    values: list[Value] = []
    for setting in settings:
        if setting.value not in values:
            values.append(setting.value)
    value = values[0] if len(values) == 1 else Choice(tuple(values), settings[0].span)
    return Option(value, f"setting `{settings[0].spelled}`", "setting", settings[0].span)


def _annotated(annotations: Value, task: Task, name: str) -> Value | None:
    """What ``task_annotations`` say of an attribute: an exact name beats nothing else, ``*`` is for every task.

    Celery resolves ``(annotation[task.name], annotation["*"])`` in that order, the later set wins
    (``celery/app/annotations.py``, ``Task.annotate``).
    """
    if isinstance(annotations, Collection):
        for item in annotations.items:
            found = _annotated(item, task, name)
            if found is not None:
                return found
        return None
    if isinstance(annotations, Table):
        found = None
        keys = [task.name, "*"] if isinstance(task.name, str) else ["*"]
        for key in keys:
            entry = annotations.get(key)
            if isinstance(entry, Table):
                found = entry.get(name) or found
            elif isinstance(entry, Unknown):
                found = entry
        return found
    if isinstance(annotations, Known) and annotations.value in (None, ()):
        return None
    return (
        annotations
        if isinstance(annotations, Unknown)
        else Unknown("annotations that are not a dict", annotations.span)
    )


def _is_none(option: Option) -> bool:
    return isinstance(option.value, Known) and option.value.value is None


def _constant(value: object, task: Task) -> Value:
    if value == ():
        return Collection("tuple", (), task.span)
    if value == {}:
        return Table((), task.span)
    return Known(value, task.span)
