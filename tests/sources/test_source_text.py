"""Decoding as Python does it, and the lines and columns that ``ast`` means."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celerylint.sources.text import Source, SourceProblem, read_source


def problem(data: bytes, path: str = "a.py") -> SourceProblem:
    with pytest.raises(SourceProblem) as caught:
        read_source(path, data)
    return caught.value


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (b"", "utf-8", ""),
        ("é = 1\n".encode(), "utf-8", "é = 1\n"),
        (b"\xef\xbb\xbfx = 1\n", "utf-8", "x = 1\n"),
        (b"\xef\xbb\xbf# coding: utf-8\n", "utf-8", "# coding: utf-8\n"),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "iso-8859-1", "# -*- coding: latin-1 -*-\nx = 'é'\n"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n'\x80'", "cp1252", None),
        (b"\n# coding=latin1\n'\xe9'", "latin1", "\n# coding=latin1\n'é'"),
        (b"\r# coding: latin-1\r'\xe9'", "iso-8859-1", "\r# coding: latin-1\r'é'"),
        (b"\x0c# coding: iso-latin-1-unix\n'\xe9'", "iso-8859-1", None),
        (b"# coding: UTF_8-emacs\n", "utf-8", None),
        (b"x = 1\n# coding: nonsense\n", "utf-8", None),  # code before it: no cookie
        (b"#\n#\n# coding: nonsense\n", "utf-8", None),  # third line: no cookie
        (b"'# coding: nonsense'\n", "utf-8", None),
    ],
)
def test_encodings_are_found_as_python_finds_them(data: bytes, encoding: str, text: str | None) -> None:
    source = read_source("a.py", data)
    assert source.encoding == encoding
    assert text is None or source.text == text
    ast.parse(data)  # Python agrees that this is text
    assert source.bom == data.startswith(b"\xef\xbb\xbf")
    assert (b"\xef\xbb\xbf" if source.bom else b"") + source.text.encode(source.encoding) == data


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"x = 1\ny = '\xe9'\n", 2, "byte 0xe9 is not utf-8"),
        (b"a\r\nb\rc\n\xff", 4, "declare its encoding"),
        (b"# coding: ascii\n\n'\xe9'", 3, "byte 0xe9 is not ascii; save it as UTF-8"),
        (b"# coding: klingon\n", 1, "declares the unknown encoding 'klingon'"),
        (b"#\n# coding: klingon\n", 2, "declares the unknown encoding 'klingon'"),
        (b"# coding: hex\n", 1, "declares the unknown encoding 'hex'"),
        (b"# coding: undefined\n", 1, "cannot be decoded as 'undefined'"),
        (b"\xef\xbb\xbf# coding: latin-1\n", 1, "byte order mark but declares the encoding 'iso-8859-1'"),
        ("x = 1\n".encode("utf-16"), 1, "is UTF-16; save it as UTF-8"),
        (b"x = 1\ny = '\0'\n", 2, "contains a null byte"),
    ],
)
def test_what_cannot_be_decoded_says_where_and_what_to_do(data: bytes, line: int, words: str) -> None:
    found = problem(data)
    assert words in found.message
    assert found.line == line
    with pytest.raises((SyntaxError, ValueError)):
        ast.parse(data)  # Python does not read it either


def test_a_coding_line_counts_in_python_only() -> None:
    assert read_source("deploy/run.sh", b"# encoding: klingon\n").encoding == "utf-8"
    assert "not utf-8" in problem(b"# coding: latin-1\n\xe9", "values.yaml").message


@pytest.mark.parametrize(
    ("text", "newline", "lines"),
    [
        ("", "\n", []),
        ("a", "\n", ["a"]),
        ("a\n", "\n", ["a"]),
        ("a\n\n", "\n", ["a", ""]),
        ("a\r\nb\r\n", "\r\n", ["a", "b"]),
        ("a\rb", "\r", ["a", "b"]),
        ("a\r\nb\nc\r\nd\r", "\r\n", ["a", "b", "c", "d"]),
        ("a\x0cb\x0b\u2028c\x85\x1cd\n", "\n", ["a\x0cb\x0b\u2028c\x85\x1cd"]),
    ],
)
def test_lines_end_where_the_tokenizer_ends_them(text: str, newline: str, lines: list[str]) -> None:
    source = read_source("a.py", text.encode())
    assert source.lines == lines
    assert source.newline == newline
    assert source.text == text  # newlines stay as they are: fixes write them back
    assert source.line(len(lines) + 1) == source.line(0) == ""


def named(source: Source) -> list[tuple[str, str]]:
    """Each name of the tree with the text that stands where the source says it does."""
    found = []
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, ast.Name) and node.end_col_offset:
            first = source.column(node.lineno, node.col_offset)
            last = source.column(node.lineno, node.end_col_offset)
            found.append((node.id, source.line(node.lineno)[first - 1 : last - 1]))
    return found


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_columns_count_code_points(newline: str, mark: bytes) -> None:
    text = newline.join(["first", "\x0c", "'é😀', second", "'''é", "''', 'é', third", "\x0cfourth", "fifth = 'ascii'"])
    source = read_source("a.py", mark + text.encode())
    assert sorted(named(source)) == [(name, name) for name in ("fifth", "first", "fourth", "second", "third")]


def test_columns_of_a_file_in_another_encoding() -> None:
    source = read_source("a.py", b"# coding: latin-1\nx = '\xe9\xe9'; y\n")
    assert ("y", "y") in named(source)
    assert source.column(2, 13) == 12  # two letters of two bytes each, in the UTF-8 that ast counts in


def test_columns_beyond_the_line_do_not_fail() -> None:
    source = read_source("a.py", "é\n".encode())
    assert source.column(1, 50) == 2
    assert source.column(9, 3) == 4


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80), st.sampled_from([b"", b"# coding: latin-1\n", b"\xef\xbb\xbf", b"#coding:utf-7\n"]))
def test_any_bytes_are_text_or_a_problem(data: bytes, head: bytes) -> None:
    try:
        source = read_source("a.py", head + data)
    except SourceProblem as found:
        assert found.message
        assert found.line is None or 1 <= found.line <= (head + data).count(b"\n") + (head + data).count(b"\r") + 1
    else:
        assert "".join(source.lines) == source.text.replace("\r", "").replace("\n", "")
