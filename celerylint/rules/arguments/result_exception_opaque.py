from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.entities import Task
from celerylint.model.project import Project
from celerylint.model.raised import Rebuilt, raised_classes, rebuilt
from celerylint.model.returned import stores_results
from celerylint.model.symbols import ClassSymbol
from celerylint.rule import Finding, Rule


class ResultExceptionOpaque(Rule):
    """A task raises an exception that cannot be built again where its result is read.

    A worker stores an exception as its class and its `args`, and the caller builds it again from these: `args` are what
    `super().__init__` was given. When the class wants other arguments than that, the caller gets
    `UnpickleableExceptionWrapper` or a bare `Exception`, and `except PaymentDeclined` around `get()` does not catch it.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270, result_expires=3600)


    class PaymentDeclined(Exception):
        def __init__(self, code, detail):  # expect: result-exception-opaque
            self.code = code
            super().__init__(f"{code}: {detail}")


    @app.task(name="shop.charge")
    def charge(order_id):
        raise PaymentDeclined(51, "insufficient funds")


    def pay(order_id):
        return charge.delay(order_id).get(timeout=10)
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270, result_expires=3600)


    class PaymentDeclined(Exception):
        def __init__(self, code, detail):
            self.code = code
            super().__init__(code, detail)


    @app.task(name="shop.charge")
    def charge(order_id):
        raise PaymentDeclined(51, "insufficient funds")


    def pay(order_id):
        return charge.delay(order_id).get(timeout=10)
    ```

    ## When to suppress

    Nobody reads the results of the task, or only their state.
    """

    category = "correctness"
    severity = "info"
    profile = "pedantic"
    since = "0.1"
    sources = (
        "celery/utils/serialization.py: get_pickleable_exception",
        "celery/backends/base.py: Backend.exception_to_python",
    )

    def check_project(self, project: Project) -> Iterator[Finding]:
        raising: dict[int, tuple[ClassSymbol, list[Task]]] = {}
        for task in project.production_tasks:
            for cls in raised_classes(task, project) if stores_results(task, project) else ():
                raising.setdefault(id(cls.node), (cls, []))[1].append(task)
        for cls, tasks in raising.values():
            found = rebuilt(cls, project)
            if found is not None:
                yield self._report(cls, tasks, found)

    def _report(self, cls: ClassSymbol, tasks: list[Task], found: Rebuilt) -> Finding:
        others = f" and {len(tasks) - 1} more" if len(tasks) > 1 else ""
        return self.finding(
            at=found.init,
            message=f"callers of `{tasks[0].label}`{others} cannot catch `{cls.name}`: {found}",
            help="give `super().__init__` all arguments of the exception, in their order",
            subject=f"exception:{cls.qualified}",
            confidence="medium",
            evidence=[(found.call, "what the worker stores"), *((t.function_span, "raises it") for t in tasks)],
        )
