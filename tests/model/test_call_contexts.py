"""Where a call stands: loops, atomic blocks, tasks, receivers and what waits for the commit."""

from __future__ import annotations

from in_memory import project

TASKS = """
    from celery import shared_task

    @shared_task
    def bill(order_id):
        for line in range(order_id):
            ship.delay(line)

    @shared_task
    def ship(line):
        print(line)
"""


def contexts(**files: str) -> dict[int, tuple[str, ...]]:
    found = project(shop__tasks=TASKS, **files)
    return {call.span.line: call.context for call in found.calls if call.span.path == "shop/orders.py"}


def test_blocks_loops_and_the_commit() -> None:
    found = contexts(
        shop__orders="""
        from functools import partial
        from django.db import transaction
        from shop.tasks import bill

        def pay(orders):
            with transaction.atomic():
                bill.delay(1)
                transaction.on_commit(partial(bill.delay, 2))
                transaction.on_commit(lambda: bill.delay(3))
            for order in orders:
                bill.delay(order)

        @transaction.atomic
        def refund(order):
            bill.delay(order)
        """
    )
    assert found == {
        8: ("atomic",),
        9: ("atomic", "on_commit"),
        10: ("atomic", "on_commit"),
        12: ("loop",),
        16: ("atomic",),
    }


def test_the_projects_own_block_and_sqlalchemy() -> None:
    found = contexts(
        shop__orders="""
        from shop.tasks import bill
        from shop.db import Session, traced_atomic_transaction

        def pay(order):
            with traced_atomic_transaction():
                bill.delay(order)

        def book(order):
            with Session.begin() as session:
                bill.delay(order)
        """
    )
    assert found == {7: ("atomic",), 11: ("atomic",)}


def test_task_bodies_and_receivers() -> None:
    found = project(shop__tasks=TASKS)
    (call,) = found.calls
    assert call.context == ("task", "loop")
    assert contexts(
        shop__orders="""
        from django.db.models.signals import post_save
        from django.dispatch import receiver
        from shop.tasks import bill

        @receiver(post_save)
        def saved(sender, instance, **kwargs):
            bill.delay(instance.pk)
        """
    ) == {8: ("receiver",)}


def test_the_canvas_that_a_signature_belongs_to() -> None:
    found = contexts(
        shop__orders="""
        from celery import chain, chord, group
        from shop.tasks import bill, ship

        def plan(order):
            chain(bill.s(1), group(ship.s(2), ship.s(3)))()
            (bill.si(4) | ship.s()).delay()
            chord(
                [ship.s(line) for line in order.lines],
                bill.si(5),
            )()
        """
    )
    assert found[7] == ("chain",)
    assert found[9] == ("chord", "loop") and found[10] == ("chord",)
    members = project(
        shop__tasks=TASKS,
        shop__orders="""
        from celery import chain, group
        from shop.tasks import bill, ship

        chain(
            bill.s(1),
            group(
                ship.s(2),
            ),
        )()
        """,
    )
    at = {call.span.line: call.context for call in members.calls if call.span.path == "shop/orders.py"}
    assert at[6] == ("chain",) and at[8] == ("chain", "group")
