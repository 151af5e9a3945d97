from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.entities import App, Task
from celerylint.model.project import Project
from celerylint.model.unread import Unread
from celerylint.rule import Finding, Rule


class ResultUnused(Rule):
    """Results of tasks are stored, and nothing in the project can ever read them.

    Every run writes to the result backend, a round trip and a key or row that stays for `result_expires` (a day). For
    tasks that beat sends every few seconds, or that are sent by the thousand, that fills Redis and slows the workers.
    Where no call keeps the id of the message, the result cannot even be found.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")  # expect: result-unused
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.reindex")
    def reindex(order_id):
        print(order_id)


    def close(order_id):
        reindex.delay(order_id)
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.reindex", ignore_result=True)
    def reindex(order_id):
        print(order_id)


    def close(order_id):
        reindex.delay(order_id)
    ```

    ## Where it speaks

    Once for an app whose results nobody reads at all. Where some are read, at each task that runs often (sent by beat
    or in a loop) and whose result nobody keeps.

    ## When to suppress

    People look the results up by hand, or another project reads them.
    """

    category = "performance"
    severity = "info"
    profile = "pedantic"
    since = "0.1"
    celery = ">=3.0"
    sources = ("https://docs.celeryq.dev/en/stable/userguide/tasks.html#ignore-results-you-don-t-want",)

    def check_project(self, project: Project) -> Iterator[Finding]:
        unread = Unread(project)
        for app in project.apps:
            where = _stored_in(app, project)
            if where is None:
                continue
            tasks = [t for t in project.production_tasks if t.app is app and unread.stored(t)]
            lost = [t for t in tasks if unread.lost(t)]
            if lost and unread.nothing_read:
                yield self._for_app(app, where, tasks)
            elif unread.ids_known:
                for task in lost:
                    yield from self._for_task(task, where, unread)

    def _for_app(self, app: App, where: str, tasks: list[Task]) -> Finding:
        who = f"`{tasks[0].label}`" if len(tasks) == 1 else f"{len(tasks)} tasks"
        return self.finding(
            at=app.span,
            message=f"results of {who} are stored in {where}, and nothing in the project reads any",
            help="set `task_ignore_result = True`, and `ignore_result=False` where a result is wanted",
            subject=f"app:{app.module}.{app.name}",
            confidence="medium",
            evidence=[(task.function_span, "its result is stored") for task in tasks],
        )

    def _for_task(self, task: Task, where: str, unread: Unread) -> Iterator[Finding]:
        often = unread.often(task)
        if often is not None:
            span, words = often
            yield self.finding(
                at=task.span,
                message=f"each result of `{task.label}` is stored in {where}, and nothing in the project can read it",
                help="set `ignore_result=True` on it",
                subject=task.subject,
                confidence="medium",
                label="stores its result",
                evidence=[(span, words)],
            )


def _stored_in(app: App, project: Project) -> str | None:
    """Where results are stored, in words; None when they are not, or may not be, or are there for people to look at
    (django-celery-results shows them in the admin)."""
    store = project.stores.backend(app)
    if isinstance(store.kind, str):
        return None if store.kind in ("disabled", "django-db", "django-cache") else f"`{store.kind}`"
    return "the result backend" if project.setting("result_backend", app) else None
