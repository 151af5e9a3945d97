"""Keywords and positional arguments, over the layouts in which calls are written."""

from __future__ import annotations

import pytest
from marked_edits import check, refusal

from celerylint.rule import AppendArgument, Edit, Remove, RemoveKeyword, RenameKeyword, SetKeyword
from celerylint.sources.spans import Span


def set_expires(span: Span) -> Edit:
    return SetKeyword(span, "expires", "60")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("⟦f()⟧\n", "f(expires=60)\n"),
        ("⟦f( )⟧\n", "f(expires=60)\n"),
        ("⟦f(1)⟧\n", "f(1, expires=60)\n"),
        ("⟦f(1,)⟧\n", "f(1, expires=60,)\n"),
        ("⟦f(1, a=2)⟧  # why\n", "f(1, a=2, expires=60)  # why\n"),
        ("⟦f(*a, **b)⟧\n", "f(*a, expires=60, **b)\n"),
        ("⟦f(x for x in y)⟧\n", "f((x for x in y), expires=60)\n"),
        ("⟦f((x for x in y))⟧\n", "f((x for x in y), expires=60)\n"),
        ("(⟦f(1)⟧)\n", "(f(1, expires=60))\n"),
        ("é = 'ü'; ⟦f('ä')⟧\n", "é = 'ü'; f('ä', expires=60)\n"),
        ("g(⟦f(1)⟧, h(2))\n", "g(f(1, expires=60), h(2))\n"),
        ("g(h(2), ⟦f(1)⟧)(3)\n", "g(h(2), f(1, expires=60))(3)\n"),
        ("⟦f(1)(2)⟧\n", "f(1)(2, expires=60)\n"),
        ("⟦f (1)⟧\n", "f (1, expires=60)\n"),
        ("x = f'{⟦f(1)⟧}'\n", "x = f'{f(1, expires=60)}'\n"),
        ("async def f():\n    await ⟦x.y.f(1)⟧\n", "async def f():\n    await x.y.f(1, expires=60)\n"),
        # In place of a value that is there
        ("⟦f(expires=(1))⟧\n", "f(expires=60)\n"),
        ("⟦f(expires = timedelta(\n    hours=1,\n), b=2)⟧\n", "f(expires = 60, b=2)\n"),
        ("⟦f(expires=60)⟧\n", "f(expires=60)\n"),
        # Over several lines
        ("⟦f(\n    1,\n    a=2,\n)⟧\n", "f(\n    1,\n    a=2,\n    expires=60,\n)\n"),
        ("⟦f(\n    1,\n    a=2\n)⟧\n", "f(\n    1,\n    a=2,\n    expires=60\n)\n"),
        ("⟦f(\n    1)⟧\n", "f(\n    1,\n    expires=60)\n"),
        ("⟦f(\n    1,)⟧\n", "f(\n    1,\n    expires=60,)\n"),
        ("⟦f(\n    1,  # one\n    a=2,  # two\n)⟧\n", "f(\n    1,  # one\n    a=2,  # two\n    expires=60,\n)\n"),
        ("⟦f(\n    1,\n    a=2  # two\n    # three\n)⟧\n",
         "f(\n    1,\n    a=2,  # two\n    expires=60\n    # three\n)\n"),
        ("⟦f(\n    1,\n    # a=2,\n)⟧\n", "f(\n    1,\n    expires=60,\n    # a=2,\n)\n"),
        ("⟦f(1,\n  a=2)⟧\n", "f(1,\n  a=2,\n  expires=60)\n"),
        ("⟦f(1, b,\n  a=2)⟧\n", "f(1, b,\n  a=2, expires=60)\n"),
        ("⟦f(\n    1, b,\n)⟧\n", "f(\n    1, b, expires=60,\n)\n"),
        ("⟦f(\n    1, b\n)⟧\n", "f(\n    1, b, expires=60\n)\n"),
        ("⟦f(\n    # nothing yet\n)⟧\n", "f(\n    # nothing yet\n    expires=60,\n)\n"),
        ("⟦f(\n)⟧\n", "f(expires=60)\n"),
        ("⟦f({\n    'a': 1,\n})⟧\n", "f({\n    'a': 1,\n}, expires=60)\n"),
        ("⟦f(\n    x for x in y\n)⟧\n", "f((\n    x for x in y\n), expires=60)\n"),
        ("⟦f(\n    1,\n    **b,\n)⟧\n", "f(\n    1,\n    expires=60,\n    **b,\n)\n"),
        ("⟦f(\n    **b,\n)⟧\n", "f(\n    expires=60,\n    **b,\n)\n"),
        ("⟦a.b(\n    1,\n).f(\n    2,\n)⟧\n", "a.b(\n    1,\n).f(\n    2,\n    expires=60,\n)\n"),
        ("⟦f(1, \\\n  a=2)⟧\n", "f(1, \\\n  a=2,\n  expires=60)\n"),
        ("if x:\n    ⟦f(\n        1,\n    )⟧\n", "if x:\n    f(\n        1,\n        expires=60,\n    )\n"),
    ],
)  # fmt: skip
def test_a_keyword_is_set(before: str, after: str) -> None:
    check(before, after, set_expires)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("@⟦app.task⟧\ndef f(): pass\n", "@app.task(expires=60)\ndef f(): pass\n"),
        ("@⟦shared_task⟧  # why\nclass A: pass\n", "@shared_task(expires=60)  # why\nclass A: pass\n"),
        ("@(⟦app.task⟧)\ndef f(): pass\n", "@(app.task)(expires=60)\ndef f(): pass\n"),
        ("@⟦app.task()⟧\ndef f(): pass\n", "@app.task(expires=60)\ndef f(): pass\n"),
        ("@one\n@⟦app.task(\n    bind=True,\n)⟧\n@two\ndef f(): pass\n",
         "@one\n@app.task(\n    bind=True,\n    expires=60,\n)\n@two\ndef f(): pass\n"),
    ],
)  # fmt: skip
def test_a_keyword_is_set_on_a_decorator(before: str, after: str) -> None:
    check(before, after, set_expires)


def test_several_edits_of_one_call_know_of_each_other() -> None:
    check(
        "@⟦app.task⟧\ndef f(): pass\n",
        "@app.task(bind=True, acks_late=True)\ndef f(): pass\n",
        lambda at: [SetKeyword(at, "bind", "True"), SetKeyword(at, "acks_late", "True")],
    )
    check(
        "⟦f(\n    1,\n    a=2,\n    old=3\n)⟧\n",
        "f(\n    1,\n    x,\n    new=3,\n    y=5\n)\n",
        lambda at: [
            RemoveKeyword(at, "a"), SetKeyword(at, "y", "5"), RenameKeyword(at, "old", "new"), AppendArgument(at, "x"),
        ],
    )  # fmt: skip
    check(
        "⟦f(\n    a=2,\n    b=3,\n)⟧\n",
        "f(\n    x,\n    c=4,\n    d=5,\n    e=6,\n)\n",
        lambda at: [
            RemoveKeyword(at, "a"), RemoveKeyword(at, "b"), AppendArgument(at, "x"), SetKeyword(at, "c", "4"),
            SetKeyword(at, "d", "5"), SetKeyword(at, "e", "6"),
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("⟦f(a=1)⟧\n", "f(new=0)\n"),
        ("⟦f(x, a=1)⟧\n", "f(x, new=0)\n"),
        ("⟦f(a=1, b=2)⟧\n", "f(b=2, new=0)\n"),
        ("⟦f(\n    x,\n    a=1,  # why\n)⟧\n", "f(\n    x,\n    new=0,  # why\n)\n"),
    ],
)
def test_a_keyword_takes_the_place_of_one_that_goes(before: str, after: str) -> None:
    check(before, after, lambda at: [SetKeyword(at, "new", "0"), RemoveKeyword(at, "a")])


def test_an_outer_and_an_inner_call_are_edited_at_once() -> None:
    check(
        "⟦chain(⟦a.s(1)⟧, b.s())⟧\n",
        "chain(a.s(1, expires=60), b.s(), expires=60)\n",
        lambda outer, inner: [set_expires(outer), set_expires(inner)],
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("⟦f(a=1)⟧\n", "f()\n"),
        ("⟦f(\n    a=1,\n)⟧\n", "f()\n"),
        ("⟦f(x, a=1)⟧\n", "f(x)\n"),
        ("⟦f(x, a=1,)⟧\n", "f(x,)\n"),
        ("⟦f(a=1, b=2)⟧\n", "f(b=2)\n"),
        ("⟦f(x, a=1, b=2)⟧\n", "f(x, b=2)\n"),
        ("⟦f(x,\n  a=1)⟧\n", "f(x)\n"),
        ("⟦f(a=1,\n  b=2)⟧\n", "f(b=2)\n"),
        ("⟦f(\n    x,\n    a=1,\n)⟧\n", "f(\n    x,\n)\n"),
        ("⟦f(\n    x,\n    a=1\n)⟧\n", "f(\n    x\n)\n"),
        ("⟦f(\n    x,\n    a=1)⟧\n", "f(\n    x)\n"),
        ("⟦f(\n    a=g(\n        1\n    ),\n    b=2,\n)⟧\n", "f(\n    b=2,\n)\n"),
        ("⟦f(\n    # about x\n    x,  # x\n    # about a\n    a=1,  # a\n)⟧\n",
         "f(\n    # about x\n    x,  # x\n    # about a\n)\n"),
        ("⟦f(\n    # all that is left\n    a=1,\n)⟧\n", "f(\n    # all that is left\n)\n"),
        ("⟦f(x,  # x\n  a=1)⟧\n", "f(x  # x\n  )\n"),
        ("⟦f(a=1,  # why\n)⟧\n", "f(  # why\n)\n"),
        ("⟦f(x, a=1,  # why\n  b=2)⟧\n", "f(x,   # why\n  b=2)\n"),
        ("⟦f(b=1)⟧\n", "f(b=1)\n"),
    ],
)  # fmt: skip
def test_a_keyword_is_removed(before: str, after: str) -> None:
    check(before, after, lambda at: RemoveKeyword(at, "a"))


def test_a_keyword_is_renamed() -> None:
    check("⟦f(1, old = 2,  # why\n)⟧\n", "f(1, new = 2,  # why\n)\n", lambda at: RenameKeyword(at, "old", "new"))
    assert refusal("⟦f(new=1)⟧\n", lambda at: RenameKeyword(at, "old", "new")).startswith("the call has a keyword")
    assert refusal("⟦f(a=1)⟧\n", lambda at: RenameKeyword(at, "old", "new")) == "the call has no keyword `old`"
    assert refusal("⟦f(old=1)⟧\n", lambda at: RenameKeyword(at, "old", "n w")) == "`n w` is not a keyword name"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("⟦f()⟧\n", "f(x)\n"),
        ("⟦f(1)⟧\n", "f(1, x)\n"),
        ("⟦f(1, k=2)⟧\n", "f(1, x, k=2)\n"),
        ("⟦f(k=2)⟧\n", "f(x, k=2)\n"),
        ("⟦f(*a, **k)⟧\n", "f(*a, x, **k)\n"),
        ("⟦f(y for y in z)⟧\n", "f((y for y in z), x)\n"),
        ("⟦f(\n    1,\n    k=2,\n)⟧\n", "f(\n    1,\n    x,\n    k=2,\n)\n"),
        ("⟦f(\n    k=2,\n)⟧\n", "f(\n    x,\n    k=2,\n)\n"),
        ("⟦f(\n    1,  # one\n    k=2\n)⟧\n", "f(\n    1,  # one\n    x,\n    k=2\n)\n"),
    ],
)
def test_an_argument_is_appended(before: str, after: str) -> None:
    check(before, after, lambda at: AppendArgument(at, "x"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(⟦a⟧)\n", "f()\n"),
        ("f(⟦aa⟧, b)\n", "f(b)\n"),
        ("f(a, ⟦b⟧)\n", "f(a)\n"),
        ("f(a, ⟦(b)⟧)\n", "f(a)\n"),
        ("f(a, (⟦b⟧))\n", "f(a)\n"),
        ("f(a, ⟦*b⟧, c)\n", "f(a, c)\n"),
        ("f(a, ⟦k=b⟧)\n", "f(a)\n"),
        ("f(a, ⟦**k⟧)\n", "f(a)\n"),
        ("f⟦(a for a in b)⟧\n", "f()\n"),
        ("f(\n    a,\n    ⟦bb⟧,\n    c,\n)\n", "f(\n    a,\n    c,\n)\n"),
    ],
)
def test_an_argument_is_taken_out(before: str, after: str) -> None:
    check(before, after, Remove)


def test_two_arguments_are_taken_out_at_once() -> None:
    check("f(a, ⟦b⟧, ⟦c⟧)\n", "f(a)\n", lambda one, other: [Remove(one), Remove(other)])
    check("f(⟦a⟧, b, ⟦c⟧)\n", "f(b)\n", lambda one, other: [Remove(one), Remove(other)])
    check("f(\n    ⟦a⟧,\n    b,\n    ⟦c⟧\n)\n", "f(\n    b\n)\n", lambda one, other: [Remove(one), Remove(other)])


@pytest.mark.parametrize(
    ("before", "edit", "reason"),
    [
        ("⟦f⟧(1)\n", set_expires, "no call or decorator stands there"),
        ("⟦f(1)⟧\n", lambda at: SetKeyword(at, "a", "1  # no"), "`1  # no` is not an expression"),
        ("⟦f(1)⟧\n", lambda at: SetKeyword(at, "a", "1; x"), "`1; x` is not an expression"),
        ("⟦f(1)⟧\n", lambda at: SetKeyword(at, "a b", "1"), "`a b` is not a keyword name"),
        ("⟦f(1)⟧\n", lambda at: [SetKeyword(at, "a", "1"), SetKeyword(at, "a", "2")], "`a` is given two values"),
        ("⟦f(expires=g(  # why\n    1))⟧\n", set_expires, "a comment inside it would be lost"),
        ("⟦f(k=1, *a)⟧\n", lambda at: AppendArgument(at, "x"), "positional arguments follow a keyword"),
        ("⟦f(1)⟧\n", lambda at: AppendArgument(at, "*x"), "`*x` is not an expression"),
    ],
)
def test_what_cannot_be_done_is_refused(before: str, edit: object, reason: str) -> None:
    assert refusal(before, edit) == reason  # type: ignore[arg-type]
