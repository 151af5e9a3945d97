"""The part of a file that LibCST gets to see."""

from __future__ import annotations

import ast

import pytest

from celerylint.fixes.splices import Splice
from celerylint.fixes.window import Window, narrow, read_ast, step_of

TEXT = """\
# head
import a; x = [
    1,
]; y = 2

@d(
    1)
def f():
    é = 1

# between
z = 3
"""


def shown(*wanted: int) -> Window:
    starts = [0, *(at + 1 for at, character in enumerate(TEXT) if character == "\n")]
    return narrow(TEXT, starts, ast.parse(TEXT), wanted)


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [((3,), 2, 4), ((7,), 6, 9), ((9,), 6, 9), ((12,), 12, 12), ((11,), 11, 11), ((1,), 1, 1)],
)
def test_a_statement_is_shown_whole(wanted: tuple[int, ...], first: int, last: int) -> None:
    lines = TEXT.splitlines(keepends=True)
    text = "".join(lines[first - 1 : last])
    assert shown(*wanted) == Window(text, TEXT.index(text), first - 1)


def test_what_stands_between_is_blank() -> None:
    window = shown(8, 12)
    assert window.text == TEXT[window.start :].replace("# between", "         ")
    assert window.line == 5


def test_a_place_past_the_end_shows_nothing() -> None:
    assert shown(99) == Window("")


def test_splices_are_made_as_far_as_they_reach_into_the_window() -> None:
    window = Window("cde", 2, 1)
    assert window.after([Splice(0, 3, "x"), Splice(4, 4, "y"), Splice(9, 9, "z")]) == "xdyez"


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("if a:\n\tb\n", "\t"),
        ("if a: b\nclass C:\n  def f(): pass\n", "  "),
        ("x = [\n   1]\n", "    "),
        ("def f(): a; b\nif x:\n        y\n", "        "),
    ],
)
def test_the_step_of_indentation_is_the_file_s(text: str, step: str) -> None:
    starts = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]
    assert step_of(text, starts, ast.parse(text)) == step


def test_what_cannot_be_read_has_no_tree() -> None:
    assert read_ast("x = (\n") is None
    assert read_ast("x\0") is None
    assert read_ast("-" * 100_000 + "1") is None
