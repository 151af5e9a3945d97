"""Text edits and patches."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked_edits import replayed

from celerylint.fixes import text_edits, unified_diff

TEXTS = [
    "", "a\n", "a", "a\nb\nc\n", "a\nb\nc", "a\r\nb\r\n", "a\nb\r\nc\r", "\n\n\n", "é = 'ü'\nx\n",
    "a\n\x0cb\n\u2028c\n",
]  # fmt: skip


@pytest.mark.parametrize("before", TEXTS)
@pytest.mark.parametrize("after", TEXTS)
def test_text_edits_lead_from_one_text_to_the_other(before: str, after: str) -> None:
    assert replayed(before.encode(), after.encode()) == after.encode()


@given(st.lists(st.sampled_from(["a", "b", "é", "\n", "\r\n", "\r"])), st.lists(st.sampled_from("abé\n\r")))
def test_text_edits_lead_anywhere(before: list[str], after: list[str]) -> None:
    old, new = "".join(before).encode(), "".join(after).encode()
    assert replayed(old, new) == new


def test_text_edits_are_small() -> None:
    before = "x = f(1)\ny = 2\nz = f('é', 3)  # c\n"
    after = "x = f(1, k=2)\ny = 2\nz = f('é', 3, k=2)  # c\n"
    assert text_edits(before.encode(), after.encode()) == [
        {"start": {"line": 1, "column": 8}, "end": {"line": 1, "column": 8}, "text": ", k=2"},
        {"start": {"line": 3, "column": 13}, "end": {"line": 3, "column": 13}, "text": ", k=2"},
    ]
    assert text_edits(before.encode(), before.encode()) == []


def test_an_added_line_is_one_insertion() -> None:
    assert text_edits(b"a\nc\n", b"a\nb\nc\n") == [
        {"start": {"line": 2, "column": 1}, "end": {"line": 2, "column": 1}, "text": "b\n"}
    ]
    assert text_edits(b"a\r\n", b"a\r\nb\r\n") == [
        {"start": {"line": 2, "column": 1}, "end": {"line": 2, "column": 1}, "text": "b\r\n"}
    ]


def test_columns_leave_out_a_byte_order_mark_and_count_characters() -> None:
    before, after = "\ufeffé = 1\n".encode(), "\ufeffé = 2\n".encode()
    assert text_edits(before, after) == [
        {"start": {"line": 1, "column": 5}, "end": {"line": 1, "column": 6}, "text": "2"}
    ]
    assert text_edits(b"# coding: latin-1\n'\xe9' + a\n", b"# coding: latin-1\n'\xe9' + b\n") == [
        {"start": {"line": 2, "column": 7}, "end": {"line": 2, "column": 8}, "text": "b"}
    ]


def test_a_diff_looks_like_git_s() -> None:
    assert unified_diff("a/b.py", b"x\n", b"x\n") == ""
    assert unified_diff("a/b.py", b"one\ntwo", b"one\nthree\n") == (
        "--- a/a/b.py\n+++ b/a/b.py\n@@ -1,2 +1,2 @@\n one\n-two\n\\ No newline at end of file\n+three\n"
    )


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("name", ["shop/tasks.py", "my shop.py"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\nb\nc\n", b"a\nB\nc\n"),
        (b"a\nb", b"a\nb\n"),
        (b"a\nb\n", b"a\nb"),
        (b"a\r\nb\r\nc\r\n", b"a\r\nB\r\nc\r\n"),
        (b"\xef\xbb\xbfa\nb\n", b"\xef\xbb\xbfx\nb\n"),
        ("é\nb\x0cc\x0b\u2028\n".encode(), "é\nb\x0cd\x0b\u2028\n".encode()),
    ],
)
def test_git_applies_the_diff(tmp_path: Path, name: str, before: bytes, after: bytes) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(before)
    patch = unified_diff(name, before, after).encode()
    ran = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"], input=patch, cwd=tmp_path, capture_output=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert path.read_bytes() == after
