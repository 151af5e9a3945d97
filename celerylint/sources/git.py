"""The files of a tree as git lists them: what is tracked, and what is neither tracked nor ignored.

git is asked with a deadline, takes no locks, and is told not to start the file system monitor that a repository's own
configuration may name: nothing of what is linted is executed.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

_SECONDS = 20.0
_COMMAND = (
    "git", "-c", "core.fsmonitor=false", "ls-files", "-z", "-t", "--stage", "--cached", "--others", "--deleted",
    "--exclude-standard",
)  # fmt: skip
_UNREADABLE = re.compile(r"^warning: could not open directory '(.*)': (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Listed:
    """``files`` are regular files, ``doubtful`` ones that may be symbolic links (or anything), ``unreadable`` folders
    with the reason; all relative to the root."""

    files: list[str]
    doubtful: list[str]
    unreadable: list[tuple[str, str]]


def list_files(root: str) -> Listed | None:
    """What git says of ``root``, which may be a folder within a work tree.

    None when ``root`` is in no work tree, when git is missing, slow or unwilling, and when it knows no file there (a
    folder that the repository around it ignores).
    """
    if not _in_work_tree(root):
        return None
    import subprocess  # here, because it is a tenth of the start of a program that may not need it

    try:
        answer = subprocess.run(
            _COMMAND, cwd=root, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    if answer.returncode or not answer.stdout:
        return None
    output, complaints = os.fsdecode(answer.stdout), os.fsdecode(answer.stderr)
    files: set[str] = set()
    doubtful: set[str] = set()
    gone: set[str] = set()
    for record in output.split("\0"):
        tag = record[:2]
        if tag == "? ":
            doubtful.add(record[2:])  # a folder that is a repository of its own ends with "/"
        elif tag in ("H ", "M "):  # M: unmerged, listed once for each side
            details, _, path = record.partition("\t")
            kind = details[2:5]  # 100 file, 120 symbolic link, 160 submodule
            if kind == "100":
                files.add(path)
            elif kind == "120":
                doubtful.add(path)
        elif tag == "R ":
            gone.add(record.partition("\t")[2])
    unreadable = [(path.rstrip("/"), reason) for path, reason in _UNREADABLE.findall(complaints)]
    return Listed(sorted(files - gone), sorted(path for path in doubtful - gone if path[-1:] != "/"), unreadable)


def _in_work_tree(root: str) -> bool:
    """Whether ``root`` or a folder above it has a ``.git`` (a file in linked work trees and submodules)."""
    folder = os.path.realpath(root)
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return False
        folder = parent
    return True


def _environment() -> dict[str, str]:
    """Ours, without what points git at a repository other than the one around ``root`` (hooks run with such)."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE")
    }
    return kept | {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
