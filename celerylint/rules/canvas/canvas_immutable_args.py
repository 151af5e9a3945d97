from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.canvas import Canvas
from celerylint.model.canvas_binding import drops_arguments, passes_arguments
from celerylint.model.canvas_parts import Part
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.rule import Finding, Rule


class CanvasImmutableArgs(Rule):
    """Arguments are given to an immutable signature, which drops them.

    A signature made with `.si()` or `immutable=True` keeps the arguments it was made with, whatever it is sent with:
    `charge.si().delay(order_id)` sends `charge` without the order. It raises `TypeError` when that leaves a parameter
    empty; otherwise the task runs with the wrong arguments and nobody hears of it.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(order_id, currency="EUR"):
        print(order_id, currency)


    def start(order_id):
        charge.si(order_id).delay("USD")  # expect: canvas-immutable-args
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(order_id, currency="EUR"):
        print(order_id, currency)


    def start(order_id):
        charge.si(order_id, "USD").delay()
        charge.si(order_id).apply_async(countdown=10)
    ```

    ## When to suppress

    Never.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.1"
    sources = ("celery/canvas.py: Signature._merge",)

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        signature = call.sends
        if signature is None or call.in_tests or not drops_arguments(call, project):
            return
        yield self.finding(
            at=call.span,
            message=f"the signature of `{call.label}` is immutable: the arguments of `{call.how}` are dropped",
            help="put the arguments into the signature, or make it with `.s()`",
            subject=f"task:{call.label}",
            label="these arguments are dropped",
            evidence=[(signature.span, "made immutable")] if signature.span.line != call.span.line else [],
        )

    def check_project(self, project: Project) -> Iterator[Finding]:
        for canvas in project.canvases.found:
            node = canvas.fate.node
            if canvas.in_tests or canvas.fate.kind != "sent" or not isinstance(node, s.Call) or _is_chord_body(canvas):
                continue
            first = list(_first(canvas.part))
            if not first or not all(p.kind == "task" and p.immutable is True for p in first):
                continue
            call = project.canvases.calls.at(node, canvas.part.scope)
            if passes_arguments(node, call, project):
                yield self.finding(
                    at=canvas.part.scope.module.span(node.pos),
                    message=f"`{first[0].label}` begins the {canvas.part.kind}, is immutable and drops these arguments",
                    help="make the first signature with `.s()`, or put the arguments into it",
                    subject=f"task:{first[0].label}",
                    evidence=[(p.span, "made immutable") for p in first[:3]],
                )


def _first(part: Part) -> Iterator[Part]:
    """The parts that the arguments of a canvas go to."""
    if part.kind == "chain":
        yield from _first(part.members[0]) if part.members and not part.members[0].maybe else ()
    elif part.kind in ("group", "chord"):
        for member in part.members:
            yield from _first(member)
    else:
        yield part


def _is_chord_body(canvas: Canvas) -> bool:
    return canvas.fate.body is not None and canvas.part.kind == "chord"
