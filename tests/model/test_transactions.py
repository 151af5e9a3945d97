"""Who holds the transaction in which a message is sent, which row it speaks of, and how sure that is."""

from __future__ import annotations

import pytest
from in_memory import project, tree

from celerylint.model.commits import Hook
from celerylint.model.transactions import Transaction

TASKS = """
    from celery import shared_task
    from shop.models import Order

    @shared_task
    def bill(order_id):
        print(Order.objects.get(pk=order_id).total)
"""
MODELS = """
    from django.db import models

    class Order(models.Model):
        total = models.IntegerField()
        paid = models.BooleanField()
"""


def transactions(**files: str) -> dict[int, Transaction]:
    """The transactions of the messages sent in ``shop/orders.py``, by line."""
    found = project(**{"shop__tasks": TASKS, "shop__models": MODELS, **files})
    return {
        (t.via or call.span).line: t
        for call in found.calls
        for t in found.transactions.of(call)
        if (t.via or call.span).path == "shop/orders.py"
    }


def test_blocks_and_the_row_that_was_written_in_them() -> None:
    found = transactions(
        shop__orders="""
        from django.db import transaction
        from shop.models import Order
        from shop.tasks import bill

        def pay(total, other):
            with transaction.atomic():
                order = Order.objects.create(total=total)
                bill.delay(order.pk)
                number = order.pk
                bill.delay(number)
                bill.apply_async(kwargs={"order_id": other})
            bill.delay(order.pk)
        """
    )
    assert {line: (t.kind, t.row, t.confidence) for line, t in found.items()} == {
        9: ("block", "order", "high"),
        11: ("block", "order", "high"),
        12: ("block", "", "medium"),
    }
    assert found[9].family == "django" and found[9].evidence[0][0].line == 7


def test_a_caller_holds_it_and_the_row_is_followed_through_the_arguments() -> None:
    found = transactions(
        shop__orders="""
        from django.db import transaction
        from shop.models import Order
        from shop.tasks import bill

        def pay(total):
            with transaction.atomic():
                order = Order.objects.create(total=total)
                close(1, row=order)

        def close(reason, row):
            announce(row)

        def announce(order):
            bill.delay(order.pk)
            bill.delay(1)

        def remind(order):
            bill.delay(order.pk)
        """
    )
    assert {line: (t.kind, t.row, t.confidence) for line, t in found.items()} == {
        15: ("caller", "order", "medium"),
        16: ("caller", "", "low"),
    }
    assert [words for _, words in found[15].evidence] == [
        "calls `close()`",
        "calls `announce()`",
        "the transaction begins",
    ]


def test_a_caller_in_a_file_that_never_names_celery() -> None:
    found = transactions(
        shop__orders="""
        from shop.tasks import bill

        def place_order(order):
            order.save()
            bill.delay(order.pk)
        """,
        shop__views="""
        from django.db import transaction
        from shop.orders import place_order

        def post(order):
            with transaction.atomic():
                place_order(order)
        """,
    )
    assert found[6].kind == "caller" and found[6].evidence[-1][0].path == "shop/views.py"


@pytest.mark.parametrize(
    ("writer", "seen"),
    [
        ("Order.objects.get_or_create(total=1)", True),
        ("models.Order.objects.update_or_create(total=1)", True),
        ("admin.site.register(Order)", True),
        ("admin.site.register(models.Order, OrderAdmin)", True),
        ("Order.objects.create(total=1)", False),
        ("Other.objects.get_or_create(total=1)", False),
    ],
)
def test_a_receiver_of_post_save_needs_a_place_that_saves_in_a_transaction(writer: str, seen: bool) -> None:
    found = transactions(
        shop__writer=f"""
        from django.contrib import admin
        from shop import models
        from shop.models import Order

        {writer}
        """,
        shop__orders="""
        from django.db.models.signals import post_save
        from django.dispatch import receiver
        from shop.models import Order
        from shop.tasks import bill

        @receiver(post_save, sender=Order)
        def saved(sender, instance, **kwargs):
            bill.delay(instance.pk)
        """,
    )
    assert (found[9].kind, found[9].row) == ("receiver", "Order")
    assert found[9].confidence == ("medium" if seen else "low")


def test_a_task_that_comes_back_for_its_row_lowers_it() -> None:
    found = transactions(
        shop__tasks="""
        from celery import shared_task
        from shop.models import Order

        @shared_task(autoretry_for=(Order.DoesNotExist,))
        def bill(order_id):
            Order.objects.get(pk=order_id)

        @shared_task(bind=True)
        def ship(self, order_id):
            try:
                Order.objects.get(pk=order_id)
            except Order.DoesNotExist as missing:
                raise self.retry(exc=missing)
        """,
        shop__orders="""
        from django.db import transaction
        from shop.tasks import bill, ship

        @transaction.atomic
        def pay(order):
            order.save()
            bill.delay(order.pk)
            ship.delay(order.pk)
        """,
    )
    assert [t.confidence for t in found.values()] == ["medium", "medium"]


@pytest.mark.parametrize(
    ("databases", "on"),
    [
        ('DATABASES = {"default": {"ATOMIC_REQUESTS": True}}', True),
        ('DATABASES = {"default": {"ATOMIC_REQUESTS": False}}', False),
        ('DATABASES = {"default": {}}\nDATABASES["default"]["ATOMIC_REQUESTS"] = True', True),
        ('DATABASES = {"default": dict(NAME="x", ATOMIC_REQUESTS=env.bool("ATOMIC", True))}', True),
        ('DATABASES = {"default": dict(NAME="x", ATOMIC_REQUESTS=env.bool("ATOMIC", False))}', False),
        ('DATABASES = {"default": {}}\nATOMIC_REQUESTS = True', False),
    ],
)
def test_atomic_requests_is_an_entry_of_databases(databases: str, on: bool) -> None:
    found = tree(
        {
            "shop/settings.py": f"import environ\nenv = environ.Env()\nINSTALLED_APPS = []\n{databases}\n",
            "shop/tasks.py": TASKS,
        }
    )
    assert (found.transactions.requests.atomic_requests is not None) is on


def test_blocks_of_other_libraries() -> None:
    found = transactions(
        shop__orders="""
        from peewee import SqliteDatabase
        from sqlalchemy.orm import Session, sessionmaker
        from tortoise.transactions import in_transaction
        from shop.tasks import bill

        db = SqliteDatabase("shop.db")
        Sessions = sessionmaker()

        def peewee(order):
            with db.atomic():
                bill.delay(order)

        def alchemy(order):
            with Sessions.begin() as session:
                bill.delay(order)

        def annotated(session: Session, order):
            with session.begin():
                bill.delay(order)

        async def tortoise(order):
            async with in_transaction():
                bill.delay(order)

        def unknown(db, order):
            with db.begin():
                bill.delay(order)
        """
    )
    assert [t.family for t in found.values()] == ["peewee", "sqlalchemy", "sqlalchemy", "tortoise"]


def hooks(source: str) -> list[Hook]:
    return project(shop__tasks=TASKS, shop__orders=source).commits.hooks


def test_what_is_registered_for_the_commit() -> None:
    found = hooks(
        """
        from django.db import connection, connections, transaction
        from django.db.transaction import on_commit
        from shop.tasks import bill

        def when_on_commit(reason, callback):
            transaction.on_commit(callback, robust=True)

        def pay(order, events):
            transaction.on_commit(lambda: bill.delay(order))
            on_commit(func=bill.delay, using="archive")
            connections["archive"].on_commit(bill.delay)
            when_on_commit("paid", callback=lambda: bill.delay(2))
            events.on_commit(bill.delay)
        """
    )
    assert [(h.span.line, h.helper, h.using is not None) for h in found] == [
        (7, "", False),
        (10, "", False),
        (11, "", True),
        (12, "", True),
        (13, "when_on_commit", False),
    ]
    assert [h.sends.label if h.sends else None for h in found] == [None, *["shop.tasks.bill"] * 4]
