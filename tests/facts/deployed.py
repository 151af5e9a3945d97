"""Files given as text to the processes found in them, for the tests of deployment files."""

from __future__ import annotations

from textwrap import dedent

from celerylint.facts.unknown import Unknown
from celerylint.model.entities import Process
from celerylint.model.processes import find_processes


class FakeTree:
    """Stands for a tree of files; texts are dedented, bytes are taken as they are."""

    def __init__(self, files: dict[str, str | bytes]) -> None:
        self.contents = {
            path: content if isinstance(content, bytes) else dedent(content).lstrip("\n").encode()
            for path, content in files.items()
        }
        self.asked: list[str] = []

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(sorted(self.contents))

    def read(self, path: str) -> bytes:
        self.asked.append(path)
        return self.contents[path]


def both(files: dict[str, str | bytes]) -> tuple[list[Process], list[Unknown]]:
    return find_processes(FakeTree(files))


def processes(files: dict[str, str | bytes]) -> list[Process]:
    found, _ = both(files)
    return found


def only(files: dict[str, str | bytes]) -> Process:
    """The one process of some files."""
    (process,) = processes(files)
    return process


def reasons(files: dict[str, str | bytes]) -> list[tuple[str, int, str]]:
    """Path, line and reason of every blind spot."""
    _, unknown = both(files)
    return [(reason.span.path, reason.span.line, reason.reason) for reason in unknown]


def brief(process: Process) -> tuple[str, str, object]:
    """Kind, name and queues, hidden ones as their reason."""
    queues = process.queues
    return process.kind, process.name, queues.reason if isinstance(queues, Unknown) else queues


def place(process: Process) -> tuple[str, int, int]:
    return process.span.path, process.span.line, process.span.column
