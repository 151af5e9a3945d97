from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.knowledge.call_options import NOT_FOR_DELAY
from celerylint.model.apps import last_name
from celerylint.model.arity import described
from celerylint.model.binding import Mismatch
from celerylint.model.canvas_binding import drops_arguments
from celerylint.model.entities import PACKED, Call
from celerylint.model.project import Project
from celerylint.model.unbound import unbound
from celerylint.rule import Confidence, Finding, Rule, Span

_SIGNATURES = frozenset({"s", "si", "signature", "subtask", "Signature"})
_AT_COMMIT = frozenset({"partial", "reference"})
_RAISES = {
    "caller": "the call raises `TypeError`",
    "worker": "the worker raises `TypeError`",
    "unknown": "it fails with `TypeError`",
}


class CallArity(Rule):
    """A call passes arguments that its task cannot take.

    Celery compares the arguments of `delay` and `apply_async` with the task's parameters, so the call itself raises
    `TypeError` and nothing is queued. Where it cannot compare (`send_task`, `typing=False`, a decorator beneath the
    task decorator, a task registered as an instance) the message is sent, and the worker fails every time.

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.charge", time_limit=60, soft_time_limit=50)
    def charge(order_id, amount):
        print(order_id, amount)


    def close(order_id):
        charge.delay(order_id)  # expect: call-arity
        charge.apply_async((order_id, 5, "EUR"), countdown=10)  # expect: call-arity
        charge.delay(order_id, amonut=5)  # expect: call-arity
    ```

    ```python good
    from celery import shared_task


    @shared_task(name="shop.charge", time_limit=60, soft_time_limit=50)
    def charge(order_id, amount, currency="EUR"):
        print(order_id, amount, currency)


    def close(order_id):
        charge.delay(order_id, 5)
        charge.apply_async((order_id, 5, "EUR"), countdown=10)
        charge.delay(order_id, amount=5)
    ```

    ## When to suppress

    The arguments are completed before the task runs, by something that celerylint cannot see.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    sources = ("celery/app/task.py: Task.apply_async", "celery/utils/functional.py: head_from_fun")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.in_tests or call.how == "retry" or (call.how in _SIGNATURES and _completed_elsewhere(call, project)):
            return
        why = project.arity.check(call)
        signature = project.arity.signature(call)
        if not isinstance(why, Mismatch) or isinstance(signature, Unknown) or call.target is None:
            return
        if why.kind == "unexpected" and call.method not in PACKED and NOT_FOR_DELAY & set(why.names):
            return  # call-option-to-delay speaks
        if why.kind == "missing" and drops_arguments(call, project):
            return  # canvas-immutable-args speaks
        task = call.target
        lacking = unbound(task, project)
        if lacking is not None and (lacking.lost is None or any(one is call for one in lacking.calls)):
            return  # task-bind-without-self speaks
        evidence = [(task.function_span, "the task")]
        if call.sends is not None and call.sends.span.line != call.span.line:
            evidence.insert(0, (call.sends.span, "the signature it sends"))
        yield self.finding(
            at=_place(call, why),
            message=f"{described(task.label, why)}: {_consequence(call, why, project)}",
            help=f"match `{task.function.name if task.function else task.label}{signature}`",
            subject=task.subject,
            confidence=_confidence(call, why),
            evidence=evidence,
        )

    def check_project(self, project: Project) -> Iterator[Finding]:
        for span, function, why in project.arity.deferred():
            yield self.finding(
                at=span,
                message=f"{described(function.name, why)}: it fails after the commit and sends nothing",
                help="pass the arguments to `partial` one by one",
                subject=f"function:{function.qualified}",
                evidence=[(function.span, "the function")],
            )


def _completed_elsewhere(call: Call, project: Project) -> bool:
    """Whether somebody else completes or checks the arguments of a signature: a canvas, or the call that sends it."""
    if project.arity.is_member(call) and not project.arity.is_final(call):
        return True
    if call.node is None or call.scope is None or project.arity.is_sent(call):
        return True
    use = project.uses.use(call.node, call.scope)
    if use is not None and isinstance(use.by, s.Call) and last_name(use.by.func) == "add_periodic_task":
        return True  # beat-arity speaks
    return not project.arity.is_final(call) and (use is None or use.kind == "assigned")


def _place(call: Call, why: Mismatch) -> Span:
    """The keyword that is wrong, else the call."""
    if call.node is not None and why.kind in ("unexpected", "twice", "positional") and call.method not in PACKED:
        for keyword in call.node.keywords:
            if keyword.name in why.names:
                return call.module.span(keyword.pos)
    return call.span


def _consequence(call: Call, why: Mismatch, project: Project) -> str:
    finder = project.arity.finder(call, why)
    if call.how in _AT_COMMIT and finder == "caller" and project.arity.is_final(call):
        return "`TypeError` after the commit, and nothing is sent"
    if call.how in _SIGNATURES and finder == "caller":
        return "sending it raises `TypeError`"
    return _RAISES[finder]


def _confidence(call: Call, why: Mismatch) -> Confidence:
    """A base class that is not here may take keywords of its own; type checkers see direct calls."""
    task = call.target
    if task is not None and task.unknown_options is not None:
        return "low" if why.kind == "unexpected" else "medium"
    return "medium" if call.how in ("direct", "run") else "high"
