from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.entities import Task
from celerylint.model.project import Project
from celerylint.model.unbound import unbound
from celerylint.rule import AddParameter, Finding, Fix, Rule


class TaskBindWithoutSelf(Rule):
    """A task has `bind=True`, and its function has no parameter for the task.

    Celery gives the task itself as first argument. A function without parameters raises `TypeError` on every call; a
    function of one parameter too few fails when it is called with all that it declares, in the caller or, where
    Celery cannot compare, in the worker: the message is used up and the job is not done.

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.clean", bind=True, time_limit=60, soft_time_limit=50)
    def clean():  # expect: task-bind-without-self
        print("clean")
    ```

    ```python fixed unsafe
    from celery import shared_task


    @shared_task(name="shop.clean", bind=True, time_limit=60, soft_time_limit=50)
    def clean(self):
        print("clean")
    ```

    ```python good
    from celery import shared_task


    @shared_task(name="shop.clean", bind=True, time_limit=60, soft_time_limit=50)
    def clean(self):
        print("clean", self.request.id)


    @shared_task(name="shop.charge", time_limit=60, soft_time_limit=50)
    def charge(order_id):
        print(order_id)
    ```

    ## When to suppress

    The first parameter is meant for the task under another name.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.1"
    fix_safety = "unsafe"
    sources = ("celery/app/base.py: Celery._task_from_fun", "celery/utils/functional.py: head_from_fun")

    def check_task(self, task: Task, project: Project) -> Iterator[Finding]:
        found = unbound(task, project) if not task.in_tests else None
        if found is None:
            return
        if found.lost is None:
            message = f"every call of `{task.label}` raises `TypeError`: `bind` gives it an argument to take"
        elif found.calls:
            message = f"`{found.lost}` of `{task.label}` gets the task itself, and the call has one argument too many"
        else:
            message = f"`{found.lost}` of `{task.label}` gets the task itself, because of `bind`"
        evidence = [(call.span, "fails with `TypeError`") for call in found.calls]
        if task.decorator_span is not None:
            evidence.insert(0, (task.decorator_span, "binds it"))
        yield self.finding(
            at=task.function_span,
            message=message,
            help="add `self` as first parameter, or remove `bind=True`",
            subject=task.subject,
            severity="error" if found.sure else "warning",
            confidence="medium" if task.unknown_options is not None or not found.sure else "high",
            evidence=evidence,
            data=task,
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        task: Task = finding.data
        if task.function is None or any(p.name == "self" for p in task.function.node.params):
            return None
        changes = f"`{task.label}` runs, and its arguments begin behind `self`; what calls the function itself changes"
        return Fix("add `self`", "unsafe", (AddParameter(task.function_span, "self"),), changes)
