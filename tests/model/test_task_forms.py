"""Tasks in every way people write them."""

from __future__ import annotations

import pytest
from in_memory import only, option, project

APP = "from celery import Celery\napp = Celery('shop')\n"


def test_one_function_may_be_two_tasks_with_their_own_options() -> None:
    found = project(
        shop=APP
        + """
from functools import partial
from celery import shared_task
SLOW = {"time_limit": 1200}
quick = partial(shared_task, time_limit=20)
def _weigh(x): pass
weigh = app.task(_weigh, name="weigh", **SLOW)
weigh_quickly = quick(name="weigh.quickly")(_weigh)
def go():
    weigh.delay(1)
    weigh_quickly.delay(1)
"""
    )
    assert [(t.name, option(t, "time_limit")) for t in found.tasks] == [("weigh", 1200), ("weigh.quickly", 20)]
    assert [c.label for c in found.calls if c.how == "delay"] == ["weigh", "weigh.quickly"]


def test_a_wrapper_is_followed_with_and_without_parentheses() -> None:
    found = project(
        shop=APP
        + """
LIMITS = dict(time_limit=300)
def task(function=None, **options):
    options = {**LIMITS, **options}
    if function is None:
        return app.task(**options)
    return app.task(**options)(function)
@task
def one(a): pass
@task(name="second", time_limit=5)
def two(a): pass
"""
    )
    assert [(t.name, option(t, "time_limit")) for t in found.tasks] == [("shop.one", 300), ("second", 5)]


@pytest.mark.parametrize("use", ["@slow()", "@slow", "@slow(queue='q')"])
def test_a_partial_of_an_app_subclass_task(use: str) -> None:
    found = project(
        shop=f"""
import functools
from celery import Celery
class Shop(Celery):
    def task(self, *args, **options):
        options.setdefault("acks_late", True)
        return super().task(*args, **options)
app = Shop("shop")
slow = functools.partial(app.task, time_limit=77)
{use}
def one(a): pass
"""
    )
    assert (option(only(found), "time_limit"), option(only(found), "acks_late")) == (77, True)


def test_the_names_that_an_app_subclass_generates() -> None:
    found = project(
        shop="""
from celery import Celery
class Shop(Celery):
    def gen_task_name(self, name, module):
        return f"shop/{name}"
app = Shop("shop")
@app.task
def one(a): pass
"""
    )
    assert only(found).name == "shop/one"


def test_a_decorator_object_that_answers_with_a_lambda() -> None:
    found = project(
        shop__decorators="""
from functools import wraps
from celery import shared_task
class Late:
    def __init__(self, queue):
        self.queue = queue
    def __call__(self, func=None, *, ignore_result=False):
        if func is None:
            return lambda func: self._make(func=func, ignore_result=ignore_result)
        return self._make(func=func, ignore_result=ignore_result)
    def _make(self, *, func, ignore_result):
        @wraps(func)
        def wrapper(*args, **kwargs):
            return func(*args, **kwargs)
        return shared_task(acks_late=True, queue=self.queue, ignore_result=ignore_result)(wrapper)
late = Late("slow")
""",
        shop__tasks="""
from shop.decorators import late
@late
def one(a): pass
@late(ignore_result=True)
def two(b, *, c=1): pass
""",
    )
    facts = [(t.name, option(t, "queue"), option(t, "ignore_result"), str(t.signature)) for t in found.tasks]
    assert facts == [
        ("shop.tasks.one", "slow", False, "(a)"),
        ("shop.tasks.two", "slow", True, "(b, *, c=...)"),
    ]


def test_classes_named_by_init_subclass_whose_run_hands_on() -> None:
    found = project(
        shop__base="""
from celery import Celery
app = Celery("shop")
class Base(app.Task):
    def __init_subclass__(cls, name=None):
        cls.name = name
    def run(self, *args, **kwargs):
        return self.run_impl(object(), *args, **kwargs)
""",
        shop__upload="""
from shop.base import Base, app
class Upload(Base, name="upload"):
    max_retries = 7
    def run_impl(self, session, key): pass
registered = app.register_task(Upload())
upload = app.tasks[registered.name]
def go():
    upload.delay(1)
""",
    )
    task = only(found)
    assert (task.name, option(task, "max_retries"), task.function and task.function.name) == ("upload", 7, "run_impl")
    assert [c.target for c in found.calls] == [task]


def test_files_that_never_name_celery_are_found_by_what_they_use() -> None:
    found = project(
        shop__app=APP + "from celery import Task, shared_task\nclass Paper(Task):\n    acks_late = True\n",
        shop__desk="""
from celery import shared_task
class Desk:
    def __init__(self, queue):
        self.queue = queue
    def __call__(self, function):
        return shared_task(queue=self.queue)(function)
""",
        shop__sports="from shop.desk import Desk\nsports = Desk('sports')\n@sports\ndef digest(): pass\n",
        shop__football="from shop.sports import sports\n@sports\ndef result(): pass\n",
        shop__proof="from shop.app import app as a, Paper\n"
        "class Proof(Paper):\n    def run(self, pages): pass\na.register_task(Proof())\n",
        shop__late="from shop.app import app as press\n@press.task\ndef late(): pass\n",
        shop__plain="def digest(): pass\n",
    )
    assert sorted(str(t.name) for t in found.tasks) == [
        "shop.football.result",
        "shop.late.late",
        "shop.proof.Proof",
        "shop.sports.digest",
    ]


def test_one_of_two_definitions_is_no_duplicate() -> None:
    found = project(
        shop="""
from celery import shared_task
try:
    import numpy
    @shared_task(name="sum")
    def fast(a): pass
except ImportError:
    @shared_task(name="sum")
    def slow(a): pass
if numpy:
    @shared_task(name="mean")
    def one(a): pass
else:
    @shared_task(name="mean")
    def other(a): pass
@shared_task(name="mean")
def third(a): pass
"""
    )
    fast, slow, one, other, third = found.tasks
    assert found.exclusive(fast.span, slow.span)
    assert found.exclusive(one.span, other.span)
    assert not found.exclusive(one.span, third.span)
