"""Newer syntax, respelled in place for an older Python: what it becomes, and that lines and columns stay."""

from __future__ import annotations

import ast
import sys
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celerylint.sources.lower import lower
from celerylint.sources.parse import parse
from celerylint.sources.text import read_source

Version = tuple[int, int]

CASES: list[tuple[str, Version, str, str]] = [
    # name, the first version that reads it, source, the same for 3.10
    ("except", (3, 14), "try: a\nexcept B, C:\n    d\n", "try: a\nexcept(B, C):\n    d\n"),
    ("except, dotted", (3, 14), "try: a\nexcept B.b, C.c,:\n    d\n", "try: a\nexcept(B.b, C.c,):\n    d\n"),
    ("except, calls", (3, 14), "try: a\nexcept b(), c[0]:\n    d\n", "try: a\nexcept(b(), c[0]):\n    d\n"),
    ("except, body beside", (3, 14), "try: a\nexcept B, C: d\n", "try: a\nexcept(B, C):d\n"),
    ("except, no room", (3, 14), "try: a\nexcept B, C:d\n", "try: a\nexcept(B, C):d\n"),
    ("except, wide", (3, 14), "try: a\nexcept  B,\\\n C:\n    d\n", "try: a\nexcept (B,\\\n C):\n    d\n"),
    ("except*", (3, 11), "try: a\nexcept* B:\n    c\n", "try: a\nexcept  B:\n    c\n"),
    ("except*, several", (3, 14), "try: a\nexcept* B, C:\n    d\n", "try: a\nexcept (B, C):\n    d\n"),
    ("except*, tight", (3, 14), "try: a\nexcept*B, C:\n    d\n", "try: a\nexcept(B, C):\n    d\n"),
    ("type", (3, 12), "type A = b\nc\n", "A      = b\nc\n"),
    ("type, generic", (3, 12), "type A[B: c, *D] = e[B]; f\n", "A                = e[B]; f\n"),
    ("type, long", (3, 12), "type A[\n    B,  # c\n] = (\n    d)\n", "A     \\\n          \\\n  = (\n    d)\n"),
    ("def", (3, 12), "def a[B: (c, d), *E, **F](g: B) -> h: i\n", "def a                    (g: B) -> h: i\n"),
    ("async def", (3, 12), "async def a[B](): await c\n", "async def a   (): await c\n"),
    ("def, long", (3, 12), "def a[\n\n    B,\n](c): d\n", "def a\\\n\\\n     \\\n (c): d\n"),
    ("def, letters", (3, 12), "def é[Ü](ä): ö\n", "def é    (ä): ö\n"),
    ("class", (3, 12), "class A[B]: c\nclass D[E](F): g\n", "class A   : c\nclass D   (F): g\n"),
    ("defaults", (3, 13), "def a[B = c](d): e\nclass F[*G = *h]: i\n", "def a       (d): e\nclass F         : i\n"),
    ("quotes", (3, 12), "f'{a['b']}'\n", "f'{a[\"b\"]}'\n"),
    ("quotes, double", (3, 12), 'f"{a["b"]}{c}" + d\n', "f\"{a['b']}{c}\" + d\n"),
    ("quotes, triple", (3, 12), 'f"""{a["""b"""]} {c["d"]}"""\n', 'f"""{a[\'\'\'b\'\'\']} {c["d"]}"""\n'),
    ("quotes, apostrophe", (3, 12), "f'{a[\"it's\"]}'\n", "f'{a[______]}'\n"),
    ("quotes, nested", (3, 12), "f'{f'{a}'}'\n", "f'{f\"{a}\"}'\n"),
    ("quotes, deeper", (3, 12), "f'{f'{a['b']}' 'c'}'\n", 'f\'{f"{a[___]}" "c"}\'\n'),
    ("quotes, deepest", (3, 12), "f'{f'{f'{a}'}'}'\n", "f'{f\"{__(a )}\"}'\n"),
    ("quotes, specification", (3, 12), "f'{a:{b['c']}.{d}}'\n", "f'{a:{b[\"c\"]}.{d}}'\n"),
    ("quotes, concatenated", (3, 12), "f'{a['b']}' 'c'\n", "f'{a[\"b\"]}' 'c'\n"),
    ("quotes, bytes", (3, 12), "rf'{a[rb'b' b'c']!r}'\n", 'rf\'{a[rb"b" b"c"]!r}\'\n'),
    ("escape", (3, 12), "f\"{'\\n'.join(a)}\"\n", 'f"{____.join(a)}"\n'),
    ("escape, concatenated", (3, 12), "f\"{a('b' '\\n')}\"\n", 'f"{a(________)}"\n'),
    ("joined line", (3, 12), "f'''{a +\\\n b}'''\n", "f'''{a + \n b}'''\n"),
    ("comment", (3, 12), "f'''{\n    a  # b\n}''' + c\n", "f'''{\n    a     \n}''' + c\n"),
    ("line end", (3, 12), "f'{\n    a\n}' + b\n", "__(\n    a\n ) + b\n"),
    ("line end, several", (3, 12), "f'a {b!r:>{\n c}} {d = }'\n", "__(  b    ,\n c   ,d    )\n"),
    ("line end, concatenated", (3, 12), "a = (''\n     f'{\nb}')\n", "a = __(\n        \nb  )\n"),
    ("line end, comment", (3, 12), "f'{a  # b\n}'\n", "__(a     \n )\n"),
    ("line end within", (3, 12), "f'''{f'{\na}'}'''\n", "f'''{__(\na )}'''\n"),
    ("template", (3, 14), "t'a {b} {c['d']!r}'\n", "__(  b  ,c['d']   )\n"),
    ("template, empty", (3, 14), "a = t''\n", "a = ___\n"),
    ("template, no expression", (3, 14), "a = t'''b\n\nc'''; d\n", "a = ____\\\n\\\n    ; d\n"),
    ("star index", (3, 11), "a[*b]\na[b, *c] = d\n", "a[__]\na[_____] = d\n"),
    ("star index, long", (3, 11), "a[\n    *b,\n    c,\n]\n", "a[\n    ___\n     ,\n]\n"),
    ("star annotation", (3, 11), "def a(*b: *C): d\n", "def a(*b:  C): d\n"),
    ("lazy", (3, 15), "lazy import a\nlazy from b import c\n", "import      a\nfrom      b import c\n"),
]
NAMES = [case[0] for case in CASES]


def names(text: str) -> list[tuple[str, int, int]]:
    """The names in a tree and where they stand, without those that stand for the unknown."""
    tree = ast.parse(text)
    found = [(n.id, n.lineno, n.col_offset) for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id.strip("_")]
    return sorted(found)


@pytest.mark.parametrize(("name", "since", "text", "wanted"), CASES, ids=NAMES)
def test_what_it_becomes(name: str, since: Version, text: str, wanted: str) -> None:
    assert lower(text, (3, 10)) == wanted
    ast.parse(wanted, feature_version=(3, 10))
    assert len(wanted.split("\n")) == len(text.split("\n"))


@pytest.mark.parametrize(("name", "since", "text", "wanted"), CASES, ids=NAMES)
def test_a_version_that_reads_it_gets_it_as_it_is(name: str, since: Version, text: str, wanted: str) -> None:
    assert lower(text, since) == text


@pytest.mark.parametrize(("name", "since", "text", "wanted"), CASES, ids=NAMES)
def test_parse_reads_it_on_any_version(name: str, since: Version, text: str, wanted: str) -> None:
    parsed = parse(read_source("a.py", text.replace("\n", "\r\n").encode()))
    assert parsed.lowered == (sys.version_info[:2] < since)
    assert len(parsed.tree.body) == len(ast.parse(wanted).body)


MOVED = ("lazy", "type", "except, no room", "except*, tight")
F_STRINGS = ("quotes", "escape", "joined line", "comment", "line end within")  # whose insides old versions misplace
STAYING = [case for case in CASES if not case[0].startswith(MOVED + F_STRINGS)]


@pytest.mark.parametrize(("name", "since", "text", "wanted"), STAYING, ids=[case[0] for case in STAYING])
def test_names_keep_their_places(name: str, since: Version, text: str, wanted: str) -> None:
    lines = text.encode().split(b"\n")
    found = names(wanted)
    assert found
    for identifier, line, offset in found:
        assert lines[line - 1][offset:].decode().startswith(identifier)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(CASES), st.booleans()), min_size=1, max_size=8))
def test_any_mixture_is_lowered_as_its_parts_are(parts: list[tuple[tuple[str, Version, str, str], bool]]) -> None:
    text = wanted = ""
    for number, ((name, _, part, expected), indented) in enumerate(parts):
        if indented and "long" not in name and "line end" not in name and "\n\n" not in part:
            head = f"async def é{number}(): # é\n"
            text += head + textwrap.indent(part, "    ")
            wanted += head + textwrap.indent(expected, "    ")
        else:
            text += part
            wanted += expected
    lowered = lower(text, (3, 10))
    assert lowered == wanted
    assert lower(wanted, (3, 10)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "print 'hello'\n",
        "try: a\nexcept B, C as d: e\n",  # PEP 758 keeps the parentheses where a name is bound
        "exec 'a'\n",
        "def f(:\n",
        "raise A, 'b'\n",
        "x = 0777\n",
        "{{ cookiecutter.name }} = 1\n{% if a %}\n",
    ],
)
def test_what_no_python_reads_is_not_lowered(text: str) -> None:
    assert lower(text, (3, 10)) is None


@pytest.mark.parametrize("text", ["try: a\nexcept B, e:\n    c\n", "try: a\nexcept (B, C), exc: d\n"])
def test_python_2_handlers_stay_what_no_older_python_reads(text: str) -> None:
    assert lower(text, (3, 13)) == text


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_newlines(newline: str) -> None:
    assert lower(f"type A = b{newline}c{newline}", (3, 10)) == "A      = b\nc\n"


def test_ordinary_code_stays_as_it_is() -> None:
    text = textwrap.dedent(
        '''
        # é
        class A(B, metaclass=C):
        \t"""Text."""
        \tx: int = f"{a!r:>{b}} {c['d']} {{}}" 'e'

        async def f(a, /, b: int = 1, *args, c=[*d], **kwargs) -> None:
            with (open(a) as b, open(c) as d):
                try:
                    return [x async for x in y if (z := x)]
                except (A, B) as e:
                    raise X from e
            match a:
                case [1, *rest] | {"k": v, **kw} if v:
                    a[1:2, ...] = lambda *a: (yield)
        '''
    )
    assert lower(text, (3, 10)) == text
