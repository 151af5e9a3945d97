from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.entities import Task
from celerylint.model.project import Project
from celerylint.model.values import Known, alternatives
from celerylint.rule import Finding, Rule, Span


class CanvasReplaceRaised(Rule):
    """A task raises what `self.replace` gives, which is a result in eager mode.

    On a worker `replace` never comes back: it raises `Ignore` by itself, and `raise` in front of it changes nothing. In
    eager mode it runs the canvas and gives a result, so `raise` fails with `TypeError: exceptions must derive from
    BaseException` after the work was done: in tests, and wherever the environment turns eager mode on.

    ```python bad
    import os

    from celery import Celery, group

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270, task_always_eager=os.environ.get("EAGER", False))


    @app.task(name="shop.load")
    def load(supplier):
        print(supplier)


    @app.task(name="shop.load_all", bind=True)
    def load_all(self, suppliers):
        raise self.replace(group(load.s(supplier) for supplier in suppliers))  # expect: canvas-replace-raised
    ```

    ```python good
    import os

    from celery import Celery, group

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270, task_always_eager=os.environ.get("EAGER", False))


    @app.task(name="shop.load")
    def load(supplier):
        print(supplier)


    @app.task(name="shop.load_all", bind=True)
    def load_all(self, suppliers):
        return self.replace(group(load.s(supplier) for supplier in suppliers))
    ```

    ## When to suppress

    These tasks never run in eager mode.
    """

    category = "correctness"
    severity = "info"
    profile = "pedantic"
    since = "0.1"
    celery = ">=3.1"
    sources = ("celery/app/task.py: Task.replace",)

    def check_task(self, task: Task, project: Project) -> Iterator[Finding]:
        eager = _eager_setting(project) if not task.in_tests else None
        if eager is None:
            return
        for span in _raised_in(task, project):
            yield self.finding(
                at=span,
                message=f"`{task.label}` raises what `replace` gives: a result in eager mode, so `TypeError`",
                help="write `return self.replace(...)`",
                subject=task.subject,
                confidence="medium",
                evidence=[(eager, "eager mode")],
            )


def _raised_in(task: Task, project: Project) -> Iterator[Span]:
    """Where a task raises what ``replace`` gives."""
    for event in task.function.body.raises if task.function is not None else ():
        exc = event.node.exc if isinstance(event.node, s.Raise) else None
        call = project.canvases.calls.by_node.get(id(exc))
        if call is not None and call.how == "replace":
            yield event.span


def _eager_setting(project: Project) -> Span | None:
    """Where the project says that tasks may run eagerly."""
    for setting in project.setting("task_always_eager"):
        for value in alternatives(setting.value):
            if not isinstance(value, Known) or value.assumed is not None or value.value:
                return setting.span
    return None
