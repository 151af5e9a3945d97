from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.calls import owner_of
from celerylint.model.canvas_calls import scheduled
from celerylint.model.entities import Call
from celerylint.model.not_tasks import missing_member
from celerylint.model.project import Project
from celerylint.model.spelling import near_word
from celerylint.model.unregistered import unregistered
from celerylint.rule import Finding, Rule, Span


class CallTaskUnknown(Rule):
    """A message is sent to a task name that nothing in this project registers.

    The sender notices nothing: `send_task` does not look the name up. The worker logs "Received unregistered task"
    and drops the message; whoever asks for the result gets `NotRegistered`. `app.tasks["..."]` and `module.task` fail
    in the sender instead, as soon as the line runs.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge_order")
    def charge_order(number):
        print(number)


    def pay(number):
        app.send_task("shop.charge-order", args=[number])  # expect: call-task-unknown
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge_order")
    def charge_order(number):
        print(number)


    def pay(number):
        app.send_task("shop.charge_order", args=[number])
    ```

    A name that resembles none of the project's is reported only when it begins with a package of this repository.
    Names that other services register are never reported when the configuration lists them:

    ```toml
    [tool.celerylint.project]
    external-tasks = ["billing.*"]
    ```

    ## When to suppress

    The task is registered in a way that cannot be read, or by another service: then list it under `external-tasks`.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    sources = ("celery/worker/consumer/consumer.py: Consumer.on_unknown_task", "celery/app/registry.py: TaskRegistry")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.in_tests or call.target is not None or call.node is None or call.scope is None:
            return
        if call.sends is not None:
            return  # the signature is a call of its own
        if call.target_name is None:
            yield from self._member(call, project)
            return
        name = call.target_name
        verdict = unregistered(name, project)
        if verdict is None or scheduled(call, project) is not None:
            return  # beat-task-unknown speaks of what is scheduled
        end = "workers drop the message" if call.named else "the lookup raises `NotRegistered`"
        yield self.finding(
            at=_name_span(call),
            message=f"no task is registered as `{name}`: {end}",
            help=f"write `{verdict.near}`" if verdict.near else "use the name of a registered task",
            subject=f"task:{name}",
            severity=verdict.severity,
            confidence=verdict.confidence,
            evidence=verdict.evidence,
        )

    def _member(self, call: Call, project: Project) -> Iterator[Finding]:
        """``module.task.delay()`` where the module has no such name, or a function that imports it from there."""
        assert call.node is not None and call.scope is not None
        owner = owner_of(call.node.func)
        missing = missing_member(owner, call.scope, project) if owner is not None else None
        if owner is None or missing is None:
            return
        module, name = missing
        tasks = {t.function.name: t for t in project.production_tasks if t.function is not None and t.module is module}
        near = near_word(name, tasks)
        dotted = isinstance(owner, s.Name) and "." in owner.path
        error = "the call raises `AttributeError`" if dotted else "the import raises `ImportError`"
        yield self.finding(
            at=call.module.span(owner.pos),
            message=f"`{module.name}` has no `{name}`: {error}, and nothing is sent",
            help=f"write `{near}`" if near else "use the name of a task that the module has",
            subject=f"task:{module.name}.{name}",
            evidence=[(tasks[near].function_span, "the task that is there")] if near else [],
        )


def _name_span(call: Call) -> Span:
    """Where the name is written."""
    assert call.node is not None
    if not call.named:
        owner = owner_of(call.node.func)
        return call.module.span(owner.pos) if owner is not None else call.span
    first = (
        call.node.args[0] if call.node.args else next((k.value for k in call.node.keywords if k.name == "name"), None)
    )
    return call.module.span(first.pos) if first is not None else call.span
