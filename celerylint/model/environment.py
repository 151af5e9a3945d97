"""Reads of the environment, in the ways projects spell them, as far as their defaults go.

``os.environ.get("X", d)``, ``os.getenv``, django-environ (``env.int("X", default=d)``), python-decouple
(``config("X", default=d, cast=int)``), and helpers named like them (``get_int("X", d)``, ``ENVIRONMENT.bool("X")``).
A value that falls back to a default is ``Known`` with ``assumed``; without a default it is ``Unknown``.
"""

from __future__ import annotations

import re

from celerylint.facts import syntax as s
from celerylint.model.values import Collection, Instance, Known, Reference, Unknown, Value
from celerylint.sources.spans import Span

DEFAULTS = ("default", "fallback", "default_value")
"""Names of the parameter by which a function of the project is given what stands in for a missing variable."""

MAPPINGS = frozenset({"os.environ", "environ"})
_READERS = frozenset({"os.environ.get", "os.getenv", "environ.get", "os.environ.setdefault", "os.environ.pop"})
_LAST = re.compile(
    r"(^|_)(env|getenv|environ|config|conf|setting|secret)(_|$)|^(get|read|load)_(str|string|int|bool|boolean|float|list|any|env|"
    r"delimited_list|list_of_str|key|dict|json)|_(from_)?env(ironment)?$|^(int|bool|str|float|list|json|dict|url|db_url|cache_url|get|"
    r"as_int|as_bool|optional_str|optional_int|cast)$"
)
_OWNER = re.compile(r"env|config|environ|decouple|settings?$", re.IGNORECASE)
_VARIABLE = re.compile(r"^[A-Z][A-Z0-9_.:-]*$")


def read(callee: Value, func: s.Expr, args: list[Value], keywords: dict[str, Value], span: Span) -> Value | None:
    """What a call that reads the environment gives, None when it is not such a call."""
    name = _variable(args, keywords)
    if name is None or not _reads_environment(callee, func):
        return None
    default = keywords.get("default")
    if default is None and len(args) > 1 and not (isinstance(args[1], Reference) and args[1].of in _TYPES):
        default = args[1]
    if default is None:
        return Unknown(f"environment variable {name} has no default", span)
    return assume(default, f"environment variable {name}", _cast(func, keywords))


def makes_container(name: str) -> bool:
    """Whether a reader called ``env_list`` or ``get_json`` makes something else of a text than the text."""
    return any(word in name.lower() for word in ("list", "json", "dict", "tuple", "set_", "_set"))


_TYPES = {"int": int, "float": float, "bool": bool, "str": str}


def assume(value: Value, source: str, cast: str | None = None) -> Value:
    """``value`` as a default that ``source`` may replace."""
    if isinstance(value, Known):
        return Known(_convert(value.value, cast), value.span, source)
    return value


def _convert(value: object, cast: str | None) -> object:
    if not isinstance(value, str) or cast is None:
        return value
    try:
        if cast == "bool":
            return value.strip().lower() in ("1", "true", "yes", "on", "y", "t")
        if cast in ("int", "float"):
            return _TYPES[cast](value)
    except ValueError:
        pass
    return value


def _cast(func: s.Expr, keywords: dict[str, Value]) -> str | None:
    given = keywords.get("cast")
    if isinstance(given, Reference) and given.of in _TYPES:
        return given.of
    last = _text(func).rpartition(".")[2]
    for word in ("bool", "int", "float"):
        if last == word or last == f"get_{word}" or last.endswith(f"_{word}"):
            return word
    return None


def _variable(args: list[Value], keywords: dict[str, Value]) -> str | None:
    first = args[0] if args else keywords.get("name") or keywords.get("key") or keywords.get("var")
    if isinstance(first, Known) and isinstance(first.value, str) and _VARIABLE.match(first.value):
        return first.value
    return None


def _reads_environment(callee: Value, func: s.Expr) -> bool:
    if isinstance(callee, Reference) and callee.of in _READERS:
        return True
    text = _text(func)
    owner, _, last = text.rpartition(".")
    if owner:
        made_by = callee.of if isinstance(callee, (Reference, Instance)) else ""
        return bool(_LAST.search(last) and (_OWNER.search(owner) or _OWNER.search(made_by)))
    if last in _TYPES:
        return False
    return bool(_LAST.search(last))


def _text(func: s.Expr) -> str:
    if isinstance(func, s.Name):
        return func.path
    if isinstance(func, s.Attribute):
        return f"{_text(func.value)}.{func.name}"
    if isinstance(func, s.Call):
        return _text(func.func)
    return ""


def is_assumed(value: Value) -> bool:
    """Whether the environment may replace this value in production."""
    if isinstance(value, Known):
        return value.assumed is not None
    return isinstance(value, Collection) and any(is_assumed(item) for item in value.items)
