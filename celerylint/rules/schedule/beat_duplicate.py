from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from celerylint.facts.unknown import Unknown
from celerylint.model.entities import ScheduleEntry
from celerylint.model.project import Project
from celerylint.model.timing import coincide, timing
from celerylint.model.values import Value, plain
from celerylint.rule import Confidence, Finding, Rule


class BeatDuplicate(Rule):
    """The same work is scheduled twice, or one key twice.

    Two entries with the same task, the same arguments and schedules that meet send two messages at those times: the
    report goes out twice, the import runs against itself. One key written twice in a dict is worse in silence: the
    second entry replaces the first, which never runs. The same holds for two `add_periodic_task` calls with an equal
    signature and no name.

    ```python bad
    from celery import Celery
    from celery.schedules import crontab

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.task_time_limit = 300
    app.conf.beat_schedule = {
        "nightly-report": {"task": "shop.report", "schedule": crontab(minute=0, hour=3)},
        "report": {"task": "shop.report", "schedule": crontab(minute=0, hour="*/3")},  # expect: beat-duplicate
    }


    @app.task(name="shop.report")
    def report():
        print("report")
    ```

    ```python good
    from celery import Celery
    from celery.schedules import crontab

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)
    app.conf.beat_schedule = {
        "report-north": {
            "task": "shop.report",
            "schedule": crontab(minute=0, hour=3),
            "args": ("north",),
            "options": {"expires": 3600},
        },
        "report-south": {
            "task": "shop.report",
            "schedule": crontab(minute=0, hour=3),
            "args": ("south",),
            "options": {"expires": 3600},
        },
    }


    @app.task(name="shop.report")
    def report(region):
        print(region)
    ```

    ## When to suppress

    Running the task twice at that moment is wanted.
    """

    category = "correctness"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    sources = ("celery/beat.py: Scheduler.merge_inplace", "celery/app/base.py: Celery._add_periodic_task")

    def check_project(self, project: Project) -> Iterator[Finding]:
        entries = [e for e in project.schedule if not e.in_tests]
        yield from self._same_key(entries)
        groups: dict[tuple[object, ...], list[ScheduleEntry]] = defaultdict(list)
        for entry in entries:
            if entry.task_name is not None:
                groups[(entry.task_name, id(entry.app), entry.how == "template" and entry.table_span)].append(entry)
        for group in groups.values():
            reported: set[int] = set()
            for first, second in combinations(group, 2):
                if id(second) not in reported and self._apart(first, second, project) is False:
                    finding = self._same_work(first, second)
                    if finding is not None:
                        reported.add(id(second))
                        yield finding

    def _same_key(self, entries: list[ScheduleEntry]) -> Iterator[Finding]:
        by_place: dict[tuple[object, ...], ScheduleEntry] = {}
        for entry in entries:
            if entry.how != "beat_schedule" or entry.table_span is None or isinstance(entry.key, Unknown):
                continue
            place = (entry.table_span, entry.key, entry.variant)
            first = by_place.setdefault(place, entry)
            if first is not entry:
                yield self.finding(
                    at=entry.span,
                    message=f"the key `{entry.key}` stands twice in one schedule: the first entry never runs",
                    help="give one of them another key",
                    subject=f"schedule:{entry.key}",
                    severity="error",
                    label="replaces the first",
                    evidence=[(first.span, "never runs")],
                )

    def _apart(self, first: ScheduleEntry, second: ScheduleEntry, project: Project) -> bool:
        """Whether the two can never be in force together, or are one key."""
        if first.key == second.key and not isinstance(first.key, Unknown):
            return first.how != "template"
        if first.variant and second.variant and first.variant != second.variant:
            return True
        if first.how == second.how == "PeriodicTask":
            return True  # rows made by code that runs when somebody asks for them
        return project.exclusive(first.span, second.span)

    def _same_work(self, first: ScheduleEntry, second: ScheduleEntry) -> Finding | None:
        arguments = [_arguments(e) for e in (first, second)]
        times = [timing(e.schedule) for e in (first, second)]
        if None in arguments or arguments[0] != arguments[1] or times[0] is None or times[1] is None:
            return None
        unnamed = (
            isinstance(first.key, Unknown) and isinstance(second.key, Unknown) and first.how == "add_periodic_task"
        )
        replaced = unnamed and first.how == second.how
        renamed = _folded(first) == _folded(second) is not None
        if not replaced and not renamed and not coincide(times[0], times[1]):
            return None
        equal = times[0] == times[1]
        confidence: Confidence = "high" if equal else "medium"
        if replaced:
            message = (
                f"`{second.task_name}` is added twice with equal arguments and no name: the second replaces the first"
            )
        else:
            when = (
                "at the same times"
                if equal
                else "under two spellings of one key"
                if renamed
                else "at overlapping times"
            )
            message = f"`{second.task_name}` is scheduled twice with the same arguments {when}, so it runs twice"
        return self.finding(
            at=second.span,
            message=message,
            help="remove one of the entries, or give them different arguments",
            subject=f"schedule:{second.key if isinstance(second.key, str) else second.task_name}",
            confidence=confidence,
            label="once more",
            evidence=[(first.span, "scheduled here too")],
        )


def _folded(entry: ScheduleEntry) -> str | None:
    """A key without what a renaming changes: case, dashes and underscores."""
    return re.sub(r"[-_ ]", "", entry.key).lower() if isinstance(entry.key, str) else None


def _arguments(entry: ScheduleEntry) -> tuple[str, str] | None:
    """Arguments in a form that can be compared; None when they are not known."""
    parts = [_comparable(entry.args), _comparable(entry.kwargs)]
    return (parts[0], parts[1]) if parts[0] is not None and parts[1] is not None else None


def _comparable(value: Value | None) -> str | None:
    constant = plain(value)
    return None if isinstance(constant, Unknown) else repr(constant or ())
