"""What ``bind=True`` does to a function that has no parameter for the task."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
from harness import finished, make_app, queued, worker


def test_a_task_without_parameters_fails_on_every_call() -> None:
    app = make_app()

    @app.task(bind=True, name="shop.clean")
    def clean() -> None:
        """No parameter for the task."""

    @app.task(bind=True, name="shop.sweep")
    def sweep(**options: Any) -> None:
        """None either."""

    for task in (clean, sweep):
        with pytest.raises(TypeError):
            task.delay()
        with pytest.raises(TypeError):
            task()
    assert queued() == []
    by_name = app.send_task("shop.clean")
    with worker(app):
        assert isinstance(finished(by_name), TypeError)


def test_what_the_function_declares_is_one_argument_too_many() -> None:
    app = make_app()

    @app.task(bind=True, name="shop.charge")
    def charge(order_id: int) -> None:
        """The task lands on ``order_id``."""

    with pytest.raises(TypeError):
        charge.delay(5)
    with pytest.raises(TypeError):
        charge.delay(order_id=5)
    assert queued() == []


def test_where_the_caller_cannot_compare_the_worker_fails() -> None:
    app = make_app()

    def logged(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return wrapper

    @app.task(bind=True, name="shop.charge")
    @logged
    def charge(order_id: int) -> None:
        """The task lands on ``order_id``."""

    sent = charge.delay(5)
    with worker(app):
        assert isinstance(finished(sent), TypeError)


def test_the_first_parameter_gets_the_task() -> None:
    app = make_app()
    seen: list[object] = []

    @app.task(bind=True, name="shop.charge")
    def charge(order_id: int) -> None:
        seen.append(order_id)

    @app.task(bind=True, name="shop.refund")
    def refund(self: object, order_id: int) -> None:
        seen.append(order_id)

    charge.apply()
    refund.apply((5,))
    assert seen == [charge, 5]
