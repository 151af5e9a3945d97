from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.entities import Call, Parameter, Signature
from celerylint.model.project import Project
from celerylint.model.sequences import is_key, last_part, surely_lone
from celerylint.model.values import Known
from celerylint.rule import Confidence, Edit, Finding, Fix, Remove, Replace, Rule

_METHODS = frozenset({"apply_async", "apply_async_on_commit", "apply"})


class CallApplyAsyncPositional(Rule):
    """`apply_async` is given the task's arguments one by one, as if it were `delay`.

    Its first parameter is `args`, its second `kwargs`, its third `task_id`. The first argument is unpacked, the
    second taken for keywords: the call raises `TypeError` and nothing is queued.

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.charge", time_limit=60, soft_time_limit=50)
    def charge(order_id, amount):
        print(order_id, amount)


    def close(order):
        charge.apply_async(order.id, order.total, queue="payments")  # expect: call-apply-async-positional
    ```

    ```python fixed unsafe
    from celery import shared_task


    @shared_task(name="shop.charge", time_limit=60, soft_time_limit=50)
    def charge(order_id, amount):
        print(order_id, amount)


    def close(order):
        charge.apply_async((order.id, order.total), queue="payments")
    ```

    ```python good
    from celery import shared_task


    @shared_task(name="shop.charge", time_limit=60, soft_time_limit=50)
    def charge(order_id, amount):
        print(order_id, amount)


    def close(order, args, kwargs):
        charge.apply_async((order.id, order.total), {}, queue="payments")
        charge.apply_async(args, kwargs)
    ```

    ## Fix

    The fix puts the positional arguments into one tuple. Read it again where one of them was meant for `apply_async`.

    ## When to suppress

    The two values are a tuple and a dict after all, made in a way that celerylint does not see.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    fix_safety = "unsafe"
    sources = ("celery/app/task.py: Task.apply_async",)

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.in_tests or call.node is None or call.scope is None or call.target is None:
            return
        if call.method not in _METHODS:
            return
        given = call.node.args[call.first :]
        if len(given) < 2 or any(isinstance(arg, s.Starred) for arg in given):
            return
        confidence = _one_by_one(given, call, project)
        if confidence is None:
            return
        yield self.finding(
            at=call.span,
            message=(
                f"`{call.method}` of `{call.label}` is given {len(given)} arguments one by one: "
                "it takes them for `args` and `kwargs` and raises `TypeError`"
            ),
            help="put the arguments in one tuple, or use `delay`",
            subject=f"task:{call.label}",
            confidence=confidence,
            evidence=[
                (call.module.span(given[0].pos), "taken for `args`"),
                (call.module.span(given[1].pos), "taken for `kwargs`"),
                (call.target.function_span, "the task"),
            ],
            data=[call.module.span(arg.pos) for arg in given],
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        first, *others = finding.data
        code = ", ".join(project.text(span) for span in finding.data)
        edits: tuple[Edit, ...] = (Replace(first, f"({code})"), *(Remove(span) for span in others))
        return Fix("send them as one tuple", "unsafe", edits, "they become the arguments of the task")


def _one_by_one(given: tuple[s.Expr, ...], call: Call, project: Project) -> Confidence | None:
    """How sure it is that positional arguments are the task's own; None when they may be ``args`` and ``kwargs``."""
    assert call.scope is not None
    if isinstance(given[0], s.Display) and given[0].kind in ("list", "tuple"):
        return None  # `args` is right; what follows is for other rules
    first, second = surely_lone(given[0], call.scope, project), given[1]
    if first is not None or _is_no_dict(second, call, project):
        return "high"
    if is_key(given[0]):
        return "medium"
    signature = call.target.signature if call.target is not None else None
    parameters = signature.parameters if isinstance(signature, Signature) else ()
    if len(parameters) >= len(given) and all(map(_is_named_like, given, parameters)):
        return "medium"
    return None


def _is_no_dict(expr: s.Expr, call: Call, project: Project) -> bool:
    if isinstance(expr, (s.Display, s.Format, s.Comparison)):
        return True
    assert call.scope is not None
    value = project.evaluator.value(expr, call.scope)
    return isinstance(value, Known) and bool(value.value)


def _is_named_like(expr: s.Expr, parameter: Parameter) -> bool:
    """``order.id`` for ``order_id``, ``total`` for ``total``."""
    if parameter.kind not in ("positional", "positional-only"):
        return False
    path = expr.path if isinstance(expr, s.Name) else ""
    return parameter.name in (last_part(expr), path.replace(".", "_")) and parameter.name not in ("args", "kwargs")
