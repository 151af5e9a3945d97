from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts.unknown import Unknown
from celerylint.knowledge.call_options import APPLY_ASYNC, NOT_FOR_CALLS, PROPERTIES, near_miss
from celerylint.model.binding import Mismatch
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.model.sending import Given, options_of, reads_options, takes_over
from celerylint.rule import Confidence, Finding, Fix, RenameKeyword, Rule, Severity

_METHODS = frozenset(
    {"apply_async", "apply_async_on_commit", "send_task", "s", "si", "signature", "subtask", "Signature"}
)


class CallOptionUnknown(Rule):
    """An option of `apply_async` is none that Celery knows, so nothing happens.

    Whatever keyword `apply_async`, `send_task` and `.set()` do not know becomes a property of the message, and no
    worker looks at it: the countdown is not waited for, the queue is the usual one. An argument of the task that is
    given as an option never reaches the task.

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id, polite=True):
        print(order_id, polite)


    def close(order_id):
        remind.apply_async((order_id,), countdwon=3600)  # expect: call-option-unknown
    ```

    ```python fixed
    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id, polite=True):
        print(order_id, polite)


    def close(order_id):
        remind.apply_async((order_id,), countdown=3600)
    ```

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id, polite=True):
        print(order_id, polite)


    def close(order_id):
        remind.apply_async((order_id,), polite=False)  # expect: call-option-unknown
    ```

    ```python good
    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id, polite=True):
        print(order_id, polite)


    def close(order_id):
        remind.apply_async((order_id,), {"polite": False}, countdown=3600)
        remind.apply_async((order_id,), MessageGroupId=str(order_id))
    ```

    ## When to suppress

    Something reads the property of the message: a router, a signal handler, another service.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    fix_safety = "safe"
    sources = ("celery/app/base.py: Celery.send_task", "kombu/messaging.py: Producer.publish")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        known = call.target is not None or call.target_name is not None
        if call.in_tests or not known or call.method not in _METHODS or takes_over(call.target, project):
            return
        options = options_of(call, project)
        if "stamped_headers" in options:
            return
        for name, given in options.items():
            if name not in APPLY_ASYNC and name not in PROPERTIES and not reads_options(name, call, project):
                yield from self._unknown(given, call, project)

    def _unknown(self, given: Given, call: Call, project: Project) -> Iterator[Finding]:
        name, task = given.name, call.label
        signature = call.target.signature if call.target is not None else None
        parameters = () if signature is None or isinstance(signature, Unknown) else signature.parameters
        why = project.arity.check(call)
        meant = near_miss(name)
        if any(p.name == name for p in parameters):
            if isinstance(why, Mismatch) and name in why.names:
                return  # call-arity speaks: the task cannot run without it
            message = f"`{name}` is given to `{task}` as an option: the argument never reaches the task"
            yield self._found(given, call, message, "put it in `kwargs`")
        elif meant is not None:
            message = f"`{name}` of the call of `{task}` is no option of Celery's: the message goes out without it"
            yield self._found(given, call, message, f"rename it to `{meant}`", data=(given, meant))
        elif name in NOT_FOR_CALLS:
            message = f"`{name}` of the call of `{task}` has no effect: it is an option of tasks"
            yield self._found(given, call, message, "set it on the task", "warning", "medium")
        else:
            message = f"`{name}` of the call of `{task}` is unknown to Celery: it becomes a property of the message"
            yield self._found(given, call, message, "remove it, or read it where the message arrives", "info", "low")

    def _found(
        self,
        given: Given,
        call: Call,
        message: str,
        help: str,
        severity: Severity = "error",
        confidence: Confidence = "high",
        data: tuple[Given, str] | None = None,
    ) -> Finding:
        return self.finding(
            at=given.keyword,
            message=message,
            help=help,
            subject=f"task:{call.label}",
            severity=severity,
            confidence=confidence,
            evidence=[(call.target.function_span, "the task")] if call.target is not None else (),
            data=data,
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        if finding.data is None:
            return None
        given, meant = finding.data
        if f"{meant}=" in project.text(given.call):
            return None
        return Fix(f"rename it to `{meant}`", "safe", (RenameKeyword(given.call, given.name, meant),))
