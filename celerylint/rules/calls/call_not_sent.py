from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.model.dropped import Dropped, dropped
from celerylint.model.modules import Module
from celerylint.model.project import Project
from celerylint.rule import Finding, Fix, Replace, Rule

_BUILT = {"signature": "signature", "canvas": "canvas"}


class CallNotSent(Rule):
    """A message is built and dropped: nothing is ever sent.

    `charge.s(1)` and `chain(...)` only describe work. As a statement of their own they have no effect, and neither
    has `charge.delay` without parentheses. No error appears anywhere; the work is simply not done.

    ```python bad
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(number):
        print(number)


    @app.task(name="shop.ship")
    def ship(number):
        print(number)


    def pay(number):
        charge.s(number)  # expect: call-not-sent


    def order(number):
        chain(charge.si(number), ship.si(number))  # expect: call-not-sent
    ```

    ```python fixed unsafe
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(number):
        print(number)


    @app.task(name="shop.ship")
    def ship(number):
        print(number)


    def pay(number):
        charge.s(number).delay()


    def order(number):
        chain(charge.si(number), ship.si(number)).delay()
    ```

    ```python good
    from celery import Celery, chain

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(number):
        print(number)


    @app.task(name="shop.ship")
    def ship(number):
        print(number)


    def pay(number):
        charge.delay(number)


    def order(number):
        chain(charge.si(number), ship.si(number)).delay()
    ```

    ## Fix

    The fix sends the message. Work that was never done before is done from then on.

    ## When to suppress

    The line only shows that the signature can be built.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "unsafe"
    sources = ("celery/canvas.py: Signature", "celery/app/task.py: Task.signature")

    def check_project(self, project: Project) -> Iterator[Finding]:
        for module in project.production_modules:
            for one in dropped(module, project):
                yield self._report(one, module)

    def _report(self, one: Dropped, module: Module) -> Finding:
        whose = f" of `{one.task.label}`" if one.task is not None else ""
        if one.kind == "method":
            message = f"`.{one.what}`{whose} is named here and not called: nothing is sent"
            helps = "call it"
        else:
            kept = f"kept in `{one.variable}`, which nothing uses" if one.variable else "dropped"
            message = f"the {_BUILT[one.kind]} `{one.what}`{whose} is built and {kept}: nothing is sent"
            helps = "send it with `.delay()`"
        return self.finding(
            at=module.span(one.expr.pos),
            message=message,
            help=helps,
            subject=one.task.subject if one.task is not None else f"canvas:{module.name}.{_where(one)}",
            confidence="medium" if one.variable else "high",
            evidence=[(one.task.function_span, "the task")] if one.task is not None else [],
            data=one,
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        one: Dropped = finding.data
        end = ".delay()"
        if one.kind == "method":
            signature = one.task.signature if one.task is not None else None
            if signature is None or isinstance(signature, Unknown) or any(p.required for p in signature.parameters):
                return None
            end = "()"
        text = project.text(finding.span)
        code = f"({text}){end}" if isinstance(one.expr, s.Binary) else f"{text}{end}"
        return Fix("send it", "unsafe", (Replace(finding.span, code),), "the task runs from now on")


def _where(one: Dropped) -> str:
    return one.scope.function.node.qualname if one.scope.function is not None else one.what
