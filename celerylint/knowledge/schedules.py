"""Beat entries, crontab fields and the schedulers that read them."""

from __future__ import annotations

from typing import NamedTuple

from celerylint.knowledge import surface

ENTRY_KEYS: frozenset[str] = frozenset(surface.BEAT_ENTRY) - {"app"}
"""Keys of a ``beat_schedule`` entry; beat dies at start on any other (celery/beat.py:ScheduleEntry.__init__).

``name`` is accepted and overwritten by the entry's key.
"""

REQUIRED_KEYS: tuple[str, ...] = ("task", "schedule")

MISPLACED_KEYS: frozenset[str] = frozenset({
    "countdown", "eta", "exchange", "expires", "headers", "ignore_result", "priority", "queue", "routing_key",
    "serializer", "soft_time_limit", "time_limit",
})
"""Options of apply_async that belong into ``options`` of the entry."""

DATABASE_ENTRY_KEYS: frozenset[str] = frozenset({
    "task", "schedule", "args", "kwargs", "options", "relative",
    "name", "queue", "exchange", "routing_key", "headers", "priority", "expires", "expire_seconds", "one_off",
    "start_time", "enabled", "description", "date_changed", "last_run_at", "total_run_count",
})
"""Keys with django-celery-beat's scheduler: those of an entry and the fields of PeriodicTask.

Source: django_celery_beat/schedulers.py:ModelEntry.from_entry and _unpack_fields, models.py:PeriodicTask.
"""

DATABASE_OPTIONS: frozenset[str] = frozenset({
    "queue", "exchange", "routing_key", "priority", "headers", "expire_seconds",
})
"""Keys of ``options`` that django-celery-beat keeps; others are dropped (ModelEntry._unpack_options)."""

SCHEDULE_CLASSES: tuple[str, ...] = (
    "celery.schedules.crontab", "celery.schedules.schedule", "celery.schedules.solar", "datetime.timedelta",
)
"""Values of ``schedule`` besides numbers; anything else lacks ``now`` and stops beat (schedules.maybe_schedule)."""

SCHEDULERS: dict[str, str] = {
    "celery.beat:PersistentScheduler": "file",
    "celery.beat.PersistentScheduler": "file",
    "celery.beat:Scheduler": "memory",
    "celery.beat.Scheduler": "memory",
    "django": "database",
    "django_celery_beat.schedulers:DatabaseScheduler": "database",
    "django_celery_beat.schedulers.DatabaseScheduler": "database",
    "redbeat.RedBeatScheduler": "redis",
    "redbeat:RedBeatScheduler": "redis",
    "redbeat.schedulers.RedBeatScheduler": "redis",
    "redbeat.schedulers:RedBeatScheduler": "redis",
}
"""``beat_scheduler``: where the schedule's state is kept. Of these only "redis" holds a lock against a second beat."""

SOLAR_EVENTS: tuple[str, ...] = (
    "dawn_astronomical", "dawn_civil", "dawn_nautical", "dusk_astronomical", "dusk_civil", "dusk_nautical",
    "solar_noon", "sunrise", "sunset",
)
"""Source: celery/schedules.py:solar._all_events."""


class Field(NamedTuple):
    """One field of a crontab: the smallest and largest number, and whether names stand for numbers."""

    low: int
    high: int
    names: dict[str, int]

    @property
    def size(self) -> int:
        """How many values the field has; a step of this or more fires once per period."""
        return self.high - self.low + 1


_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAY_NAMES: dict[str, int] = {day: number for number, day in enumerate(_DAYS)}
MONTH_NAMES: dict[str, int] = {month: number for number, month in enumerate(_MONTHS, 1)}

CRONTAB_FIELDS: dict[str, Field] = {
    "minute": Field(0, 59, {}),
    "hour": Field(0, 23, {}),
    "day_of_week": Field(0, 6, DAY_NAMES),
    "day_of_month": Field(1, 31, {}),
    "month_of_year": Field(1, 12, MONTH_NAMES),
}
"""In positional order of ``crontab``, which is not that of cron. Source: celery/schedules.py:crontab.__init__.

Celery looks at the first three letters of a name (celery/utils/time.py:weekday, yearmonth) and takes any name in any
field. The default of every field is "*". Day of week and day of month are both required to match, where cron takes
either.
"""

CRONTAB_OTHERS: tuple[str, ...] = ("nowfun", "app")
"""Keywords of crontab that are no field."""

FROM_STRING_ORDER: tuple[str, ...] = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
"""Order of the fields in ``crontab.from_string``, since 5.5; the separator is exactly one space."""

DAYS_IN_MONTH: dict[int, int] = {
    1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31,
}
"""The last day that a month can have."""

CRONTAB_NEAR_MISSES: dict[str, str] = {
    "day": "day_of_month", "days": "day_of_month", "dom": "day_of_month",
    "dow": "day_of_week", "week_day": "day_of_week", "weekday": "day_of_week",
    "hours": "hour", "minutes": "minute", "month": "month_of_year", "months": "month_of_year",
}
"""Keywords that people write: the parameter of crontab that was meant."""
