"""Files of Python 2 and early Python 3, as services that have run Celery for ten years still hold them."""

from __future__ import annotations

import ast
import sys

import pytest

from celerylint.sources.parse import SyntaxProblem, parse
from celerylint.sources.respell_old import respell_old
from celerylint.sources.text import read_source

CASES = [
    ("print 'a'\n", "print('a')\n"),
    ("print a, b,\n", "print(a, b,)\n"),
    ("print (a) % b\n", "print((a) % b)\n"),
    ("print >>a, b\n", "print( a, b)\n"),
    ("if a: print b\nelse: print c; print d\n", "if a: print(b)\nelse: print(c); print(d)\n"),
    ("print \\\n  a\n", "print( \\\n  a)\n"),
    ("print a,\nprint(b)\nprint\n", "print(a,)\nprint(b)\nprint\n"),
    ("try: a\nexcept B, e: c\n", "try: a\nexcept B as  e: c\n"),
    ("try: a\nexcept (B, C), err:\n  d\n", "try: a\nexcept (B, C) as  err:\n  d\n"),
    ("raise A, 'b'\n", "raise A( 'b')\n"),
    ("exec a\n", "exec(a)\n"),
    ("a <> b\n", "a != b\n"),
    ("a = ur'b'\n", "a = r'b'\n"),
    ("f(async=True)\n", "f(async_=True)\n"),
    ("def f():\n\tif a:\n\t    b\n        c\n", "def f():\n        if a:\n            b\n        c\n"),
    ("print lambda: {a: b}\n", "print(lambda: {a: b})\n"),
]

REFUSED = [case for case in CASES if not case[0].startswith(("print >>", "print (a)"))]  # alone, those are Python 3


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_what_it_becomes(text: str, wanted: str) -> None:
    respelled = respell_old(text)
    assert respelled is not None
    assert ast.dump(ast.parse(respelled)) == ast.dump(ast.parse(wanted))
    assert respelled.count("\n") == text.count("\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("text", "wanted"), REFUSED)
def test_parse_reads_it(text: str, wanted: str, newline: str) -> None:
    form_feeds = "\x0c\n# \u2028\n"  # neither ends a line
    parsed = parse(read_source("a.py", (form_feeds + text).replace("\n", newline).encode()))
    assert parsed.lowered
    assert ast.dump(parsed.tree) == ast.dump(ast.parse(wanted))
    assert parsed.tree.body[0].lineno == 3


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the tokenizer refuses them")
@pytest.mark.parametrize(("text", "value"), [("0777", 0o777), ("10L", 10)])
def test_old_numbers(text: str, value: int) -> None:
    parsed = parse(read_source("a.py", f"x = {text}\n".encode()))
    assert ast.dump(parsed.tree) == ast.dump(ast.parse(f"x = {value}"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "print(a)\nprint = b\nasync def f(): pass\n",
        "try: a\nexcept B, C: d\n",  # Python 3.14: two exceptions, nothing is bound
        "try: a\nexcept B, C as d: e\n",
        "x = (",
        "\tx\n  y\n z\n",
        "# a\n" * 1_000_000,
    ],
    ids=range(7),
)
def test_what_is_left_alone(text: str) -> None:
    assert respell_old(text) is None


@pytest.mark.parametrize("text", ["print 'a'\nx = )\n", "print a b\n", "x = `a`\nprint b\n"])
def test_what_is_no_python_at_all(text: str) -> None:
    with pytest.raises(SyntaxProblem):
        parse(read_source("a.py", text.encode()))


def test_tabs_alone_keep_their_columns() -> None:
    parsed = parse(read_source("a.py", b"if a:\n\tb = '\\t'\n\tprint c\n"))
    block = parsed.tree.body[0]
    assert isinstance(block, ast.If)
    assert block.body[0].col_offset == 1


@pytest.mark.parametrize(("text", "old"), [
    ("print 'a'\n", True), ("try: a\nexcept B, e: c\n", True), ("raise A, 'b'\n", True), ("print(a)\n", False),
    ("f(async=True)\n", False), ("def f():\n\tif a:\n\t    b\n        c\n", False),
])  # fmt: skip
def test_what_only_python_2_runs(text: str, old: bool) -> None:
    assert parse(read_source("a.py", text.encode())).old is old
