from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.commits import Hook
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.model.symbols import FunctionSymbol
from celerylint.rule import EnsureImport, Finding, Fix, Rule, WrapCall

_SENT = frozenset({"delay", "apply_async", "send_task"})
_RUN = frozenset({"direct", "apply", "run"})


class CommitCalled(Rule):
    """`on_commit()` is given the result of sending a task instead of something to call.

    The parentheses are the mistake: `on_commit(task.delay(1))` sends the message at once, inside the transaction, and
    then hands an `AsyncResult` to Django, which raises `TypeError: on_commit()'s callback must be a callable`. The
    transaction is rolled back, and a worker already has the message about rows that never came to be.

    ```python bad
    from celery import shared_task
    from django.db import transaction


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(order_id)


    def place(order):
        with transaction.atomic():
            order.save()
            transaction.on_commit(ship.delay(order.pk))  # expect: commit-called
    ```

    ```python fixed
    import functools

    from celery import shared_task
    from django.db import transaction


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(order_id)


    def place(order):
        with transaction.atomic():
            order.save()
            transaction.on_commit(functools.partial(ship.delay, order.pk))
    ```

    ```python good
    from functools import partial

    from celery import shared_task
    from django.db import transaction


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(order_id)


    def place(order):
        with transaction.atomic():
            order.save()
            transaction.on_commit(partial(ship.delay, order.pk))
    ```

    ## When to suppress

    Never: Django refuses what is not callable.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "safe"
    sources = (
        "https://docs.djangoproject.com/en/stable/topics/db/transactions/#performing-actions-after-commit",
        "celery/app/task.py: Task.delay",
    )

    def check_project(self, project: Project) -> Iterator[Finding]:
        for hook in project.commits.hooks:
            call = next((c for c in hook.calls if c.node is hook.callback), None)
            sender = _sends_and_gives_nothing(hook, project) if call is None else None
            if sender is not None:
                yield self._called(hook, *sender)
            if call is None or call.how not in _SENT | _RUN or call.unresolved is not None:
                continue
            sent = call.how in _SENT
            yield self.finding(
                at=call.span,
                message=f"`{call.label}` {'is sent' if sent else 'runs'} at once, and its result is no callback: "
                "`on_commit()` raises `TypeError`",
                help="hand over a callable: `functools.partial(task.delay, ...)`",
                subject=f"task:{call.label}",
                label="called here",
                evidence=[(hook.scope.module.span(hook.node.func.pos), "wants a callable")],
                data=call if call.how in ("delay", "apply_async") else None,
            )

    def _called(self, hook: Hook, function: FunctionSymbol, call: Call) -> Finding:
        return self.finding(
            at=hook.scope.module.span(hook.callback.pos),
            message=f"`{function.name}()` sends `{call.label}` at once and gives no callback: `on_commit()` raises "
            "`TypeError`",
            help="hand over a callable: `functools.partial(function, ...)`",
            subject=f"task:{call.label}",
            label="called here",
            evidence=[(call.span, "sent before the commit")],
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        call = finding.data
        if call is None or not isinstance(call.node, s.Call):
            return None
        if not call.node.args and not call.node.keywords:
            return Fix("hand it over without calling it", "safe", (WrapCall(call.span, "{func}"),))
        edits = (WrapCall(call.span, "functools.partial({func}, {args})"), EnsureImport(call.span.path, "functools"))
        return Fix("hand over `functools.partial(...)`", "safe", edits)


def _sends_and_gives_nothing(hook: Hook, project: Project) -> tuple[FunctionSymbol, Call] | None:
    """The function of the project that is called for the callback, with the message it sends, when it returns None."""
    if not isinstance(hook.callback, s.Call):
        return None
    function = project.commits.callees.function(hook.callback, hook.scope)
    if function is None or function.name == "__init__" or function.node.decorators or function.node.is_generator:
        return None
    if function.node.is_async or any(isinstance(e.node, s.Return) and e.node.value for e in function.body.returns):
        return None
    sends = (c for c in project.calls if c.function is not None and c.function.node is function.node)
    call = next((c for c in sends if c.how in _SENT and "on_commit" not in c.context), None)
    return (function, call) if call is not None else None
