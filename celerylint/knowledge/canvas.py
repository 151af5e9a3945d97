"""What Celery does with chains, groups and chords. Source: celery/canvas.py and celery/backends of 5.6.3, run on 5.0 to
5.6."""

from __future__ import annotations

CLASSES: dict[str, str] = {
    "chain": "chain",
    "_chain": "chain",
    "group": "group",
    "TaskSet": "group",
    "chord": "chord",
    "_chord": "chord",
    "chunks": "map",
    "xmap": "map",
    "xstarmap": "map",
}
"""Class of celery.canvas: what it makes."""

RETURN_SELF = frozenset({"set", "clone", "on_error", "replace", "partial", "skew", "reverse"})
"""Methods of signatures whose value is the signature itself or a copy of it. ``stamp`` and ``set_immutable`` give
None."""

RETURN_CALLBACK = frozenset({"link", "link_error"})
"""Methods whose value is the signature that was attached (``Signature.append_to_list_option``), not the one attached
to."""

SENDING = frozenset({"delay", "apply_async", "apply", "delay_on_commit", "apply_async_on_commit", "election"})
"""Methods of a signature whose value is a result: it has been sent, or run in place."""

LOSES_FIRST_OF_GENERATOR = ">=5.1,<5.3"
"""Versions in which a chord over a generator leaves out the first task and waits for it for ever (celery#7285)."""

ERRBACK_ARGUMENTS = 3
"""An errback with more than one parameter is called with the request, the exception and the traceback
(celery/backends/base.py: _call_task_errbacks); any other one is sent with the id of the task that failed."""
