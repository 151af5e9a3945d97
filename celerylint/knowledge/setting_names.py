"""How settings are spelled, and which spelling Celery reads.

Sources: celery/utils/collections.py:ConfigurationView (order of look-up), celery/app/utils.py:Settings and
detect_settings, celery/app/defaults.py:_TO_OLD_KEY. Without a namespace Celery reads the new name, then the old one.
With one it reads NAMESPACE_NAME, then the new name; the old name is not reached before 5.7, because the defaults
already hold the new one. For the same reason an old name assigned to ``app.conf`` after the configuration was read
changes nothing. From 5.7 on each layer is asked for all spellings before the next layer is, so that old names work.

Where a function takes a version, None stands for the release that the tables are made from.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from celerylint.knowledge.setting_history import ADDED_LATER, REMOVED_IN
from celerylint.knowledge.settings import SETTINGS
from celerylint.versions import allows

NEW_TO_OLD: dict[str, str] = {
    **{name: old for name, (_, _, old) in SETTINGS.items()},
    **{name: old for name, (_, _, old) in ADDED_LATER.items()},
    **{name: old for name, (_, old) in REMOVED_IN.items()},
}
"""Every setting of Celery 4.0 and later, with its name before Celery 4."""

OLD_TO_NEW: dict[str, str] = {old: name for name, old in NEW_TO_OLD.items()}

READ_BUT_UNDECLARED: dict[str, str] = {
    "override_backends": "celery/loaders/base.py:BaseLoader.override_backends",
    "result_backend_thread_safe": "celery/backends/base.py:Backend.__init__",
    "gcs_threadpool_maxsize": "celery/backends/gcs.py:GCSBackendBase.__init__",
    "firestore_project": "celery/backends/gcs.py:GCSBackend.__init__",
    "cassandra_secure_bundle_path": "celery/backends/cassandra.py:CassandraBackend.__init__",
}
"""Settings that Celery reads though ``defaults.py`` does not list them: where it does."""

FALLBACKS: dict[str, str] = {
    "CELERY_RESULT_BACKEND": "result_backend",
    "TIME_ZONE": "timezone",
    "CELERY_DB_REUSE_MAX": "",
}
"""Names that are read under any namespace: the setting they stand in for, "" when they stand for themselves.

Sources: celery/app/utils.py:Settings.result_backend and Settings.timezone, celery/fixups/django.py:DjangoWorkerFixup.
"""

ENVIRONMENT: dict[str, str] = {
    "CELERY_BROKER_URL": "broker_url",
    "CELERY_BROKER_READ_URL": "broker_read_url",
    "CELERY_BROKER_WRITE_URL": "broker_write_url",
    "CELERY_RESULT_BACKEND": "result_backend",
}
"""Environment variables that win over every configuration (celery/app/utils.py:Settings)."""

ENVIRONMENT_ONLY: dict[str, str] = {
    "CELERY_CONFIG_MODULE": "the module that the default loader reads (celery/loaders/default.py)",
    "CELERY_LOADER": "the loader class (celery/app/base.py:Celery._get_default_loader)",
    "CELERY_CUSTOM_WORKER_POOL": "the pool that -P custom starts, since 5.3 (celery/concurrency/__init__.py)",
    "C_FORCE_ROOT": "lets a worker that accepts pickle run as root (celery/platforms.py:check_privileges)",
}
"""Environment variables that stand for no setting: what they do."""


def _prefix(namespace: str) -> str:
    return namespace.rstrip("_") + "_" if namespace else ""


def namespaced(name: str, namespace: str) -> str:
    """The spelling that Celery looks for first: ("task_acks_late", "CELERY") gives CELERY_TASK_ACKS_LATE."""
    prefix = _prefix(namespace)
    key = name if prefix and name.startswith(prefix) else prefix + name
    return key.upper() if prefix.isupper() else key.lower()


def old_names_work(namespace: str, version: str | None = None) -> bool:
    """Whether Celery of that version reads old names in a configuration with this namespace."""
    return not namespace or (version is not None and allows(">=5.7", version))


def spellings(name: str, namespace: str = "", version: str | None = None) -> tuple[str, ...]:
    """The spellings of a setting that Celery reads, the winning one first."""
    found = [namespaced(name, namespace)] if namespace else []
    found.append(name)
    if name in NEW_TO_OLD and old_names_work(namespace, version):
        found.append(NEW_TO_OLD[name])
    return tuple(dict.fromkeys(found))


def resolve(spelled: str, namespace: str = "", version: str | None = None) -> str | None:
    """The setting that Celery reads under this spelling, by its new name, or None when it reads none.

    Settings of every release from 4.0 on are known; ask ``setting_history.exists_in`` about one version. Old names in
    a config module that mixes them with new ones are an error of their own (ImproperlyConfigured) and resolve here.
    """
    if spelled in FALLBACKS:
        return FALLBACKS[spelled] or spelled
    if spelled in NEW_TO_OLD or spelled in READ_BUT_UNDECLARED:
        return spelled
    if spelled in OLD_TO_NEW and old_names_work(namespace, version):
        return OLD_TO_NEW[spelled]
    if not namespace:
        return None
    name = spelled.lower().removeprefix(_prefix(namespace).lower())
    known = name in NEW_TO_OLD or name in READ_BUT_UNDECLARED
    return name if known and namespaced(name, namespace) == spelled else None


def ignored_under_namespace(spelled: str, namespace: str = "CELERY", version: str | None = None) -> str | None:
    """The setting that an old name stands for, when Celery ignores that name under the namespace; else None."""
    return None if resolve(spelled, namespace, version) else OLD_TO_NEW.get(spelled)


def needs_namespace(spelled: str) -> str | None:
    """The setting meant by a CELERY_ name that only ``namespace="CELERY"`` would give a meaning, else None."""
    return None if resolve(spelled) else resolve(spelled, "CELERY")


def spelled_names(namespace: str = "") -> Iterator[str]:
    """Every spelling that ``resolve`` understands, for "did you mean"."""
    for name in NEW_TO_OLD:
        yield from spellings(name, namespace)


THIRD_PARTY: tuple[str, ...] = (
    "redbeat_*", "beat_lock_timeout",  # celery-redbeat
    "django_celery_beat_*", "django_celery_results_*",
    "once", "singleton_*",  # celery-once, celery-singleton
    "flower_*", "sentry_*", "email_*",  # flower, sentry-sdk, django-celery-email
)
"""Lower-case globs of settings that other packages read from the same configuration."""


def is_third_party(spelled: str, namespace: str = "") -> bool:
    """Whether a spelling belongs to a package beside Celery."""
    name = spelled.lower().removeprefix(_prefix(namespace).lower())
    return any(fnmatchcase(name, pattern) for pattern in THIRD_PARTY)
