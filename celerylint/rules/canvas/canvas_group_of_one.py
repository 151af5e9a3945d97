from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.model.apps import last_name
from celerylint.model.canvas_chords import Chord, chords
from celerylint.model.canvas_guards import is_counted
from celerylint.model.canvas_parts import Part
from celerylint.model.project import Project
from celerylint.rule import EnsureImport, Finding, Fix, Replace, Rule

_ASKS = frozenset({"isinstance", "type", "maybe_list", "is_list", "ensure_list", "issubclass", "getattr", "hasattr"})
"""What tells a list from a single value."""

_LISTS = frozenset(
    {
        "len",
        "sum",
        "min",
        "max",
        "any",
        "all",
        "sorted",
        "list",
        "tuple",
        "set",
        "enumerate",
        "zip",
        "reversed",
        "filter",
    }
)
"""Builtins that take a list."""


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
    celery = ">=3.1"
    fix_safety = "unsafe"
    sources = ("celery/canvas.py: maybe_unroll_group",)

    def check_project(self, project: Project) -> Iterator[Finding]:
        for canvas in project.canvases.found:
            for chord in chords(canvas) if canvas.part.kind == "chain" and not canvas.in_tests else ():
                sure = _may_be_one(chord)
                body = chord.body
                if sure is None or body is None or body.kind != "task" or body.immutable is not False:
                    continue
                use = _use_as_list(body) if body.task is not None else None
                if body.task is None or use is None:
                    continue
                if any(is_counted(p, canvas.part.scope) for p in (canvas.part, chord.part)):
                    continue
                yield self.finding(
                    at=canvas.span,
                    message=f"`{body.task.label}` gets one result, not a list, when the group has one member",
                    help="use `chord(tasks, body)`, which always passes a list",
                    subject=body.task.subject,
                    confidence="high" if sure else "medium",
                    evidence=[(body.task.module.span(use.pos), "takes it for a list")],
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


def _use_as_list(body: Part) -> s.Node | None:
    """Where the task uses its first argument as a list; None when it does not, or asks what it was given."""
    function = body.task.function if body.task is not None else None
    if function is None or body.task is None:
        return None
    positional = [p for p in function.node.params if p.kind in ("positional", "positional-only")]
    mine = positional[1 if body.task.bind is True else 0 :][:1]
    if not mine:
        return None
    nodes = [n for statement in function.statements for n in below(statement)]
    calls = [n for n in nodes if isinstance(n, s.Call) and isinstance(n.func, s.Name)]
    if any(last_name(c.func) in _ASKS and _first_is(c, mine[0].name) for c in calls):
        return None
    found = (n for n in nodes if _iterates(n, mine[0].name))
    return next(found, None)


def _iterates(node: s.Node, name: str) -> bool:
    if isinstance(node, (s.For, s.Clause)):
        return _is(node.iter, name)
    if isinstance(node, s.Call):
        return isinstance(node.func, s.Name) and node.func.path in _LISTS and any(_is(a, name) for a in node.args)
    return isinstance(node, (s.Subscript, s.Starred)) and _is(node.value, name)


def _first_is(call: s.Call, name: str) -> bool:
    return bool(call.args) and _is(call.args[0], name)


def _is(node: s.Node, name: str) -> bool:
    return isinstance(node, s.Name) and node.path == name
