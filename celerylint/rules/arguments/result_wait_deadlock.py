from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.project import Project
from celerylint.model.results import timeout_of
from celerylint.model.waiting import Wait
from celerylint.rule import Confidence, Finding, Rule


class ResultWaitDeadlock(Rule):
    """A task keeps its worker slot while it waits for another task, which may need that very slot.

    `allow_join_result()` and `disable_sync_subtasks=False` switch Celery's refusal off, and a loop over `ready()` goes
    around it; the reason for the refusal stays. When as many tasks wait as the workers have slots, nothing is left to
    run what they wait for: all of them stand still until a limit or a timeout ends them. With one slot the first call
    is enough.

    ```python bad
    from celery import Celery
    from celery.result import allow_join_result

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.price")
    def price(order_id):
        return order_id * 10


    @app.task(name="shop.invoice")
    def invoice(order_id):
        result = price.delay(order_id)
        with allow_join_result():
            print(result.get())  # expect: result-wait-deadlock
    ```

    ```python good
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.price")
    def price(order_id):
        return order_id * 10


    @app.task(name="shop.invoice")
    def invoice(total):
        print(total)


    def close(order_id):
        chain(price.s(order_id), invoice.s()).apply_async()
    ```

    ## Where it is silent

    On gevent and eventlet pools, and where the two tasks are known to be run by different workers.

    ## When to suppress

    A worker that runs nothing else consumes the awaited tasks, and celerylint cannot see it.
    """

    category = "reliability"
    severity = "warning"
    since = "0.1"
    celery = ">=3.1"
    sources = ("celery/result.py: allow_join_result", "celery/result.py: AsyncResult.get")

    def check_project(self, project: Project) -> Iterator[Finding]:
        for wait in project.waiting.found:
            task = wait.task
            if task is None or task.in_tests or not (wait.allowed or wait.how == "poll"):
                continue
            if wait.result.origin == "eager" or (wait.how == "poll" and wait.result.origin in ("id", "unknown")):
                continue
            if project.waiting.pool(task)[0] is None or project.waiting.apart(wait):
                continue
            if project.results.ignored(wait.result) is None:
                few = not wait.undefined and project.waiting.takes_few_slots(task)
                yield self._report(wait, "low" if few else "high" if wait.direct else "medium")

    def _report(self, wait: Wait, confidence: Confidence) -> Finding:
        assert wait.task is not None
        evidence = []
        if wait.result.span != wait.span:
            evidence.append((wait.result.span, "sent to the same workers"))
        if wait.through is not None:
            evidence.append((wait.through, "a task gets there by this call"))
        evidence.append((wait.task.function_span, "the task that waits"))
        ends = wait.call is not None and wait.how != "poll" and timeout_of(wait.call) is not None
        until = "time out" if ends else "stand still"
        message = f"`{wait.task.label}` holds a worker slot while it waits for {wait.result.label}: "
        message += f"when all slots wait, all {until}"
        if wait.undefined:
            message = f"`{wait.task.label}` fails before it waits for {wait.result.label}: "
            message += f"`{wait.undefined}` is not defined here, so `NameError` is raised"
        return self.finding(
            at=wait.span,
            message=message,
            help="let the rest be a task of its own and link the two with a chain or chord",
            subject=wait.task.subject,
            confidence=confidence,
            label="never reached"
            if wait.undefined
            else "asked again and again"
            if wait.how == "poll"
            else "waits in a task",
            evidence=evidence,
        )
