from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.knowledge.canvas import LOSES_FIRST_OF_GENERATOR
from celerylint.model.canvas import Canvas
from celerylint.model.canvas_chords import Chord, chords
from celerylint.model.canvas_parts import Part
from celerylint.model.project import Project
from celerylint.model.scopes import branch_at, excludes, loops_around, reaching
from celerylint.rule import Finding, Rule, Span
from celerylint.versions import allows


class CanvasGenerator(Rule):
    """A canvas is made from a generator that is used up, or that its Celery version miscounts.

    A generator gives its elements once. A group or chord made from one that was iterated before is empty: nothing runs,
    and nothing fails. Celery 5.1 and 5.2 lose the first task of a chord whose header is a generator: it is waited for
    and never sent, so the body never runs.

    ```python bad
    from celery import Celery, group

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        print(supplier)


    def start(suppliers):
        signatures = (load.s(supplier) for supplier in suppliers)
        print("loading", len(list(signatures)))
        group(signatures).delay()  # expect: canvas-generator
    ```

    ```python good
    from celery import Celery, group

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        print(supplier)


    def start(suppliers):
        signatures = [load.s(supplier) for supplier in suppliers]
        print("loading", len(signatures))
        group(signatures).delay()
        group(load.s(supplier) for supplier in suppliers).delay()
    ```

    ## When to suppress

    Never.
    """

    category = "correctness"
    severity = "warning"
    since = "0.1"
    celery = ">=3.1"
    sources = ("celery/canvas.py: group._apply_tasks", "https://github.com/celery/celery/issues/7285")

    def check_project(self, project: Project) -> Iterator[Finding]:
        version = project.versions.get("celery")
        miscounts = allows(LOSES_FIRST_OF_GENERATOR, version)
        seen: set[Span] = set()
        for canvas in project.canvases.found:
            if canvas.in_tests:
                continue
            for chord in chords(canvas) if miscounts else ():
                lazy = chord.lazy
                if lazy is not None and lazy.span not in seen and _begins(chord):
                    seen.add(lazy.span)
                    yield self._miscounted(lazy, chord.canvas.span, str(version))
            earlier = _used_before(canvas, project)
            if earlier is not None:
                yield self._used_up(canvas, *earlier)

    def _miscounted(self, lazy: Part, where: Span, version: str) -> Finding:
        return self.finding(
            at=lazy.span,
            message=f"Celery {version} loses the first task of a chord over a generator: its body never runs",
            help="pass a list",
            subject=f"canvas:{lazy.scope.module.name}",
            evidence=[(where, "becomes a chord")] if where.line != lazy.span.line else [],
        )

    def _used_up(self, canvas: Canvas, name: str, earlier: Span, looped: bool) -> Finding:
        when = "in the first pass of the loop" if looped else "by what iterates it before"
        return self.finding(
            at=canvas.span,
            message=f"the generator `{name}` is used up {when}: the {canvas.part.kind} is empty",
            help="make a list of it",
            subject=f"canvas:{canvas.part.scope.module.name}",
            evidence=[(earlier, "made here" if looped else "uses it up")],
        )


def _begins(chord: Chord) -> bool:
    """Whether the chord is sent by the code that makes it: a worker that comes to it in a chain has a list by then."""
    part = chord.canvas.part
    return part.kind != "chain" or part.members[0] is chord.part


def _used_before(canvas: Canvas, project: Project) -> tuple[str, Span, bool] | None:
    """The name of the generator that a canvas is made of and what used it up before; the flag tells that it is the
    canvas itself, in a loop around it."""
    node, scope = canvas.part.node, canvas.part.scope
    header = node.args[0] if isinstance(node, s.Call) and node.args else None
    inner = header.value if isinstance(header, s.Starred) else header
    if not isinstance(inner, s.Name) or "." in inner.path or scope.function is None:
        return None
    body = scope.function.statements
    branch = branch_at(body, inner.pos)
    made = reaching(scope.table.by_name.get(inner.path, []), inner.pos, branch)
    if len(made) != 1 or not isinstance(made[0].value, s.Comprehension) or made[0].value.kind != "generator":
        return None
    if made[0].kind != "assign":
        return None
    outside = [loop for loop in loops_around(body, inner.pos) if not _inside(made[0].pos, loop.pos)]
    if outside:
        return inner.path, scope.module.span(made[0].value.pos), True
    for mention in project.canvases.fates.names(inner.path, scope):
        between = made[0].pos[:2] < mention.pos[:2] < inner.pos[:2]
        if between and not excludes(branch_at(body, mention.pos), branch) and _consumes(mention, canvas, project):
            return inner.path, scope.module.span(mention.pos), False
    return None


def _inside(pos: tuple[int, int, int, int], outer: tuple[int, int, int, int]) -> bool:
    return outer[:2] <= pos[:2] <= outer[2:]


def _consumes(mention: s.Name, canvas: Canvas, project: Project) -> bool:
    """Whether a mention of a generator iterates it: a loop, or an argument of what takes it whole."""
    use = project.uses.use(mention, canvas.part.scope)
    if use is None:
        return False
    if use.kind == "iterated":
        return True
    if use.kind != "argument" or not isinstance(use.by, s.Call) or not isinstance(use.by.func, s.Name):
        return False
    taken = {"list", "tuple", "set", "sorted", "sum", "max", "min", "any", "all", "dict", "join"}
    name = use.by.func.path.rpartition(".")[2]
    return name in taken or project.canvases.reader.canvas_class(use.by.func, canvas.part.scope) is not None
