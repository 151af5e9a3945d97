"""Calls that are alike are folded once; what differs in anything that matters is folded on its own."""

from __future__ import annotations

import pytest
from in_memory import constant, project

from celerylint.model.call_keys import call_key
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.values import Choice, Collection, Instance, Known, Reference, Unknown, Value
from celerylint.sources.spans import Span

HERE, THERE = Span("a.py", 1, 1, 1, 2), Span("a.py", 2, 1, 2, 2)


def test_one_constant_made_twice_at_one_place_is_two_arguments() -> None:
    found = project(
        tasks="""
        def dashed(text):
            return f"{text}-q"

        def queue(kind):
            return dashed(f"{kind}")

        def pair(a, b="b"):
            return a + b

        A = queue("a")
        B = queue("b")
        C = pair("x") + pair("y") + pair("x", "z") + pair("x")
        """
    )
    module = found.modules_index.load("tasks.py")
    assert module is not None
    values = [constant(found.evaluator.variable(name, module.scope, None)) for name in "ABC"]
    assert values == ["a-q", "b-q", "xbybxzxb"]


def test_what_a_closure_gives_depends_on_the_call_around() -> None:
    found = project(
        tasks="""
        def outer(x):
            def inner():
                return x
            return inner()

        A = outer(1)
        B = outer(2)
        """
    )
    module = found.modules_index.load("tasks.py")
    assert module is not None
    assert [constant(found.evaluator.variable(name, module.scope, None)) for name in "AB"] == [1, 2]


def function(code: str = "def f(a, b=None):\n    return a\n") -> FunctionSymbol:
    found = project(tasks=code)
    module = found.modules_index.load("tasks.py")
    assert module is not None
    value = found.evaluator.variable("f", module.scope, None)
    assert isinstance(value, Reference) and isinstance(value.symbol, FunctionSymbol)
    return value.symbol


ALIKE: list[tuple[Value, Value]] = [
    (Unknown("this", HERE), Unknown("that", THERE)),
    (Known(1, HERE), Known(1, HERE)),
    (Reference("x.y", None, HERE), Reference("x.y", None, THERE)),
    (Choice((Known(1, HERE), Unknown("this", HERE)), HERE), Choice((Known(1, HERE), Unknown("that", HERE)), THERE)),
    (Instance("x", None, (), (), HERE), Instance("x", None, (), (), HERE)),
]
DIFFERENT: list[tuple[Value, Value]] = [
    (Known(1, HERE), Known(1, THERE)),
    (Known(1, HERE), Known(True, HERE)),
    (Known("a", HERE), Known("b", HERE)),
    (Known("a", HERE), Known("a", HERE, "environment variable A")),
    (Known(1, HERE), Unknown("this", HERE)),
    (Reference("x.y", None, HERE), Reference("x.z", None, HERE)),
    (Instance("x", None, (), (), HERE), Instance("x", None, (), (), THERE)),
    (Instance("x", None, (Known(1, HERE),), (), HERE), Instance("x", None, (Known(2, HERE),), (), HERE)),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_arguments_that_are_alike(one: Value, other: Value) -> None:
    symbol = function()
    key = call_key(symbol, [one], {}, 0)
    assert key is not None
    assert key == call_key(symbol, [other], {}, 0)
    assert key != call_key(symbol, [one], {}, 1)
    assert key != call_key(symbol, [], {"a": one}, 0)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_arguments_that_are_not(one: Value, other: Value) -> None:
    symbol = function()
    assert call_key(symbol, [one], {}, 0) != call_key(symbol, [other], {}, 0)


def test_what_cannot_be_told_cheaply_has_no_key() -> None:
    assert call_key(function(), [Collection("list", (), HERE)], {}, 0) is None
    assert call_key(function("def f(*args):\n    return args\n"), [], {}, 0) is None
    assert call_key(function(), [Choice(tuple(Known(n, HERE) for n in range(9)), HERE)], {}, 0) is None
