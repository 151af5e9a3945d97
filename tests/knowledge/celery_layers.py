"""Builds real Celery apps from layers of options and reads what Celery makes of them. No broker, no worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest import mock

import billiard.pool
import celery
import pytest
from celery import Celery
from celery.worker.request import Request, create_request_cls
from kombu.messaging import Producer

from celerylint.knowledge.precedence import order_of

NAME = "probe.task"


class Boom(Exception):
    """What the probe task raises when a retry is wanted."""


def body(*args: object) -> None:
    raise Boom


def make(option: str, given: dict[str, Any], **fixed: Any) -> Any:
    """The task of an app in which each layer of ``given`` sets ``option``; ``fixed`` are further decorator options."""
    app = configure(option, given)
    decorator: Any = app.task
    if "wrapper" in given:
        decorator = partial(decorator, **{option: given["wrapper"]})
    if "decorator" in given:
        fixed[option] = given["decorator"]
    task = decorator(name=NAME, base=base_class(app, option, given), shared=False, **fixed)(body)
    app.finalize()
    return task


def make_class(option: str, given: dict[str, Any], **fixed: Any) -> Any:
    """The same for a class-based task; the decorator layer is what ``register_task`` is given."""
    app = configure(option, given)
    attributes = {"name": NAME, "run": staticmethod(body), **fixed}
    options = {option: given["decorator"]} if "decorator" in given else {}
    return app.register_task(type("ClassTask", (base_class(app, option, given),), attributes)(), **options)


def base_class(app: Celery, option: str, given: dict[str, Any]) -> Any:
    """The app's task class, or one below it that holds the base layer."""
    return type("Base", (app.Task,), {option: given["base"]}) if "base" in given else app.Task


def configure(option: str, given: dict[str, Any]) -> Celery:
    """An app with the setting, annotation and route layers."""
    app = Celery("probe", broker="memory://", backend="cache+memory://", set_as_current=False)
    order = order_of(option, celery.__version__)
    if "setting" in given and order is not None:
        app.conf[order.setting] = given["setting"]
    if "annotations" in given:
        app.conf.task_annotations = {NAME: {option: given["annotations"]}}
    if "route" in given:
        app.conf.task_routes = {NAME: {option: given["route"]}}
    return app


def publish(task: Any, by_name: bool = False, **options: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What ``apply_async`` (or ``send_task``) hands to kombu: positional and keyword arguments of Producer.publish."""
    with mock.patch.object(Producer, "publish", autospec=True) as spy:
        if by_name:
            task.app.send_task(NAME, **options)
        else:
            task.apply_async(**options)
    return spy.call_args.args[1:], spy.call_args.kwargs


def received(task: Any, by_name: bool = False, **options: Any) -> tuple[Any, dict[str, Any]]:
    """The worker's Request for a message published with these options, and what it asks of the pool."""
    (payload,), sent = publish(task, by_name, **options)
    message = SimpleNamespace(
        headers=sent["headers"],
        body=payload,
        payload=payload,
        content_type="application/json",
        content_encoding="utf-8",
        delivery_info={},
        properties={},
    )
    pool = mock.Mock()
    made = create_request_cls(Request, task, pool, "host", None, app=task.app)(message, app=task.app, task=task)
    made.execute_using_pool(pool)
    return made, pool.apply_async.call_args.kwargs


def worker_limits(app: Celery, **command: Any) -> dict[str, Any]:
    """The limits that a worker of this app gives to its pool."""
    controller = SimpleNamespace(app=app)
    app.WorkController.setup_defaults(controller, **command)
    return {"time_limit": controller.time_limit, "soft_time_limit": controller.soft_time_limit}


def enforced_limit(task: Any, option: str, call: dict[str, Any], command: dict[str, Any]) -> Any:
    """The limit that the prefork pool enforces for one message."""
    _, wanted = received(task, **call)
    limits = worker_limits(task.app, **command)
    pool = SimpleNamespace(
        _state=billiard.pool.RUN,
        soft_timeout=limits["soft_time_limit"],
        timeout=limits["time_limit"],
        lost_worker_timeout=10,
        putlocks=False,
        _putlock=None,
        _cache={},
        on_timeout_set=None,
        on_timeout_cancel=None,
        synack=False,
        threads=False,
        _quick_put=lambda job: None,
        _start_timeout_handler=lambda: None,
    )
    result = billiard.pool.Pool.apply_async(pool, body, soft_timeout=wanted["soft_timeout"], timeout=wanted["timeout"])
    return result._timeout if option == "time_limit" else result._soft_timeout


@contextmanager
def in_worker(task: Any, retries: int = 0) -> Iterator[None]:
    """The state in which a worker runs the task for the n-th time."""
    task.push_request(
        called_directly=False, is_eager=True, retries=retries, args=(), kwargs={}, delivery_info={}, id="1"
    )
    try:
        yield
    finally:
        task.pop_request()


def outcome(task: Any) -> BaseException:
    """What running the task raises in a worker."""
    with in_worker(task), pytest.raises(BaseException) as raised:
        task.run()
    return raised.value


def retried(task: Any, retries: int = 0, **options: Any) -> BaseException:
    """What ``self.retry`` raises in a worker."""
    with in_worker(task, retries), pytest.raises(BaseException) as raised:
        task.retry(**options)
    return raised.value
