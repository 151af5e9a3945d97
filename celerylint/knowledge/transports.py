"""Brokers and result backends: URL schemes, options and abilities.

Sources: kombu/transport/__init__.py:TRANSPORT_ALIASES, celery/app/backends.py:BACKEND_ALIASES and by_url, the Channel
classes of kombu's redis and SQS transports, ``supports_native_join`` and ``supports_autoexpire`` of the backends.
"""

from __future__ import annotations

BROKERS: dict[str, str] = {
    "amqp": "amqp", "amqps": "amqp", "pyamqp": "amqp", "librabbitmq": "amqp", "redis": "redis", "rediss": "redis",
    "sentinel": "redis", "sqs": "sqs", "SQS": "sqs", "memory": "memory", "filesystem": "filesystem",
    "mongodb": "mongodb", "sqla": "sqlalchemy", "sqlalchemy": "sqlalchemy", "zookeeper": "zookeeper",
    "consul": "consul",
    "etcd": "etcd", "azurestoragequeues": "azurestoragequeues", "azureservicebus": "azureservicebus",
    "gcpubsub": "gcpubsub", "pgmq": "pgmq", "kafka": "kafka", "confluentkafka": "kafka", "qpid": "qpid",
    "pyro": "pyro",
    "slmq": "slmq", "SLMQ": "slmq",
}
"""Scheme of a broker URL: the kind of broker. Other schemes are a KeyError when the connection is made."""

DEFAULT_BROKER = "amqp"
"""Without a broker Celery connects to amqp://guest@localhost; a URL without a scheme is read as an AMQP host."""

BROKER_HINTS: dict[str, str] = {
    "rabbitmq": "amqp", "rabbit": "amqp", "redis-sentinel": "sentinel", "redis+sentinel": "sentinel",
    "redis+ssl": "rediss",
    "http": "sqs", "https": "sqs", "postgres": "sqla+postgresql", "postgresql": "sqla+postgresql",
    "mysql": "sqla+mysql", "sqlite": "sqla+sqlite", "django": "redis",
}
"""Schemes that people write for brokers: what they meant, or what comes nearest."""

BACKENDS: frozenset[str] = frozenset({
    "rpc", "cache", "redis", "rediss", "sentinel", "mongodb", "db", "database", "elasticsearch", "cassandra",
    "couchbase",
    "couchdb", "cosmosdbsql", "riak", "file", "disabled", "consul", "dynamodb", "azureblockblob", "arangodb", "s3",
    "gs",
})
"""Schemes (before a "+") and names of Celery's result backends; "" stands for disabled."""

BACKEND_PLUGINS: dict[str, str] = {"django-db": "django_celery_results", "django-cache": "django_celery_results"}
"""Backend that another package registers: the package."""

BACKEND_HINTS: dict[str, str] = {
    "postgresql": "db+postgresql", "postgres": "db+postgresql", "mysql": "db+mysql", "sqlite": "db+sqlite",
    "oracle": "db+oracle", "mssql": "db+mssql", "memcached": "cache+memcached", "pylibmc": "cache+pylibmc",
    "memory": "cache+memory", "amqp": "rpc", "django": "django-db",
}
"""Schemes that people write for backends: what they meant."""

NO_CHORDS: frozenset[str] = frozenset({"", "disabled", "rpc"})
"""Backends that refuse chords with NotImplementedError."""

COUNTING_CHORDS: frozenset[str] = frozenset({"redis", "rediss", "sentinel", "cache", "dynamodb", "gs"})
"""Backends that count finished header tasks; the others poll with celery.chord_unlock."""

CHORDS_WITH_IGNORED_HEADER: frozenset[str] = frozenset({"redis", "rediss", "sentinel"})
"""Backends on which a chord works though a header task ignores its result."""

AUTOEXPIRE: frozenset[str] = frozenset({
    "redis", "rediss", "sentinel", "cache", "cassandra", "consul", "couchbase", "dynamodb", "rpc",
})
"""Backends that drop results by themselves."""

NEEDS_CLEANUP: frozenset[str] = frozenset({
    "db", "database", "mongodb", "file", "django-db", "elasticsearch", "s3", "azureblockblob",
})
"""Backends whose results stay until celery.backend_cleanup runs, which takes a beat."""

VISIBILITY_TIMEOUT: dict[str, int] = {"redis": 3600, "sqs": 1800, "pgmq": 1800, "slmq": 1800}
"""Kind of broker that delivers again what stays unacknowledged: after how many seconds by default.

Kinds that are not here have no such timeout (RabbitMQ has ``consumer_timeout``, 1800 s on the server).
"""

CONSUMER_TIMEOUT = 1800.0
"""Seconds after which RabbitMQ (3.8.17 and later) closes a channel with an unacknowledged delivery, unless its
``consumer_timeout`` says otherwise."""

REDIS_OPTIONS: frozenset[str] = frozenset({
    "ack_emulation", "body_encoding", "client_name", "credential_provider", "deadletter_queue", "errback",
    "fanout_patterns", "fanout_prefix", "global_keyprefix", "health_check_interval", "interval_max", "interval_start",
    "interval_step", "master_name", "max_connections", "max_retries", "polling_interval", "priority_steps",
    "queue_order_strategy", "reauth_check_interval", "retry_on_timeout", "sentinel_fanout_compat", "sentinel_kwargs",
    "sep",
    "socket_connect_timeout", "socket_keepalive", "socket_keepalive_options", "socket_read_size", "socket_timeout",
    "unacked_index_key", "unacked_key", "unacked_mutex_expire", "unacked_mutex_key", "unacked_restore_interval",
    "unacked_restore_limit", "unacked_restore_throttle", "visibility_timeout",
})
"""Keys of ``broker_transport_options`` that some part of kombu reads with Redis (Channel.from_transport_options)."""

REDIS_PRIORITY_STEPS: tuple[int, ...] = (0, 3, 6, 9)
"""Priorities that Redis keeps apart by default; 0 is the most urgent, where RabbitMQ's most urgent is the highest."""


def broker_kind(url: str) -> str | None:
    """The kind of broker a URL names,
    None for a scheme that kombu does not know. "sqla+postgresql://" is sqlalchemy."""
    scheme, separator, _ = url.partition("://")
    if not separator:
        return BROKERS.get(url, DEFAULT_BROKER)
    return BROKERS.get(scheme.partition("+")[0])


def backend_kind(url: str) -> str | None:
    """The name under which Celery looks a backend up; None for one that neither it nor a known package has.

    A class path ("package.module:Class") is a name of its own.
    """
    scheme, separator, _ = url.partition("://")
    name = scheme.partition("+")[0] if separator else url
    known = name in BACKENDS or name in BACKEND_PLUGINS or "." in name or not name
    return name if known else None
