"""Operators over folded values."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celerylint.model.conditions import truth
from celerylint.model.values import Choice, Collection, Known, Table, Unknown, Value
from celerylint.sources.spans import Span

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "|": operator.or_,
    "&": operator.and_,
    "<<": operator.lshift,
    ">>": operator.rshift,
}
_MAX_TEXT = 10_000
_MAX_NUMBER = 10**30


def binary(op: str, left: Value, right: Value, span: Span) -> Value:
    """``left op right``; sequences and dicts join, constants are computed."""
    if isinstance(left, Choice):
        return Choice(tuple(binary(op, option, right, span) for option in left.options), span)
    if isinstance(right, Choice) and len(right.options) <= 8:
        return Choice(tuple(binary(op, left, option, span) for option in right.options), span)
    if isinstance(left, Known) and isinstance(right, Known):
        return _constants(op, left, right, span)
    if isinstance(left, Collection) and op in ("+", "|"):
        if isinstance(right, Collection):
            return Collection(left.kind, (*left.items, *right.items), left.span, left.open or right.open)
        return Collection(left.kind, left.items, left.span, True)
    if isinstance(right, Collection) and op in ("+", "|"):
        return Collection(right.kind, right.items, right.span, True)
    if isinstance(left, Table) and op == "|":
        if isinstance(right, Table):
            return Table((*left.entries, *right.entries), left.span, left.open or right.open)
        return Table(left.entries, left.span, True)
    if isinstance(left, Unknown):
        return left
    if isinstance(right, Unknown):
        return right
    return Unknown(f"`{op}` of something that is not a constant", span)


def _constants(op: str, left: Known, right: Known, span: Span) -> Value:
    compute = _OPERATORS.get(op)
    a, b = left.value, right.value
    if op == "**" and isinstance(a, (int, float)) and isinstance(b, int) and 0 <= b <= 64 and abs(a) < 10**6:
        return Known(a**b, span, left.assumed or right.assumed)
    big = op in ("*", "<<") and any(isinstance(v, int) and abs(v) > 10**9 for v in (a, b))
    if compute is None or big:
        return Unknown(f"`{op}` is not computed", span)
    try:
        result = compute(a, b)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError, KeyError):
        return Unknown(f"`{op}` of these constants fails", span)
    if isinstance(result, (str, bytes)) and len(result) > _MAX_TEXT:
        return Unknown("a very long text", span)
    return Known(result, span, left.assumed or right.assumed)


def unary(op: str, value: Value, span: Span) -> Value:
    if op == "not":
        assumed = value.assumed if isinstance(value, Known) else None
        true = bool(value.value) if isinstance(value, Known) else truth(value)
        return Known(not true, span, assumed) if true is not None else Unknown("`not` of something unknown", span)
    if isinstance(value, Known):
        try:
            if op == "-" and isinstance(value.value, (int, float, timedelta)):
                return Known(-value.value, span, value.assumed)
        except (TypeError, OverflowError):
            pass
        if op == "+":
            return value
    return value if isinstance(value, Unknown) else Unknown(f"`{op}` of something that is not a constant", span)


def boolean(op: str, values: list[Value], span: Span) -> Value:
    """``a or b``: the first truthy constant, both where the first may be either; ``and`` likewise."""
    options: list[Value] = []
    for value in values:
        true = truth(value)
        stops = true is not None and true == (op == "or")
        if true is None or stops or value is values[-1]:
            options.append(value)
        if stops:
            break
    if len(options) == 1:
        return options[0]
    return Choice(tuple(options), span) if options else values[-1]


def join(parts: list[Value], span: Span) -> Value:
    """An f-string."""
    pieces: list[str] = []
    assumed: str | None = None
    for part in parts:
        if not isinstance(part, Known):
            hidden = part.reason if isinstance(part, Unknown) else "an f-string of something that is not a constant"
            return Unknown(hidden, span)  # the whole text: its beginning can still be read there
        pieces.append(str(part.value))
        assumed = assumed or part.assumed
    return Known("".join(pieces), span, assumed)
