"""Where results come from, where they go, and which tasks wait for them."""

from __future__ import annotations

import pytest
from in_memory import project

from celerylint.model.project import Project
from celerylint.model.results import Result
from celerylint.model.unread import Unread

HEAD = """
from celery import Celery, chain, chord, group
from celery.result import AsyncResult, GroupResult

app = Celery("shop", broker="redis://", backend="redis://")


@app.task(name="price")
def price(n):
    return n


@app.task(name="total")
def total(numbers):
    return sum(numbers)


"""


def read(code: str) -> Project:
    return project(tasks=HEAD + code)


def results(code: str) -> list[Result]:
    body = "".join(f"    {line}\n" for line in code.splitlines())
    return read(f"def send(a, b):\n{body}").results.found


SOURCES = {
    "price.delay(1)": ("sent", "`price`"),
    "app.send_task('price')": ("sent", "`price`"),
    "app.send_task('elsewhere')": ("sent", "`elsewhere`"),
    "b = app.tasks; price.apply((1,))": ("eager", "`price`"),
    "group(price.s(1)).delay()": ("group", "a group"),
    "group(price.s(1))()": ("group", "a group"),
    "g = group(price.s(1)); g()": ("group", "a group"),
    "chain(price.s(1), total.s())()": ("chain", "`total`"),
    "chain(price.s(1), total.s().set(queue='q'))()": ("chain", "`total`"),
    "(price.s(1) | total.s()).delay()": ("chain", "`total`"),
    "(group(price.s(1)) | total.s()).delay()": ("chord", "a chord"),
    "chord([price.s(1)])(total.s())": ("chord", "a chord"),
    "AsyncResult(a)": ("id", "another task"),
    "app.AsyncResult(a)": ("id", "another task"),
    "price.AsyncResult(a)": ("id", "`price`"),
    "GroupResult.restore(a)": ("restored", "a group"),
    "~price.s(1)": ("inverted", "`price`"),
    "a.delay(1)": ("unknown", "another task"),
}


@pytest.mark.parametrize("code", SOURCES)
def test_sources(code: str) -> None:
    (found,) = results(code.replace("; ", "\n"))
    assert (found.origin, found.label) == SOURCES[code]


@pytest.mark.parametrize(
    "code", ["price(1)", "price.s(1)", "a.restore(1)", "a()", "AsyncResult()", "chord([price.s(1)])"]
)
def test_what_gives_no_result(code: str) -> None:
    assert results(code) == []


@pytest.mark.parametrize("package", ["multiprocessing.pool", "gevent.event"])
def test_results_of_other_packages(package: str) -> None:
    found = project(tasks=f"import celery\nfrom {package} import AsyncResult\ndef send(a):\n    AsyncResult(a).get()\n")
    assert found.results.found == []


STEPS = {
    "price.delay(1)": ["dropped"],
    "price.delay(1).get()": ["method get"],
    "price.delay(1).id": ["attribute id"],
    "r = price.delay(1)\nr.get()\nr.state": ["attribute state", "method get"],
    "r = price.delay(1)\nr = 2\nr.get()": [],
    "r = None\nif a:\n    r = price.delay(1)\nr.get()": ["method get maybe"],
    "r = price.delay(1) if a else None\nr.get()": ["method get maybe"],
    "return price.delay(1)": ["returned"],
    "a.x = price.delay(1)": ["kept"],
    "b = {'x': price.delay(1)}": ["kept"],
    "b = price.delay(1)['x']": ["subscripted"],
    "x, y = price.delay(1)": ["unpacked"],
    "x, y = price.delay(1), 2": [],
    "for x in price.delay(1): pass": ["iterated"],
    "[x for x in price.delay(1)]": ["iterated"],
    "a(price.delay(1))": ["passed"],
    "f'{price.delay(1)}'": ["shown"],
    "'%s' % price.delay(1)": ["shown"],
    "a + price.delay(1)": ["arithmetic"],
    "price.delay(1) == 1": ["compared"],
    "not price.delay(1)": ["tested"],
    "await_ = price.delay(1) or a": ["tested maybe"],
    "rs = [price.delay(x) for x in a]\nfor r in rs:\n    r.get()": ["method get"],
    "rs = [price.delay(x) for x in a]\n[r.get() for r in rs]": ["method get"],
    "rs = [price.delay(x) for x in a]\nrs[0].get()": ["method get"],
    "rs = [price.delay(x) for x in a]\nrs[1:][0].get()": ["method get"],
    "rs = []\nfor x in a:\n    rs.append(price.delay(x))\nfor r in rs:\n    r.get()": ["method get maybe"],
    "rs = []\nrs.extend([price.delay(1)])\nrs.pop().get()": ["method get maybe"],
    "a.append(price.delay(1))": ["kept"],
    "r = group(price.s(1))()\nfor x in r:\n    x.get()\nr[0].id\nr.join()": [
        "attribute id", "method get", "method join",
    ],
    "r = group(price.s(1))()\nfor x in r.results:\n    x.get()": ["method get"],
}  # fmt: skip


@pytest.mark.parametrize("code", STEPS)
def test_steps(code: str) -> None:
    (found,) = [r for r in results(code) if r.origin != "unknown"]
    steps = [f"{s.kind} {s.name}".strip() + ("" if s.sole else " maybe") for s in found.steps if s.kind != "passed"]
    steps += [s.kind for s in found.steps if s.kind == "passed"]
    named = ("method", "attribute")
    assert sorted(x if x.startswith(named) or "maybe" in x else x.split()[0] for x in steps) == STEPS[code]


def test_through_helpers() -> None:
    found = read("""
def start(n):
    return price.delay(n)


async def later(n):
    return price.delay(n)


def wait(result):
    return result.get()


def one():
    return start(1).state


async def two():
    return (await later(1)).ready()


def three():
    wait(price.delay(1))
""").results.found
    used = [(s.name, s.scope.function.name) for r in found for s in r.steps if s.kind in ("method", "attribute")]  # type: ignore[union-attr]
    assert used == [("state", "one"), ("ready", "two"), ("get", "wait")]


def waits(code: str) -> list[tuple[str, str | None, bool, bool]]:
    found = read(code).waiting.found
    return [(w.how, w.task.label if w.task else None, w.direct, w.allowed) for w in found]


def test_who_waits() -> None:
    assert waits("""
from celery.result import allow_join_result


def helper():
    price.delay(1).get()


def other():
    helper()


@app.task(name="a")
def a():
    other()


@app.task(name="b")
def b():
    with allow_join_result():
        price.delay(1).wait()
    r = price.delay(1)
    while not r.ready():
        pass
""") == [("get", "a", False, False), ("wait", "b", True, True), ("poll", "b", True, False)]


def test_a_wait_that_depends_on_what_a_helper_is_passed_is_nobodys() -> None:
    assert waits("""
def helper(wait):
    if wait:
        price.delay(1).get()


@app.task(name="a")
def a():
    helper(False)
""") == [("get", None, False, False)]


def test_a_key_is_not_waited_for() -> None:
    assert waits('def send():\n    price.delay(1).get("total")\n    price.delay(1).get(3, None)\n') == []


@pytest.mark.parametrize(("command", "pool"), [
    ("celery -A tasks worker", ("prefork", True)),
    ("celery -A tasks worker -P solo", ("solo", True)),
    ("celery -A tasks worker -P gevent", (None, True)),
    ("celery -A tasks worker -P $POOL", ("prefork", False)),
    ("celery -A tasks worker -P gevent\nb: celery -A tasks worker", ("prefork", False)),
])  # fmt: skip
def test_the_pool_that_runs_a_task(command: str, pool: tuple[str | None, bool]) -> None:
    from in_memory import tree

    found = tree({"tasks.py": HEAD, "Procfile": f"a: {command}\n"})
    assert found.waiting.pool(found.tasks[0]) == pool


LOST = {
    "price.delay(1)": True,
    "rs = [price.delay(x) for x in a]\nprint(len(rs))": True,
    "b(lambda: price.delay(1))": True,
    "a.id = price.delay(1).id": False,
    "return price.delay(1)": False,
    "price.s(1)": False,
    "price.apply_async(task_id=a)": True,
    "price.apply_async(task_id=a)\nAsyncResult(a).get()": False,
    "price.apply_async(task_id=a)\nAsyncResult(b).get()": True,
    "price.apply_async(**a)": False,
    "price.apply_async(link=total.s())": False,
    "price(1)": False,
}


@pytest.mark.parametrize("code", LOST)
def test_whose_results_nobody_can_read(code: str) -> None:
    body = "".join(f"    {line}\n" for line in code.splitlines())
    found = read(f"def send(a, b):\n{body}")
    assert Unread(found).lost(found.tasks[0]) is LOST[code]
