from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.commits import Hook
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.model.transactions import SENDING
from celerylint.model.unsaved import Unsaved, unsaved
from celerylint.rule import Confidence, Finding, Rule, Span

_ON_COMMIT = frozenset({"delay_on_commit", "apply_async_on_commit"})


class CommitBeforeSave(Rule):
    """A task is sent, or registered for the commit, before the row that it is about is saved.

    The key of a row that was never saved is None, and that is what the message carries. `on_commit()` does not help:
    outside of a transaction its callback runs at once, and `functools.partial` reads the key when it is made. Even
    where the key is known beforehand, the worker looks for a row that is not there yet.

    ```python bad
    from celery import shared_task
    from django.db import models, transaction


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(order_id)


    class Order(models.Model):
        total = models.IntegerField()

        def save(self, *args, **kwargs):
            if self._state.adding:
                transaction.on_commit(lambda: ship.delay(self.pk))  # expect: commit-before-save
            super().save(*args, **kwargs)
    ```

    ```python good
    from functools import partial

    from celery import shared_task
    from django.db import models, transaction


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(order_id)


    class Order(models.Model):
        total = models.IntegerField()

        def save(self, *args, **kwargs):
            is_new = self._state.adding
            super().save(*args, **kwargs)
            if is_new:
                transaction.on_commit(partial(ship.delay, self.pk))
    ```

    ## A row that is made here

    ```python bad
    from celery import shared_task
    from django.db import models


    class Order(models.Model):
        total = models.IntegerField()


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(order_id)


    def place(total):
        order = Order(total=total)
        ship.delay(order.pk)  # expect: commit-before-save
        order.save()
    ```

    ```python good
    from celery import shared_task
    from django.db import models


    class Order(models.Model):
        total = models.IntegerField()


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(order_id)


    def place(total):
        order = Order(total=total)
        order.save()
        ship.delay(order.pk)
    ```

    ## When to suppress

    The task does not look for the row, and takes None for a key.
    """

    category = "correctness"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    sources = (
        "https://docs.djangoproject.com/en/stable/topics/db/transactions/#performing-actions-after-commit",
        "https://docs.djangoproject.com/en/stable/ref/models/instances/#auto-incrementing-primary-keys",
    )

    def check_project(self, project: Project) -> Iterator[Finding]:
        for hook in project.commits.hooks:
            call = hook.sends
            if call is None or hook.event is None or hook.event.deferred or hook.scope.function is None:
                continue
            deferred = isinstance(hook.callback, s.Lambda)
            found = unsaved(hook.event, (hook.body,), hook.scope.function, hook.scope, deferred, project)
            if found is not None and found.kind != "signal":
                yield self._report(hook.span, call, found, hook)
        for call in project.calls:
            event = project.transactions.event(call)
            if event is None or call.in_tests or call.scope is None or call.function is None or event.deferred:
                continue
            if call.how not in SENDING | _ON_COMMIT or "on_commit" in call.context or call.node is None:
                continue
            if call.target is None and call.unresolved is not None:
                continue
            parts = (*call.node.args, *(k.value for k in call.node.keywords))
            found = unsaved(event, parts, call.function, call.scope, False, project)
            if found is not None:
                yield self._report(call.span, call, found, None)

    def _report(self, span: Span, call: Call, found: Unsaved, hook: Hook | None) -> Finding:
        confidence: Confidence = "high" if found.kind == "new" else "medium"
        if found.kind == "transition":
            said = f"before the caller saves `{found.row}`: its worker finds the old state"
        elif found.kind == "new" and found.empty:
            said = f"before `{found.row}` is saved: `{found.key}` is None"
        elif found.empty:
            late = "" if hook is None or not isinstance(hook.callback, s.Lambda) else ", where no transaction is open"
            said = f"before `{found.row}` is saved{late}: `{found.key}` of a new one is None"
        else:
            said = f"before `{found.row}` is saved: its worker may not find it, or find it unchanged"
        return self.finding(
            at=span,
            message=f"`{call.label}` is sent {said}",
            help="save first, and send after that",
            subject=f"task:{call.label}",
            confidence=confidence,
            label="too early",
            evidence=[(found.saved, found.words), *([(call.target.function_span, "the task")] if call.target else [])],
        )
