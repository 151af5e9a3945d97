from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.project import Project
from celerylint.model.waiting import Wait
from celerylint.rule import Confidence, Finding, Rule


class ResultWaitInTask(Rule):
    """A task waits for the result of another task, which Celery refuses with `RuntimeError`.

    The other task is sent, and then `get()` raises "Never call result.get() within a task!": the waiting task fails
    each time, a retry sends the other task once more, and eager tests do not always show it. The worker refuses
    because a task that waits holds the slot that the awaited task may need. Pass the value on with a chain, or collect
    several with a chord.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.price")
    def price(order_id):
        return order_id * 10


    @app.task(name="shop.invoice")
    def invoice(order_id):
        total = price.delay(order_id).get(timeout=10)  # expect: result-wait-in-task
        print(total)
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

    Where every worker runs gevent or eventlet, whose pools allow it. Where the wait stands in `allow_join_result()` or
    is given `disable_sync_subtasks=False` the worker does not refuse; `result-wait-deadlock` says what comes of that.

    ## When to suppress

    The code around it runs in a task only when nothing is waited for.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=4.0"
    sources = (
        "celery/result.py: assert_will_not_block",
        "https://docs.celeryq.dev/en/stable/userguide/tasks.html#avoid-launching-synchronous-subtasks",
    )

    def check_project(self, project: Project) -> Iterator[Finding]:
        for wait in project.waiting.found:
            if wait.task is None or wait.task.in_tests or wait.allowed or wait.undefined or wait.how == "poll":
                continue
            if not project.results.is_kept(wait.result):
                continue  # an ignored result gives None at once
            made_by = wait.result.call
            unknown = wait.result.origin == "unknown"
            if unknown and (made_by is None or made_by.how != "delay"):
                continue  # pools have an `apply_async` too
            pool, certain = project.waiting.pool(wait.task)
            if pool is not None:
                assumed = unknown or project.results.is_likely_kept(wait.result)
                confidence: Confidence = "high" if wait.direct and certain and not assumed else "medium"
                yield self._report(wait, pool, confidence)

    def _report(self, wait: Wait, pool: str, confidence: Confidence) -> Finding:
        assert wait.task is not None
        evidence = []
        if wait.result.span != wait.span and wait.result.origin != "inverted":
            evidence.append((wait.result.span, "the result comes from here"))
        if wait.through is not None:
            evidence.append((wait.through, "a task gets there by this call"))
        evidence.append((wait.task.function_span, "the task that waits"))
        how = "`~signature`" if wait.how == "~" else f"`{wait.how}()`"
        return self.finding(
            at=wait.span,
            message=f"{how} on {wait.result.label} in the task `{wait.task.label}` raises `RuntimeError` ({pool} pool)",
            help="let the rest be a task of its own and link the two with a chain or chord",
            subject=wait.task.subject,
            confidence=confidence,
            label="refused inside a task",
            evidence=evidence,
        )
