from __future__ import annotations

import pytest

from celerylint.model.spelling import distance, near_name, near_word

METHODS = ("apply_async", "delay", "request", "retry", "update_state", "s")
TASKS = ("shop.orders.tasks.ship", "shop.charge-order", "shop.report_v1", "sync_users", "accounts.tasks.sync")


@pytest.mark.parametrize(("word", "meant"), [
    ("aply_async", "apply_async"),
    ("async_apply", "apply_async"),
    ("apply_asycn", "apply_async"),
    ("requests", "request"),
    ("dealy", "delay"),
    ("update_status", "update_state"),
    ("tariff", None),
    ("si", None),
    ("delay", None),
])  # fmt: skip
def test_words(word: str, meant: str | None) -> None:
    assert near_word(word, [m for m in METHODS if m != word]) == meant


@pytest.mark.parametrize(("name", "meant"), [
    ("shop.charge_order", "shop.charge-order"),
    ("shop_charge_order", "shop.charge-order"),
    ("shop.orders.tasks.shipp", "shop.orders.tasks.ship"),
    ("shop.tasks.ship", "shop.orders.tasks.ship"),
    ("orders.tasks.ship", "shop.orders.tasks.ship"),
    ("shop.report_v2", None),
    ("billing.tasks.ship", None),
    ("ship", None),
    ("scan-file", None),
])  # fmt: skip
def test_task_names(name: str, meant: str | None) -> None:
    assert near_name(name, TASKS) == meant


def test_two_that_are_equally_near_are_none() -> None:
    assert near_name("shop.charge-c", ["shop.charge-a", "shop.charge-b"]) is None
    assert near_name("shop.x.ship", ["shop.a.ship", "shop.b.ship"]) is None


@pytest.mark.parametrize(("one", "other", "steps"), [
    ("", "", 0), ("ab", "ba", 1), ("abc", "abd", 1), ("abc", "abcd", 1), ("abc", "xyz", None),
    ("kitten", "sitting", None),
])  # fmt: skip
def test_distance(one: str, other: str, steps: int | None) -> None:
    assert distance(one, other, 2) == steps
