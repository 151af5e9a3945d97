"""What kind of value an argument is."""

from __future__ import annotations

import pytest
from in_memory import project

HEAD = """
import dataclasses, datetime, enum, pathlib, uuid
from collections import defaultdict
from datetime import timedelta
from celery import Celery
from django.db import models
app = Celery("shop")

class Plain(enum.Enum):
    A = 1
class Text(str, enum.Enum):
    A = "a"
@dataclasses.dataclass
class Money:
    amount: int
    at: datetime.datetime
class Basket:
    pass
class Payload(dict):
    pass
class Taught:
    def __json__(self):
        return {}
class Refused(ValueError):
    pass
class Order(models.Model):
    created = models.DateTimeField()
    photo = models.ImageField()
@app.task
def work(given): ...
def ids():
    return {1, 2}
def either(x):
    if x:
        return {1}
    return [1]
"""


def kind(code: str, given: str = "x", params: str = "") -> str:
    """The kind of ``work.delay(given)`` after ``code``, with the parts inside, "?" for what is not known."""
    body = "\n".join(f"    {line}" for line in (*code.splitlines(), f"work.delay({given})"))
    found = project(shop__tasks=f"{HEAD}\ndef send({params}):\n{body}\n")
    call = next(c for c in found.calls if c.how == "delay")
    (argument,) = found.arguments.of(call)
    said = found.arguments.kind(argument)
    if said is None:
        return "?"
    return " ".join(f"{path}{part.name}" for path, part in said.parts()) + ("" if said.sure else " ~")


@pytest.mark.parametrize(("given", "expected"), [
    ("{1}", "set [0]int"), ("timedelta(1)", "timedelta"), ("datetime.datetime.now() - timedelta(1)", "datetime"),
    ("[uuid.uuid4()]", "list [0]UUID"), ("str(uuid.uuid4())", "str"), ("uuid.uuid4().hex", "str"),
    ("pathlib.Path('a') / 'b'", "Path"), ("(pathlib.Path('a') / 'b').as_posix()", "str"), ("Plain.A", "enum"),
    ("Plain.A.value", "int"), ("Text.A", "str enum"), ("Money(1, None)", "dataclass"),
    ("dataclasses.asdict(Money(1, None))", "dict"), ("Basket()", "object"), ("Payload()", "?"), ("Taught()", "?"),
    ("Refused()", "exception"), ("str(Refused())", "str"), ("Basket", "class"), ("ids", "function"), ("work", "task"),
    ("work.s(1)", "?"), ("ids()", "set [0]int [1]int"), ("list(ids())", "list [...]int"), ("either(1)", "?"),
    ("{'a': {1}}", 'dict ["a"]set ["a"][0]int'), ("{1: 2}", "int-keyed dict [...]int"),
    ("{p: 1 for p in [(1, 2)]}", "tuple-keyed dict [...]int"), ("(n for n in [1])", "generator [...]int"),
    ("dict(a=1).keys()", "dict view"), ("range(3)", "range"), ("lambda: 1", "lambda"), ("f'{1}'", "str"),
    ("Order(pk=1)", "model instance"), ("Order(pk=1).pk", "int"), ("Order.objects.all()", "queryset"),
    ("[o.created for o in Order.objects.all()]", "list [...]datetime"), ("open('a')", "file"),
    ("{'__type__': 'a', '__value__': 1}", 'envelope ["__type__"]str ["__value__"]int'),
])  # fmt: skip
def test_expressions(given: str, expected: str) -> None:
    assert kind("pass", given) == expected


@pytest.mark.parametrize(("code", "expected"), [
    ("x = {1}", "set [0]int"), ("x = {1}\nx = list(x)", "list [...]int"), ("x = {1} if y else [1]", "?"),
    ("x = None\nif y:\n    x = {1}", "set [0]int"), ("x = {1}\nif y:\n    x = [1]", "?"),
    ("x = {}\nx['a'] = {1}", 'dict ["a"]set ["a"][0]int'), ("x = []\nx.append({1})", "list [...]set [...][0]int"),
    ("x = {}\nfor n in range(3):\n    x[n] = 1", "int-keyed dict [...]int"),
    ("x = defaultdict(set)", "defaultdict [...]set"),
    ("try:\n    y()\nexcept KeyError as x:\n    pass", "exception"), ("with open('a') as x:\n    pass", "file"),
    ("for _, x in enumerate([{1}]):\n    pass", "set [0]int"), ("for x in Plain:\n    pass", "enum"),
    ("for x in Order.objects.all():\n    pass", "model instance"), ("x: set = y()", "set ~"),
    ("a = {1}\nb = {2}\nx = a - b", "set [0]int [0]int"),
])  # fmt: skip
def test_variables(code: str, expected: str) -> None:
    assert kind(code, params="y") == expected


@pytest.mark.parametrize(("params", "expected"), [
    ("x", "?"), ("x: datetime.timedelta", "timedelta ~"), ("x: 'pathlib.Path | None' = None", "Path ~"),
    ("x: set[int]", "set [...]int ~"), ("x: set | list", "?"), ("x: Plain", "enum ~"), ("*x", "tuple"), ("**x", "dict"),
    ("x: Money", "dataclass ~"), ("x: Order", "model instance ~"), ("x: dict[int, str]", "int-keyed dict [...]str ~"),
])  # fmt: skip
def test_parameters(params: str, expected: str) -> None:
    assert kind("pass", params=params) == expected


def test_an_attribute_of_a_dataclass_is_what_its_annotation_says() -> None:
    assert kind("x = Money(1, None)", "x.at") == "datetime ~"


def test_a_comprehension_around_the_call_binds_its_own_variable() -> None:
    found = project(shop__tasks=f"{HEAD}\ndef send(o):\n    o = 1\n    [work.delay(o) for o in Order.objects.all()]\n")
    (call,) = (c for c in found.calls if c.how == "delay")
    (argument,) = found.arguments.of(call)
    assert str(found.arguments.kind(argument)) == "an instance of `Order`"


@pytest.mark.parametrize("code", [
    "args = (o, 1)\n    work.apply_async(args=args)",
    "args = [1]\n    args.append(o)\n    work.apply_async(args)",
    "kwargs = {}\n    kwargs['given'] = o\n    work.apply_async(kwargs=kwargs)",
    "kwargs = dict(given=o)\n    work.delay(**kwargs)",
    "rest = [o]\n    work.delay(1, *rest)",
    "more = {'given': o}\n    work.apply_async(kwargs={**more, 'b': 2})",
])  # fmt: skip
def test_arguments_are_followed_into_what_was_built_above(code: str) -> None:
    found = project(shop__tasks=f"{HEAD}\ndef send():\n    o = Order.objects.get()\n    {code}\n")
    (call,) = (c for c in found.calls if c.how in ("delay", "apply_async"))
    kinds = [found.arguments.kind(argument) for argument in found.arguments.of(call)]
    assert [k.name for k in kinds if k is not None and k.name != "int"] == ["model instance"]


def test_an_entry_that_is_replaced_is_not_an_argument() -> None:
    code = "kwargs = {'given': o}\n    kwargs['given'] = o.pk\n    work.delay(**kwargs)"
    found = project(shop__tasks=f"{HEAD}\ndef send():\n    o = Order.objects.get()\n    {code}\n")
    (call,) = (c for c in found.calls if c.how == "delay")
    kinds = [found.arguments.kind(argument) for argument in found.arguments.of(call)]
    assert [k.name for k in kinds if k is not None] == ["int"]
