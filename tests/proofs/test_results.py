"""What comes of results that are waited for, read, or taken for values."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from celery import Celery, chain, group
from celery.backends.base import DisabledBackend
from celery.backends.rpc import RPCBackend
from celery.beat import Scheduler
from celery.exceptions import TimeoutError as ResultTimeout
from celery.result import AsyncResult, allow_join_result
from django import http
from harness import App, finished, idle, make_app, until, worker

REFUSED = "Never call result.get() within a task!"
WAYS = ["get", "join", "chain", "inverted", "collect", "eager", "by id"]


def waiting_app(seen: list[Any], prices: list[int] | None = None) -> Any:
    """``shop.invoice``, which waits for ``shop.price`` in a given way and notes what comes of it."""
    app = make_app()

    @app.task(name="shop.price")
    def price(order_id: int) -> int:
        if prices is not None:
            prices.append(order_id)
        return order_id * 10

    def wait(how: str) -> Any:
        ways = {
            "get": lambda: price.delay(1).get(timeout=1),
            "join": lambda: group(price.s(1), price.s(2))().join(timeout=1),
            "chain": lambda: chain(price.s(1), price.s())().get(timeout=1),
            "inverted": lambda: ~price.s(1),
            "collect": lambda: list(price.delay(1).collect(timeout=1, intermediate=True)),
            "eager": lambda: price.apply((1,)).get(),
            "by id": lambda: app.AsyncResult(price.delay(1).id).get(timeout=1),
        }
        return ways[how]()

    @app.task(name="shop.invoice")
    def invoice(how: str) -> None:
        try:
            seen.append(wait(how))
        except RuntimeError as error:
            seen.append(str(error).partition("\n")[0])

    return invoice


@pytest.mark.parametrize("pool", ["solo", "threads"])
@pytest.mark.parametrize("how", WAYS)
def test_a_worker_refuses_to_wait_inside_a_task(how: str, pool: str) -> None:
    seen: list[Any] = []
    invoice = waiting_app(seen)
    with worker(invoice.app, pool=pool, concurrency=2):
        finished(invoice.delay(how))
    assert seen == [REFUSED]


def test_what_was_to_be_waited_for_is_sent_all_the_same() -> None:
    seen: list[Any] = []
    prices: list[int] = []
    invoice = waiting_app(seen, prices)
    with worker(invoice.app):
        finished(invoice.delay("get"))
        until(lambda: idle("celery"))
    assert (seen, prices) == ([REFUSED], [1])


def test_a_chain_passes_the_value_on() -> None:
    app = make_app()
    seen: list[int] = []

    @app.task(name="shop.price")
    def price(order_id: int) -> int:
        return order_id * 10

    @app.task(name="shop.invoice")
    def invoice(total: int) -> None:
        seen.append(total)

    result = chain(price.s(7), invoice.s()).apply_async()
    with worker(app):
        finished(result)
    assert seen == [70]


@pytest.mark.parametrize("how", ["allowed", "keyword", "poll"])
def test_a_task_that_waits_keeps_the_slot_that_the_other_needs(how: str) -> None:
    app = make_app()
    seen: list[str] = []

    @app.task(name="shop.price")
    def price(order_id: int) -> int:
        return order_id * 10

    @app.task(name="shop.invoice")
    def invoice() -> None:
        result = price.delay(1)
        try:
            if how == "allowed":
                with allow_join_result():
                    result.get(timeout=0.3)
            elif how == "keyword":
                result.get(timeout=0.3, disable_sync_subtasks=False)
            else:
                end = time.monotonic() + 0.3
                while not result.ready() and time.monotonic() < end:
                    time.sleep(0.05)
                seen.append(result.state)
        except ResultTimeout:
            seen.append("timeout")

    with worker(app):  # one slot
        finished(invoice.delay())
    assert seen == ["PENDING" if how == "poll" else "timeout"]


def test_a_second_slot_lets_one_wait_succeed() -> None:
    app = make_app()
    seen: list[int] = []

    @app.task(name="shop.price")
    def price(order_id: int) -> int:
        return order_id * 10

    @app.task(name="shop.invoice")
    def invoice() -> None:
        with allow_join_result():
            seen.append(price.delay(1).get(timeout=5, interval=0.01))

    with worker(app, pool="threads", concurrency=2):
        finished(invoice.delay())
    assert seen == [10]


def ignoring_app(**settings: Any) -> Any:
    """``shop.price``, whose results are ignored unless ``settings`` say so elsewhere."""
    app = make_app(**settings)

    @app.task(name="shop.price", ignore_result=True)
    def price(order_id: int) -> int:
        if order_id < 0:
            raise ValueError(order_id)
        return order_id * 10

    return price


def test_an_ignored_result_is_none_at_once_and_never_ready() -> None:
    price = ignoring_app()
    waiting = price.delay(1)
    assert waiting.get(timeout=5) is None  # with no worker, and without waiting
    failing = price.delay(-1)
    with worker(price.app):
        until(lambda: idle("celery"))
        assert waiting.get(timeout=5) is None
        assert failing.get(timeout=5) is None  # not even the error comes out
    assert (waiting.ready(), waiting.state, waiting.result) == (False, "PENDING", None)


def test_a_call_can_ignore_its_result_too() -> None:
    app = make_app()

    @app.task(name="shop.price")
    def price(order_id: int) -> int:
        return order_id * 10

    assert price.apply_async((1,), ignore_result=True).get(timeout=5) is None


def test_a_call_can_keep_the_result_of_a_task_that_ignores_it() -> None:
    price = ignoring_app()
    result = price.apply_async((1,), ignore_result=False)
    with worker(price.app):
        assert finished(result) == 10


def test_an_eager_test_sees_the_value_that_production_never_gives() -> None:
    price = ignoring_app(task_always_eager=True)
    assert price.delay(1).get() == 10


@pytest.mark.parametrize("how", ["get", "state", "ready", "result", "by id"])
def test_without_a_backend_every_question_raises(how: str) -> None:
    app = App("proof", broker="proof://", set_as_current=False)
    assert isinstance(app.backend, DisabledBackend)

    @app.task(name="shop.price")
    def price(order_id: int) -> int:
        return order_id * 10

    result = price.delay(1)
    asks = {
        "get": lambda: result.get(timeout=1),
        "state": lambda: result.state,
        "ready": result.ready,
        "result": lambda: result.result,
        "by id": lambda: app.AsyncResult("x").state,
    }
    with pytest.raises(NotImplementedError if how == "get" else AttributeError):
        asks[how]()


USES: dict[str, Any] = {
    "subscripted": lambda r: r["valid"],
    "unpacked": lambda r: (lambda a, b: a)(*r),
    "iterated": lambda r: list(map(str, r)),
    "calculated": lambda r: r + 1,
    "text": lambda r: "price: " + r,
    "ordered": lambda r: r > 3,
    "int": int,
    "len": len,
    "sum": sum,
    "list": list,
    "json": json.dumps,
    "json in a dict": lambda r: json.dumps({"price": r}),
    "awaited": lambda r: r.__await__(),
    "attribute": lambda r: r.items(),
}


@pytest.mark.parametrize("how", USES)
def test_a_result_object_is_no_value(how: str) -> None:
    app = make_app()

    @app.task(name="shop.check")
    def check(order_id: int) -> dict[str, bool]:
        return {"valid": order_id > 0}

    with pytest.raises((TypeError, AttributeError)):
        USES[how](check.delay(1))


@pytest.mark.parametrize("framework", ["django", "flask"])
def test_no_web_framework_encodes_a_result_object(framework: str, shop: ModuleType) -> None:
    app = make_app()

    @app.task(name="shop.check")
    def check(order_id: int) -> bool:
        return order_id > 0

    with pytest.raises(TypeError, match="not JSON serializable"):
        if framework == "django":
            http.JsonResponse({"valid": check.delay(1)})
        else:
            flask = pytest.importorskip("flask")
            with flask.Flask("shop").app_context():
                flask.jsonify({"valid": check.delay(1)})


def test_a_test_of_a_result_object_is_always_true_and_a_comparison_never() -> None:
    app = make_app()

    @app.task(name="shop.check")
    def check(order_id: int) -> bool:
        return order_id > 0

    assert check.delay(-1)
    assert check.delay(1) != True  # noqa: E712
    assert check.delay(1) != 1
    result = check.delay(1)
    assert result == result.id  # a comparison with an id is meant


def test_get_with_a_key_takes_the_key_for_a_timeout() -> None:
    price = ignoring_app()
    assert price.delay(1).get("valid", None) is None


class Sender(App):
    """An app in a process, or thread, of its own: its replies come to its own queue."""


def test_rpc_answers_only_the_sender() -> None:
    app = Sender("proof", broker="proof://", backend="rpc://", set_as_current=False)
    app.conf.worker_hijack_root_logger = False
    assert isinstance(app.backend, RPCBackend)

    @app.task(name="shop.price")
    def price(order_id: int) -> int:
        return order_id * 10

    result = price.delay(1)
    other = Sender("proof", broker="proof://", backend="rpc://", set_as_current=False)
    states: list[str] = []
    with worker(app):
        assert result.get(timeout=5, disable_sync_subtasks=False) == 10

        def look() -> None:
            states.append(AsyncResult(result.id, app=other).state)

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert states == ["PENDING"]


def test_a_wait_without_a_timeout_does_not_end_by_itself() -> None:
    app = make_app()

    @app.task(name="shop.price")
    def price(order_id: int) -> int:
        return order_id * 10

    result = price.delay(1)  # no worker
    waiter = threading.Thread(target=result.get, kwargs={"interval": 0.01}, daemon=True)
    waiter.start()
    waiter.join(0.2)
    assert waiter.is_alive()
    with worker(app):
        waiter.join(5)
    assert not waiter.is_alive()


@pytest.mark.parametrize(("backend", "needs_beat"), [("file", True), ("cache+memory://", False)])
def test_only_beat_deletes_old_results_where_the_store_does_not(backend: str, needs_beat: bool, tmp_path: Path) -> None:
    url = f"file://{tmp_path}" if backend == "file" else backend
    app = Celery("proof", broker="memory://", backend=url, set_as_current=False)
    assert app.backend.supports_autoexpire is not needs_beat
    scheduler = Scheduler(app, schedule={}, lazy=True)
    entries: dict[str, Any] = {}
    scheduler.install_default_entries(entries)
    assert ("celery.backend_cleanup" in scheduler.schedule or "celery.backend_cleanup" in entries) is needs_beat


class Pipe:
    """A pipeline to Redis that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __enter__(self) -> Pipe:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        return lambda *args: self.told.append(name)

    def pipeline(self) -> Pipe:
        return self


@pytest.mark.parametrize(("expires", "command"), [(0, "set"), (None, "set"), (60, "setex")])
def test_redis_keeps_for_ever_what_is_said_not_to_expire(expires: int | None, command: str) -> None:
    app = Celery("proof", broker="memory://", backend="redis://", set_as_current=False)
    app.conf.result_expires = expires
    app.backend.__dict__["client"] = pipe = Pipe()
    app.backend._set("celery-task-meta-1", b"1")
    assert pipe.told == [command, "publish", "execute"]


def test_every_run_of_a_task_writes_a_result_that_stays_unless_it_is_ignored() -> None:
    app = make_app()

    @app.task(name="shop.reindex")
    def reindex(order_id: int) -> None:
        """Returns nothing, and that is stored."""

    kept, ignored = reindex.delay(1), reindex.apply_async((2,), ignore_result=True)
    with worker(app):
        finished(kept)
        until(lambda: idle("celery"))
    metas = [app.backend.get_task_meta(result.id, cache=False)["status"] for result in (kept, ignored)]
    assert metas == ["SUCCESS", "PENDING"]
