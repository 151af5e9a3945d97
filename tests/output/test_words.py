from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from celerylint.facts.unknown import Unknown
from celerylint.model.values import Choice, Collection, Instance, Known, Reference, Table
from celerylint.output.words import HIDDEN, data, words
from celerylint.sources.spans import Span

AT = Span("a.py", 1, 1, 1, 2)


def known(value: object) -> Known:
    return Known(value, AT)


ONE, TWO = known(1), known("two")
CRONTAB = Instance("celery.schedules.crontab", None, (ONE,), (("hour", TWO),), AT)


@pytest.mark.parametrize(
    ("value", "as_data", "as_words"),
    [
        (None, None, ""),
        (ONE, 1, "1"),
        (TWO, "two", "'two'"),
        (known(None), None, "None"),
        (known(2.5), 2.5, "2.5"),
        (known(float("inf")), "inf", "inf"),
        (known(b"x"), "b'x'", "b'x'"),
        (known(datetime.timedelta(minutes=2)), 120.0, "0:02:00"),
        (Collection("list", (ONE, TWO), AT), [1, "two"], "[1, 'two']"),
        (Collection("tuple", (ONE,), AT), [1], "(1,)"),
        (Collection("tuple", (), AT), [], "()"),
        (Collection("set", (ONE,), AT, open=True), [1, "..."], "{1, ...}"),
        (Table(((TWO, ONE),), AT), {"two": 1}, "{'two': 1}"),
        (Table(((TWO, ONE),), AT, open=True), {"two": 1, "...": None}, "{'two': 1, ...}"),
        (CRONTAB, "crontab(1, hour='two')", "crontab(1, hour='two')"),
        (Reference("shop.errors.Down", None, AT), "shop.errors.Down", "shop.errors.Down"),
        (Choice((ONE, TWO), AT), {"any_of": [1, "two"]}, "1 or 'two'"),
        (Unknown("nobody knows", AT), {"unknown": "nobody knows"}, "unknown: nobody knows"),
    ],
)
def test_values(value: Any, as_data: Any, as_words: str) -> None:
    assert data(value) == as_data
    assert words(value) == as_words
    assert json.loads(json.dumps(data(value), allow_nan=False)) == as_data


@pytest.mark.parametrize("url", ["redis://:secret@cache/0", "amqps://user:secret@host//", "x;redis://u:secret@c"])
def test_passwords_in_urls(url: str) -> None:
    for shown in (data(known(url)), words(known(url)), words(Collection("list", (known(url),), AT))):
        assert "secret" not in str(shown) and HIDDEN in str(shown)


def test_a_url_without_a_password_is_left_alone() -> None:
    assert data(known("redis://cache:6379/0")) == "redis://cache:6379/0"


@pytest.mark.parametrize("name", ["redis_password", "AWS_SECRET_KEY", "api_key", "security_key_password"])
def test_values_of_secrets(name: str) -> None:
    assert data(TWO, name) == words(TWO, name) == HIDDEN
    assert data(Table(((known(name), TWO),), AT)) == {name: HIDDEN}
    assert "two" not in words(Table(((known(name), TWO),), AT))
    assert data(known(None), name) is None
    assert data(Unknown("computed", AT), name) == {"unknown": "computed"}
