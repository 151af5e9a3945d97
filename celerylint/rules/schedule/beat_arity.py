from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts.unknown import Unknown
from celerylint.model.arity import described
from celerylint.model.binding import Mismatch
from celerylint.model.entities import ScheduleEntry
from celerylint.model.project import Project
from celerylint.rule import Finding, Rule


class BeatArity(Rule):
    """A schedule entry sends arguments that its task cannot take.

    Beat compares them with the task's parameters each time the entry is due, logs a `TypeError` and sends nothing.
    Where beat does not know the task, the message is sent and the worker raises the same error. Either way the task
    never runs, and no alarm tells.

    ```python bad
    from celery import Celery
    from celery.schedules import crontab

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)
    app.conf.beat_schedule = {
        "nightly": {"task": "shop.report", "schedule": crontab(minute=0, hour=3)},  # expect: beat-arity
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

    A scheduler of your own completes the arguments.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    sources = ("celery/beat.py: Scheduler.apply_entry", "celery/app/task.py: Task.apply_async")

    def check_schedule(self, entry: ScheduleEntry, project: Project) -> Iterator[Finding]:
        why = project.arity.of_entry(entry)
        task = entry.target
        if entry.in_tests or task is None or not isinstance(why, Mismatch) or isinstance(task.signature, Unknown):
            return
        name = entry.key if isinstance(entry.key, str) else task.label
        yield self.finding(
            at=entry.span,
            message=f"{described(task.label, why)} by the schedule entry `{name}`: it never runs",
            help=f"match `{task.function.name if task.function else task.label}{task.signature}`",
            subject=f"schedule:{name}",
            confidence="medium" if task.unknown_options is not None else "high",
            evidence=[(task.function_span, "the task")],
        )
