from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.walk import statements
from celerylint.model.calls import SENDS, SIGNATURES
from celerylint.model.canvas_calls import scheduled
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Collection, Instance, Known, Table, Value, alternatives
from celerylint.rule import Confidence, Finding, Fix, Replace, Rule

_ASKED = frozenset({*SENDS, *SIGNATURES})
_PLAIN = frozenset({"str", "int", "float", "bool", "list", "dict", "tuple", "set", "datetime", "Decimal", "bytes"})
_SAME_ARGUMENTS = frozenset({"delay", "delay_on_commit", "s", "si"})


class CallOnResult(Rule):
    """A task is called, and `delay` is asked of what it returns.

    The parentheses come too early: `charge(1).delay()` runs the task here, in this process, and only then looks for
    `delay` on its return value, which has none. The work is done in the wrong place, and the line fails with
    `AttributeError` after it.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(number):
        print(number)


    def pay(number):
        charge(number).delay()  # expect: call-on-result
    ```

    ```python fixed
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(number):
        print(number)


    def pay(number):
        charge.delay(number)
    ```

    ```python good
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(number):
        print(number)


    @app.task(name="shop.ship")
    def ship(number):
        print(number)


    def order(number):
        return chain(charge.si(number), ship.si(number))


    def pay(number):
        charge.delay(number)
        order(number).delay()
    ```

    ## When to suppress

    The task, called as a function, returns a signature that is then sent.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "safe"
    sources = ("celery/app/task.py: Task.__call__", "celery/app/task.py: Task.delay")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.in_tests or call.how != "direct" or call.target is None or call.node is None or call.scope is None:
            return
        use = project.uses.use(call.node, call.scope)
        if use is None or use.kind != "attribute" or use.name not in _ASKED or call.target.function is None:
            return
        if scheduled(call, project) is not None:
            return  # beat-task-called speaks
        confidence = _lacks_methods(call.target.function, project)
        if confidence is None:
            return
        outer = project.uses.around(use.by, call.scope)[0]
        yield self.finding(
            at=call.span,
            message=f"`{call.label}` runs here, then `{use.name}` is looked for on what it returned: `AttributeError`",
            help=f"move the arguments: `{last(call)}.{use.name}(...)`",
            subject=call.target.subject,
            confidence=confidence,
            label="runs the task in this process",
            evidence=[(call.target.function_span, "the task")],
            data=(call, use.name, outer if isinstance(outer, s.Call) and outer.func is use.by else use.by),
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        call, method, outer = finding.data
        empty = isinstance(outer, s.Attribute) or (not outer.args and not outer.keywords)
        if method not in _SAME_ARGUMENTS or not empty or isinstance(outer, s.Attribute):
            return None
        name = project.text(call.module.span(call.node.func.pos))
        arguments = project.text(call.span)[len(name) :]
        return Fix(
            f"call `{method}` on the task",
            "safe",
            (Replace(call.module.span(outer.pos), f"{name}.{method}{arguments}"),),
        )


def last(call: Call) -> str:
    """The function's own name, as one writes it."""
    return call.target.function.name if call.target and call.target.function else call.label


def _lacks_methods(function: FunctionSymbol, project: Project) -> Confidence | None:
    """How sure it is that what a function returns is no signature and no task; None when it may be one."""
    if function.node.is_generator or function.node.is_async:
        return "high"
    scope = project.evaluator.function_scope(function)
    confidence: Confidence = "high"
    for node in statements(function.statements):
        if isinstance(node, s.Return) and node.value is not None:
            options = list(alternatives(project.evaluator.value(node.value, scope)))
            if all(_is_data(option) for option in options):
                continue
            kind = project.kinds.of(node.value, scope)
            if kind is not None and kind.name in _PLAIN:
                continue
            if isinstance(node.value, s.Name) and _is_parameter(node.value, function):
                confidence = "medium"
                continue
            if isinstance(node.value, (s.Call, s.Binary, s.Name, s.Attribute, s.Await)):
                return None
            confidence = "medium"
    return confidence


def _is_parameter(name: s.Name, function: FunctionSymbol) -> bool:
    """Whether a task gives back an argument: what came with a message is data, and the caller passes such too."""
    bound = function.node.params[1:] if function.owner is not None else function.node.params
    return any(p.name == name.path and p.kind not in ("args", "kwargs") for p in bound) and not any(
        isinstance(n, s.Assign) and any(isinstance(t, s.Name) and t.path == name.path for t in n.targets)
        for n in statements(function.statements)
    )


def _is_data(value: Value) -> bool:
    plain_object = isinstance(value, Instance) and isinstance(value.symbol, ClassSymbol)
    return plain_object or isinstance(value, (Known, Collection, Table))
