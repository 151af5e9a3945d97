from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_report import entry, finding, page

from celerylint.output import render
from celerylint.output.frames import frame
from celerylint.output.style import cells
from celerylint.rule import Evidence, Fix
from celerylint.sources.spans import Span


def full(*entries: Any, **changes: Any) -> str:
    return render("full", page(*entries, **changes))


def test_a_finding_with_code_at_both_ends_of_the_wire() -> None:
    assert full(entry(finding())) == dedent(
        """\
        error[queue-without-consumer]  no process consumes the queue `emails`
         --> shop/tasks.py:4:1
        4 | @app.task(queue="emails")
          | ^^^^^^^^^^^^^^^^^^^^^^^^^ `send_receipt` is sent here
         ::: docker-compose.yml:3:14
        3 |     command: celery -A shop worker -Q default,images
          |              --------------------------------------- the only worker listens to these
          help: add `emails` to -Q, or route the task to `default`
          celerylint explain queue-without-consumer

        """
    ).replace(
        "  |              --------------------------------------- the only worker listens to these",
        "  |              ---------------------------------------\n  |              the only worker listens to these",
    ), "80 columns have no room for the second label beside its line"


def test_wide_enough_for_the_label() -> None:
    assert "--------------------------------------- the only worker listens to these\n" in full(
        entry(finding()), width=90
    )


def test_line_numbers_of_one_finding_are_aligned() -> None:
    files = {"shop/tasks.py": "\n" * 11 + "@app.task(queue=1)\n", "docker-compose.yml": "a\nb\n  celery -A x worker\n"}
    text = full(entry(finding(12)), files=files)
    assert "  --> shop/tasks.py:12:1\n12 | @app.task(queue=1)\n   | ^^^^^^^^^^^^^^^^^^ `send" in text
    assert "  ::: docker-compose.yml:3:14\n 3 |   celery -A x worker\n   |              ------- the only" in text


def test_nothing_to_show_is_nothing() -> None:
    assert full() == ""
    assert full(entry(finding(), state="ignored")) == ""


def test_the_worst_come_first_and_the_rest_is_counted() -> None:
    mild = [entry(finding(1, severity="info")), entry(finding(2, severity="warning", confidence="medium"))]
    bad = [entry(finding(3, severity="warning")), entry(finding(5, severity="error"))]
    text = full(*mild, *bad, most=3)
    assert [line.partition("[")[0] for line in text.splitlines() if "[queue" in line] == ["error", "warning", "warning"]
    assert text.index("tasks.py:3:1") < text.index("tasks.py:2:1"), "the surer one first"
    assert text.endswith("... 1 more, --all\n\n")
    assert "more" not in full(*mild, *bad, most=4)


def test_many_places_are_cut_short_unless_all_are_asked_for() -> None:
    many = tuple(Evidence(Span("shop/tasks.py", 5, 1, 5, 4), f"place {n}") for n in range(9))
    text = full(entry(finding(evidence=many)), most=20)
    assert "place 5" in text and "place 6" not in text
    assert " ::: and 3 more places\n" in text
    assert "place 8" in full(entry(finding(evidence=many)))


def test_a_fix_is_announced() -> None:
    safe = full(entry(finding(data=Fix("add it", "safe", ()))))
    assert "  celerylint explain queue-without-consumer  (fixable with --fix)\n" in safe
    assert "(fixable with --fix --unsafe-fixes)\n" in full(entry(finding(data=Fix("add it", "unsafe", ()))))


def test_sentences_are_broken_for_a_terminal_only() -> None:
    long = finding(message="word " * 30, help="do this " * 15)
    for line in full(entry(long), terminal=True, width=60).splitlines():
        assert cells(line) <= 60
    assert "  word word word" in full(entry(long), terminal=True, width=60)
    assert f"error[queue-without-consumer]  {'word ' * 30}".strip() in full(entry(long), width=60)


@pytest.mark.parametrize(
    ("span", "files"),
    [
        (Span("gone.py", 4, 1, 4, 3), {}),
        (Span("a.py", 99, 1, 99, 3), {"a.py": "x = 1\n"}),
        (Span("a.py", 1, 50, 1, 60), {"a.py": "x = 1\n"}),
        (Span("a.py", 1, 1, 1, 1), {"a.py": ""}),
        (Span("a.py", 1, 3, 1, 3), {"a.py": "x = 1\n"}),
        (Span("a.py", 1, 1, 9, 1), {"a.py": "x = (\n1)\n"}),
        (Span("a.py", 1, 1, 1, 3), {"a.py": "x\x00y"}),
    ],
)
def test_a_place_that_is_not_there_breaks_nothing(span: Span, files: dict[str, str]) -> None:
    text = full(entry(finding(span=span, evidence=())), files=files)
    assert f"--> {span.path}:{span.line}:{span.column}\n" in text
    assert "`send_receipt` is sent here" in text


def frames(source: str, start: int, end: int, width: int = 80, label: str = "here") -> list[str]:
    """The source line and the marks under it, without their gutters."""
    one = finding(span=Span("a.py", 1, start, 1, end), label=label, evidence=())
    lines = full(entry(one), files={"a.py": source}, width=width).splitlines()
    return [line[4:] for line in lines if line[:3] in ("1 |", "  |")]


def test_tabs_and_wide_characters_keep_the_marks_in_place() -> None:
    assert frames("\tx = call()\n", 6, 12) == ["    x = call()", "        ^^^^^^ here"]
    assert frames("a\tb = 1\n", 3, 4) == ["a   b = 1", "    ^ here"]
    assert frames('名前 = "漢字"\n', 6, 10) == ['名前 = "漢字"', "       ^^^^^^ here"]
    assert frames("e\u0301 = 1\n", 6, 7) == ["e\u0301 = 1", "    ^ here"], "a combining accent takes no column"


def test_what_would_move_the_cursor_is_not_sent_to_the_terminal() -> None:
    assert frames("x = '\x1b[31m'\x07\n", 5, 11)[0] == "x = '\ufffd[31m'\ufffd"
    assert frames("x = '\u202e'\n", 1, 2)[0] == "x = '\ufffd'"
    text = full(entry(finding(message="bad \x1b]0;title\x07 name", help="do\rit", label="a\x9bb")))
    assert not set("\x1b\x07\r\x9b") & set(text)


@pytest.mark.parametrize("start", [1, 5, 400, 2000, 3990])
@pytest.mark.parametrize("width", [30, 80, 200])
def test_a_long_line_is_cut_around_the_part_that_is_meant(start: int, width: int) -> None:
    source = "".join(chr(97 + n % 26) for n in range(start - 1)) + "MARKED" + "z" * (4000 - start)
    shown, marks = frames(source, start, start + 6, width)[:2]
    assert len(shown) <= width - 4
    assert shown[marks.index("^") :].startswith("MARKED")
    assert marks.count("^") == 6
    assert shown.startswith("…") is (start > width)
    assert shown.endswith("…") or (start == 3990 and len(shown) == width - 4), "at the end nothing is wasted"


@given(st.text(max_size=80), st.integers(1, 90), st.integers(1, 90), st.integers(20, 90), st.text(max_size=30))
def test_any_line_fits_and_the_marks_stay_under_it(source: str, start: int, end: int, width: int, label: str) -> None:
    source = source.replace("\n", "")
    lines = list(
        frame(Span("a.py", 1, start, 1, end), source, label, mark="^", style="error", gutter=1, width=width)
    )  # fmt: skip
    code, marks = ("".join(text for text, _ in line) for line in lines[:2])
    assert cells(code) <= max(width, 24)
    assert "^" in marks and marks.count("^") <= max(width, 24)


def test_a_long_part_is_cut_too() -> None:
    shown, marks, label = frames("x = '" + "a" * 500 + "'", 5, 507, label="long")
    assert len(shown) == 76 and shown.endswith("…")
    assert len(marks) <= 76 and label.strip() == "long"


def test_wide_characters_in_a_long_line() -> None:
    shown, marks = frames("漢" * 300 + "MARK" + "字" * 300, 301, 305)[:2]
    assert cells(shown) <= 76
    assert marks.index("^") == cells(shown.partition("MARK")[0])


def test_colours() -> None:
    text = full(entry(finding()), colour=True)
    assert "\x1b[1;31merror[queue-without-consumer]\x1b[0m" in text
    assert "\x1b" not in full(entry(finding()))
