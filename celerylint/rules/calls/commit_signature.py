from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.apps import last_name
from celerylint.model.callees import split
from celerylint.model.commits import Hook
from celerylint.model.entities import Task
from celerylint.model.project import Project
from celerylint.rule import Finding, Fix, Replace, Rule, Span

_MAKERS = (".s", ".si", ".signature", ".subtask")


class CommitSignature(Rule):
    """`on_commit()` is given a signature: the task runs in the caller, or not at all.

    A signature is callable, and calling it runs the task here and now: `on_commit(task.s(1))` makes the web request do
    the work, with no worker and no retry. A lambda or partial that only makes a signature does nothing: its value is
    thrown away.

    ```python bad
    from celery import shared_task
    from django.db import transaction


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(order_id)


    def place(order):
        with transaction.atomic():
            order.save()
            transaction.on_commit(ship.s(order.pk))  # expect: commit-signature
    ```

    ```python fixed
    from celery import shared_task
    from django.db import transaction


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(order_id)


    def place(order):
        with transaction.atomic():
            order.save()
            transaction.on_commit(ship.s(order.pk).delay)
    ```

    ```python good
    from celery import shared_task
    from django.db import transaction


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(order_id)


    def place(order):
        with transaction.atomic():
            order.save()
            transaction.on_commit(ship.si(order.pk).apply_async)
    ```

    A canvas is another matter: calling a chain, a group or a chord sends it.

    ## When to suppress

    The work is meant to be done in the caller after the commit; calling the task function says so more clearly.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "safe"
    sources = ("celery/canvas.py: Signature.__call__",)

    def check_project(self, project: Project) -> Iterator[Finding]:
        for hook in project.commits.hooks:
            inner = isinstance(hook.callback, s.Lambda)
            found = _signature(hook, project) or _canvas(hook, project)
            if found is None and not inner:
                found = _only_made(hook, project)
                inner = found is not None
            if found is None:
                continue
            name, task = found
            said = "is never sent: its signature is made and thrown away" if inner else "runs here, not in a worker"
            yield self.finding(
                at=hook.scope.module.span(hook.body.pos),
                message=f"at the commit {name} {said}",
                help="hand over its `.delay`" if not inner else "send it: add `.delay()`",
                subject=task.subject if task is not None else f"task:{name.strip('`')}",
                label="a signature, nothing sends it",
                evidence=[(task.function_span, "the task")] if task is not None else (),
                data=hook if not inner or isinstance(hook.callback, s.Lambda) else None,
            )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        if finding.data is None:
            return None
        hook: Hook = finding.data
        span: Span = finding.span
        ending = ".delay()" if isinstance(hook.callback, s.Lambda) else ".delay"
        return Fix(f"add `{ending}`", "safe", (Replace(span, project.text(span) + ending),))


def _signature(hook: Hook, project: Project) -> tuple[str, Task | None] | None:
    """The task whose signature is written there."""
    call = project.commits.signature(hook.body, hook.scope)
    return (f"`{call.label}`", call.target) if call is not None else None


def _canvas(hook: Hook, project: Project) -> tuple[str, Task | None] | None:
    """The same where a function of the project makes the signature; and the canvas that a lambda makes (one that is
    handed over sends itself when it is called)."""
    part = project.canvases.part(hook.body, hook.scope)
    if part.attached_to is not None:
        return None
    if part.kind == "task" and part.task is not None:
        return f"`{part.task.label}`", part.task
    canvas = part.kind in ("chain", "group", "chord") and isinstance(hook.callback, s.Lambda)
    return (f"this {part.kind}", None) if canvas else None


def _only_made(hook: Hook, project: Project) -> tuple[str, Task | None] | None:
    """The task in ``partial(task.s, 1)``, which makes a signature and does no more."""
    callback = hook.callback
    if isinstance(callback, s.Call) and last_name(callback.func) == "partial" and callback.args:
        first = callback.args[0]
        owner = split(first)[0] if isinstance(first, s.Name) and first.path.endswith(_MAKERS) else None
        task = project.task_of(owner, hook.scope) if owner is not None else None
        return (f"`{task.label}`", task) if task is not None else None
    return None
