from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.apps import last_name
from celerylint.model.calls import SENDS, owner_of
from celerylint.model.entities import Call
from celerylint.model.not_tasks import data, plain_function, plain_method, plain_owner
from celerylint.model.project import Project
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.rule import Finding, Rule

_METHODS = frozenset({*SENDS, "s", "si"})


class CallNotATask(Rule):
    """A plain function of the project is sent like a task: the call raises `AttributeError`.

    A function has no `delay`, `apply_async` or `s` unless a task decorator made it a task. Nothing is queued; the line
    fails with `AttributeError: 'function' object has no attribute 'delay'`. A test that replaces the function by a
    mock does not see it.

    ```python file=shop/reports.py bad
    def build_report(month):
        print(month)


    def order_report(month):
        build_report.delay(month)  # expect: call-not-a-task
    ```

    ```python file=shop/celery.py
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)
    ```

    ```python file=shop/reports.py good
    from shop.celery import app


    @app.task(name="shop.build_report")
    def build_report(month):
        print(month)


    def order_report(month):
        build_report.delay(month)
    ```

    ## When to suppress

    Something that cannot be read gives the function its `delay`, such as another job queue.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    sources = ("celery/app/task.py: Task.delay", "celery/app/base.py: Celery._task_from_fun")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.in_tests or call.target is not None or call.scope is None or call.node is None:
            return
        owner = owner_of(call.node.func)
        if owner is None or call.how not in _METHODS:
            return
        found = _plain(owner, call, project)
        if found is None:
            return
        kind = "class" if isinstance(found, ClassSymbol) else "function"
        span = call.module.span(owner.pos)
        yield self.finding(
            at=span,
            message=f"`{found.name}` is a plain {kind}, not a task: `.{call.how}` raises `AttributeError`",
            help="put the task decorator on it, or call it as a function",
            subject=f"{kind}:{found.qualified}",
            label=f"has no `{call.how}`",
            evidence=[(found.span, f"the {kind}, without a task decorator")],
        )

    def check_project(self, project: Project) -> Iterator[Finding]:
        for node, scope in project.refused_sends:
            owner, method = owner_of(node.func), last_name(node.func)
            found = data(owner, scope, project) if owner is not None and not scope.module.is_test else None
            if owner is None or found is None:
                continue
            what, origin = found
            span = scope.module.span(owner.pos)
            name = project.text(span)
            yield self.finding(
                at=span,
                message=f"`{name}` is {what}, not a task: `.{method}` raises `AttributeError`",
                help="call it on the task that was meant",
                subject=f"variable:{scope.module.name}.{name}",
                label=f"has no `{method}`",
                evidence=[(origin, "where it comes from")] if origin != span else [],
            )


def _plain(owner: s.Expr, call: Call, project: Project) -> FunctionSymbol | ClassSymbol | None:
    """The function or class that ``owner`` surely is and that is no task."""
    assert call.scope is not None
    value = project.evaluator.value(owner, call.scope)
    return (
        plain_function(value, call.how, project)
        or plain_method(owner, call.how, call.scope, project)
        or plain_owner(value, call.how, project)
    )
