"""Calls in code that names a task and nothing else of Celery's."""

from __future__ import annotations

from in_memory import tree

APP = {"shop/__init__.py": "", "shop/celery.py": "from celery import Celery\napp = Celery('shop')\n"}
TASKS = {
    "shop/tasks.py": """
        from shop.celery import app

        @app.task
        def charge(number): ...

        def plain(number):
            charge(number)

        def other(number):
            return number
        """
}


def direct(files: dict[str, str]) -> list[tuple[str, int, str]]:
    found = tree({**APP, **TASKS, **files}).calls
    return [(c.span.path, c.span.line, c.label) for c in found if c.how == "direct"]


def test_functions_that_were_left_out() -> None:
    assert direct({}) == [("shop/tasks.py", 8, "shop.tasks.charge")]


def test_files_that_never_name_celery() -> None:
    views = {
        "shop/views.py": "from shop import tasks\ndef pay(n):\n    if n:\n        tasks.charge(n)\n",
        "shop/forms.py": "from shop.tasks import charge as pay\ndef save(n):\n    def inner():\n        pay(n)\n",
        "shop/late.py": "def pay(n):\n    from shop.tasks import charge\n    charge(n)\n",
    }
    places = [(path, line) for path, line, _ in direct(views) if path != "shop/tasks.py"]
    assert places == [("shop/forms.py", 4), ("shop/late.py", 3), ("shop/views.py", 4)]


def test_a_function_of_the_same_name_is_no_task() -> None:
    others = {
        "shop/views.py": "from shop import tasks\nfrom math import floor as charge\ndef pay(n):\n    charge(n)\n",
        "shop/tests/test_views.py": "from shop.tasks import charge\ndef test_pay():\n    charge(1)\n",
        "shop/unrelated.py": "def charge(n):\n    return n\ncharge(1)\n",
    }
    assert [path for path, _, _ in direct(others)] == ["shop/tasks.py"]


def test_no_tasks_no_mentions() -> None:
    assert tree({**APP, "shop/views.py": "from shop import tasks\ntasks.charge(1)\n"}).calls == []
