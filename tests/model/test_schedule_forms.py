"""Schedule entries in the forms in which projects make them."""

from __future__ import annotations

from datetime import timedelta

from in_memory import constant, project, setting, tree

from celerylint.model.project import Project

APP = """
from celery import Celery
from celery.schedules import crontab
app = Celery("shop")
@app.task
def tidy(shelf=None, *, deep=False): pass
@app.task
def count(): pass
"""


def entries(found: Project) -> list[tuple[object, ...]]:
    return [
        (e.key if isinstance(e.key, str) else "?", e.task_name, constant(e.args) or (), constant(e.kwargs) or {})
        for e in found.schedule
    ]


def test_add_periodic_task_with_signatures_of_every_kind() -> None:
    found = project(
        shop=APP
        + """
nightly = tidy.s(7)
@app.on_after_finalize.connect
def plan(sender, **kwargs):
    sender.add_periodic_task(
        crontab(minute=15, hour=2),
        tidy.s("a", deep=True),
        name="one",
    )
    sender.add_periodic_task(crontab(minute=15, hour=2), count.si().set(queue="q"), name="two")
    sender.add_periodic_task(10, nightly, name="three")
    sender.add_periodic_task(10, tidy, ("b",), {"deep": True}, name="four")
    sender.add_periodic_task(10, app.signature("shop.tidy", args=("c",)), name="five")
"""
    )
    assert entries(found) == [
        ("one", "shop.tidy", ("a",), {"deep": True}),
        ("two", "shop.count", (), {}),
        ("three", "shop.tidy", (7,), {}),
        ("four", "shop.tidy", ("b",), {"deep": True}),
        ("five", "shop.tidy", ("c",), {}),
    ]
    assert constant(found.schedule[1].options) == {"queue": "q"}


def test_a_loop_is_one_entry_for_each_pass() -> None:
    found = project(
        shop=APP
        + """
@app.on_after_configure.connect
def plan(sender, **kwargs):
    for shelf, minutes in {"x": 1, "y": 2}.items():
        sender.add_periodic_task(minutes * 60, tidy.s(shelf), name=f"tidy-{shelf}")
    for shelf in unknown():
        sender.add_periodic_task(5, tidy.s(shelf), name=f"more-{shelf}")
"""
    )
    assert [e[:3] for e in entries(found)] == [
        ("tidy-x", "shop.tidy", ("x",)),
        ("tidy-y", "shop.tidy", ("y",)),
        ("?", "shop.tidy", "unknown"),
    ]
    assert [constant(e.schedule) for e in found.schedule] == [60, 120, 5]


def test_a_dict_built_by_a_function_loops_and_conditions() -> None:
    found = project(
        shop=APP
        + """
import os
def plan():
    table = {"first": {"task": "shop.tidy", "schedule": 5}}
    for n in (1, 2):
        table[f"shelf-{n}"] = {"task": "shop.tidy", "schedule": 5, "args": (n,)}
    if os.environ.get("MORE"):
        table["more"] = {"task": "shop.count", "schedule": 5}
    return table
app.conf.beat_schedule = plan()
app.conf.beat_schedule.update({"later": {"task": count.name, "schedule": 5}})
"""
    )
    assert [e[:3] for e in entries(found)] == [
        ("first", "shop.tidy", ()),
        ("shelf-1", "shop.tidy", (1,)),
        ("shelf-2", "shop.tidy", (2,)),
        ("more", "shop.count", ()),
        ("later", "shop.count", ()),
    ]


def test_rows_of_django_celery_beat_in_fixtures() -> None:
    row = '{"model": "django_celery_beat.periodictask", "pk": %d, "fields": {"name": "%s", "task": "shop.tidy", %s}}'
    rows = [
        '{"model": "django_celery_beat.intervalschedule", "pk": 3, "fields": {"every": 5, "period": "minutes"}}',
        row % (1, "on", '"interval": 3,\n "args": "[1, 2]", "kwargs": "{}"'),
        row % (2, "off", '"interval": 3, "enabled": false'),
        row % (3, "elsewhere", '"crontab": 9, "args": "nonsense"'),
    ]
    listed = "[\n " + ",\n ".join(rows) + "\n]"
    found = tree({"shop.py": APP, "shop/fixtures/beat.json": listed, "fixtures/bad.json": "[{"})
    assert entries(found) == [("on", "shop.tidy", (1, 2), {}), ("elsewhere", "shop.tidy", "unknown", {})]
    assert [(constant(e.schedule), e.span.line) for e in found.schedule] == [(timedelta(minutes=5), 3), ("unknown", 6)]


def test_a_replaced_key_that_may_not_be_replaced_is_a_choice() -> None:
    found = project(
        shop="from celery import Celery\nfrom os import environ\nC = {'task_time_limit': 5}\n"
        "if environ.get('SLOW'):\n    C['task_time_limit'] = 50\napp = Celery('x')\napp.conf.update(C)\n"
    )
    assert setting(found, "task_time_limit") == ["unknown"]
