"""What beat sends for entries of the same work."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from celery import Celery
from celery.beat import Scheduler
from celery.schedules import crontab, schedule
from harness import make_app, queued

DAY = datetime(2026, 3, 2, tzinfo=timezone.utc)


def shop_app(**settings: Any) -> Celery:
    app = make_app(**settings)

    @app.task(name="shop.report")
    def report(*args: str) -> None:
        """Never runs."""

    return app


def cron(hour: str) -> Any:
    """A crontab at full hours whose clock is `CLOCK`."""
    return crontab(minute=0, hour=hour, nowfun=lambda: CLOCK[0])


CLOCK = [DAY]


def sent_at(hour: int, entries: dict[str, dict[str, Any]]) -> list[list[Any]]:
    """The arguments of the messages that a real scheduler sends at a full hour when it last ran half an hour before."""
    app = shop_app(beat_schedule=entries)
    CLOCK[0] = DAY + timedelta(hours=hour, seconds=1)
    scheduler = Scheduler(app=app)
    for name in entries:
        scheduler.schedule[name].last_run_at = CLOCK[0] - timedelta(minutes=30)
    for _ in range(20):  # a tick sends one message at most
        scheduler.tick()
    scheduler.close()
    return [m.args for m in queued() if m.task == "shop.report"]


def entry(hour: str, *args: str) -> dict[str, Any]:
    return {"task": "shop.report", "schedule": cron(hour), "args": args}


@pytest.mark.parametrize(("hour", "messages"), [(3, 2), (6, 1), (4, 0)])
def test_entries_whose_schedules_meet_send_two_messages_then(hour: int, messages: int) -> None:
    assert sent_at(hour, {"nightly-report": entry("3"), "report": entry("*/3")}) == [[]] * messages


def test_entries_with_other_arguments_are_other_work() -> None:
    assert sorted(sent_at(3, {"north": entry("3", "north"), "south": entry("3", "south")})) == [["north"], ["south"]]


def test_entries_that_never_meet_send_one_message_each_time() -> None:
    assert sent_at(3, {"early": entry("3"), "late": entry("5")}) == [[]]
    assert sent_at(5, {"early": entry("3"), "late": entry("5")}) == [[], []], "one more than before"


def test_equal_intervals_send_two_messages() -> None:
    every = schedule(60, nowfun=lambda: CLOCK[0])
    entries = {key: {"task": "shop.report", "schedule": every} for key in ("one", "two")}
    assert sent_at(3, entries) == [[], []]


def test_a_key_written_twice_keeps_the_second_entry() -> None:
    first, second = {"task": "shop.report", "schedule": cron("3")}, {"task": "shop.report", "schedule": cron("5")}
    entries = eval("{'report': first, 'report': second}", {"first": first, "second": second})
    assert entries == {"report": second}
    assert sent_at(3, entries) == []
    assert sent_at(5, entries) == [[]]


def periodic(app: Celery) -> dict[str, Any]:
    """The entries that a scheduler of the app really has, without Celery's own."""
    scheduler = Scheduler(app=app)
    found = {key: e for key, e in scheduler.schedule.items() if e.task == "shop.report"}
    scheduler.close()
    return found


def test_an_equal_signature_without_a_name_replaces_the_first() -> None:
    app = shop_app()
    app.add_periodic_task(60.0, app.tasks["shop.report"].s("north"))
    app.add_periodic_task(60.0, app.tasks["shop.report"].s("north"))
    assert len(periodic(app)) == 1


def test_it_is_replaced_whatever_its_schedule() -> None:
    """The first never runs, though the two would never have met."""
    app = shop_app()
    app.add_periodic_task(crontab(minute=0, hour=3), app.tasks["shop.report"].s())
    app.add_periodic_task(crontab(minute=0, hour=5), app.tasks["shop.report"].s())
    (kept,) = periodic(app).values()
    assert kept.schedule.hour == {5}


@pytest.mark.parametrize("second", [{"name": "again"}, {"args": ("south",)}])
def test_a_name_or_another_argument_keeps_both(second: dict[str, Any]) -> None:
    app = shop_app()
    signature = app.tasks["shop.report"].s
    app.add_periodic_task(60.0, signature("north"))
    app.add_periodic_task(60.0, signature(*second.get("args", ("north",))), name=second.get("name"))
    assert len(periodic(app)) == 2
