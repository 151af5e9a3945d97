"""Which files, and which lines of them, can have anything to do with Celery. Decided on bytes, before anything is
decoded or parsed: most files of a repository end here."""

from __future__ import annotations

import re

NEEDLES = (
    b"elery",  # celery and Celery in one search
    b".delay",  # with or without parentheses: on_commit(partial(task.delay, 1)) names nothing else
    b"ELERY",
    b"shared_task",
    b"apply_async",
    b"send_task",
    b"delay_on_commit",
    b"beat_schedule",
    b"AsyncResult",  # of an app that another file imports
)
"""A file that holds none of these says nothing to Celery. Substring tests beat one regular expression by far."""

# Each branch begins with a literal, so that the matcher can skip to a possible first letter; "(?i:celery)" instead
# takes three times as long.
_HOT = re.compile(
    rb"c(?:elery|hain\(|hord\(|rontab)|C(?:elery|ELERY)|s(?:hared_task|end_task|ignature)|apply_async|delay\("
    rb"|\.(?:delay|retry\(|si?\(|task|replace\()|on_commit|atomic|beat_schedule|group\(|periodic_task|autoretry"
    rb"|AsyncResult|GroupResult"
)
_TEST = re.compile(
    r"(?:^|/)(?:tests?|testing|__tests__|test_[^/]*|[^/]*_tests?|conftest|e2e)(?:/|\.py$)",
)


def names_celery(data: bytes) -> bool:
    """Whether a file of this content can hold anything that Celery will see."""
    return any(needle in data for needle in NEEDLES)


def hot_lines(data: bytes) -> frozenset[int]:
    """The lines (1-based, counted as ``ast`` counts them) on which something of interest to Celery stands."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines: set[int] = set()
    line, counted = 1, 0
    for match in _HOT.finditer(data):
        start = match.start()
        line += data.count(b"\n", counted, start)
        counted = start
        lines.add(line)
    return frozenset(lines)


def is_test_path(path: str) -> bool:
    """Whether a file (posix path relative to the root) is test code: by its own name or that of a folder above it."""
    return _TEST.search(path) is not None
