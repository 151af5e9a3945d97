"""What expressions are worth: conditions, comprehensions, the environment, declared settings."""

from __future__ import annotations

import pytest
from in_memory import option, project, tree


def limit(source: str) -> object:
    found = project(
        shop="from celery import shared_task\n" + source + "\n@shared_task(time_limit=X)\ndef one(): pass\n"
    )
    return option(found.tasks[0], "time_limit")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("X = 1 if 2 > 1 else 5", 1),
        ("X = [n for n in (1, 2, 3) if n != 2][1]", 3),
        ("X = {k: v for d in ({'a': 1}, {'b': 2}) for k, v in d.items()}['b']", 2),
        ("def f(a=None):\n    if a is None:\n        return 7\n    return a\nX = f()", 7),
        ("def f(*a):\n    if len(a) == 1 and not callable(a[0]):\n        return 8\n    return 9\nX = f(3)", 8),
        ("f = lambda a: a + 1\nX = f(3)", 4),
        ("X = 5\nX = {'a': X}['a']", 5),
        ("D = {}\nfor k in ('a', 'b'):\n    D[k] = len(k) + 1\nX = D['b']", 2),
        ("D = {}\nfor k in unknown:\n    D[k] = 1\nX = D.get('b')", "unknown"),
        ("from kombu import Exchange\nX = len(Exchange('abc', type='topic').name)", 3),
        ("import os\ndef env_bool(name, default=False):\n"
         "    return os.environ.get(name, str(default)).lower() in {'1'}\nX = env_bool('A')", False),
        ("import os\ndef env_int(name, default):\n"
         "    return int(os.environ.get(name, default))\nX = env_int('A', '4')", 4),
        ("from configurations import values\nX = values.IntegerValue(6, environ_prefix=None)", 6),
        ("from configurations import values\nX = values.SecretValue()", "unknown"),
        ("from pydantic import Field\nX = Field(3, env='A')", 3),
        ("from pydantic import Field\nX = Field(...)", "unknown"),
    ],
)  # fmt: skip
def test_values(source: str, expected: object) -> None:
    assert limit(source) == expected


def test_the_environment_may_change_what_pydantic_settings_declare() -> None:
    found = project(
        shop="from celery import shared_task\nfrom pydantic_settings import BaseSettings\n"
        "class S(BaseSettings):\n    limit: int = 5\ns = S()\n@shared_task(time_limit=s.limit)\ndef one(): pass\n"
    )
    value = found.tasks[0].option("time_limit").value
    assert (value.value, value.assumed) == (5, "environment variable LIMIT")  # type: ignore[union-attr]


def test_a_star_import_brings_what_all_lists() -> None:
    found = project(
        c="from celery import shared_task\n__all__ = ['f', '_g']\n@shared_task\ndef f(): pass\n"
        "@shared_task\ndef _g(): pass\n@shared_task\ndef h(): pass\n",
        d="from c import *\ndef go():\n    f.delay()\n    _g.delay()\n    h.delay()\n",
    )
    assert [c.target.name if c.target else None for c in found.calls] == ["c.f", "c._g", None]


def test_workers_that_code_starts() -> None:
    files = {
        "a.py": "from celery import Celery\napp = Celery('a')\n",
        "run.py": "from a import app\ndef main():\n    app.worker_main(['worker', '-Q', 'x,y', '--concurrency=4'])\n",
        "thread.py": "from a import app\nimport threading\nthreading.Thread().start()\napp.start()\n",
    }
    (process,) = tree(files).processes
    assert (process.kind, process.name, process.queues, process.concurrency) == ("worker", "main", ("x", "y"), 4)
    assert (process.span.path, process.span.line, process.production) == ("run.py", 3, True)
    deployed = tree({**files, "Procfile": "worker: celery -A a worker -Q z\n"})
    assert [(p.source, p.production) for p in deployed.processes] == [("procfile", True), ("python", False)]
