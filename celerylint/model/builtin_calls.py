"""Calls of builtins and of container or text methods that can be folded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Choice, Collection, Instance, Known, Reference, Table, Unknown, Value, plain
from celerylint.sources.spans import Span

_TIMEDELTA = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
_TEXT_METHODS = frozenset(
    {
        "format",
        "split",
        "rsplit",
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "replace",
        "join",
        "title",
        "capitalize",
        "removeprefix",
        "removesuffix",
        "encode",
        "splitlines",
    }
)


def call(of: str, args: list[Value], keywords: dict[str, Value], span: Span) -> Value | None:
    """``of(*args, **keywords)`` for the builtins that can be computed, None for anything else."""
    if of in ("datetime.timedelta", "timedelta", "django.utils.timezone.timedelta"):
        return _timedelta(args, keywords, span)
    if of in ("dict", "collections.OrderedDict", "OrderedDict", "copy.deepcopy", "copy.copy", "typing.cast"):
        return _dict_or_copy(of, args, keywords, span)
    if of in ("list", "tuple", "set", "frozenset", "sorted"):
        return _collection(of, args, span)
    if of in ("int", "float", "str", "bool", "abs", "round") and len(args) == 1 and isinstance(args[0], Known):
        return _convert(of, args[0], span)
    if of in ("max", "min") and args and all(isinstance(a, Known) for a in args):
        return _compute(max if of == "max" else min, [a.value for a in args if isinstance(a, Known)], span)
    if of in ("range",) and args and all(isinstance(a, Known) and isinstance(a.value, int) for a in args):
        numbers = range(*[a.value for a in args if isinstance(a, Known) and isinstance(a.value, int)][:3])
        if len(numbers) <= 200:
            return Collection("list", tuple(Known(n, span) for n in numbers), span)
    if of == "len" and len(args) == 1:
        return _length(args[0], span)
    if of == "callable" and len(args) == 1:
        return _callable(args[0], span)
    if of in ("os.path.join", "posixpath.join") and args and all(isinstance(a, Known) for a in args):
        return Known("/".join(str(a.value).rstrip("/") for a in args if isinstance(a, Known)), span)
    if of in ("django.utils.translation.gettext_lazy", "django.utils.translation.gettext") and len(args) == 1:
        return args[0]
    return None


def _length(value: Value, span: Span) -> Value | None:
    if isinstance(value, Collection) and not value.open and value.kind in ("list", "tuple"):
        return Known(len(value.items), span)
    if isinstance(value, Table) and not value.open:
        keys = [plain(key) for key, _ in value.entries]
        if not any(isinstance(key, Unknown) for key in keys):
            return Known(len(set(keys)), span)
    if isinstance(value, Known) and isinstance(value.value, (str, bytes)):
        return Known(len(value.value), span, value.assumed)
    return None


def _callable(value: Value, span: Span) -> Value | None:
    if isinstance(value, Reference) and isinstance(value.symbol, (FunctionSymbol, ClassSymbol)):
        return Known(True, span)
    if isinstance(value, (Known, Collection, Table)):
        return Known(False, span)
    return None


def _timedelta(args: list[Value], keywords: dict[str, Value], span: Span) -> Value:
    numbers: dict[str, Any] = {}
    assumed = None
    for name, value in [*zip(_TIMEDELTA, args, strict=False), *keywords.items()]:
        if isinstance(value, Choice):
            value = value.options[0]
        if not isinstance(value, Known) or not isinstance(value.value, (int, float)):
            return (
                value if isinstance(value, Unknown) else Unknown("a timedelta of something that is not a number", span)
            )
        numbers[name] = value.value
        assumed = assumed or value.assumed
    try:
        return Known(timedelta(**numbers), span, assumed)
    except (TypeError, OverflowError, ValueError):
        return Unknown("a timedelta that cannot be made", span)


def _dict_or_copy(of: str, args: list[Value], keywords: dict[str, Value], span: Span) -> Value | None:
    if of == "typing.cast":
        return args[1] if len(args) == 2 else None
    if of.startswith("copy."):
        return args[0] if len(args) == 1 else None
    entries: list[tuple[Value, Value]] = []
    is_open = False
    for arg in args:
        if isinstance(arg, Table):
            entries.extend(arg.entries)
            is_open |= arg.open
        elif isinstance(arg, Collection) and all(isinstance(i, Collection) and len(i.items) == 2 for i in arg.items):
            entries.extend((i.items[0], i.items[1]) for i in arg.items if isinstance(i, Collection))
        else:
            is_open = True
    entries.extend((Known(k, v.span), v) for k, v in keywords.items())
    return Table(tuple(entries), span, is_open)


def _collection(of: str, args: list[Value], span: Span) -> Value | None:
    kind = "list" if of == "sorted" else of
    if not args:
        return Collection(kind, (), span)
    source = args[0]
    if isinstance(source, Collection):
        return Collection(kind, source.items, span, source.open)
    if isinstance(source, Table):
        return Collection(kind, tuple(k for k, _ in source.entries), span, source.open)
    return source if isinstance(source, Unknown) else None


def _convert(of: str, value: Known, span: Span) -> Value:
    converters = {"int": int, "float": float, "str": str, "bool": bool, "abs": abs, "round": round}
    converted = _compute(converters[of], [value.value], span)
    return Known(converted.value, span, value.assumed) if isinstance(converted, Known) else converted


def _compute(function: Any, args: list[Any], span: Span) -> Value:
    try:
        return Known(function(*args), span)
    except Exception:  # whatever a builtin raises on odd constants, the value is simply not known
        return Unknown("these constants cannot be converted", span)


def method(owner: Value, name: str, args: list[Value], keywords: dict[str, Value], span: Span) -> Value | None:
    """``owner.name(...)`` where ``owner`` is folded; None when it is not a method that can be computed."""
    if isinstance(owner, Choice):
        results = [method(option, name, args, keywords, span) for option in owner.options]
        known = [r for r in results if r is not None]
        return Choice(tuple(known), span) if known and len(known) == len(results) else None
    if isinstance(owner, Known) and isinstance(owner.value, timedelta) and name == "total_seconds":
        return Known(owner.value.total_seconds(), span, owner.assumed)
    if isinstance(owner, Known) and isinstance(owner.value, str) and name in _TEXT_METHODS:
        return _text_method(owner, name, args, keywords, span)
    if isinstance(owner, Table):
        if name == "get" and args and isinstance(args[0], Known):
            found = owner.get(args[0].value)
            if found is not None:
                return found
            if owner.open:
                return Unknown("an entry that may be there", span)
            return args[1] if len(args) > 1 else Known(None, span)
        if name == "copy":
            return owner
        if name in ("keys", "values", "items"):
            pairs = owner.entries
            items: tuple[Value, ...]
            if name == "items":
                items = tuple(Collection("tuple", pair, span) for pair in pairs)
            else:
                items = tuple(pair[name == "values"] for pair in pairs)
            return Collection("list", items, span, owner.open)
    if isinstance(owner, Collection) and name == "copy":
        return owner
    return None


def _text_method(owner: Known, name: str, args: list[Value], keywords: dict[str, Value], span: Span) -> Value:
    values = [plain(a) for a in args]
    named = {k: plain(v) for k, v in keywords.items()}
    if any(isinstance(v, Unknown) for v in [*values, *named.values()]):
        return Unknown("a text made of something that is not known", span)
    try:
        result = getattr(owner.value, name)(*values, **named)
    except Exception:  # a malformed format string, a wrong argument: not known, not our fault
        return Unknown("a text that cannot be computed", span)
    if isinstance(result, list):
        return Collection("list", tuple(Known(part, span, owner.assumed) for part in result), span)
    return Known(result, span, owner.assumed)


def set_item(container: Value, key: Value, value: Value) -> Value:
    """``container[key] = value``."""
    if isinstance(container, Choice):
        return Choice(tuple(set_item(option, key, value) for option in container.options), container.span)
    if isinstance(container, Table):
        doubtful = container.open or isinstance(key, (Unknown, Choice))
        return Table((*container.entries, (key, value)), container.span, doubtful)
    return container


def either(before: Value, after: Value) -> Value:
    """A container after a change that may not have happened: what it gained stays, what it replaced is a choice."""
    if isinstance(before, Table) and isinstance(after, Table):
        old = {key.value: value for key, value in before.entries if isinstance(key, Known) and _hashable(key.value)}
        entries = []
        for number, (key, value) in enumerate(after.entries):
            was = old.get(key.value) if isinstance(key, Known) and _hashable(key.value) else None
            added = number >= len(before.entries) or before.entries[number] != (key, value)
            differs = added and was is not None and was != value
            entries.append((key, Choice((was, value), value.span) if was is not None and differs else value))
        shrunk = len(after.entries) < len(before.entries)
        missing = [entry for entry in before.entries if shrunk and entry not in after.entries]
        return Table((*missing, *entries), after.span, before.open or after.open)
    if isinstance(before, Collection) and isinstance(after, Collection):
        return after if len(after.items) >= len(before.items) else before
    return before if before == after else Choice((before, after), after.span)


def _hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def mutate(container: Value, name: str, args: list[Value], keywords: dict[str, Value], is_open: bool) -> Value:
    """The container after one mutating method; methods that take things out make it open to doubt."""
    if isinstance(container, Choice):
        return Choice(tuple(mutate(o, name, args, keywords, is_open) for o in container.options), container.span)
    if isinstance(container, Table):
        return _mutate_table(container, name, args, keywords, is_open)
    if isinstance(container, Collection):
        items = container.items
        if name in ("append", "add") and args:
            return Collection(container.kind, (*items, args[0]), container.span, container.open)
        if name == "insert" and len(args) == 2:
            return Collection(container.kind, (args[1], *items), container.span, container.open)
        if name in ("extend", "update") and args:
            more = args[0]
            if isinstance(more, Collection):
                return Collection(container.kind, (*items, *more.items), container.span, container.open or more.open)
        return Collection(container.kind, items, container.span, True)
    return container


def _mutate_table(table: Table, name: str, args: list[Value], keywords: dict[str, Value], is_open: bool) -> Value:
    entries = list(table.entries)
    now_open = table.open or is_open
    if name == "update":
        for arg in args:
            options = arg.options if isinstance(arg, Choice) else (arg,)
            for option in options:
                if isinstance(option, Table):
                    entries.extend(option.entries)
                    now_open |= option.open
                else:
                    now_open = True
        entries.extend((Known(k, v.span), v) for k, v in keywords.items())
    elif name == "setdefault" and len(args) == 2 and isinstance(args[0], Known):
        if table.get(args[0].value) is None:
            entries.append((args[0], args[1]))
    elif name in ("pop", "popitem", "clear"):
        gone = args[0].value if args and isinstance(args[0], Known) else None
        entries = [(k, v) for k, v in entries if not (isinstance(k, Known) and k.value == gone)]
    else:
        now_open = True
    return Table(tuple(entries), table.span, now_open)


def text_of(value: Value | None) -> str | None:
    """The text that a value is at run time: a str constant or a member of a text enum."""
    if isinstance(value, Known) and isinstance(value.value, str):
        return value.value
    if isinstance(value, Instance):
        member = value.keyword("value")
        if value.keyword("name") is not None and isinstance(member, Known) and isinstance(member.value, str):
            return member.value
    return None
