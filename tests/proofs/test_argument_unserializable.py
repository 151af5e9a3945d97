"""What comes of arguments that the serializer cannot encode."""

from __future__ import annotations

import dataclasses
import datetime
import io
import json
import logging
import pathlib
from typing import Any

import pytest
from celery.beat import Scheduler
from harness import finished, idle, make_app, queued, until, worker
from kombu.exceptions import DecodeError, EncodeError


@dataclasses.dataclass
class Money:
    """A dataclass."""

    amount: int = 1


class Basket:
    """A class of one's own."""


REFUSED: dict[str, Any] = {
    "set": {1},
    "timedelta": datetime.timedelta(1),
    "generator": (n for n in (1, 2)),
    "dict view": {"a": 1}.keys(),
    "map": map(str, (1, 2)),
    "range": range(3),
    "path": pathlib.PurePosixPath("/tmp"),
    "exception": ValueError("x"),
    "file": io.BytesIO(b"x"),
    "dataclass": Money(),
    "object": Basket(),
    "class": Basket,
    "function": make_app,
    "module": json,
    "lambda": lambda: None,
    "tuple keys": {(1, 2): 3},
    "logger": logging.getLogger("a"),
    "set in a dict": {"ids": {1}},
    "set in a list": [{1}],
}


def reprice_task(**settings: Any) -> Any:
    """``shop.reprice``, of an app with these settings."""

    @make_app(**settings).task(name="shop.reprice")
    def reprice(given: Any) -> None:
        """Takes anything."""

    return reprice


@pytest.mark.parametrize("what", REFUSED)
def test_json_refuses_it_and_nothing_is_queued(what: str) -> None:
    with pytest.raises(EncodeError):
        reprice_task().delay(REFUSED[what])
    assert queued() == []


@pytest.mark.parametrize("how", ["delay", "apply_async", "kwargs", "signature", "send_task"])
def test_json_refuses_it_however_it_is_sent(how: str) -> None:
    reprice = reprice_task()
    with pytest.raises(EncodeError):
        if how == "delay":
            reprice.delay({1})
        elif how == "apply_async":
            reprice.apply_async(args=[{1}])
        elif how == "kwargs":
            reprice.apply_async(kwargs={"given": {1}})
        elif how == "signature":
            reprice.s({1}).apply_async()
        else:
            reprice.app.send_task("shop.reprice", args=[{1}])
    assert queued() == []


def test_a_list_arrives() -> None:
    reprice_task().delay(sorted({2, 1}))
    assert [m.args for m in queued()] == [[[1, 2]]]


def test_a_retry_with_such_an_argument_is_dropped_and_its_result_stays_pending() -> None:
    app = make_app()
    runs: list[int] = []

    @app.task(name="shop.sync", bind=True)
    def sync(self: Any, ids: Any) -> None:
        runs.append(1)
        raise self.retry(args=({1},), countdown=0)

    result = sync.delay([1])
    with worker(app):
        until(lambda: runs and idle("celery"))
    assert (runs, result.state) == ([1], "PENDING")


def test_a_dict_that_looks_like_an_envelope_is_discarded_by_the_worker() -> None:
    app = make_app()
    runs: list[Any] = []

    @app.task(name="shop.reprice")
    def reprice(given: Any) -> None:
        runs.append(given)

    reprice.delay({"__type__": "shoe", "__value__": 42})
    last = reprice.delay("after")
    with worker(app):
        finished(last)
    assert runs == ["after"]


def test_msgpack_refuses_dates_and_the_worker_discards_integer_keys() -> None:
    pytest.importorskip("msgpack")
    from kombu.serialization import dumps, loads

    with pytest.raises(EncodeError):
        dumps(datetime.date(2024, 1, 1), "msgpack")
    content_type, encoding, data = dumps({1: 2}, "msgpack")
    with pytest.raises(DecodeError):
        loads(data, content_type, encoding, accept=[content_type])


def test_beat_sends_an_entry_with_such_an_argument_never(caplog: pytest.LogCaptureFixture) -> None:
    app = make_app()
    app.conf.beat_schedule = {
        "tidy": {"task": "shop.tidy", "schedule": 60.0, "args": (datetime.timedelta(30),)},
        "plain": {"task": "shop.tidy", "schedule": 60.0, "args": (30,)},
    }
    scheduler = Scheduler(app=app)
    with caplog.at_level(logging.ERROR, "celery.beat"):
        for entry in scheduler.schedule.values():
            scheduler.apply_entry(entry)
    assert [m.args for m in queued()] == [[30]]
    assert "not JSON serializable" in caplog.text
