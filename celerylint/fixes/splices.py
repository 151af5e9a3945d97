"""Changes of text. Every edit ends as a few splices, so that whatever no splice names stays as it is, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


class Refused(Exception):
    """An edit cannot be made. ``reason`` completes the sentence "not fixed: ..."."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Splice:
    """Put ``text`` in the place of the characters from ``start`` up to ``end``; an insertion when they are equal."""

    start: int
    end: int
    text: str

    @property
    def whole_line(self) -> bool:
        return self.start == self.end and self.text.endswith(("\n", "\r"))


def arrange(splices: Iterable[Splice]) -> list[Splice]:
    """The splices in order of place.

    Insertions of whole lines at one place follow each other as given. Raises ``Refused`` when two splices want the same
    characters or, other than as whole lines, the same place.
    """
    ordered = sorted(splices, key=lambda splice: (splice.start, splice.end))
    for one, other in pairwise(ordered):
        same_place = one.start == one.end == other.start == other.end
        if other.start < one.end or (same_place and not (one.whole_line and other.whole_line)):
            raise Refused("another edit changes the same place")
    return ordered


def apply(text: str, splices: Sequence[Splice]) -> str:
    """``text`` with arranged ``splices`` made."""
    pieces: list[str] = []
    done = 0
    for splice in splices:
        pieces += (text[done : splice.start], splice.text)
        done = splice.end
    pieces.append(text[done:])
    return "".join(pieces)
