"""Values of the static model, rebuilt as the objects Celery would hold and brought into the form of ``forms.py``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from celery.schedules import crontab, schedule
from forms import form
from kombu.entity import Exchange, Queue

from celerylint.model.builtin_calls import text_of
from celerylint.model.values import Choice, Collection, Instance, Known, Reference, Table, Unknown, Value, alternatives

BUILDERS: dict[str, Callable[..., Any]] = {
    "kombu.Exchange": Exchange,
    "kombu.Queue": Queue,
    "kombu.entity.Exchange": Exchange,
    "kombu.entity.Queue": Queue,
    "celery.schedules.crontab": crontab,
    "celery.schedules.schedule": schedule,
    "re.compile": re.compile,
    "str": str,
}
"""What is safe and meaningful to make for real from its arguments."""

KINDS: dict[str, Callable[[list[Any]], Any]] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


class Hidden(Exception):
    """The model says that it does not know; the message is its reason."""


class Named:
    """Stands for a class or function of which only the name counts."""

    def __init__(self, name: str) -> None:
        self.__name__ = name


def known_forms(value: Value | None) -> list[Any]:
    """The forms a value may have: one, or one for each alternative.

    Raises ``Hidden`` when any of them is not known.
    """
    return [form(_rebuilt(option)) for option in alternatives(value)] if value is not None else [None]


def _rebuilt(value: Value) -> Any:
    if isinstance(value, Known):
        return value.value
    if isinstance(value, Reference):
        return Named(value.of.rpartition(".")[2])
    if isinstance(value, Unknown):
        raise Hidden(value.reason)
    if isinstance(value, Choice):
        raise Hidden("several values inside one")
    if value.open:
        raise Hidden("may hold more than is known")
    if isinstance(value, Collection):
        return KINDS[value.kind]([_rebuilt(item) for item in value.items])
    if isinstance(value, Table):
        return {_rebuilt(key): _rebuilt(item) for key, item in value.entries}
    return _made(value)


def _made(value: Instance) -> Any:
    text = text_of(value)
    if text is not None:
        return text
    builder = BUILDERS.get(value.of)
    if builder is None:
        raise Hidden(f"an instance of {value.of}")
    return builder(*map(_rebuilt, value.args), **{name: _rebuilt(item) for name, item in value.keywords})
