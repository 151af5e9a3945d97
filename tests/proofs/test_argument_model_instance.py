"""What comes of a model instance as an argument of a task."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from django.db import connections
from harness import finished, make_app, queued, worker
from kombu.exceptions import EncodeError
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

PICKLE = {"task_serializer": "pickle", "accept_content": ["pickle", "json"]}


class Base(DeclarativeBase):
    """The base of the SQLAlchemy models."""


class Invoice(Base):
    """A SQLAlchemy model."""

    __tablename__ = "invoice"
    id: Mapped[int] = mapped_column(primary_key=True)


def receipt_task(**settings: Any) -> Any:
    """``shop.send_receipt``, of an app with these settings."""

    @make_app(**settings).task(name="shop.send_receipt")
    def send_receipt(order: Any) -> None:
        """Takes anything."""

    return send_receipt


def test_json_refuses_a_django_instance_and_nothing_is_queued(shop: ModuleType) -> None:
    send_receipt = receipt_task()
    order = shop.Order.objects.create(total=10)
    with pytest.raises(EncodeError):
        send_receipt.delay(order)
    assert queued() == []
    send_receipt.delay(order.pk)
    assert [m.args for m in queued()] == [[order.pk]]


@pytest.mark.parametrize("form", ["queryset", "list", "dict", "tuple", "manager", "keyword"])
def test_json_refuses_what_holds_instances(shop: ModuleType, form: str) -> None:
    send_receipt = receipt_task()
    order = shop.Order.objects.create(total=10)
    rows = shop.Order.objects
    values = {"queryset": rows.all(), "list": [order], "dict": {"a": order}, "tuple": (order, 1), "manager": rows}
    with pytest.raises(EncodeError):
        if form == "keyword":
            send_receipt.apply_async(kwargs={"order": order})
        else:
            send_receipt.delay(values[form])
    assert queued() == []


@pytest.mark.parametrize("how", ["send_task", "signature"])
def test_json_refuses_an_instance_however_it_is_sent(shop: ModuleType, how: str) -> None:
    send_receipt = receipt_task()
    order = shop.Order.objects.create(total=10)
    with pytest.raises(EncodeError):
        if how == "send_task":
            send_receipt.app.send_task("shop.send_receipt", args=[order])
        else:
            send_receipt.s(order).apply_async()
    assert queued() == []


def test_json_refuses_a_sqlalchemy_instance_and_nothing_is_queued() -> None:
    send_receipt = receipt_task()
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Invoice(id=7))
        session.flush()
        invoice = session.get_one(Invoice, 7)
        with pytest.raises(EncodeError):
            send_receipt.delay(invoice)
        assert queued() == []
        send_receipt.delay(invoice.id)
    engine.dispose()
    assert [m.args for m in queued()] == [[7]]


@pytest.mark.parametrize(("serializer", "library"), [("yaml", "yaml"), ("msgpack", "msgpack")])
def test_other_plain_serializers_refuse_it_too(shop: ModuleType, serializer: str, library: str) -> None:
    pytest.importorskip(library)
    send_receipt = receipt_task(task_serializer=serializer)
    with pytest.raises(EncodeError):
        send_receipt.delay(shop.Order(total=10))


def test_pickle_carries_a_stale_copy_whose_save_undoes_newer_changes(shop: ModuleType) -> None:
    app = make_app(**PICKLE)

    @app.task(name="shop.mark_paid")
    def mark_paid(order: Any) -> int:
        order.paid = True
        order.save()
        connections.close_all()
        total: int = order.total
        return total

    order = shop.Order.objects.create(total=10)
    result = mark_paid.delay(order)
    shop.Order.objects.filter(pk=order.pk).update(total=99)
    with worker(app):
        assert finished(result) == 10
    order.refresh_from_db()
    assert (order.total, order.paid) == (10, True)


def test_a_key_lets_the_task_see_the_row_as_it_is(shop: ModuleType) -> None:
    app = make_app()

    @app.task(name="shop.mark_paid")
    def mark_paid(key: int) -> int:
        order = shop.Order.objects.get(pk=key)
        order.paid = True
        order.save()
        connections.close_all()
        total: int = order.total
        return total

    order = shop.Order.objects.create(total=10)
    result = mark_paid.delay(order.pk)
    shop.Order.objects.filter(pk=order.pk).update(total=99)
    with worker(app):
        assert finished(result) == 99
    order.refresh_from_db()
    assert (order.total, order.paid) == (99, True)
