from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from celerylint.model.entities import Call
from celerylint.model.holding import WHO, Held, Patience
from celerylint.model.moments import words
from celerylint.model.project import Project
from celerylint.rule import Confidence, Finding, Rule, Severity


class CallBeyondVisibility(Rule):
    """A message is held back longer than the broker waits for its acknowledgement.

    The worker takes a message with a countdown, an eta or a retry delay at once and keeps it, unacknowledged, until
    its time has come. Redis and SQS take that for a dead worker when the visibility timeout is over, and deliver the
    message again, to the same worker too: the task runs once for each time. RabbitMQ closes the channel of such a
    worker after 30 minutes, and all that it held is delivered again.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.remind")
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.apply_async((order_id,), countdown=2 * 3600)  # expect: call-beyond-visibility
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(
        task_time_limit=300,
        task_soft_time_limit=270,
        broker_transport_options={"visibility_timeout": 3 * 3600},
    )


    @app.task(name="shop.remind")
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.apply_async((order_id,), countdown=2 * 3600)
    ```

    ## When to suppress

    The task does nothing when it runs again, or the broker's own configuration, which is not here, waits longer.
    """

    category = "reliability"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    sources = ("kombu/transport/redis.py: restore_visible", "celery/worker/strategy.py: apply_eta_task")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        held = project.holding.of_call(call) if not call.in_tests else None
        limit = project.holding.patience(call.target) if held is not None else None
        if held is None or limit is None or held.seconds <= limit.seconds or project.holding.bears(limit):
            return
        most = "" if held.exact else "up to "
        yield self.finding(
            at=held.span,
            message=f"`{call.label}` is held back for {most}{words(held.seconds)}: {_consequence(limit)}",
            help=_help(limit),
            subject=f"task:{call.label}",
            severity=_severity(limit),
            confidence=_confidence(held, limit),
            evidence=[(limit.span, _told(limit))],
        )

    def check_project(self, project: Project) -> Iterator[Finding]:
        """Retry delays are one finding for all tasks of a broker: one edit, of its timeout, cures them."""
        groups: dict[Patience, list[Held]] = defaultdict(list)
        for task in project.production_tasks:
            for held in project.holding.of_task(task):
                limit = project.holding.patience(task)
                if limit is not None and held.seconds >= limit.seconds:
                    groups[limit].append(held)
        for limit, members in groups.items():
            if project.holding.bears(limit):
                continue
            members.sort(key=lambda held: (-held.seconds, held.span))
            yield self._retries(limit, members)

    def _retries(self, limit: Patience, members: list[Held]) -> Finding:
        longest = members[0]
        labels = list(dict.fromkeys(held.task.label for held in members if held.task is not None))
        who = f"`{labels[0]}`" if len(labels) == 1 else f"{len(labels)} tasks (`{labels[0]}`, ...)"
        equal = longest.seconds == limit.seconds
        others = list({one.span: one for one in members if one.span != longest.span}.values())
        most = "" if longest.exact else "up to "
        waits = "wait" if len(labels) > 1 else "waits"
        return self.finding(
            at=longest.span,
            message=f"{who} {waits} {most}{words(longest.seconds)} for a retry: {_consequence(limit, equal)}",
            help=_help(limit),
            subject=f"task:{labels[0]}" if len(labels) == 1 else f"retries:{longest.what}",
            severity="warning" if equal else _severity(limit),
            confidence="medium" if equal and not limit.doubtful else _confidence(longest, limit),
            evidence=[
                (limit.span, _told(limit)),
                *((held.span, f"waits {words(held.seconds)}") for held in others[:3]),
            ],
        )


def _consequence(limit: Patience, equal: bool = False) -> str:
    who = WHO.get(limit.kind, "the broker")
    if limit.kind == "amqp":
        return f"{who} closes the worker's channel after {words(limit.seconds)}"
    if equal:
        return f"{who} delivers it again when no slot is free by then"
    return f"{who} delivers it again every {words(limit.seconds)}, and it runs as often"


def _told(limit: Patience) -> str:
    return "the broker" if limit.kind == "amqp" else f"visibility timeout: {words(limit.seconds)}"


def _help(limit: Patience) -> str:
    if limit.kind == "amqp":
        return "raise `consumer_timeout` of RabbitMQ, or keep long delays in the database"
    return "raise `visibility_timeout` in `broker_transport_options` above the longest delay"


def _severity(limit: Patience) -> Severity:
    return "warning" if limit.kind == "amqp" else "error"


def _confidence(held: Held, limit: Patience) -> Confidence:
    if limit.doubtful:
        return "low"
    return "high" if held.exact and limit.certain else "medium"
