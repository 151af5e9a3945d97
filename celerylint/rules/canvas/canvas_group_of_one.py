from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.model.canvas_chords import Chord, chords
from celerylint.model.canvas_guards import is_counted
from celerylint.model.entities import Signature, Task
from celerylint.model.project import Project
from celerylint.rule import EnsureImport, Finding, Fix, Replace, Rule


class CanvasGroupOfOne(Rule):
    """A group in a chain gives a list to the next task, but a single value when it has one member.

    `chain(group(tasks), store.s())` and `first | group(tasks) | store.s()` unroll a group of one: `store` then gets the
    result itself instead of a list with one result. That works in every test with two members and breaks on the first
    day with one. `group(tasks) | store.s()` and `chord(tasks, store.s())` always give a list.

    ```python bad
    from celery import Celery, chain, group

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        return supplier.upper()


    @app.task(name="shop.store")
    def store(prices):
        print(len(prices))


    def start(suppliers):
        chain(group([load.s(supplier) for supplier in suppliers]), store.s()).delay()  # expect: canvas-group-of-one
    ```

    ```python fixed unsafe
    from celery import Celery, chain, chord, group

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        return supplier.upper()


    @app.task(name="shop.store")
    def store(prices):
        print(len(prices))


    def start(suppliers):
        chord([load.s(supplier) for supplier in suppliers], store.s()).delay()
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
        print(len(prices))


    def start(suppliers):
        chord([load.s(supplier) for supplier in suppliers], store.s()).delay()
    ```

    ## When to suppress

    There are always two members or more, or the next task takes both.
    """

    category = "correctness"
    severity = "warning"
    since = "0.1"
    fix_safety = "unsafe"
    sources = ("celery/canvas.py: maybe_unroll_group",)

    def check_project(self, project: Project) -> Iterator[Finding]:
        for canvas in project.canvases.found:
            for chord in chords(canvas) if canvas.part.kind == "chain" and not canvas.in_tests else ():
                sure = _may_be_one(chord)
                body = chord.body
                if sure is None or body is None or body.kind != "task" or body.immutable is not False:
                    continue
                if body.task is None or _takes_both(body.task):
                    continue
                if any(is_counted(p, canvas.part.scope) for p in (canvas.part, chord.part)):
                    continue
                yield self.finding(
                    at=canvas.span,
                    message=f"`{body.task.label}` gets one result, not a list, when the group has one member",
                    help="use `chord(tasks, body)`, which always passes a list",
                    subject=body.task.subject,
                    confidence="high" if sure else "medium",
                    evidence=[(body.task.function_span, "runs after the group")],
                    data=chord,
                )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        chord: Chord = finding.data
        node, group = chord.canvas.part.node, chord.part.node
        plain = isinstance(node, s.Call) and len(node.args) == 2 and not node.keywords and group is node.args[0]
        if not plain or not isinstance(node, s.Call) or not isinstance(group, s.Call) or len(group.args) != 1:
            return None
        module = chord.canvas.part.scope.module
        members = group.args[0]
        if group.keywords or not isinstance(members, (s.Name, s.Display, s.Comprehension)):
            return None
        if isinstance(members, s.Comprehension) and members.kind != "list":
            return None
        header, body = (project.text(module.span(n.pos)) for n in (members, node.args[1]))
        edits = (
            Replace(module.span(node.pos), f"chord({header}, {body})"),
            EnsureImport(module.path, "celery", "chord"),
        )
        return Fix("use `chord()`", "unsafe", edits, "the task gets a list with one result where it got the result")


def _may_be_one(chord: Chord) -> bool | None:
    """Whether a group has one member always (True) or sometimes (False); None when it never has, or nobody knows."""
    canvas = chord.canvas.part
    if canvas.spelled == "|" and canvas.members and canvas.members[0] is chord.part:
        return None  # `group | task` makes a chord at once
    rest = [m for m in chord.header if m.many or m.maybe]
    fixed = len(chord.header) - len(rest) + sum(m.least for m in rest)
    if any(m.kind == "unknown" for m in chord.header) or fixed > 1:
        return None
    if fixed == 1:
        return None if rest else True
    return False if rest else None


def _takes_both(task: Task) -> bool:
    """Whether the task asks what it was given, or does not look at it."""
    function, signature = task.function, task.signature
    if function is None or not isinstance(signature, Signature):
        return False
    nodes = [n for statement in function.statements for n in below(statement)]
    calls = (n.func for n in nodes if isinstance(n, s.Call))
    if any(isinstance(f, s.Name) and f.path in ("isinstance", "type", "maybe_list") for f in calls):
        return True
    first = next((p.name for p in signature.parameters if p.kind in ("positional", "positional-only")), None)
    names = (n.path.partition(".")[0] for n in nodes if isinstance(n, s.Name))
    return first is not None and task.kind == "function" and first not in names
