"""Projects that nobody should write: an answer, at most one blind spot, no crash, and soon."""

from __future__ import annotations

import time

import pytest
from in_memory import option, project, reasons

from celerylint.model.project import Project

TASK = "\nfrom celery import shared_task\n@shared_task(time_limit=X)\ndef one(): pass\n"


def spots(found: Project) -> list[str]:
    return [reason for reason in reasons(found) if "no-such-folder" not in reason and "cannot be listed" not in reason]


def test_circular_imports_and_star_imports() -> None:
    found = project(
        a="from b import *\nfrom b import X\nfrom c import *\nY = X" + TASK,
        b="from a import *\nfrom a import Y\nX = Y\n# celery\n",
        c="from c import *\nfrom b import *\nimport c\nZ = c.Z\n# celery\n",
    )
    assert [t.name for t in found.tasks] == ["a.one"]
    assert option(found.tasks[0], "time_limit") == "unknown"
    assert len(spots(found)) <= 1


def test_a_settings_module_that_imports_itself() -> None:
    found = project(
        app="from celery import Celery\napp = Celery('x')\napp.config_from_object('settings')\n",
        settings="from settings import *\nimport settings\nfrom settings import broker_url\n"
        "broker_url = settings.broker_url\ntask_time_limit = 5\n",
    )
    assert sorted(setting.name for setting in found.settings) == ["broker_url", "task_time_limit"]
    assert len(spots(found)) <= 1


@pytest.mark.parametrize(
    "listed", ["__all__ = names()", "__all__ = 5", "__all__ = ['X'] + other.__all__", "__all__ += ['X']"]
)
def test_games_with_all(listed: str) -> None:
    found = project(a="from b import *" + TASK, b=f"import other\nX = 5\n{listed}\n# celery\n")
    assert option(found.tasks[0], "time_limit") == 5
    assert spots(found) == []


@pytest.mark.parametrize(
    "source",
    [
        "X = " + "[" * 90 + "1" + "]" * 90,
        "X = " + "+".join(["1"] * 3000),
        "X = " + "f(" * 80 + "1" + ")" * 80,
        "X0 = 1\n" + "".join(f"X{n + 1} = X{n}\n" for n in range(500)) + "X = X500",
        "X = " + "a" + ".b" * 3000,
        "def f(n):\n    return f(n)\nX = f(1)",
        "def f(n):\n    return g(n) + g(n)\ndef g(n):\n    return f(n) + f(n)\nX = f(1)",
        "X = X",
        "class A(A): pass\nX = A.b",
        "class A(B): pass\nclass B(A): pass\nX = A.b",
    ],
)
def test_deep_recursion(source: str) -> None:
    found = project(a=source + TASK)
    assert len(spots(found)) <= 1
    assert [option(task, "time_limit") for task in found.tasks] in ([], ["unknown"], [1])


def test_five_thousand_tasks_in_one_file() -> None:
    source = "from celery import shared_task\n" + "".join(
        f"@shared_task(name='n{n}', time_limit={n})\ndef t{n}(x, y=1):\n    t{(n + 1) % 5000}.delay(x)\n"
        for n in range(5000)
    )
    start = time.process_time()
    found = project(big=source)
    assert (len(found.tasks), len(found.calls)) == (5000, 5000)
    assert time.process_time() - start < 5
