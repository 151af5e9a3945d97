"""What a worker that accepts pickle does with a message, and one that does not."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery, platforms
from celery.events.receiver import EventReceiver
from celery.exceptions import SecurityError
from harness import finished, idle, make_app, queued, until, worker
from kombu.exceptions import ContentDisallowed, DecodeError, EncodeError

RAN: list[str] = []


def intrude(note: str) -> str:
    """The code that a sender chooses to run."""
    RAN.append(note)
    return note


class Parcel:
    """Runs `intrude` where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return intrude, ("unpickled",)


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    RAN.clear()


def shop_app(seen: list[Any], **settings: Any) -> Celery:
    app = make_app(**settings)

    @app.task(name="shop.resize")
    def resize(picture: Any) -> None:
        seen.append(picture)

    @app.task(name="shop.plain", serializer="json")
    def plain(picture: Any) -> None:
        seen.append(picture)

    return app


@pytest.mark.parametrize("name", ["shop.resize", "shop.plain", "no.such.task"])
def test_a_worker_that_accepts_pickle_runs_the_senders_code(name: str) -> None:
    seen: list[Any] = []
    app = shop_app(seen, accept_content=["json", "pickle"])
    make_app().send_task(name, args=[Parcel()], serializer="pickle")
    assert RAN == []
    with worker(app):
        if name == "no.such.task":
            until(lambda: idle("celery"))
        else:
            until(lambda: seen)
    assert bool(RAN) is (name != "no.such.task")


def test_accepting_pickle_for_one_task_accepts_it_for_all() -> None:
    """``shop.plain`` is declared with ``serializer="json"``; the worker unpickles what it is sent all the same."""
    seen: list[Any] = []
    app = shop_app(seen, accept_content=["json", "pickle"])
    make_app().send_task("shop.plain", args=[{1, 2}], serializer="pickle")
    with worker(app):
        until(lambda: seen)
    assert seen == [{1, 2}]


@pytest.mark.parametrize("settings", [{}, {"accept_content": ["json"]}, {"accept_content": ["json", "yaml"]}])
def test_a_worker_that_does_not_accept_pickle_discards_it_unread(
    settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Any] = []
    app = shop_app(seen, **settings)
    make_app().send_task("shop.resize", args=[Parcel()], serializer="pickle")
    done = app.tasks["shop.resize"].delay("afterwards")
    with worker(app):
        finished(done)
    assert RAN == []
    assert seen == ["afterwards"]
    assert queued() == []
    assert any(r.exc_info and isinstance(r.exc_info[1], ContentDisallowed) for r in caplog.records)


def test_a_sender_with_pickle_needs_workers_that_accept_it() -> None:
    """``task_serializer`` alone: what is sent never runs in a worker of the same settings."""
    seen: list[Any] = []
    app = shop_app(seen, task_serializer="pickle")
    lost = app.tasks["shop.resize"].delay("picture")
    with worker(app):
        until(lambda: idle("celery"))
        finished(app.tasks["shop.plain"].delay("other"))
    assert seen == ["other"]
    assert lost.state == "PENDING"


@pytest.mark.parametrize("where", ["setting", "task", "call"])
def test_each_layer_that_names_pickle_pickles_the_message(where: str) -> None:
    app = make_app(**({"task_serializer": "pickle"} if where == "setting" else {}))
    options = {"serializer": "pickle"} if where == "task" else {}

    @app.task(name="shop.resize", **options)
    def resize(picture: Any) -> None:
        """Never runs."""

    resize.apply_async(["picture"], **({"serializer": "pickle"} if where == "call" else {}))
    assert [m.content_type for m in queued()] == ["application/x-python-serialize"]


def test_results_are_unpickled_by_those_who_read_them() -> None:
    """``result_accept_content`` concerns the reader of a result, not what a worker takes from its queue."""
    app = make_app(result_serializer="pickle", accept_content=["json"], result_accept_content=["json", "pickle"])

    @app.task(name="shop.parcel")
    def parcel() -> Parcel:
        return Parcel()

    result = parcel.delay()
    with worker(app):
        until(lambda: app.backend.get(app.backend.get_key_for_task(result.id)))
    RAN.clear()
    assert result.result == "unpickled"
    assert RAN
    strict = make_app(result_serializer="pickle", accept_content=["json"])
    with pytest.raises(ContentDisallowed):
        _ = strict.AsyncResult(result.id).result


def test_a_reader_that_expects_json_does_not_unpickle_results() -> None:
    app = make_app(result_serializer="pickle")
    app.backend.store_result("1", Parcel(), "SUCCESS")
    with pytest.raises(DecodeError):
        _ = make_app().AsyncResult("1").result
    assert RAN == []


def test_a_pickle_event_serializer_is_accepted_by_receivers_of_events() -> None:
    app = make_app(event_serializer="pickle", accept_content=["json"])
    with app.connection_for_read() as connection:
        assert EventReceiver(connection, app=app).accept == {"pickle", "json"}
        assert EventReceiver(connection, app=make_app()).accept == {"json"}


def test_json_refuses_where_they_are_sent_the_arguments_that_only_pickle_carries() -> None:
    app = shop_app([])
    for value in ({1}, Parcel()):
        with pytest.raises(EncodeError):
            app.tasks["shop.resize"].delay(value)
    assert queued() == []


@pytest.mark.parametrize(("accepted", "forced", "refused"), [
    (["json", "pickle"], False, True), (["json", "pickle"], True, False), (["json"], False, False),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore::celery.platforms.SecurityWarning")
def test_a_worker_that_accepts_pickle_refuses_to_run_as_root(
    monkeypatch: pytest.MonkeyPatch, accepted: list[str], forced: bool, refused: bool
) -> None:
    for name in ("getuid", "getgid", "geteuid", "getegid"):
        monkeypatch.setattr(os, name, lambda: 0)
    monkeypatch.setattr(platforms, "grp", SimpleNamespace(getgrgid=lambda gid: ("root",)))
    monkeypatch.delenv("C_FORCE_ROOT", raising=False)
    if forced:
        monkeypatch.setenv("C_FORCE_ROOT", "1")
    if refused:
        with pytest.raises(SecurityError):
            platforms.check_privileges(accepted)
    else:
        platforms.check_privileges(accepted)
