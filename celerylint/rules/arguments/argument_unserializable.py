from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.entities import Call, ScheduleEntry
from celerylint.model.project import Project
from celerylint.model.scheduled import scheduled
from celerylint.model.sent import LOST, sent
from celerylint.rule import Finding, Rule

_OTHERS = frozenset({"enum", "str enum", "int enum", "pydantic model"})
"""Kinds that have a rule of their own."""

_HELP = {
    "set": "send a list: `sorted(...)` or `list(...)`",
    "frozenset": "send a list: `sorted(...)` or `list(...)`",
    "dict view": "send `list(...)` of it",
    "generator": "send a list",
    "map": "send a list",
    "filter": "send a list",
    "zip": "send a list",
    "range": "send `list(...)` of it, or its bounds",
    "Path": "send `str(...)` of it",
    "timedelta": "send `.total_seconds()`",
    "exception": "send `str(...)` of it",
    "file": "store the file where the worker can read it, and send its name",
    "request": "send the values that the task needs",
    "dataclass": "send `dataclasses.asdict(...)`, and build it again in the task",
    "tuple-keyed dict": "send a list of pairs",
}


class ArgumentUnserializable(Rule):
    """An argument of a task is of a type that its serializer cannot encode.

    JSON, Celery's serializer, takes strings, numbers, lists, dicts and, with kombu 5.3 or later, dates, `Decimal`,
    `UUID` and bytes. It refuses sets, `timedelta`, generators, dict views, `Path`, exceptions, files and objects: the
    call fails with `EncodeError` where it is made, and nothing is queued. In `self.retry(args=...)` nobody sees the
    error: the retry is dropped. msgpack refuses dates too, and lets dicts with integer keys pass that the worker then
    discards.

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.reprice", time_limit=60, soft_time_limit=50)
    def reprice(product_ids):
        for product_id in product_ids:
            print(product_id)


    def close(lines):
        reprice.delay({line["product"] for line in lines})  # expect: argument-unserializable
    ```

    ```python good
    from celery import shared_task


    @shared_task(name="shop.reprice", time_limit=60, soft_time_limit=50)
    def reprice(product_ids):
        for product_id in product_ids:
            print(product_id)


    def close(lines):
        reprice.delay(sorted({line["product"] for line in lines}))
    ```

    ## In the schedule

    Beat logs the error at every due time, and the task never runs.

    ```python bad
    from datetime import timedelta

    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.tidy")
    def tidy(age):
        print(age)


    app.conf.beat_schedule = {
        "tidy": {
            "task": "shop.tidy",
            "schedule": 3600.0,
            "args": (timedelta(days=30),),  # expect: argument-unserializable
        },
    }
    ```

    ## When to suppress

    A serializer of your own encodes the type, and celerylint does not see where it is registered.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=2.0"
    sources = (
        "kombu/utils/json.py: JSONEncoder.default",
        "celery/beat.py: Scheduler.apply_entry",
        "https://docs.celeryq.dev/en/stable/userguide/calling.html#serializers",
    )

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        for part in sent(call, project):
            if part.fate in LOST and part.kind.name not in _OTHERS:
                yield self.finding(
                    at=part.span,
                    message=f"{part.what} is sent to `{call.label}`: {part.consequence}",
                    help=_HELP.get(part.kind.name, "send strings, numbers, lists and dicts, and build it in the task"),
                    subject=f"task:{call.label}",
                    confidence=part.confidence,
                    label=part.label,
                    evidence=part.evidence(),
                )

    def check_schedule(self, entry: ScheduleEntry, project: Project) -> Iterator[Finding]:
        name = entry.task_name or "a task"
        for part in scheduled(entry, project):
            yield self.finding(
                at=part.span,
                message=f"{part.what} is scheduled for `{name}`: {part.serializer} cannot encode it, so it never runs",
                help=_HELP.get(part.kind.name, "send strings, numbers, lists and dicts, and build it in the task"),
                subject=f"schedule:{entry.key if isinstance(entry.key, str) else name}",
                evidence=[(entry.target.function_span, "the task")] if entry.target is not None else [],
            )
