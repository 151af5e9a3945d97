from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.canvas_calls import gives_canvas, scheduled
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.rule import Finding, Fix, Replace, Rule


class BeatTaskCalled(Rule):
    """A task is called or sent where `add_periodic_task` needs its signature.

    `sender.add_periodic_task(60, clean.delay())` sends `clean` once, whenever a process loads the schedule, and then
    schedules a task without a name. `clean()` runs it in that process. Every 60 seconds beat sends a message that no
    worker knows, or the process does not start at all.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.clean")
    def clean():
        print("clean")


    @app.on_after_finalize.connect
    def schedule(sender, **kwargs):
        sender.add_periodic_task(60.0, clean.delay(), name="clean", expires=50)  # expect: beat-task-called
    ```

    ```python fixed
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.clean")
    def clean():
        print("clean")


    @app.on_after_finalize.connect
    def schedule(sender, **kwargs):
        sender.add_periodic_task(60.0, clean.s(), name="clean", expires=50)
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.clean")
    def clean():
        print("clean")


    @app.on_after_finalize.connect
    def schedule(sender, **kwargs):
        sender.add_periodic_task(60.0, clean.s(), name="clean", expires=50)
    ```

    ## When to suppress

    The task returns a signature, made by code that celerylint does not see.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    fix_safety = "safe"
    sources = ("celery/app/base.py: Celery._sig_to_periodic_task_entry",)

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.in_tests or call.how not in ("direct", "delay", "apply_async") or call.target is None:
            return
        where = scheduled(call, project)
        if where is None or (call.how == "direct" and gives_canvas(call.target, project) is True):
            return
        does = "runs here" if call.how == "direct" else "is sent once here"
        yield self.finding(
            at=call.span,
            message=f"`{call.label}` {does}, when the schedule is loaded, and beat has no task to send",
            help="pass the signature: `.s()`",
            subject=call.target.subject,
            confidence="high",
            evidence=[(call.target.function_span, "the task")],
            data=(call, where),
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        call, where = finding.data
        if call.how == "apply_async" or not isinstance(call.node.func, s.Name):
            return None
        func = call.module.span(call.node.func.pos)
        task = project.text(func).removesuffix(".delay")
        arguments = project.text(call.span)[len(project.text(func)) :]
        return Fix("pass the signature", "safe", (Replace(where, f"{task}.s{arguments}"),))
