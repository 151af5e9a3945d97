from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts.unknown import Unknown
from celerylint.model.arity import described
from celerylint.model.binding import Mismatch
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.rule import Finding, Rule


class RetryArgsMismatch(Rule):
    """A task is retried with arguments that it cannot take, and is lost.

    `self.retry(args=..., kwargs=...)` sends the task again with other arguments. When they do not fit, the
    `TypeError` is raised while the retry is sent: Celery then rejects the message without sending another. The task
    is gone, its result stays `PENDING` for ever, and the original error is stored nowhere.

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.charge", bind=True, max_retries=3, time_limit=60, soft_time_limit=50)
    def charge(self, order_id, amount):
        if amount > 100:
            raise self.retry(args=(order_id,), kwargs={}, countdown=60)  # expect: retry-args-mismatch
    ```

    ```python good
    from celery import shared_task


    @shared_task(name="shop.charge", bind=True, max_retries=3, time_limit=60, soft_time_limit=50)
    def charge(self, order_id, amount):
        if amount > 100:
            raise self.retry(args=(order_id, 100), kwargs={}, countdown=60)
    ```

    ## When to suppress

    A class of your own completes the arguments before the retry is sent.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    sources = ("celery/app/task.py: Task.retry", "celery/app/task.py: Task.signature_from_request")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        task = call.target
        if call.in_tests or call.how != "retry" or task is None:
            return
        why, signature = project.arity.check(call), project.arity.signature(call)
        if not isinstance(why, Mismatch) or isinstance(signature, Unknown):
            return
        own = project.evaluator.classes.method(task.base, "retry") if task.base is not None else None
        if own is not None and not project.passes_arguments_on(own):
            return
        lost = project.arity.caller_checks(task) == "caller" and why.kind != "positional"
        result = "the retry is lost" if lost else "the retry fails with `TypeError`"
        yield self.finding(
            at=call.span,
            message=f"{described(task.label, why)} when it is retried: {result}",
            help=f"match `{task.function.name if task.function else task.label}{signature}`",
            subject=task.subject,
            confidence="medium" if task.unknown_options is not None else "high",
            evidence=[(task.function_span, "the task")],
        )
