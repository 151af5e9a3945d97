"""Pools, brokers and result backends, compared with the installed Celery and kombu."""

from __future__ import annotations

import inspect
from concurrent.futures import Future
from typing import Any

import pytest
from celery import concurrency
from celery.app import backends
from celery.concurrency import gevent, prefork, solo, thread
from kombu import transport

from celerylint.knowledge import pools, transports


def test_pool_names_are_those_of_celery() -> None:
    assert set(concurrency.ALIASES) == set(pools.NAMES)
    for name, path in concurrency.ALIASES.items():
        if name != pools.CUSTOM:
            assert pools.pool(path) == pools.POOLS[name]
            assert pools.pool(path.replace(":", ".")) == pools.POOLS[name]
    assert pools.pool(pools.CUSTOM) is None
    assert pools.pool("shop.pool:Pool") is None


def test_near_misses_of_pools() -> None:
    for wrong, right in pools.NEAR_MISSES.items():
        assert wrong not in concurrency.ALIASES
        assert right in pools.POOLS


class Recorder:
    """Stands for what a pool runs things on, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def submit(self, *args: object, **options: object) -> Future[None]:
        self.asked = options
        return Future()


def test_threads_hear_of_no_limit() -> None:
    pool = thread.TaskPool(limit=1)
    try:
        pool.executor = recorder = Recorder()
        pool.on_apply(print, timeout=1, soft_timeout=1)
        assert not {"timeout", "soft_timeout"} & set(recorder.asked)
    finally:
        pool.executor = None
    assert not pools.POOLS["threads"].hard_limit
    assert not pools.POOLS["threads"].soft_limit


def test_limits_by_signature() -> None:
    """solo swallows both limits, gevent takes the hard one and swallows the soft one."""
    hidden = inspect.signature(solo.apply_target).parameters
    assert "timeout" not in hidden
    taken = inspect.signature(gevent.TaskPool.on_apply).parameters
    known = pools.POOLS["gevent"]
    assert ("timeout" in taken, "soft_timeout" in taken) == (known.hard_limit, known.soft_limit)


@pytest.mark.parametrize(
    ("module", "name"), [(prefork, "prefork"), (thread, "threads"), (solo, "solo"), (gevent, "gevent")]
)
def test_abilities_by_class(module: Any, name: str) -> None:
    assert module.TaskPool.task_join_will_block is pools.POOLS[name].blocks_get
    assert module.TaskPool.is_green is (name in pools.GREEN)
    assert pools.POOLS[name].embeds_beat is not (name in pools.GREEN)


def test_only_prefork_terminates_among_the_simple_pools() -> None:
    for module, name in ((thread, "threads"), (solo, "solo"), (gevent, "gevent")):
        own = "terminate_job" in vars(module.TaskPool)
        assert own is pools.POOLS[name].terminates, name


def test_brokers_are_those_of_kombu() -> None:
    assert set(transport.TRANSPORT_ALIASES) == set(transports.BROKERS)
    for scheme in transports.BROKER_HINTS:
        assert scheme not in transport.TRANSPORT_ALIASES
    for meant in transports.BROKER_HINTS.values():
        assert meant.partition("+")[0] in transport.TRANSPORT_ALIASES


def test_backends_are_those_of_celery() -> None:
    assert set(backends.BACKEND_ALIASES) == set(transports.BACKENDS)
    named = transports.NO_CHORDS | transports.COUNTING_CHORDS | transports.AUTOEXPIRE | transports.NEEDS_CLEANUP
    assert named - {""} <= transports.BACKENDS | set(transports.BACKEND_PLUGINS)
    for scheme, meant in transports.BACKEND_HINTS.items():
        assert transports.backend_kind(f"{scheme}://") is None
        assert transports.backend_kind(meant) or transports.backend_kind(f"{meant}://")


@pytest.mark.parametrize("name", ["rpc", "redis", "cache", "db", "file", "s3", "disabled"])
def test_backends_expire_as_the_table_says(name: str) -> None:
    try:
        cls, _ = backends.by_url(f"{name}://")
    except ImportError:
        pytest.skip("its driver is not installed")
    assert cls.supports_autoexpire is (name in transports.AUTOEXPIRE)
    if name in transports.NEEDS_CLEANUP:
        assert not cls.supports_autoexpire


@pytest.mark.parametrize(("url", "kind"), [
    ("redis://localhost:6379/0", "redis"), ("rediss://x", "redis"), ("sentinel://a;sentinel://b", "redis"),
    ("redis+socket:///tmp/redis.sock", "redis"), ("amqp://guest@x//", "amqp"), ("sqs://", "sqs"),
    ("sqla+postgresql://x/y", "sqlalchemy"), ("memory://", "memory"), ("rabbitmq://x", None),
    ("localhost:6379", "amqp"), ("sqs", "sqs"),
])  # fmt: skip
def test_broker_kind(url: str, kind: str | None) -> None:
    assert transports.broker_kind(url) == kind


@pytest.mark.parametrize(("url", "kind"), [
    ("redis://x", "redis"), ("db+postgresql://x", "db"), ("cache+memcached://x", "cache"), ("postgresql://x", None),
    ("django-db", "django-db"), ("", ""), ("rpc://", "rpc"), ("shop.backends:Backend", "shop.backends:Backend"),
    ("amqp://", None),
])  # fmt: skip
def test_backend_kind(url: str, kind: str | None) -> None:
    assert transports.backend_kind(url) == kind


def test_visibility_timeouts() -> None:
    redis = pytest.importorskip("kombu.transport.redis")
    assert redis.Channel.visibility_timeout == transports.VISIBILITY_TIMEOUT["redis"]
    assert tuple(redis.Channel.priority_steps) == transports.REDIS_PRIORITY_STEPS
    assert set(redis.Channel.from_transport_options) <= transports.REDIS_OPTIONS
    sqs = pytest.importorskip("kombu.transport.SQS")
    assert sqs.Channel.default_visibility_timeout == transports.VISIBILITY_TIMEOUT["sqs"]
