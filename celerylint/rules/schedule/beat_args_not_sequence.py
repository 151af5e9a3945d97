from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.entities import ScheduleEntry
from celerylint.model.project import Project
from celerylint.model.sequences import Lone, as_tuple, of_value
from celerylint.model.values import Collection, Table
from celerylint.rule import Finding, Fix, Replace, Rule, Span


class BeatArgsNotSequence(Rule):
    """The `args` of a schedule entry are one value, not a list or tuple of values.

    Parentheses alone make no tuple: `"args": (5)` is `5`. A number stops the entry with `SchedulingError` each time
    it is due, a text is taken apart into letters, a dict becomes its keys.

    ```python bad
    from celery import Celery
    from celery.schedules import crontab

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)
    app.conf.beat_schedule = {
        "nightly": {
            "task": "shop.report",
            "schedule": crontab(minute=0, hour=3),
            "args": ("north"),  # expect: beat-args-not-sequence
        },
    }


    @app.task(name="shop.report")
    def report(region):
        print(region)
    ```

    ```python fixed
    from celery import Celery
    from celery.schedules import crontab

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)
    app.conf.beat_schedule = {
        "nightly": {
            "task": "shop.report",
            "schedule": crontab(minute=0, hour=3),
            "args": ("north",),
        },
    }


    @app.task(name="shop.report")
    def report(region):
        print(region)
    ```

    ```python good
    from celery import Celery
    from celery.schedules import crontab

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)
    app.conf.beat_schedule = {
        "nightly": {
            "task": "shop.report",
            "schedule": crontab(minute=0, hour=3),
            "args": ("north",),
            "options": {"expires": 3600},
        },
    }


    @app.task(name="shop.report")
    def report(region):
        print(region)
    ```

    ## When to suppress

    Never: the task does not get what was meant.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    fix_safety = "safe"
    sources = ("celery/beat.py: _evaluate_entry_args",)

    def check_schedule(self, entry: ScheduleEntry, project: Project) -> Iterator[Finding]:
        if entry.in_tests or entry.how not in ("beat_schedule", "add_periodic_task", "template"):
            return
        name = entry.key if isinstance(entry.key, str) else entry.task_name or "?"
        found = of_value(entry.args)
        if found is not None and entry.args is not None:
            whole = entry.value.span if isinstance(entry.value, Table) else entry.span
            here = whole.covers(entry.args.span)
            yield self.finding(
                at=entry.args.span if here else _key(entry),
                message=f"`args` of the schedule entry `{name}` is {found.what}, no list: {_RESULT[found.spread]}",
                help="put it in a tuple of one: `(value,)`" if found.fixable else "pass a list or tuple",
                subject=f"schedule:{name}",
                evidence=() if here else [(entry.args.span, found.what)],
                data=found if here else None,
            )
        kwargs = entry.kwargs
        if isinstance(kwargs, Collection) and kwargs.items and entry.how == "beat_schedule":
            yield self.finding(
                at=kwargs.span,
                message=f"`kwargs` of the schedule entry `{name}` is no dict: beat raises `SchedulingError` each time",
                help="pass a dict of the task's parameters",
                subject=f"schedule:{name}",
            )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        found = finding.data
        if not (isinstance(found, Lone) and found.fixable):
            return None
        return Fix("make it a tuple of one", "safe", (Replace(finding.span, as_tuple(finding.span, project)),))


def _key(entry: ScheduleEntry) -> Span:
    return entry.value.key_span("args") if isinstance(entry.value, Table) else entry.span


_RESULT = {
    "fails": "beat raises `SchedulingError`",
    "letters": "each letter is sent as an argument",
    "keys": "its keys are sent as arguments",
    "unknown": "beat raises `SchedulingError`",
}
