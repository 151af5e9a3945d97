"""Text that remembers where it was written, also after unquoting, folding and joining.

The readers of deployment files unescape YAML scalars, fold continued lines and expand variables before a command line
can be read, and a finding must still point at the characters in the file. What cannot be read is a *hole* in the text:
one placeholder character with an ``Unknown``, or with the alternatives a condition chooses from.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from celerylint.facts.unknown import Unknown
from celerylint.sources.spans import Span

HOLE = "\ue000"
"""Stands for a hole. A private-use character: YAML accepts it, and nobody writes it in a command."""


class FileText:
    """The decoded text of one file, with newlines as ``\\n``, and the way from offsets to lines and columns."""

    __slots__ = ("_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._starts = [0]
        found = text.find("\n")
        while found >= 0:
            self._starts.append(found + 1)
            found = text.find("\n", found + 1)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column (1-based) of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int) -> int:
        """Where a line (1-based) begins; the end of the text for a line that is not there."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)

    def line(self, number: int) -> str:
        return self.text[self.offset(number) : self.offset(number + 1)].rstrip("\n")

    @property
    def count(self) -> int:
        return len(self._starts)

    def span(self, start: int, end: int) -> Span:
        return Span(self.path, *self.place(start), *self.place(max(start, end)))


def decode(path: str, data: bytes) -> FileText:
    """Any bytes as text: UTF-8 or UTF-16 by byte order mark, else UTF-8, else Latin-1 (which accepts every byte)."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    return FileText(path, text.replace("\r\n", "\n").replace("\r", "\n").replace(HOLE, "?"))


@dataclass(frozen=True, slots=True)
class Either:
    """One of several texts, chosen by a condition that cannot be decided here."""

    options: tuple[Located, ...]

    @property
    def unknown(self) -> Unknown:
        return Unknown("depends on a condition in the script", self.options[0].span())


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text and the stretch of a file it came from; of different lengths when it was unescaped."""

    start: int
    length: int
    file: FileText
    offset: int
    width: int


@dataclass(frozen=True, slots=True)
class Located:
    """``text`` with the place of every character. ``assumed``: a default was taken that the environment may replace."""

    text: str
    segments: tuple[Segment, ...]
    holes: Mapping[int, Unknown | Either] = field(default_factory=dict)
    assumed: bool = False

    @classmethod
    def of(cls, file: FileText, start: int, end: int) -> Located:
        """The characters of a file as they stand."""
        return cls(file.text[start:end], (Segment(0, end - start, file, start, end - start),))

    @classmethod
    def atom(cls, text: str, file: FileText, start: int, end: int) -> Located:
        """A text that stands for other characters of a file: an escape, a folded line break."""
        return cls(text, (Segment(0, len(text), file, start, end - start),))

    @classmethod
    def hole(cls, content: Unknown | Either, file: FileText, start: int, end: int) -> Located:
        return cls(HOLE, (Segment(0, 1, file, start, end - start),), {0: content})

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def known(self) -> str | None:
        """The text when nothing of it is hidden."""
        return None if self.holes else self.text

    @property
    def unknown(self) -> Unknown | None:
        """The first reason why it is not known."""
        for hole in self.holes.values():
            return hole.unknown if isinstance(hole, Either) else hole
        return None

    @property
    def shown(self) -> str:
        """The text for people, holes as they are written in the file."""
        if not self.holes:
            return self.text
        return "".join(self._written(i) if i in self.holes else char for i, char in enumerate(self.text))

    def _written(self, index: int) -> str:
        segment = self._segment(index)
        return segment.file.text[segment.offset : segment.offset + segment.width]

    def _segment(self, index: int) -> Segment:
        return self.segments[self._position(index)]

    def _position(self, index: int) -> int:
        if len(self.segments) == 1:
            return 0
        return max(bisect_right(self.segments, index, key=lambda segment: segment.start) - 1, 0)

    @property
    def file(self) -> FileText:
        return self.segments[0].file

    def begin(self, index: int) -> int:
        """The offset in the file at which the character with this index begins."""
        segment = self._segment(index)
        if segment.length != segment.width:
            return segment.offset
        return segment.offset + min(index - segment.start, segment.length)

    def finish(self, index: int) -> int:
        """The offset in the file just behind the character with this index."""
        segment = self._segment(index)
        if segment.length != segment.width:
            return segment.offset + segment.width
        return segment.offset + min(index - segment.start + 1, segment.length)

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Where the characters from ``start`` to ``end`` are written; their beginning when they come from two files."""
        end = len(self.text) if end is None else end
        first = self._segment(start)
        begin = self.begin(start)
        if end <= start:
            return first.file.span(begin, begin)
        last = self._segment(end - 1)
        finish = self.finish(end - 1)
        if last.file is not first.file or finish < begin:
            finish = self.finish(start)
        return first.file.span(begin, finish)

    def cut(self, start: int, end: int) -> Located:
        """The part from ``start`` to ``end``."""
        end = min(end, len(self.text))
        if start <= 0 and end >= len(self.text):
            return self
        if end <= start:
            here = self.begin(start)
            return Located("", (Segment(0, 0, self._segment(start).file, here, 0),), assumed=self.assumed)
        pieces = []
        for position in range(self._position(start), len(self.segments)):
            segment = self.segments[position]
            if segment.start >= end:
                break
            low, high = max(start, segment.start), min(end, segment.start + segment.length)
            if low >= high:
                continue
            if segment.length == segment.width:
                offset = segment.offset + low - segment.start
                pieces.append(Segment(low - start, high - low, segment.file, offset, high - low))
            else:
                pieces.append(Segment(low - start, high - low, segment.file, segment.offset, segment.width))
        holes = {}
        at = self.text.find(HOLE, start, end) if self.holes else -1
        while at >= 0:
            holes[at - start] = self.holes[at]
            at = self.text.find(HOLE, at + 1, end)
        return Located(self.text[start:end], tuple(pieces), holes, self.assumed)

    def stripped(self) -> Located:
        """Without surrounding white space."""
        start = len(self.text) - len(self.text.lstrip())
        return self.cut(start, len(self.text.rstrip()))

    def split(self) -> Iterator[Located]:
        """The parts between white space, as a shell splits an unquoted variable."""
        start = None
        for index, char in enumerate(self.text):
            if char in " \t\n":
                if start is not None:
                    yield self.cut(start, index)
                    start = None
            elif start is None:
                start = index
        if start is not None:
            yield self.cut(start, len(self.text))


def join(pieces: Iterable[Located]) -> Located:
    """Several texts one behind the other. There must be at least one."""
    pieces = list(pieces)
    if len(pieces) == 1:
        return pieces[0]
    texts, segments, holes = [], [], {}
    length = 0
    for piece in pieces:
        for segment in piece.segments:
            if segment.length:
                start = length + segment.start
                segments.append(Segment(start, segment.length, segment.file, segment.offset, segment.width))
        for at, hole in piece.holes.items():
            holes[length + at] = hole
        texts.append(piece.text)
        length += len(piece.text)
    return Located("".join(texts), tuple(segments) or pieces[0].segments, holes, any(piece.assumed for piece in pieces))
