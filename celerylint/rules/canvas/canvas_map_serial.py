from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.rule import Finding, Rule

_WHAT = {
    "map": "all items run one after another in one `celery.map` task",
    "starmap": "all items run one after another in one `celery.starmap` task",
    "chunks": "the items of a chunk run one after another in one `celery.starmap` task",
}


class CanvasMapSerial(Rule):
    """`map`, `starmap` and `chunks` run a task's items in one message, not side by side.

    The worker runs the items one after another inside `celery.map` or `celery.starmap`. The task's own options do not
    apply: no retries, no time limits, no acknowledgement for each item. One item that fails ends the rest, and a lost
    worker loses or repeats them all.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        print(supplier)


    def start(suppliers):
        load.map(suppliers).delay()  # expect: canvas-map-serial
    ```

    ```python good
    from celery import Celery, group

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        print(supplier)


    def start(suppliers):
        group(load.s(supplier) for supplier in suppliers).delay()
    ```

    ## When to suppress

    The items are small, and sending each by itself would cost more than running it.
    """

    category = "performance"
    severity = "info"
    profile = "pedantic"
    since = "0.1"
    celery = ">=3.0"
    sources = ("celery/app/builtins.py: add_map_task", "celery/app/builtins.py: add_starmap_task")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.how in _WHAT and call.target is not None and not call.in_tests:
            yield self.finding(
                at=call.span,
                message=f"`{call.label}.{call.how}()`: {_WHAT[call.how]}, without its retries and limits",
                help="use a group to run them side by side",
                subject=call.target.subject,
                evidence=[(call.target.function_span, "the task")],
            )
