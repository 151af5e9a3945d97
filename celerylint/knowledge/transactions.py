"""What opens a database transaction, what waits for its commit, and which code Django itself runs inside one.

Sources: ``django/db/transaction.py``, ``django/db/models/deletion.py: Collector.delete``,
``django/db/models/fields/related_descriptors.py``, ``django/db/models/query.py: get_or_create``,
``django/contrib/admin/options.py``, ``django/core/handlers/base.py: make_view_atomic``; SQLAlchemy's "Managing
Transactions"; the API references of Peewee and Tortoise. The proofs run Django's part of it.
"""

from __future__ import annotations

OPENERS: dict[str, str] = {
    "django.db.transaction.atomic": "django",
    "django.db.transaction.Atomic": "django",
    "django.db.transaction.commit_on_success": "django",
    "django.db.transaction.commit_manually": "django",
    "xact.xact": "django",
    "reversion.create_revision": "django",
    "reversion.revisions.create_revision": "django",
    "reversion.views.create_revision": "django",
    "pgtransaction.atomic": "django",
    "tortoise.transactions.in_transaction": "tortoise",
    "tortoise.transactions.atomic": "tortoise",
}
"""Function or class whose call, as a context manager or as a decorator, is a transaction: its family.
(``create_revision`` is atomic by default.)"""

OPENING_METHODS: dict[str, tuple[tuple[str, str], ...]] = {
    "begin": (("sqlalchemy", "sqlalchemy"), ("flask_sqlalchemy", "sqlalchemy"), ("sqlmodel", "sqlalchemy")),
    "begin_nested": (("sqlalchemy", "sqlalchemy"), ("flask_sqlalchemy", "sqlalchemy"), ("sqlmodel", "sqlalchemy")),
    "atomic": (("peewee", "peewee"), ("playhouse", "peewee")),
    "transaction": (("peewee", "peewee"), ("playhouse", "peewee")),
}
"""Method: the packages whose objects open a transaction by it, and the family."""

COMMIT_HOOKS: frozenset[str] = frozenset(
    {"django.db.transaction.on_commit", "django.db.connection.on_commit", "django.db.connections.on_commit"}
)
"""Functions that run a callback after the commit, or at once where no transaction is open."""

ALWAYS_INSIDE: dict[str, str] = {
    "post_delete": "Django deletes rows in a transaction",
    "m2m_changed": "Django changes a relation in a transaction",
}
"""Signal that Django sends inside a transaction of its own (``Collector.delete``; ``add``, ``remove``, ``set`` and
``clear`` of a many-to-many manager): what it says. ``post_save`` is sent after ``Model.save`` has closed its own."""

SAVE_SIGNALS: frozenset[str] = frozenset({"post_save"})
"""Signals that are inside a transaction only when whoever saves holds one."""

BEFORE_SAVE: frozenset[str] = frozenset({"pre_save"})
"""Signals that come before the row is written."""

SIGNALS: frozenset[str] = frozenset({*ALWAYS_INSIDE, *SAVE_SIGNALS, *BEFORE_SAVE, "pre_delete"})
"""The signals of ``django.db.models.signals`` that are about a row."""

ADMIN_HOOKS: dict[str, str] = {
    "save_model": "obj",
    "delete_model": "obj",
    "save_related": "form",
    "response_add": "obj",
    "response_change": "obj",
    "log_addition": "object",
    "log_change": "object",
}
"""Method of a ``ModelAdmin`` that the add, change and delete views call inside their ``transaction.atomic``: the
parameter that is, or holds, the row. (Actions and ``delete_queryset`` are called outside of it.)"""

ADMIN_BASES: tuple[str, ...] = ("django.contrib.admin.", "django.contrib.auth.admin.", "unfold.", "import_export.",
                                "guardian.admin.", "reversion.admin.", "simple_history.admin.", "nested_admin.",
                                "mptt.admin.", "polymorphic.admin.", "django.contrib.gis.admin.")  # fmt: skip

ADMIN_MODELS: frozenset[str] = frozenset({"django.contrib.auth.models.User", "django.contrib.auth.models.Group",
                                          "django.contrib.auth.get_user_model"})  # fmt: skip
"""Models of packages that come with an admin of their own."""

ATOMIC_WRITERS: frozenset[str] = frozenset({"get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create"})
"""Manager methods that save, signals included, inside a transaction of their own."""

WEB_BASES: tuple[str, ...] = (
    "django.views.", "rest_framework.", "django.contrib.admin.", "django.forms.", "formtools.", "guardian.",
    "graphene.", "django.contrib.auth.views.", "graphene_django.", "crispy_forms.", "django.contrib.messages.views.",
)  # fmt: skip
"""Packages whose classes (views, serializers, forms, admins) work inside a request."""

VIEW_DECORATORS: frozenset[str] = frozenset(
    {"api_view", "login_required", "permission_required", "require_POST", "require_GET", "require_http_methods",
     "csrf_exempt", "staff_member_required", "user_passes_test", "require_safe", "render_to"}
)  # fmt: skip

STATE_TRANSITIONS: frozenset[str] = frozenset({"django_fsm.transition", "viewflow.fsm.State.transition"})
"""Decorators of methods that change a field after the method has returned; the caller saves it."""

DEFERRING_BASES: frozenset[str] = frozenset(
    {"djcelery_transactions.PostTransactionTask", "django_celery_transactions.PostTransactionTask",
     "django_post_request_task.task.PostRequestTask"}
)  # fmt: skip
"""Task classes of packages that send at commit, or after the request."""

WRITES: frozenset[str] = frozenset(
    {"save", "asave", "create", "acreate", "get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create",
     "bulk_create", "abulk_create", "bulk_update", "abulk_update", "update", "aupdate", "delete", "adelete"}
)  # fmt: skip
"""Methods of Django's models and managers that write."""

LINKS: frozenset[str] = frozenset({"add", "set", "remove", "clear", "aadd", "aset", "aremove", "aclear"})
"""Methods of many-to-many managers that write."""

NO_DATABASE: tuple[str, ...] = (
    "builtins.", "known.", "logging.", "celery.utils.log.", "requests.", "httpx.", "urllib.", "urllib3.", "json.",
    "time.", "datetime.", "re.", "os.", "random.", "smtplib.", "email.", "django.core.mail.", "django.core.cache.",
    "django.template.loader.", "slack_sdk.", "twilio.", "boto3.", "redis.",
)  # fmt: skip
"""Packages whose functions do not read the project's database."""

READERS: frozenset[str] = frozenset({"get_object_or_404", "get_list_or_404", "refresh_from_db", "arefresh_from_db"})
"""Functions and methods that read rows, whatever they are called on."""

SELECTORS: frozenset[str] = frozenset(
    {"filter", "exclude", "values_list", "select_related", "prefetch_related", "select_for_update", "in_bulk",
     "filter_by", "get_or_404", "annotate", "aggregate", "select_subclasses", "all", "exists"}
)  # fmt: skip
"""Methods that only queries have."""

QUERYING: frozenset[str] = READERS | SELECTORS | frozenset(
    {"get", "first", "last", "values", "count", "order_by", "iterator", "latest", "earliest", "query", "scalars",
     "scalar", "execute", "aget", "afirst", "alast", "where", "only", "defer", "using", "distinct"}
)  # fmt: skip
"""Methods of queries, sessions and managers (dicts and others have some of the names, too)."""

QUERY_WORDS: frozenset[str] = frozenset({"F", "Q", "Prefetch", "Count", "Sum", "Max", "Min", "OuterRef", "Subquery"})
"""What lookups are written in."""

DYNAMIC_MODELS: frozenset[str] = frozenset(
    {"get_model", "model_class", "get_object_for_this_type", "get_for_model", "raw", "cursor", "import_string"}
)
"""Functions that give a model, or rows, that no name tells."""
