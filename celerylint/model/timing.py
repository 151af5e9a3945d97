"""When a schedule fires, as far as it can be told: seconds between runs, or the sets of a crontab's fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from celerylint.model.builtin_calls import text_of
from celerylint.model.values import Collection, Instance, Known, Value

FIELDS = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")
"""The positional order of ``celery.schedules.crontab``."""

_RANGES = {"minute": (0, 59), "hour": (0, 23), "day_of_week": (0, 6), "day_of_month": (1, 31), "month_of_year": (1, 12)}
_NAMES = {
    "day_of_week": ("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
    "month_of_year": ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
}
_PART = re.compile(r"^(?P<first>\*|\w+)(-(?P<last>\w+))?(/(?P<step>\d+))?$")


@dataclass(frozen=True, slots=True)
class Interval:
    """Runs every ``seconds``."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Crontab:
    """Runs when every field holds the current value; fields are in the order of ``FIELDS``. ``text`` is as written."""

    fields: tuple[frozenset[int], ...]
    text: tuple[str, ...]


def timing(value: Value | None) -> Interval | Crontab | None:
    """When a schedule fires; None when it cannot be told (solar, custom schedules, unknown values, malformed
    fields)."""
    if isinstance(value, Known):
        if isinstance(value.value, timedelta):
            return Interval(value.value.total_seconds())
        if isinstance(value.value, (int, float)) and not isinstance(value.value, bool):
            return Interval(float(value.value))
    if isinstance(value, Instance) and not value.open:
        last = value.of.rpartition(".")[2]
        if last == "crontab":
            return _crontab(value)
        if last in ("schedule", "maybe_schedule"):
            return timing(value.keyword("run_every", 0))
    return None


def _crontab(value: Instance) -> Crontab | None:
    if value.keyword("nowfun") is not None or value.keyword("app") is not None:
        return None
    fields: list[frozenset[int]] = []
    texts: list[str] = []
    for position, name in enumerate(FIELDS):
        given = value.keyword(name, position)
        text = "*" if given is None else field_text(given)
        numbers = expand(name, text) if text is not None else None
        if text is None or numbers is None:
            return None
        fields.append(numbers)
        texts.append(text)
    return Crontab(tuple(fields), tuple(texts))


def field_text(value: Value) -> str | None:
    """A field as crontab text: a str, an int, or an iterable of ints."""
    if isinstance(value, Known) and isinstance(value.value, int) and not isinstance(value.value, bool):
        return str(value.value)
    if isinstance(value, Collection) and not value.open:
        parts = [field_text(item) for item in value.items]
        return ",".join(p for p in parts if p is not None) if parts and None not in parts else None
    text = text_of(value)
    return text.strip().lower() if text is not None else None


def expand(name: str, text: str) -> frozenset[int] | None:
    """The values of one field; None for text that ``celery.schedules.crontab_parser`` would refuse or half-read."""
    low, high = _RANGES[name]
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.match(part.strip())
        if match is None:
            return None
        first = low if match["first"] == "*" else _number(name, match["first"])
        last = high if match["first"] == "*" or (match["step"] and match["last"] is None) else first
        if match["last"] is not None:
            last = _number(name, match["last"])
        step = int(match["step"] or 1)
        if first is None or last is None or step == 0 or not (low <= first <= high and low <= last <= high):
            return None
        span = range(first, last + 1) if first <= last else [*range(first, high + 1), *range(low, last + 1)]
        found.update(list(span)[::step])
    return frozenset(found)


def _number(name: str, text: str) -> int | None:
    if text.isdigit():
        return int(text)
    names = _NAMES.get(name, ())
    return names.index(text[:3]) if text[:3] in names and text[:3] else None


def is_rare(when: Interval | Crontab | None) -> bool:
    """Whether at least an hour lies between two runs."""
    if isinstance(when, Interval):
        return when.seconds >= 3600
    return when is not None and len(when.fields[FIELDS.index("minute")]) == 1


def coincide(one: Interval | Crontab, other: Interval | Crontab) -> bool | None:
    """Whether two schedules fire at the same time at least once; None when that cannot be told."""
    if isinstance(one, Interval) and isinstance(other, Interval):
        return True
    if isinstance(one, Crontab) and isinstance(other, Crontab):
        return all(a & b for a, b in zip(one.fields, other.fields, strict=True))
    return None
