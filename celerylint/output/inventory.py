"""What the linter understood of a project, as plain data: the form that ``inspect --output json`` keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from celerylint.facts.unknown import Unknown
from celerylint.model.entities import App, Call, Option, Process, Queue, Route, ScheduleEntry, Setting, Task
from celerylint.output.words import data
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project
    from celerylint.model.services import Service

OPTIONS = (
    "queue", "time_limit", "soft_time_limit", "max_retries", "default_retry_delay", "autoretry_for", "retry_backoff",
    "retry_backoff_max", "retry_jitter", "acks_late", "acks_on_failure_or_timeout", "reject_on_worker_lost",
    "ignore_result", "store_errors_even_if_ignored", "track_started", "rate_limit", "expires", "priority", "serializer",
    "compression", "bind",
)  # fmt: skip
"""The options of a task that are shown, each with its effective value."""

Shown = Callable[[str], str]
"""A path of the project as the user should see it."""


def inventory(project: Project, shown: Shown) -> dict[str, Any]:
    """Everything that the model knows, test code left out."""

    def place(span: Span | None) -> dict[str, Any]:
        return {} if span is None else {"path": shown(span.path), "line": span.line}

    return {
        "version": 1,
        "apps": [_app(app, place) for app in project.apps],
        "tasks": [_task(task, project, place) for task in project.production_tasks],
        "calls": [_call(call, project, place) for call in project.calls if not call.in_tests],
        "settings": [_setting(setting, place) for setting in project.settings],
        "schedule": [_entry(entry, place) for entry in project.schedule if not entry.in_tests],
        "routes": [_route(route, place) for route in project.routes],
        "queues": [_queue(queue, place) for queue in project.queues.values()],
        "processes": [_process(process, place) for process in project.processes],
        "services": [_service(service, place) for service in project.services],
        "versions": dict(project.versions),
        "blind_spots": [{"reason": spot.reason, **place(spot.span)} for spot in project.blind_spots],
    }


def effective_options(task: Task, project: Project) -> dict[str, Option]:
    """The options that are shown, as Celery will use them; ``queue`` is where a message goes when no call says it."""
    options = {name: task.option(name) for name in OPTIONS}
    options["queue"] = project.routing.queue_of(task, project.queueing.settings)
    return options


Place = Callable[[Span | None], dict[str, Any]]


def _app(app: App, place: Place) -> dict[str, Any]:
    return {
        "name": app.name,
        "main": data(app.main),
        **place(app.span),
        "namespace": app.namespace,
        "config_sources": [place(span) for span in app.config_sources],
        "opaque": [spot.reason for spot in app.opaque],
    }


def _task(task: Task, project: Project, place: Place) -> dict[str, Any]:
    options = effective_options(task, project)
    return {
        "name": _known(task.name),
        "function": task.label,
        **place(task.span),
        "kind": task.kind,
        "signature": _known(task.signature) if isinstance(task.signature, Unknown) else str(task.signature),
        "wrapper": task.wrapper,
        "options": {name: _option(option) for name, option in options.items()},
    }


def _option(option: Option) -> dict[str, Any]:
    value = data(option.value)
    return {"value": value, "origin": option.origin, "layer": option.layer}


def _call(call: Call, project: Project, place: Place) -> dict[str, Any]:
    checked = project.arity.check(call)
    return {
        "how": call.how,
        **place(call.span),
        "task": _known(call.target.name) if call.target else call.target_name,
        "resolved": call.target is not None,
        "why_not": call.unresolved.reason if call.unresolved else None,
        "options": {name: data(value) for name, value in call.options.items()},
        "context": list(call.context),
        "arguments_compared": not isinstance(checked, Unknown),
    }


def _setting(setting: Setting, place: Place) -> dict[str, Any]:
    return {
        "name": setting.name,
        "spelled": setting.spelled,
        "value": data(setting.value, setting.name),
        **place(setting.span),
        "layer": setting.layer,
        "app": setting.app.name if setting.app else None,
        "variant": setting.variant,
        "effective": setting.effective,
    }


def _entry(entry: ScheduleEntry, place: Place) -> dict[str, Any]:
    return {
        "name": _known(entry.key),
        "task": entry.task_name if entry.task_name is not None else data(entry.task),
        **place(entry.span),
        "schedule": data(entry.schedule),
        "resolved": entry.target is not None,
        "args": data(entry.args),
        "kwargs": data(entry.kwargs),
        "options": data(entry.options),
        "how": entry.how,
        "variant": entry.variant,
    }


def _route(route: Route, place: Place) -> dict[str, Any]:
    return {
        "pattern": route.pattern,
        "kind": route.kind,
        "target": data(route.target),
        **place(route.span),
        "variant": route.variant,
    }


def _queue(queue: Queue, place: Place) -> dict[str, Any]:
    return {
        "name": queue.name,
        "declared": [place(span) for span in queue.declared],
        "producers": [{"what": what, **place(span)} for span, what in queue.producers],
        "consumers": [process.name for process in queue.consumers],
    }


def _process(process: Process, place: Place) -> dict[str, Any]:
    return {
        "kind": process.kind,
        "name": process.name,
        "source": process.source,
        **place(process.span),
        "app": _known(process.app),
        "queues": _known(process.queues),
        "exclude_queues": _known(process.exclude_queues),
        "pool": _known(process.pool),
        "concurrency": _known(process.concurrency),
        "time_limit": _known(process.time_limit),
        "soft_time_limit": _known(process.soft_time_limit),
        "beat": process.beat,
        "replicas": _known(process.replicas),
        "production": process.production,
        "command": list(process.arguments),
    }


def _service(service: Service, place: Place) -> dict[str, Any]:
    return {
        "kind": service.kind,
        "name": service.name,
        "source": service.source,
        **place(service.span),
        "image": _known(service.image),
        "options": {name: _known(value) for name, value in service.options.items()},
        "production": service.production,
    }


def _known(value: Any) -> Any:
    """A fact of the model as JSON can hold it."""
    if isinstance(value, Unknown):
        return {"unknown": value.reason}
    return list(value) if isinstance(value, tuple) else value
