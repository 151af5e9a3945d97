"""A piece of source with a line under the part that is meant."""

from __future__ import annotations

from collections.abc import Iterator

from celerylint.output.style import Line, cells, printable
from celerylint.sources.spans import Span

TAB = 4
"""A tab reaches to the next multiple of this."""
CONTEXT = 12
"""How many signs before the part that is meant stay visible when a long line is cut."""


def frame(
    span: Span, source: str | None, label: str, *, mark: str, style: str, gutter: int, width: int
) -> Iterator[Line]:
    """The lines of one frame: the first source line of the span, then ``mark`` under it and the label.

    ``source`` is that line, None when it cannot be had; then only the label is shown. ``gutter`` is the width of the
    widest line number. Nothing is wider than ``width``, as far as the label allows.
    """
    bar = f"{'':>{gutter}} | "
    label = printable(label)
    if source is None:
        if label:
            yield [(bar, "place"), (label, style)]
        return
    end = span.end_column - 1 if span.end_line == span.line else len(source.rstrip())
    text, before, under = _cut(source, span.column - 1, max(end, span.column), max(width - len(bar), 20))
    yield [(f"{span.line:>{gutter}} | ", "place"), (text, "")]
    line: Line = [(bar, "place"), (" " * before + mark * under, style)]
    if label and len(bar) + before + under + 1 + cells(label) <= width:
        yield [*line, (f" {label}", style)]
        return
    yield line
    if label:
        indent = max(0, min(before, width - len(bar) - cells(label)))
        yield [(bar, "place"), (" " * indent + label, style)]


def _cut(source: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """The line cut to ``room`` columns around a part, the columns before that part, and the columns that it takes."""
    signs = _signs(source)
    start = min(start, len(signs))
    end = min(max(end, start), len(signs))
    first, last = 0, len(signs)
    if cells("".join(signs)) > room:
        if cells("".join(signs[:end])) >= room:
            first = max(0, start - CONTEXT)
        last = _fitting(signs, first, room - (1 if first else 0))
        while first and last == len(signs) and cells("".join(signs[first - 1 :])) < room:
            first -= 1
    left = "…" if first else ""
    right = "…" if last < len(signs) else ""
    text = left + "".join(signs[first:last]) + right
    before = cells(left + "".join(signs[first:start]))
    under = cells("".join(signs[start : min(end, last)]))
    return text, before, max(under, 1)


def _fitting(signs: list[str], first: int, room: int) -> int:
    """The end of what fits into ``room`` from ``first`` on, with a place kept for a mark that the line goes on."""
    taken, last = 0, first
    while last < len(signs):
        taken += cells(signs[last])
        if taken > room - (1 if last + 1 < len(signs) else 0):
            break
        last += 1
    return last


def _signs(source: str) -> list[str]:
    """Each code point of a line as it is shown: tabs as spaces, control signs as U+FFFD."""
    shown: list[str] = []
    column = 0
    for sign in source:
        text = " " * (TAB - column % TAB) if sign == "\t" else " " if sign == "\f" else printable(sign)
        column += cells(text)
        shown.append(text)
    return shown
