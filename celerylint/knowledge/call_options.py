"""Options of ``apply_async``, ``retry`` and routes.

Source, unless a table says otherwise: celery/app/task.py:Task.apply_async hands its options to
celery/app/base.py:Celery.send_task, which hands the rest to celery/app/amqp.py:AMQP.as_task_v2 and then to
kombu/messaging.py:Producer.publish; what none of them takes becomes a property of the message and is read by nobody.
"""

from __future__ import annotations

from celerylint.knowledge import surface

NAMED: tuple[str, ...] = surface.TASK_PARAMETERS["apply_async"][:-1]
"""Parameters of apply_async in positional order."""

NOT_FOR_DELAY: frozenset[str] = frozenset({
    "args", "kwargs", "countdown", "eta", "expires", "queue", "priority", "link", "link_error", "routing_key",
    "ignore_result", "serializer", "task_id", "time_limit", "soft_time_limit", "retry_policy", "exchange",
})
"""Options of apply_async that people give to ``delay``, which takes every keyword for an argument of the task.

Source: celery/app/task.py:Task.delay.
"""

STAMPING = frozenset({"stamped_headers"})

APPLY_ASYNC: frozenset[str] = (
    frozenset(NAMED) | frozenset(surface.SEND_TASK) | frozenset(surface.SEND_MESSAGE) | frozenset(surface.PUBLISH)
    | {"ignore_result", "argsrepr", "kwargsrepr", "origin", "now", "timezone", "throw"} | STAMPING
) - {"name", "task_type"}
"""Every keyword of apply_async that some part of Celery or kombu reads; ``throw`` only when tasks run eagerly."""

PROPERTIES: frozenset[str] = frozenset({
    "app_id", "cluster_id", "content_encoding", "content_type", "correlation_id", "delivery_mode", "expiration",
    "message_id", "priority", "reply_to", "timestamp", "type", "user_id",
    "MessageGroupId", "MessageDeduplicationId", "DelaySeconds", "message_attributes", "MessageAttributes",
})
"""Message properties that AMQP and SQS give a meaning. Source: amqp/basic_message.py, kombu/transport/SQS.py."""

ADDED_IN: dict[str, str] = {
    "ignore_result": "5.1",
    "stamped_headers": "5.3",
    "group_index": "5.0",
    "replaced_task_nesting": "5.3",
}
"""Option of apply_async: the release that added it; others exist since 4.0."""

KINDS: dict[str, tuple[str, ...]] = {
    "add_to_parent": ("bool",),
    "args": ("list", "tuple", "none"),
    "countdown": ("number", "none"),
    "eta": ("datetime", "iso", "none"),
    "exchange": ("str", "exchange", "none"),
    "expires": ("number", "datetime", "iso", "none"),
    "headers": ("dict", "none"),
    "ignore_result": ("bool", "none"),
    "kwargs": ("dict", "none"),
    "link": ("signature", "list", "none"),
    "link_error": ("signature", "list", "none"),
    "priority": ("int", "none"),
    "queue": ("str", "queue", "none"),
    "retry": ("bool", "none"),
    "retry_policy": ("dict", "none"),
    "routing_key": ("str", "none"),
    "serializer": ("str", "none"),
    "soft_time_limit": ("number", "none"),
    "task_id": ("str", "none"),
    "time_limit": ("number", "none"),
}
"""Option of apply_async: the kinds of value that work."""

NOT_FOR_CALLS: frozenset[str] = frozenset({
    "acks_late", "autoretry_for", "bind", "concurrency", "default_retry_delay", "max_retries", "rate_limit",
    "reject_on_worker_lost", "retry_backoff", "retry_delay", "retry_jitter", "retry_kwargs", "track_started",
})
"""Options of tasks that people pass to apply_async, where nothing reads them."""

NEAR_MISSES: dict[str, str] = {
    "count_down": "countdown", "countdwon": "countdown", "coutdown": "countdown", "delay": "countdown",
    "expire": "expires", "expiry": "expires",
    "execute_at": "eta", "run_at": "eta",
    "que": "queue", "queue_name": "queue", "queues": "queue",
    "priorty": "priority", "proirity": "priority",
    "routing": "routing_key",
    "soft_timeout": "soft_time_limit", "timelimit": "time_limit",
    "link_errors": "link_error", "on_error": "link_error",
}
"""What people write in apply_async: the option that was meant."""

RETRY: tuple[str, ...] = surface.TASK_PARAMETERS["retry"][:-1]
"""Parameters of Task.retry in positional order; other keywords go to apply_async."""

RETRY_NEAR_MISSES: dict[str, str] = {
    "count_down": "countdown", "countdwon": "countdown", "coutdown": "countdown",
    "default_retry_delay": "countdown", "delay": "countdown", "retry_delay": "countdown", "wait": "countdown",
    "exception": "exc",
    "max_retry": "max_retries", "max_retires": "max_retries",
}
"""What people write in ``self.retry``: the parameter that was meant."""

RETRY_POLICY: frozenset[str] = frozenset({
    "max_retries", "interval_start", "interval_step", "interval_max", "retry_errors", "errback", "on_revive",
})
"""Keys of ``retry_policy``; another one is a TypeError. Source: kombu/connection.py:Connection.ensure."""

ROUTE_KEYS: frozenset[str] = frozenset({
    "compression", "confirm_timeout", "declare", "delivery_mode", "exchange", "exchange_type", "expiration", "headers",
    "immediate", "mandatory", "priority", "queue", "retry", "retry_policy", "routing_key", "serializer", "timeout",
})
"""Keys of a route that reach the message. Source: celery/app/amqp.py:AMQP._create_task_sender, kombu's publish."""

ROUTE_CRASHES: frozenset[str] = (
    frozenset(surface.TASK_MESSAGE)
    - {"argsrepr", "kwargsrepr", "now", "origin", "stamped_headers", "timezone"}
    | {"body", "producer"}
)
"""Keys of a route that make every publish a TypeError since 5.3, because Celery passes them by itself."""


def near_miss(name: str) -> str | None:
    """The option of apply_async that a name was surely meant to be: a known slip, or one letter too many, too few,
    wrong or out of place."""
    if name in NEAR_MISSES:
        return NEAR_MISSES[name]
    near = [option for option in APPLY_ASYNC if len(option) > 4 and one_letter_off(name, option)]
    return near[0] if len(near) == 1 else None


def one_letter_off(one: str, other: str) -> bool:
    """Whether one letter more, less, other or swapped with its neighbour makes one word of the other."""
    shorter, longer = sorted((one, other), key=len)
    start = next((i for i, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if len(longer) - len(shorter) == 1:
        return shorter[start:] == longer[start + 1 :]
    if len(longer) != len(shorter) or start == len(shorter):
        return False
    swapped = shorter[start : start + 2] == longer[start : start + 2][::-1]
    return shorter[start + 1 :] == longer[start + 1 :] or (swapped and shorter[start + 2 :] == longer[start + 2 :])
