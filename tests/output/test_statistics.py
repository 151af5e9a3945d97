from __future__ import annotations

from made_report import entry, finding, page

from celerylint.output import render
from celerylint.rule import Fix


def test_counts_per_rule_most_first() -> None:
    entries = [
        entry(finding(1, rule="a-b")),
        entry(finding(2, rule="long-name", data=Fix("x", "unsafe", ()))),
        entry(finding(3, rule="long-name")),
        entry(finding(4, rule="a-b"), state="ignored"),
    ]
    assert render("statistics", page(*entries)) == (
        "rule       findings  fixable  ignored\n"
        "long-name         2        1        0\n"
        "a-b               1        0        1\n"
    )


def test_nothing_is_nothing() -> None:
    assert render("statistics", page()) == ""
