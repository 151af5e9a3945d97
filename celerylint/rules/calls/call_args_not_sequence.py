from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.binding import packed_arguments
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.model.sequences import Lone, as_tuple, lone
from celerylint.rule import Finding, Fix, Replace, Rule

_MAKES = frozenset({"signature", "subtask", "Signature"})


class CallArgsNotSequence(Rule):
    """The `args` of a call are one value, not a list or tuple of values.

    Parentheses alone make no tuple: `args=(order_id)` is `order_id`. Celery unpacks it, so a number raises
    `TypeError` in the call, a text is taken apart into letters, and a dict becomes its keys. Nothing useful is sent.

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.charge", time_limit=60, soft_time_limit=50)
    def charge(order_id):
        print(order_id)


    def close(order):
        charge.apply_async(args=(order.id), countdown=10)  # expect: call-args-not-sequence
    ```

    ```python fixed
    from celery import shared_task


    @shared_task(name="shop.charge", time_limit=60, soft_time_limit=50)
    def charge(order_id):
        print(order_id)


    def close(order):
        charge.apply_async(args=(order.id,), countdown=10)
    ```

    ```python good
    from celery import shared_task


    @shared_task(name="shop.charge", time_limit=60, soft_time_limit=50)
    def charge(order_id):
        print(order_id)


    def close(order):
        charge.apply_async(args=(order.id,), countdown=10)
        charge.apply_async(args=[order.id], countdown=20)
    ```

    ## When to suppress

    The value is a sequence after all, made in a way that celerylint does not see.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    fix_safety = "safe"
    sources = ("celery/app/amqp.py: AMQP.as_task_v2", "celery/app/task.py: Task.apply_async")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        args, kwargs = packed_arguments(call)
        known = call.target is not None or call.target_name is not None
        if call.in_tests or call.how == "retry" or call.scope is None or not known:
            return
        if call.node is not None and len(call.node.args) - call.first > 1:
            return  # call-apply-async-positional speaks
        if args is not None:
            found = lone(args, call, project)
            if found is not None:
                yield self.finding(
                    at=call.module.span(args.pos),
                    message=f"`args` of `{call.label}` is {found.what}, no list or tuple: {_consequence(found, call)}",
                    help="put it in a tuple of one: `(value,)`" if found.fixable else "pass a list or tuple",
                    subject=f"task:{call.label}",
                    confidence=found.confidence,
                    evidence=[(call.target.function_span, "the task")] if call.target else (),
                    data=found,
                )
        if isinstance(kwargs, (s.Display, s.Literal)) and not (isinstance(kwargs, s.Literal) and kwargs.value is None):
            yield self.finding(
                at=call.module.span(kwargs.pos),
                message=f"`kwargs` of `{call.label}` is no dict: the call raises `TypeError`",
                help="pass a dict of the task's parameters",
                subject=f"task:{call.label}",
                evidence=[(call.target.function_span, "the task")] if call.target else (),
            )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        found = finding.data
        if not (isinstance(found, Lone) and found.fixable):
            return None
        return Fix("make it a tuple of one", "safe", (Replace(finding.span, as_tuple(finding.span, project)),))


def _consequence(found: Lone, call: Call) -> str:
    if found.spread == "letters" and call.how in _MAKES:
        return "each letter becomes an argument"
    if found.spread == "keys" and call.how in _MAKES:
        return "its keys become the arguments"
    return "the call raises `TypeError`"
