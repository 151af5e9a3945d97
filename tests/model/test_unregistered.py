"""Names that no task is registered under."""

from __future__ import annotations

import pytest
from in_memory import project

from celerylint.model.unregistered import unregistered

TASKS = """
    from celery import Celery
    from shop.work import refresh
    app = Celery("shop")
    {schedule}

    @app.task
    def close_month(): ...

    def renew(): ...
"""
SCHEDULE = 'app.conf.beat_schedule = {"a": {"task": "shop.tasks.close_month", "schedule": 60.0}}'
WORK = """
    from celery import shared_task

    @shared_task
    def refresh(): ...
"""


@pytest.mark.parametrize(
    ("name", "severity", "near"),
    [
        ("shop.tasks_close_month", "error", "shop.tasks.close_month"),
        ("shop.jobs.close_month", "error", "shop.tasks.close_month"),
        ("close_month", "error", "shop.tasks.close_month"),
        ("shop.tasks.refresh", "error", "shop.work.refresh"),
        ("tasks.close_month", "error", "shop.tasks.close_month"),
        ("shop.tasks.renew", "error", None),
        ("shop.tasks.send_letters", "warning", None),
    ],
)
def test_a_name_is_surely_not_registered(name: str, severity: str, near: str | None) -> None:
    found = unregistered(name, project(shop__tasks=TASKS.format(schedule=SCHEDULE), shop__work=WORK))
    assert found is not None
    assert (found.severity, found.near) == (severity, near)


@pytest.mark.parametrize(
    "name",
    [
        "shop.tasks.close_month",
        "celery.chord",
        "refresh",
        "close_month",
        "tasks.close_month",
        "site.shop.tasks.close_month",
        "letters.tasks.send",
        "shop.tasks.app",
    ],
)
def test_somebody_may_register_a_name(name: str) -> None:
    assert unregistered(name, project(shop__tasks=TASKS.format(schedule="pass"), shop__work=WORK)) is None
