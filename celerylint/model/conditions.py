"""Which way a condition goes, and which ``return`` statements of a function can run, as far as constants tell."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from celerylint.facts import syntax as s
from celerylint.facts.walk import blocks, calls_below, statements
from celerylint.model.symbols import ClassSymbol, FunctionSymbol, ModuleSymbol
from celerylint.model.values import Choice, Collection, Instance, Known, Reference, Table, Unknown, Value
from celerylint.sources.spans import Span

_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def truth(value: Value) -> bool | None:
    """Whether a value counts as true; None when that is not known, or when the environment may change it."""
    if isinstance(value, Known):
        return None if value.assumed else bool(value.value)
    if isinstance(value, Collection):
        return True if value.items else None if value.open else False
    if isinstance(value, Table):
        return True if value.entries else None if value.open else False
    if isinstance(value, Reference):
        return True if isinstance(value.symbol, (FunctionSymbol, ClassSymbol, ModuleSymbol)) else None
    if isinstance(value, Choice):
        found = {truth(option) for option in value.options}
        return found.pop() if len(found) == 1 else None
    return None


def compare(op: str, left: Value, right: Value, span: Span) -> Value:
    """``left op right`` for one comparison operator."""
    answer: bool | None = None
    assumed = left.assumed if isinstance(left, Known) else None
    if op in ("is", "is not"):
        same = _identical(left, right)
        answer = None if same is None else same == (op == "is")
    elif op in ("in", "not in"):
        inside = _contains(right, left)
        answer = None if inside is None else inside == (op == "in")
    elif isinstance(left, Known) and isinstance(right, Known) and op in _ORDERINGS:
        assumed = assumed or right.assumed
        try:
            answer = _ORDERINGS[op](left.value, right.value)
        except TypeError:
            answer = None
    if answer is None:
        return Unknown("a comparison of something that is not known", span)
    return Known(answer, span, assumed)


def _identical(left: Value, right: Value) -> bool | None:
    """``left is right`` where one of them is None, True or False."""
    if isinstance(left, Known) and isinstance(right, Known):
        if right.value is None or isinstance(right.value, bool):
            return left.value is right.value
        return None
    if isinstance(right, Known) and right.value is None:
        if isinstance(left, (Collection, Table)):
            return False
        symbol = left.symbol if isinstance(left, (Reference, Instance)) else None
        if isinstance(symbol, (FunctionSymbol, ClassSymbol, ModuleSymbol)):
            return False
    return None


def _contains(container: Value, item: Value) -> bool | None:
    if not isinstance(item, Known):
        return None
    if isinstance(container, Known):
        if isinstance(container.value, str) and isinstance(item.value, str):
            return item.value in container.value
        return None
    if isinstance(container, Collection):
        parts: tuple[Value, ...] = container.items
    elif isinstance(container, Table):
        parts = tuple(key for key, _ in container.entries)
    else:
        return None
    if any(isinstance(part, Known) and part.value == item.value for part in parts):
        return True
    return None if container.open or not all(isinstance(part, Known) for part in parts) else False


def is_simple(test: s.Expr) -> bool:
    """Whether a condition calls nothing but a few builtins, so that it is quickly folded."""
    return all(isinstance(c.func, s.Name) and c.func.path in ("callable", "len", "bool") for c in calls_below(test))


def live_returns(body: tuple[s.Stmt, ...], holds: Callable[[s.Expr], bool | None]) -> Iterator[s.Return]:
    """The ``return`` statements that can run; ``holds`` answers conditions."""
    found: list[s.Return] = []
    _follow(body, holds, found)
    return iter(found)


def _follow(body: tuple[s.Stmt, ...], holds: Callable[[s.Expr], bool | None], found: list[s.Return]) -> bool:
    """Gather the live returns of a body; True when nothing behind it can run."""
    for statement in body:
        if isinstance(statement, s.Return):
            found.append(statement)
            return True
        if isinstance(statement, s.Raise):
            return True
        if isinstance(statement, s.If):
            if _follow_if(statement, holds, found):
                return True
        elif isinstance(statement, s.Try):
            if _follow_try(statement, holds, found):
                return True
        elif isinstance(statement, s.With):
            if _follow(statement.body, holds, found):
                return True
        else:
            for _, nested in blocks(statement):
                _follow(nested, holds, found)
    return False


def _follow_if(statement: s.If, holds: Callable[[s.Expr], bool | None], found: list[s.Return]) -> bool:
    if not (_can_leave(statement.body) or _can_leave(statement.orelse)):
        return False  # then it does not matter which branch runs
    answer = holds(statement.test)
    if answer is not None:
        return _follow(statement.body if answer else statement.orelse, holds, found)
    ends = _follow(statement.body, holds, found)
    return _follow(statement.orelse, holds, found) and ends


def _can_leave(body: tuple[s.Stmt, ...]) -> bool:
    """Whether a body holds a ``return`` or a ``raise``."""
    return any(isinstance(statement, (s.Return, s.Raise)) for statement in statements(body))


def _follow_try(statement: s.Try, holds: Callable[[s.Expr], bool | None], found: list[s.Return]) -> bool:
    ends = _follow(statement.body, holds, found)
    ends = _follow(statement.orelse, holds, found) or ends
    for handler in statement.handlers:
        ends = _follow(handler.body, holds, found) and ends
    return _follow(statement.final, holds, found) or ends
