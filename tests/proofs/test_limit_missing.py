"""Where a time limit comes from, and what happens without one."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from celery.concurrency.solo import TaskPool
from celery.exceptions import TimeLimitExceeded
from harness import finished, make_app, notes, send, until, worker, worker_process, write_project

NONE = (None, None)


class WatchedPool(TaskPool):  # type: ignore[misc]
    """Runs tasks in the worker's thread and keeps the (soft, hard) limits with which it was asked to run each."""

    asked: tuple[Any, Any] | None = None

    def apply_async(self, target: Any, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        self.asked = options.get("soft_timeout"), options.get("timeout")
        return super().apply_async(target, args, kwargs, **options)

    @property
    def default(self) -> tuple[Any, Any]:
        """The (soft, hard) limits for tasks that are given none."""
        return self.options["soft_timeout"], self.options["timeout"]


def limits(
    *, base: dict[str, Any] | None = None, command: dict[str, Any] | None = None, call: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None, **options: Any,
) -> tuple[Any, Any]:  # fmt: skip
    """The limits of one message and of the pool that runs it, as the pool of a real worker sees them."""
    app = make_app(**(settings or {}))
    if base is not None:
        options["base"] = type("Base", (app.Task,), base)

    @app.task(name="shop.resize", **options)
    def resize() -> None:
        """Returns at once."""

    result = resize.apply_async(**(call or {}))
    with worker(app, pool=WatchedPool, **(command or {})) as running:
        finished(result)
        return running.pool.asked, running.pool.default


def test_celery_has_no_default_limit() -> None:
    app = make_app()
    assert (app.conf.task_soft_time_limit, app.conf.task_time_limit) == NONE
    assert (app.Task.soft_time_limit, app.Task.time_limit) == NONE
    assert limits() == (NONE, NONE)


BOTH = {"soft_time_limit": 50, "time_limit": 60}


@pytest.mark.parametrize("layer", [
    {"soft_time_limit": 50, "time_limit": 60},
    {"base": BOTH},
    {"settings": {"task_annotations": {"shop.resize": BOTH}}},
    {"settings": {"task_annotations": {"*": BOTH}}},
    {"call": BOTH},
], ids=["decorator", "base class", "annotation", "annotation of all", "call"])  # fmt: skip
def test_a_layer_of_the_task_limits_its_messages(layer: dict[str, Any]) -> None:
    assert limits(**layer) == ((50, 60), NONE)


@pytest.mark.parametrize("layer", [
    {"settings": {"task_soft_time_limit": 50, "task_time_limit": 60}},
    {"command": BOTH},
], ids=["setting", "worker command"])  # fmt: skip
def test_a_layer_of_the_worker_limits_what_has_no_limit_of_its_own(layer: dict[str, Any]) -> None:
    assert limits(**layer) == (NONE, (50, 60))


def test_a_limit_of_another_task_does_not_reach_this_one() -> None:
    assert limits(settings={"task_annotations": {"shop.other": BOTH}}) == (NONE, NONE)


def test_a_call_that_never_returns_holds_its_slot() -> None:
    app = make_app()
    hung, release = threading.Event(), threading.Event()

    @app.task(name="shop.hang")
    def hang() -> None:
        hung.set()
        release.wait(30)

    @app.task(name="shop.quick")
    def quick() -> str:
        return "done"

    hang.delay()
    waiting = quick.delay()
    with worker(app):
        try:
            assert hung.wait(5)
            time.sleep(0.1)
            assert waiting.state == "PENDING", "nothing runs any more and no error is reported"
        finally:
            release.set()
        assert finished(waiting) == "done"


@pytest.mark.parametrize("pool", ["solo", "threads"])
def test_solo_and_threads_enforce_no_limit(pool: str) -> None:
    app = make_app(task_time_limit=0.05, task_soft_time_limit=0.02)

    @app.task(name="shop.slow", time_limit=0.05, soft_time_limit=0.02)
    def slow() -> str:
        time.sleep(0.2)
        return "done"

    result = slow.delay()
    with worker(app, pool=pool):
        assert finished(result) == "done"


def test_the_prefork_pool_enforces_its_own_limit_and_that_of_the_task(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        """
from celery.signals import task_failure

@task_failure.connect(weak=False)
def failed(sender, exception, **_):
    note(f"{sender.name} {type(exception).__name__}")

@app.task(name="of-the-worker")
def of_the_worker():
    time.sleep(60)

@app.task(name="of-the-task", time_limit=0.3)
def of_the_task():
    time.sleep(60)

@app.task(name="quick", time_limit=60)
def quick():
    note("quick")
""",
    )
    with worker_process(tmp_path, "-P", "prefork", "-c", "2", "--time-limit", "0.6"):
        send(tmp_path, "of_the_task.delay()", "of_the_worker.delay()", "quick.delay()")
        until(lambda: len(notes(tmp_path)) >= 3, patience=45)
    name = TimeLimitExceeded.__name__
    assert sorted(notes(tmp_path)) == [f"of-the-task {name}", f"of-the-worker {name}", "quick"]
