from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.knowledge.call_options import APPLY_ASYNC, PROPERTIES
from celerylint.knowledge.canvas import SENDING
from celerylint.model.apps import last_name
from celerylint.model.canvas import Callback, Canvas
from celerylint.model.canvas_chords import apps_of, is_eager
from celerylint.model.canvas_parts import Part
from celerylint.model.project import Project
from celerylint.rule import Finding, Rule


class CanvasGroupLink(Rule):
    """A group or chord is sent with a callback or an argument that it does not pass on.

    `group.apply_async(link=...)` and `link_error=...` raise `TypeError`, and so do those of a chord, whose header is a
    group: nothing is sent. `group.link(callback)` attaches the callback to the first task only, so it runs when that
    one is done, without its result. A keyword in `group(...)(currency="EUR")` is an option of the messages; no task
    gets it as an argument.

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


    @app.task(name="shop.undo")
    def undo(task_id):
        print(task_id)


    def start(suppliers):
        header = [load.s(supplier) for supplier in suppliers]
        chord(header, store.s()).apply_async(link_error=undo.s())  # expect: canvas-group-link
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


    @app.task(name="shop.undo")
    def undo(task_id):
        print(task_id)


    def start(suppliers):
        header = [load.s(supplier) for supplier in suppliers]
        chord(header, store.s().on_error(undo.s())).apply_async()
    ```

    ## When to suppress

    The callback is meant for the first task of the group.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    sources = ("celery/canvas.py: group.apply_async", "celery/canvas.py: group.link", "celery/canvas.py: _chord.run")

    def check_project(self, project: Project) -> Iterator[Finding]:
        for callback in project.canvases.callbacks:
            if callback.in_tests or callback.part.kind == "value":
                continue
            kind = _group_kind(callback.owner)
            if kind is not None and callback.spelled.endswith("=") and _sends(callback.node):
                if not any(is_eager(app, project) for app in apps_of(callback.owner, project)):
                    yield self._refused(callback, kind)
            elif kind == "group" and callback.spelled == "link":
                yield self._first_only(callback)
        for canvas in project.canvases.found:
            if canvas.part.kind == "group" and canvas.fate.kind == "sent" and not canvas.in_tests:
                yield from self._arguments(canvas)

    def _refused(self, callback: Callback, kind: str) -> Finding:
        module = callback.owner.scope.module
        return self.finding(
            at=module.span(callback.node.pos),
            message=f"a {kind} cannot be sent with `{callback.how}`: `TypeError`, and nothing runs",
            help=_REMEDY[kind, callback.how],
            subject=f"canvas:{module.name}",
            evidence=[(callback.part.span, "the callback")],
        )

    def _first_only(self, callback: Callback) -> Finding:
        module = callback.owner.scope.module
        return self.finding(
            at=module.span(callback.node.pos),
            message=f"`{callback.part.label}` runs after the first task of the group only, without its result",
            help="use a chord to run it after all of them",
            subject=f"canvas:{module.name}",
            severity="warning",
            evidence=[(callback.owner.span, "the group")] if callback.owner.span.line != callback.node.pos[0] else [],
        )

    def _arguments(self, canvas: Canvas) -> Iterator[Finding]:
        node, module = canvas.fate.node, canvas.part.scope.module
        if not isinstance(node, s.Call) or last_name(node.func) in SENDING:
            return
        for keyword in node.keywords:
            name = keyword.name
            if name is not None and name not in APPLY_ASYNC | PROPERTIES:
                yield self.finding(
                    at=module.span(keyword.pos),
                    message=f"`{name}` is taken as an option of the messages, and no task of the group gets it",
                    help="put the argument into the signatures",
                    subject=f"canvas:{module.name}",
                )


_REMEDY = {
    ("group", "link"): "use a chord, whose body runs after all tasks",
    ("group", "link_error"): "attach the errback to the tasks of the group",
    ("chord", "link"): "put the callback behind the body: `body | callback`",
    ("chord", "link_error"): "attach the errback before sending, with `.on_error()` on the chord or its body",
}


def _group_kind(part: Part) -> str | None:
    """ "group" or "chord" for what is one when it is sent."""
    if part.kind in ("group", "chord"):
        return part.kind
    begins = part.kind == "chain" and part.spelled == "|" and len(part.members) > 1
    return "chord" if begins and part.members[0].kind in ("group", "chord") else None


def _sends(node: s.Call) -> bool:
    """Whether a call sends the canvas it is made on, rather than describes it."""
    return last_name(node.func) in SENDING or isinstance(node.func, s.Call)
