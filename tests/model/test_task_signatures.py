"""What a sender has to pass, through decorators, wrappers and task classes."""

from __future__ import annotations

import pytest
from in_memory import only, project

from celerylint.facts.unknown import Unknown


def signature(source: str) -> str:
    task = only(project(tasks="from functools import wraps\nfrom celery import Celery, Task, shared_task\n" + source))
    return "unknown" if isinstance(task.signature, Unknown) else str(task.signature)


def test_a_wrapper_may_show_the_function_to_a_helper_that_only_looks_at_it() -> None:
    source = """
def key(function): return f"lock.{function.__module__}.{function.__name__}"
def call(function): return function()
def deco(function):
    @wraps(function)
    def inner(*args, _again=0, **kwargs):
        print(HELPER(function))
        return function(*args, **kwargs)
    return shared_task(inner)
@deco
def task(a): pass
"""
    assert signature(source.replace("HELPER", "key")) == "(a, *, _again=...)"
    assert signature(source.replace("HELPER", "call")) == "unknown"
    assert signature(source.replace("HELPER", "register")) == "unknown"


BENEATH = """
def deco(function):
    @wraps(function)
    def inner({params}):
        {before}
        return function({passed})
    return inner
@shared_task{options}
@deco
def task({own}): pass
"""


@pytest.mark.parametrize(
    ("params", "before", "passed", "options", "own", "expected"),
    [
        ("*args, **kwargs", "pass", "*args, **kwargs", "", "a, b=1", "(a, b=...)"),
        ("*a, **k", "print(function.__name__)", "*a, **k", "", "a, *, b", "(a, *, b)"),
        ("*args, **kwargs", "pass", "*args, **kwargs", "(bind=True)", "self, a", "(a)"),
        ("*args, **kwargs", "pass", "1, *args, **kwargs", "", "request, a", "(a)"),
        ("*args, **kwargs", "pass", "*args, db=1, **kwargs", "", "a, db", "(a)"),
        ("self, *args, **kwargs", "pass", "self, *args, **kwargs", "(bind=True)", "self, a", "(a)"),
        ("*args, extra=0, **kwargs", "pass", "*args, **kwargs", "", "a", "(a, *, extra=...)"),
        ("*args, **kwargs", "kwargs.pop('x')", "*args, **kwargs", "", "a", "unknown"),
        ("*args, **kwargs", "args = args[1:]", "*args, **kwargs", "", "a", "unknown"),
        ("*args, **kwargs", "call(function, 3)", "*args, **kwargs", "", "a", "unknown"),
        ("first, *args, **kwargs", "pass", "*args, **kwargs", "", "a", "unknown"),
        ("*args", "pass", "*args", "", "a", "unknown"),
    ],
)
def test_a_decorator_beneath(params: str, before: str, passed: str, options: str, own: str, expected: str) -> None:
    source = BENEATH.format(params=params, before=before, passed=passed, options=options, own=own)
    assert signature(source) == expected


def test_a_decorator_that_gives_the_function_back_changes_nothing() -> None:
    assert signature("def mark(f):\n    f.x = 1\n    return f\n@shared_task\n@mark\ndef t(a, b): pass\n") == "(a, b)"


def test_a_decorator_from_elsewhere_hides_the_signature() -> None:
    assert signature("from x import y\n@shared_task\n@y\ndef t(a, b): pass\n") == "unknown"


CALLS = """
class Base(Task):
    def __call__(self, *args, **kwargs):
        {body}
@shared_task(base=Base{bind})
def task({own}): pass
"""


@pytest.mark.parametrize(
    ("body", "bind", "own", "expected"),
    [
        ("return self.run(*args, **kwargs)", "", "a", "(a)"),
        ("return super().__call__(1, *args, **kwargs)", "", "request, a", "(a)"),
        ("return super(Base, self).__call__(1, *args, **kwargs)", "", "request, a", "(a)"),
        ("return self.run(1, *args, **kwargs)", ", bind=True", "self, request, a", "(a)"),
        ("return self.run(*args, db=1, **kwargs)", "", "a, db", "(a)"),
        ("return self.run(*load(args), **kwargs)", "", "a", "unknown"),
        ("return send(self, args)", "", "a", "unknown"),
    ],
)
def test_a_task_class_that_puts_something_in_front(body: str, bind: str, own: str, expected: str) -> None:
    assert signature(CALLS.format(body=body, bind=bind, own=own)) == expected


def test_typing_off_changes_no_signature() -> None:
    assert signature("@shared_task(typing=False)\ndef t(a, b): pass\n") == "(a, b)"
