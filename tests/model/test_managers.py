"""What methods of the project's own managers and querysets give."""

from __future__ import annotations

import pytest
from in_memory import project

SHOP = """
from celery import shared_task
from django.db import models

class OrderQuerySet(models.QuerySet):
    def late(self):
        return self.filter(late=True)

    def number(self):
        return self.count()

class Orders(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(hidden=False)

    def newest(self):
        return self.get_queryset().order_by("-pk").first()

    def place(self, total):
        order = self.create(total=total)
        return order

class Order(models.Model):
    objects = Orders()
    every = OrderQuerySet.as_manager()
    both = Orders.from_queryset(OrderQuerySet)()

class Other(models.Model):
    objects = models.Manager()

@shared_task
def note(value): ...

def send():
    note.delay({})
"""


@pytest.mark.parametrize(("expr", "kind"), [
    ("Order.objects.newest()", "instance"), ("Order.objects.place(1)", "instance"), ("Order.every.late()", "query"),
    ("Order.every.filter(x=1).late()[0]", "instance"), ("Order.both.late().first()", "instance"),
    ("Order.both.newest()", "instance"), ("Order.every.number()", "plain"), ("Other.objects.late()", None),
    ("Other.objects.newest()", None),
])  # fmt: skip
def test_what_they_give(expr: str, kind: str | None) -> None:
    found = project(shop__tasks=SHOP.format(expr))
    (call,) = found.calls
    assert call.scope is not None
    argument, _ = next(call.passed())
    sort = found.sorts.of(argument, call.scope)
    assert (sort.kind if sort is not None else None) == kind
    assert sort is None or sort.model_name == "Order"
