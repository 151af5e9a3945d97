from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from celerylint.cli.group import cli

APP = """\
from celery import Celery
from celery.schedules import crontab

app = Celery("shop", broker="redis://user:hunter2@cache/0")
app.conf.task_acks_late = True
app.conf.task_routes = {"shop.tasks.*": {"queue": "orders"}}
app.conf.beat_schedule = {"nightly": {"task": "shop.tasks.report", "schedule": crontab(hour=3)}}
"""
TASKS = """\
import os

from shop.app import app


@app.task(bind=True, time_limit=30, rate_limit=os.environ["RATE"])
def charge(self, order, *, note=""):
    report.delay()


@app.task(queue="reports")
def report():
    pass


def later(name):
    app.send_task(name)
"""
PROCFILE = "worker: celery -A shop.app worker -Q orders --concurrency 4\n"

Run = Callable[..., Result]


@pytest.fixture
def inspect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    files = {"shop/app.py": APP, "shop/tasks.py": TASKS, "Procfile": PROCFILE, "shop/__init__.py": ""}
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)

    def run(*arguments: str, **how: Any) -> Result:
        return CliRunner().invoke(cli, ["inspect", *arguments], catch_exceptions=False, **how)

    return run


@pytest.fixture
def found(inspect: Run) -> Any:
    result = inspect("--output", "json")
    assert result.exit_code == 0
    return json.loads(result.stdout)


def test_the_keys_that_tools_rest_on(found: Any) -> None:
    assert {
        "apps", "tasks", "calls", "settings", "schedule", "routes", "queues", "processes", "blind_spots",
    } <= set(found)  # fmt: skip
    assert {"name", "path", "line", "signature", "options"} <= set(found["tasks"][0])
    assert {"name", "value", "path", "line"} <= set(found["settings"][0])
    assert {"name", "task", "path", "line"} <= set(found["schedule"][0])
    assert {"reason", "path", "line"} <= set(found["blind_spots"][0])


def test_tasks_have_effective_options_with_their_origin(found: Any) -> None:
    charge, report = found["tasks"]
    assert (charge["name"], charge["path"], charge["line"]) == ("shop.tasks.charge", "shop/tasks.py", 6)
    assert charge["signature"] == "(order, *, note=...)"
    options = charge["options"]
    assert (options["time_limit"]["value"], options["time_limit"]["origin"]) == (30, "decorator")
    assert (options["acks_late"]["value"], options["acks_late"]["origin"]) == (True, "setting `task_acks_late`")
    assert (options["max_retries"]["value"], options["max_retries"]["origin"]) == (3, "Celery's default")
    assert (options["queue"]["value"], options["queue"]["origin"]) == ("orders", "route `shop.tasks.*`")
    assert "unknown" in options["rate_limit"]["value"]
    assert (report["options"]["queue"]["value"], report["options"]["queue"]["origin"]) == ("reports", "decorator")


def test_the_other_nouns(found: Any) -> None:
    assert [(app["name"], app["main"], app["path"], app["line"]) for app in found["apps"]] == [
        ("app", "shop", "shop/app.py", 4)
    ]
    assert [(call["how"], call["task"], call["resolved"]) for call in found["calls"]] == [
        ("delay", "shop.tasks.report", True),
        ("send_task", None, False),
    ]
    assert [call["arguments_compared"] for call in found["calls"]] == [True, False]
    [entry] = found["schedule"]
    assert (entry["name"], entry["task"], entry["schedule"]) == ("nightly", "shop.tasks.report", "crontab(hour=3)")
    [route] = found["routes"]
    assert (route["pattern"], route["kind"], route["target"]) == ("shop.tasks.*", "glob", {"queue": "orders"})
    [process] = found["processes"]
    assert (process["kind"], process["queues"], process["concurrency"]) == ("worker", ["orders"], 4)
    orders = next(queue for queue in found["queues"] if queue["name"] == "orders")
    assert orders["consumers"] == ["worker"] and orders["producers"][0]["what"] == "route `shop.tasks.*`"


def test_passwords_are_not_shown(inspect: Run) -> None:
    assert "hunter2" not in inspect("--output", "json").stdout
    settings = json.loads(inspect("--output", "json").stdout)["settings"]
    assert next(one["value"] for one in settings if one["name"] == "broker_url") == "redis://user:********@cache/0"


@pytest.mark.parametrize("width", [80, 200])
def test_tables_fit_the_terminal(inspect: Run, width: int) -> None:
    result = inspect(env={"COLUMNS": str(width)})
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert all(len(line) <= width for line in lines)
    for title in ("1 app", "2 tasks", "2 queues", "1 schedule entry", "1 process"):
        assert title in lines
    text = " ".join(result.stdout.split())
    assert "for every task: acks_late=True (setting `task_acks_late`)" in text
    assert "time_limit=30" in text and "(order, *, note=...) shop/tasks.py:6" in text
    assert "crontab(hour=3)" in text and "worker, concurrency 4" in text
    assert "2 calls: the arguments of 1 were compared with the task's" in text


def test_one_task_whole(inspect: Run) -> None:
    for name in ("shop.tasks.report", "report"):
        text = " ".join(inspect(name).stdout.split())
        assert text.startswith("shop.tasks.report () shop/tasks.py:11 option value from queue 'reports' decorator")
        assert "1 call how where delay shop/tasks.py:8" in text
        assert "crontab(hour=3)" in text
    [task] = json.loads(inspect("report", "--output", "json").stdout)["tasks"]
    assert task["name"] == "shop.tasks.report"


def test_a_task_that_is_not_there(inspect: Run) -> None:
    result = inspect("reprot")
    assert result.exit_code == 2
    assert result.stderr == (
        'celerylint: "reprot" is neither a folder nor a task of this project; did you mean "report"?\n'
    )


def test_a_name_that_means_several_tasks(inspect: Run, tmp_path: Path) -> None:
    (tmp_path / "more.py").write_text("from celery import shared_task\n\n\n@shared_task\ndef report():\n    pass\n")
    result = inspect("report")
    assert result.exit_code == 2
    assert '"report" means several tasks: more.report, shop.tasks.report' in result.stderr


def test_a_folder(inspect: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / ".git").mkdir(parents=True)
    result = inspect("other")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"celerylint: no Celery found under {other}\n"
