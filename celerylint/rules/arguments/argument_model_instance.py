from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from celerylint.facts.unknown import Unknown
from celerylint.knowledge.orm_classes import PRIMARY_KEY
from celerylint.model.arguments import Argument
from celerylint.model.entities import Call
from celerylint.model.kinds import Kind
from celerylint.model.messages import converts, fate_under, hidden_default, makes_message, serializer
from celerylint.model.project import Project
from celerylint.model.sent import ORM
from celerylint.model.sorts import Sort
from celerylint.model.stale import harmless
from celerylint.rule import Confidence, Finding, Fix, Replace, Rule, Severity, Span

_WHAT = {
    "instance": ("an instance of `{}`", "a model instance"),
    "instances": ("a list with instances of `{}`", "a list with model instances"),
    "query": ("a queryset of `{}`", "a queryset"),
    "rows": ("a queryset of `{}`", "a queryset"),
    "manager": ("a manager of `{}`", "a manager"),
    "table": ("a dict of instances of `{}`", "a dict of model instances"),
    "pair": ("a tuple with an instance of `{}`", "a tuple with a model instance"),
}
"""Kind of value: words for a model that is known, and for one that is not."""


_SAVED = "the worker works on a stale copy, and saving it undoes newer changes"
"""What comes of a pickled instance."""


class ArgumentModelInstance(Rule):
    """A model instance or queryset is sent as an argument of a task.

    JSON, Celery's serializer, cannot encode it: the call fails with `EncodeError` where it is made, and nothing is
    queued. With pickle it is worse in silence: the worker gets a copy of the row as it was when the message was sent,
    and a `save()` there overwrites whatever has changed since.

    ```python bad
    from celery import shared_task
    from django.db import models


    class Order(models.Model):
        total = models.IntegerField()


    @shared_task(name="shop.send_receipt", time_limit=60, soft_time_limit=50)
    def send_receipt(order):
        print(order)


    def close(number):
        order = Order.objects.get(pk=number)
        send_receipt.delay(order)  # expect: argument-model-instance
    ```

    ```python fixed unsafe
    from celery import shared_task
    from django.db import models


    class Order(models.Model):
        total = models.IntegerField()


    @shared_task(name="shop.send_receipt", time_limit=60, soft_time_limit=50)
    def send_receipt(order):
        print(order)


    def close(number):
        order = Order.objects.get(pk=number)
        send_receipt.delay(order.pk)
    ```

    ```python good
    from celery import shared_task
    from django.db import models


    class Order(models.Model):
        total = models.IntegerField()


    @shared_task(name="shop.send_receipt", time_limit=60, soft_time_limit=50)
    def send_receipt(order_id):
        print(Order.objects.get(pk=order_id).total)


    def close(number):
        order = Order.objects.get(pk=number)
        send_receipt.delay(order.pk)
    ```

    ## Fix

    The fix passes the primary key. The task must then fetch the row itself: change its body and its other callers too.

    ## When to suppress

    A serializer of your own carries models, and the task is meant to see the row as it was.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=2.0"
    fix_safety = "unsafe"
    sources = (
        "https://docs.celeryq.dev/en/stable/userguide/tasks.html#model-objects",
        "kombu/utils/json.py: JSONEncoder.default",
    )

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if not makes_message(call):
            return
        verdict = _consequence(call, project)
        if verdict is None:
            return
        severity, confidence, consequence = verdict
        for argument in project.arguments.of(call):
            found = _orm_object(argument, project)
            if found is None:
                continue
            what, source, span = found.what, found.source, argument.span
            level, end = severity, consequence
            if consequence == _SAVED and (found.is_rows or harmless(call, argument, project)):
                level, end = "info", "the worker gets what it was when the message was sent"
            origin, why = source.origin, source.why
            evidence: list[tuple[Span, str]] = []
            if origin != span:
                evidence.append((origin, why))
            if argument.followed:
                evidence.append((call.span, "sent here"))
            if call.target is not None:
                evidence.append((call.target.function_span, "the task"))
            yield self.finding(
                at=span,
                message=f"{what} is sent to `{call.label}`: {end}",
                help="send the primary key and fetch the row in the task",
                subject=f"task:{call.label}",
                severity=level,
                confidence=confidence if source.sure or confidence == "low" else "medium",
                label=why if origin == span else "",
                evidence=evidence,
                data=source if isinstance(source, Sort) else None,
            )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        sort: Sort | None = finding.data
        if sort is None or sort.kind != "instance":
            return None
        key = PRIMARY_KEY.get(sort.family, "pk")
        code = f"{project.text(finding.span)}.{key}"
        return Fix(
            f"send `.{key}`",
            "unsafe",
            (Replace(finding.span, code),),
            "the task receives the key and must fetch the row",
        )


class _Found(NamedTuple):
    """An ORM object among the arguments: in words, and what told."""

    what: str
    source: Sort | Kind

    @property
    def is_rows(self) -> bool:
        """Whether it holds plain values of rows (``values_list()``), which nobody can save."""
        return isinstance(self.source, Sort) and self.source.kind == "rows"


def _orm_object(argument: Argument, project: Project) -> _Found | None:
    """The model instance, queryset or container of such that an argument is."""
    sort = project.arguments.sort(argument)
    if sort is not None and sort.carries_instances:
        named, unnamed = _WHAT[sort.kind]
        return _Found(named.format(sort.model.name) if sort.model is not None else unnamed, sort)
    kind = project.arguments.kind(argument) if sort is None else None
    for path, part in kind.parts() if kind is not None else ():
        if part.name in ORM:
            return _Found(f"{part} in `{path}`" if path else str(part), part)
    return None


def _consequence(call: Call, project: Project) -> tuple[Severity, Confidence, str] | None:
    """What comes of it under the serializer that the message really has; None when arguments may be converted."""
    task = call.target
    if converts(task, project):
        return None
    doubtful = task is not None and task.unknown_options is not None
    name = serializer(call, project)
    if isinstance(name, Unknown):
        return "warning", "low" if doubtful else "medium", "it cannot be encoded, or arrives as a stale copy"
    if name == "pickle":
        return (
            "warning",
            "low" if doubtful else "high",
            _SAVED,
        )
    if fate_under(name, "model instance", project) == "refused":
        assumed = hidden_default(call, "serializer", "task_serializer", project)
        return (
            "error",
            "low" if doubtful else "medium" if assumed else "high",
            f"{name} cannot encode it, so the call raises `EncodeError`",
        )
    return None
