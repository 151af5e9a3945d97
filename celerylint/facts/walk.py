"""Walk facts: the children of a node, and every expression or statement below one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from celerylint.facts import syntax as s


def children(node: s.Node) -> Iterator[s.Node]:
    """The direct sub-nodes in source order; nested definitions are children too."""
    for slot in _SLOTS[type(node)]:
        value = getattr(node, slot)
        if isinstance(value, s.Node):
            yield value
        elif isinstance(value, tuple):
            yield from _flatten(value)


def _flatten(values: Iterable[object]) -> Iterator[s.Node]:
    for value in values:
        if isinstance(value, s.Node):
            yield value
        elif isinstance(value, tuple):
            yield from _flatten(value)


def _slots() -> dict[type, tuple[str, ...]]:
    plain = {
        "pos",
        "whole",
        "name_pos",
        "path",
        "name",
        "qualname",
        "kind",
        "op",
        "ops",
        "what",
        "module",
        "level",
        "alias",
        "is_async",
        "is_generator",
        "delegates",
        "lowered",
        "old",
        "complete",
        "hot_lines",
    }
    result: dict[type, tuple[str, ...]] = {}
    for cls in vars(s).values():
        if isinstance(cls, type) and issubclass(cls, s.Node):
            fields = () if cls is s.Literal else getattr(cls, "__dataclass_fields__", ())
            result[cls] = tuple(f for f in fields if f not in plain)
    return result


_SLOTS = _slots()


def below(node: s.Node, into_functions: bool = True) -> Iterator[s.Node]:
    """Every node below ``node`` in source order, itself first; nested definitions are entered only when asked."""
    stack: list[s.Node] = [node]
    while stack:
        current = stack.pop()
        yield current
        if not into_functions and current is not node and isinstance(current, (s.Function, s.Class, s.Lambda)):
            continue
        stack.extend(reversed(list(children(current))))


def calls_below(node: s.Node, into_functions: bool = True) -> Iterator[s.Call]:
    for current in below(node, into_functions):
        if isinstance(current, s.Call):
            yield current


def blocks(statement: s.Stmt) -> Iterator[tuple[str, tuple[s.Stmt, ...]]]:
    """The nested statement lists of a compound statement with a word for each branch; definitions have none."""
    if isinstance(statement, s.If):
        yield "if", statement.body
        yield "else", statement.orelse
    elif isinstance(statement, (s.For, s.While)):
        yield "loop", statement.body
        yield "loop-else", statement.orelse
    elif isinstance(statement, s.With):
        yield "with", statement.body
    elif isinstance(statement, s.Try):
        yield "try", statement.body
        for number, handler in enumerate(statement.handlers):
            yield f"except{number}", handler.body
        yield "try-else", statement.orelse
        yield "finally", statement.final
    elif isinstance(statement, s.Match):
        for number, (_, body) in enumerate(statement.cases):
            yield f"case{number}", body


def statements(body: Iterable[s.Stmt]) -> Iterator[s.Stmt]:
    """Every statement of a body and of its nested blocks in order, not entering definitions."""
    for statement in body:
        yield statement
        for _, nested in blocks(statement):
            yield from statements(nested)
