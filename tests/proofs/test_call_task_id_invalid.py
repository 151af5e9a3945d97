"""Task ids that are no strings, and one id for several messages."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from celery.signals import task_internal_error
from celery.worker import state
from harness import finished, idle, make_app, until, worker


def noting_app() -> tuple[Any, list[int]]:
    """``shop.charge``, and what it was run with."""
    ran: list[int] = []

    @make_app().task(name="shop.charge")
    def charge(number: int) -> int:
        ran.append(number)
        return number

    return charge, ran


@pytest.mark.filterwarnings("ignore:Exception raised outside body:RuntimeWarning")
@pytest.mark.parametrize("task_id", [7, uuid.uuid4()], ids=["number", "UUID"])
def test_a_result_under_an_id_that_is_no_string_is_neither_stored_nor_read(task_id: Any) -> None:
    charge, ran = noting_app()
    errors: list[BaseException] = []

    def note(exception: BaseException, **others: object) -> None:
        errors.append(exception)

    task_internal_error.connect(note)
    try:
        result = charge.apply_async(args=[1], task_id=task_id)
        with worker(charge.app):
            until(lambda: ran and errors and idle("celery"))
    finally:
        task_internal_error.disconnect(note)
    assert {type(error) for error in errors} == {TypeError}
    with pytest.raises(TypeError):
        assert result.state
    fine = charge.apply_async(args=[2], task_id=str(task_id))
    with worker(charge.app):
        assert finished(fine) == 2


def test_messages_of_one_id_share_one_result() -> None:
    charge, ran = noting_app()
    results = [charge.apply_async(args=[number], task_id="charge") for number in (1, 2)]
    with worker(charge.app):
        until(lambda: len(ran) == 2 and idle("celery"))
    assert ran == [1, 2]
    assert [finished(result) for result in results] == [1, 1]


def test_revoking_one_of_them_revokes_all() -> None:
    charge, ran = noting_app()
    state.revoked.add("charge")
    try:
        for number in (1, 2):
            charge.apply_async(args=[number], task_id="charge")
        other = charge.apply_async(args=[3])
        with worker(charge.app):
            assert finished(other) == 3
    finally:
        state.revoked.discard("charge")
    assert ran == [3]
