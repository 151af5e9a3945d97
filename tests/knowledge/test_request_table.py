"""The attributes of a request, against the installed Celery."""

from __future__ import annotations

from celery.app.task import Context

from celerylint.knowledge.request import REQUEST_ATTRIBUTES

HEADERS = {"argsrepr", "kwargsrepr", "lang", "task"}


def test_it_names_what_the_class_has_and_what_every_message_brings() -> None:
    assert {name for name in dir(Context) if not name.startswith("_")} | HEADERS == REQUEST_ATTRIBUTES
