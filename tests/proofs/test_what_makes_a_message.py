"""Which lines put a message into the queue, and which only look as if they did."""

from __future__ import annotations

from typing import Any

import pytest
from celery import chain, chord, group
from harness import make_app, queued
from kombu.exceptions import EncodeError


class Shop:
    """An app with a task that notes what it is run with, and a plain function."""

    def __init__(self, **options: Any) -> None:
        self.app = make_app()
        self.ran: list[tuple[Any, ...]] = []

        @self.app.task(name="shop.charge", **options)
        def charge(*args: Any) -> None:
            self.ran.append(args)

        self.charge = charge


def build_report(month: str) -> None:
    """Takes a month, and is no task."""


@pytest.mark.parametrize("method", ["delay", "apply_async", "s", "si"])
def test_a_plain_function_has_no_method_of_a_task(method: str) -> None:
    with pytest.raises(AttributeError, match=f"'function' object has no attribute '{method}'"):
        getattr(build_report, method)("may")
    assert queued() == []
    task = make_app().task(name="shop.build_report")(build_report)
    task.delay("may")
    assert [m.args for m in queued()] == [["may"]]


@pytest.mark.parametrize("method", ["delay", "apply_async", "s"])
def test_a_called_task_runs_and_its_result_cannot_be_sent(method: str) -> None:
    shop = Shop()
    with pytest.raises(AttributeError, match=f"'NoneType' object has no attribute '{method}'"):
        getattr(shop.charge(1), method)()
    assert shop.ran == [(1,)]
    assert queued() == []
    shop.charge.delay(1)
    assert [m.args for m in queued()] == [[1]]


def test_what_is_built_and_dropped_is_not_sent() -> None:
    charge = Shop().charge
    for _built in (
        charge.s(1),
        charge.si(1),
        charge.signature((1,)).set(queue="payments"),
        charge.delay,
        charge.s(1).apply_async,
        charge.chunks([(1,), (2,)], 1),
        charge.si(1) | charge.si(2),
        chain(charge.si(1), charge.si(2)),
        group(charge.si(1), charge.si(2)),
        chord([charge.si(1)]),
    ):
        assert queued() == queued("payments") == []
    charge.s(1).delay()
    chain(charge.si(2), charge.si(3)).delay()
    assert [m.args for m in queued()] == [[1], [2]]


@pytest.mark.parametrize("attribute", ["aply_async", "async_apply", "requests", "update_status", "dealy"])
def test_a_task_has_only_what_a_task_has(attribute: str) -> None:
    with pytest.raises(AttributeError, match=f"has no attribute '{attribute}'"):
        getattr(Shop().charge, attribute)


def test_an_option_of_the_decorator_is_an_attribute_of_the_task() -> None:
    assert Shop(tariff="night").charge.tariff == "night"


def test_a_decorator_that_retries_what_it_wraps_hides_the_failure_by_another() -> None:
    app = make_app()

    def plain(number: int) -> None:
        raise ConnectionError

    @app.task(name="shop.charge")
    def inner(number: int) -> None:
        try:
            plain(number)
        except ConnectionError as error:
            plain.retry(exc=error)  # type: ignore[attr-defined]

    with pytest.raises(AttributeError, match="'function' object has no attribute 'retry'"):
        inner.apply(args=[1], throw=True)


def test_a_builtin_cannot_be_encoded_and_its_text_is_sent_as_it_is() -> None:
    charge = Shop().charge
    for builtin in (id, type, input, list):
        with pytest.raises(EncodeError):
            charge.delay(builtin)
    assert queued() == []
    charge.delay(str(id))
    charge.delay(f"{type}")
    assert [m.args for m in queued()] == [["<built-in function id>"], ["<class 'type'>"]]


def test_a_called_task_runs_in_place_and_sends_nothing() -> None:
    shop = Shop()
    shop.charge(1)
    assert shop.ran == [(1,)]
    assert queued() == []


def test_swapped_arguments_are_sent_as_they_are_given() -> None:
    app = make_app()

    @app.task(name="shop.assign")
    def assign(order_id: int, user_id: int) -> None:
        """Takes two numbers."""

    user_id, order_id = 7, 1
    assign.delay(user_id, order_id)
    assert [m.args for m in queued()] == [[7, 1]]


def test_send_task_leaves_out_what_the_task_declares_for_its_messages() -> None:
    shop = Shop(queue="payments", expires=60)
    shop.app.send_task("shop.charge", args=[1])
    shop.charge.delay(1)
    assert [m.headers["expires"] for m in queued("celery")] == [None]
    assert [m.headers["expires"] is None for m in queued("payments")] == [False]
