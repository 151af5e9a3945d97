"""Comments and the lines that each of them speaks about."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from celerylint.suppress import MARK

_SKIPPED = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)
_MARKED = re.compile(rf"(?:^|(?<=\s))#.*{MARK}.*")
_DEFINITIONS = ("def", "class", "async")


@dataclass(slots=True)
class Comment:
    """A comment from its ``#`` on, at a 1-based place, and the lines (first, last) that it speaks about.

    ``only_line`` is set for a comment inside a bracket: it then speaks only about what touches that line.
    """

    text: str
    line: int
    column: int
    covers: tuple[int, int]
    only_line: int | None = None


def comments_in_python(text: str) -> Iterator[Comment]:
    """The marked comments of a Python file. Where it cannot be tokenised, what came before that place counts."""
    for group in _headers(list(_tokens(text))):
        first, last = group.first, group.last
        for index, token in enumerate(group.tokens):
            if token.type != tokenize.COMMENT or MARK not in token.string:
                continue
            line, column = token.start
            comment = Comment(token.string, line, column + 1, (first, last))
            depth = group.depth(index)
            if depth and not token.line[:column].strip():
                comment.covers = group.element_after(index, depth)
            elif depth and line != first:
                comment.only_line = line
            yield comment


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        return  # the rest of the file is reported as a syntax error, if anybody reads it


class _Header:
    """The tokens of one logical line with the comments above it; a decorated definition is one header."""

    def __init__(self) -> None:
        self.tokens: list[tokenize.TokenInfo] = []

    @property
    def _code(self) -> list[tokenize.TokenInfo]:
        return [token for token in self.tokens if token.type not in _SKIPPED]

    @property
    def decorated(self) -> bool:
        """Whether it still waits for its ``def`` or ``class``."""
        starts = [
            token.string
            for before, token in zip([None, *self._code], self._code, strict=False)
            if before is None or before.type == tokenize.NEWLINE
        ]
        return bool(starts) and starts[0] == "@" and starts[-1] not in _DEFINITIONS

    @property
    def first(self) -> int:
        code = self._code
        return code[0].start[0] if code else self.tokens[0].start[0]

    @property
    def last(self) -> int:
        code = self._code
        return code[-1].start[0] if code else self.tokens[-1].end[0]

    def depth(self, index: int) -> int:
        """How many brackets are open before a token."""
        opened = 0
        for token in self.tokens[:index]:
            opened += (token.string in "([{") - (token.string in ")]}") if token.type == tokenize.OP else 0
        return opened

    def element_after(self, index: int, depth: int) -> tuple[int, int]:
        """The lines of the element that follows a comment inside a bracket."""
        first = last = self.tokens[index].start[0]
        began, opened = False, depth
        for token in self.tokens[index + 1 :]:
            if token.type in _SKIPPED:
                continue
            if token.type == tokenize.OP and token.string in ")]}":
                opened -= 1
            if opened < depth or (opened == depth and token.string == "," and token.type == tokenize.OP):
                break
            if token.type == tokenize.OP and token.string in "([{":
                opened += 1
            first, last = (first if began else token.start[0]), token.end[0]
            began = True
        return first, last


def _headers(tokens: list[tokenize.TokenInfo]) -> Iterator[_Header]:
    header = _Header()
    for token in tokens:
        if token.type != tokenize.ENDMARKER:
            header.tokens.append(token)
        if token.type == tokenize.NEWLINE and not header.decorated:
            yield header
            header = _Header()
    if header.tokens:
        yield header


def comments_in_text(text: str) -> Iterator[Comment]:
    """The marked comments of a file that is not Python: from a ``#`` (first, or after a space) to the end of the line.

    One on its own line speaks about the next line that holds something, with whatever continues it: lines after a
    backslash, and lines that are indented deeper.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        found = _MARKED.search(line)
        if not found:
            continue
        own_line = not line[: found.start()].strip()
        covers = _block_after(lines, number) if own_line else (number, number)
        yield Comment(found.group().rstrip(), number, found.start() + 1, covers)


def _block_after(lines: list[str], number: int) -> tuple[int, int]:
    rest = [(n, line) for n, line in enumerate(lines[number:], start=number + 1) if _says_something(line)]
    if not rest:
        return number, number
    first, head = rest[0]
    last, continued = first, head.rstrip().endswith("\\")
    for n, line in rest[1:]:
        if not continued and _indent(line) <= _indent(head):
            break
        last, continued = n, line.rstrip().endswith("\\")
    return first, last


def _says_something(line: str) -> bool:
    stripped = line.strip()
    return bool(stripped) and not stripped.startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
