"""A Django app of a few models, on a SQLite file of its own, and an empty second database. Importing it configures
Django for this process.

A file with a write-ahead log, because readers must see the last commit while another thread holds a transaction; a
shared database in memory locks them out.
"""

from __future__ import annotations

import atexit
import tempfile

import django
from django.conf import settings

_FOLDER = tempfile.TemporaryDirectory(prefix="proofs")
atexit.register(_FOLDER.cleanup)

settings.configure(
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{_FOLDER.name}/shop.sqlite"},
        "archive": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{_FOLDER.name}/archive.sqlite"},
    },
    INSTALLED_APPS=["django_shop"],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
)
django.setup()

from django.db import connection  # noqa: E402

from django_shop.models import Label, Order  # noqa: E402

with connection.cursor() as cursor:
    cursor.execute("PRAGMA journal_mode=WAL")
with connection.schema_editor() as editor:
    editor.create_model(Label)
    editor.create_model(Order)
