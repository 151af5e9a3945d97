"""What options that mean times are."""

from __future__ import annotations

import pytest
from in_memory import project

from celerylint.model.moments import Moment, words
from celerylint.model.sending import options_of

HEAD = """
import os
from datetime import datetime, timedelta, timezone
from django.utils import timezone as dj
from celery import shared_task
from shop.settings import WAIT, DELAY, NUMBER
LIMIT = int(os.environ.get("LIMIT", 5))

@shared_task
def remind(order_id): ...

def send(rest):
    """
SETTINGS = """
import os
WAIT = os.environ.get("WAIT", 60)
DELAY = os.getenv("DELAY")
NUMBER = int(os.environ.get("NUMBER", "5"))
"""

MOMENTS = {
    "300": ("number", 300, ""),
    "LIMIT": ("number", 5, ""),
    "NUMBER": ("number", 5, ""),
    "timedelta(minutes=5)": ("timedelta", 300, ""),
    "timedelta(minutes=rest)": ("timedelta", None, ""),
    "timedelta(minutes=rest).total_seconds()": ("number", None, ""),
    "timedelta(minutes=1) * 3": ("timedelta", 180, ""),
    "2 * timedelta(minutes=rest)": ("timedelta", None, ""),
    "rest + timedelta(minutes=1)": ("unknown", None, ""),
    "'60'": ("text", None, ""),
    "f'{rest}'": ("text", None, ""),
    "None": ("none", None, ""),
    "None if rest else 5": ("number", None, ""),
    "os.environ['WAIT']": ("environment", None, ""),
    "os.environ.get('WAIT', 5)": ("environment", None, ""),
    "WAIT": ("environment", None, ""),
    "DELAY": ("environment", None, ""),
    "datetime.now()": ("date", 0, "local"),
    "datetime.now(None)": ("date", 0, "local"),
    "datetime.now(timezone.utc) + timedelta(hours=1)": ("date", 3600, "aware"),
    "datetime.now(tz=rest)": ("date", 0, "aware"),
    "datetime.now(**rest)": ("date", 0, "unknown"),
    "datetime.utcnow()": ("date", 0, "utc"),
    "datetime(2040, 1, 1)": ("date", 0, "literal"),
    "datetime(2040, 1, 1, tzinfo=timezone.utc)": ("date", 0, "aware"),
    "datetime.now().replace(hour=3)": ("date", None, "local"),
    "datetime.now().replace(tzinfo=rest)": ("date", None, "aware"),
    "datetime.now().astimezone()": ("date", None, "aware"),
    "dj.now() + timedelta(minutes=rest)": ("date", None, "aware"),
    "datetime.now() - datetime.utcnow()": ("timedelta", None, ""),
    "rest.due": ("unknown", None, ""),
}


@pytest.mark.parametrize("code", MOMENTS)
@pytest.mark.parametrize("form", ["remind.apply_async((1,), eta={})", "when = {}\n    remind.apply_async(eta=when)"])
def test_moments(code: str, form: str) -> None:
    found = project(shop__tasks=HEAD + form.format(code), shop__settings=SETTINGS)
    given = options_of(found.calls[0], found)["eta"]
    moment = found.moments.of(given.expr, given.scope)
    kind, seconds, clock = MOMENTS[code]
    assert (moment.kind, moment.seconds) == (kind, seconds)
    assert moment.clock == (clock or "unknown")


def test_django_without_time_zones() -> None:
    code = HEAD + "remind.apply_async(eta=dj.now())"
    for settings, clock in (("USE_TZ = False", "local"), ("USE_TZ = True", "aware"), ("", "aware")):
        config = f"INSTALLED_APPS = []\nSECRET_KEY = 'x'\n{settings}\n{SETTINGS}"
        found = project(shop__tasks=code, shop__settings=config)
        given = options_of(found.calls[0], found)["eta"]
        assert found.moments.of(given.expr, given.scope).clock == clock


def test_a_variable_that_changes_is_no_constant() -> None:
    code = HEAD + "when = 5\n    when += rest\n    remind.apply_async(countdown=when)"
    found = project(shop__tasks=code, shop__settings=SETTINGS)
    given = options_of(found.calls[0], found)["countdown"]
    assert found.moments.of(given.expr, given.scope) == Moment("number")


def test_options_of_signatures() -> None:
    code = HEAD + "remind.s(1).set(countdown=5, queue='a').set(priority=3)\n    remind.s(2).delay()"
    found = project(shop__tasks=code, shop__settings=SETTINGS)
    assert [list(options_of(call, found)) for call in found.calls] == [["countdown", "queue", "priority"], [], []]


def test_words() -> None:
    assert [words(n) for n in (45, 90, 120, 3600, 5400, 7200, 172800, 0.5)] == [
        "45 s", "90 s", "2 min", "1 h", "90 min", "2 h", "2 days", "0.5 s",
    ]  # fmt: skip
