from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.entities import Call, Task
from celerylint.model.messages import before_four
from celerylint.model.moments import Moment, moment_of
from celerylint.model.project import Project
from celerylint.model.sending import options_of, takes_over
from celerylint.model.values import Known
from celerylint.rule import Finding, Fix, RenameKeyword, Replace, Rule

_SECONDS = frozenset({"countdown", "expires"})


class CallOptionType(Rule):
    """A `countdown`, `eta` or `expires` is of a type that Celery cannot send.

    `countdown` is a number of seconds, `eta` a date, `expires` one of the two. A `timedelta`, or a text where a
    number is wanted, raises in the call, and nothing is sent. What `os.environ.get` gives is a text as soon as the
    variable is set: it works on the developer's machine and fails where the variable is.

    ```python bad
    from datetime import timedelta

    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.apply_async((order_id,), countdown=timedelta(minutes=5))  # expect: call-option-type
    ```

    ```python fixed
    from datetime import timedelta

    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.apply_async((order_id,), countdown=timedelta(minutes=5).total_seconds())
    ```

    ```python bad
    import os

    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.apply_async((order_id,), countdown=os.environ.get("REMIND_AFTER", 300))  # expect: call-option-type
    ```

    ```python good
    import os
    from datetime import timedelta

    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50, expires=86400)
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.apply_async((order_id,), countdown=timedelta(minutes=5).total_seconds())
        remind.apply_async((order_id,), countdown=int(os.environ.get("REMIND_AFTER", 300)))
    ```

    ## When to suppress

    A class of your own converts the option before Celery sees it.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "safe"
    sources = ("celery/app/amqp.py: AMQP.as_task_v2", "celery/app/base.py: Celery.send_task")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.in_tests or call.how == "retry" or takes_over(call.target, project):
            return
        if call.target is None and call.target_name is None:
            return
        for name in ("countdown", "eta", "expires"):
            given = options_of(call, project).get(name)
            moment = project.moments.of(given.expr, given.scope) if given is not None else None
            wrong = _wrong(name, moment) if moment is not None else None
            if given is None or moment is None or wrong is None:
                continue
            certain = moment.kind != "environment"
            yield self.finding(
                at=given.span,
                message=f"`{name}` of `{call.label}` is {wrong}: the call raises `{_error(name, moment, project)}`",
                help=_HELP[name],
                subject=f"task:{call.label}",
                confidence="high" if certain else "medium",
                evidence=[(moment.at, "read here")] if moment.at is not None and moment.at != given.span else (),
                data=(given, moment),
            )

    def check_task(self, task: Task, project: Project) -> Iterator[Finding]:
        option = task.declared.get("expires")
        if task.in_tests or option is None or takes_over(task, project):
            return
        moment = moment_of(option.value)
        if moment.kind == "timedelta":
            error = _error("expires", moment, project)
            yield self.finding(
                at=option.span if option.span is not None and task.span.covers(option.span) else task.span,
                message=f"`expires` of the task `{task.label}` is a timedelta: every call raises `{error}`",
                help=_HELP["expires"],
                subject=task.subject,
            )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        if finding.data is None:
            return None
        given, moment = finding.data
        text = project.text(given.span)
        if moment.kind == "timedelta" and given.name in _SECONDS:
            code = f"({text})" if isinstance(given.expr, (s.Binary, s.Conditional, s.Boolean)) else text
            return Fix("send its seconds", "safe", (Replace(given.span, f"{code}.total_seconds()"),))
        if moment.kind == "text" and isinstance(given.expr, s.Literal) and text.strip("\"'").isdigit():
            return Fix("send the number", "safe", (Replace(given.span, text.strip("\"'")),))
        if moment.kind == "number" and given.name == "eta" and "countdown" not in project.text(given.call):
            return Fix("rename it to `countdown`", "safe", (RenameKeyword(given.call, "eta", "countdown"),))
        return None


_HELP = {
    "countdown": "give the seconds as a number",
    "eta": "give a date with a time zone, or use `countdown` for seconds",
    "expires": "give the seconds as a number, or a date with a time zone",
}


def _wrong(name: str, moment: Moment) -> str | None:
    """What a value is that the option cannot be; None when it may be right."""
    if moment.kind == "environment" and name in _SECONDS:
        if name == "expires" and moment.value is None:
            return None
        return (
            f"a text when the variable `{moment.variable}` is set" if moment.variable else "a text from the environment"
        )
    if moment.kind == "timedelta":
        return "a timedelta"
    if name == "countdown" and moment.kind in ("text", "date"):
        return "a text" if moment.kind == "text" else "a date"
    if name == "eta" and moment.kind == "number" and moment.seconds != 0:
        return "a number"
    if name == "expires" and moment.kind == "text" and moment.value is not None and _is_digits(moment.value):
        return "a text that is no date"
    return None


def _is_digits(value: Known) -> bool:
    return isinstance(value.value, str) and value.value.strip().replace(".", "", 1).isdigit() and len(value.value) < 8


def _error(name: str, moment: Moment, project: Project) -> str:
    if name == "eta" or (
        name == "expires" and before_four(project)
    ):  # there any `expires` is asked for its `isoformat`
        return "AttributeError"
    return "ValueError" if name == "expires" and moment.kind in ("text", "environment") else "TypeError"
