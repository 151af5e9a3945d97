"""The text of a file: its lines, its indentation, and the way back to bytes."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TypeAlias

from celerylint.fixes.splices import Refused
from celerylint.sources.spans import Span
from celerylint.sources.text import SourceProblem, read_source

Range: TypeAlias = tuple[int, int]
"""Offsets into a text, end exclusive."""

LINE_END = re.compile(r"\r\n?|\n")
_BETWEEN = re.compile(r"(?:[ \t\f\r\n]|\\\r?\n|#[^\r\n]*)*")
"""What may stand between two tokens inside brackets."""
_INDENT = re.compile(r"[ \t\f]*")


class FileText:
    """A decoded file. Raises ``Refused`` for bytes that are no text, or that could not be written back as they are."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.is_python = path.endswith((".py", ".pyi"))
        try:
            source = read_source(path, data)
        except SourceProblem as problem:
            raise Refused(f"the file cannot be decoded: {problem}") from problem
        self.text = source.text
        self.newline = source.newline
        self.encoding = source.encoding
        self._mark = "\ufeff" if source.bom else ""
        if self.encode(self.text) != data:
            raise Refused("the file's encoding cannot be written back faithfully")

    def encode(self, text: str) -> bytes:
        """``text`` as this file's bytes. Raises ``Refused`` for characters that its encoding lacks."""
        try:
            return (self._mark + text).encode(self.encoding)
        except UnicodeEncodeError as error:
            lacking = error.object[error.start]
            raise Refused(f"{lacking!r} cannot be written in {self.encoding}") from error

    @cached_property
    def line_starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self.text))]

    def offset(self, line: int, column: int) -> int:
        """The offset of a 1-based line and column. Raises ``Refused`` when the file has no such place."""
        if 1 <= line <= len(self.line_starts):
            start = self.line_starts[line - 1]
            if start <= start + column - 1 <= self.line_end(start):
                return start + column - 1
        raise Refused("the file has no such place")

    def range(self, span: Span) -> Range:
        return self.offset(span.line, span.column), self.offset(span.end_line, span.end_column)

    def skip(self, offset: int) -> int:
        """The first offset at or after ``offset`` that is neither blank nor comment (inside brackets)."""
        match = _BETWEEN.match(self.text, offset)
        return match.end() if match else offset

    def line_start(self, offset: int) -> int:
        return self.line_starts[bisect_right(self.line_starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """Where the line of ``offset`` ends, its newline excluded."""
        match = LINE_END.search(self.text, offset)
        return match.start() if match else len(self.text)

    def next_line(self, offset: int) -> int:
        """Where the line after that of ``offset`` begins, or the end of the text."""
        match = LINE_END.search(self.text, offset)
        return match.end() if match else len(self.text)

    def begins_line(self, offset: int) -> bool:
        return not self.text[self.line_start(offset) : offset].strip()

    def ends_line(self, offset: int) -> bool:
        """Whether nothing but blanks and a comment follows on the line."""
        rest = self.text[offset : self.line_end(offset)].strip()
        return not rest or rest.startswith("#")

    def indent(self, offset: int) -> str:
        """The white space with which the line of ``offset`` begins."""
        match = _INDENT.match(self.text, self.line_start(offset))
        return match.group() if match else ""
