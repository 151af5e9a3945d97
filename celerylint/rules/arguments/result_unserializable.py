from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.entities import Task
from celerylint.model.project import Project
from celerylint.model.returned import returned
from celerylint.rule import Finding, Rule


class ResultUnserializable(Rule):
    """A task returns what its result serializer cannot encode, so it is stored as failed after all its work was done.

    The body runs to its end, then storing the result raises `EncodeError`. The state becomes FAILURE, whoever waits for
    the result gets an exception, and error callbacks run, although nothing went wrong. JSON takes strings, numbers,
    lists, dicts and, with kombu 5.3 or later, dates, `Decimal`, `UUID` and bytes; no sets, model instances, querysets,
    objects.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270, result_expires=3600)


    @app.task(name="shop.reprice")
    def reprice(lines):
        return {line["product"] for line in lines}  # expect: result-unserializable


    def close(lines):
        return reprice.delay(lines).get(timeout=10)
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270, result_expires=3600)


    @app.task(name="shop.reprice")
    def reprice(lines):
        return sorted({line["product"] for line in lines})


    def close(lines):
        return reprice.delay(lines).get(timeout=10)
    ```

    ## When to suppress

    A serializer of your own encodes the type, and celerylint does not see where it is registered.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    sources = (
        "celery/app/trace.py: build_tracer",
        "celery/backends/base.py: Backend.prepare_value",
    )

    def check_task(self, task: Task, project: Project) -> Iterator[Finding]:
        if task.in_tests:
            return
        for value in returned(task, project):
            evidence = [(value.kind.origin, value.kind.why)] if value.kind.origin.line != value.span.line else []
            evidence.append((task.function_span, "the task"))
            if value.backend is not None:
                evidence.append((value.backend, "stores its results"))
            yield self.finding(
                at=value.span,
                message=f"`{task.label}` returns {value.what}: {value.serializer} cannot store it, so the task fails "
                "after its work is done",
                help="return strings, numbers, lists and dicts, or set `ignore_result=True` when nobody reads it",
                subject=task.subject,
                confidence=value.confidence,
                label=value.kind.why,
                evidence=evidence,
            )
