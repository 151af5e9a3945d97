"""The model."""

from __future__ import annotations

from django.db import models


class Order(models.Model):  # type: ignore[misc]
    """What is sent as an argument in the proofs."""

    total = models.IntegerField()
    paid = models.BooleanField(default=False)
