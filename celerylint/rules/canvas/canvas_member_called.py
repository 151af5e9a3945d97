from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.canvas_calls import gives_canvas, signature_code, strangers
from celerylint.model.project import Project
from celerylint.rule import Finding, Fix, Replace, Rule


class CanvasMemberCalled(Rule):
    """A task is called or sent where a canvas needs its signature.

    `chain(load(), store.s())` runs `load` in this process while the chain is built; `load.delay()` sends it at once,
    before anything it should wait for. What is left in the canvas is a result, which Celery cannot chain: it raises
    `TypeError` or `AttributeError`, and by then the task has already run.

    ```python bad
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        return supplier.upper()


    @app.task(name="shop.store")
    def store(prices):
        print(prices)


    def start(supplier):
        chain(
            load.delay(supplier),  # expect: canvas-member-called
            store.s(),
        ).delay()
    ```

    ```python fixed
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        return supplier.upper()


    @app.task(name="shop.store")
    def store(prices):
        print(prices)


    def start(supplier):
        chain(
            load.s(supplier),
            store.s(),
        ).delay()
    ```

    ```python good
    from celery import Celery, group

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        return supplier.upper()


    @app.task(name="shop.store")
    def store(prices):
        print(prices)


    def loading(supplier):
        return load.s(supplier) | store.s()


    def start(suppliers):
        group(loading(supplier) for supplier in suppliers).delay()
    ```

    ## When to suppress

    The task really returns a signature, made by code that celerylint does not see.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.1"
    fix_safety = "safe"
    sources = ("celery/canvas.py: Signature.__or__", "celery/canvas.py: maybe_signature")

    def check_project(self, project: Project) -> Iterator[Finding]:
        for stranger in strangers(project, "result"):
            part, name = stranger.part, stranger.part.label
            known = f"`{name}`" if name != "?" else "a canvas"
            direct = part.call is not None and part.call.how == "direct"
            canvas = gives_canvas(part.task, project) if direct else False
            if canvas:
                continue
            if direct:
                message = f"{known} runs while {stranger.place} is built, and its return value takes its place"
            else:
                message = f"{known} is sent while {stranger.place} is built, and a result takes its place"
            evidence = [(part.task.function_span, "the task")] if part.task is not None else []
            if stranger.where.path == part.span.path and not stranger.where.covers(part.span):
                evidence.append((stranger.where, f"becomes part of {stranger.place}"))
            yield self.finding(
                at=part.span,
                message=message,
                help="pass its signature, made with `.s()` or `.si()`",
                subject=part.task.subject if part.task is not None else f"canvas:{part.scope.module.name}",
                confidence="medium" if stranger.doubtful or canvas is None else "high",
                label="runs too early",
                evidence=evidence,
                data=stranger,
            )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        code = signature_code(finding.data, project)
        return code and Fix("pass its signature", "safe", (Replace(*code),))
