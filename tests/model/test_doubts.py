"""Where a finding is likely meant, or its premise is of a developer's machine: it is reported with low confidence."""

from __future__ import annotations

import pytest
from in_memory import tree

from celerylint.model.project import Project
from celerylint.rule import Rule
from celerylint.rules.arguments.result_wait_deadlock import ResultWaitDeadlock
from celerylint.rules.calls.call_beyond_visibility import CallBeyondVisibility
from celerylint.rules.calls.call_synchronous import CallSynchronous


def confidence(rule: Rule, project: Project) -> str | None:
    """That of the only finding; None when there is none."""
    found = [*rule.check_project(project), *(f for call in project.calls for f in rule.check_call(call, project))]
    assert len(found) < 2
    return found[0].confidence if found else None


WAITER = """
from celery import Celery
from celery.result import allow_join_result
from celery.schedules import crontab
app = Celery("shop", broker="redis://redis/0", backend="redis://redis/1")

@app.task(name="price")
def price():
    ...

@app.task(name="invoice")
def invoice():
    result = price.delay()
    with allow_join_result():
        print(result.get())

"""
ENTRY = "app.conf.beat_schedule = {{'a': {{'task': 'invoice', 'schedule': {}}}}}\n"
SEND = "def close():\n    invoice.delay()\n"


@pytest.mark.parametrize(("text", "worker", "expected"), [
    ("", "", "high"),
    (SEND, "", "high"),
    (ENTRY.format("3600.0"), "", "low"),
    (ENTRY.format("crontab(minute=0)"), "", "low"),
    (ENTRY.format("crontab()"), "", "high"),
    (ENTRY.format("60.0"), "", "high"),
    (ENTRY.format("unknown()"), "", "high"),
    (ENTRY.format("3600.0") + SEND, "", "high"),
    (ENTRY.format("3600.0"), "w: celery -A shop worker -c 1", "high"),
    (ENTRY.format("3600.0"), "w: celery -A shop worker -P solo", "high"),
    (ENTRY.format("3600.0"), "w: celery -A shop worker -c 4", "low"),
    (ENTRY.format("3600.0") + "app.conf.worker_concurrency = 1\n", "", "high"),
    ("app.add_periodic_task(7200.0, invoice.s())\n", "", "low"),
    (SEND, "w: celery -A shop worker -P gevent -c 100\nv: celery -A shop worker", "low"),
    (SEND, "w: celery -A shop worker -P gevent -c 4\nv: celery -A shop worker", "high"),
])  # fmt: skip
def test_a_task_that_hardly_ever_takes_all_slots(text: str, worker: str, expected: str) -> None:
    assert confidence(ResultWaitDeadlock(), tree({"shop.py": WAITER + text, "Procfile": worker})) == expected


def test_a_wait_that_is_never_reached() -> None:
    text = WAITER.replace("from celery.result import allow_join_result\n", "")
    (found,) = ResultWaitDeadlock().check_project(tree({"shop.py": text}))
    assert "`allow_join_result` is not defined" in found.message
    assert "slot" not in found.message


REMIND = """
from celery import Celery
app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")

@app.task
def remind():
    ...

def close():
    remind.apply_async(countdown=7200)
"""
RABBIT = "INSTALLED_APPS = []\nROOT_URLCONF = 'shop.urls'\nCELERY_BROKER_URL = 'amqp://rabbit//'\n"


@pytest.mark.parametrize(("settings", "expected"), [
    ({"base": RABBIT}, "medium"),
    ({"base": "DEBUG = False\n" + RABBIT}, "medium"),
    ({"base": "import os\nDEBUG = os.environ.get('DEBUG', True)\n" + RABBIT}, "medium"),
    ({"base": "DEBUG = True\n" + RABBIT}, "low"),
    ({"docker": RABBIT}, "low"),
    ({"dev": RABBIT}, "low"),
    ({"dev": RABBIT, "production": RABBIT}, "medium"),
])  # fmt: skip
def test_rabbitmq_on_a_developers_machine(settings: dict[str, str], expected: str) -> None:
    files = {"shop/__init__.py": "", "shop/celery.py": REMIND, "shop/settings/__init__.py": ""}
    files |= {f"shop/settings/{name}.py": text for name, text in settings.items()}
    assert confidence(CallBeyondVisibility(), tree(files)) == expected


VIEW = """
from django.views import View
from shop.tasks import attach_hook, other
from shop.hooks import update_hook, forget

class Resync(View):
    def post(self, request, number):
        if number:
            {}
        else:
            attach_hook(number)
"""
TASKS = """
from celery import Celery
app = Celery("shop", broker="redis://redis/0")

@app.task
def attach_hook(number):
    return number

@app.task
def other(number):
    return number

def nightly():
    attach_hook.delay(1)
"""
HOOKS = "def update_hook(number):\n    ...\n\ndef forget(number):\n    ...\n"


@pytest.mark.parametrize(("beside", "elsewhere", "expected"), [
    ("pass", "", "medium"),
    ("forget(number)", "", "medium"),
    ("other.delay(number)", "", "medium"),
    ("update_hook(number)", "", "low"),
    ("return other(number)", "", "low"),
    ("pass", "\ndef hook(number):\n    return attach_hook(number)\n", "low"),
])  # fmt: skip
def test_work_that_is_meant_to_be_done_in_place(beside: str, elsewhere: str, expected: str) -> None:
    files = {"shop/__init__.py": "", "shop/tasks.py": TASKS + elsewhere, "shop/hooks.py": HOOKS}
    found = confidence(CallSynchronous(), tree({**files, "shop/views.py": VIEW.format(beside)}))
    assert found == expected
