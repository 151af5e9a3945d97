from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.model.project import Project
from celerylint.model.sending import options_of
from celerylint.model.sequences import last_part
from celerylint.model.values import Instance, Known, Value
from celerylint.rule import Finding, Rule, Span

_URGENT = re.compile(r"(^|_)(high|higher|highest|urgent|critical|important|asap)(_|$)", re.IGNORECASE)
_PATIENT = re.compile(r"(^|_)(low|lower|lowest|bulk|background|whenever)(_|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Named:
    """A priority under a name that tells how urgent it is meant to be."""

    name: str
    number: int
    urgent: bool
    span: Span
    task: str


class CallPriorityInverted(Rule):
    """What is called high priority runs last: Redis and RabbitMQ count in opposite directions.

    On Redis `0` is the most urgent and `9` the least, on RabbitMQ it is the other way round. Constants that were
    named for the one make the other take the low priority messages first.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)
    PRIORITY_HIGH = 9
    PRIORITY_LOW = 1


    @app.task(name="shop.remind")
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.apply_async((order_id,), priority=PRIORITY_HIGH)  # expect: call-priority-inverted


    def sweep(order_id):
        remind.apply_async((order_id,), priority=PRIORITY_LOW)
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)
    PRIORITY_HIGH = 0
    PRIORITY_LOW = 9


    @app.task(name="shop.remind")
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.apply_async((order_id,), priority=PRIORITY_HIGH)


    def sweep(order_id):
        remind.apply_async((order_id,), priority=PRIORITY_LOW)
    ```

    ## When to suppress

    The names mean something else, or the broker in production is another one.
    """

    category = "correctness"
    severity = "info"
    profile = "pedantic"
    since = "0.1"
    celery = ">=3.0"
    sources = ("kombu/transport/redis.py: priority_steps",)

    def check_project(self, project: Project) -> Iterator[Finding]:
        named = list(_named(project))
        app = project.apps[0] if len(project.apps) == 1 else None
        broker = project.stores.broker(app)
        if isinstance(broker.kind, Unknown) or broker.kind not in ("redis", "amqp") or broker.span is None:
            return
        urgent, patient = [n for n in named if n.urgent], [n for n in named if not n.urgent]
        for one in urgent:
            for other in patient:
                late = one.number > other.number if broker.kind == "redis" else one.number < other.number
                if late:
                    yield self._finding(one, other, broker.kind, broker.span)
                    return

    def _finding(self, one: _Named, other: _Named, kind: str, broker: Span) -> Finding:
        who, order = ("Redis", "lower") if kind == "redis" else ("RabbitMQ", "higher")
        return self.finding(
            at=one.span,
            message=f"`{one.name}` ({one.number}) runs after `{other.name}` ({other.number}): {who} runs {order} first",
            help="swap the numbers",
            subject=f"task:{one.task}",
            confidence="medium",
            evidence=[(other.span, "runs first"), (broker, "the broker")],
        )


def _named(project: Project) -> Iterator[_Named]:
    for call in project.calls:
        given = options_of(call, project).get("priority") if not call.in_tests else None
        name = last_part(given.expr) if given is not None and isinstance(given.expr, (s.Name, s.Attribute)) else ""
        number = _number(given.value(project)) if given is not None else None
        urgent, patient = _URGENT.search(name), _PATIENT.search(name)
        if given is not None and number is not None and bool(urgent) is not bool(patient):
            yield _Named(name, number, bool(urgent), given.span, call.label)


def _number(value: Value) -> int | None:
    """A number, or the member of an enum of numbers."""
    member = value.keyword("value") if isinstance(value, Instance) else value
    return member.value if isinstance(member, Known) and isinstance(member.value, int) else None
