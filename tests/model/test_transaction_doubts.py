"""What a task reads decides whether a message in a transaction is sent too early."""

from __future__ import annotations

import pytest
from in_memory import project

MODELS = """
    from django.db import models

    class Customer(models.Model):
        email = models.EmailField()

    class Order(models.Model):
        customer = models.ForeignKey(Customer, related_name="orders", on_delete=models.CASCADE)
        total = models.IntegerField()

    class Line(models.Model):
        order = models.ForeignKey(Order, related_name="lines", on_delete=models.CASCADE)
"""
TASKS = """
    from celery import shared_task
    from shop.models import Customer, Order

    @shared_task
    def count(number, *rest):
        print(number)

    @shared_task
    def bill(order_id, *rest):
        print(_order(order_id).total)

    @shared_task
    def lock(order_id):
        print(Order.objects.select_for_update().get(pk=order_id).total)

    @shared_task
    def greet(customer_id):
        print(Customer.objects.get(pk=customer_id).email)

    @shared_task
    def rank(customer_id):
        print(Mailer().orders(customer_id))

    def _order(order_id):
        return Order.objects.get(pk=order_id)

    class Mailer:
        def orders(self, customer_id):
            return self.of(Customer.objects.get(pk=customer_id))

        def of(self, customer):
            return customer.orders.count()
"""


def confidences(orders: str, **files: str) -> list[str]:
    """The confidence of each transaction of the messages sent in ``shop/orders.py``, in order."""
    found = project(**{"shop__tasks": TASKS, "shop__models": MODELS, "shop__orders": orders, **files})
    return [
        t.confidence for call in found.calls for t in found.transactions.of(call) if call.span.path == "shop/orders.py"
    ]


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        ("bill.delay(order.pk)", "high"),
        ("bill.delay(str(order.id))", "high"),
        ("bill.delay(order)", "low"),  # a pickle of the row as it is now
        ("bill.delay(order.pk, order.total)", "high"),
        ("count.delay(order.pk)", "low"),
        ("greet.delay(order.customer_id)", "low"),
        ("greet.delay(order.customer.pk)", "low"),
        ("rank.delay(order.customer_id)", "high"),  # over the relation
        ("greet.delay(customer)", "low"),
        ("rank.delay(customer)", "medium"),
        ("bill.delay(1)", "medium"),  # of the model that is written
        ("lock.delay(order.pk)", "high"),
    ],
)
def test_a_task_that_does_not_read_the_new_row(sent: str, left: str) -> None:
    orders = f"""
        from django.db import transaction
        from shop.models import Order
        from shop.tasks import bill, count, greet, lock, rank

        def place(total, customer):
            with transaction.atomic():
                order = Order.objects.create(total=total)
                {sent}
    """
    assert confidences(orders) == [left]


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        ("bill.delay(order.pk)", "high"),
        ("bill.delay(order.pk, total)", "low"),  # the message brings the new value
        ("bill.delay(order.pk, order.total)", "low"),
        ("lock.delay(order.pk)", "low"),  # waits for the lock that the sender holds
    ],
)
def test_a_row_that_is_changed(sent: str, left: str) -> None:
    orders = f"""
        from django.db import transaction
        from shop.models import Order
        from shop.tasks import bill, lock

        def change(number, total):
            with transaction.atomic():
                order = Order.objects.get(pk=number)
                order.total = total
                order.save()
                {sent}
    """
    assert confidences(orders) == [left]


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        ("bill.delay(instance.pk)", []),  # later the row is surely gone
        ("count.delay(instance.pk)", ["low"]),
        ("greet.delay(instance.customer_id)", ["low"]),
        ("rank.delay(instance.customer_id)", ["medium"]),
    ],
)
def test_a_deletion(sent: str, left: list[str]) -> None:
    orders = f"""
        from django.db.models.signals import post_delete
        from django.dispatch import receiver
        from shop.models import Order
        from shop.tasks import bill, count, greet, rank

        @receiver(post_delete, sender=Order)
        def deleted(sender, instance, **kwargs):
            {sent}
    """
    assert confidences(orders) == left


CREATES = "Order.objects.get_or_create(total=1)"
EITHER = "Order.objects.update_or_create(total=1)"
ADMIN = "admin.site.register(Order)"


@pytest.mark.parametrize(
    ("guard", "writer", "left"),
    [
        ("if created:", CREATES, "medium"),
        ("if not created:", CREATES, "low"),
        ("if not created:", EITHER, "medium"),
        ("if not created:", ADMIN, "medium"),
        ("if not created and instance.total:", CREATES, "low"),
        ("if created or instance.total:", CREATES, "medium"),
        ("if update_fields:", ADMIN, "low"),
        ("if update_fields is None:", ADMIN, "medium"),
        ("if created:\n                return\n            if True:", CREATES, "low"),
        ("if not update_fields or 'a' in x:\n                return\n            if 1:", CREATES, "low"),
        ("if update_fields and 'a' in x:\n                return\n            if 1:", CREATES, "medium"),
    ],
)  # fmt: skip
def test_the_place_that_saves_fits_the_conditions_of_the_receiver(guard: str, writer: str, left: str) -> None:
    writers = f"""
        from django.contrib import admin
        from shop.models import Order

        {writer}
    """
    orders = f"""
        from django.db.models.signals import post_save
        from django.dispatch import receiver
        from shop.models import Order
        from shop.tasks import bill

        @receiver(post_save, sender=Order)
        def saved(sender, instance, created, update_fields=None, **kwargs):
            {guard}
                bill.delay(instance.pk)
    """
    assert confidences(orders, shop__writer=writers) == [left]


@pytest.mark.parametrize(
    ("row", "left"),
    [
        ("order = Order(total=1)", "low"),
        ("order = Order.objects.get(pk=1)", "medium"),
    ],
)
def test_a_block_that_saves_what_it_has_made_or_fetched(row: str, left: str) -> None:
    writers = f"""
        from django.db import transaction
        from shop.models import Order

        def write():
            with transaction.atomic():
                {row}
                order.save()
    """
    orders = """
        from django.db.models.signals import post_save
        from shop.models import Order
        from shop.tasks import bill

        def saved(sender, **kwargs):
            if kwargs.get("created"):
                return
            order = kwargs["instance"]
            bill.delay(order.pk)

        post_save.connect(saved, sender=Order)
    """
    assert confidences(orders, shop__writer=writers) == [left]


def test_what_a_helper_gets_of_the_row() -> None:
    writers = f"""
        from django.contrib import admin
        from shop.models import Order

        {ADMIN}
    """
    orders = """
        from django.db.models.signals import post_save
        from django.dispatch import receiver
        from shop.models import Order
        from shop.tasks import bill, greet

        @receiver(post_save, sender=Order)
        def saved(sender, instance, **kwargs):
            welcome(instance.customer_id)
            charge(instance.pk)

        def welcome(number):
            greet.delay(number)

        def charge(number):
            bill.delay(number)
    """
    assert confidences(orders, shop__writer=writers) == ["low", "medium"]
