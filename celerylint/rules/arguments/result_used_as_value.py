from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.knowledge.results import ASYNC_RESULT, GROUP_RESULT
from celerylint.model.project import Project
from celerylint.model.result_flow import Step
from celerylint.model.results import Result, is_lookup
from celerylint.rule import Finding, Rule

_FAILS: dict[str, str] = {
    "subscripted": "is subscripted, which raises `TypeError`",
    "unpacked": "is unpacked, which raises `TypeError`",
    "iterated": "is iterated, which raises `TypeError`",
    "arithmetic": "is calculated with, which raises `TypeError`",
    "awaited": "is awaited, which raises `TypeError`",
}
_VALUE_ONLY = frozenset({
    "int", "float", "len", "sum", "sorted", "list", "dict", "tuple", "set", "max", "min", "range", "iter", "next",
    "enumerate", "any", "all", "abs", "round", "zip", "reversed",
})  # fmt: skip
"""Builtins that raise TypeError for an ``AsyncResult``."""

_ENCODERS = frozenset({
    "json.dumps", "json.dump", "django.http.JsonResponse", "flask.jsonify", "rest_framework.response.Response",
})  # fmt: skip


class ResultUsedAsValue(Rule):
    """What `delay()` gives back is used as if it were the value that the task returns.

    `delay()` and `apply_async()` return an `AsyncResult`, a ticket for a value that does not exist yet. Subscripting,
    iterating, calculating or encoding it raises, a test of it is always true, and a comparison with a value is always
    false: a branch is taken every time, or never, whatever the task found out.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.check")
    def check(order_id):
        return {"valid": order_id > 0}


    def accept(order_id):
        report = check.delay(order_id)
        return report["valid"]  # expect: result-used-as-value
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.check")
    def check(order_id):
        return {"valid": order_id > 0}


    def accept(order_id):
        report = check.delay(order_id).get(timeout=10)
        return report["valid"]
    ```

    ## When to suppress

    A package changes what `delay()` returns, and celerylint cannot see it.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=2.0"
    sources = ("celery/result.py: AsyncResult", "celery/app/task.py: Task.apply_async")

    def check_project(self, project: Project) -> Iterator[Finding]:
        for result in project.results.found:
            if result.in_tests or result.origin in ("unknown", "inverted", "restored"):
                continue
            if not project.results.is_plain(result):
                continue
            seen: set[int] = set()
            for step in result.steps:
                if step.shape == "many" or step.scope.module.is_test or id(step.node) in seen:
                    continue
                what = _misuse(step, result, project)
                if what is not None:
                    seen.add(id(step.node))
                    yield self._report(result, step, what)

    def _report(self, result: Result, step: Step, what: str) -> Finding:
        at = result.span_of(step)
        evidence = [] if _same_line(result, step) else [(result.span, "sent here")]
        if result.task is not None:
            evidence.append((result.task.function_span, "the task"))
        return self.finding(
            at=at,
            message=f"the result object of {result.label} {what}: it is not what the task returns",
            help="wait for the value with `get(timeout=...)`, or let a callback of the task use it",
            subject=f"task:{result.label.strip('`')}",
            confidence="high" if not step.via and step.scope is result.scope else "medium",
            label="an `AsyncResult`, not a value",
            evidence=evidence,
        )


def _same_line(result: Result, step: Step) -> bool:
    return step.scope is result.scope and result.span.line == step.node.pos[0]


def _misuse(step: Step, result: Result, project: Project) -> str | None:
    """What goes wrong with this use of a result; None for a use that is right, or may be."""
    if not step.sole:
        return None
    if isinstance(step.node, s.Binary) and step.node.op == "|":
        return None  # canvas-member-called speaks
    if step.kind in _FAILS:
        return _FAILS[step.kind] if step.shape == "one" or step.kind in ("arithmetic", "awaited") else None
    if step.kind == "compared":
        return _compared(step)
    if step.kind == "tested":
        direct = step.scope is result.scope and _holds(step.node, result.node)
        return "is tested, and is always true" if step.shape == "one" and direct else None
    if step.kind in ("method", "attribute"):
        return _unknown_attribute(step)
    if step.kind == "passed" and step.shape == "one" and step.call is not None:
        return _passed(step, step.call, project)
    return _encoded(step, project) if step.kind == "kept" and step.shape == "one" else None


def _holds(by: s.Node, node: s.Expr) -> bool:
    """Whether the test is that of the sending call itself: ``if task.delay(x):``."""
    test = by.test if isinstance(by, (s.If, s.While, s.Conditional)) else by.operand if isinstance(by, s.Unary) else by
    while isinstance(test, s.Unary):
        test = test.operand
    return test is node


def _compared(step: Step) -> str | None:
    node = step.node
    if not isinstance(node, s.Comparison) or len(node.ops) != 1 or step.shape != "one":
        return None
    op, other = node.ops[0], node.others[0]
    if op in ("<", ">", "<=", ">="):
        return f"is compared with `{op}`, which raises `TypeError`"
    if op in ("==", "!=") and isinstance(other, s.Literal) and other.value is not None:
        return f"is compared with a value, which is always {op == '!='}"
    if op in ("is", "is not") and isinstance(other, s.Literal) and isinstance(other.value, bool):
        return f"is compared with a value, which is always {op == 'is not'}"
    return None


def _unknown_attribute(step: Step) -> str | None:
    if step.name == "get" and step.shape == "one" and is_lookup(step.call):
        return "is asked with `get(key)` like a dict"
    known = ASYNC_RESULT if step.shape == "one" else GROUP_RESULT
    if step.name in known or step.name.startswith("_") or step.scope.module.is_test:
        return None
    return f"has no attribute `{step.name}`, so this raises `AttributeError`"


def _passed(step: Step, call: s.Call, project: Project) -> str | None:
    if step.name in _VALUE_ONLY and isinstance(call.func, s.Name) and call.func.path == step.name:
        return f"is passed to `{step.name}()`, which raises `TypeError`"
    return _encoder(call, step, project)


def _encoded(step: Step, project: Project) -> str | None:
    """``JsonResponse({"price": price.delay(1)})``."""
    around = project.uses.around(step.node, step.scope)
    call = around[0] if around else None
    return _encoder(call, step, project) if isinstance(step.node, s.Mapping) and isinstance(call, s.Call) else None


def _encoder(call: s.Call, step: Step, project: Project) -> str | None:
    name = project.callees.qualified(call, step.scope)
    if name not in _ENCODERS or any(k.name in ("default", "cls", "encoder") for k in call.keywords):
        return None
    return "is encoded as JSON, which raises `TypeError`"
