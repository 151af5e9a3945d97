"""A text that is written over in place: the bytes stay where they are, so lines and columns keep their meaning."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst
from libcst.metadata import CodeSpan

BLANKS = (0x20, 0x09)
_NEWLINE = 0x0A


class Canvas:
    """``before`` are the UTF-8 bytes of the text, ``after`` the same with what was written over; ``spans`` are byte
    spans of the LibCST nodes in it."""

    def __init__(self, text: str, spans: Mapping[cst.CSTNode, CodeSpan]) -> None:
        self.before = text.encode()
        self.after = bytearray(self.before)
        self._spans = spans
        self._inserted: dict[int, bytes] = {}

    def text(self) -> str:
        result = bytes(self.after)
        for offset, new in sorted(self._inserted.items(), reverse=True):
            result = result[:offset] + new + result[offset:]
        return result.decode()

    def extent(self, node: cst.CSTNode) -> tuple[int, int]:
        """The byte offsets between which a node stands, its own parentheses included."""
        left, right = getattr(node, "lpar", None), getattr(node, "rpar", None)
        span = self._spans[node]
        start = self._spans[left[0]].start if left else span.start
        if right:
            span = self._spans[right[-1]]
        return start, span.start + span.length

    def write(self, offset: int, new: bytes) -> None:
        self.after[offset : offset + len(new)] = new

    def insert(self, offset: int, new: bytes) -> None:
        """Put ``new`` before ``offset``: the one thing that moves columns, those of the rest of the line."""
        self._inserted[offset] = new

    def blank(self, start: int, end: int, continued: bool = False) -> None:
        """Blanks for everything but newlines; ``continued`` joins the lines with backslashes."""
        for offset in range(start, end):
            if self.before[offset] != _NEWLINE:
                self.after[offset] = BLANKS[0]
            elif continued and offset > start and self.before[offset - 1] != _NEWLINE:
                self.after[offset - 1] = ord("\\")
            elif continued:
                self.insert(offset, b"\\")

    def name(self, start: int, end: int, continued: bool = False) -> None:
        """A name that nothing defines, as long as the first line of what it takes the place of."""
        self.blank(start, end, continued)
        line_end = self.before.find(b"\n", start, end)
        length = (end if line_end < 0 else line_end - continued) - start
        self.write(start, b"_" * length)
