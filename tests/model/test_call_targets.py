"""What a call sends: signatures in variables, entries of ``app.tasks``, what is known and no task."""

from __future__ import annotations

import pytest
from in_memory import project

from celerylint.model.entities import Call

HEAD = """
from celery import Celery, chain, chord, group, signature
app = Celery("shop")
@app.task(name="shop.charge")
def charge(number): ...
def plain(number): ...
"""


def sent(code: str) -> list[Call]:
    text = HEAD + "def run(numbers, unknown):\n" + "\n".join(f"    {line}" for line in code.splitlines())
    return [c for c in project(tasks=text).calls if c.how in ("delay", "apply_async", "reference")]


@pytest.mark.parametrize("code", [
    "step = charge.s(1)\nstep.delay()",
    "step = charge.s(1).set(queue='q')\nstep.apply_async()",
    "step = charge.signature(args=(1,), immutable=True).clone()\nunknown(step.apply_async)",
    "charge.s(1).set(queue='q').set(priority=1).delay()",
    "app.tasks['shop.charge'].delay(1)",
    "task = app.tasks['shop.charge']\ntask.delay(1)",
])  # fmt: skip
def test_the_task_is_found(code: str) -> None:
    assert [call.label for call in sent(code)] == ["shop.charge"]


def test_a_signature_in_a_variable_is_what_is_sent() -> None:
    (call,) = sent("step = charge.s(1).set(queue='q')\nstep.apply_async(countdown=5)")
    assert call.sends is not None
    assert call.sends.how == "s"
    assert len(call.sends.args) == 1


@pytest.mark.parametrize("code", [
    "chord([charge.s(1)], charge.s()).on_error(charge.s()).delay()",
    "chain(charge.s(1), charge.s()).set(queue='q').apply_async()",
])  # fmt: skip
def test_a_canvas_has_no_target_and_hides_nothing(code: str) -> None:
    (call,) = sent(code)
    assert (call.target, call.unresolved) == (None, None)


def test_an_entry_of_the_registry_that_is_not_there_keeps_its_name() -> None:
    (call,) = sent("app.tasks['shop.refund'].delay(1)")
    assert (call.target, call.target_name, call.named) == (None, "shop.refund", False)


def test_what_is_known_and_no_task_is_refused() -> None:
    text = HEAD + "class Box: ...\ndef run(numbers):\n    'text'.delay(1)\n    Box().delay(1)\n    plain.delay(1)\n"
    found = project(tasks=text)
    assert [(c.how, c.span.line) for c in found.calls] == [("delay", 11)]
    assert [one.owner.pos[0] for one in found.refused_sends] == [9, 10]
