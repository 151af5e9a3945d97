"""Run by test_orm_tables in its own process: what Django's query methods really give, printed as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    USE_TZ=True,
)
django.setup()

from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import models  # noqa: E402
from django.db.models.query import RawQuerySet  # noqa: E402
from django.shortcuts import get_list_or_404, get_object_or_404  # noqa: E402

from celerylint.knowledge.orm import FUNCTIONS, result_of  # noqa: E402
from celerylint.knowledge.orm_classes import FIELD_VALUES, MODEL_BASES, RELATION_FIELDS  # noqa: E402

ARGUMENTS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "get": ((), {"pk": 1}), "create": ((), {"app_label": "a", "model": "b"}),
    "get_or_create": ((), {"app_label": "a", "model": "c"}), "update_or_create": ((), {"app_label": "a", "model": "c"}),
    "earliest": (("id",), {}), "latest": (("id",), {}), "bulk_create": (([ContentType(app_label="x", model="y")],), {}),
    "raw": (("select * from django_content_type",), {}), "complex_filter": (({},), {}),
    "dates": (("id", "year"), {}), "datetimes": (("id", "year"), {}), "using": (("default",), {}),
    "bulk_update": (([], ["model"]), {}), "values_list": (("id",), {"flat": True}), "in_bulk": ((), {}),
    "prefetch_related": (("permission_set",), {}), "update": ((), {"model": "z"}), "exists": ((), {}),
    "first": ((), {}), "union": ((ContentType.objects.all(),), {}), "select_related": ((), {}),
    "aggregate": ((), {"n": models.Count("id")}), "annotate": ((), {"n": models.Count("id")}),
}  # fmt: skip


def kind(value: Any) -> str:
    """The word of knowledge.orm for a value."""
    if isinstance(value, models.Model):
        return "instance"
    if isinstance(value, tuple) and value and isinstance(value[0], models.Model):
        return "pair"
    if isinstance(value, models.QuerySet):
        return "query" if value._iterable_class.__name__ == "ModelIterable" else "rows"
    if isinstance(value, dict) and any(isinstance(v, models.Model) for v in value.values()):
        return "table"
    if isinstance(value, list | Iterator | RawQuerySet) and all(isinstance(v, models.Model) for v in value):
        return "instances"
    return "plain"


def call(method: Callable[..., Any], name: str) -> str:
    """The kind a method gives; dates are not evaluated, so a table without date columns will do."""
    if name in {"dates", "datetimes"}:
        return "rows"
    arguments, keywords = ARGUMENTS.get(name, ((), {}))
    if name == "contains":
        arguments = (ContentType.objects.get(pk=1),)
    if name in {"intersection", "difference"}:
        arguments = (ContentType.objects.all(),)
    return kind(method(*arguments, **keywords))


def main() -> None:
    """Print the kinds of methods on a manager's query and on rows, and of functions; and names that do not exist."""
    call_command("migrate", verbosity=0, run_syncdb=True)
    query: dict[str, str] = {}
    for name in dir(models.QuerySet):
        expected = result_of("django", "manager", name)
        if expected is None or (name.startswith("a") and name[1:] in dir(models.QuerySet)):
            continue  # the asynchronous twins give what their twins give
        ContentType.objects.all().delete()
        ContentType.objects.create(pk=1, app_label="shop", model="order")
        query[name] = call(getattr(ContentType.objects.all(), name), name)
    ContentType.objects.create(pk=2, app_label="shop", model="line")
    values = ContentType.objects.values("pk")
    rows = {name: kind(getattr(values, name)()) for name in ("first", "all", "filter", "count")}
    functions = {
        "django.shortcuts.get_object_or_404": kind(get_object_or_404(ContentType, pk=2)),
        "django.shortcuts.get_list_or_404": kind(get_list_or_404(ContentType, pk=2)),
    }
    missing = [name for name in (*MODEL_BASES, *RELATION_FIELDS, *FIELD_VALUES, *FUNCTIONS) if absent(name)]
    print(json.dumps({"query": query, "rows": rows, "functions": functions, "missing": missing}))


def absent(name: str) -> bool:
    """Whether a dotted name of django (the package itself, gis apart) cannot be imported."""
    if not name.startswith("django.") or ".gis." in name or name.startswith("django.contrib.s"):
        return False
    module, _, last = name.rpartition(".")
    found = __import__(module, fromlist=[last])
    return not hasattr(found, last)


if __name__ == "__main__":
    main()
