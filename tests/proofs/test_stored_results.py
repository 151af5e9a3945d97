"""What becomes of return values and exceptions that the result serializer cannot keep."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from harness import finished, make_app, until, worker
from pydantic import BaseModel


class PaymentDeclined(Exception):
    """An exception that keeps less than it takes."""

    def __init__(self, code: int, detail: str) -> None:
        self.code = code
        super().__init__(f"{code}: {detail}")


class CardExpired(Exception):
    """An exception that keeps all that it takes."""

    def __init__(self, code: int, detail: str) -> None:
        self.code = code
        super().__init__(code, detail)


class Order(BaseModel):
    """A pydantic model."""

    number: int


VALUES: dict[str, Any] = {"set": {1}, "exception": ValueError("x"), "object": object(), "set in a list": [{1}]}


@pytest.mark.parametrize("what", VALUES)
def test_a_result_that_cannot_be_stored_fails_the_task_after_its_body_ran(what: str) -> None:
    app = make_app()
    runs: list[int] = []

    @app.task(name="shop.reprice")
    def reprice() -> Any:
        runs.append(1)
        return VALUES[what]

    result = reprice.delay()
    with worker(app):
        error = finished(result)
    assert (runs, result.state) == ([1], "FAILURE")
    assert "not JSON serializable" in str(error)


def test_a_model_instance_cannot_be_stored(shop: ModuleType) -> None:
    app = make_app()

    @app.task(name="shop.make")
    def make() -> Any:
        return shop.Order(total=1)

    result = make.delay()
    with worker(app):
        finished(result)
    assert result.state == "FAILURE"


def test_nothing_is_wrong_where_the_result_is_ignored() -> None:
    app = make_app()
    done: list[int] = []

    @app.task(name="shop.reprice", ignore_result=True)
    def reprice() -> Any:
        done.append(1)
        return {1}

    result = reprice.delay()
    with worker(app):
        until(lambda: done)
    assert result.state == "PENDING"


def test_lists_and_results_of_other_tasks_can_be_stored() -> None:
    app = make_app()

    @app.task(name="shop.other")
    def other() -> int:
        return 1

    @app.task(name="shop.listed")
    def listed() -> Any:
        return sorted({2, 1})

    @app.task(name="shop.sent")
    def sent() -> Any:
        return other.delay()

    results = [listed.delay(), sent.delay()]
    with worker(app):
        for result in results:
            finished(result)
    assert [result.state for result in results] == ["SUCCESS", "SUCCESS"]


def test_a_pydantic_model_is_dumped_where_celery_is_told_so() -> None:
    app = make_app()

    def make() -> Order:
        return Order(number=1)

    results = [app.task(name=f"shop.make{told}", pydantic=told)(make).delay() for told in (True, False)]
    with worker(app):
        for result in results:
            finished(result)
    assert [result.state for result in results] == ["SUCCESS", "FAILURE"]
    assert results[0].result == {"number": 1}


@pytest.mark.parametrize("error", [PaymentDeclined, CardExpired])
def test_an_exception_is_built_again_only_from_all_that_it_takes(error: type[Exception]) -> None:
    app = make_app()

    @app.task(name="shop.charge")
    def charge() -> None:
        raise error(51, "no funds")

    result = charge.delay()
    with worker(app):
        got = finished(result)
    assert isinstance(got, error) is (error is CardExpired)
