"""Which values settings take, where Celery's declared type does not tell.

``celery/app/defaults.py`` declares a type for each setting, but only settings given after ``--`` on the command line
are converted to it (loaders/base.py:cmdline_config_parser). What a config module holds stays as it is: a str is never
turned into a number or a bool. Sources are named per entry, within the package celery unless it says kombu.
"""

from __future__ import annotations

from celerylint.knowledge.setting_history import ADDED_LATER, DEFAULT_CHANGES
from celerylint.knowledge.settings import SETTINGS
from celerylint.versions import allows

ALSO_ACCEPTS: dict[str, tuple[str, ...]] = {
    "accept_content": ("tuple", "set"),  # kombu serialization.py:prepare_accept_content
    "result_accept_content": ("list", "tuple", "set"),  # backends/base.py:Backend.__init__
    "imports": ("list", "tuple", "str"),  # loaders/base.py:BaseLoader.import_default_modules through maybe_list
    "include": ("list", "tuple", "str"),
    "timezone": ("tzinfo",),  # utils/time.py:_Zone.get_timezone
    "beat_scheduler": ("class",),  # symbol_by_name returns what is no str
    "broker_transport": ("class",),
    "worker_pool": ("class",),
    "worker_consumer": ("class",),
    "worker_autoscaler": ("class",),
    "worker_timer": ("class",),
    "worker_agent": ("class",),
    "broker_url": ("list", "tuple"),  # kombu connection.py:Connection splits alternates
    "broker_read_url": ("list", "tuple"),
    "broker_write_url": ("list", "tuple"),
    "broker_failover_strategy": ("callable",),  # kombu connection.py:Connection.__init__
    "broker_use_ssl": ("dict",),
    "redis_backend_use_ssl": ("dict",),
    "cassandra_auth_kwargs": ("dict",),  # backends/cassandra.py:CassandraBackend.__init__
    "cassandra_port": ("int",),
    "result_expires": ("timedelta",),  # backends/base.py:Backend.prepare_expires
    "task_default_delivery_mode": ("int",),  # app/amqp.py:AMQP.Queues; kombu entity.py:maybe_delivery_mode
    "task_queues": ("list", "tuple", "set"),  # app/amqp.py:Queues.__init__ reads an iterable of Queue
    "worker_concurrency": ("str",),  # "auto" and digits, from 5.7 on: worker/worker.py:WorkController.setup_instance
    "worker_redirect_stdouts_level": ("int",),  # utils/log.py:mlevel
}
"""Setting: kinds of value it takes besides the declared type and None."""

CHOICES: dict[str, tuple[object, ...]] = {
    "broker_native_delayed_delivery_queue_type": ("classic", "quorum"),  # worker/consumer/delayed_delivery.py
    "event_serializer": ("json", "pickle", "yaml", "msgpack"),
    "result_serializer": ("json", "pickle", "yaml", "msgpack", "auth"),
    "task_create_missing_queue_type": ("classic", "quorum"),  # app/amqp.py:Queues.new_missing
    "task_default_delivery_mode": (1, 2, "transient", "persistent"),  # kombu entity.py:DELIVERY_MODES
    "task_default_exchange_type": ("direct", "topic", "fanout", "headers"),
    "task_default_queue_type": ("classic", "quorum"),
    "task_protocol": (1, 2),  # app/amqp.py:AMQP.task_protocols
    "task_serializer": ("json", "pickle", "yaml", "msgpack", "auth"),
    "worker_pool": ("prefork", "processes", "threads", "solo", "gevent", "eventlet", "custom"),  # concurrency
}
"""Setting: the values that Celery and kombu know by themselves.

Serializers can be registered, pools can be classes or "module:Class", exchange types can come from broker plug-ins: a
value outside the list is worth a second look there, not proof of a mistake.
"""

OPEN_CHOICES: frozenset[str] = frozenset(
    {"event_serializer", "result_serializer", "task_default_exchange_type", "task_serializer", "worker_pool"}
)
"""Settings of ``CHOICES`` whose list a project may extend."""


def declared(name: str) -> tuple[str, object, str] | None:
    """(declared type, default, old name) of a setting that this or the coming Celery has, else None."""
    return SETTINGS.get(name) or ADDED_LATER.get(name)


def default_in(name: str, version: str | None = None) -> object:
    """The default of a setting in that version of Celery; without a version, in the one the tables are made from.

    Raises KeyError for a name that is no setting.
    """
    found = declared(name)
    if found is None:
        raise KeyError(name)
    changes = DEFAULT_CHANGES.get(name, ())
    if version is None or not changes:
        return found[1]
    value = changes[0][1]
    for release, _, after in changes:
        if allows(f">={release}", version):
            value = after
    return value
