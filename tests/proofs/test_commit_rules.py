"""What comes of callbacks that are registered for the commit in the wrong way."""

from __future__ import annotations

from functools import partial
from types import ModuleType
from typing import Any

import celery
import pytest
from celery.contrib.django.task import DjangoTask
from django.db import transaction
from harness import make_app, queued


def task(**options: Any) -> Any:
    """``shop.ship``, which remembers in ``ran`` what it was run with in this process."""
    ran: list[Any] = []

    @make_app().task(name="shop.ship", **options)
    def ship(order_id: Any) -> None:
        ran.append(order_id)

    ship.ran = ran
    return ship


def sent() -> list[Any]:
    """The arguments of the messages in the queue."""
    return [m.args[0] for m in queued()]


def test_calling_delay_sends_at_once_and_its_result_is_refused(shop: ModuleType) -> None:
    ship = task()
    with pytest.raises(TypeError, match="callable"), transaction.atomic():
        transaction.on_commit(ship.delay(1))
    assert sent() == [1]
    with transaction.atomic():
        transaction.on_commit(partial(ship.delay, 2))
        assert sent() == [1]
    assert sent() == [1, 2]


def test_calling_the_task_runs_it_at_once(shop: ModuleType) -> None:
    ship = task()
    with pytest.raises(TypeError, match="callable"), transaction.atomic():
        transaction.on_commit(ship(1))
    assert ship.ran == [1] and sent() == []


def test_a_signature_runs_in_the_caller_and_a_lambda_around_it_does_nothing(shop: ModuleType) -> None:
    ship = task()
    with transaction.atomic():
        transaction.on_commit(ship.s(1))
        transaction.on_commit(lambda: ship.s(2))
        transaction.on_commit(partial(ship.s, 3))
    assert ship.ran == [1] and sent() == []
    with transaction.atomic():
        transaction.on_commit(ship.s(4).delay)
        transaction.on_commit(ship.s(5) | ship.si(6))  # a chain sends itself when it is called
    assert sent() == [4, 5]


def test_lambdas_of_a_loop_send_its_last_value(shop: ModuleType) -> None:
    ship = task()
    with transaction.atomic():
        for number in range(3):
            transaction.on_commit(lambda: ship.delay(number))  # noqa: B023
    assert sent() == [2, 2, 2]
    with transaction.atomic():
        for number in range(3):
            transaction.on_commit(partial(ship.delay, number))
    assert sent()[3:] == [0, 1, 2]
    for number in range(3):  # outside of any transaction the callback runs at once
        transaction.on_commit(lambda: ship.delay(number))  # noqa: B023
    assert sent()[6:] == [0, 1, 2]


def test_a_deleted_row_has_lost_its_key_at_the_commit(shop: ModuleType) -> None:
    from django.db.models.signals import post_delete

    ship = task()

    def deleted(instance: Any, **kwargs: Any) -> None:
        transaction.on_commit(lambda: ship.delay(instance.pk))
        transaction.on_commit(partial(ship.delay, instance.pk))

    order = shop.Order.objects.create(total=1)
    number = order.pk
    post_delete.connect(deleted, sender=shop.Order)
    try:
        with transaction.atomic():
            order.delete()
    finally:
        post_delete.disconnect(deleted, sender=shop.Order)
    assert sent() == [None, number]


def test_delay_on_commit_returns_none(shop: ModuleType) -> None:
    ship = task(base=DjangoTask)
    with transaction.atomic():
        result = ship.delay_on_commit(1)
        assert result is None and sent() == []
        with pytest.raises(AttributeError):
            result.id  # noqa: B018
        assert ship.apply_async_on_commit((2,)) is None
    assert sent() == [1, 2]


def test_a_task_class_of_ones_own_has_no_delay_on_commit(shop: ModuleType) -> None:
    class Tracked(celery.Task):  # type: ignore[misc]
        """Below Celery's class, not below Django's."""

    class TrackedInDjango(DjangoTask):  # type: ignore[misc]
        """Below Django's class."""

    with pytest.raises(AttributeError, match="delay_on_commit"):
        task(base=Tracked).delay_on_commit(1)
    assert sent() == []
    task(base=TrackedInDjango).delay_on_commit(2)
    assert sent() == [2]


@pytest.mark.parametrize(("named", "expected"), [("default", "DjangoTask"), ("", "Task")])
def test_the_fixup_makes_the_class_when_the_settings_are_known_before(
    shop: ModuleType, monkeypatch: pytest.MonkeyPatch, named: str, expected: str
) -> None:
    if named:
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "django_shop")
    else:
        monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    app = celery.Celery("late", set_as_current=False)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "django_shop")
    assert [c.__name__ for c in app.Task.__mro__][1] == expected


def test_on_commit_does_not_wait_for_another_database(shop: ModuleType) -> None:
    ship = task()
    with transaction.atomic(using="archive"):
        transaction.on_commit(partial(ship.delay, 1))
        assert sent() == [1]
        transaction.on_commit(partial(ship.delay, 2), using="archive")
        assert sent() == [1]
    assert sent() == [1, 2]


def test_before_the_row_is_saved_its_key_is_none(shop: ModuleType) -> None:
    ship = task()
    order = shop.Order(total=1)
    ship.delay(order.pk)
    transaction.on_commit(lambda: ship.delay(order.pk))  # no transaction: at once
    with transaction.atomic():
        transaction.on_commit(partial(ship.delay, order.pk))
        transaction.on_commit(lambda: ship.delay(order.pk))
        order.save()
    assert sent() == [None, None, None, order.pk]
