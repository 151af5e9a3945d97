"""What Celery puts before the arguments of a signature, and what comes of it when the task has no room."""

from __future__ import annotations

from typing import Any

import pytest
from celery import Celery, chain, chord
from harness import finished, idle, make_app, queued, until, worker

pytestmark = pytest.mark.filterwarnings("ignore:Exception raised outside body")


class Shop:
    """Tasks that note how they were called."""

    def __init__(self, **settings: Any) -> None:
        self.app: Celery = make_app(**settings)
        self.log: list[tuple[Any, ...]] = []
        log = self.log

        @self.app.task(name="load")
        def load(supplier: str) -> str:
            log.append(("load", supplier))
            return supplier.upper()

        @self.app.task(name="refresh")
        def refresh() -> str:
            log.append(("refresh",))
            return "refreshed"

        @self.app.task(name="store")
        def store(prices: Any, currency: str) -> None:
            log.append(("store", prices, currency))

        @self.app.task(name="fail")
        def fail() -> None:
            raise KeyError("price")

        self.load, self.refresh, self.store, self.fail = load, refresh, store, fail


def test_a_step_without_room_for_the_result_marks_the_task_before_it_as_failed() -> None:
    shop = Shop()
    with worker(shop.app):
        result = chain(shop.load.s("acme"), shop.refresh.s()).delay()
        first, second = finished(result.parent), finished(result)
    assert shop.log == [("load", "acme")], "the second task never runs"
    assert isinstance(first, TypeError)
    assert "takes 0 positional arguments but 1 was given" in str(first)
    assert isinstance(second, TypeError)


def test_a_keyword_that_names_the_first_free_parameter_gives_it_twice() -> None:
    shop = Shop()
    with worker(shop.app):
        result = chain(shop.load.s("acme"), shop.store.s(prices="none", currency="EUR")).delay()
        assert "multiple values for argument 'prices'" in str(finished(result))
    assert shop.log == [("load", "acme")]


def test_a_step_that_still_lacks_a_parameter_never_runs() -> None:
    shop = Shop()
    with worker(shop.app):
        result = chain(shop.load.s("acme"), shop.store.s()).delay()
        assert "missing 1 required positional argument" in str(finished(result))


def test_an_immutable_signature_ignores_the_result() -> None:
    shop = Shop()
    with worker(shop.app):
        assert finished(chain(shop.load.s("acme"), shop.store.s("EUR"), shop.refresh.si()).delay()) == "refreshed"
    assert shop.log == [("load", "acme"), ("store", "ACME", "EUR"), ("refresh",)]


def test_a_callback_without_room_for_the_result_marks_its_task_as_failed() -> None:
    shop = Shop()
    with worker(shop.app):
        assert isinstance(finished(shop.load.apply_async(("acme",), link=shop.refresh.s())), TypeError)
    assert shop.log == [("load", "acme")]


def test_the_body_of_a_chord_without_room_for_the_list_fails() -> None:
    shop = Shop()
    with worker(shop.app):
        body = finished(chord([shop.load.s("acme"), shop.load.s("best")])(shop.refresh.s()))
    assert "takes 0 positional arguments but 1 was given" in str(body)
    assert ("refresh",) not in shop.log


# Errbacks


def failing(errback: Any) -> tuple[Any, list[Any]]:
    """The error that a task is stored with, and how its errback was called."""
    shop = Shop()
    calls: list[Any] = []
    signature = errback(shop.app, calls)
    with worker(shop.app):
        result = shop.fail.apply_async(link_error=signature)
        until(lambda: result.ready() and idle())  # the error is stored, then the errback called
    return shop.app.backend.get_task_meta(result.id, cache=False)["result"], calls


def bound_with_three(app: Celery, calls: list[Any]) -> Any:
    @app.task(name="report", bind=True)
    def report(self: Any, request: Any, exc: Any, traceback: Any) -> None:
        calls.append((request, exc))

    return report.s()


def two_parameters(app: Celery, calls: list[Any]) -> Any:
    @app.task(name="report")
    def report(request: Any, exc: Any) -> None:
        calls.append((request, exc))

    return report.s()


def no_parameter(app: Celery, calls: list[Any]) -> Any:
    @app.task(name="report")
    def report() -> None:
        calls.append(())

    return report.s()


def immutable_with_three(app: Celery, calls: list[Any]) -> Any:
    @app.task(name="report")
    def report(request: Any, exc: Any, traceback: Any) -> None:
        calls.append((request, exc))

    return report.si()


def three_parameters(app: Celery, calls: list[Any]) -> Any:
    @app.task(name="report")
    def report(request: Any, exc: Any, traceback: Any) -> None:
        calls.append((type(exc), request.id))

    return report.s()


def one_parameter(app: Celery, calls: list[Any]) -> Any:
    @app.task(name="report")
    def report(task_id: str) -> None:
        calls.append(task_id)

    return report.s()


def any_parameters(app: Celery, calls: list[Any]) -> Any:
    @app.task(name="report", bind=True)
    def report(self: Any, task_id: str, *args: Any) -> None:
        calls.append((task_id, args))

    return report.s()


@pytest.mark.parametrize("errback", [bound_with_three, two_parameters, no_parameter, immutable_with_three])
def test_an_errback_that_does_not_fit_hides_the_error(errback: Any) -> None:
    error, calls = failing(errback)
    assert isinstance(error, TypeError), "the task is stored with the error of its errback"
    assert calls == []


@pytest.mark.parametrize("errback", [three_parameters, one_parameter, any_parameters])
def test_an_errback_that_fits_is_called(errback: Any) -> None:
    error, calls = failing(errback)
    assert isinstance(error, KeyError)
    assert len(calls) == 1
    if errback is three_parameters:
        assert calls[0][0] is KeyError
    if errback is any_parameters:
        assert calls[0][1] == (), "a bound errback gets the id of the task and no more"


# Immutable signatures


def test_an_immutable_signature_drops_what_it_is_sent_with() -> None:
    shop = Shop()
    shop.store.si("none", "EUR").delay("ACME", "USD")
    shop.store.si("none", "EUR").apply_async(("ACME",), {"currency": "USD"})
    assert [(m.args, m.kwargs) for m in queued()] == [(["none", "EUR"], {})] * 2
    with pytest.raises(TypeError, match="missing"):
        shop.store.si("none").delay("EUR")


def test_a_chain_that_begins_with_an_immutable_signature_drops_what_it_is_sent_with() -> None:
    shop = Shop()
    chain(shop.load.si("acme"), shop.refresh.si()).delay("best")
    chain(shop.load.s(), shop.refresh.si()).delay("best")
    assert [m.args for m in queued()] == [["acme"], ["best"]]


# Signatures that are changed in place


def test_set_changes_the_signature_itself_and_link_adds_to_it() -> None:
    shop = Shop()
    shared = shop.load.s("acme")
    assert shared.set(queue="slow") is shared
    assert shared.set(queue="fast").options["queue"] == "fast"
    for queue in ("a", "b"):
        shared.link(shop.refresh.si().set(queue=queue))
    assert len(shared.options["link"]) == 2
    assert shared.clone().set(queue="other").options["queue"] == "other"
    assert shared.options["queue"] == "fast"


def test_the_first_positional_parameter_of_set_is_immutable() -> None:
    shop = Shop()
    signature = shop.load.s().set("slow")
    assert signature.immutable == "slow"
    assert "queue" not in signature.options


def test_what_a_task_before_it_does_not_return_moves_the_arguments_by_one() -> None:
    shop = Shop()
    got: list[Any] = []

    @shop.app.task(name="note")
    def note(supplier: str, currency: str = "EUR") -> None:
        got.append((supplier, currency))

    with worker(shop.app):
        finished(chain(shop.store.s("none", "EUR"), note.s("acme")).delay())
    assert got == [(None, "acme")]
