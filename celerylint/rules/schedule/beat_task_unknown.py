from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.entities import ScheduleEntry
from celerylint.model.project import Project
from celerylint.model.unregistered import unregistered
from celerylint.model.values import Known
from celerylint.rule import Finding, Fix, RenameString, Rule
from celerylint.sources.prefilter import is_test_path


class BeatTaskUnknown(Rule):
    """A schedule entry names a task that nothing in this project registers.

    Beat does not look the name up: each time the entry is due it sends a message and logs success. The worker logs
    "Received unregistered task" and drops it. The job never runs, and no alarm tells.

    ```python bad
    from celery import Celery
    from celery.schedules import crontab

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)
    app.conf.beat_schedule = {
        "nightly": {
            "task": "shop.send-report",  # expect: beat-task-unknown
            "schedule": crontab(minute=0, hour=3),
            "options": {"expires": 3600},
        },
    }


    @app.task(name="shop.send_report")
    def send_report():
        print("report")
    ```

    ```python fixed
    from celery import Celery
    from celery.schedules import crontab

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)
    app.conf.beat_schedule = {
        "nightly": {
            "task": "shop.send_report",
            "schedule": crontab(minute=0, hour=3),
            "options": {"expires": 3600},
        },
    }


    @app.task(name="shop.send_report")
    def send_report():
        print("report")
    ```

    ```python good
    from celery import Celery
    from celery.schedules import crontab

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)
    app.conf.beat_schedule = {
        "nightly": {
            "task": "shop.send_report",
            "schedule": crontab(minute=0, hour=3),
            "options": {"expires": 3600},
        },
    }


    @app.task(name="shop.send_report")
    def send_report():
        print("report")
    ```

    A name that resembles none of the project's is reported only when it begins with a package of this repository.
    Names that other services register are never reported when the configuration lists them:

    ```toml
    [tool.celerylint.project]
    external-tasks = ["billing.*"]
    ```

    ## When to suppress

    The task is registered in a way that cannot be read, or by another service: then list it under `external-tasks`.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    fix_safety = "safe"
    celery = ">=3.0"
    sources = ("celery/beat.py: Scheduler.apply_async", "celery/worker/consumer/consumer.py: Consumer.on_unknown_task")

    def check_schedule(self, entry: ScheduleEntry, project: Project) -> Iterator[Finding]:
        if entry.in_tests or entry.target is not None or not isinstance(entry.task, Known) or not _is_code(entry):
            return
        name = entry.task.value
        verdict = unregistered(name, project) if isinstance(name, str) and project.production_tasks else None
        if verdict is None:
            return
        label = entry.key if isinstance(entry.key, str) else name
        written = entry.task.span
        around = entry.value.span if entry.value is not None else entry.span
        inside = around.covers(written)
        yield self.finding(
            at=written if inside else entry.span,
            message=f"no task is registered as `{name}`: workers drop every message of `{label}`",
            help=f"write `{verdict.near}`" if verdict.near else "use the name of a registered task",
            subject=f"schedule:{label}",
            severity=verdict.severity,
            confidence=verdict.confidence,
            evidence=verdict.evidence,
            data=(written, name, verdict.near) if inside and verdict.near else None,
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        if finding.data is None:
            return None
        written, name, near = finding.data
        if not _is_literal(project.text(written), name):
            return None
        return Fix(f"write `{near}`", "safe", (RenameString(written, near),))


def _is_code(entry: ScheduleEntry) -> bool:
    """Whether beat reads this entry as it stands: what a migration writes, a later one may have renamed."""
    path = entry.span.path
    read = path.endswith(".py") and not is_test_path(path) and "migrations" not in path.split("/")
    return read and entry.how != "template"


def _is_literal(text: str, name: str) -> bool:
    return text in (f'"{name}"', f"'{name}'")
