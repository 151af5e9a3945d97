"""Names that people write for settings that do not exist, and what they were looking for.

A hint is either the name of a setting ("task_time_limit") or a phrase for a message. Sources: the names that public
projects, articles and Celery's own pages use; each was checked to be absent from ``settings.SETTINGS`` by a test.
"""

from __future__ import annotations

from celerylint.knowledge.setting_names import OLD_TO_NEW, namespaced, resolve

MEANT: dict[str, str] = {
    "acks_late": "task_acks_late",
    "always_eager": "task_always_eager",
    "backend": "result_backend",
    "beat_schedule_file": "beat_schedule_filename",
    "broker": "broker_url",
    "broker_backend": "broker_url",
    "concurrency": "worker_concurrency",
    "default_queue": "task_default_queue",
    "ignore_result": "task_ignore_result",
    "ignore_results": "task_ignore_result",
    "max_tasks_per_child": "worker_max_tasks_per_child",
    "prefetch_multiplier": "worker_prefetch_multiplier",
    "queues": "task_queues",
    "result_backend_url": "result_backend",
    "routes": "task_routes",
    "schedule": "beat_schedule",
    "send_events": "worker_send_task_events",
    "soft_time_limit": "task_soft_time_limit",
    "task_concurrency": "worker_concurrency",
    "task_events": "worker_send_task_events",
    "task_queue": "task_default_queue",
    "task_reject_on_failure": "task_acks_on_failure_or_timeout",
    "task_result_expires": "result_expires",
    "time_limit": "task_time_limit",
    "track_started": "task_track_started",
    "worker_max_tasks": "worker_max_tasks_per_child",
    "worker_soft_time_limit": "task_soft_time_limit",
    "worker_task_soft_time_limit": "task_soft_time_limit",
    "worker_task_time_limit": "task_time_limit",
    "worker_time_limit": "task_time_limit",
}
"""Name without namespace, in lower case: the setting that was meant."""

INSTEAD: dict[str, str] = {
    "broker_visibility_timeout": 'broker_transport_options["visibility_timeout"]',
    "visibility_timeout": 'broker_transport_options["visibility_timeout"]',
    "task_autoretry_for": "the task option autoretry_for",
    "task_default_retry_delay": "the task option default_retry_delay",
    "task_max_retries": "the task option max_retries",
    "task_rate_limit": "task_default_rate_limit, or the task option rate_limit",
    "task_retry_backoff": "the task option retry_backoff",
    "worker_autoscale": "the worker option --autoscale",
    "worker_hostname": "the worker option --hostname",
    "worker_loglevel": "the worker option --loglevel",
    "worker_log_level": "the worker option --loglevel",
    "worker_queues": "the worker option --queues",
    "beat_loglevel": "the beat option --loglevel",
    "task_names": "nothing: no such setting exists",
    "chord_size": "nothing: it is internal to Celery",
}
"""Name without namespace, in lower case: what does the job, since no setting does."""

NO_EFFECT: dict[str, str] = {
    "visibility_timeout": "only broker_transport_options is read for it (kombu/transport/redis.py:Channel)",
    "result_backend_transport_options.visibility_timeout": "no result backend reads it",
}
"""Settings that documentation recommends and no code reads."""


def meant(spelled: str, namespace: str = "", version: str | None = None) -> str | None:
    """The setting that an unknown name was meant for, spelled right for the namespace; None when not known.

    A dead old name ("CELERY_ALWAYS_EAGER" under "CELERY") counts as unknown and has an answer.
    """
    if resolve(spelled, namespace, version):
        return None
    name = OLD_TO_NEW.get(spelled) or MEANT.get(_bare(spelled, namespace))
    if name is None:
        return None
    return namespaced(name, namespace) if namespace else name


def instead(spelled: str, namespace: str = "") -> str | None:
    """A phrase that says what does the job of a setting that does not exist, None when not known."""
    return None if resolve(spelled, namespace) else INSTEAD.get(_bare(spelled, namespace))


def _bare(spelled: str, namespace: str) -> str:
    name = spelled.lower()
    return name.removeprefix((namespace.rstrip("_") or "celery").lower() + "_")
