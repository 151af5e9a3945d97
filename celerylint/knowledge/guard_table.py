"""Calls, bases and exceptions that keep an effect from happening twice.

Sources: Django's QuerySet and cache documentation, SQLAlchemy's dialect inserts, the Redis commands SET, SETNX and the
locks of redis-py, and the documentation of the packages named in the rows.
"""

from __future__ import annotations

GUARDS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("upsert", "finds the row before it inserts one", (), (
        "get_or_create", "aget_or_create", "update_or_create", "aupdate_or_create",
    )),
    ("upsert", "inserts only what is not there", (), (
        "on_conflict_do_nothing", "on_conflict_do_update", "on_duplicate_key_update", "on_conflict_ignore",
        "on_conflict_replace",
    )),
    ("upsert", "inserts only what is not there", ("ignore_conflicts", "update_conflicts"), (
        "bulk_create", "abulk_create",
    )),
    ("upsert", "writes under a key", ("upsert",), ("update_one", "update_many", "replace_one", "find_one_and_update")),
    ("upsert", "merges by primary key", (), ("sqlalchemy.orm.Session.merge", "*.db.session.merge")),
    ("once", "sets a key that must not exist", ("nx",), ("set",)),
    ("once", "sets a key that must not exist", (), ("setnx", "msetnx", "hsetnx")),
    ("once", "adds a cache key that must not exist", (), (
        "django.core.cache.cache.add", "django.core.cache.cache.aadd", "django.core.cache.caches.add", "*.cache.add",
    )),
    ("lock", "holds a lock", (), (
        "redis.lock.Lock", "redis_lock.Lock", "redlock.RedLock", "redlock.Redlock",
        "redlock.RedLockFactory.create_lock",
        "pottery.Redlock", "aioredlock.Aioredlock.lock", "django.core.cache.cache.lock",
        "sherlock.Lock", "sherlock.RedisLock", "sherlock.MCLock", "sherlock.FileLock", "pglock.advisory",
        "django_pglocks.advisory_lock", "filelock.FileLock", "filelock.SoftFileLock",
        "portalocker.Lock", "portalocker.RedisLock", "fasteners.InterProcessLock", "fcntl.flock", "fcntl.lockf",
        "kazoo.client.KazooClient.Lock", "kazoo.recipe.lock.Lock", "etcd3.client.Etcd3Client.lock",
    )),
    ("lock", "holds a lock", (), (
        "lock", "acquire_lock", "advisory_lock", "pg_advisory_lock", "try_advisory_lock", "redis_lock",
        "distributed_lock",
        "cache_lock", "memcache_lock", "task_lock",
    )),
    ("row", "locks the row", (), ("select_for_update", "with_for_update")),
)
"""(kind, phrase, keywords of which one must be given, method names or canonical dotted names)."""

PROCESS_LOCAL: frozenset[str] = frozenset({
    "threading.Lock", "threading.RLock", "threading.Semaphore", "threading.BoundedSemaphore", "asyncio.Lock",
    "asyncio.Semaphore", "multiprocessing.Lock", "multiprocessing.RLock", "gevent.lock.RLock", "gevent.lock.Semaphore",
})
"""Locks that another worker does not see."""

SQL_METHODS: frozenset[str] = frozenset({"execute", "executemany", "exec_driver_sql", "raw", "text"})

SQL: tuple[tuple[str, str, str], ...] = (
    (r"\bpg_(try_)?advisory_(xact_)?lock\b|\bget_lock\s*\(", "lock", "holds a lock"),
    (r"\bfor\s+(no\s+key\s+)?update\b", "row", "locks the row"),
    (r"\bon\s+(conflict|duplicate\s+key)\b|\binsert\s+(or\s+)?ignore\b", "upsert", "inserts only what is not there"),
)
"""(pattern, kind, phrase) for the text of an SQL statement."""

TASK_BASES: frozenset[str] = frozenset({
    "celery_once.QueueOnce", "celery_once.tasks.QueueOnce", "celery_singleton.Singleton",
    "celery_singleton.singleton.Singleton", "celery_heimdall.HeimdallTask", "celery_heimdall.task.HeimdallTask",
})
"""Task base classes that keep the same task from being queued or run twice at a time."""

UNIQUE_ERRORS: frozenset[str] = frozenset({
    "django.db.IntegrityError", "django.db.utils.IntegrityError", "sqlalchemy.exc.IntegrityError",
    "psycopg2.IntegrityError", "psycopg2.errors.UniqueViolation", "psycopg.IntegrityError",
    "psycopg.errors.UniqueViolation", "sqlite3.IntegrityError", "pymysql.err.IntegrityError", "MySQLdb.IntegrityError",
    "peewee.IntegrityError", "tortoise.exceptions.IntegrityError", "mongoengine.errors.NotUniqueError",
    "mongoengine.NotUniqueError", "pymongo.errors.DuplicateKeyError",
})
"""Exceptions that say that a unique constraint stopped the second insert; catching one is a guard."""
