"""Whether an edited file is still what it was, but for the edits.

Splices leave all other characters alone; what could still go wrong is that the same characters mean something else
(``a + b.c`` for ``(a + b).c``, a bracket that pairs with another one). So every node of the ``ast`` that no edit names
must stand where it stood, as what it was.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, TypeAlias

from celerylint.fixes.document import Document
from celerylint.fixes.filetext import Range
from celerylint.fixes.splices import Refused, Splice, apply
from celerylint.fixes.window import compiles, read_ast

Seen: TypeAlias = tuple[str, int, int, int]
"""The kind of a node, its start, where it must end, and its end (offsets in UTF-8)."""

_SOMEWHERE = -1
_LINE_END = re.compile(rb"\r\n?|\n")
_OPAQUE = ("JoinedStr", "TemplateStr")
"""Before Python 3.12 the places of nodes inside f-strings are not true."""


def verify(document: Document, splices: Sequence[Splice], named: Iterable[Range]) -> str:
    """The text that ``splices`` make of the document.

    Raises ``Refused`` unless it parses and differs in nothing but the edits: ``named`` are the ranges that they point
    at, whose nodes may change.
    """
    text = apply(document.text, splices)
    try:
        document.parse_with(splices, text)
    except Refused as refusal:
        raise Refused("the result would not parse") from refusal
    if document.ast is None:  # syntax newer than this interpreter's: LibCST has read both
        return text
    tree = read_ast(text)
    if tree is None:
        raise Refused("the result would not parse")
    if not compiles(tree) and compiles(document.ast):
        raise Refused("the result would not compile")
    moves = _Moves(document.text, splices)
    exempt = {(moves.utf8(start), moves.utf8(end)) for start, end in named}
    found = {
        place
        for kind, start, end, _ in _nodes(text, tree)
        for place in ((kind, start, end), (kind, start, _SOMEWHERE), (kind, _SOMEWHERE, end))
    }
    for kind, start, end, last in _nodes(document.text, document.ast):
        if (
            (start, last) not in exempt
            and not moves.cover(start, last)
            and found.isdisjoint((kind, first, behind) for first in moves.places(start) for behind in moves.places(end))
        ):
            raise Refused("what stands around it would no longer mean the same")
    return text


def _nodes(text: str, tree: ast.Module) -> list[Seen]:
    """All nodes that have a place."""
    lines = [0, *(match.end() for match in _LINE_END.finditer(text.encode()))]
    return [_seen(node, lines) for node in _walk(tree) if hasattr(node, "lineno")]


def _walk(tree: ast.AST) -> Iterator[Any]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if type(node).__name__ not in _OPAQUE:
            waiting.extend(ast.iter_child_nodes(node))


def _seen(node: Any, lines: Sequence[int]) -> Seen:
    start, end = lines[node.lineno - 1] + node.col_offset, lines[node.end_lineno - 1] + node.end_col_offset
    # Something may be put behind the last statement of a body: only the start of what has one is fixed.
    open_ended = isinstance(getattr(node, "body", None), list)
    return type(node).__name__, start, _SOMEWHERE if open_ended else end, end


class _Moves:
    """Where the places of a text go when splices are made."""

    def __init__(self, text: str, splices: Sequence[Splice]) -> None:
        self._text = text
        self._ascii = text.isascii()
        self._starts = [self.utf8(splice.start) for splice in splices]
        self._ends = [self.utf8(splice.end) for splice in splices]
        added = [len(splice.text.encode()) for splice in splices]
        growth = [more - (end - start) for more, start, end in zip(added, self._starts, self._ends, strict=True)]
        self._shifts = [0, *accumulate(growth)]

    def utf8(self, offset: int) -> int:
        return offset if self._ascii else len(self._text[:offset].encode())

    def cover(self, start: int, end: int) -> bool:
        """Whether one splice replaces all from ``start`` to ``end``."""
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and start < end <= self._ends[at]

    def places(self, place: int) -> list[int]:
        """Where ``place`` may be now: before or after what was inserted there, or somewhere when it was replaced."""
        if place == _SOMEWHERE:
            return [_SOMEWHERE]
        first, last = bisect_left(self._ends, place), bisect_right(self._ends, place)
        if last < len(self._ends) and self._starts[last] < place:
            return [_SOMEWHERE]
        if first < last and self._starts[first] < place:
            first += 1
        return [place + shift for shift in self._shifts[first : last + 1]]
