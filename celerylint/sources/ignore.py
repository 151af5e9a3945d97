"""Patterns in the language of ``.gitignore``, read with `pathspec`."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pathspec


class Ignored:
    """The ``.gitignore`` of one folder together with those of the folders above it."""

    def __init__(self, root: str, folder: str, above: Ignored | None) -> None:
        self._start = len(folder) + 1 if folder else 0
        self._above = above
        try:
            with open(f"{root}/{folder}/.gitignore", encoding="utf-8", errors="surrogateescape") as file:
                lines = file.read().splitlines()
        except OSError:  # git, too, goes on without a file that it cannot read
            lines = []
        self._patterns = _patterns(lines)[::-1]

    def covers(self, path: str) -> bool:
        """Whether ``path`` (relative to the root, with ``/`` at the end of a folder's) is ignored.

        The last pattern that matches decides, and the innermost file speaks last. A path within an ignored folder is
        not looked at: whoever walks does not enter that folder.
        """
        inner = path[self._start :]
        for pattern in self._patterns:
            if pattern.match_file(inner):
                return bool(pattern.include)
        return self._above is not None and self._above.covers(path)


class Excluded:
    """The patterns that a project's configuration excludes; relative to the root. Raises ValueError for a bad one."""

    def __init__(self, patterns: Iterable[str]) -> None:
        try:
            self._spec = pathspec.GitIgnoreSpec.from_lines(patterns)
        except re.error as error:
            raise ValueError(f"not a pattern: {error}") from error

    def covers(self, path: str) -> bool:
        """Whether the file at ``path``, or a folder above it, is excluded."""
        return self._spec.match_file(path)


def _patterns(lines: Iterable[str]) -> list[pathspec.RegexPattern]:
    """The patterns of a ``.gitignore``; git passes over a line that makes no sense, so does this."""
    found: list[pathspec.RegexPattern] = []
    for line in lines:
        try:
            spec = pathspec.GitIgnoreSpec.from_lines([line])
        except (ValueError, re.error):
            continue
        found += [p for p in spec.patterns if isinstance(p, pathspec.RegexPattern) and p.include is not None]
    return found
