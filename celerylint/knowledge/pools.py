"""What each worker pool can do.

Sources: celery/concurrency/__init__.py:ALIASES; on_apply and apply_async of prefork, thread, solo, gevent and eventlet;
celery/worker/components.py:Pool and Beat; celery/result.py:assert_will_not_block with ``task_join_will_block``.
"""

from __future__ import annotations

from typing import NamedTuple


class Pool(NamedTuple):
    """Abilities of a pool. ``blocks_get``: ``result.get()`` inside a task raises RuntimeError."""

    hard_limit: bool
    soft_limit: bool
    recycles: bool
    embeds_beat: bool
    blocks_get: bool
    terminates: bool
    concurrent: bool


_PREFORK = Pool(True, True, True, True, True, True, True)

POOLS: dict[str, Pool] = {
    "prefork": _PREFORK,
    "processes": _PREFORK,
    "threads": Pool(False, False, False, True, True, False, True),
    "solo": Pool(False, False, False, True, True, False, False),
    "gevent": Pool(True, False, False, False, False, True, True),
    "eventlet": Pool(False, False, False, False, False, True, True),
}
"""Name for -P or ``worker_pool``: what it can do. gevent's hard limit acts only when the task yields.

``recycles`` covers --max-tasks-per-child and --max-memory-per-child; ``embeds_beat`` is the worker's -B.
"""

CUSTOM = "custom"
"""-P custom takes the class named by CELERY_CUSTOM_WORKER_POOL, since 5.3; what it can do is unknown."""

DEFAULT = "prefork"

NAMES: tuple[str, ...] = (*POOLS, CUSTOM)

NEAR_MISSES: dict[str, str] = {
    "thread": "threads", "threaded": "threads", "process": "processes", "fork": "prefork", "multiprocessing": "prefork",
    "single": "solo",
}
"""Names that the command line refuses: the pool that was meant."""

CLASSES: dict[str, str] = {
    "celery.concurrency.prefork:TaskPool": "prefork",
    "celery.concurrency.thread:TaskPool": "threads",
    "celery.concurrency.solo:TaskPool": "solo",
    "celery.concurrency.gevent:TaskPool": "gevent",
    "celery.concurrency.eventlet:TaskPool": "eventlet",
}
"""Class paths that ``worker_pool`` may hold: the pool."""

GREEN: frozenset[str] = frozenset({"gevent", "eventlet"})
"""Pools that must be chosen with -P, because libraries are patched before the configuration is read."""


def pool(name: str) -> Pool | None:
    """The pool of a name or class path, None when it is not one of Celery's."""
    return POOLS.get(CLASSES.get(name.replace(".TaskPool", ":TaskPool"), name))
