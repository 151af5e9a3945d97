"""Patterns in the language of ``.gitignore``, read with `pathspec`."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pathspec

_GROUP_NAME = re.compile(r"\(\?P<\w+>")
_NEVER = r"(?!)"


class Ignored:
    """The ``.gitignore`` of one folder together with those of the folders above it."""

    def __init__(self, root: str, folder: str, above: Ignored | None) -> None:
        self._start = len(folder) + 1 if folder else 0
        self._above = above
        try:
            with open(f"{root}/{folder}/.gitignore", encoding="utf-8-sig", errors="surrogateescape") as file:
                lines = file.read().split("\n")
        except OSError:  # git, too, goes on without a file that it cannot read
            lines = []
        self._patterns = _patterns(lines)[::-1]
        self._any = _alternation(self._patterns)

    def covers(self, path: str) -> bool:
        """Whether ``path`` (relative to the root, with ``/`` at the end of a folder's) is ignored.

        The last pattern that matches decides, and the innermost file speaks last. A path within an ignored folder is
        not looked at: whoever walks does not enter that folder.
        """
        inner = path[self._start :]
        for pattern in self._patterns if self._any.search(inner) else ():
            if pattern.regex and _matches(pattern.regex, inner):
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


def _matches(regex: re.Pattern[str], path: str) -> bool:
    """Whether the pattern names ``path`` itself. pathspec matches what lies in a folder of that name, too, which is no
    match for git: ``*`` and then ``!shop`` lets git enter the folder, and still ignores what is in it."""
    for found in regex.finditer(path):
        mark = found.lastindex  # the only group of pathspec's expressions: the "/" after the name, if it came to that
        if mark is None:  # shop/** is about what is in the folder, not about "shop/"
            return not path.endswith("/") or regex.search(path[:-1]) is not None
        if found.end(mark) == len(path):
            return True
    return False


def _alternation(patterns: Iterable[pathspec.RegexPattern]) -> re.Pattern[str]:
    """What matches where any of the patterns does: most paths match none, and are done with in one search."""
    # pathspec names a group in every pattern, always the same.
    return re.compile("|".join(_GROUP_NAME.sub("(?:", p.regex.pattern) for p in patterns if p.regex) or _NEVER)


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
