"""What the objects in ``celery.result`` have, and what their methods do.

Sources: celery/result.py of 3.1 to 5.6: AsyncResult, EagerResult, ResultSet, GroupResult.
"""

from __future__ import annotations

ASYNC_RESULT: frozenset[str] = frozenset({
    "TimeoutError", "app", "args", "as_list", "as_tuple", "backend", "build_graph", "children", "collect", "date_done",
    "failed", "forget", "get", "get_leaf", "graph", "id", "ignored", "info", "iterdeps", "kwargs", "maybe_reraise",
    "maybe_throw", "name", "on_ready", "parent", "queue", "ready", "result", "retries", "revoke",
    "revoke_by_stamped_headers", "state", "status", "successful", "supports_native_join", "task_id", "task_name",
    "then", "throw", "traceback", "wait", "worker", "serializable",
})  # fmt: skip
"""Attributes of ``AsyncResult``; ``task_name`` and ``serializable`` are those of Celery 3."""

GROUP_RESULT: frozenset[str] = frozenset({
    "add", "app", "as_tuple", "backend", "children", "clear", "completed_count", "delete", "discard", "failed",
    "forget", "get", "id", "iter_native", "iterate", "itersubtasks", "join", "join_native", "maybe_reraise",
    "maybe_throw", "on_ready", "parent", "ready", "remove", "restore", "results", "revoke", "save", "serializable",
    "subtasks", "successful", "supports_native_join", "then", "total", "update", "waiting",
})  # fmt: skip
"""Attributes of ``GroupResult`` and ``ResultSet``, those of Celery 3 too."""

WAITS: frozenset[str] = frozenset({"get", "wait", "join", "join_native", "collect", "get_leaf"})
"""Methods that wait, after ``assert_will_not_block`` where they are called inside a task."""

READS: frozenset[str] = frozenset({
    "result", "info", "state", "status", "ready", "successful", "failed", "traceback", "children", "date_done",
    "maybe_throw", "maybe_reraise", "completed_count", "waiting", "graph", "build_graph", "iterdeps", "iterate",
    "iter_native", "args", "kwargs", "name", "worker", "retries", "queue",
})  # fmt: skip
"""Attributes and methods that ask the result backend without waiting."""

POLLS: frozenset[str] = frozenset({"ready", "state", "status", "successful", "failed", "waiting", "completed_count"})
"""What a loop asks until a task is done."""
