"""What f-strings and t-strings of newer Python become on an older one.

Before 3.12 (PEP 701) an f-string was one token: its expressions could hold neither the quote that closes it, nor a
backslash, nor a comment, nor (unless triple-quoted) a newline. Quotes of strings within are swapped where that is
enough, and such a string becomes a name that nothing defines where it is not. Where an f-string cannot stay one, and
for every t-string (PEP 750), the whole string becomes a call of a name that nothing defines with the expressions as
arguments: ``f'a {x:{w}}'`` is ``__(    x, w  )``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libcst as cst

from celerylint.sources.canvas import Canvas

_SWAPPED = {"'": '"', '"': "'", "'''": '"""', '"""': "'''"}


class Strings:
    """Respells the strings of one canvas for Python ``target``."""

    def __init__(self, canvas: Canvas, target: tuple[int, int]) -> None:
        self.canvas = canvas
        self.target = target

    def respell(self, node: cst.CSTNode) -> bool:
        """Write over a string that stands in no other string. Whether anything had to be written."""
        parts = list(_parts(node))
        formatted = [part for part in parts if isinstance(part, cst.FormattedString)]
        template = self.target < (3, 14) and any(_is_template(part) for part in parts)
        if template or (self.target < (3, 12) and any(self._breaks(part, part.end) for part in formatted)):
            self._as_call(node)
        elif self.target < (3, 12):
            for part in formatted:
                self._fields(part, frozenset({part.end}))
        start, end = self.canvas.extent(node)
        return self.canvas.after[start:end] != self.canvas.before[start:end]

    def _fields(self, string: cst.CSTNode, forbidden: frozenset[str]) -> None:
        """Rid the expressions of a string of what no older f-string can hold, the ``forbidden`` quotes among it."""
        for field in _expressions(string):
            inside = _inside(field)
            for node in inside.layout:
                self.canvas.blank(*self.canvas.extent(node))
            for node in inside.strings:
                self._within(node, forbidden)

    def _within(self, node: cst.CSTNode, forbidden: frozenset[str]) -> None:
        """A string in an expression of another, which has used up the ``forbidden`` quotes."""
        parts = list(_parts(node))
        quotes = [self._quote(part, forbidden) for part in parts]
        if all(quotes):
            for part, quote in zip(parts, quotes, strict=True):
                if quote:
                    self._requote(part, quote, forbidden)
        elif all(isinstance(part, cst.SimpleString) for part in parts):
            self.canvas.name(*self.canvas.extent(node))
        else:
            self._as_call(node, forbidden)

    def _quote(self, part: Any, forbidden: frozenset[str]) -> str | None:
        """The quote with which this string may stand there, its own if possible; None when there is none."""
        if isinstance(part, cst.SimpleString):
            own, texts = part.quote, [part.raw_value]
        elif isinstance(part, cst.FormattedString):
            own, texts = part.end, list(_texts(part))
            if self._breaks(part, own):
                return None
        else:
            return None
        if any("\\" in text for text in texts):
            return None
        for quote in (own, _SWAPPED[own]):
            closed = any(quote in text or text.endswith(quote[0]) for text in texts)
            if not closed and not any(used in whole for used in forbidden for whole in (quote, *texts)):
                return quote
        return None

    def _requote(self, part: Any, quote: str, forbidden: frozenset[str]) -> None:
        start, end = self.canvas.extent(part)
        size = len(quote)
        prefix = len(part.prefix)
        self.canvas.write(start + prefix, quote.encode())
        self.canvas.write(end - size, quote.encode())
        if isinstance(part, cst.FormattedString):
            self._fields(part, forbidden | {quote})

    def _as_call(self, node: cst.CSTNode, forbidden: frozenset[str] = frozenset()) -> None:
        canvas = self.canvas
        start, end = canvas.extent(node)
        arguments: list[tuple[int, int, bytes]] = []
        for string in _parts(node):
            if forbidden:
                self._fields(string, forbidden)
            for field in _expressions(string):
                if not forbidden:
                    for inner in _inside(field).strings:
                        self.respell(inner)
                first, last = canvas.extent(field.expression)
                arguments.append((canvas.extent(field)[0], first, bytes(canvas.after[first:last])))
        if not arguments:
            canvas.name(start, end, continued=True)
            return
        canvas.blank(start, end)
        canvas.write(start, b"__")
        for brace, first, code in arguments:
            canvas.write(brace, b",")
            canvas.write(first, code)
        canvas.blank(arguments[0][0], arguments[0][0] + 1)
        opening = start + 2  # at the latest the first brace: a prefix and a quote, or an empty string, stand before it
        while canvas.before[opening] == ord("\n"):
            opening += 1
        canvas.write(opening, b"(")
        canvas.write(end - 1, b")")

    def _breaks(self, string: cst.CSTNode, quote: str) -> bool:
        """Whether an expression runs over a line end that an older string of this quote cannot hold."""
        return len(quote) == 1 and any(
            b"\n" in self.canvas.before[slice(*self.canvas.extent(field))] for field in _expressions(string)
        )


class _Inside(cst.CSTVisitor):
    """The outermost strings of an expression, and the comments and joined lines of its code."""

    def __init__(self) -> None:
        super().__init__()
        self.strings: list[cst.CSTNode] = []
        self.layout: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.BaseString):
            self.strings.append(node)
            return False
        if isinstance(node, cst.Comment) or (isinstance(node, cst.SimpleWhitespace) and "\\" in node.value):
            self.layout.append(node)
        return True


def _inside(field: Any) -> _Inside:
    inside = _Inside()
    for node in (field.whitespace_before_expression, field.expression, field.equal, field.whitespace_after_expression):
        if node is not None:
            node.visit(inside)
    return inside


def _parts(node: cst.CSTNode) -> Iterator[Any]:
    """The strings of an implicit concatenation, or the one string."""
    while isinstance(node, cst.ConcatenatedString):
        yield node.left
        node = node.right
    yield node


def _is_template(node: cst.CSTNode) -> bool:
    return type(node).__name__ == "TemplatedString"  # LibCST has it since 1.8.3


def _expressions(string: Any) -> Iterator[Any]:
    """The ``{...}`` of a string, with those in format specifications after the one that they format."""
    return _expressions_of(getattr(string, "parts", ()))


def _expressions_of(contents: Any) -> Iterator[Any]:
    for content in contents:
        if hasattr(content, "expression"):
            yield content
            yield from _expressions_of(content.format_spec or ())


def _texts(string: cst.FormattedString) -> Iterator[str]:
    contents = list(string.parts)
    while contents:
        content = contents.pop()
        if isinstance(content, cst.FormattedStringText):
            yield content.value
        elif isinstance(content, cst.FormattedStringExpression):
            contents.extend(content.format_spec or ())
