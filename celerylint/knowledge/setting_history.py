"""What changed among Celery's settings between 4.0 and 5.7.

Source: celery/app/defaults.py at the tags 4.0.0, 4.1.0, 4.2.0, 4.3.0, 4.4.0, 4.4.7, 5.0.0, 5.1.0, 5.2.0, 5.2.7, 5.3.1,
5.3.6, 5.4.0, 5.5.0, 5.5.3, 5.6.0, 5.6.3 and 5.7.0. A setting that no table names exists since 4.0 or before.
"""

from __future__ import annotations

from celerylint.versions import allows

_ADDED: dict[str, tuple[str, ...]] = {
    "4.1": (
        "elasticsearch_max_retries", "elasticsearch_retry_on_timeout", "elasticsearch_timeout", "redis_backend_use_ssl",
        "redis_socket_connect_timeout",
    ),
    "4.2": ("cassandra_options", "result_backend_transport_options"),
    "4.3": (
        "arangodb_backend_settings", "azureblockblob_container_name", "azureblockblob_retry_increment_base",
        "azureblockblob_retry_initial_backoff_sec", "azureblockblob_retry_max_attempts", "control_exchange",
        "cosmosdbsql_collection_name", "cosmosdbsql_consistency_level", "cosmosdbsql_database_name",
        "cosmosdbsql_max_retry_attempts", "cosmosdbsql_max_retry_wait_time", "event_exchange", "result_accept_content",
        "result_chord_join_timeout", "result_extended", "s3_access_key_id", "s3_base_path", "s3_bucket",
        "s3_endpoint_url", "s3_region", "s3_secret_access_key", "security_digest", "task_acks_on_failure_or_timeout",
        "task_default_priority", "task_inherit_parent_priority",
    ),
    "4.4": (
        "database_table_schemas", "elasticsearch_save_meta_as_text", "redis_retry_on_timeout", "redis_socket_keepalive",
        "result_backend_always_retry", "result_backend_base_sleep_between_retries_ms", "result_backend_max_retries",
        "result_backend_max_sleep_between_retries_ms", "result_chord_retry_interval", "worker_proc_alive_timeout",
    ),
    "5.1": (
        "azureblockblob_base_path", "redis_username", "task_store_eager_result",
        "worker_cancel_long_running_tasks_on_connection_loss", "worker_deduplicate_successful_tasks",
    ),
    "5.2": ("azureblockblob_connection_timeout", "azureblockblob_read_timeout"),
    "5.3": (
        "beat_cron_starting_deadline", "broker_channel_error_retry", "broker_connection_retry_on_startup",
        "cassandra_bundle_path", "security_key_password", "task_allow_error_cb_on_chord_header",
    ),
    "5.4": ("gcs_base_path", "gcs_bucket", "gcs_project", "gcs_ttl", "worker_enable_prefetch_count_reduction"),
    "5.5": (
        "broker_native_delayed_delivery_queue_type", "database_create_tables_at_setup", "task_default_queue_type",
        "worker_detect_quorum_queues", "worker_enable_soft_shutdown_on_idle", "worker_soft_shutdown_timeout",
    ),
    "5.6": (
        "control_queue_durable", "control_queue_exclusive", "event_queue_durable", "event_queue_exclusive",
        "task_create_missing_queue_exchange_type", "task_create_missing_queue_type", "worker_disable_prefetch",
        "worker_eta_task_limit",
    ),
    "5.7": (
        "beat_enable_remote_control", "beat_remote_control_max_tick_age", "broker_pool_acquire_timeout",
        "database_engine_callback", "result_chord_expires", "result_failure_expires", "task_acks_on_failure",
        "task_acks_on_timeout", "task_repr_maxlevels", "task_retry_on_worker_lost", "worker_log_datefmt",
        "worker_pool_start_method", "worker_task_log_datefmt",
    ),
}

ADDED_IN: dict[str, str] = {name: version for version, names in _ADDED.items() for name in names}
"""Setting: the release in which it appeared."""

REMOVED_IN: dict[str, tuple[str, str]] = {
    "riak_backend_settings": ("5.0", "CELERY_RIAK_BACKEND_SETTINGS"),
    "task_queue_ha_policy": ("5.1", "CELERY_QUEUE_HA_POLICY"),
}
"""Setting that is gone: (the first release without it, its old name)."""

ADDED_LATER: dict[str, tuple[str, object, str]] = {
    "beat_enable_remote_control": ("bool", False, "CELERYBEAT_ENABLE_REMOTE_CONTROL"),
    "beat_remote_control_max_tick_age": ("float", None, "CELERYBEAT_REMOTE_CONTROL_MAX_TICK_AGE"),
    "broker_pool_acquire_timeout": ("float", None, "BROKER_POOL_ACQUIRE_TIMEOUT"),
    "database_engine_callback": ("any", None, "DATABASE_ENGINE_CALLBACK"),
    "result_chord_expires": ("float", None, "CELERY_RESULT_CHORD_EXPIRES"),
    "result_failure_expires": ("float", None, "CELERY_RESULT_FAILURE_EXPIRES"),
    "task_acks_on_failure": ("bool", None, "CELERY_ACKS_ON_FAILURE"),
    "task_acks_on_timeout": ("bool", None, "CELERY_ACKS_ON_TIMEOUT"),
    "task_repr_maxlevels": ("int", 3, "CELERY_REPR_MAXLEVELS"),
    "task_retry_on_worker_lost": ("bool", False, "CELERY_RETRY_ON_WORKER_LOST"),
    "worker_log_datefmt": ("string", None, "CELERYD_LOG_DATEFMT"),
    "worker_pool_start_method": ("string", "fork", "CELERYD_POOL_START_METHOD"),
    "worker_task_log_datefmt": ("string", None, "CELERYD_TASK_LOG_DATEFMT"),
}
"""Settings newer than the generated table: (type, default, old name), as in ``settings.SETTINGS``."""

DEFAULT_CHANGES: dict[str, tuple[tuple[str, object, object], ...]] = {
    "accept_content": (("4.1", ("json", "pickle", "msgpack", "yaml"), ("json",)),),
    "worker_concurrency": (("5.2", 0, None),),
    "control_queue_exclusive": (("5.7", False, True),),
    "event_queue_exclusive": (("5.7", False, True),),
}
"""Setting: (release, default before, default from then on)."""

DEPRECATED: dict[str, tuple[str, tuple[str, ...]]] = {
    "task_acks_on_failure_or_timeout": ("5.7", ("task_acks_on_failure", "task_acks_on_timeout")),
}
"""Setting: (the release that deprecates it, what replaces it)."""

OLD_NAMES_REMOVED_IN = "6.0"
"""Source: celery/app/utils.py:Settings.maybe_warn_deprecated_settings."""


def exists_in(name: str, version: str) -> bool:
    """Whether a Celery of that version has the setting ``name`` (which some version has)."""
    if name in REMOVED_IN:
        return not allows(f">={REMOVED_IN[name][0]}", version)
    return allows(f">={ADDED_IN.get(name, '4.0')}", version)
