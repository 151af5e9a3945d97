from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.canvas_calls import signature_code, strangers
from celerylint.model.canvas_parts import Part
from celerylint.model.project import Project
from celerylint.rule import Finding, Fix, Replace, Rule, Span


class CanvasMemberNotSignature(Rule):
    """A canvas is given a task itself, or its header as separate arguments, instead of signatures.

    `chain(load, store.s())` raises `TypeError` when it is built, and so does `group(load)`; `link=load` raises
    `EncodeError` when the message is made. `chord(*tasks)` raises nothing when there are two tasks: a chord takes a
    header and a body, so the first task becomes the header, the second one the body, and nothing waits for both.

    ```python bad
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load():
        return "prices"


    @app.task(name="shop.store")
    def store(prices):
        print(prices)


    def start():
        chain(load, store.s()).delay()  # expect: canvas-member-not-signature
    ```

    ```python fixed
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load():
        return "prices"


    @app.task(name="shop.store")
    def store(prices):
        print(prices)


    def start():
        chain(load.s(), store.s()).delay()
    ```

    ```python bad
    from celery import Celery, chord

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        return supplier.upper()


    @app.task(name="shop.store")
    def store(prices):
        print(prices)


    def start(suppliers):
        header = [load.s(supplier) for supplier in suppliers]
        chord(*header)(store.s())  # expect: canvas-member-not-signature
    ```

    ```python good
    from celery import Celery, chord

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        return supplier.upper()


    @app.task(name="shop.store")
    def store(prices):
        print(prices)


    def start(suppliers):
        chord([load.s(supplier) for supplier in suppliers])(store.s())
    ```

    ## When to suppress

    Never.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.1"
    fix_safety = "safe"
    sources = ("celery/canvas.py: Signature.__or__", "celery/canvas.py: _chord.__init__", "celery/canvas.py: group")

    def check_project(self, project: Project) -> Iterator[Finding]:
        for stranger in strangers(project, "object"):
            part = stranger.part
            if stranger.role == "header" and not part.spelled:
                continue  # chord() makes signatures of the tasks in its header
            error = "EncodeError" if stranger.role in ("link", "link_error") else "TypeError"
            written = project.text(part.span)
            yield self.finding(
                at=part.span,
                message=f"`{written}` in {stranger.place} is no signature: `{error}`, and nothing runs",
                help="make a signature of it with `.s()` or `.si()`",
                subject=f"canvas:{part.scope.module.name}",
                confidence="medium" if stranger.doubtful else "high",
                data=signature_code(stranger, project),
            )
        for canvas in project.canvases.found:
            star = _starred_header(canvas.part) if canvas.part.kind == "chord" and not canvas.in_tests else None
            if star is not None and _is_list(project.canvases.part(star.value, canvas.part.scope)):
                text = project.text(canvas.part.scope.module.span(star.pos))
                yield self.finding(
                    at=canvas.span,
                    message=f"`chord({text})` takes the second signature as its body, and the others as options",
                    help="pass the header as one list",
                    subject=f"canvas:{canvas.part.scope.module.name}",
                    data=(canvas.part.scope.module.span(star.pos), text[1:]),
                )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        code: tuple[Span, str] | None = finding.data
        return code and Fix("pass what the canvas takes", "safe", (Replace(*code),))


def _starred_header(part: Part) -> s.Starred | None:
    """The ``*tasks`` in ``chord(*tasks)``."""
    first = part.node.args[0] if isinstance(part.node, s.Call) and part.node.args else None
    return first if isinstance(first, s.Starred) else None


def _is_list(part: Part) -> bool:
    """Whether a part is a list of signatures of no fixed length."""
    return part.kind == "list" and any(m.many and m.signs for m in part.members)
