from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.model.callees import split
from celerylint.model.canvas_parts import Part
from celerylint.model.project import Project
from celerylint.model.scopes import Binding, Scope, branch_at, loops_around, reaching
from celerylint.model.values import Known
from celerylint.rule import Finding, Rule, Span

_ADDING = ("link", "link_error", "on_error")


class CanvasSignatureMutated(Rule):
    """A signature that is used again is changed in place, or made immutable by mistake.

    `set()`, `link()` and `on_error()` change the signature itself; none of them makes a copy. On a signature at module
    level the change stays for every later caller of the process, and callbacks pile up. In a loop, every entry of the
    list is the same signature with the options of the last pass. And the first positional parameter of `set()` is
    `immutable`: `set("emails")` names no queue, it makes the signature ignore the result that it is given.

    ```python bad
    from celery import Celery, group

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        print(supplier)


    def start(suppliers):
        signature = load.s("all")
        copies = []
        for supplier in suppliers:
            copies.append(signature.set(headers={"supplier": supplier}))  # expect: canvas-signature-mutated
        group(copies).delay()
    ```

    ```python good
    from celery import Celery, group

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        print(supplier)


    def start(suppliers):
        signature = load.s("all")
        copies = []
        for supplier in suppliers:
            copies.append(signature.clone().set(headers={"supplier": supplier}))
        group(copies).delay()
    ```

    ## When to suppress

    The signature is meant to keep what it is given.
    """

    category = "correctness"
    severity = "warning"
    since = "0.1"
    celery = ">=3.1"
    sources = (
        "celery/canvas.py: Signature.set",
        "celery/canvas.py: Signature.link",
        "celery/canvas.py: Signature.clone",
    )

    def check_project(self, project: Project) -> Iterator[Finding]:
        for node, scope, _ in project.canvases.calls.composed:
            if not isinstance(node, s.Call) or scope.module.is_test:
                continue
            owner, method = split(node.func)
            if owner is None or method not in ("set", *_ADDING):
                continue
            on = project.canvases.part(owner, scope)
            if not on.signs:
                continue
            if method == "set" and node.args:
                yield from self._positional(node, on, scope, project)
            elif isinstance(owner, s.Name) and "." not in owner.path:
                yield from self._shared(node, owner, method, on, scope, project)

    def _positional(self, node: s.Call, on: Part, scope: Scope, project: Project) -> Iterator[Finding]:
        first = project.evaluator.value(node.args[0], scope)
        if isinstance(first, Known) and isinstance(first.value, str):
            yield self.finding(
                at=scope.module.span(node.args[0].pos),
                message=f"`set({first.value!r})` makes `{on.label}` immutable: the parameter is not a queue",
                help="pass the option by its name, `set(queue=...)`",
                subject=f"task:{on.label}",
                label="lands on `immutable`",
            )

    def _shared(
        self, node: s.Call, owner: s.Name, method: str, on: Part, scope: Scope, project: Project
    ) -> Iterator[Finding]:
        made = _made(owner, scope)
        if made is None or project.canvases.part(owner, scope).kind != "task" or not _is_new(made):
            return
        binding, home = made
        help = f"change a copy: `{owner.path}.clone().{method}(...)`"
        evidence = [(home.module.span(binding.pos), "made once here")]
        if home.function is None and home.cls is None and scope.function is not None:
            why = "the change stays for all later calls" if method == "set" else "callbacks pile up with every call"
            yield self._finding(
                node, on, scope, f"`{owner.path}.{method}()` changes a module's signature: {why}", help, evidence
            )
        elif home is scope and _in_another_loop(node, binding, scope):
            use = project.uses.use(node, scope)
            kept = use is not None and use.kind in ("argument", "element", "assigned")
            if method == "set" and kept and use is not None and _collects(use.by):
                text = f"every pass keeps the same `{owner.path}`: all get the options of the last pass"
                yield self._finding(node, on, scope, text, help, evidence)
            elif method != "set" and not _breaks(node, scope):
                text = f"`{owner.path}.{method}()` adds a callback in every pass, to the same signature"
                yield self._finding(node, on, scope, text, help, evidence)

    def _finding(
        self, node: s.Call, on: Part, scope: Scope, message: str, help: str, evidence: list[tuple[Span, str]]
    ) -> Finding:
        at = scope.module.span(node.pos)
        return self.finding(at=at, message=message, help=help, subject=f"task:{on.label}", evidence=evidence)


def _made(owner: s.Name, scope: Scope) -> tuple[Binding, Scope] | None:
    """The one place where a variable is assigned, and the scope of it."""
    current: Scope | None = scope
    while current is not None:
        bindings = current.table.by_name.get(owner.path)
        if bindings:
            body = current.function.statements if current.function is not None else current.module.facts.body
            pos = owner.pos if current is scope else None
            found = reaching(bindings, pos, branch_at(body, owner.pos) if pos is not None else ())
            return (found[0], current) if len(found) == 1 and found[0].kind == "assign" else None
        current = current.parent
    return None


def _is_new(made: tuple[Binding, Scope]) -> bool:
    """Whether the assignment makes the signature by a call, rather than takes one from somewhere."""
    return isinstance(made[0].value, s.Call)


def _in_another_loop(node: s.Call, binding: Binding, scope: Scope) -> bool:
    """Whether the change stands in a loop around which the signature was made."""
    if scope.function is None:
        return False
    body = scope.function.statements
    return len(loops_around(body, node.pos)) > len(loops_around(body, binding.pos))


def _collects(by: s.Node) -> bool:
    """Whether the value is kept in a list: ``append``, ``add``, or a display."""
    if isinstance(by, s.Call):
        return isinstance(by.func, s.Name) and by.func.path.endswith((".append", ".add", ".insert"))
    return isinstance(by, (s.Comprehension, s.Display))


def _breaks(node: s.Call, scope: Scope) -> bool:
    """Whether what is attached is the same each time: a callback that is there already is not added again."""
    if scope.function is None or not node.args:
        return True
    around = loops_around(scope.function.statements, node.pos)
    loop = around[-1] if around else None
    bound = {t.path for t in _names(loop.target)} if isinstance(loop, s.For) else set()
    return not any(n.path.partition(".")[0] in bound for n in _names(node.args[0]))


def _names(node: s.Node) -> list[s.Name]:
    return [n for n in below(node) if isinstance(n, s.Name)]
