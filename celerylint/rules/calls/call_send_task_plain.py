from __future__ import annotations

from collections.abc import Iterator

from celerylint.knowledge.surface import PUBLISH_DEFAULTS
from celerylint.model.entities import Call, Task
from celerylint.model.project import Project
from celerylint.model.values import Known
from celerylint.rule import Finding, Rule

_LEFT_OUT = tuple(name for name in PUBLISH_DEFAULTS if "time_limit" not in name)
"""What only the sender applies; limits that a message does not carry are taken from the task by the worker."""

_OWN = frozenset({"decorator", "wrapper", "base"})


class CallSendTaskPlain(Rule):
    """`send_task` does not use the queue, priority or expiry that the task declares.

    These options belong to the task object, and `send_task` knows only a name: the message goes to the default queue,
    or where a route sends it, without priority and without expiry. `charge.apply_async()` of the same task goes
    elsewhere. Limits, retries and acknowledgement are the worker's business and stay.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge", queue="payments")
    def charge(number):
        print(number)


    def pay(number):
        app.send_task("shop.charge", args=[number])  # expect: call-send-task-plain
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge", queue="payments")
    def charge(number):
        print(number)


    def pay(number):
        app.send_task("shop.charge", args=[number], queue="payments")
    ```

    ## When to suppress

    The message is meant to travel without these options.
    """

    category = "correctness"
    severity = "info"
    profile = "pedantic"
    since = "0.1"
    celery = ">=3.0"
    sources = ("celery/app/base.py: Celery.send_task", "celery/app/task.py: Task.apply_async")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.in_tests or call.how != "send_task" or call.target is None or call.options_open:
            return
        left_out = [name for name in _LEFT_OUT if name not in call.options and _declares(call.target, name)]
        if "queue" in left_out and _routed(call.target, project):
            left_out.remove("queue")
        if not left_out:
            return
        names = ", ".join(f"`{name}`" for name in left_out)
        yield self.finding(
            at=call.span,
            message=f"`send_task` leaves out what `{call.label}` declares: {names}",
            help="pass the option, or import the task and use `apply_async`",
            subject=call.target.subject,
            evidence=[
                (option.span or call.target.span, f"`{name}` is declared here")
                for name in left_out
                if (option := call.target.declared.get(name)) is not None
            ],
        )


def _routed(task: Task, project: Project) -> bool:
    """Whether a route names a queue for the task, or may."""
    if id(task.app) in project.routing.opaque or not isinstance(task.name, str):
        return True
    return any(project.routing.matching(task.name, task.app))


def _declares(task: Task, name: str) -> bool:
    option = task.declared.get(name)
    if option is None or option.layer not in _OWN:
        return False
    return not (isinstance(option.value, Known) and option.value.value is None)
