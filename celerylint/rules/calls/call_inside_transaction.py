from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.django_tasks import has_on_commit
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.model.transactions import Transaction
from celerylint.model.values import Known
from celerylint.rule import Edit, EnsureImport, Finding, Fix, Replace, Rule, Span, WrapCall

_LONG = 5
"""Seconds after which hardly any transaction is still open."""


class CallInsideTransaction(Rule):
    """A task is sent while a database transaction is open.

    The broker knows nothing of the transaction. A worker that is free takes the message at once, looks for the row and
    does not find it, or finds it as it was before; when the transaction is rolled back, the task runs all the same. It
    works on a laptop and fails now and then in production, where workers are idle and commits are slow.

    ```python bad
    from celery import shared_task
    from django.db import models, transaction


    class Order(models.Model):
        total = models.IntegerField()


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(Order.objects.get(pk=order_id).total)


    def place(total):
        with transaction.atomic():
            order = Order.objects.create(total=total)
            ship.delay(order.pk)  # expect: call-inside-transaction
    ```

    ```python fixed unsafe
    import functools

    from celery import shared_task
    from django.db import models, transaction


    class Order(models.Model):
        total = models.IntegerField()


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(Order.objects.get(pk=order_id).total)


    def place(total):
        with transaction.atomic():
            order = Order.objects.create(total=total)
            transaction.on_commit(functools.partial(ship.delay, order.pk))
    ```

    ```python good
    import functools

    from celery import shared_task
    from django.db import models, transaction


    class Order(models.Model):
        total = models.IntegerField()


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(Order.objects.get(pk=order_id).total)


    def place(total):
        with transaction.atomic():
            order = Order.objects.create(total=total)
            transaction.on_commit(functools.partial(ship.delay, order.pk))
    ```

    ## Receivers and `save()`

    Django deletes rows and changes many-to-many relations in a transaction of its own, so their signals are always
    inside one. `post_save` and `save()` run in whatever transaction the one who saves holds: the admin,
    `get_or_create()`, an atomic block, or every request under `ATOMIC_REQUESTS`. They are reported where such a place
    is seen.

    ```python bad
    from celery import shared_task
    from django.contrib.auth.models import User
    from django.db.models.signals import m2m_changed
    from django.dispatch import receiver


    @shared_task(name="shop.sync_groups", time_limit=60, soft_time_limit=50)
    def sync_groups(user_id):
        print(User.objects.get(pk=user_id).groups.all())


    @receiver(m2m_changed, sender=User.groups.through)
    def groups_changed(sender, instance, action, **kwargs):
        sync_groups.delay(instance.pk)  # expect: call-inside-transaction
    ```

    ```python good
    from functools import partial

    from celery import shared_task
    from django.contrib.auth.models import User
    from django.db import transaction
    from django.db.models.signals import m2m_changed
    from django.dispatch import receiver


    @shared_task(name="shop.sync_groups", time_limit=60, soft_time_limit=50)
    def sync_groups(user_id):
        print(User.objects.get(pk=user_id).groups.all())


    @receiver(m2m_changed, sender=User.groups.through)
    def groups_changed(sender, instance, action, **kwargs):
        transaction.on_commit(partial(sync_groups.delay, instance.pk))
    ```

    ## SQLAlchemy

    There is no `on_commit` here: send when the block is over.

    ```python bad
    from celery import shared_task
    from shop.models import Order, make_session
    from sqlalchemy.orm import Session


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        with make_session() as session:
            print(session.get(Order, order_id).total)


    def place(session: Session, order):
        with session.begin():
            session.add(order)
            session.flush()
            ship.delay(order.id)  # expect: call-inside-transaction
    ```

    ```python good
    from celery import shared_task
    from shop.models import Order, make_session
    from sqlalchemy.orm import Session


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        with make_session() as session:
            print(session.get(Order, order_id).total)


    def place(session: Session, order):
        with session.begin():
            session.add(order)
            session.flush()
            number = order.id
        ship.delay(number)
    ```

    ## Fix

    With Django the fix sends from `transaction.on_commit`, or with `delay_on_commit` where the pinned Celery has it.
    The arguments are kept as they are now (`functools.partial`), not read later by a lambda.

    ## When to suppress

    The task neither reads nor writes what the transaction changes, and may run even when it is rolled back.
    """

    category = "reliability"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "unsafe"
    sources = (
        "https://docs.celeryq.dev/en/stable/userguide/tasks.html#database-transactions",
        "celery/contrib/django/task.py: DjangoTask.delay_on_commit",
    )

    def check_project(self, project: Project) -> Iterator[Finding]:
        if _only_eager(project):
            return
        groups: dict[Span, list[tuple[Call, Transaction]]] = {}
        for call in project.calls:
            for transaction in project.transactions.of(call):
                groups.setdefault(transaction.via or call.span, []).append((call, transaction))
        for span, members in groups.items():
            yield self._report(span, members, project)

    def _report(self, span: Span, members: list[tuple[Call, Transaction]], project: Project) -> Finding:
        call, transaction = min(members, key=lambda m: ("high", "medium", "low").index(m[1].confidence))
        names = list(dict.fromkeys(_name(c, project) for c, _ in members))
        who = f"`{names[0]}` is" if len(names) == 1 else f"`{names[0]}` and {len(names) - 1} more are"
        delays = []
        if call.node is not None and call.how != "delay":
            delays = [k for k in call.node.keywords if k.name in ("countdown", "eta")]
        evidence = list(transaction.evidence)
        if transaction.via is not None:
            evidence = [(place, words) for place, words in evidence if place != span]
            evidence.append((call.span, "sends it"))
        if delays:
            evidence.append((call.module.span(delays[0].pos), "waits and hopes for the commit"))
        if call.target is not None:
            evidence.append((call.target.function_span, "the task"))
        return self.finding(
            at=span,
            message=f"{who} sent {_consequence(transaction)}",
            help=_help(call, transaction, project),
            subject=f"task:{call.label if call.label != '?' else names[0]}",
            severity="info" if delays else None,
            confidence="low" if _is_long(call) else transaction.confidence,
            label="sent too early" if transaction.certain else "may be sent too early",
            evidence=evidence,
            data=(call, transaction) if transaction.via is None else None,
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        if finding.data is None:
            return None
        call, transaction = finding.data
        if transaction.family != "django" or call.node is None or call.scope is None or call.target is None:
            return None
        use = project.uses.use(call.node, call.scope)
        if call.how not in ("delay", "apply_async") or use is None or use.kind != "dropped":
            return None
        changes = "the task is sent when the transaction commits, and not at all when it is rolled back"
        using = transaction.opening.using if transaction.opening is not None else None
        func = call.module.span(call.node.func.pos)
        if using is None and has_on_commit(call.target, project):
            name = f"{call.how}_on_commit"
            return Fix(f"send it with `{name}`", "unsafe", (Replace(func, f"{project.text(func)}_on_commit"),), changes)
        if using is not None and not isinstance(using, Known):
            return None
        has_arguments = call.node.args or call.node.keywords
        callback = "functools.partial({func}, {args})" if has_arguments else "{func}"
        database = f", using={using.value!r}" if isinstance(using, Known) else ""
        path = call.span.path
        edits: tuple[Edit, ...] = (
            WrapCall(call.span, f"transaction.on_commit({callback}{database})"),
            EnsureImport(path, "django.db", "transaction"),
            *([EnsureImport(path, "functools")] if has_arguments else []),
        )
        return Fix("send it at the commit", "unsafe", edits, changes)


def _is_long(call: Call) -> bool:
    """Whether the message waits longer than transactions last: by a countdown, or by an ``eta``."""
    for options in (call.options, call.sends.options if call.sends is not None else {}):
        if "eta" in options and not (isinstance(options["eta"], Known) and options["eta"].value is None):
            return True
        countdown = options.get("countdown")
        value = countdown.value if isinstance(countdown, Known) else 0
        if isinstance(value, (int, float)) and value >= _LONG:
            return True
    return False


def _consequence(transaction: Transaction) -> str:
    row = f"`{transaction.row}`"
    if transaction.kind == "receiver" and transaction.holder == "m2m_changed":
        return "before the new relations are committed: its worker may read the old ones"
    if transaction.kind == "receiver" and transaction.holder == "post_delete":
        return "before the deletion is committed, and even when it is rolled back"
    if not transaction.row:
        return "before the commit: it may run first, and runs even after a rollback"
    if transaction.certain:
        return f"before the commit: its worker may not find {row}, or find it unchanged"
    if transaction.kind == "request":
        return f"before the request commits: its worker may not find {row}, or find it unchanged"
    return f"while {row} may be uncommitted: its worker may not find it, or find it unchanged"


def _help(call: Call, transaction: Transaction, project: Project) -> str:
    if transaction.family != "django":
        return "send it after the commit, when the block is over"
    if transaction.via is not None:
        return "call it at the commit, with `transaction.on_commit(functools.partial(...))`"
    if call.target is not None and call.how in ("delay", "apply_async") and has_on_commit(call.target, project):
        return f"send it at the commit, with `{call.how}_on_commit(...)`"
    return "send it at the commit, with `transaction.on_commit(functools.partial(...))`"


def _name(call: Call, project: Project) -> str:
    """The task, or what is written where it is a canvas or a signature that a row gives."""
    if call.label != "?" or call.node is None:
        return call.label
    text = " ".join(project.text(call.module.span(call.node.func.pos)).split())
    return text if len(text) <= 40 else "canvas"


def _only_eager(project: Project) -> bool:
    """Whether every task runs in the caller, whatever the settings module: no broker is set, no worker started."""
    if project.setting("broker_url") or any(p.kind in ("worker", "multi") for p in project.processes):
        return False
    if project.settings_index.optional:  # a file of the machine's own may say otherwise
        return False
    values = [setting.value for setting in project.setting("task_always_eager")]
    return bool(values) and all(isinstance(v, Known) and v.value is True and v.assumed is None for v in values)
