from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from posixpath import commonprefix

from celerylint.model.entities import App, Route, Task
from celerylint.model.project import Project
from celerylint.model.values import Known, Table
from celerylint.rule import Confidence, Finding, Rule, Severity, Span


class TaskUnrouted(Rule):
    """Tasks are routed to queues, but this one is not: it falls to the default queue.

    In a project that gives its tasks queues, the default queue is the place that nobody thought about. When no worker
    listens to it, messages pile up there and the task never runs, without any error. When some worker does, the task
    shares it with whatever else was forgotten.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.task_time_limit = 300
    app.conf.task_routes = {  # expect: task-unrouted
        "shop.mail.*": {"queue": "mail"},
        "shop.pictures.*": {"queue": "pictures"},
    }


    @app.task(name="shop.mail.receipt")
    def receipt(order_id):
        print(order_id)


    @app.task(name="shop.stock.recount")
    def recount(shelf_id):
        print(shelf_id)
    ```

    ```procfile bad file=Procfile
    worker: celery -A tasks worker -Q mail,pictures
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)
    app.conf.task_default_queue = "default"
    app.conf.task_routes = {
        "shop.mail.*": {"queue": "mail"},
        "shop.pictures.*": {"queue": "pictures"},
    }


    @app.task(name="shop.mail.receipt")
    def receipt(order_id):
        print(order_id)


    @app.task(name="shop.stock.recount")
    def recount(shelf_id):
        print(shelf_id)
    ```

    ```procfile good file=Procfile
    worker: celery -A tasks worker -Q mail,pictures,default
    ```

    ## Where it speaks

    Once per app, at the route table. It is an error when every worker command is understood and none of them
    consumes the queue. Otherwise it is a warning, where four of five tasks have a queue of their own and the
    forgotten one is sent somewhere. A project that sets `task_default_queue` means it.

    ## When to suppress

    A worker that is deployed from elsewhere consumes the default queue.
    """

    category = "reliability"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    sources = ("celery/app/routes.py: Router.route", "celery/app/amqp.py: Queues.consume_from")

    def check_project(self, project: Project) -> Iterator[Finding]:
        for app in project.apps:
            tasks = [t for t in project.production_tasks if t.app is app]
            lost = self._unrouted(tasks, app, project)
            if lost is not None:
                yield self._report(app, lost, len(tasks), project)

    def _unrouted(self, tasks: list[Task], app: App, project: Project) -> _Lost | None:
        placed = [(task, project.routing.queue_of(task, project.settings_index)) for task in tasks]
        if any(o.layer == "unknown" for _, o in placed) or not tasks:
            return None  # a router function or options from elsewhere: anything may be routed
        fallen = [t for t, o in placed if o.layer in ("default", "setting") and not _always_sent_elsewhere(t, project)]
        routed = [t for t, o in placed if o.layer not in ("default", "setting")]
        if not fallen or not (routed or project.routes):
            return None
        queue = project.queueing.default_queue(app)
        if queue is None:
            return None
        consumed, complete = _consumed(project)
        if complete and queue not in consumed:
            return _Lost(fallen, queue, "error", "high", True)
        sent = [t for t in fallen if _is_sent(t, project)]
        few = len(fallen) <= max(1, len(tasks) * (1 - _ROUTED_SHARE))
        if not sent or not few or len(fallen) >= len(routed) or project.setting("task_default_queue", app):
            return None  # where many tasks have no queue, having none is the custom
        return _Lost(sent, queue, "warning", "medium", False)

    def _report(self, app: App, lost: _Lost, total: int, project: Project) -> Finding:
        names = ", ".join(f"`{t.label}`" for t in lost.tasks[:3]) + (", ..." if lost.tasks[3:] else "")
        verb = "has" if len(lost.tasks) == 1 else "have"
        falls = "falls" if len(lost.tasks) == 1 else "fall"
        if lost.certain:
            message = (
                f"{names} {falls} to the queue `{lost.queue}`, which no worker consumes: messages wait there for ever"
            )
        else:
            message = (
                f"{names} {verb} no queue, unlike {total - len(lost.tasks)} other tasks, and {falls} to `{lost.queue}`"
            )
        at, label = _place(app, lost.tasks, project)
        evidence: list[tuple[Span, str]] = [
            (t.function_span, f"falls to `{lost.queue}`") for t in lost.tasks if t.span != at
        ]
        sibling = _sibling(lost.tasks[0], app, project)
        if sibling is not None:
            evidence.append((sibling.span, "a sibling is routed here"))
        evidence += [
            (p.span, "consumes other queues") for p in project.processes if p.kind == "worker" and lost.certain
        ][:3]
        return self.finding(
            at=at,
            message=message,
            help=f"route them, or give a worker `-Q {lost.queue}`",
            subject=f"tasks:{','.join(sorted(t.label for t in lost.tasks))}",
            severity=lost.severity,
            confidence=lost.confidence,
            label=label,
            evidence=evidence,
        )


_ROUTED_SHARE = 0.8


@dataclass(slots=True)
class _Lost:
    tasks: list[Task]
    queue: str
    severity: Severity
    confidence: Confidence
    certain: bool


def _place(app: App, tasks: list[Task], project: Project) -> tuple[Span, str]:
    """The route table, or the first forgotten task where queues stand on the decorators."""
    settings = project.setting("task_routes", app)
    return (settings[0].span, "does not name them") if settings else (tasks[0].span, "names no queue")


def _sibling(task: Task, app: App, project: Project) -> Route | None:
    """The route whose name is most like the task's."""
    own = [r for r in project.routes if r.app is app and r.kind == "name"]
    label = task.label
    return max(own, key=lambda r: len(commonprefix([r.pattern, label])), default=None)


def _consumed(project: Project) -> tuple[set[str], bool]:
    """The queues that workers are known to consume, and whether that is all of them."""
    workers = [p for p in project.processes if p.kind in ("worker", "multi") and p.production]
    found = [project.queueing.consumed_by(worker) for worker in workers]
    names = {name for queues in found if queues is not None for name in queues}
    return names, bool(workers) and None not in found


def _is_sent(task: Task, project: Project) -> bool:
    return any(c.how not in ("direct", "apply", "retry", "run") for c in project.calls_of(task)) or any(
        e.target is task for e in project.schedule
    )


def _always_sent_elsewhere(task: Task, project: Project) -> bool:
    """Whether nothing is known to send the task, or every sender names a queue."""
    senders = [c for c in project.calls_of(task) if c.how not in ("direct", "apply", "retry", "run")]
    scheduled = [e for e in project.schedule if e.target is task]
    if not senders and not scheduled:
        return False
    return all(_names_queue(c.options) or c.options_open for c in senders) and all(
        isinstance(e.options, Table) and _names_queue({str(k): k for k in _keys(e.options)}) for e in scheduled
    )


def _keys(table: Table) -> Iterator[object]:
    return (key.value for key, _ in table.entries if isinstance(key, Known))


def _names_queue(options: Mapping[str, object]) -> bool:
    return any(name in options for name in ("queue", "routing_key", "exchange"))
