from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.project import Project
from celerylint.model.scopes import Scope
from celerylint.model.values import Known, Value
from celerylint.rule import Finding, Rule, Span

_METHODS = frozenset({"delay_on_commit", "apply_async_on_commit"})


class CommitWrongDatabase(Rule):
    """`on_commit()` waits for another database than the one whose transaction is open.

    Each database has transactions of its own. `on_commit(callback)` without `using` waits for `default`; when the block
    around it is on another database, no transaction of `default` is open, the callback runs at once, and the worker
    looks for rows that are not committed.

    ```python bad
    from functools import partial

    from celery import shared_task
    from django.db import transaction


    @shared_task(name="shop.archive", time_limit=60, soft_time_limit=50)
    def archive(order_id):
        print(order_id)


    def close(order):
        with transaction.atomic(using="orders"):
            order.save(using="orders")
            transaction.on_commit(partial(archive.delay, order.pk))  # expect: commit-wrong-database
    ```

    ```python good
    from functools import partial

    from celery import shared_task
    from django.db import transaction


    @shared_task(name="shop.archive", time_limit=60, soft_time_limit=50)
    def archive(order_id):
        print(order_id)


    def close(order):
        with transaction.atomic(using="orders"):
            order.save(using="orders")
            transaction.on_commit(partial(archive.delay, order.pk), using="orders")
    ```

    ## When to suppress

    A caller holds a transaction on the other database, and that is the one to wait for.
    """

    category = "correctness"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    sources = ("https://docs.djangoproject.com/en/stable/topics/db/transactions/#performing-actions-after-commit",)

    def check_project(self, project: Project) -> Iterator[Finding]:
        for hook in project.commits.hooks:
            call = hook.sends
            if call is not None and hook.event is not None and not hook.event.deferred and not hook.helper:
                yield from self._compare(hook.span, call.label, hook.using, hook.event.withs, hook.scope, project)
        for call in project.calls:
            event = project.transactions.event(call) if call.how in _METHODS and not call.in_tests else None
            if event is not None and not event.deferred and call.scope is not None:
                yield from self._compare(call.span, call.label, None, event.withs, call.scope, project)

    def _compare(
        self, span: Span, label: str, using: Value | None, withs: tuple[s.Expr, ...], scope: Scope, project: Project
    ) -> Iterator[Finding]:
        atomic = project.transactions.atomic
        openings = atomic.blocks(withs, scope)
        decorated = atomic.decorating(scope.function) if scope.function is not None else None
        openings += [decorated] if decorated is not None else []
        waits = _alias(using)
        held = [_alias(o.using) for o in openings if o.family == "django" and not o.helper]
        if not held or len(held) != len(openings) or None in held or waits is None or waits in held:
            return
        yield self.finding(
            at=span,
            message=f"`{label}` is sent at once: the transaction is on `{held[0]}`, it waits for `{waits}`",
            help=f'wait for the same database: `using="{held[0]}"`',
            subject=f"task:{label}",
            label=f"waits for `{waits}`",
            evidence=[(openings[0].span, f"a transaction on `{held[0]}`")],
        )


def _alias(using: Value | None) -> str | None:
    """The database that is named, "default" when none is; None when that is not known."""
    if using is None:
        return "default"
    return using.value if isinstance(using, Known) and isinstance(using.value, str) else None
