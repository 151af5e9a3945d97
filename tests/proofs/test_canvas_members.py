"""What Celery does with a canvas in which something else than a signature stands."""

from __future__ import annotations

from typing import Any

import pytest
from celery import chain, chord, group
from harness import finished, make_app, queued, worker
from kombu.exceptions import EncodeError


def shop() -> tuple[Any, Any, Any, list[Any]]:
    app = make_app()
    log: list[Any] = []

    @app.task(name="load")
    def load(supplier: str = "acme") -> str:
        log.append(supplier)
        return supplier.upper()

    @app.task(name="store")
    def store(prices: Any = None) -> Any:
        return prices

    return app, load, store, log


PLACES = {
    "chain": lambda part, other: chain(part, other).delay(),
    "end of a chain": lambda part, other: chain(other, part).delay(),
    "pipe": lambda part, other: (other | part).delay(),
    "group": lambda part, other: group([part, other]).delay(),
    "body": lambda part, other: chord([other, other], part).delay(),
}


@pytest.mark.parametrize("place", sorted(PLACES))
def test_a_task_that_is_sent_too_early_has_been_sent_when_the_canvas_fails(place: str) -> None:
    _, load, store, _ = shop()
    with pytest.raises((TypeError, AttributeError)):
        PLACES[place](load.delay(), store.s())
    assert "load" in [m.task for m in queued()]


@pytest.mark.parametrize("place", sorted(PLACES))
def test_a_task_that_is_called_has_run_when_the_canvas_fails(place: str) -> None:
    _, load, store, log = shop()
    with pytest.raises((TypeError, AttributeError)):
        PLACES[place](load("acme"), store.s())
    assert log == ["acme"]


def test_a_callback_that_is_sent_cannot_be_attached() -> None:
    _, load, store, _ = shop()
    with pytest.raises(EncodeError):
        load.apply_async(link=store.delay())


def test_a_chord_that_is_called_inside_a_chain_is_sent_at_once() -> None:
    _, load, store, _ = shop()
    with pytest.raises(TypeError):
        chain(chord([load.s(), load.s()])(store.s()), store.s())
    assert [m.task for m in queued()] == ["load", "load"]


@pytest.mark.parametrize("place", sorted(PLACES))
def test_a_task_itself_is_no_signature(place: str) -> None:
    _, load, store, _ = shop()
    with pytest.raises((TypeError, AttributeError)):
        PLACES[place](load, store.s())
    with pytest.raises((TypeError, AttributeError)):
        PLACES[place](load.s, store.s())
    assert queued() == []


def test_a_task_itself_is_no_callback() -> None:
    _, load, store, _ = shop()
    for how in ("link", "link_error"):
        with pytest.raises(EncodeError):
            load.apply_async(**{how: store})
    assert queued() == []


def test_the_header_of_a_chord_takes_tasks() -> None:
    app, load, store, _ = shop()
    with worker(app):
        assert finished(chord([load, load])(store.s())) == ["ACME", "ACME"]


def test_a_header_that_is_spread_loses_its_second_task_to_the_body() -> None:
    app, load, store, log = shop()
    header = [load.s("acme"), load.s("best")]
    with worker(app):
        assert finished(chord(*header)(store.s())) == ["ACME"]
    assert log == ["acme"], "the second task never runs"
    with pytest.raises(KeyError):
        chord(*header, load.s("cheap"))()


def test_beat_gets_no_task_from_a_task_that_was_sent() -> None:
    app, load, _, log = shop()
    app.add_periodic_task(60.0, load.delay(), name="load")
    assert [m.task for m in queued()] == ["load"], "sent once, when the schedule is made"
    assert app.conf.beat_schedule["load"]["task"] != "load"
    with pytest.raises(AttributeError):
        app.add_periodic_task(60.0, load(), name="load")
    assert log == ["acme"], "run once, when the schedule is made"
    app.add_periodic_task(60.0, load.s(), name="load")
    assert app.conf.beat_schedule["load"]["task"] == "load"
