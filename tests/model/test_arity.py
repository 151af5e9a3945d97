"""Which calls were compared with their task, and who notices what does not fit."""

from __future__ import annotations

import pytest
from in_memory import project

from celerylint.facts.unknown import Unknown
from celerylint.model.arity import described
from celerylint.model.binding import Mismatch, Passed
from celerylint.model.project import Project

HEAD = """
from functools import partial, wraps
from celery import Celery, Task, chain, shared_task
from django.db import transaction
app = Celery("shop")

def kept(function):
    @wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)
    return inner

def changing(function):
    def inner(order):
        return function(order, order.total)
    return inner

@app.task
def charge(order_id, amount): ...
@app.task(typing=False)
def loose(order_id): ...
@app.task
@kept
def wrapped(order_id): ...
@app.task
@changing
def changed(order_id, amount): ...

def send(rest):
    """


def made(code: str) -> Project:
    return project(shop__tasks=HEAD + code.replace("\n", "\n    "))


SUMMARY = {
    "charge.delay(1, 2)": "fits",
    "charge.delay(1)": "missing, caller",
    "loose.delay()": "missing, worker",
    "wrapped.delay()": "missing, worker",
    "changed.delay(1)": "unknown",
    "app.send_task('shop.tasks.charge', (1,))": "missing, worker",
    "app.signature('shop.tasks.charge', (1,)).delay()": "missing, unknown",
    "charge.apply((1,))": "missing, worker",
    "charge(1)": "missing, caller",
    "charge.s(1)": "fits",
    "charge.s(1, 2, 3)": "excess, caller",
    "charge.si(1)": "fits",
    "charge.si(1, 2, 3)": "excess, caller",
    "chain(charge.s(1), charge.si(1))": "missing, caller",
    "charge.signature((1,), immutable=True)": "fits",
    "transaction.on_commit(charge.s(2).apply_async)": "fits",
    "sig = charge.s(1)\ntransaction.on_commit(sig.delay)": "missing, caller",
    "sig = charge.s(1)\nsig.kwargs['amount'] = 2\ntransaction.on_commit(sig.delay)": "fits",
    "sig = charge.s(1)\nsig.kwargs.update(rest)\nsig.delay()": "fits",
    "sig = charge.s(1)\nfill(sig)\nsig.delay()": "fits",
    "partial(charge.delay, 1)": "fits",
    "transaction.on_commit(partial(charge.delay, 1))": "missing, caller",
    "transaction.on_commit(charge.delay)": "missing, caller",
    "transaction.on_commit(lambda: charge.delay(1, 2))": "fits",
    "run_later(charge.delay)": "fits",
    "sig = charge.s(2)\nsig.delay(1)": "fits",
    "sig = charge.s(2)\nsig.delay()": "missing, caller",
    "sig = charge.s(2).set(queue='q')\nsig.apply_async((1, 3))": "excess, caller",
    "sig = charge.s(2)\nif rest:\n    sig = charge.s(1, 2)\nsig.delay()": "unknown",
    "charge.map([(1, 2)])": "unknown",
}


@pytest.mark.parametrize("code", SUMMARY)
def test_verdicts(code: str) -> None:
    found = made("charge.delay(1, 2)\n" + code)
    call = max(found.calls, key=lambda c: (c.span.line, c.span.end_column - c.span.column))
    verdict = found.arity.check(call)
    if isinstance(verdict, Mismatch):
        said = f"{verdict.kind}, {found.arity.finder(call, verdict)}"
    else:
        said = "unknown" if isinstance(verdict, Unknown) else "fits"
    assert said == SUMMARY[code]


def test_strict_typing_belongs_to_the_app() -> None:
    source = HEAD.replace('Celery("shop")', 'Celery("shop", strict_typing=False)') + "charge.delay(1)"
    found = project(shop__tasks=source)
    assert [found.arity.caller_checks(t) for t in found.tasks] == ["worker"] * 4


def test_tasks_of_one_name_are_not_told_apart() -> None:
    one = "from celery import Celery\napp = Celery('shop')\n@app.task(name='charge')\ndef charge(a): ...\n"
    found = project(shop__one=one, shop__two=one.replace("(a)", "(a, b)") + "app.send_task('charge', (1,))")
    assert all(isinstance(found.arity.check(call), Unknown) for call in found.calls)


def test_how_many_calls_were_compared() -> None:
    found = made("charge.delay(1, 2)\nchanged.delay(1)\napp.send_task('elsewhere')\nchain(charge.s(1, 2)).delay()")
    assert found.arity.checked == (2, 4)


def test_a_function_handed_over_at_commit() -> None:
    code = "def notify(a, b):\n    charge.delay(a, b)\ntransaction.on_commit(partial(notify, {}))\n"
    for given, expected in (("(1, 2)", [Mismatch("missing", ("b",))]), ("1, 2", [])):
        assert [why for _, _, why in made(code.format(given)).arity.deferred()] == expected


def test_descriptions() -> None:
    assert described("t", Mismatch("missing", ("a", "b"))) == "`t` is called without `a`, `b`"
    assert described("t", Mismatch("excess", given=2, taken=1)) == "`t` takes 1 positional argument and is given 2"
    assert described("t", Mismatch("excess", given=2, taken=0)) == "`t` takes no positional argument and is given 2"
    assert described("t", Mismatch("unexpected", ("z",))) == "`t` has no parameter `z`"
    assert described("t", Mismatch("twice", ("a",))) == "`a` of `t` is given by position and by name"
    assert described("t", Mismatch("positional", ("a",))) == "`a` of `t` can only be given by position"


BUILT = {
    "args = (1, 2)\ncharge.apply_async(args)": Passed(2),
    "args = [1]\nargs.append(2)\ncharge.apply_async(args)": Passed(2),
    "args = [1]\nif rest:\n    args.append(2)\ncharge.apply_async(args)": Passed(1, more_args=True),
    "args = [1]\nif rest:\n    args.append(2)\n    charge.apply_async(args)": Passed(2),
    "args = []\nfor one in rest:\n    args.append(one)\ncharge.apply_async(args)": Passed(0, more_args=True),
    "args = [1]\nfill(args)\ncharge.apply_async(args)": Passed(1, more_args=True),
    "args = [1]\nmore = args\ncharge.apply_async(args)": Passed(1, more_args=True),
    "args = (1,)\nfill(args)\ncharge.apply_async(args)": Passed(1),
    "args = (1,)\nif rest:\n    args = (1, 2)\ncharge.apply_async(args)": Passed(0, more_args=True),
    "args = (1,) + tuple(rest)\ncharge.apply_async(args)": Passed(1, more_args=True),
    "args = (1,)\nargs += (2,)\ncharge.apply_async(args)": Passed(2),
    "args = [1, 2]\nargs.pop()\ncharge.apply_async(args)": Passed(0, more_args=True),
    "kwargs = {'a': 1}\nkwargs['b'] = 2\ncharge.apply_async(kwargs=kwargs)": Passed(0, frozenset("ab")),
    "kwargs = {'a': 1}\nif rest:\n    kwargs['b'] = 2\ncharge.apply_async(kwargs=kwargs)": Passed(
        0, frozenset("a"), more_kwargs=True
    ),
    "kwargs = dict(a=1)\nkwargs.update(b=2, **rest)\ncharge.delay(**kwargs)": Passed(
        0, frozenset("ab"), more_kwargs=True
    ),
    "kwargs = {'a': 1}\nkwargs.pop('a')\ncharge.delay(**kwargs)": Passed(0, more_kwargs=True),
    "charge.delay(*rest.args)": Passed(0, more_args=True),
    "charge.retry(args=(1,))": Passed(1, more_kwargs=True),
    "charge.retry()": Passed(0, more_args=True, more_kwargs=True),
    "partial(charge.apply_async, (1, 2), countdown=3)": Passed(2),
}


@pytest.mark.parametrize("code", BUILT)
def test_what_is_built_above_the_call(code: str) -> None:
    found = made(code)
    call = next(c for c in found.calls if c.target is not None and c.target.label.endswith("charge"))
    assert found.passed_by(call) == BUILT[code]
