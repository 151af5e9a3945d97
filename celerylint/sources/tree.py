"""A folder as celerylint sees it: the files that matter, their bytes, and what an editor or stdin puts over them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from stat import S_ISREG
from typing import TYPE_CHECKING

from celerylint.sources.choice import PRUNED, VENV_MARK, worth_reading
from celerylint.sources.git import list_files
from celerylint.sources.text import Source, SourceProblem, read_source
from celerylint.sources.walk import Walk

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 10_000_000
"""Bytes beyond which a file is data, not source: it is noted as a problem and not read."""

_KEPT_SOURCES = 16
# A named pipe must not make us wait for its writer; Windows would translate newlines.
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Problem:
    """A file or folder that could not be read, and why."""

    path: str
    message: str


class Tree:
    """The files below ``root`` that are worth looking at.

    ``files`` are sorted posix paths relative to ``root``; names that are not UTF-8 hold surrogates, as ``os.fsdecode``
    makes them. ``overlays`` are contents that take the place of files or add new ones. ``problems`` are the files and
    folders that could not be read so far.
    """

    def __init__(
        self, root: Path, files: Iterable[str], overlays: Mapping[str, bytes], problems: Iterable[Problem] = ()
    ) -> None:
        self.root = root
        self.files = tuple(sorted(files))
        self.overlays = dict(overlays)
        self.problems = list(problems)
        self._known = frozenset(self.files)
        self._base = os.fspath(root)
        self._failed: dict[str, str] = {}
        self._sources: dict[str, Source] = {}

    @cached_property
    def python_files(self) -> tuple[str, ...]:
        return tuple(path for path in self.files if path.endswith(".py"))

    @cached_property
    def other_files(self) -> tuple[str, ...]:
        """Deployment and configuration files, and files without extension that may be programs."""
        return tuple(path for path in self.files if not path.endswith(".py"))

    def exists(self, path: str) -> bool:
        """Whether the tree has this file; one that git ignores, or the configuration excludes, it has not."""
        return path in self._known

    def read(self, path: str) -> bytes:
        """The content of a file; b"" for one that cannot be read, which is noted in ``problems`` once."""
        try:
            return self._bytes(path)
        except SourceProblem:
            return b""

    def source(self, path: str) -> Source:
        """The decoded file. Raises SourceProblem when it cannot be read or decoded."""
        source = self._sources.pop(path, None) or read_source(path, self._bytes(path))
        self._sources[path] = source  # last in, last out
        if len(self._sources) > _KEPT_SOURCES:
            del self._sources[next(iter(self._sources))]
        return source

    def _bytes(self, path: str) -> bytes:
        overlay = self.overlays.get(path)
        if overlay is not None:
            return overlay
        if path not in self._failed:
            try:
                return _read(f"{self._base}/{path}")
            except SourceProblem as problem:
                self._failed[path] = problem.message
            except (OSError, ValueError) as error:  # ValueError: a null byte in the name
                self._failed[path] = f"cannot be read: {getattr(error, 'strerror', None) or error}"
            self.problems.append(Problem(path, self._failed[path]))
        raise SourceProblem(self._failed[path])


def open_tree(root: Path, overlays: Mapping[str, bytes] | None = None, exclude: Sequence[str] = ()) -> Tree:
    """The tree at ``root``: git's own list inside a git work tree, a walk that obeys ``.gitignore`` elsewhere.

    ``exclude`` are patterns in the language of ``.gitignore``, relative to the root; they hold for overlays too.
    Folders that cannot be listed become problems of the tree, a missing ``root`` among them. Raises ValueError for an
    ``exclude`` that is no pattern.
    """
    overlays = overlays or {}
    base = os.fspath(root)
    listed = list_files(base)
    if listed is not None:
        files = _chosen(listed.files)
        links = _chosen(listed.doubtful)
        unreadable = listed.unreadable
    else:
        walk = Walk(base)
        files, links, unreadable = walk.files, walk.links, walk.unreadable
    files += _followed(base, links)
    files += [path for path in overlays if worth_reading(*_split(path))]
    if exclude:
        from celerylint.sources.ignore import Excluded

        excluded = Excluded(exclude)
        files = [path for path in files if not excluded.covers(path)]
    problems = [Problem(path, f"cannot be listed: {reason}") for path, reason in unreadable]
    return Tree(root, set(files), overlays, problems)


def _chosen(paths: Sequence[str]) -> list[str]:
    """Of the files that git lists, those worth reading; a virtual environment that nobody ignored is left out."""
    environments = tuple(path[: -len(VENV_MARK)] for path in paths if path.endswith(f"/{VENV_MARK}"))
    entered: dict[str, bool] = {}
    chosen: list[str] = []
    for path in paths:
        folder, name = _split(path)
        if not (name.endswith(".py") or worth_reading(folder, name)):
            continue
        if folder not in entered:
            entered[folder] = PRUNED.isdisjoint(folder.split("/")) and not f"{folder}/".startswith(environments)
        if entered[folder]:
            chosen.append(path)
    return chosen


def _followed(base: str, links: Sequence[str]) -> list[str]:
    """Of what may be symbolic links: regular files, and links to regular files outside the tree.

    A link to a file within the tree is left out: the file is read where it really is, and two copies of a task are a
    finding.
    """
    if not links:
        return []
    inside = os.path.join(os.path.realpath(base), "")
    followed = []
    for path in links:
        full = f"{base}/{path}"
        if os.path.islink(full):
            if not os.path.realpath(full).startswith(inside):
                followed.append(path)
        elif os.path.isfile(full):
            followed.append(path)
    return followed


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name


def _read(path: str) -> bytes:
    """The content of a regular file of bearable size. Raises OSError or SourceProblem."""
    descriptor = os.open(path, _OPEN)
    try:
        status = os.fstat(descriptor)
        if not S_ISREG(status.st_mode):
            raise SourceProblem("is not a regular file")
        if status.st_size > LARGEST:
            raise SourceProblem(f"is larger than {LARGEST // 1_000_000} MB and was not read")
        data = os.read(descriptor, status.st_size + 1)
        while more := os.read(descriptor, 1 << 20):  # a short read is legal
            data += more
        return data
    finally:
        os.close(descriptor)
