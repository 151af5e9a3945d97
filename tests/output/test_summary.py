from __future__ import annotations

from typing import Any

import pytest
from made_report import entry, finding, page

from celerylint.output.summary import summary
from celerylint.report import Counts
from celerylint.rule import Fix

LOOKED = "42 tasks, 118 calls, 9 queues, 1 process, 1 blind spot"


def test_nothing_found() -> None:
    assert summary(page()) == f"No findings. {LOOKED}."
    none = page(counts=Counts(tasks=1, calls=1, queues=1, processes=2), blind_spots=[])
    assert summary(none) == "No findings. 1 task, 1 call, 1 queue, 2 processes, 0 blind spots."


def test_everything_reconciles() -> None:
    entries = [
        entry(finding(1, data=Fix("a", "safe", ()))),
        entry(finding(2)),
        entry(finding(3, severity="warning")),
        entry(finding(4, severity="info")),
        entry(finding(5), state="ignored"),
    ]
    assert summary(page(*entries, below=7)) == (
        f"2 errors, 1 warning, 1 info · 1 fixable with --fix · 1 ignored · 7 less certain (--profile audit) · {LOOKED}"
    )


def test_only_ignored() -> None:
    assert summary(page(entry(finding(), state="ignored"))) == f"No findings · 1 ignored. {LOOKED}."


@pytest.mark.parametrize(
    ("safeties", "unsafe", "words"),
    [
        (["safe", "safe"], False, "2 fixable with --fix"),
        (["safe", "unsafe"], False, "1 fixable with --fix, 1 more with --unsafe-fixes"),
        (["unsafe"], False, "1 fixable with --fix --unsafe-fixes"),
        (["safe", "unsafe"], True, "2 fixable with --fix --unsafe-fixes"),
    ],
)
def test_fixable(safeties: list[Any], unsafe: bool, words: str) -> None:
    entries = [entry(finding(n + 1, data=Fix("a", safety, ()))) for n, safety in enumerate(safeties)]
    assert f" · {words} · " in summary(page(*entries, unsafe=unsafe))


def test_files_that_could_not_be_read_are_counted() -> None:
    assert "· 1 file not read ·" in summary(page(entry(finding(rule="syntax-error", severity="info"))))


def test_large_numbers_can_be_read() -> None:
    assert "12,345 tasks" in summary(page(counts=Counts(tasks=12345)))
