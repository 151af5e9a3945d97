from __future__ import annotations

from collections.abc import Iterator

from celerylint.knowledge.results import READS, WAITS
from celerylint.model.project import Project
from celerylint.model.result_flow import Step
from celerylint.model.results import Result, is_lookup
from celerylint.rule import Finding, Rule, Span

_NOTHING = frozenset({*WAITS, "result", "info", "traceback", "children"})
"""What gives None, or nothing, of a result that is never stored."""


class ResultIgnoredUsed(Rule):
    """The result of a task that ignores its results is read: it is None at once, and never ready.

    With `ignore_result` the worker stores nothing. `get()` does not wait and does not raise, it returns None, whatever
    the task returns and even when it fails; `ready()` stays False and `state` stays PENDING for ever. In eager tests
    the same lines give the real value.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.price", ignore_result=True)
    def price(order_id):
        return order_id * 10


    def quote(order_id):
        return price.delay(order_id).get(timeout=10)  # expect: result-ignored-used
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

    The code runs only where tasks are eager.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=4.2"
    sources = ("celery/result.py: AsyncResult.get", "celery/app/base.py: Celery.send_task")

    def check_project(self, project: Project) -> Iterator[Finding]:
        for result in project.results.found:
            where = project.results.ignored(result)
            if where is None or result.in_tests:
                continue
            for step in result.steps:
                if step.shape != "one" or step.name not in READS | WAITS or not step.sole or is_lookup(step.call):
                    continue
                if step.kind in ("method", "attribute") and not step.scope.module.is_test:
                    yield self._report(result, step, where)

    def _report(self, result: Result, step: Step, where: Span) -> Finding:
        called = f"`{step.name}{'()' if step.kind == 'method' else ''}`"
        gives = "gives None at once" if step.name in _NOTHING else "never changes"
        at = result.span_of(step)
        evidence = [(where, "results are ignored here")]
        if result.span != at:
            evidence.append((result.span, "sent here"))
        return self.finding(
            at=at,
            message=f"{called} of {result.label} {gives}: its results are ignored, whatever it returns or raises",
            help="take `ignore_result` away from it, or do not ask for the result",
            subject=f"task:{result.task.label}" if result.task is not None else f"task:{result.label.strip('`')}",
            label="nothing is stored",
            evidence=evidence,
        )
