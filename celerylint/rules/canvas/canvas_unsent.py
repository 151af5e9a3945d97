from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.knowledge.canvas import SENDING
from celerylint.model.canvas import Callback, Canvas
from celerylint.model.canvas_parts import Part
from celerylint.model.entities import Task
from celerylint.model.messages import converts
from celerylint.model.project import Project
from celerylint.rule import Edit, Finding, Fix, Replace, Rule


class CanvasUnsent(Rule):
    """A canvas is built and something else than the canvas is sent, or nothing at all.

    A task that returns a group or chain sends nothing: the worker stores the canvas as the task's result, and the task
    counts as done. `self.replace(canvas)` is what runs it in the task's place. `link_error()` and `link()` return the
    callback, not the canvas: `chain(...).link_error(undo.s()).delay()` runs `undo` and never the chain.

    ```python bad
    from celery import Celery, group

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        print(supplier)


    @app.task(name="shop.load_all", bind=True)
    def load_all(self, suppliers):
        return group(load.s(supplier) for supplier in suppliers)  # expect: canvas-unsent
    ```

    ```python fixed unsafe
    from celery import Celery, group

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        print(supplier)


    @app.task(name="shop.load_all", bind=True)
    def load_all(self, suppliers):
        return self.replace(group(load.s(supplier) for supplier in suppliers))
    ```

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


    @app.task(name="shop.undo")
    def undo(task_id):
        print(task_id)


    def start(supplier):
        chain(load.s(supplier), store.s()).link_error(undo.s()).delay()  # expect: canvas-unsent
    ```

    ```python fixed unsafe
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        return supplier.upper()


    @app.task(name="shop.store")
    def store(prices):
        print(prices)


    @app.task(name="shop.undo")
    def undo(task_id):
        print(task_id)


    def start(supplier):
        chain(load.s(supplier), store.s()).on_error(undo.s()).delay()
    ```

    ```python good
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        return supplier.upper()


    @app.task(name="shop.store")
    def store(prices):
        print(prices)


    @app.task(name="shop.start", bind=True)
    def start(self, supplier):
        loading = chain(load.s(supplier), store.s())
        return self.replace(loading)
    ```

    ## Fix

    A returned canvas is handed to `self.replace`, where the task is bound; `link_error` becomes `on_error`, which
    returns the canvas. What was never run runs from then on.

    ## When to suppress

    The task is only called as a function, by code that sends what it returns.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.1"
    fix_safety = "unsafe"
    sources = ("celery/app/task.py: Task.replace", "celery/canvas.py: Signature.link_error")

    def check_task(self, task: Task, project: Project) -> Iterator[Finding]:
        if task.in_tests or task.function is None or isinstance(task.signature, Unknown):
            return
        if task.unknown_options is not None or converts(task, project) or _handles_results(task, project):
            return
        if any(c.how in ("direct", "run") for c in project.calls_of(task)):
            return  # called as a function that makes a canvas
        scope = project.evaluator.function_scope(task.function)
        for event in task.function.body.returns:
            value = event.node.value if isinstance(event.node, s.Return) else None
            part = project.canvases.part(value, scope) if value is not None else None
            if value is None or part is None or not part.signs or part.attached_to is not None:
                continue
            if isinstance(value, s.Name) and project.canvases.fates.is_sent(value, scope):
                continue
            what = "a signature" if part.kind == "task" else f"a {part.kind}"
            span = task.module.span(value.pos)
            yield self.finding(
                at=span,
                message=f"`{task.label}` returns {what}: it is stored as the result, and none of its tasks is sent",
                help="return `self.replace(...)` in a bound task, or send it",
                subject=task.subject,
                label="never sent",
                evidence=[(part.span, "built here")] if part.span.line != span.line else [],
                data=("replace", span, task),
            )

    def check_project(self, project: Project) -> Iterator[Finding]:
        for canvas in project.canvases.found:
            node = canvas.fate.node
            if canvas.in_tests or canvas.fate.kind != "mistaken" or not isinstance(node, s.Call):
                continue
            yield from self._mistaken(canvas, node, project)
        for callback in project.canvases.callbacks:
            if callback.owner.kind == "task" and not callback.in_tests and callback.spelled in ("link", "link_error"):
                yield from self._sent_alone(callback, project)

    def _sent_alone(self, callback: Callback, project: Project) -> Iterator[Finding]:
        """``task.s().link_error(undo.s()).delay()``."""
        scope = callback.part.scope
        use = project.uses.use(callback.node, scope)
        if use is None or use.kind != "attribute" or use.name not in SENDING:
            return
        module = scope.module
        yield self.finding(
            at=module.span(callback.node.pos),
            message=f"`{callback.spelled}()` gives the callback `{callback.part.label}`: "
            f"`{callback.owner.label}` is never sent",
            help="use `.on_error()`, which gives the signature" if callback.how == "link_error" else "attach it before",
            subject=callback.owner.task.subject if callback.owner.task is not None else f"canvas:{module.name}",
            confidence="high" if callback.part.signs else "medium",
            data=("on_error", module.span(callback.node.func.pos), callback.spelled),
        )

    def _mistaken(self, canvas: Canvas, node: s.Call, project: Project) -> Iterator[Finding]:
        module = canvas.part.scope.module
        use = project.uses.use(node, canvas.part.scope)
        if use is None or (use.kind == "assigned" and _is_unused(use.name, node, canvas.part, project)):
            return
        method = "link_error" if project.text(module.span(node.func.pos)).endswith("link_error") else "link"
        callback = project.canvases.part(node.args[0], canvas.part.scope) if node.args else canvas.part
        yield self.finding(
            at=module.span(node.pos),
            message=f"`{method}()` gives the callback `{callback.label}`: the {canvas.part.kind} is never sent",
            help="use `.on_error()`, which gives the canvas" if method == "link_error" else "attach the callback first",
            subject=f"canvas:{module.name}",
            confidence="medium" if use.kind == "returned" else "high",
            evidence=[(canvas.span, "never sent")] if canvas.span.line != node.pos[0] else [],
            data=("on_error", module.span(node.func.pos), method),
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        if finding.data is None:
            return None
        what, span, detail = finding.data
        text = project.text(span)
        edit: Edit
        if what == "on_error" and detail == "link_error":
            edit = Replace(span, f"{text.removesuffix('link_error')}on_error")
            return Fix("use `on_error()`", "unsafe", (edit,), "the canvas is sent instead of the errback")
        if what == "replace" and detail.bind is True and detail.kind == "function":
            receiver = detail.function.node.params[0].name
            edit = Replace(span, f"{receiver}.replace({text})")
            return Fix("replace the task with it", "unsafe", (edit,), "its tasks run in place of the task's result")
        return None


def _handles_results(task: Task, project: Project) -> bool:
    """Whether a base class does something with what the task returns."""
    methods = ("__call__", "on_success", "after_return")
    return task.base is not None and any(project.evaluator.classes.method(task.base, m) is not None for m in methods)


def _is_unused(name: str, node: s.Call, part: Part, project: Project) -> bool:
    """Whether nothing is done with the variable that holds the callback."""
    return not any(n.pos[:2] > node.pos[2:] for n in project.canvases.fates.names(name, part.scope))
