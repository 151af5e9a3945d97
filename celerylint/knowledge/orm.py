"""What the methods and functions of object-relational mappers give: instances, queries or plain values.

Kinds of value:

``instance``   one model instance, or None
``instances``  a list or iterator of instances
``pair``       (instance, bool)
``table``      a dict of instances
``manager``    what queries start from: ``Order.objects``, a many-to-many attribute
``query``      a lazy query of instances
``rows``       a lazy query of dicts, tuples or single columns; it cannot be sent as an argument either
``scalars``, ``result``, ``session``  what SQLAlchemy has between a statement and its instances
``plain``      anything else that is known: numbers, strings, dicts of them, None

Sources: Django's QuerySet API reference, SQLAlchemy's ORM querying guide and Query API, Flask-SQLAlchemy, Peewee,
MongoEngine and Tortoise API references.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from celerylint.knowledge.orm_classes import BASE_FACTORIES, MODEL_BASES, MODEL_DECORATORS

LAZY: frozenset[str] = frozenset({"manager", "query", "rows", "scalars", "result"})
"""Kinds that hold a database connection or an unevaluated query."""

CARRIES_INSTANCES: frozenset[str] = frozenset({"instance", "instances", "pair", "table", "manager", "query", "rows"})
"""Kinds that no serializer but pickle can send."""

_DJANGO_QUERY: dict[str, tuple[str, ...]] = {
    "instance": ("get", "create", "first", "last", "earliest", "latest", "aget", "acreate", "afirst", "alast",
    "aearliest",
                 "alatest"),
    "pair": ("get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create"),
    "query": (
        "all", "filter", "exclude", "order_by", "reverse", "distinct", "select_related", "prefetch_related",
        "annotate",
        "alias", "only", "defer", "using", "none", "select_for_update", "union", "intersection", "difference", "extra",
        "complex_filter", "get_queryset",
    ),
    "rows": ("values", "values_list", "dates", "datetimes"),
    "instances": ("bulk_create", "abulk_create", "iterator", "aiterator", "raw"),
    "table": ("in_bulk", "ain_bulk"),
    "plain": (
        "count", "exists", "aggregate", "update", "delete", "bulk_update", "contains", "explain", "acount", "aexists",
        "aaggregate", "aupdate", "adelete", "abulk_update", "acontains", "aexplain",
    ),
}

_ALCHEMY_QUERY: dict[str, tuple[str, ...]] = {
    "instance": ("get", "first", "one", "one_or_none", "get_or_404", "first_or_404", "one_or_404"),
    "instances": ("all", "yield_per", "__iter__"),
    "query": (
        "filter", "filter_by", "where", "order_by", "options", "join", "outerjoin", "limit", "offset", "distinct",
        "group_by", "having", "with_for_update", "populate_existing", "execution_options", "enable_eagerloads",
        "union",
        "union_all", "params", "slice", "select_from",
    ),
    "rows": ("with_entities", "add_columns"),
    "plain": ("count", "exists", "update", "delete"),
}

_TABLES: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    ("django", "manager"): _DJANGO_QUERY,
    ("django", "query"): _DJANGO_QUERY,
    ("sqlalchemy", "session"): {
        "instance": ("get", "get_one", "merge"),
        "query": ("query",), "scalars": ("scalars",), "result": ("execute", "exec"),
        "plain": ("commit", "flush", "rollback", "close", "add", "add_all", "delete", "expunge", "refresh", "expire"),
    },
    ("sqlalchemy", "query"): _ALCHEMY_QUERY,
    ("sqlalchemy", "scalars"): {
        "instance": ("first", "one", "one_or_none"), "instances": ("all", "fetchall", "fetchmany", "partitions"),
        "scalars": ("unique", "yield_per"),
    },
    ("sqlalchemy", "result"): {
        "instance": ("scalar", "scalar_one", "scalar_one_or_none"), "scalars": ("scalars",),
        "rows": ("all", "fetchall", "fetchmany", "first", "one", "one_or_none", "fetchone"), "result": ("unique",),
    },
    ("peewee", "class"): {
        "instance": ("get", "get_or_none", "get_by_id", "create"), "pair": ("get_or_create",), "query": ("select",),
        "plain": ("delete_by_id", "set_by_id", "bulk_create", "bulk_update"),
    },
    ("peewee", "query"): {
        "instance": ("get", "first", "get_or_none"),
        "query": ("where", "order_by", "join", "switch", "limit", "offset", "distinct", "group_by", "having", "filter",
                  "for_update", "orwhere", "paginate"),
        "rows": ("dicts", "tuples", "namedtuples"), "instances": ("iterator",), "plain": ("count", "exists", "scalar"),
    },
    ("mongoengine", "manager"): {
        "instance": ("get", "first", "create", "modify", "with_id"),
        "query": ("__call__", "filter", "all", "order_by", "limit", "skip", "only", "exclude", "no_cache",
                  "select_related", "no_dereference", "clone", "none", "batch_size", "timeout"),
        "rows": ("as_pymongo", "scalar", "values_list"), "table": ("in_bulk",),
        "plain": ("count", "update", "update_one", "delete", "sum", "average", "distinct", "to_json"),
    },
    ("tortoise", "class"): {
        "instance": ("get", "get_or_none", "create", "first"), "pair": ("get_or_create", "update_or_create"),
        "query": ("filter", "all", "exclude", "annotate", "select_for_update"), "table": ("in_bulk",),
        "instances": ("bulk_create", "raw"), "plain": ("exists", "bulk_update"),
    },
    ("tortoise", "query"): {
        "instance": ("get", "get_or_none", "first", "last", "earliest", "latest"),
        "query": ("filter", "all", "exclude", "order_by", "limit", "offset", "distinct", "prefetch_related",
                  "select_related", "select_for_update", "annotate", "using_db", "only"),
        "rows": ("values", "values_list"), "plain": ("count", "exists", "update", "delete"),
    },
    ("beanie", "class"): {
        "instance": ("get", "find_one"), "query": ("find", "find_all"), "plain": ("count",),
    },
    ("beanie", "query"): {
        "instance": ("first_or_none",), "instances": ("to_list",), "query": ("find", "sort", "limit", "skip"),
    },
}

_SAME: dict[str, str] = {"sqlmodel": "sqlalchemy"}
_SAME_KIND: dict[tuple[str, str], str] = {("mongoengine", "query"): "manager"}

_RESULTS: dict[tuple[str, str], dict[str, str]] = {
    key: {method: kind for kind, methods in table.items() for method in methods} for key, table in _TABLES.items()
}

START: dict[tuple[str, str], str] = {
    ("django", "objects"): "manager",
    ("django", "_default_manager"): "manager",
    ("django", "_base_manager"): "manager",
    ("sqlalchemy", "query"): "query",
    ("mongoengine", "objects"): "manager",
}
"""(family, attribute of a model class): the kind it is. Django models may have managers under other names."""


def family_of(base: str) -> str | None:
    """The family of models that a base class (or a function that makes one, or a class decorator) belongs to."""
    return MODEL_BASES.get(base) or BASE_FACTORIES.get(base) or MODEL_DECORATORS.get(base)


def result_of(family: str, receiver: str, method: str) -> str | None:
    """The kind that a method gives on a receiver of some kind, None when the table does not know the method.

    The receiver "class" is the model class itself. On "rows" what would be an instance is a plain row. With SQLAlchemy
    the answers for session, scalars and result hold for statements that select one model (``select(Order)``,
    ``query(Order)``): whether they do is for the caller to see.
    """
    family = _SAME.get(family, family)
    if receiver == "rows":
        kind = _RESULTS.get((family, "query"), _RESULTS.get((family, "manager"), {})).get(method)
        return {"instance": "plain", "instances": "plain", "query": "rows"}.get(kind or "", kind)
    return _RESULTS.get((family, _SAME_KIND.get((family, receiver), receiver)), {}).get(method)


FUNCTIONS: dict[str, str] = {
    "django.shortcuts.get_object_or_404": "instance",
    "django.shortcuts.aget_object_or_404": "instance",
    "django.shortcuts.get_list_or_404": "instances",
    "django.shortcuts.aget_list_or_404": "instances",
    "rest_framework.generics.get_object_or_404": "instance",
    "rest_framework.generics.get_list_or_404": "instances",
    "ninja.shortcuts.get_object_or_404": "instance",
    "annoying.functions.get_object_or_None": "instance",
    "django.contrib.auth.authenticate": "instance",
    "django.contrib.auth.get_user": "instance",
    "django.contrib.sites.shortcuts.get_current_site": "instance",
    "flask_login.current_user": "instance",
    "flask_security.current_user": "instance",
    "flask_jwt_extended.current_user": "instance",
    "flask_sqlalchemy.SQLAlchemy.get_or_404": "instance",
    "flask_sqlalchemy.SQLAlchemy.first_or_404": "instance",
    "flask_sqlalchemy.SQLAlchemy.one_or_404": "instance",
    "guardian.shortcuts.get_objects_for_user": "query",
}
"""Function (or proxy object) that gives model instances whatever the model: its kind."""

METHODS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("save", "instance", (
        "django.forms.ModelForm", "django.forms.models.ModelForm", "django.contrib.auth.forms.*",
        "rest_framework.serializers.ModelSerializer", "rest_framework.serializers.HyperlinkedModelSerializer",
    )),
    ("create", "instance", ("rest_framework.serializers.ModelSerializer",)),
    ("get_object", "instance", (
        "django.views.generic.*", "rest_framework.generics.*", "rest_framework.viewsets.*", "rest_framework.mixins.*",
    )),
    ("get_queryset", "query", (
        "django.views.generic.*", "rest_framework.generics.*", "rest_framework.viewsets.*", "django.contrib.admin.*",
    )),
    ("get_user", "instance", ("django.contrib.auth.forms.AuthenticationForm",)),
)
"""(method, kind, globs of the classes on whose instances it gives that)."""

REQUEST_PATHS: tuple[str, ...] = ("request.user", "request.site", "info.context.user")
"""Ends of dotted names that are a model instance in Django (``self.request.user``)."""


def method_of(base: str, method: str) -> str | None:
    """The kind that a method gives on an instance of a class below ``base`` (a form, serializer or view)."""
    for name, kind, classes in METHODS:
        if name == method and any(fnmatchcase(base, pattern) for pattern in classes):
            return kind
    return None
