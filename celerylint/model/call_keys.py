"""When two calls of a function give the same: the same function, with arguments that are known to be alike."""

from __future__ import annotations

from collections.abc import Hashable

from celerylint.model.scopes import in_call
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Choice, Instance, Known, Reference, Unknown, Value

_DEEPEST = 3
_MOST = 8
"""How deep, and how broadly, an argument is looked into; beyond that a call is like no other."""


def call_key(
    function: FunctionSymbol, args: list[Value], keywords: dict[str, Value], depth: int
) -> tuple[Hashable, ...] | None:
    """A key that is equal for calls with the same answer; None when that cannot be told cheaply.

    ``depth`` is how many calls are being followed already: the deeper, the less far the answer goes. Closures, and
    functions that take ``*args`` or ``**kwargs``, have no key.
    """
    if in_call(function.scope) or any(p.kind in ("args", "kwargs") for p in function.node.params):
        return None
    parts: list[Hashable] = [id(function.node), depth]
    for name, value in (*enumerate(args), *keywords.items()):
        part = _key(value, 0)
        if part is None:
            return None
        parts += (name, part)
    return tuple(parts)


def _key(value: Value, depth: int) -> Hashable:
    """Two unknown values are alike, whatever the reasons; constants and instances only when made at one place."""
    if isinstance(value, Unknown):
        return "?"
    if isinstance(value, Known):
        return (type(value.value), value.value, value.span, value.assumed)
    if depth >= _DEEPEST:
        return None
    if isinstance(value, Reference):
        owner = _key(value.owner, depth + 1) if value.owner is not None else ""
        symbol = value.symbol
        if owner is None or (isinstance(symbol, FunctionSymbol) and in_call(symbol.scope)):
            return None
        node = id(symbol.node) if isinstance(symbol, (FunctionSymbol, ClassSymbol)) else symbol is None
        return (value.of, node, owner)
    if isinstance(value, Choice):
        return _keys(value.options, depth + 1)
    if isinstance(value, Instance):
        inner = _keys((*value.args, *(v for _, v in value.keywords)), depth + 1)
        return (value.of, value.span, value.open, inner) if inner is not None else None
    return None


def _keys(values: tuple[Value, ...], depth: int) -> Hashable:
    if len(values) > _MOST:
        return None
    keys = tuple(_key(value, depth) for value in values)
    return None if None in keys else keys
