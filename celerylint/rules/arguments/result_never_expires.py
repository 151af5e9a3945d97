from __future__ import annotations

import re
from collections.abc import Iterator

from celerylint.knowledge.transports import NEEDS_CLEANUP
from celerylint.model.entities import App, Setting, Task
from celerylint.model.project import Project
from celerylint.model.values import Known, alternatives
from celerylint.rule import Finding, Rule, Span

_REDIS = frozenset({"redis", "rediss", "sentinel"})
_CLEANUP = "celery.backend_cleanup"
_DELETES = re.compile(rb"TaskResult\b|backend_cleanup|backend\.cleanup\(|delete_expired|celery_taskmeta")
"""Signs that the project looks after old results itself."""


class ResultNeverExpires(Rule):
    """Results are stored and nothing ever deletes them, so the result store grows with every task that runs.

    Databases, MongoDB, files and object stores keep a result until the task `celery.backend_cleanup` deletes it.
    Celery schedules that task by itself, in `celery beat`: where no beat runs, `result_expires` means nothing. Redis,
    which expires keys by itself, keeps them for ever when `result_expires` is 0 or None.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis", backend="db+postgresql://db/shop")  # expect: result-never-expires
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.price")
    def price(order_id):
        return order_id * 10
    ```

    ```procfile bad file=Procfile
    worker: celery -A tasks worker
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="db+postgresql://db/shop")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.price")
    def price(order_id):
        return order_id * 10


    def quote(order_id):
        return price.delay(order_id).get(timeout=10)
    ```

    ```procfile good file=Procfile
    worker: celery -A tasks worker
    beat: celery -A tasks beat
    ```

    ## When to suppress

    Something else deletes old results, or a beat that is deployed from elsewhere does.
    """

    category = "operations"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    sources = (
        "celery/beat.py: Scheduler.install_default_entries",
        "celery/backends/redis.py: RedisBackend.supports_autoexpire",
        "https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-expires",
    )

    def check_project(self, project: Project) -> Iterator[Finding]:
        for app in project.apps:
            store = project.stores.backend(app)
            tasks = [t for t in project.production_tasks if t.app is app and _stores(t)]
            if not isinstance(store.kind, str) or store.assumed or app.opaque or not tasks:
                continue
            never = _expires_never(project.setting("result_expires", app))
            if store.kind in _REDIS and never is not None:
                yield self._for_ever(app, store.kind, never, store.span, tasks)
            elif store.kind in NEEDS_CLEANUP and _no_beat(project) and not project.setting("result_expires", app):
                yield self._no_cleanup(app, store.kind, store.span or app.span, tasks, project)

    def _no_cleanup(self, app: App, kind: str, at: Span, tasks: list[Task], project: Project) -> Finding:
        workers = [p.span for p in project.processes if p.kind in ("worker", "multi") and p.production]
        return self.finding(
            at=at,
            message=f"results of {_count(tasks)} stay in `{kind}` for ever: no beat runs, which would delete old ones",
            help="run `celery beat`, which deletes old results every night, or set `ignore_result` on the tasks",
            subject=f"app:{app.module}.{app.name}",
            confidence="medium",
            label="deletes nothing by itself",
            evidence=[(span, "starts workers and no beat") for span in workers[:3]],
        )

    def _for_ever(self, app: App, kind: str, never: Setting, at: Span | None, tasks: list[Task]) -> Finding:
        return self.finding(
            at=never.span,
            message=f"results of {_count(tasks)} stay in `{kind}` for ever: `{never.spelled}` says that none expires",
            help="set `result_expires` to as many seconds as somebody may still ask for a result",
            subject="setting:result_expires",
            confidence="medium",
            evidence=[(at, "the result store")] if at is not None else [],
        )


def _count(tasks: list[Task]) -> str:
    return f"`{tasks[0].label}`" if len(tasks) == 1 else f"{len(tasks)} tasks"


def _stores(task: Task) -> bool:
    ignore = task.option("ignore_result").value
    return isinstance(ignore, Known) and not ignore.value


def _expires_never(settings: list[Setting]) -> Setting | None:
    """The setting that keeps results for ever: None or 0, in every variant."""
    values = [(setting, option) for setting in settings for option in alternatives(setting.value)]
    falsy = all(isinstance(v, Known) and not v.assumed and v.value in (None, 0) for _, v in values)
    return values[0][0] if values and falsy else None


def _no_beat(project: Project) -> bool:
    """Whether it is known that no beat runs: the deployment is visible, starts workers, and nothing hints at a beat."""
    production = [p for p in project.processes if p.production]
    workers = [p for p in production if p.kind in ("worker", "multi")]
    unread = any(p.unread is not None or p.kind == "other" for p in project.processes)
    if not workers or unread or any(p.beat or p.kind == "beat" for p in project.processes):
        return False
    if any(_DELETES.search(project.tree.read(path)) for path in project.tree.python_files):
        return False
    hinted = project.schedule or project.setting("beat_scheduler")
    return not hinted and not any(c.target_name == _CLEANUP for c in project.calls)
