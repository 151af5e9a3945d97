"""Transactions held by callers: a call stands in one when a function that holds it calls the function around it."""

from __future__ import annotations

from collections.abc import Iterable

from celerylint.facts import syntax as s
from celerylint.model.callees import Callees
from celerylint.model.entities import Call
from celerylint.model.scopes import Scope
from celerylint.model.symbols import FunctionSymbol

_MAX_DEPTH = 3


def spread(held: Iterable[tuple[s.Call, Scope]], calls: Iterable[Call], callees: Callees) -> None:
    """Add the word "atomic-caller" to the context of every call that a transaction reaches through callers.

    ``held`` are the calls that stand lexically in an atomic block, with their scopes. Only modules that were read are
    followed, a few calls deep; what is deferred to the commit or runs in another process is not reached.
    """
    reached: dict[int, FunctionSymbol] = {}
    waiting = [(callees.function(node, scope), 0) for node, scope in held]
    while waiting:
        function, depth = waiting.pop()
        if function is None or id(function.node) in reached or function.module.is_test:
            continue
        reached[id(function.node)] = function
        if depth < _MAX_DEPTH:
            scope = callees.evaluator.function_scope(function)
            inner = (event for event in function.body.calls if not event.deferred)
            waiting.extend((callees.function(event.call, scope), depth + 1) for event in inner)
    for call in calls:
        function = call.function
        if function is not None and id(function.node) in reached and "atomic" not in call.context:
            call.context = ("atomic-caller", *call.context)
