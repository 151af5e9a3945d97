from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.commits import Hook
from celerylint.model.entities import Call
from celerylint.model.late import LateRead, late_reads
from celerylint.model.project import Project
from celerylint.rule import Confidence, EnsureImport, Finding, Fix, Replace, Rule, Span


class CommitLateBinding(Rule):
    """A lambda for `on_commit()` reads a variable that has another value by the time of the commit.

    The lambda keeps the variable, not its value. Registered in a loop, all of them run after the loop and send its last
    value, as often as there were passes; the other rows are never processed. A lambda that reads the primary key of a
    row that is deleted in the transaction sends None, because Django clears the key.

    ```python bad
    from celery import shared_task
    from django.db import transaction


    @shared_task(name="shop.index", time_limit=60, soft_time_limit=50)
    def index(order_id):
        print(order_id)


    def reindex(orders):
        with transaction.atomic():
            for order in orders:
                order.save()
                transaction.on_commit(lambda: index.delay(order.pk))  # expect: commit-late-binding
    ```

    ```python fixed
    import functools

    from celery import shared_task
    from django.db import transaction


    @shared_task(name="shop.index", time_limit=60, soft_time_limit=50)
    def index(order_id):
        print(order_id)


    def reindex(orders):
        with transaction.atomic():
            for order in orders:
                order.save()
                transaction.on_commit(functools.partial(index.delay, order.pk))
    ```

    ```python good
    from functools import partial

    from celery import shared_task
    from django.db import transaction


    @shared_task(name="shop.index", time_limit=60, soft_time_limit=50)
    def index(order_id):
        print(order_id)


    def reindex(orders):
        with transaction.atomic():
            for order in orders:
                order.save()
                transaction.on_commit(partial(index.delay, order.pk))
    ```

    ## Deleted rows

    ```python bad
    from celery import shared_task
    from django.db import models, transaction
    from django.db.models.signals import post_delete
    from django.dispatch import receiver


    class Order(models.Model):
        total = models.IntegerField()


    @shared_task(name="shop.unindex", time_limit=60, soft_time_limit=50)
    def unindex(order_id):
        print(order_id)


    @receiver(post_delete, sender=Order)
    def order_deleted(sender, instance, **kwargs):
        transaction.on_commit(lambda: unindex.delay(instance.id))  # expect: commit-late-binding
    ```

    ```python good
    from functools import partial

    from celery import shared_task
    from django.db import models, transaction
    from django.db.models.signals import post_delete
    from django.dispatch import receiver


    class Order(models.Model):
        total = models.IntegerField()


    @shared_task(name="shop.unindex", time_limit=60, soft_time_limit=50)
    def unindex(order_id):
        print(order_id)


    @receiver(post_delete, sender=Order)
    def order_deleted(sender, instance, **kwargs):
        transaction.on_commit(partial(unindex.delay, instance.id))
    ```

    ## When to suppress

    No transaction is ever open here: then the callback runs at once, and `on_commit()` is of no use either.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "safe"
    sources = (
        "https://docs.python.org/3/faq/programming.html#why-do-lambdas-defined-in-a-loop-with-different-values-all-return-the-same-result",
        "https://docs.djangoproject.com/en/stable/topics/db/transactions/#performing-actions-after-commit",
    )

    def check_project(self, project: Project) -> Iterator[Finding]:
        for hook in project.commits.hooks:
            call = _sent(hook, project)
            if call is None:
                continue
            for read in late_reads(hook, project):
                confidence = _confidence(hook, read, project)
                if confidence is not None:
                    yield self._report(hook, call, read, confidence)

    def _report(self, hook: Hook, call: Call, read: LateRead, confidence: Confidence) -> Finding:
        module = hook.scope.module
        if read.why == "loop":
            message = f"`{call.label}` is sent with the last `{read.name}` each time: it is read at the commit"
            label, words = "read after the loop", "changes it"
        else:
            message = f"`{call.label}` is sent with None: at the commit the deleted row has lost `{read.name}`"
            label, words = "read after the deletion", "the row is deleted"
        outer = [read.outer] if read.outer is not None else []
        line, column, end_line, end_column = read.source
        source = Span(module.path, line, column, line, end_column if end_line == line else column + 3)
        return self.finding(
            at=module.span(read.pos),
            message=message,
            help="read it now: `functools.partial(task.delay, ...)`",
            subject=f"task:{call.label}",
            confidence=confidence,
            label=label,
            evidence=[(module.span(hook.node.func.pos), "waits for the commit"), (source, words), *outer],
            data=(hook, call),
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        hook, call = finding.data
        callback = hook.callback
        sent = callback.body if isinstance(callback, s.Lambda) and not callback.params else None
        if not isinstance(sent, s.Call) or call.node is not sent or call.how not in ("delay", "apply_async"):
            return None
        module = hook.scope.module
        func = project.text(module.span(sent.func.pos))
        given = [*(a.pos for a in sent.args), *(k.pos for k in sent.keywords)]
        if not given:
            return None
        first, last = min(given), max(given, key=lambda pos: pos[2:])
        args = project.text(module.span((*first[:2], *last[2:])))
        span = module.span(callback.pos)
        edits = (Replace(span, f"functools.partial({func}, {args})"), EnsureImport(span.path, "functools"))
        return Fix("read the values now, with `functools.partial`", "safe", edits)


def _sent(hook: Hook, project: Project) -> Call | None:
    """The message of a callback: of a lambda, or of a function that is defined on the spot."""
    if hook.sends is not None or not isinstance(hook.callback, s.Name):
        return hook.sends
    for binding in hook.scope.table.by_name.get(hook.callback.path, ()):
        if isinstance(binding.node, s.Function):
            place = hook.scope.module.span(binding.node.whole)
            return next((c for c in project.calls if place.covers(c.span) and c.target is not None), None)
    return None


def _confidence(hook: Hook, read: LateRead, project: Project) -> Confidence | None:
    """How sure it is that the callback waits: outside of any transaction it runs at once, with the right value."""
    if read.waits:
        return "high"
    if read.why == "deleted" and read.outer is None:
        return "low"
    sent = hook.sends
    if sent is not None and "task" in sent.context and read.why == "loop":
        return "low"
    return "low" if "/management/" in hook.span.path else "medium"
