"""The harness shows what production does where Celery's own testing tools do not."""

from __future__ import annotations

from typing import Any

from celery import _state, current_app
from harness import finished, forget_everything, make_app, queued, worker


def test_the_guard_against_get_in_a_task_is_in_force() -> None:
    app = make_app()

    @app.task(name="shop.inner")
    def inner() -> int:
        return 1

    @app.task(name="shop.outer")
    def outer() -> Any:
        return inner.delay().get(timeout=1)

    result = outer.delay()
    with worker(app):
        error = finished(result)
    assert isinstance(error, RuntimeError)
    assert "Never call result.get() within a task" in str(error)
    assert not _state.task_join_will_block()


def test_a_worker_leaves_the_current_app_as_it_was() -> None:
    before = current_app._get_current_object()
    with worker(make_app()) as running:
        assert current_app._get_current_object() is running.app
    assert current_app._get_current_object() is before


def test_an_app_has_its_own_tasks_only() -> None:
    first, second = make_app(), make_app()

    @first.task(name="shop.first")
    def task() -> None:
        """Never runs."""

    second.finalize()
    assert "shop.first" in first.tasks
    assert "shop.first" not in second.tasks


def test_messages_can_be_looked_at_and_are_forgotten() -> None:
    app = make_app()
    app.send_task("shop.one", args=[1], kwargs={"a": None})
    app.send_task("shop.two", queue="mail")
    (one,), (two,) = queued(), queued("mail")
    assert (one.task, one.args, one.kwargs, one.content_type) == ("shop.one", [1], {"a": None}, "application/json")
    assert two.task == "shop.two"
    forget_everything()
    assert queued() == queued("mail") == queued("none") == []
    make_app().send_task("shop.three")
    assert [m.task for m in queued()] == ["shop.three"]
