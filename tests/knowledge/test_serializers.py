"""The fates of values, shown by sending one of each kind through kombu."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import logging
import pathlib
import re
import threading
import uuid
from collections.abc import Callable
from typing import Any

import kombu.serialization
import pytest
from kombu.exceptions import DecodeError, EncodeError

from celerylint.knowledge.serializers import BECOMES, CLASS_KINDS, CONTENT_TYPES, KINDS, UNSAFE, fate, serializer_of


class Plain(enum.Enum):
    """An enum that is nothing else."""

    A = 1


class Text(str, enum.Enum):
    """An enum that is a str."""

    A = "a"


class Number(enum.IntEnum):
    """An enum that is an int."""

    A = 1


@dataclasses.dataclass
class Data:
    """A dataclass."""

    x: int = 1


Pair = collections.namedtuple("Pair", "a b")


def function() -> None:
    """A function."""


MAKERS: dict[str, Callable[[], Any]] = {
    "str": lambda: "a", "int": lambda: 1, "float": lambda: 1.5, "bool": lambda: True, "None": lambda: None,
    "list": lambda: [1], "dict": lambda: {"a": 1}, "datetime": lambda: datetime.datetime(2024, 1, 1, 12),
    "date": lambda: datetime.date(2024, 1, 1), "time": lambda: datetime.time(12),
    "Decimal": lambda: decimal.Decimal("1.5"),
    "UUID": lambda: uuid.UUID(int=1), "bytes": lambda: b"a\xff", "tuple": lambda: (1,), "namedtuple": lambda: Pair(1,
    2),
    "int-keyed dict": lambda: {1: 2}, "str enum": lambda: Text.A, "int enum": lambda: Number.A,
    "OrderedDict": lambda: collections.OrderedDict(a=1), "defaultdict": lambda: collections.defaultdict(list, a=[1]),
    "Counter": lambda: collections.Counter("a"), "timedelta": lambda: datetime.timedelta(1), "set": lambda: {1},
    "frozenset": lambda: frozenset({1}), "enum": lambda: Plain.A, "dataclass": Data, "complex": lambda: 1j,
    "Fraction": lambda: fractions.Fraction(1, 2), "deque": lambda: collections.deque([1]), "range": lambda: range(2),
    "generator": lambda: (x for x in "a"), "dict view": lambda: {"a": 1}.keys(), "map": lambda: map(str, [1]),
    "filter": lambda: filter(None, [1]), "zip": lambda: zip([1], [2], strict=True),
    "Path": lambda: pathlib.PurePosixPath("a"),
    "exception": lambda: ValueError("a"), "class": lambda: Data, "function": lambda: function, "module": lambda: re,
    "bytearray": lambda: bytearray(b"a"), "memoryview": lambda: memoryview(b"a"),
    "tuple-keyed dict": lambda: {(1,): 2},
    "object": object, "lambda": lambda: (lambda: None), "compiled regex": lambda: re.compile("a"),
    "enumerate": lambda: enumerate("a"), "reversed": lambda: reversed("a"), "iterator": lambda: iter("a"),
    "envelope": lambda: {"__type__": "shoe", "__value__": 1},
    "lock": threading.Lock, "logger": lambda: logging.getLogger("a"),
}  # fmt: skip


def observed(serializer: str, value: Any) -> str:
    """The fate of one value."""
    try:
        content_type, encoding, data = kombu.serialization.dumps(value, serializer)
    except EncodeError:
        return "refused"
    try:
        arrived = kombu.serialization.loads(data, content_type, encoding, accept=[content_type])
    except DecodeError:
        return "fatal"
    same = type(arrived) is type(value) and (arrived == value or isinstance(value, BaseException))
    return "same" if same else "changed"


SAYS = [
    (serializer, kind)
    for serializer in ("json", "yaml", "msgpack", "pickle")
    for kind in sorted(MAKERS)
    if fate(serializer, kind) is not None
]


@pytest.mark.parametrize(("serializer", "kind"), SAYS)
def test_fate(serializer: str, kind: str) -> None:
    if serializer in {"yaml", "msgpack"}:
        pytest.importorskip(serializer)
    assert observed(serializer, MAKERS[kind]()) == fate(serializer, kind)


@pytest.mark.parametrize("kind", ["datetime", "Decimal", "UUID", "bytes"])
def test_json_before_kombu_5_3_kept_no_types(kind: str) -> None:
    assert fate("json", kind, "5.2.4") in {"changed", "refused"}
    assert fate("json", kind, "5.3.0") == "same"
    assert fate("json", "str", "5.2.4") == "same"


def test_every_changed_kind_says_what_it_becomes() -> None:
    changed = {
        kind for serializer in ("json", "yaml", "msgpack") for kind in MAKERS if fate(serializer, kind) == "changed"
    }
    assert changed <= set(BECOMES)


def test_kinds_of_constructors_are_known_to_json() -> None:
    named = {*KINDS.values(), *CLASS_KINDS.values()}
    assert {kind for kind in named if fate("json", kind) is None} == set()


def test_content_types_are_those_of_kombu() -> None:
    for mime, name in CONTENT_TYPES.items():
        if name in kombu.serialization.registry.name_to_type:
            assert kombu.serialization.registry.name_to_type[name] == mime
    assert serializer_of("application/x-python-serialize") in UNSAFE
    assert serializer_of("json") == "json"
