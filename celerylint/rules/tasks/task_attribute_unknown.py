from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.project import Project
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.task_attributes import Lacking, lacking
from celerylint.rule import Finding, Fix, Replace, Rule, Span


class TaskAttributeUnknown(Rule):
    """A task is asked for a method or attribute that it does not have.

    The line raises `AttributeError` when it runs. Often that is a rare path, such as the handler that should retry:
    then the first failure in production is answered by a second one, and nothing is retried.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(number):
        print(number)


    def pay(number):
        charge.aply_async(args=[number])  # expect: task-attribute-unknown
    ```

    ```python fixed
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(number):
        print(number)


    def pay(number):
        charge.apply_async(args=[number])
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(number):
        print(number)


    def pay(number):
        charge.apply_async(args=[number])
    ```

    ## When to suppress

    Code that cannot be read puts the attribute on the task.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "safe"
    sources = ("celery/app/task.py: Task",)

    def check_project(self, project: Project) -> Iterator[Finding]:
        for read in project.attribute_reads:
            module = read.scope.module
            found = lacking(read, project) if not module.is_test else None
            if found is not None:
                yield self._report(found, module.span(found.place))

    def _report(self, found: Lacking, span: Span) -> Finding:
        thing = found.thing
        if isinstance(thing, FunctionSymbol):
            who, place, subject = f"the plain function `{thing.name}`", thing.span, f"function:{thing.qualified}"
        elif isinstance(thing, ClassSymbol):
            who, place, subject = f"`{thing.name}`", thing.span, f"class:{thing.qualified}"
        else:
            whose = "the request of" if found.what.endswith(".request") else "task"
            who, place, subject = f"{whose} `{thing.label}`", thing.function_span, thing.subject
        return self.finding(
            at=span,
            message=f"{who} has no `{found.attribute}`: this line raises `AttributeError`",
            help=f"write `{found.near}`" if found.near else "use what the task has",
            subject=subject,
            confidence="high" if found.near else "medium",
            label=f"no such attribute of `{found.what}`",
            evidence=[(place, "has no such attribute")],
            data=found,
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        found: Lacking = finding.data
        if found.near is None or project.text(finding.span) != found.attribute:
            return None
        return Fix(f"write `{found.near}`", "safe", (Replace(finding.span, found.near),))
