"""The tables of values, looked up in what is installed."""

from __future__ import annotations

import builtins
import datetime
import decimal
import importlib
import inspect
import pathlib
import uuid
from typing import Any

import pydantic
import pytest

from celerylint.knowledge.serializers import CLASS_KINDS, KINDS, fate
from celerylint.knowledge.value_members import (
    ANNOTATIONS,
    ATTRIBUTES,
    COLUMN_TYPES,
    FUNCTIONS,
    METHODS,
    OPAQUE_BASES,
    OPERATORS,
    PYDANTIC_BASES,
)

LITERALS = frozenset({"str", "int", "float", "bool", "None", "list", "dict"})
UNJUDGED = frozenset({"files"})
"""Kinds that only lead to others."""

SAMPLES: dict[str, Any] = {
    "datetime": datetime.datetime(2024, 1, 1), "date": datetime.date(2024, 1, 1), "time": datetime.time(1),
    "timedelta": datetime.timedelta(1), "Decimal": decimal.Decimal(1), "UUID": uuid.UUID(int=1), "str": "a",
    "bytes": b"a", "Path": pathlib.Path("a"), "set": {1}, "frozenset": frozenset({1}), "dict": {"a": 1}, "list": [1],
    "exception": ValueError("x"),
}  # fmt: skip


def importable(name: str) -> bool:
    """Whether a dotted name is there; a package that is not installed counts as one that has it."""
    parts = name.removesuffix("()").split(".")
    if len(parts) == 1:
        return hasattr(builtins, parts[0])
    try:
        importlib.import_module(parts[0])
    except ImportError:
        return True
    for size in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:size]))
        except ModuleNotFoundError:
            continue
        except ImportError:
            return True  # the module is there and needs a package that is not
        for part in parts[size:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


@pytest.mark.parametrize("table", [KINDS, FUNCTIONS, ANNOTATIONS], ids=["kinds", "functions", "annotations"])
def test_names_exist(table: dict[str, str]) -> None:
    assert [name for name in table if not importable(name)] == []


def test_bases_exist() -> None:
    assert [name for name in (*OPAQUE_BASES, *PYDANTIC_BASES) if not importable(name)] == []


def test_json_has_an_opinion_of_every_kind() -> None:
    kinds = {*FUNCTIONS.values(), *ANNOTATIONS.values(), *METHODS.values(), *ATTRIBUTES.values(), *OPERATORS.values()}
    kinds |= {*COLUMN_TYPES.values(), *CLASS_KINDS.values()}
    assert {kind for kind in kinds - LITERALS - UNJUDGED if fate("json", kind) is None} == set()


@pytest.mark.parametrize(("kind", "name"), [key for key in (*METHODS, *ATTRIBUTES) if key[0] in SAMPLES])
def test_members_exist(kind: str, name: str) -> None:
    assert hasattr(SAMPLES[kind], name)


@pytest.mark.parametrize(("kind", "name"), sorted(k for k in ATTRIBUTES if k[0] in SAMPLES))
def test_attributes_are_of_the_kind_that_is_said(kind: str, name: str) -> None:
    value = getattr(SAMPLES[kind], name)
    expected = ATTRIBUTES[kind, name]
    assert isinstance(value, pathlib.PurePath) if expected == "Path" else type(value).__name__ == expected


@pytest.mark.parametrize(("left", "operator", "right"), [k for k in OPERATORS if k[0] in SAMPLES and k[2] in SAMPLES])
def test_operators_give_what_is_said(left: str, operator: str, right: str) -> None:
    value = eval(f"a {operator} b", {"a": SAMPLES[left], "b": SAMPLES[right]})
    expected = OPERATORS[left, operator, right]
    assert isinstance(value, pathlib.PurePath) if expected == "Path" else type(value).__name__ == expected


def test_pydantic_models_have_their_methods() -> None:
    methods = [name for kind, name in METHODS if kind == "pydantic model"]
    assert all(inspect.isfunction(getattr(pydantic.BaseModel, name)) for name in methods)
