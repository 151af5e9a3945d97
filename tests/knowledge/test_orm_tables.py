"""What ORM methods give, compared with Django and SQLAlchemy at work."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from celerylint.knowledge import orm
from celerylint.knowledge.orm_classes import BASE_FACTORIES, MODEL_BASES, PRIMARY_KEY, RELATION_FIELDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def django_says() -> dict[str, Any]:
    """What ``django_kinds.py`` prints; in a process of its own, for Django is configured once per process."""
    pytest.importorskip("django")
    script = Path(__file__).with_name("django_kinds.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_django_queries(django_says: dict[str, Any]) -> None:
    assert len(django_says["query"]) > 40
    wrong = {
        name: (kind, orm.result_of("django", "query", name))
        for name, kind in django_says["query"].items()
        if kind != orm.result_of("django", "query", name)
    }
    assert wrong == {}


def test_django_rows_and_functions(django_says: dict[str, Any]) -> None:
    assert django_says["rows"] == {name: orm.result_of("django", "rows", name) for name in django_says["rows"]}
    assert django_says["functions"] == {name: orm.FUNCTIONS[name] for name in django_says["functions"]}


def test_django_names_exist(django_says: dict[str, Any]) -> None:
    assert django_says["missing"] == []


def test_asynchronous_twins_give_the_same() -> None:
    for name in ("get", "first", "create", "get_or_create", "count", "bulk_create", "in_bulk"):
        assert orm.result_of("django", "manager", f"a{name}") == orm.result_of("django", "manager", name)


@pytest.fixture
def shop() -> Any:
    """(session, model) of an SQLAlchemy database with two rows."""
    sqlalchemy = pytest.importorskip("sqlalchemy")
    mapping = pytest.importorskip("sqlalchemy.orm")
    base = mapping.declarative_base()
    columns = {"__tablename__": "orders", "id": sqlalchemy.Column(sqlalchemy.Integer, primary_key=True)}
    model = type("Order", (base,), columns)
    engine = sqlalchemy.create_engine("sqlite://")
    base.metadata.create_all(engine)
    with mapping.Session(engine) as session:
        session.add_all([model(id=1), model(id=2)])
        session.commit()
        yield session, model
    engine.dispose()


def kind_of(value: Any, model: type) -> str:
    """The word of knowledge.orm for what SQLAlchemy gave."""
    if isinstance(value, model):
        return "instance"
    name = type(value).__name__
    if name == "Query":
        return "query"
    if name == "ScalarResult":
        return "scalars"
    if name in {"ChunkedIteratorResult", "CursorResult", "Result", "IteratorResult"}:
        return "result"
    if name == "Row" or (isinstance(value, list) and type(value[0]).__name__ == "Row"):
        return "rows"
    if isinstance(value, list) and isinstance(value[0], model):
        return "instances"
    return "plain"


@pytest.mark.parametrize(("receiver", "method", "arguments"), [
    ("session", "get", (1,)), ("session", "get_one", (1,)), ("session", "query", ()), ("session", "scalars", ()),
    ("session", "execute", ()), ("query", "first", ()), ("query", "all", ()), ("query", "filter_by", ()),
    ("query", "count", ()), ("query", "limit", (1,)), ("query", "order_by", ()),
    ("query", "with_for_update", ()), ("scalars", "first", ()), ("scalars", "all", ()), ("scalars", "unique", ()),
    ("result", "scalar", ()), ("result", "scalars", ()), ("result", "all", ()), ("result", "first", ()),
    ("result", "fetchall", ()), ("result", "unique", ()),
])  # fmt: skip
def test_sqlalchemy(receiver: str, method: str, arguments: tuple[Any, ...], shop: Any) -> None:
    session, model = shop
    select = importlib.import_module("sqlalchemy").select(model)
    if method == "order_by":
        arguments = (model.id,)
    target = {
        "session": session, "query": session.query(model), "scalars": session.scalars(select),
        "result": session.execute(select),
    }[receiver]  # fmt: skip
    if receiver == "session":
        arguments = {"get": (model, 1), "get_one": (model, 1), "query": (model,)}.get(method, (select,))
    value = getattr(target, method)(*arguments)
    assert kind_of(value, model) == orm.result_of("sqlalchemy", receiver, method)


def test_one_family_may_answer_for_another() -> None:
    assert orm.result_of("sqlmodel", "session", "get") == "instance"
    assert orm.result_of("mongoengine", "query", "first") == "instance"
    assert orm.result_of("peewee", "class", "get_or_none") == "instance"
    assert orm.result_of("tortoise", "rows", "first") == "plain"
    assert orm.result_of("django", "manager", "published") is None
    assert orm.result_of("unknown", "manager", "get") is None


def test_families() -> None:
    assert orm.family_of("django.contrib.auth.models.AbstractUser") == "django"
    assert orm.family_of("mptt.models.MPTTModel") == "django"
    assert orm.family_of("sqlalchemy.orm.declarative_base") == "sqlalchemy"
    assert orm.family_of("flask_sqlalchemy.SQLAlchemy.Model") == "sqlalchemy"
    assert orm.family_of("pydantic.BaseModel") is None
    assert orm.family_of("shop.models.Order") is None
    assert set(MODEL_BASES.values()) | set(BASE_FACTORIES.values()) <= set(PRIMARY_KEY)


def test_relations() -> None:
    assert RELATION_FIELDS["django.db.models.ForeignKey"] == "one"
    assert RELATION_FIELDS["django.db.models.ManyToManyField"] == "many"
    assert RELATION_FIELDS["sqlalchemy.orm.relationship"] == "either"
    assert "django.db.models.CharField" not in RELATION_FIELDS


def test_forms_serializers_and_views() -> None:
    assert orm.method_of("django.forms.ModelForm", "save") == "instance"
    assert orm.method_of("rest_framework.serializers.ModelSerializer", "save") == "instance"
    assert orm.method_of("rest_framework.viewsets.ModelViewSet", "get_object") == "instance"
    assert orm.method_of("django.views.generic.ListView", "get_queryset") == "query"
    assert orm.method_of("django.forms.Form", "save") is None
    assert orm.method_of("shop.Storage", "save") is None


def absent(name: str) -> bool:
    """Whether an installed module lacks a name; what needs configured Django, or an instance, cannot be seen here."""
    module, _, last = name.rpartition(".")
    if module.rpartition(".")[2][:1].isupper():
        return False
    try:
        return not hasattr(importlib.import_module(module), last)
    except Exception:
        return False


def test_other_names_exist_where_installed() -> None:
    assert absent("sqlalchemy.orm.no_such_thing")
    assert [n for n in (*MODEL_BASES, *RELATION_FIELDS) if not n.startswith("django.") and absent(n)] == []
