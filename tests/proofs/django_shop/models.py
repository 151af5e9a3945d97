"""The models."""

from __future__ import annotations

from django.db import models


class Label(models.Model):  # type: ignore[misc]
    """What orders have many of."""

    text = models.TextField(default="")


class Order(models.Model):  # type: ignore[misc]
    """What is sent as an argument in the proofs."""

    total = models.IntegerField()
    paid = models.BooleanField(default=False)
    labels = models.ManyToManyField(Label)
