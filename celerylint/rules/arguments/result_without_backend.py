from __future__ import annotations

from collections.abc import Iterator

from celerylint.knowledge.results import READS, WAITS
from celerylint.model.project import Project
from celerylint.model.result_flow import Step
from celerylint.model.results import Result, is_lookup
from celerylint.rule import Finding, Rule


class ResultWithoutBackend(Rule):
    """The result of a task is read, and the app has no result backend.

    Without a backend nothing is stored. `get()` raises NotImplementedError, `state`, `ready()` and `result` raise
    AttributeError: the request or the task that asks fails each time.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.price")
    def price(order_id):
        return order_id * 10


    def quote(order_id):
        return price.delay(order_id).get(timeout=10)  # expect: result-without-backend
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.price")
    def price(order_id):
        return order_id * 10


    def quote(order_id):
        return price.delay(order_id).get(timeout=10)
    ```

    ## When to suppress

    The environment of the deployment sets `CELERY_RESULT_BACKEND`, and celerylint cannot see it.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=4.0"
    sources = ("celery/backends/base.py: DisabledBackend", "celery/app/utils.py: Settings.result_backend")

    def check_project(self, project: Project) -> Iterator[Finding]:
        for result in project.results.found:
            if result.in_tests or result.origin in ("eager", "unknown") or _given_a_backend(result, project):
                continue
            read = next((step for step in result.steps if _reads(step)), None)
            if read is None or project.results.ignored(result) is not None:
                continue  # an ignored result is None, with a backend or without
            if project.results.without_backend(result.apps):
                yield self._report(result, read)

    def _report(self, result: Result, step: Step) -> Finding:
        app = result.apps[0]
        error = "NotImplementedError" if step.name in WAITS else "AttributeError"
        called = f"`{step.name}{'()' if step.kind == 'method' else ''}`"
        at = result.span_of(step)
        evidence = [] if result.span == at else [(result.span, "the result comes from here")]
        evidence += [(each.span, "has no result backend") for each in result.apps[:3]]
        return self.finding(
            at=at,
            message=f"{called} raises `{error}`: the app `{app.label}` has no result backend, so no result is stored",
            help="set `result_backend` on the app, or do without the result",
            subject=f"app:{app.module}.{app.name}",
            label=f"asks for the result of {result.label}",
            evidence=evidence,
        )


def _reads(step: Step) -> bool:
    if step.kind not in ("method", "attribute") or step.shape == "many" or step.scope.module.is_test:
        return False
    return step.sole and step.name in READS | WAITS and not is_lookup(step.call)


def _given_a_backend(result: Result, project: Project) -> bool:
    """``AsyncResult(id, backend=...)``, that of an app which is not known, and a message whose task has a backend of
    its own."""
    keywords = getattr(result.node, "keywords", ())
    declared = result.task.declared if result.task is not None else {}
    if "backend" in declared or any(k.name in ("backend", None) for k in keywords):
        return True
    named = next((k.value for k in keywords if k.name == "app"), None)
    return named is not None and project.tasks_index.apps.owner(named, result.scope) is None
