"""Values of the model as plain data and as words, with secrets left out."""

from __future__ import annotations

import datetime
import re
from typing import Any

from celerylint.facts.unknown import Unknown
from celerylint.model.values import Choice, Collection, Instance, Known, Reference, Table, Value

_PASSWORD = re.compile(r"(?<=://)([^/@\s:]*):[^/@\s]*@")
_SECRET = re.compile(r"password|passwd|secret|token|credential|private|api_?key|access_?key", re.IGNORECASE)
HIDDEN = "********"


def data(value: Value | None, name: str = "") -> Any:
    """A value as JSON can hold it.

    Constants, lists and dicts are themselves, a timedelta is its seconds, objects and functions are text as in the
    source, several possibilities are ``{"any_of": [...]}`` and what is not known is ``{"unknown": reason}``. ``name``
    is what the value belongs to; values of secrets, and passwords in URLs, are stars.
    """
    if value is None:
        return None
    if _SECRET.search(name) and not isinstance(value, Unknown) and not _is_none(value):
        return HIDDEN
    if isinstance(value, Known):
        return _constant(value.value)
    if isinstance(value, Collection):
        return [*(data(item) for item in value.items), *(["..."] if value.open else [])]
    if isinstance(value, Table):
        entries = {_key(key): data(item, _key(key)) for key, item in value.entries}
        return {**entries, "...": None} if value.open else entries
    if isinstance(value, Choice):
        return {"any_of": [data(option, name) for option in value.options]}
    if isinstance(value, Unknown):
        return {"unknown": value.reason}
    return words(value)


def words(value: Value | None, name: str = "") -> str:
    """A value in the words of Python, for people."""
    if value is None:
        return ""
    if _SECRET.search(name) and not isinstance(value, Unknown) and not _is_none(value):
        return HIDDEN
    if isinstance(value, Known):
        return _python(value.value)
    if isinstance(value, Collection):
        inner = ", ".join([*(words(item) for item in value.items), *(["..."] if value.open else [])])
        if value.kind == "tuple":
            return f"({inner},)" if len(value.items) == 1 and not value.open else f"({inner})"
        return f"[{inner}]" if value.kind == "list" else f"{{{inner}}}"
    if isinstance(value, Table):
        entries = [f"{words(key)}: {words(item, _key(key))}" for key, item in value.entries]
        return f"{{{', '.join([*entries, *(['...'] if value.open else [])])}}}"
    if isinstance(value, Instance):
        arguments = [*(words(one) for one in value.args), *(f"{key}={words(one, key)}" for key, one in value.keywords)]
        return f"{value.of.rpartition('.')[2]}({', '.join(arguments)})"
    if isinstance(value, Reference):
        return value.of
    if isinstance(value, Choice):
        return " or ".join(dict.fromkeys(words(option, name) for option in value.options))
    return f"unknown: {value.reason}"


def _constant(value: object) -> Any:
    if isinstance(value, str):
        return _PASSWORD.sub(rf"\1:{HIDDEN}@", value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else str(value)  # JSON has neither infinity nor nan
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    return _python(value)


def _python(value: object) -> str:
    if isinstance(value, datetime.timedelta):
        return str(value)
    return repr(_constant(value)) if isinstance(value, str) else repr(value)


def _key(key: Value) -> str:
    return str(key.value) if isinstance(key, Known) else words(key)


def _is_none(value: Value) -> bool:
    return isinstance(value, Known) and value.value is None
