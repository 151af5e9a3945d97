from __future__ import annotations

from collections.abc import Iterator

from celerylint.knowledge.canvas import ERRBACK_ARGUMENTS
from celerylint.model.canvas import Callback
from celerylint.model.canvas_binding import errback_call, misfit
from celerylint.model.project import Project
from celerylint.rule import Finding, Rule, Span


class CanvasErrbackSignature(Rule):
    """An error callback cannot take what Celery calls it with.

    Celery calls an errback in one of two ways, and looks only at the number of its parameters: with more than one, and
    without `bind=True`, it runs at once in the failing worker and gets the request, the exception and the traceback.
    Any other errback is sent as a message and gets the id of the failed task, and nothing more. When that does not fit,
    the errback never runs, and its `TypeError` takes the place of the error that the task really failed with.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(order_id):
        raise RuntimeError(order_id)


    @app.task(name="shop.report", bind=True)
    def report(self, request, exc, traceback):
        print(request, exc)


    def start(order_id):
        charge.apply_async((order_id,), link_error=report.s())  # expect: canvas-errback-signature
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(order_id):
        raise RuntimeError(order_id)


    @app.task(name="shop.report")
    def report(request, exc, traceback):
        print(request, exc)


    @app.task(name="shop.count_failure")
    def count_failure(task_id):
        print(task_id)


    def start(order_id):
        charge.apply_async((order_id,), link_error=[report.s(), count_failure.s()])
    ```

    ## When to suppress

    Never, if the task is really used as an errback.
    """

    category = "reliability"
    severity = "error"
    since = "0.1"
    sources = ("celery/backends/base.py: Backend._call_task_errbacks", "celery/utils/functional.py: arity_greater")

    def check_project(self, project: Project) -> Iterator[Finding]:
        seen: set[Span] = set()
        for callback in project.canvases.callbacks:
            if callback.how != "link_error" or callback.in_tests:
                continue
            for part in callback.part.leaves() if callback.part.kind in ("group", "choice") else (callback.part,):
                found = self._check(callback.but(part), project) if part.span not in seen else None
                if found is not None:
                    seen.add(part.span)
                    yield found

    def _check(self, callback: Callback, project: Project) -> Finding | None:
        part, task = callback.part, callback.part.task
        how = errback_call(task) if task is not None else None
        if task is None or how is None or part.immutable:
            return None  # to an immutable signature nothing is added: its arguments are those of a call
        leading = ERRBACK_ARGUMENTS if how == "inline" else 1
        why = misfit(part, leading, project)
        if why is None:
            return None
        if how == "inline":
            gets = "is called with (request, exc, traceback)"
        else:
            gets = "gets the task id only, because it is bound" if task.bind is True else "gets the task id only"
        return self.finding(
            at=part.span,
            message=f"errback `{task.label}` {gets}: {why}, which hides the task's own error",
            help="declare it as `(request, exc, traceback)` without bind, or as `(task_id)`",
            subject=task.subject,
            label="never runs",
            evidence=[(task.function_span, "the errback")],
        )
