"""What becomes of a message whose task nobody registers."""

from __future__ import annotations

from types import ModuleType

import pytest
from celery.beat import Scheduler
from celery.exceptions import NotRegistered
from celery.signals import task_unknown
from harness import finished, make_app, queued, until, worker


def test_the_sender_notices_nothing_and_the_worker_drops_the_message() -> None:
    app = make_app()
    seen: list[str] = []

    def note(name: str, **others: object) -> None:
        seen.append(name)

    @app.task(name="shop.charge_order")
    def charge_order(number: int) -> int:
        return number

    task_unknown.connect(note)
    try:
        lost = app.send_task("shop.charge-order", args=[1])
        right = app.send_task("shop.charge_order", args=[1])
        with worker(app):
            until(lambda: seen)
            assert finished(right) == 1
    finally:
        task_unknown.disconnect(note)
    assert seen == ["shop.charge-order"]
    assert queued() == []
    assert isinstance(lost.result, NotRegistered)


def test_a_name_in_a_signature_is_not_looked_up_either() -> None:
    make_app().signature("shop.charge-order", args=[1]).delay()
    assert [m.task for m in queued()] == ["shop.charge-order"]


def test_a_lookup_among_the_tasks_fails_in_the_sender() -> None:
    with pytest.raises(NotRegistered):
        make_app().tasks["shop.charge-order"].delay(1)
    assert queued() == []


def test_a_module_without_the_task_fails_in_the_sender() -> None:
    with pytest.raises(AttributeError):
        ModuleType("shop.tasks").charge_order.delay(1)
    assert queued() == []


def test_beat_sends_a_name_that_nobody_registers_and_the_worker_drops_it() -> None:
    app = make_app(beat_schedule={"nightly": {"task": "shop.send-report", "schedule": 60.0}})
    seen: list[str] = []

    def note(name: str, **others: object) -> None:
        seen.append(name)

    @app.task(name="shop.send_report")
    def send_report() -> None:
        """Registered under a name that differs in one character."""

    scheduler = Scheduler(app=app)
    for _ in range(2):
        scheduler.apply_async(scheduler.schedule["nightly"], advance=False)
    assert [m.task for m in queued()] == ["shop.send-report"] * 2
    task_unknown.connect(note)
    try:
        with worker(app):
            until(lambda: len(seen) == 2)
    finally:
        task_unknown.disconnect(note)
    assert queued() == []


def test_a_function_without_decorator_is_not_registered() -> None:
    app = make_app()

    def renew() -> None:
        """No task."""

    assert f"{__name__}.{renew.__name__}" not in app.tasks
    lost = app.send_task(f"{__name__}.{renew.__name__}")
    with worker(app):
        assert isinstance(finished(lost), NotRegistered)
