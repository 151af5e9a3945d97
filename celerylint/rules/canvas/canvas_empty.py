from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.canvas import Canvas
from celerylint.model.canvas_guards import is_tested
from celerylint.model.project import Project
from celerylint.rule import Finding, Rule


class CanvasEmpty(Rule):
    """A chain of a list is sent without a look at whether the list is empty.

    Sending a chain without tasks gives `None`, so `.id` or `.get()` on it raises `AttributeError`; `self.replace()`
    with one raises `ImproperlyConfigured`. An empty group does neither: it gives an empty result.

    ```python bad
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        print(supplier)


    def start(suppliers):
        return chain([load.si(supplier) for supplier in suppliers]).delay().id  # expect: canvas-empty
    ```

    ```python good
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        print(supplier)


    def start(suppliers):
        if not suppliers:
            return None
        return chain([load.si(supplier) for supplier in suppliers]).delay().id
    ```

    ## When to suppress

    The list is never empty.
    """

    category = "correctness"
    severity = "warning"
    profile = "pedantic"
    since = "0.1"
    sources = ("celery/canvas.py: _chain.run", "celery/app/task.py: Task.replace")

    def check_project(self, project: Project) -> Iterator[Finding]:
        for canvas in project.canvases.found:
            part = canvas.part
            if canvas.in_tests or part.kind != "chain" or not part.members:
                continue
            if any(m.least or not (m.many or m.maybe) for m in part.members):
                continue
            if part.scope.function is None or is_tested(part, part.scope):
                continue
            if canvas.fate.kind == "replaced":
                consequence = "`replace` raises `ImproperlyConfigured`"
            elif canvas.fate.kind == "sent" and _is_read(canvas, project):
                consequence = "sending it gives `None`, which has no attributes"
            else:
                continue
            yield self.finding(
                at=canvas.span,
                message=f"when the list is empty, the chain has no tasks and {consequence}",
                help="test the list before",
                subject=f"canvas:{part.scope.module.name}",
                confidence="medium",
            )


def _is_read(canvas: Canvas, project: Project) -> bool:
    """Whether an attribute of the result is asked for."""
    node = canvas.fate.node
    if not isinstance(node, s.Call):
        return False
    use = project.uses.use(node, canvas.part.scope)
    if use is not None and use.kind == "assigned" and use.name:
        names = project.canvases.fates.names(use.name, canvas.part.scope)
        return any(n.path.startswith(f"{use.name}.") and n.pos[:2] > node.pos[:2] for n in names)
    return use is not None and use.kind == "attribute"
