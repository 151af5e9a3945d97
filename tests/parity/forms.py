"""One plain (JSON) form for every value that Celery holds, so that two of them can be compared with ``==``.

Used on both sides: by ``probe.py`` for what a running Celery has, and by ``reading.py`` for values rebuilt from the
static model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any


def form(value: Any) -> Any:
    """The plain form of a value; objects that have none are named by their class."""
    if isinstance(value, Enum):
        return form(value.value)
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)):
        return float(value)
    for kinds, make in _FORMS:
        if isinstance(value, kinds):
            return make(value)
    return _named(value)


def _named(value: Any) -> Any:
    if type(value).__name__ in ("Queue", "Exchange"):
        return _entity(value)
    if type(value).__name__ == "crontab":
        fields = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")
        return {"crontab": [str(getattr(value, f"_orig_{field}")) for field in fields]}
    if type(value).__name__ == "schedule":
        return form(value.run_every)
    name = getattr(value, "__name__", None)
    return {"named": name} if name else {"object": type(value).__name__}


def _entity(value: Any) -> Any:
    if type(value).__name__ == "Exchange":
        return {"exchange": value.name, "type": value.type}
    parts = {"queue": value.name, "exchange": value.exchange.name, "routing_key": value.routing_key}
    return {**parts, "arguments": form(value.queue_arguments or {})}


def _table(value: Mapping[Any, Any]) -> Any:
    return {"table": {str(form(key)): form(item) for key, item in value.items()}}


_FORMS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (timedelta, lambda value: value.total_seconds()),
    ((set, frozenset), lambda value: {"set": sorted(map(repr, map(form, value)))}),
    ((list, tuple), lambda value: [form(item) for item in value]),
    (Mapping, _table),
    (re.Pattern, lambda value: {"regex": value.pattern}),
)
