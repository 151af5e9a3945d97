"""What results have, compared with the installed Celery."""

from __future__ import annotations

from celery.result import AsyncResult, GroupResult, ResultSet

from celerylint.knowledge.results import ASYNC_RESULT, GROUP_RESULT, POLLS, READS, WAITS

OLD = {"task_name", "serializable", "iterate", "itersubtasks", "subtasks", "total", "results"}
"""What only older Celerys have, or instances only."""


def public(*classes: type) -> set[str]:
    return {name for cls in classes for name in dir(cls) if not name.startswith("_")}


def test_attributes_are_those_of_celery() -> None:
    assert public(AsyncResult) <= ASYNC_RESULT
    assert public(ResultSet, GroupResult) <= GROUP_RESULT
    made = {name for name in vars(AsyncResult("x")) if not name.startswith("_")}
    assert made <= ASYNC_RESULT
    assert public(AsyncResult) | made | OLD >= ASYNC_RESULT
    assert public(ResultSet, GroupResult) | {"on_ready"} | OLD >= GROUP_RESULT


def test_what_waits_and_what_asks_exists() -> None:
    assert WAITS | READS | POLLS <= ASYNC_RESULT | GROUP_RESULT
    assert POLLS <= READS
    assert not WAITS & READS
