"""Statements put in and taken out, and further ``except`` clauses."""

from __future__ import annotations

import pytest
from marked_edits import check, edited, refusal

from celerylint.rule import AddHandler, AddParameter, Edit, InsertStatement, Remove
from celerylint.sources.spans import Span


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("⟦a()⟧\n", "a()\nnew()\n"),
        ("⟦a()⟧", "a()\nnew()"),
        ("x = f(⟦1⟧)  # why\n\n\ny = 2\n", "x = f(1)  # why\nnew()\n\n\ny = 2\n"),
        ("x = f(\n    ⟦1⟧,\n)\ny = 2\n", "x = f(\n    1,\n)\nnew()\ny = 2\n"),
        ("def f():\n    ⟦a()⟧\n", "def f():\n    a()\n    new()\n"),
        ("⟦def f():⟧\n    a()\n\nb()\n", "def f():\n    a()\nnew()\n\nb()\n"),
        ("⟦def f():  # why⟧\n    a()\n", "def f():  # why\n    a()\nnew()\n"),
        ("@⟦d⟧\ndef f():\n    a()\n", "@d\ndef f():\n    a()\nnew()\n"),
        ("if ⟦x⟧:\n    a()\nelif y:\n    b()\nc()\n", "if x:\n    a()\nelif y:\n    b()\nnew()\nc()\n"),
        ("if x:\n    a()\nelif ⟦y⟧:\n    b()\nc()\n", "if x:\n    a()\nelif y:\n    b()\nnew()\nc()\n"),
        ("if x: ⟦a()⟧\nb()\n", "if x: a()\nnew()\nb()\n"),
        ("é = f(⟦'é'⟧)\n", "é = f('é')\nnew()\n"),
    ],
)
def test_a_statement_is_put_behind_another(before: str, after: str) -> None:
    check(before, after, lambda at: InsertStatement(at, "new()"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("⟦a()⟧\n", "new()\na()\n"),
        ("x = 1\n# about a\n# and more\n⟦a()⟧\n", "x = 1\nnew()\n# about a\n# and more\na()\n"),
        ("x = 1\n\n# about a\n\n⟦a()⟧\n", "x = 1\n\n# about a\n\nnew()\na()\n"),
        ("#!/usr/bin/env python\n# licence\n⟦a()⟧\n", "#!/usr/bin/env python\n# licence\nnew()\na()\n"),
        ("def f():\n    # first\n    ⟦a()⟧\n", "def f():\n    new()\n    # first\n    a()\n"),
        ("@one\n@two\n⟦def f():⟧\n    pass\n", "new()\n@one\n@two\ndef f():\n    pass\n"),
        ("@one\n@⟦two⟧\nclass C:\n    pass\n", "new()\n@one\n@two\nclass C:\n    pass\n"),
        ("try:\n    ⟦a()⟧\nexcept X:\n    pass\n", "try:\n    new()\n    a()\nexcept X:\n    pass\n"),
    ],
)
def test_a_statement_is_put_before_another(before: str, after: str) -> None:
    check(before, after, lambda at: InsertStatement(at, "new()", "before"), without="latin")


def test_a_block_takes_the_indentation_of_the_place() -> None:
    code = "\n# why\nwith a:\n    b()  # b\n\n    # more\n    c('''\nd\n''')\n"
    check(
        "class C:\n    def f(self):\n        ⟦x()⟧\n\n    y = 1\n",
        "class C:\n    def f(self):\n        x()\n\n        # why\n        with a:\n            b()  # b\n\n"
        "            # more\n            c('''\nd\n''')\n\n    y = 1\n",
        lambda at: InsertStatement(at, code),
    )


def test_indented_code_is_taken_at_its_own_level() -> None:
    assert edited("⟦a()⟧\n", lambda at: InsertStatement(at, "    b()\n    c()\n")) == "a()\nb()\nc()\n"


def test_two_statements_at_one_place_keep_their_order() -> None:
    assert (
        edited(
            "⟦a()⟧\n", lambda at: [InsertStatement(at, "b()"), InsertStatement(at, "c()"), InsertStatement(at, "b()")]
        )
        == "a()\nb()\nc()\n"
    )


def test_a_block_that_gets_a_statement_needs_no_pass() -> None:
    assert edited("if x:\n    ⟦a()⟧\n", lambda at: [Remove(at), InsertStatement(at, "b()")]) == "if x:\n    b()\n"


def test_a_docstring_stays_one() -> None:
    def make(at: Span) -> list[Edit]:
        return [InsertStatement(at, "a()", "before")]

    assert refusal("⟦'Doc.'⟧\n", make) == "a docstring stands there"
    assert refusal("def f():\n    ⟦'Doc.'⟧\n", make) == "a docstring stands there"
    assert edited("if x:\n    ⟦'no doc'⟧\n", make) == "if x:\n    a()\n    'no doc'\n"
    assert edited("x\n⟦'no doc'⟧\n", make) == "x\na()\n'no doc'\n"


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ("⟦from __future__ import annotations⟧\n", "a()"),
        ("⟦x⟧\n", "return"),
        ("def f():\n    ⟦x⟧\n", "await x"),
    ],
)
def test_what_would_not_compile_is_refused(before: str, code: str) -> None:
    assert refusal(before, lambda at: InsertStatement(at, code, "before")) == "the result would not compile"


def test_what_did_not_compile_before_may_stay_so() -> None:
    assert edited("return\n⟦x⟧\n", lambda at: InsertStatement(at, "return")) == "return\nx\nreturn\n"


@pytest.mark.parametrize(
    ("before", "code", "reason"),
    [
        ("a(); ⟦b()⟧\n", "c()", "the statement shares its line with others"),
        ("a()\n⟦# why⟧\n", "c()", "no statement stands there"),
        ("def f():\n    a()\n    ⟦# why⟧\n    b()\n", "c()", "no statement stands there"),
        ("⟦a()⟧\n", "c(", "`c(` is not a statement"),
        ("⟦a()⟧\n", "# c", "`# c` is not a statement"),
    ],
)
def test_where_no_statement_can_go_it_is_refused(before: str, code: str, reason: str) -> None:
    assert refusal(before, lambda at: InsertStatement(at, code)) == reason


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = 1\n⟦bb = 2⟧\nc = 3\n", "a = 1\nc = 3\n"),
        ("a = 1\n⟦bb = 2⟧  # why\nc = 3\n", "a = 1\nc = 3\n"),
        ("a = 1\n# about b\n⟦b = 2⟧\n", "a = 1\n# about b\n"),
        ("a = 1\n\n⟦bb = 2⟧\n\nc = 3\n", "a = 1\n\nc = 3\n"),
        ("a = 1\n\n⟦b = 2⟧\n\n\ndef f(): pass\n", "a = 1\n\n\ndef f(): pass\n"),
        ("a = 1\n\n\n⟦bb = 2⟧\n\nc = 3\n", "a = 1\n\n\nc = 3\n"),
        ("a = 1\n\n⟦b = 2⟧\n", "a = 1\n"),
        ("a = 1\n⟦b = 2⟧", "a = 1\n"),
        ("⟦bb = 2⟧\n\na = 1\n", "a = 1\n"),
        ("x = 1\n⟦f(\n    1,\n)⟧\ny = 2\n", "x = 1\ny = 2\n"),
        ("a(); ⟦bb()⟧; c()\n", "a(); c()\n"),
        ("a(); ⟦b()⟧\n", "a()\n"),
        ("⟦bb()⟧; a()\n", "a()\n"),
        ("if x:\n    ⟦a()⟧\n", "if x:\n    pass\n"),
        ("if x:\n    ⟦aa()⟧\n\n    b()\n", "if x:\n    b()\n"),
        ("if x:\n    ⟦a()⟧  # why\nelse:\n    b()\n", "if x:\n    pass  # why\nelse:\n    b()\n"),
        ("if x: ⟦a()⟧\n", "if x: pass\n"),
        ("if x: a(); ⟦b()⟧\n", "if x: a()\n"),
        ("try:\n    ⟦a()⟧\nfinally:\n    b()\n", "try:\n    pass\nfinally:\n    b()\n"),
        ("def f():\n    'Doc.'\n    ⟦a()⟧\n", "def f():\n    'Doc.'\n"),
        ("⟦import a, b⟧\nx = 1\n", "x = 1\n"),
        ("⟦from a import (\n    b,\n)⟧\nx = 1\n", "x = 1\n"),
        ("é = 1; ⟦f('é')⟧\n", "é = 1\n"),
        ("x = 1\n\n\n⟦@d\ndef f():\n    a()\n    # end of f⟧\n\n\ny = 2\n", None),
        ("x = 1\n\n\n@d\n⟦def f():\n    a()⟧\n    # end of f\n\n\ny = 2\n", "x = 1\n\n\ny = 2\n"),
        ("x = 1\n\n\n⟦@d\ndef f():\n    a()⟧\n\n\ny = 2\n", "x = 1\n\n\ny = 2\n"),
        ("x = 1\n\n\n@d\n⟦def f():⟧\n    a()\n\n\ny = 2\n", "x = 1\n\n\ny = 2\n"),
        ("⟦if x:\n    a()\nelse:\n    b()⟧\nc()\n", "c()\n"),
    ],
)
def test_a_statement_is_taken_out(before: str, after: str | None) -> None:
    if after is None:
        assert refusal(before, Remove) == "no statement, element, entry or argument stands there"
    else:
        check(before, after, Remove, without="latin")


def test_a_block_that_loses_all_statements_gets_one_pass() -> None:
    check("if x:\n    ⟦a()⟧\n    ⟦b()⟧\n", "if x:\n    pass\n", lambda *at: [Remove(one) for one in at])
    check("if x: ⟦a()⟧; ⟦b()⟧\n", "if x: pass\n", lambda *at: [Remove(one) for one in at])
    check("a = 1\n\n⟦b = 2⟧\n\n⟦c = 3⟧\n\nd = 4\n", "a = 1\n\nd = 4\n", lambda *at: [Remove(one) for one in at])


def test_a_statement_named_twice_goes_once() -> None:
    text = "if x:\n    ⟦⟦def f():⟧\n        a()⟧\n    bb()\n"
    check(text, "if x:\n    bb()\n", lambda *at: [Remove(one) for one in at])


HANDLER = "except Retry:\n    raise\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("try:\n    a()\n⟦except X:⟧\n    b()\n", "try:\n    a()\nexcept Retry:\n    raise\nexcept X:\n    b()\n"),
        ("try:\n    a()\n⟦except X as e:⟧  # why\n    b()\n",
         "try:\n    a()\nexcept Retry:\n    raise\nexcept X as e:  # why\n    b()\n"),
        ("try:\n    a()\nexcept Y:\n    pass\n# about X\n⟦except X:⟧ b()\n",
         "try:\n    a()\nexcept Y:\n    pass\n# about X\nexcept Retry:\n    raise\nexcept X: b()\n"),
        ("def f():\n    try:\n        a()\n    ⟦except⟧:\n        b()\n",
         "def f():\n    try:\n        a()\n    except Retry:\n        raise\n    except:\n        b()\n"),
        ("if x:\n    y\ntry: a()\n⟦except X: b()⟧\n",
         "if x:\n    y\ntry: a()\nexcept Retry:\n    raise\nexcept X: b()\n"),
    ],
)  # fmt: skip
def test_a_clause_is_put_above_another(before: str, after: str) -> None:
    check(before, after, lambda at: AddHandler(at, HANDLER))


@pytest.mark.parametrize(
    ("before", "code", "reason"),
    [
        ("⟦try:⟧\n    a()\nexcept X:\n    b()\n", HANDLER, "no except clause stands there"),
        ("try:\n    a()\n⟦except X:⟧\n    b()\n", "raise", "`raise` is not an except clause"),
        ("try:\n    a()\n⟦except X:⟧\n    b()\n", "except:\n    raise", "`except: ...` cannot stand above the clause"),
        ("try:\n    a()\n⟦except X:⟧\n    b()\n", "finally:\n    c()", "`finally: ...` cannot stand above the clause"),
        ("try:\n    a()\n⟦except* X:⟧\n    b()\n", HANDLER, "`except Retry: ...` cannot stand above the clause"),
    ],
)
def test_what_is_no_clause_is_refused(before: str, code: str, reason: str) -> None:
    assert refusal(before, lambda at: AddHandler(at, code)) == reason


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def ⟦f⟧():\n    pass\n", "def f(self):\n    pass\n"),
        ("@d\nasync def ⟦f⟧( a, *b ): pass\n", "@d\nasync def f( self, a, *b ): pass\n"),
        ("def ⟦f⟧(\n    *,\n    a=1,\n):\n    pass\n", "def f(\n    self, *,\n    a=1,\n):\n    pass\n"),
    ],
)
def test_a_function_gets_a_first_parameter(before: str, after: str) -> None:
    check(before, after, lambda at: AddParameter(at, "self"))


@pytest.mark.parametrize(
    ("before", "name", "reason"),
    [
        ("⟦f⟧(1)\n", "self", "no function is defined there"),
        ("def ⟦f⟧(a): pass\n", "no name", "`no name` is not a name"),
        ("def ⟦f⟧(  # why\n    a,\n): pass\n", "self", "a comment stands in front of the parameters"),
    ],
)
def test_a_parameter_that_cannot_be_added_is_refused(before: str, name: str, reason: str) -> None:
    assert refusal(before, lambda at: AddParameter(at, name)) == reason
