"""The difference between two contents of a file: for editors and tools as text edits, for people as a patch."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TypeAlias, TypedDict

from celerylint.sources.text import read_source

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+\Z")
_LINE_END = re.compile(r"\r\n?|\n")
_CHARACTER = re.compile(r"\r\n|.", re.DOTALL)
Change: TypeAlias = tuple[int, int, str]
"""Start and end in the old text and what takes the place of the characters between."""


class Position(TypedDict):
    line: int
    column: int


class TextEdit(TypedDict):
    """Lines and columns are 1-based, columns count code points, the end is exclusive."""

    start: Position
    end: Position
    text: str


def text_edits(before: bytes, after: bytes) -> list[TextEdit]:
    """Few and small edits that make ``after`` of ``before``, in order; they do not overlap.

    All places are those of the text before any edit is made. Raises ``SourceProblem`` for what cannot be decoded.
    """
    old, new = read_source(".py", before).text, read_source(".py", after).text
    starts = [0, *(match.end() for match in _LINE_END.finditer(old))]

    def position(offset: int) -> Position:
        line = bisect_right(starts, offset)
        return {"line": line, "column": offset - starts[line - 1] + 1}

    changes = _changes(_LINE.findall(old), _LINE.findall(new))
    return [{"start": position(start), "end": position(end), "text": text} for start, end, text in changes]


def unified_diff(path: str, before: bytes, after: bytes) -> str:
    """A patch of the file ``path`` that ``git apply`` and ``patch -p1`` take; empty when nothing changed."""
    import difflib

    tab = "\t" if " " in path else ""  # as git writes it, so that `patch` sees where the name ends
    lines = difflib.unified_diff(
        _whole(path, before), _whole(path, after), f"a/{path}{tab}", f"b/{path}{tab}", lineterm="\n"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _whole(path: str, data: bytes) -> list[str]:
    source = read_source(path, data)
    text = ("\ufeff" if source.bom else "") + source.text
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    import difflib

    head, tail = _common(old, new)
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    at = sum(map(len, old[:head]))
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        # Blocks of equal length are paired line by line, which keeps the edits small.
        pairs = zip(left[i1:i2], right[j1:j2], strict=True) if i2 - i1 == j2 - j1 else None
        for one, other in pairs or [("".join(left[i1:i2]), "".join(right[j1:j2]))]:
            if tag != "equal":
                yield _trimmed(at, one, other)
            at += len(one)


def _trimmed(at: int, old: str, new: str) -> Change:
    """The change without what its two sides have in common at their ends; ``\\r\\n`` is never torn apart."""
    one, other = _CHARACTER.findall(old), _CHARACTER.findall(new)
    head, tail = _common(one, other)
    start, end = sum(map(len, one[:head])), sum(map(len, one[: len(one) - tail]))
    return at + start, at + end, "".join(other[head : len(other) - tail])


def _common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many items two sequences have in common at their beginnings and, of the rest, at their ends."""
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    rest = shorter - head
    tail = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    return head, tail
