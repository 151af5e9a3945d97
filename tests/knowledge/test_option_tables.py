"""Options of tasks, calls, routes, beat entries and crontabs, compared with the installed libraries."""

from __future__ import annotations

import ast
import inspect
from datetime import timedelta
from typing import Any

import celery
import pytest
from celery import Celery, schedules
from celery.app import autoretry
from celery.app.task import Task
from celery.beat import ScheduleEntry
from kombu import Connection

from celerylint.knowledge import call_options, options, surface
from celerylint.knowledge import schedules as tables
from celerylint.versions import allows

VERSION = celery.__version__


def nothing() -> None:
    """A task's body."""


def app(**conf: Any) -> Celery:
    made = Celery("options", broker="memory://", set_as_current=False)
    made.conf.update(conf)
    return made


def test_every_attribute_of_task_is_known() -> None:
    attributes = {name for name in vars(Task) if not name.startswith("_")} - set(surface.TASK_METHODS) - {"from_config"}
    assert {name for name in attributes if not options.known(name, VERSION)} == set()
    assert {name for name, _ in Task.from_config if not options.known(name, VERSION)} == set()


def test_options_by_version() -> None:
    assert not options.known("pydantic", "5.4.0")
    assert options.known("pydantic", "5.5.0")
    assert options.known("acks_late", "4.0.0")
    assert not options.known("max_retry")
    assert not options.known("retry")


def test_near_misses_lead_from_unknown_to_known() -> None:
    for wrong, right in options.NEAR_MISSES.items():
        assert not options.known(wrong), wrong
        assert options.known(right), right
    for wrong, right in call_options.NEAR_MISSES.items():
        assert wrong not in call_options.APPLY_ASYNC, wrong
        assert right in call_options.APPLY_ASYNC, right
    for wrong, right in call_options.RETRY_NEAR_MISSES.items():
        assert wrong not in call_options.RETRY, wrong
        assert right in call_options.RETRY, right
    for wrong, right in tables.CRONTAB_NEAR_MISSES.items():
        assert wrong not in tables.CRONTAB_FIELDS, wrong
        assert right in tables.CRONTAB_FIELDS, right


@pytest.mark.parametrize("name", ["retry", "delay", "apply_async", "s", "request", "replace"])
def test_shadowing_options_replace_what_they_name(name: str) -> None:
    assert name in options.SHADOWING
    task = app().task(name="shadowed", shared=False, **{name: "shadow"})(nothing)
    assert getattr(task, name) == "shadow"


@pytest.mark.parametrize("name", sorted(options.INERT))
def test_inert_options_reach_no_message(name: str) -> None:
    made = app()
    task = made.task(name="inert", shared=False, **{name: 77})(nothing)
    made.finalize()
    assert 77 not in task._get_exec_options().values()


@pytest.mark.parametrize("name", sorted(call_options.ROUTE_CRASHES))
def test_route_keys_that_crash(name: str) -> None:
    with pytest.raises(TypeError):
        app(task_routes={"t": {name: 1}}).send_task("t")


@pytest.mark.parametrize("name", sorted(call_options.ROUTE_KEYS - {"declare", "retry_policy", "headers"}))
def test_route_keys_that_work(name: str) -> None:
    value = {"serializer": "json", "compression": None, "exchange_type": "direct"}.get(name, 1)
    if name in {"queue", "exchange", "routing_key"}:
        value = "q"
    app(task_routes={"t": {name: value}}).send_task("t")


def test_retry_policy_keys() -> None:
    taken = set(inspect.signature(Connection.ensure).parameters) - {"self", "obj", "fun"}
    assert taken == call_options.RETRY_POLICY


@pytest.mark.parametrize("option", ["countdown", "expires"])
def test_a_timedelta_is_no_number(option: str) -> None:
    task = app().task(name="typed", shared=False)(nothing)
    assert "timedelta" not in call_options.KINDS[option]
    with pytest.raises(TypeError):
        task.apply_async(**{option: timedelta(seconds=1)})


def test_beat_entry_keys() -> None:
    made = app()
    known: dict[str, Any] = {
        "task": "t",
        "schedule": 10,
        "args": (),
        "kwargs": {},
        "options": {},
        "relative": False,
        "name": "n",
        "last_run_at": None,
        "total_run_count": 0,
    }
    assert set(known) == tables.ENTRY_KEYS
    ScheduleEntry(**known, app=made)
    for misplaced in tables.MISPLACED_KEYS:
        with pytest.raises(TypeError):
            ScheduleEntry(task="t", schedule=10, app=made, **{misplaced: 1})
        assert misplaced in call_options.APPLY_ASYNC


@pytest.mark.parametrize("name", tables.CRONTAB_FIELDS)
def test_crontab_fields(name: str) -> None:
    field = tables.CRONTAB_FIELDS[name]
    assert getattr(schedules.crontab(**{name: "*"}), name) == set(range(field.low, field.high + 1))
    assert len(getattr(schedules.crontab(**{name: "*"}), name)) == field.size
    for outside in (field.low - 1, field.high + 1):
        with pytest.raises((ValueError, schedules.ParseException)):
            schedules.crontab(**{name: outside})
    for word, number in field.names.items():
        assert getattr(schedules.crontab(**{name: word}), name) == {number}


def test_crontab_order_and_defaults() -> None:
    assert tuple(tables.CRONTAB_FIELDS) == surface.CRONTAB
    order = tables.FROM_STRING_ORDER
    if not allows(">=5.5", VERSION):
        pytest.skip("from_string came with 5.5")
    made = schedules.crontab.from_string("1 2 3 4 5")
    assert [getattr(made, name) for name in order] == [{1}, {2}, {3}, {4}, {5}]
    for other in tables.CRONTAB_OTHERS:
        schedules.crontab(**{other: None})


def test_solar_events() -> None:
    assert set(tables.SOLAR_EVENTS) == schedules.solar._all_events


def test_autoretry_defaults() -> None:
    tree = ast.parse(inspect.getsource(autoretry.add_autoretry_behaviour))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr"]
    read = [[ast.unparse(argument) for argument in call.args] for call in calls]
    found = {ast.literal_eval(name): ast.literal_eval(default) for _, name, default in read if "task." not in default}
    assert found == options.AUTORETRY_DEFAULTS
    assert all(options.DEFAULTS[name] == default for name, default in found.items())
