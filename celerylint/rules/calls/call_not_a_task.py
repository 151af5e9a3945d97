from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.calls import SENDS, owner_of
from celerylint.model.entities import Call
from celerylint.model.not_tasks import data, plain_function, plain_method, plain_owner
from celerylint.model.project import Project
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.rule import Finding, Rule

_METHODS = frozenset({*SENDS, "s", "si"})


class CallNotATask(Rule):
    """A plain function of the project is sent like a task: the call raises `AttributeError`.

    A function has no `delay`, `apply_async` or `s` unless a task decorator made it a task. Nothing is queued; the
    line fails with `AttributeError: 'function' object has no attribute 'delay'`. A test that replaces the function by
    a mock does not see it.

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
        if call.how in _METHODS and call.sends is None and call.target_name is None:
            owner = owner_of(call.node.func)
            if owner is not None:
                yield from self._examine(owner, call.how, call.scope, project)

    def check_project(self, project: Project) -> Iterator[Finding]:
        for one in project.refused_sends:
            if not one.scope.module.is_test:
                yield from self._examine(one.owner, one.method, one.scope, project)

    def _examine(self, owner: s.Expr, method: str, scope: Scope, project: Project) -> Iterator[Finding]:
        span = scope.module.span(owner.pos)
        found = _plain(owner, method, scope, project)
        if found is not None:
            kind = "class" if isinstance(found, ClassSymbol) else "function"
            what, subject, evidence = f"a plain {kind}", f"{kind}:{found.qualified}", (found.span, "no task decorator")
            name, helps = found.name, "put the task decorator on it, or call it as a function"
        else:
            seen = data(owner, scope, project)
            if seen is None:
                return
            name, helps = project.text(span), "call it on the task that was meant"
            what, subject, evidence = seen[0], f"variable:{scope.module.name}.{name}", (seen[1], "where it comes from")
        yield self.finding(
            at=span,
            message=f"`{name}` is {what}, not a task: `.{method}` raises `AttributeError`",
            help=helps,
            subject=subject,
            label=f"has no `{method}`",
            evidence=[evidence] if evidence[0] != span else [],
        )


def _plain(owner: s.Expr, method: str, scope: Scope, project: Project) -> FunctionSymbol | ClassSymbol | None:
    """The function or class that ``owner`` surely is and that is no task."""
    value = project.evaluator.value(owner, scope)
    return (
        plain_function(value, method, project)
        or plain_method(owner, method, scope, project)
        or plain_owner(value, method, project)
    )
