from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.model.sent import LOST, Sent, sent
from celerylint.model.values import Known
from celerylint.rule import Finding, Fix, Replace, Rule


class ArgumentPydantic(Rule):
    """A pydantic model is sent as an argument of a task, and no serializer but pickle can encode it.

    The call fails with `EncodeError`. That holds for tasks with `pydantic=True` too: it makes the worker build the
    model from a dict, but the caller still has to send that dict.

    ```python bad
    from celery import shared_task
    from pydantic import BaseModel


    class Order(BaseModel):
        number: int


    @shared_task(name="shop.announce", time_limit=60, soft_time_limit=50, pydantic=True)
    def announce(order: Order) -> None:
        print(order.number)


    def close(number):
        announce.delay(Order(number=number))  # expect: argument-pydantic
    ```

    ```python fixed unsafe
    from celery import shared_task
    from pydantic import BaseModel


    class Order(BaseModel):
        number: int


    @shared_task(name="shop.announce", time_limit=60, soft_time_limit=50, pydantic=True)
    def announce(order: Order) -> None:
        print(order.number)


    def close(number):
        announce.delay(Order(number=number).model_dump(mode="json"))
    ```

    ```python good
    from celery import shared_task
    from pydantic import BaseModel


    class Order(BaseModel):
        number: int


    @shared_task(name="shop.announce", time_limit=60, soft_time_limit=50, pydantic=True)
    def announce(order: Order) -> None:
        print(order.number)


    def close(number):
        announce.delay(Order(number=number).model_dump(mode="json"))
    ```

    ## Fix

    The fix sends `model_dump(mode="json")`. Without `pydantic=True` (Celery 5.5) the task receives that dict and must
    build the model itself.

    ## When to suppress

    A serializer of your own carries models.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "unsafe"
    sources = (
        "celery/app/base.py: pydantic_wrapper",
        "https://docs.celeryq.dev/en/stable/userguide/tasks.html#argument-validation-with-pydantic",
    )

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        for part in sent(call, project):
            if part.kind.name == "pydantic model" and part.fate in LOST:
                yield self.finding(
                    at=part.span,
                    message=f"{part.what} is sent to `{call.label}`: {part.consequence}",
                    help='send `.model_dump(mode="json")`'
                    + (", and build the model again in the task" * (not _builds(call))),
                    subject=f"task:{call.label}",
                    confidence=part.confidence,
                    label=part.label,
                    evidence=part.evidence(),
                    data=part,
                )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        part: Sent = finding.data
        if part.path or not isinstance(part.argument.expr, (s.Name, s.Attribute, s.Call, s.Subscript)):
            return None
        if part.kind.cls is None or _is_version_one(part, project):
            return None
        code = f'{project.text(finding.span)}.model_dump(mode="json")'
        changes = "the task receives a dict" if not _builds(part.call) else "the worker builds the model from a dict"
        return Fix('send `.model_dump(mode="json")`', "unsafe", (Replace(finding.span, code),), changes)


def _builds(call: Call) -> bool:
    """Whether the worker makes models of dicts for this task."""
    option = call.target.declared.get("pydantic") if call.target is not None else None
    return option is not None and isinstance(option.value, Known) and option.value.value is True


def _is_version_one(part: Sent, project: Project) -> bool:
    """Whether the model may be one of pydantic 1, which has no ``model_dump``."""
    bases = project.evaluator.classes.outside_bases(part.kind.cls) if part.kind.cls is not None else []
    return any(".v1." in base for base in bases)
