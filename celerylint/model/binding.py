"""Arguments against a signature, as Python binds them: what a sender gives, and why the task cannot take it.

The check is the one that ``Task.apply_async`` makes in the caller (``celery/app/task.py``: it calls ``__header__``, a
function with the task's parameters and no body) and that the worker makes when it calls the task.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from celerylint.facts import syntax as s
from celerylint.model.entities import Call, Parameter, Signature
from celerylint.model.scopes import Scope
from celerylint.model.values import Collection, Known, Table, Value

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator

PACKED = frozenset({"apply_async", "apply_async_on_commit", "send_task", "signature", "subtask", "apply", "retry"})
"""The forms of a call that take the task's arguments as ``args=`` and ``kwargs=``."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What a message carries: how many positional arguments and which keywords.

    ``more_args`` and ``more_kwargs`` tell that more may come (``*items``, ``**options``, a list built elsewhere).
    """

    positional: int = 0
    keywords: frozenset[str] = frozenset()
    more_args: bool = False
    more_kwargs: bool = False

    def after(self, leading: Passed) -> Passed:
        """These arguments with ``leading`` ones put before them, as ``Signature._merge`` and a chain do."""
        return Passed(
            leading.positional + self.positional,
            leading.keywords | self.keywords,
            leading.more_args or self.more_args,
            leading.more_kwargs or self.more_kwargs,
        )


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why arguments do not fit. ``kind``:

    ``missing``     required parameters (``names``) get nothing
    ``excess``      ``given`` positional arguments, where ``taken`` can be taken
    ``unexpected``  keywords (``names``) that no parameter has
    ``twice``       parameters (``names``) that are given by position and by keyword
    ``positional``  positional-only parameters (``names``) that are given by keyword: only the worker notices, because
                    the header that Celery checks in the caller has lost the ``/``
    """

    kind: Literal["missing", "excess", "unexpected", "twice", "positional"]
    names: tuple[str, ...] = ()
    given: int = 0
    taken: int = 0

    def __str__(self) -> str:
        listed = ", ".join(f"`{name}`" for name in self.names)
        if self.kind == "missing":
            return f"{listed} {'is' if len(self.names) == 1 else 'are'} missing"
        if self.kind == "excess":
            return f"it takes {_count(self.taken)} and is given {self.given}"
        if self.kind == "unexpected":
            return f"it has no parameter {listed}"
        if self.kind == "twice":
            return f"{listed} {'is' if len(self.names) == 1 else 'are'} given twice"
        return f"{listed} can only be given by position"


def _count(number: int) -> str:
    return f"{number} positional argument{'' if number == 1 else 's'}"


def mismatch(signature: Signature, given: Passed) -> Mismatch | None:
    """The first reason why ``given`` does not fit ``signature``; None when it does or when that is not known."""
    parameters = signature.parameters
    positional = [p for p in parameters if p.kind in ("positional", "positional-only")]
    takes_args = any(p.kind == "args" for p in parameters)
    takes_kwargs = any(p.kind == "kwargs" for p in parameters)
    if given.positional > len(positional) and not takes_args:
        return Mismatch("excess", given=given.positional, taken=len(positional))
    filled = positional[: given.positional]
    twice = [p.name for p in filled if p.name in given.keywords and p.kind == "positional"]
    if twice:
        return Mismatch("twice", tuple(twice))
    named = {p.name for p in parameters if p.kind in ("positional", "keyword-only")}
    only = {p.name for p in positional if p.kind == "positional-only"}
    unexpected = sorted(given.keywords - named - only)
    if unexpected and not takes_kwargs:
        return Mismatch("unexpected", tuple(unexpected))
    by_position = sorted(given.keywords & only)
    if by_position and not takes_kwargs:
        return Mismatch("positional", tuple(by_position))
    missing = [p.name for p in _required(parameters, positional[given.positional :]) if _lacks(p, given)]
    return Mismatch("missing", tuple(missing)) if missing else None


def _required(parameters: Iterable[Parameter], rest: list[Parameter]) -> list[Parameter]:
    return [p for p in (*rest, *(p for p in parameters if p.kind == "keyword-only")) if p.required]


def _lacks(parameter: Parameter, given: Passed) -> bool:
    """Whether a required parameter surely gets nothing."""
    if parameter.kind == "positional-only":
        return not given.more_args
    if parameter.name in given.keywords or given.more_kwargs:
        return False
    return parameter.kind == "keyword-only" or not given.more_args


def first_free(signature: Signature, given: Passed) -> Parameter | None:
    """The parameter that one more positional argument would land on; None when there is none (or it is ``*args``)."""
    positional = [p for p in signature.parameters if p.kind in ("positional", "positional-only")]
    return positional[given.positional] if given.positional < len(positional) else None


def passed_by(call: Call, evaluator: Evaluator) -> Passed:
    """The task's own arguments of a call, those of the signature that it sends included."""
    if call.node is None or call.scope is None:
        own = Passed(more_args=True, more_kwargs=True)
    elif call.how in PACKED:
        own = _packed(call.node, 1 if call.named and call.how != "apply_async" else 0, call.scope, evaluator)
    else:
        own = _spread(call.node, 1 if call.how == "partial" else 0, call.scope, evaluator)
    if call.sends is not None:
        under = passed_by(call.sends, evaluator)
        return under if call.sends.how == "si" else under.after(own)
    return own


def _spread(node: s.Call, skip: int, scope: Scope, evaluator: Evaluator) -> Passed:
    """``delay(1, *rest, key=2, **options)``."""
    count, more_args = _counted(node.args[skip:], scope, evaluator)
    names: set[str] = set()
    more_kwargs = False
    for keyword in node.keywords:
        if keyword.name is not None:
            names.add(keyword.name)
        else:
            found, is_open = _keys(evaluator.value(keyword.value, scope))
            names |= found
            more_kwargs |= is_open
    return Passed(count, frozenset(names), more_args, more_kwargs)


def _counted(items: Iterable[s.Expr], scope: Scope, evaluator: Evaluator) -> tuple[int, bool]:
    """How many elements a display has at least, and whether there may be more."""
    count, is_open = 0, False
    for item in items:
        if not isinstance(item, s.Starred):
            count += 1
            continue
        value = evaluator.value(item.value, scope)
        if isinstance(value, Collection):
            count += len(value.items)
            is_open |= value.open
        else:
            is_open = True
    return count, is_open


def _keys(value: Value) -> tuple[set[str], bool]:
    if isinstance(value, Known) and value.value is None:
        return set(), False
    if not isinstance(value, Table):
        return set(), True
    names = {k.value for k, _ in value.entries if isinstance(k, Known) and isinstance(k.value, str)}
    return names, value.open or not all(isinstance(k, Known) for k, _ in value.entries)


def _packed(node: s.Call, skip: int, scope: Scope, evaluator: Evaluator) -> Passed:
    """``apply_async(args=(1,), kwargs={"key": 2})``."""
    spread = any(k.name is None for k in node.keywords) or any(isinstance(a, s.Starred) for a in node.args)
    named = {k.name: k.value for k in node.keywords if k.name in ("args", "kwargs")}
    positional = node.args[skip:]
    args = named.get("args", positional[0] if positional else None)
    kwargs = named.get("kwargs", positional[1] if len(positional) > 1 else None)
    count, more_args = _items(args, scope, evaluator) if args is not None else (0, spread)
    names, more_kwargs = _keys(evaluator.value(kwargs, scope)) if kwargs is not None else (set(), spread)
    return Passed(count, frozenset(names), more_args, more_kwargs)


def _items(expr: s.Expr, scope: Scope, evaluator: Evaluator) -> tuple[int, bool]:
    if isinstance(expr, s.Display) and expr.kind in ("list", "tuple"):
        return _counted(expr.items, scope, evaluator)
    value = evaluator.value(expr, scope)
    if isinstance(value, Known) and value.value is None:
        return 0, False
    if isinstance(value, Collection) and value.kind in ("list", "tuple"):
        return len(value.items), value.open
    return 0, True
