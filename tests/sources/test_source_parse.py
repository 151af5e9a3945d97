"""Reading Python: what is refused, with which words, and that nothing gets past as a crash."""

from __future__ import annotations

import ast
import subprocess
import sys
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celerylint.sources.lower import lower
from celerylint.sources.parse import Parsed, SyntaxProblem, parse
from celerylint.sources.text import SourceProblem, read_source


def read(text: str | bytes) -> Parsed:
    return parse(read_source("a.py", text.encode() if isinstance(text, str) else text))


def refused(text: str | bytes) -> SyntaxProblem:
    with pytest.raises(SyntaxProblem) as caught:
        read(text)
    return caught.value


def test_ordinary_files_are_not_lowered() -> None:
    parsed = read(b"\xef\xbb\xbfx = 1\r\n\x0c\r\ndef f():\r\n\tpass\r\n")
    assert not parsed.lowered
    assert [node.lineno for node in parsed.tree.body] == [1, 3]


def test_an_empty_file_is_a_module() -> None:
    assert read("").tree.body == []


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("x = 1\nprint a b\n", 2, None),
        ("x = (\n", 1, 5),
        ("é = )\n", 1, 5),
        ("x = 1\r\ry = )\r", 3, 5),
        ("try: a\nexcept B, C as d:\n    e\n", 2, 8),
        ("if x:\n", 1, 6),
        ("\tx\n  y\n", 1, None),
        ("{% if a %}\n", 1, None),
        ("x = '\n", 1, 5),
        ("'''\n", 1, None),
    ],
)
def test_what_nobody_reads_says_where(text: str, line: int, column: int | None) -> None:
    found = refused(text)
    assert found.message
    assert found.line == line
    assert found.column >= 1 if column is None else found.column == column


def test_the_error_behind_the_newer_syntax_is_the_one_reported() -> None:
    assert refused("try: a\nexcept B, C:\n    d\nx = )\n").line == 4


def test_many_handlers() -> None:
    handlers = "try: a\nexcept B, C: d\n" * 50
    parsed = read(handlers)
    assert len(parsed.tree.body) == 50
    assert parsed.lowered == (sys.version_info < (3, 14))


def test_plain_handlers_and_lowering_agree() -> None:
    text = "try: a\nexcept  B.c, D,: e\nexcept F, G:\n  h\nexcept I, J: # k\n  l\nexcept M,N:\n  o\n"
    lowered = lower(text, (3, 10))
    assert lowered is not None
    assert ast.dump(read(text).tree, include_attributes=True) == ast.dump(ast.parse(lowered), include_attributes=True)


def test_a_blank_before_the_colon() -> None:  # LibCST 1.9 loses it, and then refuses
    assert read("try: a\nexcept B, C : d\n").tree.body


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="read natively")
def test_plain_handlers_do_not_need_libcst() -> None:
    code = (
        "import sys; from celerylint.sources.parse import parse; from celerylint.sources.text import read_source\n"
        "parse(read_source('a.py', b'try: a\\nexcept B, C: d\\n')); parse(read_source('a.py', b'x'))\n"
        "sys.exit('libcst' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_warnings_are_not_ours_to_give() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read("x = '\\d'\nassert (1, 'a')\n1 is 1\n").tree.body


@pytest.mark.parametrize("error", [MemoryError(), RecursionError()])
def test_exhaustion_is_a_problem_of_the_file(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(text: str) -> ast.Module:
        raise error

    monkeypatch.setattr(ast, "parse", give_up)
    assert refused("x").message == "nested too deeply to be read"


def test_null_bytes_that_an_encoding_makes() -> None:
    assert "null bytes" in refused(b"# coding: unicode_escape\nx = '\\0'\n").message


@pytest.mark.skipif(sys.version_info >= (3, 15), reason="read natively")
@pytest.mark.parametrize("error", [RuntimeError("LibCST"), BaseException("panic"), RecursionError()])
def test_whatever_libcst_raises_is_a_syntax_problem(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    import libcst

    def fail(text: str) -> object:
        raise error

    monkeypatch.setattr(libcst, "parse_module", fail)
    assert refused("lazy import a\n").line == 1


SHAPES = {
    "brackets": "x = " + "(" * 2000 + ")" * 2000,
    "lists": "x = " + "[" * 2000 + "]" * 2000,
    "calls": "x = " + "f(" * 2000 + ")" * 2000,
    "open brackets": "x = " + "{" * 100_000,
    "closing brackets": ")" * 100_000,
    "minus": "x = " + "-" * 20_000 + "1",
    "not": "x = " + "not " * 20_000 + "1",
    "lambda": "x = " + "lambda:" * 5_000 + "1",
    "sum": "x = 1" + " + 1" * 20_000,
    "attributes": "x = a" + ".b" * 20_000,
    "subscripts": "x = a" + "[0]" * 20_000,
    "ands": "x = 1" + " and 1" * 20_000,
    "elifs": "if 1:\n  pass\n" + "elif 1:\n  pass\n" * 5_000,
    "blocks": "".join(" " * depth + "if 1:\n" for depth in range(150)) + " " * 150 + "pass\n",
    "patterns": "match x:\n  case " + "[" * 40 + "]" * 40 + ":\n    pass\n",
    "f-strings": "x = " + "f'{" * 300 + "1" + "}'" * 300,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_depth_is_read_or_refused(shape: str) -> None:
    with_problem = SHAPES[shape] + "\n"
    try:
        assert read(with_problem).tree.body
    except SyntaxProblem as found:
        assert found.message


DANGEROUS = ["brackets", "lists", "calls", "open brackets", "elifs", "patterns", "f-strings", "ands"]


@pytest.mark.parametrize("shape", DANGEROUS)
def test_depth_is_no_danger_to_lowering(shape: str) -> None:
    """What ends the process when LibCST is let at it, here in a file that only LibCST could read."""
    lower(f"def a[B](): c\n{SHAPES[shape]}\n", (3, 10))


def test_a_statement_at_the_margin_forgets_brackets_in_strings() -> None:
    assert lower("x = '('\ndef a[B](): c\n" * 150, (3, 10)) == "x = '('\ndef a   (): c\n" * 150


def test_a_file_of_ten_megabytes() -> None:
    assert len(read("x = '" + "a" * 10_000_000 + "'\n").tree.body) == 1
    assert refused("# a\n" * 2_500_000 + ")\n").line == 2_500_001


TOKENS = st.sampled_from([
    "except A, B:", "try:", "pass", "\n", "\n  ", "  ", "type X", "=", "def f", "[", "]", "(", ")", "{", "}", "T", ":",
    "f'", "'", '"', "t'''", "'''", "\\", "*", "lambda", "é", "\x0c", "\r", "class C", "async ", "#", ",", "await ",
    "lazy import a", "match x:", "case ", "\u2028", "0777", "print ", "\t", "except A, e:", "raise A, ",
])  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(TOKENS, max_size=14).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    try:
        assert isinstance(read(text).tree, ast.Module)
    except SyntaxProblem as found:
        assert found.message
        assert 1 <= found.line <= lines
        assert found.column >= 1


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert isinstance(read(data).tree, ast.Module)
    except (SourceProblem, SyntaxProblem) as found:
        assert found.message
