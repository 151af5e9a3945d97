"""What becomes of the value of a call."""

from __future__ import annotations

import pytest
from in_memory import project

USES = {
    "charge.s(1)": ("dropped", ""),
    "return charge.s(1)": ("returned", ""),
    "x = charge.s(1)": ("assigned", "x"),
    "x = charge.s(1) if a else None": ("assigned", "x"),
    "charge.s(1).id": ("attribute", "id"),
    "f(charge.s(1))": ("argument", ""),
    "f(link=charge.s(1))": ("argument", "link"),
    "f(*charge.s(1))": ("argument", ""),
    "x = [charge.s(1)]": ("element", ""),
    "x = [charge.s(i) for i in a]": ("element", ""),
    "x = charge.s(1) | charge.s(2)": ("operand", ""),
    "for x in charge.s(1): pass": ("iterated", ""),
    "x = [i for i in charge.s(1)]": ("iterated", ""),
    "if charge.s(1): pass": ("test", ""),
    "x = lambda: charge.s(1)": ("returned", ""),
    "with a:\n                charge.s(1)": ("dropped", ""),
    "try:\n                pass\n            except E:\n                charge.s(1)": ("dropped", ""),
}


@pytest.mark.parametrize("code", USES)
def test_what_is_done_with_it(code: str) -> None:
    source = f"""
        from celery import shared_task

        @shared_task
        def charge(a):
            pass

        def send(a, f):
            {code}
    """
    found = project(shop__tasks=source)
    call = next(c for c in found.calls if c.how == "s")
    assert call.node is not None and call.scope is not None
    use = found.uses.use(call.node, call.scope)
    assert use is not None and (use.kind, use.name) == USES[code]
