from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.entities import Call
from celerylint.model.moments import Moment, moment_of, words
from celerylint.model.project import Project
from celerylint.model.sending import options_of
from celerylint.rule import Finding, Rule, Span


class CallExpiresEarly(Rule):
    """A message expires before its countdown ends, so the task never runs.

    Both count from the moment of sending. When the countdown is over the worker finds the message expired, discards
    it and marks the task `REVOKED`, every time.

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.apply_async((order_id,), countdown=3600, expires=600)  # expect: call-expires-early
    ```

    ```python good
    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.apply_async((order_id,), countdown=3600, expires=4200)
    ```

    ## When to suppress

    Never: the task does not run.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    sources = ("celery/worker/request.py: Request.maybe_expire", "celery/app/amqp.py: AMQP.as_task_v2")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        options = options_of(call, project)
        waits = options.get("countdown") or options.get("eta")
        if call.in_tests or call.how == "retry" or waits is None:
            return
        expires = options.get("expires")
        start = project.moments.of(waits.expr, waits.scope)
        end, place = _of_task(call)
        if expires is not None:
            end, place = project.moments.of(expires.expr, expires.scope), expires.keyword
        first, last = _seconds(start), _seconds(end)
        if place is None or first is None or last is None or not 0 < last <= first:
            return
        yield self.finding(
            at=waits.keyword,
            message=f"`{call.label}` never runs: it waits {words(first)} and expires after {words(last)}",
            help="let it expire later than it may start",
            subject=f"task:{call.label}",
            evidence=[(place, f"expires after {words(last)}")],
        )


def _of_task(call: Call) -> tuple[Moment, Span | None]:
    """The ``expires`` that the decorator gives to every message."""
    if call.target is None or call.how == "send_task":
        return Moment("unknown"), None
    option = call.target.declared.get("expires")
    return (moment_of(option.value), option.span) if option is not None else (Moment("none"), None)


def _seconds(moment: Moment) -> float | None:
    """How long after sending; None when that is not a constant."""
    if moment.kind == "number" and moment.value is not None and moment.value.assumed is None:
        return moment.seconds
    return moment.seconds if moment.kind == "date" and moment.clock in ("aware", "utc") else None
