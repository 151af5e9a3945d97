"""The model, and its table."""

from __future__ import annotations

from django.db import connection, connections, models

__all__ = ["Order", "connections"]


class Order(models.Model):
    """What is sent as an argument in the proofs."""

    total = models.IntegerField()
    paid = models.BooleanField(default=False)


with connection.cursor() as cursor:
    cursor.execute("PRAGMA journal_mode=WAL")
with connection.schema_editor() as editor:
    editor.create_model(Order)
