"""What ``task.request`` has. Source: celery/app/task.py:Context, and celery/app/trace.py, which adds ``task``."""

from __future__ import annotations

REQUEST_ATTRIBUTES: frozenset[str] = frozenset({
    "args", "argsrepr", "as_execution_options", "callbacks", "called_directly", "chain", "children", "chord", "clear",
    "correlation_id", "delivery_info", "errbacks", "eta", "expires", "get", "group", "group_index", "headers",
    "hostname", "id", "ignore_result", "is_eager", "kwargs", "kwargsrepr", "lang", "logfile", "loglevel", "origin",
    "parent_id", "properties", "replaced_task_nesting", "reply_to", "retries", "root_id", "shadow", "stamped_headers",
    "stamps", "task", "taskset", "timelimit", "update", "utc",
})  # fmt: skip
"""Attributes of a request. The headers of a message become attributes too, so another name need not be wrong."""
