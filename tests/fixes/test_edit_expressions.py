"""Replaced expressions, renamed strings, wrapped calls."""

from __future__ import annotations

import pytest
from marked_edits import check, edited, refusal

from celerylint.rule import RenameString, Replace, WrapCall


@pytest.mark.parametrize(
    ("before", "code", "after"),
    [
        ("x = ⟦1⟧\n", "2", "x = 2\n"),
        ("x = ⟦1⟧\n", "a if b else c", "x = a if b else c\n"),
        ("x = ⟦1⟧\n", "1, 2", "x = 1, 2\n"),
        ("f(⟦1⟧)\n", "1, 2", "f((1, 2))\n"),
        ("f(k=⟦(1, 2)⟧)\n", "(3,)", "f(k=(3,))\n"),
        ("f(⟦a⟧.b)\n", "x + y", "f((x + y).b)\n"),
        ("f((⟦a⟧).b)\n", "x + y", "f((x + y).b)\n"),
        ("⟦a⟧.real\n", "1", "(1).real\n"),
        ("⟦a⟧.real\n", "c.d[0]", "c.d[0].real\n"),
        ("x = ⟦a⟧ * 2\n", "b + c", "x = (b + c) * 2\n"),
        ("x = -⟦a⟧\n", "b ** c", "x = -(b ** c)\n"),
        ("x = [⟦a⟧ for a in b]\n", "lambda: a", "x = [(lambda: a) for a in b]\n"),
        ("x = ⟦a⟧[0]\n", "b", "x = b[0]\n"),
        ("x = a[⟦0⟧]\n", "b, c", "x = a[(b, c)]\n"),
        ("def f():\n    return⟦'x'⟧\n", "y", "def f():\n    return y\n"),
        ("x = ⟦'x'⟧if a else b\n", "y", "x = y if a else b\n"),
        ("x = 1 if a else(⟦b⟧)\n", "c", "x = 1 if a else(c)\n"),
        ("def f(a=⟦[]⟧): pass\n", "None", "def f(a=None): pass\n"),
        ("x = f⟦(a for a in b)⟧\n", "c", "x = f(c)\n"),
        ("x = f'{⟦a⟧}'\n", "b.c", "x = f'{b.c}'\n"),
        ("x = f'{⟦a⟧}'\n", "{1: 2}", "x = f'{({1: 2})}'\n"),
        ("x = f'{⟦a⟧}'\n", "lambda: 1", "x = f'{(lambda: 1)}'\n"),
        ("@⟦app.task⟧\ndef f(): pass\n", "app.task(x)", "@app.task(x)\ndef f(): pass\n"),
        ("é = 'ü' + ⟦a⟧\n", "b", "é = 'ü' + b\n"),
        ("if x:\n    y = ⟦1⟧\n", "[\n    2,\n]", "if x:\n    y = [\n        2,\n    ]\n"),
        ("x = ⟦1⟧\n", "1", "x = 1\n"),
    ],
)  # fmt: skip
def test_an_expression_is_replaced(before: str, code: str, after: str) -> None:
    check(before, after, lambda at: Replace(at, code))


@pytest.mark.parametrize(
    ("before", "code", "reason"),
    [
        ("x = ⟦[\n    1,  # why\n]⟧\n", "[]", "a comment inside it would be lost"),
        ("x = f'{⟦a⟧}'\n", "b['c']", "quotes and backslashes are not free inside an f-string"),
        ("⟦x⟧ = 1\n", "f()", "the result would not parse"),
        ("x = ⟦1⟧\n", "1 +", "`1 +` is not an expression"),
        ("x = ⟦1⟧\n", "", "`` is not an expression"),
        ("f(⟦k⟧=1)\n", "l", "no expression stands there"),
        ("⟦x = 1⟧\n", "l", "no expression stands there"),
        ("x = ⟦(b)⟧\n", "l", "no expression stands there"),
        ("with ⟦a⟧: pass\n", "(b, c)", "`(b, c)` is no context manager"),
    ],
)
def test_what_cannot_be_replaced_is_refused(before: str, code: str, reason: str) -> None:
    assert refusal(before, lambda at: Replace(at, code)) == reason


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("x = ⟦'a'⟧\n", "b", "x = 'b'\n"),
        ('x = ⟦"a"⟧\n', "it's", 'x = "it\'s"\n'),
        ("x = ⟦'a'⟧\n", "it's", "x = 'it\\'s'\n"),
        ("x = ⟦'''a'''⟧\n", "it's", "x = '''it\\'s'''\n"),
        ("x = ⟦r'a'⟧\n", r"\d+", "x = r'\\d+'\n"),
        ("x = ⟦Rb'a'⟧\n", r"\d+", "x = Rb'\\d+'\n"),
        ("x = ⟦U'a'⟧\n", "b", "x = U'b'\n"),
        ("x = ⟦b'a'⟧\n", "c", "x = b'c'\n"),
        ("x = ⟦'a'⟧\n", "one\ntwo\t\\", "x = 'one\\ntwo\\t\\\\'\n"),
        ("x = ⟦'a'⟧\n", "ä\x07", "x = 'ä\\x07'\n"),
        ("x = {⟦'a'⟧: 'a'}\n", "b", "x = {'b': 'a'}\n"),
        ("é, x = 'ü', ⟦'a'⟧\n", "b", "é, x = 'ü', 'b'\n"),
        ("x = ⟦'a'⟧\n", "a", "x = 'a'\n"),
    ],
)
def test_a_string_is_renamed(before: str, new: str, after: str) -> None:
    check(before, after, lambda at: RenameString(at, new))


def test_what_an_encoding_lacks_is_escaped() -> None:
    assert edited("# coding: ascii\nx = ⟦'a'⟧\n", lambda at: RenameString(at, "é€😀")) == (
        "# coding: ascii\nx = '\\xe9\\u20ac\\U0001f600'\n"
    )


@pytest.mark.parametrize(
    ("before", "new", "reason"),
    [
        ("x = ⟦'a' 'b'⟧\n", "c", "the string is put together from parts"),
        ("x = ⟦f'a{b}'⟧\n", "c", "the string is put together from parts"),
        ("x = ⟦a⟧\n", "c", "no string stands there"),
        ("x = ⟦r'a'⟧\n", "it's", '"it\'s" cannot be written in such quotes'),
        ("x = ⟦r'a'⟧\n", "a\\", "'a\\\\' cannot be written in such quotes"),
        ("x = ⟦b'a'⟧\n", "é", "a bytes literal takes ASCII only"),
        ("x = f'{a[⟦\"b\"⟧]}'\n", "c'", "quotes and backslashes are not free inside an f-string"),
    ],
)
def test_what_cannot_be_renamed_is_refused(before: str, new: str, reason: str) -> None:
    assert refusal(before, lambda at: RenameString(at, new)) == reason


CALL = "{func}({args})"
PARTIAL = "on_commit(partial({func}, {args}))"
LAMBDA = "on_commit(lambda: {func}({args}))"


@pytest.mark.parametrize(
    ("before", "template", "after"),
    [
        ("⟦t.delay(a, k=b)⟧\n", PARTIAL, "on_commit(partial(t.delay, a, k=b))\n"),
        ("⟦t.delay()⟧\n", PARTIAL, "on_commit(partial(t.delay))\n"),
        ("⟦t.delay(a)⟧\n", LAMBDA, "on_commit(lambda: t.delay(a))\n"),
        ("⟦t.delay(a,)⟧\n", PARTIAL, "on_commit(partial(t.delay, a,))\n"),
        ("⟦t.delay(a)⟧\n", "on_commit({func})", "on_commit(t.delay)\n"),
        ("⟦t.delay(a)⟧\n", "send({args})", "send(a)\n"),
        ("⟦t.delay()⟧\n", "send({args})", "send()\n"),
        ("⟦t.delay(a)⟧\n", "pass_by()", "pass_by()\n"),
        ("⟦t.delay(a,)⟧\n", "{func}.apply_async(args=({args},), countdown=3)",
         "t.delay.apply_async(args=(a,), countdown=3)\n"),
        ("⟦t.delay()⟧\n", "f(({args},), x)", "f((), x)\n"),
        ("⟦t.delay(a, *b)⟧\n", "f([{args}])", "f([a, *b])\n"),
        ("⟦t.delay(\n    a,\n    b,  # why\n)⟧\n", PARTIAL, "on_commit(partial(t.delay,\n    a,\n    b,  # why\n))\n"),
        ("⟦t.delay(\n    a,\n    b,  # why\n)⟧\n", LAMBDA, "on_commit(lambda: t.delay(\n    a,\n    b,  # why\n))\n"),
        ("⟦t.delay(x for x in y)⟧\n", LAMBDA, "on_commit(lambda: t.delay(x for x in y))\n"),
        ("x = ⟦t.delay(a)⟧.id\n", "await_({func}) or {args}", "x = (await_(t.delay) or a).id\n"),
        ("(⟦(t.delay)(a)⟧)\n", LAMBDA, "(on_commit(lambda: (t.delay)(a)))\n"),
        ("f(⟦t.delay(a)⟧, 'é', ⟦u.delay(b)⟧)\n", LAMBDA,
         "f(on_commit(lambda: t.delay(a)), 'é', on_commit(lambda: u.delay(b)))\n"),
    ],
)  # fmt: skip
def test_a_call_is_wrapped(before: str, template: str, after: str) -> None:
    check(before, after, lambda *at: [WrapCall(one, template) for one in at])


def test_an_edit_reaches_into_a_wrapped_call() -> None:
    check(
        "⟦t.delay(⟦user⟧)⟧\n",
        "on_commit(partial(t.delay, user.pk))\n",
        lambda call, user: [WrapCall(call, PARTIAL), Replace(user, "user.pk")],
    )


@pytest.mark.parametrize(
    ("before", "template", "reason"),
    [
        ("⟦t⟧\n", CALL, "no call stands there"),
        ("⟦t.delay(x for x in y)⟧\n", PARTIAL, "its argument is a bare generator"),
        ("⟦t.delay(\n    a,  # why\n)⟧\n", "{func}(({args},))", "a comment inside it would be lost"),
        ("⟦t.delay(a, k=b)⟧\n", "{func}(({args},))", "`t.delay((a, k=b,))` is not an expression"),
        ("⟦t.delay(a)⟧\n", "f({args}, {func})",
         "the template must name `{func}` and `{args}` at most once, in this order"),
        ("x = f'{⟦t(a)⟧}'\n", LAMBDA, "it stands inside an f-string"),
    ],
)  # fmt: skip
def test_what_cannot_be_wrapped_is_refused(before: str, template: str, reason: str) -> None:
    assert refusal(before, lambda at: WrapCall(at, template)) == reason
