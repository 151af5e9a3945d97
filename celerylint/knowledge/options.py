"""Options of tasks, calls, retries and routes: which exist, since when, and what they take.

The names come from ``surface`` (generated); this file adds what Celery's signatures do not say. Sources are named per
table. "Kinds" are words for values: str, number, int, bool, dict, list, tuple, datetime, iso (an ISO 8601 str), none.
"""

from __future__ import annotations

from celerylint.knowledge import surface
from celerylint.versions import allows

AUTORETRY_DEFAULTS: dict[str, object] = {
    "autoretry_for": (),
    "dont_autoretry_for": (),
    "retry_kwargs": {},
    "retry_backoff": False,
    "retry_backoff_max": 600,
    "retry_jitter": True,
}
"""Options that only matter with ``autoretry_for``. Source: celery/app/autoretry.py:add_autoretry_behaviour."""

DECORATOR_ONLY: tuple[str, ...] = (*surface.DECORATOR_PARAMETERS, "shared", "filter", "lazy")
"""Read by the decorator, no attribute of the task. Source: celery/app/base.py:Celery.task, _task_from_fun."""

OVERRIDES: frozenset[str] = frozenset({
    "after_return", "backend", "before_start", "on_bound", "on_failure", "on_replace", "on_retry", "on_success",
    "shadow_name", "start_strategy", "__call__", "__trace__", "__doc__", "__name__", "__qualname__", "__module__",
})
"""Names of Task that a decorator option may replace on purpose, with a function or object of the same use."""

SHADOWING: frozenset[str] = frozenset(surface.TASK_METHODS) - OVERRIDES - {"bind"}
"""Decorator options that overwrite a method or property of the task: ``retry=True`` makes ``self.retry`` a bool."""

FREE_ATTRIBUTES: frozenset[str] = frozenset({"store_eager_result", "abstract", "autoregister", "request_stack", "app"})
"""Attributes of Task that ``surface.TASK_ATTRIBUTES`` leaves out."""

ADDED_IN: dict[str, str] = {
    "acks_on_failure_or_timeout": "4.3",
    "before_start": "5.2",
    "dont_autoretry_for": "5.3",
    "on_replace": "5.3",
    "pydantic": "5.5",
    "pydantic_context": "5.5",
    "pydantic_dump_kwargs": "5.5",
    "pydantic_strict": "5.5",
    "store_eager_result": "5.1",
    "acks_on_failure": "5.7",
    "acks_on_timeout": "5.7",
    "retry_on_worker_lost": "5.7",
}
"""Task option or hook: the release that added it; others exist since 4.0."""

KNOWN: frozenset[str] = (
    frozenset(surface.TASK_ATTRIBUTES) | frozenset(surface.PUBLISH_DEFAULTS) | frozenset(DECORATOR_ONLY)
    | frozenset(AUTORETRY_DEFAULTS) | OVERRIDES | FREE_ATTRIBUTES | frozenset(ADDED_IN)
)
"""Decorator options and class attributes that some part of Celery reads."""

INERT: frozenset[str] = frozenset({
    "args", "concurrency", "connection", "countdown", "eta", "headers", "kwargs", "link", "link_error", "pool",
    "producer", "retries", "retry_policy", "shadow", "task_id", "timeout",
})
"""Options of calls or workers that a task decorator accepts and nothing reads.

Source: celery/app/task.py:extract_exec_options names all attributes that a call takes over.
"""

THIRD_PARTY: frozenset[str] = frozenset({
    "once",  # celery-once
    "lock_expiry", "raise_on_duplicate", "unique_on",  # celery-singleton
})
"""Task options that well-known packages read."""

DEFAULTS: dict[str, object] = {
    **surface.TASK_ATTRIBUTES, **AUTORETRY_DEFAULTS, **dict.fromkeys(surface.PUBLISH_DEFAULTS),
    "bind": False, "shared": True, "lazy": True, "pydantic": False, "pydantic_strict": False,
}
"""Option: the value a task has when neither it nor a setting gives one."""

KINDS: dict[str, tuple[str, ...]] = {
    "acks_late": ("bool", "none"),
    "acks_on_failure_or_timeout": ("bool", "none"),
    "autoretry_for": ("tuple", "list", "set"),
    "bind": ("bool",),
    "default_retry_delay": ("number",),
    "dont_autoretry_for": ("tuple", "list", "set"),
    "expires": ("number", "datetime", "iso", "none"),
    "ignore_result": ("bool", "none"),
    "max_retries": ("int", "none"),
    "name": ("str", "none"),
    "priority": ("int", "none"),
    "queue": ("str", "queue", "none"),
    "rate_limit": ("str", "number", "none"),
    "reject_on_worker_lost": ("bool", "none"),
    "retry_backoff": ("bool", "number"),
    "retry_backoff_max": ("int", "number"),
    "retry_jitter": ("bool",),
    "retry_kwargs": ("dict",),
    "serializer": ("str", "none"),
    "soft_time_limit": ("number", "none"),
    "store_errors_even_if_ignored": ("bool", "none"),
    "throws": ("tuple", "class"),
    "time_limit": ("number", "none"),
    "track_started": ("bool", "none"),
    "typing": ("bool", "none"),
}
"""Task option: the kinds of value that work. A timedelta works nowhere: it fails when the message is made."""

NEAR_MISSES: dict[str, str] = {
    "ack_late": "acks_late", "acks_lates": "acks_late", "acks": "acks_late", "late_ack": "acks_late",
    "autoretry": "autoretry_for", "auto_retry_for": "autoretry_for", "retry_for": "autoretry_for",
    "backoff": "retry_backoff", "backoff_max": "retry_backoff_max", "jitter": "retry_jitter",
    "retry_max_backoff": "retry_backoff_max", "max_retry_backoff": "retry_backoff_max",
    "default_retry": "default_retry_delay", "retry_countdown": "default_retry_delay",
    "retry_delay": "default_retry_delay", "retry_default_delay": "default_retry_delay",
    "expire": "expires",
    "ignore_results": "ignore_result", "no_result": "ignore_result",
    "max_retry": "max_retries", "retry_max": "max_retries", "max_retires": "max_retries",
    "queues": "queue", "que": "queue", "queue_name": "queue",
    "rate_limits": "rate_limit",
    "reject_on_worker_loss": "reject_on_worker_lost", "reject_on_lost": "reject_on_worker_lost",
    "soft_timeout": "soft_time_limit", "soft_limit": "soft_time_limit", "soft_time": "soft_time_limit",
    "soft_timelimit": "soft_time_limit",
    "time_limits": "time_limit", "timelimit": "time_limit", "hard_time_limit": "time_limit",
}
"""What people write on decorators: the option that was meant."""


def known(name: str, version: str | None = None) -> bool:
    """Whether Celery (of that version) reads a decorator option or task attribute of this name."""
    if name not in KNOWN:
        return False
    return version is None or allows(f">={ADDED_IN.get(name, '4.0')}", version)
