from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.model.sending import options_of
from celerylint.rule import Finding, Rule


class CallEtaAndCountdown(Rule):
    """A call gives both `eta` and `countdown`, and the `eta` is ignored.

    Celery makes an `eta` of the `countdown`, and that one wins without a word: the task runs when the countdown ends,
    not at the date that was given.

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id):
        print(order_id)


    def close(order_id, due):
        remind.apply_async((order_id,), eta=due, countdown=60)  # expect: call-eta-and-countdown
    ```

    ```python good
    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id):
        print(order_id)


    def close(order_id, due):
        remind.apply_async((order_id,), eta=due)
        remind.apply_async((order_id,), countdown=60)
    ```

    ## When to suppress

    One of the two is always empty, and celerylint does not see it.
    """

    category = "correctness"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    sources = ("celery/app/amqp.py: AMQP.as_task_v2",)

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        options = options_of(call, project)
        eta, countdown = options.get("eta"), options.get("countdown")
        if call.in_tests or eta is None or countdown is None:
            return
        waits = project.moments.of(countdown.expr, countdown.scope)
        date = project.moments.of(eta.expr, eta.scope)
        if waits.kind != "number" or waits.seconds == 0 or date.kind == "none" or waits.optional or date.optional:
            return
        yield self.finding(
            at=eta.keyword,
            message=f"the `eta` of `{call.label}` is ignored: its `countdown` wins",
            help="remove one of the two",
            subject=f"task:{call.label}",
            confidence="high" if waits.seconds is not None and date.kind == "date" else "medium",
            evidence=[(countdown.keyword, "wins")],
        )
