from __future__ import annotations

from collections.abc import Iterator

from celerylint.knowledge.results import POLLS
from celerylint.model.project import Project
from celerylint.model.results import timeout_of
from celerylint.model.waiting import Wait
from celerylint.rule import Finding, Rule

_WAITS = ("get", "wait", "join", "join_native")


class ResultWaitForever(Rule):
    """A result is waited for without a timeout, so a task that never answers blocks the caller for ever.

    No answer comes when no worker runs, when the message was lost, revoked or expired, and when the result itself has
    expired: `get()` cannot tell any of them from a task that takes long. A web process that waits is lost, and with
    enough of them the site.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.price")
    def price(order_id):
        return order_id * 10


    def quote(order_id):
        return price.delay(order_id).get()  # expect: result-wait-forever
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

    Somebody watches the wait and can interrupt it, as in a management command.
    """

    category = "reliability"
    severity = "info"
    profile = "pedantic"
    since = "0.1"
    celery = ">=3.0"
    sources = ("celery/result.py: AsyncResult.get",)

    def check_project(self, project: Project) -> Iterator[Finding]:
        for wait in project.waiting.found:
            if wait.task is not None or wait.undefined or wait.how not in _WAITS or wait.call is None:
                continue  # inside a task the wait itself is the fault
            if wait.result.origin in ("eager", "unknown") or any(k.name is None for k in wait.call.keywords):
                continue
            if _known_to_be_done(wait):
                continue
            if timeout_of(wait.call) is None and project.results.is_kept(wait.result):
                yield self._report(wait)

    def _report(self, wait: Wait) -> Finding:
        evidence = [] if wait.result.span.line == wait.span.line else [(wait.result.span, "the result comes from here")]
        return self.finding(
            at=wait.span,
            message=f"`{wait.how}()` waits for {wait.result.label} without a timeout: with no answer it never returns",
            help="give it `timeout=` and handle `celery.exceptions.TimeoutError`",
            subject=f"task:{wait.result.label.strip('`')}",
            confidence="low" if "/management/commands/" in wait.span.path else "high",  # somebody watches
            evidence=evidence,
        )


def _known_to_be_done(wait: Wait) -> bool:
    """Whether the state was looked at before, as in ``if result.ready(): return result.get()``."""
    asked = (s for s in wait.result.steps if s.scope is wait.scope and s.name in POLLS)
    return any(step.node.pos[:2] < wait.span.pos[:2] for step in asked)
