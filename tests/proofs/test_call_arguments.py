"""What becomes of calls whose arguments or options the task, or Celery, cannot take."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from celery import Celery, Task
from celery.beat import Scheduler, SchedulingError
from celery.schedules import schedule
from celery.worker.request import Request
from harness import finished, idle, make_app, queued, until, worker
from kombu.message import Message


def shop_app(**settings: Any) -> Celery:
    app = make_app(**settings)

    @app.task(name="shop.charge")
    def charge(order_id: int, amount: int) -> str:
        return f"{order_id}: {amount}"

    @app.task(name="shop.remind")
    def remind(order_id: int, polite: bool = True) -> str:
        return f"{order_id}: {polite}"

    @app.task(name="shop.note")
    def note(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        return args, kwargs

    return app


def positional_only(order_id: int, /) -> int:
    return order_id


def kept(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return inner


# call-arity

CALLS: dict[str, Callable[[Any], Any]] = {
    "missing": lambda charge: charge.delay(1),
    "excess": lambda charge: charge.apply_async((1, 5, "EUR"), countdown=10),
    "unexpected": lambda charge: charge.delay(1, amonut=5),
    "twice": lambda charge: charge.delay(1, order_id=2),
    "of a signature": lambda charge: charge.s(1).delay(),
    "of an immutable signature": lambda charge: charge.si(1).apply_async(),
    "of a partial": lambda charge: functools.partial(charge.delay, 1)(),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_call_itself_raises_and_nothing_is_queued(call: Callable[[Any], Any]) -> None:
    app = shop_app()
    with pytest.raises(TypeError):
        call(app.tasks["shop.charge"])
    assert queued() == []


def test_a_signature_never_checks_by_itself() -> None:
    shop_app().tasks["shop.charge"].s(1, 2, 3)


class Charge(Task):  # type: ignore[misc]
    name = "shop.class_charge"

    def run(self, order_id: int, amount: int) -> None:
        """Never runs."""


def test_where_the_caller_cannot_check_the_worker_fails() -> None:
    app = shop_app()

    @app.task(name="shop.loose", typing=False)
    def loose(order_id: int) -> None:
        """Never runs."""

    @app.task(name="shop.wrapped")
    @kept
    def wrapped(order_id: int) -> None:
        """Never runs."""

    only = app.task(name="shop.only")(positional_only)
    sent = {
        "typing=False": loose.delay(),
        "a decorator beneath": wrapped.delay(),
        "an instance": app.register_task(Charge()).delay(1),
        "positional-only by name": only.delay(order_id=1),
        "send_task": app.send_task("shop.charge", (1,)),
    }
    with worker(app):
        for why, result in sent.items():
            assert isinstance(finished(result), TypeError), why


def test_strict_typing_of_the_app_is_the_default_of_its_tasks() -> None:
    app = Celery("proof", broker="proof://", set_as_current=False, strict_typing=False)

    @app.task(name="shop.charge", shared=False)
    def charge(order_id: int) -> None:
        """Never runs."""

    charge.delay()
    assert len(queued()) == 1


def test_apply_keeps_the_error_in_its_result() -> None:
    result = shop_app().tasks["shop.charge"].apply((1,))
    assert isinstance(result.result, TypeError) and result.state == "FAILURE"


# call-args-not-sequence, call-apply-async-positional

LONE: dict[str, Callable[[Any], Any]] = {
    "a number": lambda task: task.apply_async(args=(5)),
    "a text of one letter": lambda task: task.apply_async(args=("a")),
    "a longer text": lambda task: task.apply_async(args=("abc")),
    "a dict": lambda task: task.apply_async(args={"order_id": 1}),
    "a set": lambda task: task.apply_async(args={1}),
    "a list for kwargs": lambda task: task.apply_async((1,), [True]),
    "one by one": lambda task: task.apply_async(1, 2),
    "one by one, third": lambda task: task.apply_async(1, 2, 3),
    "a signature of a number": lambda task: task.signature(5),
}


@pytest.mark.parametrize("call", LONE.values(), ids=LONE)
def test_a_lone_value_for_args_raises_in_the_call(call: Callable[[Any], Any]) -> None:
    app = shop_app()
    with pytest.raises(TypeError):
        call(app.tasks["shop.remind"])
    with pytest.raises(TypeError):
        app.send_task("shop.remind", 5)
    assert queued() == []


def test_a_signature_takes_a_text_apart() -> None:
    note = shop_app().tasks["shop.note"]
    assert note.signature("abc").args == ("a", "b", "c")
    assert note.signature({"order": 1}).args == ("order",)


def test_what_is_empty_is_no_argument() -> None:
    shop_app().tasks["shop.note"].apply_async(args="")
    assert queued()[0].args == []


# call-option-to-delay


@pytest.mark.parametrize("name", ["countdown", "eta", "queue", "expires", "link", "args"])
def test_delay_sends_an_option_as_an_argument(name: str) -> None:
    app = shop_app()
    with pytest.raises(TypeError, match=name):
        app.tasks["shop.remind"].delay(1, **{name: 5})
    app.tasks["shop.note"].delay(1, **{name: 5})
    [message] = queued()
    assert message.kwargs == {name: 5} and message.headers["eta"] is None


# call-option-unknown


def test_an_unknown_option_changes_nothing_but_a_property() -> None:
    app = shop_app()
    app.tasks["shop.remind"].apply_async((1,), countdwon=99, que="other", max_retries=5, polite=False)
    [message] = queued("celery")
    assert message.headers["eta"] is None and message.headers["retries"] == 0 and message.kwargs == {}
    with worker(app):
        assert finished(app.tasks["shop.remind"].apply_async((1,), polite=False)) == "1: True"


# call-option-type

WRONG: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "countdown, a timedelta": ({"countdown": timedelta(minutes=5)}, TypeError),
    "countdown, a text": ({"countdown": "300"}, TypeError),
    "eta, a number": ({"eta": 60}, AttributeError),
    "eta, a timedelta": ({"eta": timedelta(minutes=5)}, AttributeError),
    "expires, a timedelta": ({"expires": timedelta(minutes=5)}, TypeError),
    "expires, digits": ({"expires": "60"}, ValueError),
}


@pytest.mark.parametrize(("options", "error"), WRONG.values(), ids=WRONG)
def test_an_option_of_a_wrong_type_raises_in_the_call(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        shop_app().tasks["shop.remind"].apply_async((1,), **options)
    assert queued() == []


def test_a_timedelta_on_the_decorator_fails_every_call() -> None:
    app = make_app()

    @app.task(name="shop.remind", expires=timedelta(minutes=5))
    def remind() -> None:
        """Never runs."""

    with pytest.raises(TypeError):
        remind.delay()


# call-retry-policy-invalid


@pytest.mark.parametrize("policy", [{"interval": 5}, {"max_retries": 3, "intervall_step": 1}])
def test_an_unknown_key_of_the_policy_fails_every_call(policy: dict[str, Any]) -> None:
    app = shop_app()
    with pytest.raises(TypeError):
        app.tasks["shop.remind"].apply_async((1,), retry_policy=policy)
    app.tasks["shop.remind"].apply_async((1,), retry_policy=policy, retry=False)
    assert len(queued()) == 1
    with pytest.raises(TypeError):
        shop_app(task_publish_retry_policy=policy).tasks["shop.remind"].delay(1)


# call-eta-naive, call-eta-and-countdown, call-expires-early


def received(app: Celery, **options: Any) -> Request:
    """A message as the worker takes it up."""
    app.tasks["shop.remind"].apply_async((1,), **options)
    headers = queued()[-1].headers
    body = ((1,), {}, {})
    message = Message(body=body, headers=headers, properties={"correlation_id": "1"})  # type: ignore[no-untyped-call]
    return Request(message, app=app, task=app.tasks["shop.remind"], decoded=True, body=body, headers=headers)


def test_a_date_without_a_zone_is_read_as_utc_whatever_the_app_says() -> None:
    for settings in ({}, {"timezone": "America/New_York"}, {"enable_utc": False, "timezone": "America/New_York"}):
        request = received(shop_app(**settings), eta=datetime(2040, 1, 1, 12))
        assert request.eta == datetime(2040, 1, 1, 12, tzinfo=timezone.utc), settings


def test_a_message_that_expires_by_a_clock_west_of_greenwich_is_revoked_at_once() -> None:
    west = datetime.now(timezone.utc).replace(tzinfo=None) - timedelta(hours=5)
    app = shop_app()
    with worker(app):
        result = app.tasks["shop.remind"].apply_async((1,), expires=west + timedelta(hours=1))
        until(lambda: result.state == "REVOKED")


def test_the_countdown_wins_over_the_eta() -> None:
    far = datetime(2099, 1, 1, tzinfo=timezone.utc)
    shop_app().tasks["shop.remind"].apply_async((1,), eta=far, countdown=60)
    assert not queued()[0].headers["eta"].startswith("2099")


def test_what_expires_before_its_countdown_ends_is_never_run() -> None:
    app = shop_app()
    with worker(app):
        early = app.tasks["shop.remind"].apply_async((1,), countdown=0.2, expires=0.1)
        same = app.tasks["shop.remind"].apply_async((1,), countdown=0.2, expires=0.2)
        late = app.tasks["shop.remind"].apply_async((1,), countdown=0.2, expires=5)
        assert finished(late) == "1: True"
        until(lambda: early.state == same.state == "REVOKED")


# retry-args-mismatch


def test_a_retry_that_does_not_fit_is_lost() -> None:
    app, runs = make_app(), []

    @app.task(name="shop.charge", bind=True, max_retries=3)
    def charge(self: Any, order_id: int, amount: int) -> None:
        runs.append(order_id)
        raise self.retry(args=(order_id,), kwargs={}, countdown=0)

    with worker(app):
        result = charge.delay(1, 500)
        until(lambda: runs and idle("celery"))
    assert runs == [1] and result.state == "PENDING" and queued() == []


def test_args_alone_leave_the_keywords_of_the_run() -> None:
    app = make_app()

    @app.task(name="shop.charge", bind=True, max_retries=3)
    def charge(self: Any, order_id: int, amount: int) -> int:
        if self.request.retries == 0:
            raise self.retry(args=(7,), countdown=0)
        return order_id + amount

    with worker(app):
        assert finished(charge.delay(1, amount=5)) == 12


# beat-arity, beat-args-not-sequence


def beat_sends(entry: dict[str, Any]) -> list[Any]:
    """What lies in the queue after beat has tried to send one entry that is due."""
    app = shop_app(beat_schedule={"nightly": {"schedule": schedule(run_every=1), **entry}})
    scheduler = Scheduler(app=app)
    scheduler.schedule["nightly"].last_run_at -= timedelta(hours=1)
    for _ in range(5):
        scheduler.tick()
    scheduler.close()
    return [(m.args, m.kwargs) for m in queued() if m.task == entry["task"]]


def test_beat_sends_nothing_that_does_not_fit() -> None:
    assert beat_sends({"task": "shop.charge", "args": (1,)}) == []
    assert beat_sends({"task": "shop.charge", "args": (1, 2)}) == [([1, 2], {})]


def test_beat_that_does_not_know_the_task_leaves_the_error_to_the_worker() -> None:
    assert beat_sends({"task": "shop.elsewhere", "args": (1, 2, 3)}) == [([1, 2, 3], {})]


def test_beat_takes_lone_values_apart() -> None:
    assert beat_sends({"task": "shop.note", "args": "north"}) == [(list("north"), {})]
    assert beat_sends({"task": "shop.note", "args": {"region": 1}})[-1] == (["region"], {})
    app = shop_app(beat_schedule={"nightly": {"task": "shop.note", "schedule": 1.0, "args": 5}})
    scheduler = Scheduler(app=app)
    with pytest.raises(SchedulingError):
        scheduler.apply_async(scheduler.schedule["nightly"], advance=False)
