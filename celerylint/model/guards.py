"""What the conditions around a call in a receiver of ``post_save`` ask of the save: that it creates, that it names its
fields."""

from __future__ import annotations

from typing import TypeAlias

from celerylint.facts import syntax as s
from celerylint.model.functions import Event
from celerylint.model.rows import precedes
from celerylint.model.symbols import FunctionSymbol

State: TypeAlias = tuple[bool, bool]
"""One way to save: whether it creates, and whether ``update_fields`` are given."""
CREATES: frozenset[State] = frozenset({(True, False)})
UPDATES: frozenset[State] = frozenset({(False, False)})
UPDATES_FIELDS: frozenset[State] = frozenset({(False, True)})
SAVES: frozenset[State] = CREATES | UPDATES
ANY: frozenset[State] = SAVES | UPDATES_FIELDS


def allowed(function: FunctionSymbol, event: Event) -> frozenset[State]:
    """The ways to save after which a receiver comes to one of its events."""
    words = _words(function)
    if not words:
        return ANY
    exits = [
        e
        for e in function.body.events
        if e.kind in ("return", "raise") and not e.deferred and e.tests and precedes(e, event) and _is_plain(e, event)
    ]
    return frozenset(state for state in ANY if _comes_to(event, exits, words, state))


def _comes_to(event: Event, exits: list[Event], words: dict[str, str], state: State) -> bool:
    if any(_truth(test, words, state) is (not held) for test, held in event.tests):
        return False
    return not any(all(_truth(test, words, state) is held for test, held in e.tests) for e in exits)


def _is_plain(one: Event, event: Event) -> bool:
    """Whether only conditions decide if an exit is taken before an event."""
    inner = [word for place, word in one.branch if (place, word) not in event.branch]
    return all(word in ("if", "else") for word in inner) and one.handlers == ()


def _words(function: FunctionSymbol) -> dict[str, str]:
    """The variables that hold ``created`` and ``update_fields``, and the names of ``**kwargs``."""
    found = {p.name: p.name for p in function.node.params if p.name in ("created", "update_fields")}
    found |= {p.name: "kwargs" for p in function.node.params if p.kind == "kwargs"}
    for event in function.body.events:
        node = event.node
        if isinstance(node, s.Assign) and node.value is not None:
            taken = _taken(node.value, found)
            found |= {t.path: taken for t in node.targets if taken and isinstance(t, s.Name)}
    return found


def _taken(expr: s.Expr, words: dict[str, str]) -> str:
    """``created`` or ``update_fields`` where an expression is that argument, else ""."""
    if isinstance(expr, s.Name):
        return words.get(expr.path, "").replace("kwargs", "")
    key: s.Expr | None = None
    if isinstance(expr, s.Subscript) and isinstance(expr.value, s.Name) and words.get(expr.value.path) == "kwargs":
        key = expr.index
    elif isinstance(expr, s.Call) and isinstance(expr.func, s.Name) and expr.args:
        owner, _, method = expr.func.path.rpartition(".")
        key = expr.args[0] if words.get(owner) == "kwargs" and method in ("get", "pop") else None
    text = key.value if isinstance(key, s.Literal) else ""
    return text if isinstance(text, str) and text in ("created", "update_fields") else ""


def _truth(expr: s.Expr, words: dict[str, str], state: State) -> bool | None:
    """Whether a condition holds after a save; None where something else decides."""
    if isinstance(expr, s.Unary) and expr.op == "not":
        inner = _truth(expr.operand, words, state)
        return None if inner is None else not inner
    if isinstance(expr, s.Boolean):
        values = [_truth(operand, words, state) for operand in expr.operands]
        decides = expr.op == "or"
        if decides in values:
            return decides
        return None if None in values else not decides
    if isinstance(expr, s.Comparison) and len(expr.ops) == 1 and isinstance(expr.others[0], s.Literal):
        if _taken(expr.left, words) == "update_fields" and expr.others[0].value is None:
            return state[1] is (expr.ops[0] == "is not")
        if _taken(expr.left, words) == "created" and isinstance(expr.others[0].value, bool):
            return (state[0] is expr.others[0].value) is (expr.ops[0] in ("is", "=="))
        return None
    return {"created": state[0], "update_fields": state[1]}.get(_taken(expr, words))
