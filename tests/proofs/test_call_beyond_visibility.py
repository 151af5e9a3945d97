"""What brokers do with a message that a worker holds back for its countdown."""

from __future__ import annotations

from pathlib import Path

import pytest
from celery import Celery
from harness import make_app, notes, send, until, worker, worker_process, write_project
from kombu.transport import virtual

REDIS = """
app.conf.broker_url = {url!r}
app.conf.task_default_queue = "held-{timeout}"
app.conf.broker_transport_options = {{
    "visibility_timeout": {timeout}, "unacked_restore_interval": 0.2, "unacked_restore_throttle": 1,
}}

@app.task
def remind():
    note("reminded")

@app.task
def last():
    note("last")
"""


@pytest.mark.parametrize(("timeout", "once"), [(0.5, False), (60, True)])
def test_redis_runs_it_again_with_one_worker(tmp_path: Path, redis_url: str, timeout: float, once: bool) -> None:
    write_project(tmp_path, REDIS.format(url=redis_url, timeout=timeout))
    with worker_process(tmp_path, "-P", "solo"):
        send(tmp_path, "remind.apply_async(countdown=2)", "last.apply_async(countdown=2)")
        until(lambda: notes(tmp_path).count("last") and len(notes(tmp_path)) >= (2 if once else 4))
    assert (notes(tmp_path).count("reminded") == 1) is once


def shop_app() -> Celery:
    app = make_app()

    @app.task(name="shop.remind")
    def remind() -> None:
        """Never runs here."""

    return app


@pytest.mark.parametrize("delay", ["countdown", "retry"])
def test_the_worker_holds_it_unacknowledged_until_its_time_has_come(
    delay: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[virtual.QoS] = []
    append = virtual.QoS.append

    def noted(self: virtual.QoS, message: object, tag: object) -> None:
        taken.append(self)
        append(self, message, tag)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(virtual.QoS, "append", noted)
    app = shop_app()

    @app.task(name="shop.charge", bind=True, default_retry_delay=3600)
    def charge(self: object) -> None:
        raise self.retry()  # type: ignore[attr-defined]

    with worker(app):
        if delay == "countdown":
            app.tasks["shop.remind"].apply_async(countdown=3600)
        else:
            charge.delay()
        until(lambda: len(taken) == (1 if delay == "countdown" else 2))
        until(lambda: sum(len(qos._delivered) for qos in set(taken)) == 1)
