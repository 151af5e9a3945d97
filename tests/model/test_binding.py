"""What does not fit a signature, and what a call passes."""

from __future__ import annotations

import inspect

import pytest
from in_memory import project

from celerylint.model.binding import Mismatch, Passed, mismatch
from celerylint.model.entities import Signature

SIGNATURES = (
    "a", "a, b", "a, b=1", "a, /, b", "a, /, b=1, *, c", "*, c=1", "*args", "a, *args", "**kwargs", "a, **kwargs",
    "a, *args, c, **kwargs", "", "a, /, **kwargs",
)  # fmt: skip
PASSED = (
    Passed(), Passed(1), Passed(2), Passed(3), Passed(0, frozenset("a")), Passed(1, frozenset("a")),
    Passed(1, frozenset("b")), Passed(0, frozenset("c")), Passed(1, frozenset("c")), Passed(1, frozenset("z")),
    Passed(2, frozenset("bc")), Passed(0, frozenset("abc")),
)  # fmt: skip


def signature(text: str) -> Signature:
    source = f"from celery import shared_task\n@shared_task\ndef t({text}):\n    pass\n"
    found = project(shop__tasks=source).tasks[0].signature
    assert isinstance(found, Signature)
    return found


@pytest.mark.parametrize("text", SIGNATURES)
def test_it_agrees_with_python(text: str) -> None:
    namespace: dict[str, object] = {}
    exec(f"def f({text}): pass", namespace)
    python = inspect.signature(namespace["f"])  # type: ignore[arg-type]
    ours = signature(text)
    for passed in PASSED:
        try:
            python.bind(*range(passed.positional), **dict.fromkeys(passed.keywords, 0))
            fits = True
        except TypeError:
            fits = False
        assert (mismatch(ours, passed) is None) is fits, f"({text}) with {passed}"


def test_what_may_be_passed_as_well_is_not_missing() -> None:
    two = signature("a, b")
    assert mismatch(two, Passed(1)) == Mismatch("missing", ("b",))
    assert mismatch(two, Passed(1, more_args=True)) is None
    assert mismatch(two, Passed(1, more_kwargs=True)) is None
    assert mismatch(two, Passed(3, more_args=True)) == Mismatch("excess", given=3, taken=2)
    assert mismatch(signature("*, c"), Passed(0, more_args=True)) == Mismatch("missing", ("c",))


CALLS = {
    "charge.delay(1, b=2)": Passed(1, frozenset("b")),
    "charge.delay(*pair)": Passed(2),
    "charge.delay(*rest, **options)": Passed(0, frozenset(), True, True),
    "charge.apply_async((1, 2), {'c': 3})": Passed(2, frozenset("c")),
    "charge.apply_async(args=[1, *rest])": Passed(1, frozenset(), True),
    "charge.apply_async(args=rest, countdown=3)": Passed(0, frozenset(), True),
    "charge.apply_async(**options)": Passed(0, frozenset(), True, True),
    "charge.apply_async(countdown=3)": Passed(),
    "app.send_task('shop.tasks.charge', (1,), {'b': 2})": Passed(1, frozenset("b")),
    "app.send_task('shop.tasks.charge', kwargs=dict(b=2))": Passed(0, frozenset("b")),
    "charge.s(1).delay(2)": Passed(2),
    "charge.si(1).delay(2)": Passed(1),
    "charge.s(1, b=2).set(queue='q').apply_async((3,))": Passed(2, frozenset("b")),
    "partial(charge.delay, 1)()": Passed(1),
}


@pytest.mark.parametrize("code", CALLS)
def test_what_a_call_passes(code: str) -> None:
    source = f"""
        from functools import partial
        from celery import Celery
        app = Celery("shop")
        pair = (1, 2)

        @app.task
        def charge(a, b=1, c=2):
            pass

        def send(rest, options):
            {code}
    """
    found = project(shop__tasks=source)
    call = max((c for c in found.calls if c.target is not None), key=lambda c: c.span.end_column - c.span.column)
    assert found.passed_by(call) == CALLS[code]
