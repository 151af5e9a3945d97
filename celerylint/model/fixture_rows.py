"""Rows of django-celery-beat in Django's JSON fixtures: schedule entries that ``loaddata`` puts into the database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celerylint.facts.located import FileText, decode
from celerylint.model.values import Collection, Instance, Known, Table, Unknown, Value
from celerylint.sources.spans import Span
from celerylint.sources.tree import Tree

_NEEDLE = b"django_celery_beat.periodictask"
_TASK = re.compile(r'"task"\s*:\s*')
_GAP = re.compile(r"[\s,\[]*")
_FIELDS = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")


@dataclass(frozen=True, slots=True)
class Row:
    """One enabled ``PeriodicTask``: its name, task and schedule as Celery would have them."""

    name: str
    task: Value
    schedule: Value | None
    args: Value
    kwargs: Value
    options: Value
    span: Span


def fixture_rows(tree: Tree) -> Iterator[Row]:
    """The rows of every JSON fixture of the tree; files that are no JSON hold none."""
    for path in tree.other_files:
        if path.endswith(".json"):
            data = tree.read(path)
            if _NEEDLE in data.lower():
                yield from _rows(decode(path, data))


def _rows(file: FileText) -> Iterator[Row]:
    objects = list(_objects(file))
    schedules: dict[tuple[str, Any], Value] = {}
    for item, span in objects:
        fields, pk = item.get("fields"), item.get("pk")
        made = _schedule(str(item.get("model", "")).lower(), fields, span) if isinstance(fields, dict) else None
        if made is not None and isinstance(pk, (int, str)):
            schedules[made[0], pk] = made[1]
    for item, span in objects:
        fields = item.get("fields")
        if str(item.get("model", "")).lower() != _NEEDLE.decode() or not isinstance(fields, dict):
            continue
        if fields.get("enabled", True) and isinstance(fields.get("task"), str):
            yield _row(fields, schedules, span)


def _row(fields: dict[str, Any], schedules: dict[tuple[str, Any], Value], span: Span) -> Row:
    hidden = Unknown("a schedule that stands in another file", span)
    kind = next((k for k in ("interval", "crontab", "solar", "clocked") if fields.get(k) is not None), None)
    key = fields[kind] if kind and isinstance(fields[kind], (int, str)) else None
    schedule = schedules.get((kind, key), hidden) if kind else None
    options = [(k, fields[k]) for k in ("queue", "exchange", "routing_key", "priority") if fields.get(k) is not None]
    return Row(
        name=str(fields.get("name", fields["task"])),
        task=Known(fields["task"], span),
        schedule=schedule,
        args=_parsed(fields.get("args"), "[]", span),
        kwargs=_parsed(fields.get("kwargs"), "{}", span),
        options=Table(tuple((Known(key, span), Known(value, span)) for key, value in options), span),
        span=span,
    )


def _schedule(model: str, fields: dict[str, Any], span: Span) -> tuple[str, Value] | None:
    if model == "django_celery_beat.crontabschedule":
        keywords = tuple((name, Known(str(fields.get(name, "*")), span)) for name in _FIELDS)
        return "crontab", Instance("celery.schedules.crontab", None, (), keywords, span)
    if model == "django_celery_beat.intervalschedule":
        try:
            return "interval", Known(timedelta(**{str(fields.get("period")): float(fields.get("every", 0))}), span)
        except (TypeError, ValueError, OverflowError):
            return "interval", Unknown("an interval that cannot be read", span)
    return None


def _parsed(text: object, empty: str, span: Span) -> Value:
    """``args`` and ``kwargs`` are texts that hold JSON."""
    try:
        return _value(json.loads(str(text or empty)), span)
    except (ValueError, RecursionError):
        return Unknown("arguments that are no JSON", span)


def _value(item: object, span: Span) -> Value:
    if isinstance(item, list):
        return Collection("list", tuple(_value(part, span) for part in item), span)
    if isinstance(item, dict):
        return Table(tuple((Known(key, span), _value(part, span)) for key, part in item.items()), span)
    return Known(item, span)


def _objects(file: FileText) -> Iterator[tuple[dict[str, Any], Span]]:
    """The objects of the file's top-level list, each with the place of its task (or of itself)."""
    decoder = json.JSONDecoder()
    match = _GAP.match(file.text)
    position = match.end() if match is not None else 0
    while position < len(file.text) and file.text[position] == "{":
        try:
            item, end = decoder.raw_decode(file.text, position)
        except (ValueError, RecursionError):
            return
        task = _TASK.search(file.text, position, end)
        start = task.start() if task is not None else position
        stop = file.text.find("\n", start, end)
        if isinstance(item, dict):
            yield item, file.span(start, stop if stop >= 0 else end)
        match = _GAP.match(file.text, end)
        position = match.end() if match is not None else end
