"""Places in files. Everything in celerylint that points somewhere uses these two types."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Pos: TypeAlias = tuple[int, int, int, int]
"""``(line, column, end_line, end_column)`` within one file: 1-based, in code points, end exclusive."""


class Span(NamedTuple):
    """A place in a file of the project; a tuple, because hundreds of thousands are made in one run.

    ``path`` is relative to the project root with ``/`` on every system. Lines and columns are 1-based, columns count
    Unicode code points (not bytes), and the end is exclusive.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def at(cls, path: str, pos: Pos) -> Span:
        return cls(path, *pos)

    @property
    def pos(self) -> Pos:
        return self[1:]

    def covers(self, other: Span) -> bool:
        """Whether ``other`` lies wholly inside this span."""
        return (
            self.path == other.path
            and (self.line, self.column) <= (other.line, other.column)
            and (other.end_line, other.end_column) <= (self.end_line, self.end_column)
        )
