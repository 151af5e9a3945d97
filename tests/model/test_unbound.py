"""Bound tasks without a parameter for the task."""

from __future__ import annotations

import pytest
from in_memory import only, project

from celerylint.model.unbound import unbound

SHOP = """
    from celery import Celery
    app = Celery("shop")

    @app.task(bind=True)
    {function}

    def go():
        {call}
"""


@pytest.mark.parametrize(
    ("function", "call", "lost", "sure"),
    [
        ("def f(): ...", "f.delay()", None, True),
        ("def f(**options): ...", "pass", None, True),
        ("def f(x): ...", "f.delay(1)", "x", True),
        ("def f(x, y=1): ...", "f.delay(x=1)", "x", True),
        ("def f(order_id): print(order_id)", "pass", "order_id", False),
        ("def f(x: int): ...", "pass", "x", False),
    ],
)
def test_the_task_has_no_place(function: str, call: str, lost: str | None, sure: bool) -> None:
    shop = project(shop=SHOP.format(function=function, call=call))
    found = unbound(only(shop), shop)
    assert found is not None
    assert (found.lost, found.sure) == (lost, sure)


@pytest.mark.parametrize(
    ("function", "call"),
    [
        ("def f(self): ...", "f.delay(1)"),
        ("def f(x): ...", "f.delay()"),
        ("def f(x): ...", "pass"),
        ("def f(x): print(x.request.id)", "f.delay(1)"),
        ("def f(order_id: Job): print(order_id)", "pass"),
        ("def f(*args): ...", "f.delay(1)"),
        ("def f(my_task): ...", "f.delay(1)"),
    ],
)
def test_the_task_may_have_one(function: str, call: str) -> None:
    shop = project(shop=SHOP.format(function=function, call=call))
    assert unbound(only(shop), shop) is None
