"""Groups and chords: which backends can do them, what they pass on, and what becomes of callbacks and generators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from celery import Celery, chain, chord, group, signals
from celery.exceptions import ImproperlyConfigured
from harness import finished, idle, make_app, queued, until, worker


def shop(**settings: Any) -> tuple[Celery, Any, Any, list[Any]]:
    app = make_app(**settings)
    got: list[Any] = []

    @app.task(name="load")
    def load(supplier: str) -> str:
        return supplier.upper()

    @app.task(name="store")
    def store(prices: Any) -> Any:
        got.append(prices)
        return prices

    return app, load, store, got


@pytest.mark.parametrize("backend", ["disabled://", "rpc://"])
def test_a_backend_without_chords_refuses_every_form_of_them(backend: str) -> None:
    _, load, store, _ = shop(result_backend=backend)
    both = [load.s("acme"), load.s("best")]
    for canvas in (chord(both, store.s()), group(both) | store.s(), chain(group(both), store.s())):
        with pytest.raises(NotImplementedError):
            canvas.delay()
    assert queued() == []
    group(both).delay()
    chain(load.s("acme"), store.s()).delay()
    assert [m.task for m in queued()] == ["load", "load", "load"]


def test_a_group_that_replaces_a_task_needs_a_backend_too() -> None:
    app, load, _, _ = shop(result_backend="disabled://")
    raised: list[BaseException] = []

    @app.task(name="load_all", bind=True)
    def load_all(self: Any) -> None:
        try:
            self.replace(group(load.s("acme"), load.s("best")))
        except NotImplementedError as error:
            raised.append(error)

    load_all.delay()
    with worker(app):
        until(lambda: raised)


def header_that_ignores(backend: str, **settings: Any) -> tuple[Celery, Any, list[Any]]:
    app, _, store, got = shop(result_backend=backend, **settings)

    @app.task(name="quiet", ignore_result=True)
    def quiet(supplier: str) -> str:
        return supplier.upper()

    return app, chord([quiet.s("acme"), quiet.s("best")], store.s()), got


def test_a_counting_backend_times_out_on_a_header_that_ignores_its_result() -> None:
    app, canvas, got = header_that_ignores("cache+memory://", result_chord_join_timeout=0.1)
    body = canvas.delay()
    with worker(app):
        assert "timed out" in str(finished(body))
    assert got == []


def test_a_polling_backend_waits_for_ever_for_a_header_that_ignores_its_result(tmp_path: Path) -> None:
    app, canvas, got = header_that_ignores(tmp_path.as_uri())
    attempts: list[str] = []

    def note(request: Any, **kwargs: Any) -> None:
        attempts.append(request.task)

    signals.task_retry.connect(note)
    try:
        body = canvas.apply_async(countdown=0, interval=0)
        with worker(app):
            until(lambda: len(attempts) > 5)
            assert not body.ready()
            app.tasks["celery.chord_unlock"].max_retries = 0  # or it would keep this worker busy
    finally:
        signals.task_retry.disconnect(note)
    assert set(attempts) == {"celery.chord_unlock"}
    assert got == []


def test_redis_is_content_with_a_header_that_ignores_its_result(redis_url: str) -> None:
    app, canvas, got = header_that_ignores(redis_url)
    body = canvas.delay()
    with worker(app):
        assert finished(body) == ["ACME", "BEST"]
    assert got == [["ACME", "BEST"]]


def test_a_chain_unrolls_a_group_of_one_and_a_chord_does_not() -> None:
    app, load, store, got = shop()
    one = [load.s("acme")]
    with worker(app):
        finished(chain(group(one), store.s()).delay())
        finished((group(one) | store.s()).delay())
        finished(chord(one, store.s()).delay())
        finished(chain(group(load.s("acme"), load.s("best")), store.s()).delay())
    assert got == ["ACME", ["ACME"], ["ACME"], ["ACME", "BEST"]]


def test_groups_and_chords_refuse_callbacks_when_they_are_sent() -> None:
    _, load, store, _ = shop()
    both = [load.s("acme"), load.s("best")]
    for canvas in (group(both), chord(both, store.s()), group(both) | store.s() | store.s()):
        for how in ("link", "link_error"):
            with pytest.raises(TypeError, match="Cannot add link to group"):
                canvas.apply_async(**{how: store.s()})
    with pytest.raises(TypeError, match="Cannot add link to group"):
        chord(both)(store.s(), link_error=store.s())
    assert queued() == []
    chain(load.s("acme"), store.s()).apply_async(link_error=store.s())
    assert [m.task for m in queued()] == ["load"]


def test_a_callback_of_a_group_belongs_to_its_first_task() -> None:
    _, load, store, _ = shop()
    canvas = group(load.s("acme"), load.s("best"))
    canvas.link(store.s())
    first, second = canvas.tasks
    assert [link.immutable for link in first.options["link"]] == [True]
    assert "link" not in second.options


def test_a_keyword_for_a_group_is_an_option() -> None:
    app, _, _, _ = shop()

    @app.task(name="price")
    def price(supplier: str, currency: str = "EUR") -> None:
        pass

    group(price.s("acme"), price.s("best"))(currency="USD")
    assert [m.kwargs for m in queued()] == [{}, {}]
    chain(price.s("acme"), price.si("best"))(currency="USD")
    assert queued()[-1].kwargs == {"currency": "USD"}


def test_a_generator_that_is_used_up_gives_an_empty_group() -> None:
    _, load, store, _ = shop()
    signatures = (load.s(supplier) for supplier in ("acme", "best"))
    assert len(list(signatures)) == 2
    assert group(signatures).delay().results == []
    assert queued() == []
    again = (load.s(supplier) for supplier in ("acme", "best"))
    group(again).delay()
    chord(again, store.s()).delay()
    assert [m.task for m in queued()] == ["load", "load", "store"], "the body runs with nothing before it"


def test_a_chain_without_tasks_gives_none() -> None:
    app, _, _, _ = shop()
    nothing: list[Any] = []
    assert chain(nothing).delay() is None
    assert chain(*nothing)() is None
    assert group(nothing).delay().results == []
    raised: list[BaseException] = []

    @app.task(name="load_all", bind=True)
    def load_all(self: Any) -> None:
        try:
            self.replace(chain(nothing))
        except ImproperlyConfigured as error:
            raised.append(error)

    load_all.delay()
    with worker(app):
        until(lambda: raised and idle())


def test_map_runs_all_items_in_one_task() -> None:
    _, load, _, _ = shop()
    load.map(["acme", "best"]).delay()
    load.starmap([("acme",), ("best",)]).delay()
    load.chunks([("acme",), ("best",), ("cheap",)], 2).delay()
    assert [m.task for m in queued()] == ["celery.map", "celery.starmap", "celery.starmap", "celery.starmap"]
