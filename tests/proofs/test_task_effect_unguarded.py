"""How often an effect is made by a task that can run twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from celery.bootsteps import TERMINATE
from celery.exceptions import WorkerTerminate
from celery.worker import state as worker_state
from harness import (
    finished,
    idle,
    make_app,
    notes,
    queued,
    send,
    until,
    worker,
    worker_process,
    write_project,
)


@pytest.mark.parametrize("how", ["autoretry", "self.retry"])
@pytest.mark.parametrize("first", ["effect", "call"])
def test_a_retry_repeats_what_comes_before_the_failure_and_nothing_after_it(how: str, first: str) -> None:
    app = make_app()
    mails: list[int] = []
    options = {"autoretry_for": (ConnectionError,)} if how == "autoretry" else {}

    def post(attempt: int) -> None:
        """The call that fails once."""
        if attempt == 0:
            raise ConnectionError("away")

    @app.task(name="shop.ship", bind=True, default_retry_delay=0, **options)
    def ship(self: Any, order_id: int) -> str:
        if first == "effect":
            mails.append(order_id)
        try:
            post(self.request.retries)
        except ConnectionError as error:
            if how == "autoretry":
                raise
            raise self.retry(exc=error) from error
        if first == "call":
            mails.append(order_id)
        return "shipped"

    result = ship.delay(7)
    with worker(app):
        assert finished(result) == "shipped"
    assert mails == ([7, 7] if first == "effect" else [7])


def test_a_task_sent_last_is_sent_once() -> None:
    """The good example: the effect is a task of its own, sent after everything that can fail."""
    app = make_app()
    runs: list[int] = []

    @app.task(name="shop.tell")
    def tell(order_id: int) -> None:
        """Never runs."""

    @app.task(name="shop.pick_up", bind=True, autoretry_for=(ConnectionError,), default_retry_delay=0)
    def pick_up(self: Any, order_id: int) -> None:
        runs.append(order_id)
        if self.request.retries == 0:
            raise ConnectionError("away")
        tell.apply_async([order_id], queue="mail")

    result = pick_up.delay(7)
    with worker(app):
        finished(result)
    assert runs == [7, 7]
    assert [(m.task, m.args) for m in queued("mail")] == [("shop.tell", [7])]


@pytest.mark.parametrize(("acks_late", "times"), [(True, 2), (False, 1)])
@pytest.mark.parametrize("layer", ["task", "setting"])
def test_acks_late_repeats_the_effect_when_the_worker_dies_in_the_middle(
    acks_late: bool, times: int, layer: str
) -> None:
    mails: list[int] = []

    def app_of_a_worker() -> Any:
        app = make_app(**({"task_acks_late": acks_late} if layer == "setting" else {}))

        @app.task(name="shop.ship", **({"acks_late": acks_late} if layer == "task" else {}))
        def ship(order_id: int) -> None:
            mails.append(order_id)
            if len(mails) == 1:
                raise WorkerTerminate(1)

        return app

    dying = app_of_a_worker()
    dying.tasks["shop.ship"].delay(7)
    with worker(dying) as running:
        until(lambda: mails)
        until(lambda: running.blueprint.state == TERMINATE)
    assert len(queued()) == times - 1
    worker_state.reset_state()
    with worker(app_of_a_worker()):
        until(lambda: len(mails) == times and idle("celery"))
    assert mails == [7] * times


PROJECT = """
app.conf.worker_lost_wait = 0.2

@app.task(acks_late=True)
def ship():
    note("mail")
    os.kill(os.getpid(), 9)

@app.task(acks_late=True, reject_on_worker_lost=True)
def insist():
    note("parcel")
    if open(NOTES).read().count("parcel") == 1:
        os.kill(os.getpid(), 9)

@app.task
def last():
    note("last")
"""


def test_acks_late_alone_does_not_repeat_it_when_only_the_child_process_is_killed(tmp_path: Path) -> None:
    """The worker lives on and acknowledges the message of the lost child, unless ``reject_on_worker_lost`` is set."""
    write_project(tmp_path, PROJECT.replace("NOTES", repr(str(tmp_path / "notes"))))
    with worker_process(tmp_path, "-P", "prefork", "-c", "1"):
        send(tmp_path, "ship.delay()", "insist.delay()", "last.delay()")
        until(lambda: "last" in notes(tmp_path) and notes(tmp_path).count("parcel") == 2)
    assert sorted(notes(tmp_path)) == ["last", "mail", "parcel", "parcel"]


REDIS = """
app.conf.broker_url = {url!r}
app.conf.broker_transport_options = {{"visibility_timeout": 1}}

@app.task(acks_late={late})
def ship():
    note("mail")
    if {kill} and open({notes!r}).read().count("mail") == 1:
        time.sleep(0.3)  # the acknowledgement of a message that is taken early needs a moment
        os.killpg(0, 9)
    time.sleep({duration})

@app.task
def last():
    note("last")
"""


@pytest.mark.parametrize(("late", "pool", "times"), [(True, "prefork", 2), (False, "prefork", 1), (False, "solo", 2)])
def test_redis_gives_the_message_of_a_killed_worker_to_the_next(
    tmp_path: Path, redis_url: str, late: bool, pool: str, times: int
) -> None:
    """The solo pool acknowledges only after the task even without ``acks_late``: its worker has one thread for both."""
    source = REDIS.format(url=redis_url, late=late, kill=True, duration=0, notes=str(tmp_path / "notes"))
    write_project(tmp_path, source + f"app.conf.task_default_queue = 'killed-{late}-{pool}'\n")
    send(tmp_path, "ship.delay()")
    with worker_process(tmp_path, "-P", pool, "-c", "1") as killed:
        until(lambda: killed.poll() is not None)
    send(tmp_path, "time.sleep(1)", "last.delay()")
    with worker_process(tmp_path, "-P", "solo"):
        until(lambda: "last" in notes(tmp_path) and notes(tmp_path).count("mail") == times)
    assert sorted(notes(tmp_path)) == ["last", *["mail"] * times]


def test_redis_gives_a_message_again_when_the_visibility_timeout_passes(tmp_path: Path, redis_url: str) -> None:
    """The first worker is still busy; the second, which starts later, is given the same message."""
    source = REDIS.format(url=redis_url, late=True, kill=False, duration=20, notes=str(tmp_path / "notes"))
    write_project(tmp_path, source + "app.conf.task_default_queue = 'visible'\n")
    send(tmp_path, "ship.delay()")
    with worker_process(tmp_path, "-P", "solo") as busy:
        until(lambda: notes(tmp_path) == ["mail"])
        send(tmp_path, "time.sleep(1)")
        with worker_process(tmp_path, "-P", "solo"):
            until(lambda: notes(tmp_path) == ["mail", "mail"])
            assert busy.poll() is None
