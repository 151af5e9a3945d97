from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.binding import Mismatch
from celerylint.model.canvas_binding import complete, misfit, moved_by_none
from celerylint.model.canvas_parts import Given, Part
from celerylint.model.entities import Task
from celerylint.model.project import Project
from celerylint.rule import Edit, Finding, Fix, Replace, Rule, SetKeyword, Span

_SLOTS = {"step": "chain", "member": "group", "header": "chord", "body": "chord", "link": "callback"}


class CanvasArity(Rule):
    """A task in a chain, chord or callback cannot take the result that is put before its arguments.

    Every step of a chain but the first, every body of a chord and every `link` gets what came before it as its first
    positional argument, unless its signature is immutable (`.si()`). When the task has no room for it, the worker
    raises `TypeError` as it sends the next step: the task that has just succeeded is stored as failed, and the rest of
    the chain never runs. The body of a chord fails with "Callback error".

    ```python bad
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.import_prices")
    def import_prices(supplier):
        return supplier.upper()


    @app.task(name="shop.refresh_index")
    def refresh_index():
        print("refreshed")


    def start(supplier):
        chain(
            import_prices.s(supplier),
            refresh_index.s(),  # expect: canvas-arity
        ).delay()
    ```

    ```python fixed unsafe
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.import_prices")
    def import_prices(supplier):
        return supplier.upper()


    @app.task(name="shop.refresh_index")
    def refresh_index():
        print("refreshed")


    def start(supplier):
        chain(
            import_prices.s(supplier),
            refresh_index.si(),
        ).delay()
    ```

    ```python good
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.import_prices")
    def import_prices(supplier):
        return supplier.upper()


    @app.task(name="shop.store_prices")
    def store_prices(prices, currency):
        print(prices, currency)


    @app.task(name="shop.refresh_index")
    def refresh_index():
        print("refreshed")


    def start(supplier):
        chain(import_prices.s(supplier), store_prices.s("EUR"), refresh_index.si()).delay()
    ```

    ## Fix

    Where the signature has all that its task needs, the fix makes it immutable, so that it ignores what came before.

    ## When to suppress

    The task takes its arguments through a decorator that celerylint does not see through.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.1"
    fix_safety = "unsafe"
    sources = (
        "celery/canvas.py: Signature._merge",
        "celery/app/trace.py: build_tracer",
        "celery/app/task.py: Task.apply_async",
    )

    def check_project(self, project: Project) -> Iterator[Finding]:
        found: dict[tuple[Span, str], Finding] = {}
        for canvas in project.canvases.found:
            for fed in canvas.given if not canvas.in_tests else ():
                self._note(fed.part, fed.given, fed.role, project, found)
        for callback in project.canvases.callbacks:
            if callback.how == "link" and not callback.in_tests and callback.owner.kind != "group":
                self._note(callback.part, Given("result", callback.owner), "link", project, found)
        yield from found.values()

    def _note(
        self, part: Part, given: Given, role: str, project: Project, found: dict[tuple[Span, str], Finding]
    ) -> None:
        leading = {"nothing": 0, "result": 1, "results": 1}.get(given.what)
        task = part.task
        if leading is None or task is None or part.attached_to is not None or (part.immutable and leading):
            return  # the arguments of an immutable signature are those of a call
        why = misfit(part, leading, project)
        key = (part.span, task.label)
        if key in found and found[key].confidence == "high":
            return
        moved = why is None and leading == 1 and moved_by_none(part, given.source, project)
        if (why is None and not moved) or (why is not None and not leading and why.kind != "missing"):
            return
        doubtful = moved or not given.certain or part.maybe
        source = given.source
        evidence = [(task.function_span, "the task")]
        if source is not None and source.span != part.span and source.task is not None:
            evidence.append((source.span, "gives its result"))
        found[key] = self.finding(
            at=part.span,
            message=_message(task.label, source, given, role, why) if why is not None else _moved(task, source),
            help=_help(part, leading, project),
            subject=task.subject,
            confidence="medium" if doubtful else "high",
            label="gets a result first" if leading else "",
            evidence=evidence,
            data=part if leading else None,
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        part: Part | None = finding.data
        if part is None or not complete(part, project):
            return None
        edit = _immutable(part, project)
        if edit is None:
            return None
        return Fix("make the signature immutable", "unsafe", (edit,), "the task ignores what comes before it")


def _immutable(part: Part, project: Project) -> Edit | None:
    """What makes the signature at a part immutable."""
    call = part.call
    if call is None or call.node is None:
        return None
    func = call.module.span(call.node.func.pos)
    text = project.text(func)
    if call.how == "s" and text.endswith(".s"):
        return Replace(func, f"{text}i")
    return SetKeyword(call.span, "immutable", "True") if call.how in ("signature", "subtask") else None


def _message(name: str, source: Part | None, given: Given, role: str, why: Mismatch) -> str:
    if given.what == "nothing":
        return f"`{name}` begins the {_SLOTS.get(role, 'chain')} and gets nothing in front: {why}"
    if given.what == "results":
        return f"`{name}` gets the list of results first and fails: {why}"
    if source is not None and source.task is not None and source.task.label != name:
        return f"`{name}` gets the result of `{source.label}` first and fails: {why}"
    return f"`{name}` gets the result before it first and fails: {why}"


def _moved(task: Task, source: Part | None) -> str:
    if source is None or source.task is None:
        return f"`{task.label}` gets a list of `None` first, and its own arguments move by one"
    return f"`{task.label}` gets `None` first, its own arguments move by one: `{source.label}` returns nothing"


def _help(part: Part, leading: int, project: Project) -> str:
    if not leading:
        return "pass the argument in the signature"
    if part.call is not None and part.call.how == "s" and complete(part, project):
        return "use `.si()`, or give the task a first parameter for the result"
    return "give the task a first parameter for the result, or make the signature immutable"
