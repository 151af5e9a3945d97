"""Which layer wins for each task option, as Celery really reads it.

Layers, nearest first in the tuples:

``call``         what apply_async, ``.set()``, a beat entry's options or ``self.retry`` pass (``Order.call`` says which)
``annotations``  ``task_annotations``; under it the entry "*" wins over the entry with the task's name
``decorator``    keywords of the task decorator, or class attributes of a class-based task
``wrapper``      keywords that a project's own decorator or ``functools.partial`` adds where the decorator gives none
``base``         attributes of the base class, by MRO, and of the app's ``task_cls``
``route``        ``task_routes``
``command``      the worker's command line
``setting``      the app's configuration
``default``      what remains

Celery files are named without the leading ``celery/``; ``tests/knowledge/test_precedence.py`` proves each order.
"""

from __future__ import annotations

from typing import NamedTuple

from celerylint.versions import allows

ATTRIBUTES: tuple[str, ...] = ("annotations", "decorator", "wrapper", "base")
"""The layers that are one attribute of the task's class: the nearest that names the option decides.

A None there is an answer too: it hides the bases and goes on below ``base``.
"""


class Order(NamedTuple):
    """The layers of one option, the winning one first.

    ``setting`` and ``command`` name what fills those layers; ``call`` is "apply_async", "retry" or "". None in a layer
    goes on below it unless ``none_counts``. ``falsy_yields``: 0 and False of call and task go on too (``time_limit=0``
    on a task leaves the worker's limit). ``none_call_hides``: ``apply_async(option=None)`` hides the task's attributes.
    """

    layers: tuple[str, ...]
    sources: tuple[str, ...]
    setting: str = ""
    command: str = ""
    call: str = ""
    falsy_yields: bool = False
    none_counts: bool = False
    none_call_hides: bool = False


_BIND = ("app/task.py:Task.bind", "app/task.py:Task.annotate", "app/base.py:Celery._task_from_fun")
_PUBLISH = (*_BIND, "app/task.py:Task.apply_async", "app/routes.py:Router.route", "app/amqp.py:_create_task_sender")
_ATTRIBUTE = ("annotations", "decorator", "wrapper", "base")
_LIMITS = (
    *_PUBLISH, "worker/request.py:create_request_cls", "worker/worker.py:WorkController.setup_defaults",
    "worker/components.py:Pool.create", "billiard/pool.py:Pool.apply_async",
)


def _limit(setting: str, command: str) -> Order:
    layers = ("call", *_ATTRIBUTE, "command", "setting", "default")
    return Order(layers, _LIMITS, setting=setting, command=command, call="apply_async", falsy_yields=True)


def _attribute(source: str, setting: str = "") -> Order:
    layers = (*_ATTRIBUTE, "setting", "default") if setting else (*_ATTRIBUTE, "default")
    return Order(layers, (*_BIND, source), setting=setting)


def _published(*rest: str, setting: str = "") -> Order:
    layers = ("call", *_ATTRIBUTE, *rest, "default")
    return Order(layers, _PUBLISH, setting=setting, call="apply_async", none_call_hides=True)


def _autoretry() -> Order:
    layers = ("decorator", "wrapper", "annotations", "base", "default")
    return Order(layers, ("app/autoretry.py:add_autoretry_behaviour", *_BIND), none_counts=True)


ORDERS: dict[str, Order] = {
    "time_limit": _limit("task_time_limit", "time-limit"),
    "soft_time_limit": _limit("task_soft_time_limit", "soft-time-limit"),
    "acks_late": _attribute("worker/request.py:Request.on_accepted", "task_acks_late"),
    "acks_on_failure_or_timeout": _attribute(
        "worker/request.py:Request.on_failure", "task_acks_on_failure_or_timeout"
    ),
    "reject_on_worker_lost": _attribute("worker/request.py:Request.on_failure", "task_reject_on_worker_lost"),
    "track_started": _attribute("app/trace.py:build_tracer", "task_track_started"),
    "store_errors_even_if_ignored": _attribute(
        "worker/request.py:Request.store_errors", "task_store_errors_even_if_ignored"
    ),
    "store_eager_result": _attribute("app/trace.py:build_tracer", "task_store_eager_result"),
    "rate_limit": _attribute("worker/consumer/consumer.py:Consumer.bucket_for_task", "task_default_rate_limit"),
    "send_events": _attribute("worker/request.py:Request.send_event"),
    "trail": _attribute("app/task.py:Task.add_trail"),
    "throws": _attribute("app/trace.py:TraceInfo.handle_failure"),
    "resultrepr_maxsize": _attribute("app/trace.py:build_tracer"),
    "typing": _attribute("app/task.py:Task.apply_async"),
    "ignore_result": Order(
        ("call", *_ATTRIBUTE, "setting", "default"),
        (*_PUBLISH, "worker/request.py:Request.__init__", "app/trace.py:get_actual_ignore_result"),
        setting="task_ignore_result", call="apply_async",
    ),
    "serializer": _published("setting", setting="task_serializer"),
    "priority": _published("setting", "route", setting="task_default_priority"),
    "queue": _published("route", "setting", setting="task_default_queue"),
    "routing_key": _published("route"),
    "exchange": _published("route"),
    "delivery_mode": _published("route", "setting", setting="task_default_delivery_mode"),
    "compression": _published("route", "setting", setting="task_compression"),
    "expires": _published(),
    "max_retries": Order(("call", *_ATTRIBUTE, "default"), (*_BIND, "app/task.py:Task.retry"), call="retry",
                         none_counts=True),
    "default_retry_delay": Order(("call", *_ATTRIBUTE, "default"), (*_BIND, "app/task.py:Task.retry"), call="retry",
                                 none_counts=True),
    "autoretry_for": _autoretry(),
    "dont_autoretry_for": _autoretry(),
    "retry_kwargs": _autoretry(),
    "retry_backoff": _autoretry(),
    "retry_backoff_max": _autoretry(),
    "retry_jitter": _autoretry(),
}
"""Option: its order in Celery 5.6.3, for tasks made by a decorator."""

_FROM_5_7: dict[str, Order] = {
    name: order._replace(layers=("call", *_ATTRIBUTE, "setting", "command", "default"))
    for name, order in ORDERS.items()
    if name in ("time_limit", "soft_time_limit")
} | {
    "acks_on_failure": _attribute("worker/request.py:Request.on_failure", "task_acks_on_failure"),
    "acks_on_timeout": _attribute("worker/request.py:Request.on_timeout", "task_acks_on_timeout"),
    "retry_on_worker_lost": _attribute("worker/request.py:Request.on_failure", "task_retry_on_worker_lost"),
}
"""What 5.7 added or changed: the settings for limits fill the task's attribute and so beat the command line."""


def order_of(option: str, version: str | None = None) -> Order | None:
    """The order of an option in that version (None: 5.6.3), None when the tables do not know the option."""
    if version is not None and option in _FROM_5_7 and allows(">=5.7", version):
        return _FROM_5_7[option]
    return ORDERS.get(option)


PRECEDENCE: dict[str, tuple[str, ...]] = {option: order.layers for option, order in ORDERS.items()}
"""Option: its layers, the winning one first."""

DECORATOR_ONLY: tuple[str, ...] = ("decorator", "wrapper", "default")
"""Layers of what the decorator reads for itself: bind, name, base, shared, lazy, filter, pydantic and its kin."""

CLASS_AUTORETRY: tuple[str, ...] = ("decorator", "base", "default")
"""Layers of the autoretry options of a class-based task.

``register_task`` wraps ``run`` before it binds the task, so annotations come too late (app/base.py:register_task).
"""

RETRY_CALL: dict[str, tuple[str, ...]] = {"max_retries": ("max_retries",), "default_retry_delay": ("countdown", "eta")}
"""What the ``call`` layer of these options is named in ``self.retry`` (and in ``retry_kwargs``).

In the autoretry wrapper ``retry_kwargs`` is what is passed to ``self.retry``; with ``retry_backoff`` its countdown is
replaced. ``max_retries=None`` in a call means "the task's own", on a task it means "without end".
"""

NAME_ONLY_LOSES: frozenset[str] = frozenset({
    "queue", "routing_key", "exchange", "priority", "expires", "serializer", "delivery_mode", "compression",
    "ignore_result", "immediate", "mandatory",
})
"""Options of the task that a publish by name (send_task, beat without the task) does not see.

They come from the call, the route or the setting alone. Limits, acks and retries are the worker's and still hold.
From 5.7 on a name that is registered in the sending process has its options (app/base.py:Celery.send_task), and
``ignore_result`` is left to the worker.
"""

BEFORE_5_6_3: dict[str, str] = {
    "ignore_result": "either the call's header or the task's attribute being true was enough to store nothing",
}
"""Where earlier releases differ (celery/backends/base.py:mark_as_done, app/trace.py)."""

SETTING_LAYERS: tuple[str, ...] = ("environment", "conf", "constructor", "add_defaults", "config object", "default")
"""Layers of one setting, the winning one first.

``conf`` is assignment to ``app.conf`` or ``app.conf.update``, whether before or after ``config_from_object``; keywords
of ``Celery(...)`` land in the same place, earlier. Only the last ``config_from_object`` counts, as a whole. Under a
namespace the prefixed spelling in any layer wins over the plain one in every layer, and ``conf`` and constructor
usually hold the plain one; from 5.7 on the layer decides before the spelling does.

Sources: app/base.py:Celery.__init__, Celery._load_config, Celery.add_defaults,
utils/collections.py:ConfigurationView.__getitem__.
"""
