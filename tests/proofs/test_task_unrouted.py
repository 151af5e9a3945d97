"""Where the messages of a task go that no route names."""

from __future__ import annotations

from typing import Any

from celery import Celery
from harness import finished, make_app, queued, until, worker

ROUTES = {"shop.mail.*": {"queue": "mail"}, "shop.pictures.*": {"queue": "pictures"}}


def shop_app(**settings: Any) -> Celery:
    app = make_app(task_routes=ROUTES, **settings)

    @app.task(name="shop.mail.receipt")
    def receipt(order_id: int) -> str:
        return "receipt"

    @app.task(name="shop.stock.recount")
    def recount(shelf_id: int) -> str:
        return "recount"

    return app


def test_an_unrouted_task_waits_in_a_queue_that_nobody_consumes_without_any_error() -> None:
    sender, consumer = shop_app(), shop_app()
    lost = sender.tasks["shop.stock.recount"].delay(1)
    seen = sender.tasks["shop.mail.receipt"].delay(1)
    with worker(consumer, queues=("mail", "pictures")):
        assert finished(seen) == "receipt"
        later = sender.tasks["shop.mail.receipt"].delay(2)
        assert finished(later) == "receipt"
        assert lost.state == "PENDING"
    assert [m.task for m in queued("celery")] == ["shop.stock.recount"]
    assert queued("mail") == []


def test_the_default_queue_moves_them_to_where_a_worker_listens() -> None:
    sender, consumer = (shop_app(task_default_queue="default") for _ in range(2))
    result = sender.tasks["shop.stock.recount"].delay(1)
    assert [m.task for m in queued("default")] == ["shop.stock.recount"]
    with worker(consumer, queues=("mail", "pictures", "default")):
        assert finished(result) == "recount"
    assert queued("celery") == []


def test_a_worker_of_the_default_queue_runs_them() -> None:
    sender, consumer = shop_app(), shop_app()
    result = sender.tasks["shop.stock.recount"].delay(1)
    with worker(consumer, queues=("celery",)):
        assert finished(result) == "recount"


def test_a_worker_that_names_no_queue_consumes_the_default_one_only() -> None:
    """Routes name queues that only the sender knows of, so the worker without ``-Q`` does not hear of them."""
    sender, consumer = shop_app(), shop_app()
    found = sender.tasks["shop.stock.recount"].delay(1)
    sender.tasks["shop.mail.receipt"].delay(1)
    with worker(consumer):
        assert finished(found) == "recount"
        until(lambda: not queued("celery"))
    assert [m.task for m in queued("mail")] == ["shop.mail.receipt"]


def test_a_queue_named_by_decorator_or_call_is_a_route_too() -> None:
    app = shop_app()

    @app.task(name="shop.stock.count", queue="stock")
    def count() -> None:
        """Never runs."""

    count.delay()
    app.tasks["shop.stock.recount"].apply_async([1], queue="shelves")
    assert [m.task for m in queued("stock")] == ["shop.stock.count"]
    assert [m.task for m in queued("shelves")] == ["shop.stock.recount"]
    assert queued("celery") == []
