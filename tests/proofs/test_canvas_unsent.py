"""Canvases that are built and never sent."""

from __future__ import annotations

from typing import Any

import pytest
from celery import Celery, chain, group
from harness import finished, make_app, queued, until, worker


def shop(**settings: Any) -> tuple[Celery, Any, Any, list[str]]:
    app = make_app(**settings)
    ran: list[str] = []

    @app.task(name="load")
    def load(supplier: str) -> str:
        ran.append(supplier)
        return supplier.upper()

    @app.task(name="undo")
    def undo(*args: Any) -> None:
        ran.append("undo")

    return app, load, undo, ran


CANVASES = {
    "group": lambda load: group(load.s(supplier) for supplier in ("acme", "best")),
    "chain": lambda load: chain(load.s("acme"), load.si("best")),
    "signature": lambda load: load.s("acme"),
}


@pytest.mark.parametrize("form", sorted(CANVASES))
def test_a_canvas_that_a_task_returns_is_stored_and_not_sent(form: str) -> None:
    app, load, _, ran = shop()

    @app.task(name="load_all")
    def load_all() -> Any:
        return CANVASES[form](load)

    with worker(app):
        stored = finished(load_all.delay())
        finished(load.delay("last"))
    assert stored["task"] in ("celery.group", "celery.chain", "load")
    assert ran == ["last"]


@pytest.mark.parametrize("form", sorted(CANVASES))
def test_a_canvas_that_replaces_the_task_runs(form: str) -> None:
    app, load, _, ran = shop()

    @app.task(name="load_all", bind=True)
    def load_all(self: Any) -> Any:
        return self.replace(CANVASES[form](load))

    @app.task(name="load_all_raised", bind=True)
    def load_all_raised(self: Any) -> Any:
        raise self.replace(CANVASES[form](load))

    for task in (load_all, load_all_raised):
        ran.clear()
        with worker(app):
            finished(task.delay())
            until(lambda: "acme" in ran)


def test_link_error_gives_the_errback() -> None:
    _, load, undo, _ = shop()
    chain(load.s("acme"), load.si("best")).link_error(undo.s()).delay()
    load.s("acme").link(undo.s()).delay()
    assert [m.task for m in queued()] == ["undo", "undo"], "the canvas is never sent"
    chain(load.s("acme"), load.si("best")).on_error(undo.s()).delay()
    assert queued()[-1].task == "load"
    assert isinstance(group(load.s("acme"), load.s("best")).link_error(undo.s()), tuple)


def test_in_eager_mode_replace_gives_a_result_that_cannot_be_raised() -> None:
    app, load, _, ran = shop(task_always_eager=True)

    @app.task(name="returned", bind=True)
    def returned(self: Any) -> Any:
        return self.replace(load.s("acme"))

    @app.task(name="raised", bind=True)
    def raised(self: Any) -> Any:
        raise self.replace(load.s("acme"))

    assert returned.apply().result == "ACME"
    assert isinstance(raised.apply().result, TypeError)
    assert ran == ["acme", "acme"]
