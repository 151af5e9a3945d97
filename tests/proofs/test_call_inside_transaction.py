"""What a worker sees of a transaction in which its message was sent, and which code Django runs in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import django
import pytest
from django.db import connection, connections, transaction
from django.db.models.signals import ModelSignal, m2m_changed, post_delete, post_save
from harness import finished, make_app, queued, worker
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """The base of the SQLAlchemy model."""


class Invoice(Base):
    """A SQLAlchemy model."""

    __tablename__ = "invoice"
    id: Mapped[int] = mapped_column(primary_key=True)


@pytest.fixture
def look(shop: ModuleType) -> Iterator[Any]:
    """A task, and a worker for it, that tells the total of an order; None when there is no such order."""
    app = make_app()

    @app.task(name="shop.look")
    def look(pk: int) -> int | None:
        try:
            return shop.Order.objects.values_list("total", flat=True).filter(pk=pk).first()
        finally:
            connections.close_all()

    with worker(app):
        yield look


def test_the_worker_does_not_find_the_row_before_the_commit(shop: ModuleType, look: Any) -> None:
    later: list[Any] = []
    with transaction.atomic():
        order = shop.Order.objects.create(total=7)
        assert finished(look.delay(order.pk)) is None
        transaction.on_commit(lambda: later.append(look.delay(order.pk)))
    assert finished(later[0]) == 7


def test_the_worker_finds_a_changed_row_as_it_was(shop: ModuleType, look: Any) -> None:
    order = shop.Order.objects.create(total=1)
    with transaction.atomic():
        order.total = 2
        order.save()
        assert finished(look.delay(order.pk)) == 1
    assert finished(look.delay(order.pk)) == 2


def test_the_message_stays_when_the_transaction_is_rolled_back(shop: ModuleType) -> None:
    app = make_app()

    @app.task(name="shop.ship")
    def ship(order_id: int) -> None:
        """Never runs."""

    with pytest.raises(RuntimeError), transaction.atomic():
        order = shop.Order.objects.create(total=7)
        ship.delay(order.pk)
        transaction.on_commit(lambda: ship.delay(order.pk))
        raise RuntimeError
    assert [m.args for m in queued()] == [[order.pk]]
    assert not shop.Order.objects.exists()


def inside(signal: ModelSignal, sender: Any, act: Callable[[], object]) -> list[bool]:
    """Whether a transaction is open each time a signal comes while ``act`` runs."""
    seen: list[bool] = []

    def receiver(**kwargs: Any) -> None:
        seen.append(connection.in_atomic_block)

    signal.connect(receiver, sender=sender)
    try:
        act()
    finally:
        signal.disconnect(receiver, sender=sender)
    return seen


def test_deletions_and_relations_signal_inside_a_transaction(shop: ModuleType) -> None:
    order = shop.Order.objects.create(total=1)
    label = shop.Label.objects.create()
    through = shop.Order.labels.through
    assert inside(m2m_changed, through, lambda: order.labels.add(label)) == [True, True]
    assert inside(m2m_changed, through, lambda: order.labels.remove(label)) == [True, True]
    assert inside(m2m_changed, through, lambda: order.labels.set([label])) == [True, True]
    assert inside(m2m_changed, through, lambda: order.labels.clear()) == [True, True]
    assert inside(post_delete, shop.Order, lambda: order.delete()) == [True]
    shop.Order.objects.create(total=2)
    assert inside(post_delete, shop.Order, lambda: shop.Order.objects.all().delete()) == [True]


def test_a_save_signals_inside_a_transaction_only_when_someone_holds_one(shop: ModuleType) -> None:
    orders = shop.Order.objects
    assert inside(post_save, shop.Order, lambda: orders.create(total=1)) == [False]
    assert inside(post_save, shop.Order, lambda: orders.first().save()) == [False]
    assert inside(post_save, shop.Order, lambda: orders.get_or_create(total=2)) == [True]
    assert inside(post_save, shop.Order, lambda: orders.update_or_create(total=2, defaults={"paid": True})) == [True]


def test_the_admin_saves_and_deletes_in_a_transaction() -> None:
    source = Path(django.__file__).with_name("contrib") / "admin" / "options.py"
    text = source.read_text("utf-8")
    for view in ("changeform_view", "delete_view"):
        body = text.partition(f"    def {view}(")[2].partition("\n    def ")[0]
        assert "with transaction.atomic(using=router.db_for_write(self.model))" in body


def test_atomic_requests_wraps_each_view(shop: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.handlers.base import BaseHandler

    seen: list[bool] = []

    def view() -> None:
        seen.append(connection.in_atomic_block)

    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    BaseHandler().make_view_atomic(view)()
    BaseHandler().make_view_atomic(transaction.non_atomic_requests(view))()
    assert seen == [True, False]


def test_a_sqlalchemy_block_is_seen_only_when_it_is_over(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    Base.metadata.create_all(engine)
    app = make_app()

    @app.task(name="shop.find")
    def find(number: int) -> bool:
        with Session(engine) as session:
            return session.get(Invoice, number) is not None

    with worker(app), Session(engine) as session:
        with session.begin():
            invoice = Invoice()
            session.add(invoice)
            session.flush()
            number = invoice.id
            assert finished(find.delay(number)) is False
        assert finished(find.delay(number)) is True
    engine.dispose()
