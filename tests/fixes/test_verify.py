"""The check that nothing but the named places has changed."""

from __future__ import annotations

import pytest

from celerylint.fixes import Refused
from celerylint.fixes.document import Document
from celerylint.fixes.splices import Splice, apply, arrange
from celerylint.fixes.verify import verify


def verified(text: str, *splices: Splice, named: tuple[tuple[int, int], ...] = ()) -> str:
    return verify(Document("a.py", text.encode()), splices, named)


@pytest.mark.parametrize(
    ("text", "splice"),
    [
        ("a.b\n", Splice(0, 1, "x + y")),  # x + y.b
        ("-a ** b\n", Splice(1, 2, "(c) + d")),
        ("x = 1\ny = 2\n", Splice(4, 5, "'''\n")),
        ("f(a)\ng(b)\n", Splice(3, 4, ", ")),
        ("x = 1\n", Splice(0, 0, "if ")),
        ("a\nb\n", Splice(1, 2, " + ")),
        ("é = a.b\n", Splice(4, 5, "x + y")),
        ("# x = 1\ny = 2\n", Splice(7, 8, " ")),
    ],
)
def test_a_changed_meaning_is_refused(text: str, splice: Splice) -> None:
    with pytest.raises(Refused):
        verified(text, splice)


@pytest.mark.parametrize(
    ("text", "splice", "after"),
    [
        ("a.b\n", Splice(0, 1, "(x + y)"), "(x + y).b\n"),
        ("é = a.b\n", Splice(4, 5, "ü[0]"), "é = ü[0].b\n"),
        ("f(a)\n", Splice(3, 3, ", b"), "f(a, b)\n"),
        ("f(a)\n", Splice(0, 0, "import x\n"), "import x\nf(a)\n"),
        ("if a:\n    b\n    c\nd\n", Splice(12, 18, ""), "if a:\n    b\nd\n"),
        ("if a:\n    b\nd\n", Splice(12, 12, "    c\n"), "if a:\n    b\n    c\nd\n"),
        ("@a\ndef f(): pass\n", Splice(2, 2, "(b=1)"), "@a(b=1)\ndef f(): pass\n"),
        ("x = f'{a.b} {c}'\n", Splice(7, 8, "d"), "x = f'{d.b} {c}'\n"),
    ],
)
def test_an_edit_that_keeps_to_its_place_passes(text: str, splice: Splice, after: str) -> None:
    assert verified(text, splice) == after


def test_a_named_place_may_become_something_else() -> None:
    wrapped = (Splice(0, 0, "[a for a in "), Splice(1, 4, ""), Splice(4, 4, "]"))
    with pytest.raises(Refused):
        verified("f(1)\n", *wrapped)
    assert verified("f(1)\n", *wrapped, named=((0, 4),)) == "[a for a in f]\n"


def test_splices_are_put_in_order() -> None:
    one, two, three = Splice(4, 5, "x"), Splice(2, 2, "a\n"), Splice(2, 2, "b\n")
    assert arrange([one, two, three]) == [two, three, one]
    assert apply("0\n2345", arrange([one, two, three])) == "0\na\nb\n23x5"


@pytest.mark.parametrize(
    "splices",
    [
        (Splice(0, 3, ""), Splice(2, 4, "")),
        (Splice(0, 3, ""), Splice(1, 1, "a\n")),
        (Splice(1, 1, "a"), Splice(1, 1, "b")),
        (Splice(1, 1, "a\n"), Splice(1, 1, "b")),
        (Splice(1, 2, "a"), Splice(1, 2, "a")),
    ],
)
def test_splices_that_clash_are_refused(splices: tuple[Splice, ...]) -> None:
    with pytest.raises(Refused):
        arrange(splices)
