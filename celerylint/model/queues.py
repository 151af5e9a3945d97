"""Queues by name: declared, sent to, consumed."""

from __future__ import annotations

from celerylint.facts.unknown import Unknown
from celerylint.model.builtin_calls import text_of
from celerylint.model.entities import App, Call, Process, Queue, ScheduleEntry, Task
from celerylint.model.routes import Routes
from celerylint.model.settings import Settings
from celerylint.model.values import Collection, Instance, Known, Table, Value, alternatives
from celerylint.sources.spans import Span


def declared_queues(value: Value) -> list[tuple[str, Span]] | None:
    """The names in ``task_queues``: kombu ``Queue`` objects in a list, or a dict by name; None when not all are
    known."""
    found: list[tuple[str, Span]] = []
    for option in alternatives(value):
        if isinstance(option, Known) and option.value is None:
            continue
        if isinstance(option, Table) and not option.open:
            names = [(text_of(key), key.span) for key, _ in option.entries]
        elif isinstance(option, Collection) and not option.open:
            names = [(_queue_name(item), item.span) for item in option.items]
        else:
            return None
        for name, span in names:
            if name is None:
                return None
            found.append((name, span))
    return found


def _queue_name(item: Value) -> str | None:
    if isinstance(item, Instance) and item.of.rpartition(".")[2] == "Queue":
        name = item.keyword("name", 0)
        return text_of(name)
    return text_of(item)


def queue_text(value: Value | None) -> str | None:
    """The queue that an option or route value names: a text or a kombu ``Queue``."""
    if isinstance(value, Instance) and text_of(value) is None:
        return _queue_name(value)
    return text_of(value)


class Queues:
    """Joins the three sides of every queue."""

    def __init__(self, settings: Settings, routes: Routes, apps: list[App]) -> None:
        self.settings = settings
        self.routes = routes
        self.apps = apps
        self.by_name: dict[str, Queue] = {}
        self.undeclared: list[Unknown] = []

    def _at(self, name: str) -> Queue:
        return self.by_name.setdefault(name, Queue(name))

    def join(
        self, tasks: list[Task], calls: list[Call], schedule: list[ScheduleEntry], processes: list[Process]
    ) -> dict[str, Queue]:
        for app in self.apps:
            for setting in self.settings.of(app, "task_queues"):
                names = declared_queues(setting.value)
                if names is None:
                    self.undeclared.append(Unknown("`task_queues` is not fully known", setting.span))
                for name, span in names or ():
                    queue = self._at(name)
                    queue.declared = (*queue.declared, span)
        for route in self.routes.all:
            self._produce(route.queue(), route.span, f"route `{route.pattern}`")
        for task in tasks:
            option = task.declared.get("queue")
            if option is not None:
                self._produce(option.value, task.span, f"task `{task.label}`")
        for call in calls:
            if "queue" in call.options:
                self._produce(call.options["queue"], call.span, f"{call.how} of `{call.label}`")
        for entry in schedule:
            if isinstance(entry.options, Table):
                self._produce(entry.options.get("queue"), entry.span, f"schedule entry `{entry.key}`")
        for process in processes:
            for name in self.consumed_by(process) or ():
                queue = self._at(name)
                queue.consumers = (*queue.consumers, process)
        return dict(sorted(self.by_name.items()))

    def _produce(self, value: Value | None, span: Span, what: str) -> None:
        for option in alternatives(value) if value is not None else ():
            name = queue_text(option)
            if name:
                queue = self._at(name)
                queue.producers = (*queue.producers, (span, what))

    def consumed_by(self, process: Process) -> tuple[str, ...] | None:
        """The queues a worker listens to; None when they are not known. Without ``-Q``: all of ``task_queues``, or the
        default queue (``celery/app/amqp.py:Queues.consume_from``)."""
        if process.kind not in ("worker", "multi"):
            return ()
        if isinstance(process.queues, Unknown) or isinstance(process.exclude_queues, Unknown):
            return None
        if process.queues is not None:
            return process.queues
        names: list[str] = []
        for app in self.apps:
            declared: list[str] = []
            for setting in self.settings.of(app, "task_queues"):
                found = declared_queues(setting.value)
                if found is None:
                    return None
                declared.extend(name for name, _ in found)
            if not declared:
                default = self.default_queue(app)
                if default is None:
                    return None
                declared = [default]
            names.extend(declared)
        excluded = set(process.exclude_queues)
        return tuple(dict.fromkeys(n for n in names or ["celery"] if n not in excluded))

    def default_queue(self, app: App | None) -> str | None:
        """``task_default_queue`` or "celery"; None when it is not known."""
        settings = self.settings.of(app, "task_default_queue")
        if not settings:
            return None if app is not None and app.opaque else "celery"
        return text_of(settings[0].value)
