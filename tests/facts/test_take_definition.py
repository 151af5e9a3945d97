"""A function read from its own lines is the one that its whole file gives."""

from __future__ import annotations

from pathlib import Path

import pytest

import celerylint
from celerylint.facts import syntax as s
from celerylint.facts.take import take, take_definition
from celerylint.facts.walk import below
from celerylint.sources.parse import parse, parse_part
from celerylint.sources.text import Source, read_source

PACKAGE = Path(celerylint.__file__).parent
FILES = sorted((PACKAGE / "model").glob("*.py"))[::4]

ODD = '''
class Shop:
    @property
    # a comment between
    @cached(
        "größe", key=lambda x: x)
    def größe(self, a="ä", *, b=1):  # ö
        """Text
that begins at the margin."""
        x = ("ü", self.größe)
        def inner():
            yield x
        return inner
\tasync_ = 1


if True:
    async def later(): await x; return [y for y in z]
else:
\tdef later(): pass
'''


def whole(source: Source) -> list[s.Function]:
    module = take(parse(source).tree, source, source.path, everything=True)
    return [n for statement in module.body for n in below(statement) if isinstance(n, s.Function)]


def apart(source: Source, function: s.Function) -> s.Function | None:
    tree = parse_part(source, function.whole[0], function.whole[2])
    return take_definition(tree, source, function.qualname) if tree is not None else None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_function_of_real_files(path: Path) -> None:
    source = read_source(path.name, path.read_bytes())
    for function in whole(source):
        assert apart(source, function) == function


def test_odd_layouts() -> None:
    source = read_source("odd.py", ODD.replace("\tasync_ = 1\n", "").encode())
    functions = whole(source)
    assert [f.qualname for f in functions] == ["Shop.größe", "Shop.größe.<locals>.inner", "later", "later"]
    assert [apart(source, function) for function in functions] == functions


def test_lines_that_are_no_whole_definition_give_nothing() -> None:
    source = read_source("odd.py", b"def f():\n    return (\n        1)\n")
    assert parse_part(source, 2, 2) is None
    tree = parse_part(source, 1, 3)
    assert tree is not None and take_definition(tree, source, "g") is None
