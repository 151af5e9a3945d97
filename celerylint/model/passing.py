"""What a wrapper hands on to what it wraps: the arguments it puts in front, and whether all others pass untouched.

A wrapper ``def inner(*args, **kwargs): ... function(request, *args, **kwargs)`` leaves to its callers the parameters of
``function`` but the first. Anything less plain (arguments taken out, changed, or passed on by other code) gives None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.model.apps import last_name
from celerylint.model.scopes import Binding, Scope
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.values import Reference
from celerylint.sources.spans import Pos


@dataclass(frozen=True, slots=True)
class Passing:
    """``leading`` positional parameters of what is wrapped, and the ``named`` ones, are given by the wrapper."""

    leading: int
    named: frozenset[str]
    own: int = 0
    """Positional parameters of the wrapper itself that are not handed on with the rest (``self``)."""
    extra: tuple[tuple[str, Pos], ...] = ()
    """Keywords with a default that the wrapper takes for itself."""


Looks = Callable[[s.Call, s.Name], bool]
"""Whether a call only looks at a function that it is given, and does not call it."""


def passing(inner: FunctionSymbol, wrapped: FunctionSymbol, looks: Looks = lambda call, name: False) -> Passing | None:
    """How ``inner``, made for one call of a decorator, hands its arguments to the decorated function ``wrapped``."""
    names = set(_names_of(wrapped, inner.scope))
    return handed_on(inner, lambda call: isinstance(call.func, s.Name) and call.func.path in names, names, looks=looks)


def handed_on(
    inner: FunctionSymbol,
    is_target: Callable[[s.Call], bool],
    names: set[str],
    skip: int = 0,
    looks: Looks = lambda call, name: False,
) -> Passing | None:
    """The same for a function whose calls of the wrapped one are told by ``is_target``.

    ``names`` stand for the wrapped function: used in any other way than being called, it may get any arguments, unless
    what it is given to only ``looks`` at it. The first ``skip`` arguments of each call are not counted.
    """
    star = next((p.name for p in inner.node.params if p.kind == "args"), None)
    double = next((p.name for p in inner.node.params if p.kind == "kwargs"), None)
    own = [p for p in inner.node.params if p.kind in ("positional", "positional-only")]
    keywords = [p for p in inner.node.params if p.kind == "keyword-only"]
    if star is None or double is None or any(p.default is None for p in keywords) or _changed(inner, {star, double}):
        return None
    extra = tuple((p.name, p.pos) for p in keywords)
    found: set[Passing] = set()
    calls = [c for c in _calls(inner) if is_target(c)]
    functions = {id(c.func) for c in calls}
    for call in _calls(inner):
        functions |= {id(a) for a in call.args if isinstance(a, s.Name) and a.path in names and looks(call, a)}
    for call in calls:
        one = _of_call(call, star, double, skip, len(own), extra)
        if one is None:
            return None
        found.add(one)
    if len(found) != 1:
        return None
    for node in _nodes(inner):
        if isinstance(node, s.Name) and node.path in names and id(node) not in functions:
            return None
    return found.pop()


def _of_call(
    call: s.Call, star: str, double: str, skip: int, own: int, extra: tuple[tuple[str, Pos], ...]
) -> Passing | None:
    *leading, last = call.args or (None,)
    if not (isinstance(last, s.Starred) and isinstance(last.value, s.Name) and last.value.path == star):
        return None
    if any(isinstance(arg, s.Starred) for arg in leading) or len(leading) < skip:
        return None
    spread = [k.value for k in call.keywords if k.name is None]
    if len(spread) != 1 or not (isinstance(spread[0], s.Name) and spread[0].path == double):
        return None
    named = frozenset(k.name for k in call.keywords if k.name is not None)
    return Passing(len(leading) - skip, named, own, extra)


def _changed(inner: FunctionSymbol, names: set[str]) -> bool:
    """Whether the wrapper assigns or mutates its own ``args`` or ``kwargs``."""
    for node in _nodes(inner):
        if isinstance(node, s.Assign):
            targets = [t.value if isinstance(t, s.Subscript) else t for t in node.targets]
            if any(isinstance(t, s.Name) and t.path in names for t in targets):
                return True
        elif isinstance(node, s.Call) and isinstance(node.func, s.Name):
            owner, _, method = node.func.path.rpartition(".")
            if owner in names and method in ("pop", "update", "setdefault", "popitem", "clear"):
                return True
        elif isinstance(node, s.Plain) and node.what == "delete":
            return True
    return False


def _nodes(inner: FunctionSymbol) -> Iterator[s.Node]:
    for statement in inner.statements:
        yield from below(statement)


def _calls(inner: FunctionSymbol) -> Iterator[s.Call]:
    return (node for node in _nodes(inner) if isinstance(node, s.Call))


def _names_of(wrapped: FunctionSymbol, scope: Scope | None) -> Iterator[str]:
    """The variables of the enclosing calls that hold the wrapped function."""
    while scope is not None:
        for name, value in (scope.env or {}).items():
            symbol = value.symbol if isinstance(value, Reference) else None
            if isinstance(symbol, FunctionSymbol) and symbol.node is wrapped.node:
                yield name
        scope = scope.parent


def hands_arguments_on(method: FunctionSymbol, bindings: Mapping[str, list[Binding]]) -> bool:
    """Whether a method that wraps a call (``apply_async``, ``__call__``) hands ``args`` and ``kwargs`` on as they came:
    it exchanges none of them, though it may add to them, and gives them to nothing but the call that it wraps.

    ``bindings`` are those of its scope.
    """
    names = {p.name for p in method.node.params if p.name in ("args", "kwargs") or p.kind in ("args", "kwargs")}
    if any(_exchanges(b) for name in names for b in bindings.get(name, ())):
        return False
    for event in method.body.calls:
        if last_name(event.call.func) in (method.name, "run", "__call__", "delay", "apply_async", "apply"):
            continue
        given = [*event.call.args, *(k.value for k in event.call.keywords)]
        if any(isinstance(n, s.Name) and n.path in names for value in given for n in below(value)):
            return False
    return True


def _exchanges(binding: Binding) -> bool:
    """Whether a binding of ``args`` or ``kwargs`` can put something else in the place of what came: anything but
    ``kwargs = kwargs or {}`` and ``kwargs["added"] = ...``."""
    if binding.kind == "param":
        return False
    if binding.kind == "setitem":
        return not isinstance(binding.detail, s.Literal)
    if binding.kind == "mutate":
        return binding.detail not in ("setdefault", "pop")
    value = binding.value
    if (
        isinstance(value, s.Call)
        and last_name(value.func) in ("list", "tuple", "dict", "copy")
        and len(value.args) == 1
    ):
        value = value.args[0]
    operands = value.operands if isinstance(value, s.Boolean) and value.op == "or" else (value,)
    return not all(
        (isinstance(o, s.Name) and o.path == binding.name) or (isinstance(o, (s.Display, s.Mapping)) and not o.items)
        for o in operands
    )
