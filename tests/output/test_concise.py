from __future__ import annotations

from made_report import entry, finding, page

from celerylint.output import render


def test_one_line_per_finding() -> None:
    second = finding(5, message="two\nlines")
    text = render("concise", page(entry(finding(4)), entry(second), entry(finding(6), state="ignored")))
    assert text == (
        "shop/tasks.py:4:1: queue-without-consumer no process consumes the queue `emails`\n"
        "shop/tasks.py:5:1: queue-without-consumer two lines\n"
    )


def test_nothing_is_nothing() -> None:
    assert render("concise", page()) == ""
