from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.django_tasks import lack
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.rule import Finding, Rule

_METHODS = frozenset({"delay_on_commit", "apply_async_on_commit"})


class CommitUnavailable(Rule):
    """A task is sent with `delay_on_commit()`, which it does not have.

    The method came with Celery 5.4, and only tasks of the class `celery.contrib.django.task.DjangoTask` have it. That
    is the default class when Django's settings are known before `Celery()` is called; a task class of your own below
    `celery.Task` takes its place. The call then raises `AttributeError`, and nothing is sent.

    ```python bad
    from celery import Celery, Task


    class Tracked(Task):
        def on_failure(self, exc, task_id, args, kwargs, einfo):
            print(exc)


    app = Celery("shop", broker="redis://redis:6379/0", task_cls=Tracked)
    app.config_from_object("django.conf:settings", namespace="CELERY")


    @app.task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(order_id)


    def place(order):
        order.save()
        ship.delay_on_commit(order.pk)  # expect: commit-unavailable
    ```

    ```python good
    from celery import Celery
    from celery.contrib.django.task import DjangoTask


    class Tracked(DjangoTask):
        def on_failure(self, exc, task_id, args, kwargs, einfo):
            print(exc)


    app = Celery("shop", broker="redis://redis:6379/0", task_cls=Tracked)
    app.config_from_object("django.conf:settings", namespace="CELERY")


    @app.task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(order_id)


    def place(order):
        order.save()
        ship.delay_on_commit(order.pk)
    ```

    ## When to suppress

    The task class gets the method in a way that cannot be read here.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    sources = ("celery/contrib/django/task.py: DjangoTask", "celery/fixups/django.py: DjangoFixup.install")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.how not in _METHODS or call.in_tests or call.target is None:
            return
        missing = lack(call.target, call.how, project)
        if missing is None:
            return
        helps = {
            "version": "use `transaction.on_commit(functools.partial(task.delay, ...))`",
            "base": "derive it from `celery.contrib.django.task.DjangoTask`",
            "fixup": "set it above `Celery()`",
        }
        evidence = [(missing.span, missing.words)] if missing.span is not None else []
        yield self.finding(
            at=call.span,
            message=f"`{call.label}` is not sent, `{call.how}` raises `AttributeError`: {missing.reason}",
            help=helps[missing.kind],
            subject=f"task:{call.label}",
            confidence="medium" if missing.kind == "fixup" else "high",
            label="has no such method",
            evidence=[*evidence, (call.target.function_span, "the task")],
        )
