"""Files of every kind: encodings, newlines, form feeds, syntax of other versions, nonsense."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from marked_edits import PATH, edited, marked, refusal

from celerylint.fixes import apply_edits
from celerylint.fixes.depth import too_deep
from celerylint.rule import Edit, EnsureImport, Remove, RenameString, Replace, SetKeyword
from celerylint.sources.spans import Span

ADD = SetKeyword(Span(PATH, 2, 1, 2, 4), "k", "1")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"# coding: latin-1\nf()  # \xe9\n", b"# coding: latin-1\nf(k=1)  # \xe9\n"),
        (b"# coding: cp1252\nf()  # \x80\n", b"# coding: cp1252\nf(k=1)  # \x80\n"),
        (b"\xef\xbb\xbf# coding: utf-8\nf()  # \xc3\xa9\n", b"\xef\xbb\xbf# coding: utf-8\nf(k=1)  # \xc3\xa9\n"),
        (b"x = 1\rf()\ry = 2\r", b"x = 1\rf(k=1)\ry = 2\r"),
        (b"x = 1\r\nf()\ny = 2\r", b"x = 1\r\nf(k=1)\ny = 2\r"),
        (b"x = 1\nf()", b"x = 1\nf(k=1)"),
        (b"x = 1\nf()\n\n\n  \n\t", b"x = 1\nf(k=1)\n\n\n  \n\t"),
        (b"x = '\x0b\x1c'\nf()\n\x0c\nx = 1\n", b"x = '\x0b\x1c'\nf(k=1)\n\x0c\nx = 1\n"),
        ("x = '\u2028\x85'\nf()\n".encode(), "x = '\u2028\x85'\nf(k=1)\n".encode()),
    ],
)
def test_bytes_outside_the_edit_survive(before: bytes, after: bytes) -> None:
    assert apply_edits(before, PATH, [ADD]).data == after


def test_a_form_feed_counts_as_a_column_but_does_not_shift_the_edit() -> None:
    assert edited("x = 1\n\f\f⟦f(1)⟧\n\fy = ⟦'a'⟧\n", lambda call, name: [
        SetKeyword(call, "k", "1"), RenameString(name, "b")
    ]) == "x = 1\n\f\ff(1, k=1)\n\fy = 'b'\n"  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    pass\nexcept A, B:\n    ⟦f(1)⟧\n",
        "type X = int\n⟦f(1)⟧\n",
        "def g[T = int](x): return ⟦f(1)⟧\n",
        "x = f'{a['b']}' + ⟦f(1)⟧\n",
        "match x:\n    case {'a': y}:\n        ⟦f(1)⟧\n",
    ],
)
def test_newer_syntax_than_the_interpreter_s_is_edited(text: str) -> None:
    assert edited(text, lambda at: SetKeyword(at, "k", "1")) == marked(text)[0].replace("f(1)", "f(1, k=1)")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x = 1\nf()\nprint 'x'\n", "the file cannot be parsed: line 3"),
        (b"\0\nf()\n", "the file cannot be decoded: contains a null byte"),
        (b"# \xff\nf()\n", "the file cannot be decoded: byte 0xff is not utf-8"),
        (b"# coding: nonsense\nf()\n", "the file cannot be decoded: declares the unknown encoding 'nonsense'"),
        (b"# coding: utf-7\nf()  # +AGE-\n", "the file's encoding cannot be written back faithfully"),
        (b"x = 1\nf()\nif x:\n    y\n    \x0cz\n", "the file has a layout that cannot be kept"),
        (b"", "the file has no such place"),
        (b"x = 1", "the file has no such place"),
        (b"x = 1\n\n", "the file has no such place"),
        (b"x = 1\ng = 1\n", "no call or decorator stands there"),
        (b"x = " + b"(" * 5000 + b")" * 5000 + b"\nf()\n", "the file nests too deeply"),
        (b"x = (" + b"not " * 900 + b"x,\nf())\n", "the file nests too deeply"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, reason: str) -> None:
    result = apply_edits(data, PATH, [ADD])
    assert result.data is None
    assert [(edit, why.startswith(reason)) for edit, why in result.refused] == [(ADD, True)], result.refused


@pytest.mark.parametrize(
    "text",
    [
        "(" * 201, "[{" * 150, "x = " + "-" * 1500 + "1", "x = " + " and ".join("x" * 1500), "import a" + ".b" * 1500,
        "x = " + "'a' " * 1500, "if a: pass\n" + "elif b: pass\n" * 1500, "x = a" + "()" * 1500,
        "x = (\n" + "+ 1\n" * 1500 + ")",
    ],
)  # fmt: skip
def test_deep_nesting_is_seen_before_it_kills_the_process(text: str) -> None:
    assert too_deep(text)


@pytest.mark.parametrize(
    "text",
    [
        "x = '" + "(" * 500 + "'", "# " + "(" * 500, "x = '''" + "-" * 5000 + "'''", "x = [" + "1, " * 5000 + "]",
        "x = {" + "'a': -1.5,\n" * 5000 + "}", "x = 1 + 2\n" * 5000, "f(a.b, c=d)\n" * 5000,
        "x = [\n" + "# ------------\n" * 500 + "]", "x = '" + "\\'" * 3000 + "'",
    ],
)  # fmt: skip
def test_long_files_are_not_deep(text: str) -> None:
    assert not too_deep(text)


def test_what_stands_elsewhere_in_the_file_does_not_matter() -> None:
    data = b"x = " + b"not " * 900 + b"x\nf()\n"
    assert apply_edits(data, PATH, [ADD]).data == data.replace(b"f()", b"f(k=1)")


def test_edits_far_apart_are_made_at_once() -> None:
    text = "# head\n@⟦d⟧\ndef f(): pass\n\n# é\nx = '''\na\n'''; y = ⟦g(1)⟧\n\ndef h():\n    return ⟦g(2)⟧\n# end"
    assert edited(text, lambda *at: [SetKeyword(one, "k", "1") for one in at]) == (
        "# head\n@d(k=1)\ndef f(): pass\n\n# é\nx = '''\na\n'''; y = g(1, k=1)\n\ndef h():\n    return g(2, k=1)\n# end"
    )


def test_edits_of_other_files_are_refused() -> None:
    result = apply_edits(b"f()\n", "other.py", [ADD])
    assert (result.data, result.refused) == (None, [(ADD, f"it belongs to {PATH}")])


def test_all_edits_are_made_or_none() -> None:
    text, (one, other) = marked("⟦f(1)⟧\n⟦g⟧\n")
    good, bad = SetKeyword(one, "k", "1"), SetKeyword(other, "k", "1")
    result = apply_edits(text.encode(), PATH, [good, bad])
    assert result.data is None
    assert result.refused == [(bad, "no call or decorator stands there")]


def test_edits_that_get_in_each_other_s_way_are_refused() -> None:
    text = "⟦f(⟦g(1)⟧)⟧\n"

    def make(outer: Span, inner: Span) -> list[Edit]:
        return [Replace(outer, "x"), SetKeyword(inner, "k", "1")]

    assert refusal(text, make) == "another edit changes the same place"


def test_no_edits_change_nothing() -> None:
    assert apply_edits(b"x\n", PATH, []).data == b"x\n"


def test_a_character_that_the_encoding_lacks_is_refused() -> None:
    data = b"# coding: latin-1\nf()\n"
    result = apply_edits(data, PATH, [SetKeyword(ADD.span, "k", "'€'")])
    assert result.data is None
    assert result.refused[0][1] == "'€' cannot be written in iso-8859-1"


def test_an_import_goes_below_a_coding_line() -> None:
    data = b"# coding: latin-1\nx = '\xe9'\n"
    assert apply_edits(data, PATH, [EnsureImport(PATH, "os")]).data == b"# coding: latin-1\n\nimport os\n\nx = '\xe9'\n"


def test_a_removed_line_may_be_the_whole_file() -> None:
    assert edited("⟦x = 1⟧\n", Remove) == ""
    assert ast.dump(ast.parse(edited("⟦x = 1⟧", Remove))) == ast.dump(ast.parse(""))


def test_importing_the_package_does_not_import_libcst() -> None:
    code = "import sys, celerylint.fixes, celerylint.fixes.rounds; sys.exit('libcst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
