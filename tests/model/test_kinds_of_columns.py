"""What reading a column of a Django row gives."""

from __future__ import annotations

import pytest
from in_memory import project

MODELS = """
from celery import shared_task
from django.db import models
from elsewhere import Base

class Keyed(models.Model):
    key = models.UUIDField(primary_key=True)
    class Meta:
        abstract = True

class Job(Keyed):
    title = models.CharField(max_length=10)
    order = models.ForeignKey("Order", on_delete=models.CASCADE)

class Order(models.Model):
    total = models.DecimalField(max_digits=5, decimal_places=2)

class Foreign(Base, models.Model):
    pass

@shared_task
def note(*values): ...

def send():
    job = Job.objects.get(title="a")
    order = Order.objects.create()
    foreign = Foreign.objects.get()
    note.delay({})
"""


@pytest.mark.parametrize(("expr", "kind"), [
    ("job.pk", "UUID"), ("job.key", "UUID"), ("job.id", None), ("job.title", "str"), ("job.order", "model instance"),
    ("order.pk", "int"), ("order.id", "int"), ("order.total", "Decimal"), ("order.nothing", None),
    ("foreign.pk", None), ("other.pk", None), ("job", "model instance"),
])  # fmt: skip
def test_kinds(expr: str, kind: str | None) -> None:
    found = project(shop__tasks=MODELS.format(expr))
    (call,) = found.calls
    assert call.scope is not None
    argument, _ = next(call.passed())
    seen = found.kinds.of(argument, call.scope)
    assert (seen.name if seen is not None else None) == kind
