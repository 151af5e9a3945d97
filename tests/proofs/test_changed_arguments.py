"""Arguments that arrive as something else than was sent: enums, integer keys, QueryDicts, pydantic models."""

from __future__ import annotations

import enum
from types import ModuleType
from typing import Any

import pytest
from harness import finished, make_app, queued, worker
from kombu.exceptions import EncodeError
from pydantic import BaseModel


class Plain(enum.Enum):
    """An enum that is nothing else."""

    PAID = "paid"


class Text(str, enum.Enum):
    """An enum that is a str."""

    PAID = "paid"


class Number(enum.IntEnum):
    """An enum that is an int."""

    PAID = 1


class Order(BaseModel):
    """A pydantic model."""

    number: int


def task_with(body: Any = None) -> Any:
    """A task of one argument, with this body."""

    @make_app().task(name="shop.announce")
    def announce(given: Any) -> Any:
        return body(given)

    return announce


def outcome(task: Any, argument: Any) -> Any:
    """What a task returns, or the exception that it raises, in a worker."""
    result = task.delay(argument)
    with worker(task.app):
        return finished(result)


def test_json_refuses_a_member_of_a_plain_enum() -> None:
    task = task_with()
    with pytest.raises(EncodeError):
        task.delay(Plain.PAID)
    assert queued() == []
    task.delay(Plain.PAID.value)
    assert [m.args for m in queued()] == [["paid"]]


@pytest.mark.parametrize(("member", "plain"), [(Text.PAID, "str"), (Number.PAID, "int")])
def test_other_members_arrive_as_what_they_are_beside(member: Any, plain: str) -> None:
    assert outcome(task_with(lambda status: type(status).__name__), member) == plain


@pytest.mark.parametrize("name", ["value", "name"])
def test_what_arrives_has_nothing_of_a_member(name: str) -> None:
    assert isinstance(outcome(task_with(lambda status: getattr(status, name)), Text.PAID), AttributeError)


def test_what_arrives_is_equal_to_the_member_and_not_the_member() -> None:
    assert outcome(task_with(lambda x: [x == Text.PAID, x is Text.PAID]), Text.PAID) == [True, False]


def test_keys_that_are_numbers_arrive_as_strings() -> None:
    task = task_with(lambda amounts: [list(amounts), amounts.get(7)])
    assert outcome(task, {7: 1, None: 2, True: 3}) == [["7", "null", "true"], None]


def test_of_several_values_of_a_key_the_last_arrives(shop: ModuleType) -> None:
    from django.http import QueryDict

    assert shop is not None  # configures Django
    task = task_with()
    task.delay(QueryDict("color=red&color=blue"))
    task.delay(dict(QueryDict("color=red&color=blue").lists()))
    assert [m.args for m in queued()] == [[{"color": "blue"}], [{"color": ["red", "blue"]}]]


def announce(order: Order) -> str:
    """A task that takes a model."""
    return type(order).__name__


@pytest.mark.parametrize("builds", [True, False])
def test_json_refuses_a_pydantic_model_also_where_the_worker_builds_models(builds: bool) -> None:
    task = make_app().task(name="shop.announce", pydantic=builds)(announce)
    with pytest.raises(EncodeError):
        task.delay(Order(number=7))
    assert queued() == []


@pytest.mark.parametrize(("builds", "arrives"), [(True, "Order"), (False, "dict")])
def test_a_dumped_model_arrives_as_a_dict_unless_the_worker_builds_it(builds: bool, arrives: str) -> None:
    task = make_app().task(name="shop.announce", pydantic=builds)(announce)
    assert outcome(task, Order(number=7).model_dump(mode="json")) == arrives


def test_arguments_are_readable_in_the_headers_of_a_message() -> None:
    task = task_with()
    task.delay("sesame")
    task.apply_async(("sesame",), argsrepr="(...)")
    assert ["sesame" in m.headers["argsrepr"] for m in queued()] == [True, False]
