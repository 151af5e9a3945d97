"""How long messages are held back, and how long brokers bear it."""

from __future__ import annotations

import pytest
from in_memory import project, tree

from celerylint.model.project import Project

HEAD = """
from celery import Celery
app = Celery("shop", broker="redis://redis/0")
DELAYS = [30, 60, 7200]

def delay_of(number):
    table = {0: 10, 1: 14400}
    return table.get(number, 10)

@app.task(bind=True)
def remind(self, order_id):
    self.retry(countdown=DELAYS[self.request.retries] if order_id else 1)

def send(order):
    """

CALLS = {
    "countdown=300": (300, True),
    "countdown=order.wait": None,
    "countdown=DELAYS[order.tries]": (7200, False),
    "countdown=delay_of(order.tries)": (14400, False),
    "countdown=order.tries or 5": None,
    "countdown=60 if order else 5": (60, False),
    "eta=order.due": None,
    "queue='x'": None,
}


@pytest.mark.parametrize("option", CALLS)
def test_calls(option: str) -> None:
    found = project(shop__tasks=f"{HEAD}remind.apply_async((1,), {option})")
    held = found.holding.of_call(found.calls[-1])
    assert (None if held is None else (held.seconds, held.exact)) == CALLS[option]


def test_a_retry_is_a_call() -> None:
    found = project(shop__tasks=HEAD + "pass")
    [held] = [h for h in map(found.holding.of_call, found.calls) if h is not None]
    assert (held.seconds, held.exact) == (7200, False)


TASKS = {
    "bind=True, default_retry_delay=7200": [7200],
    "bind=True, default_retry_delay=7200, max_retries=0": [],
    "autoretry_for=(OSError,), default_retry_delay=50": [50],
    "autoretry_for=(OSError,), default_retry_delay=50, retry_kwargs={'countdown': 5}": [],
    "autoretry_for=(OSError,), default_retry_delay=50, retry_backoff=True, max_retries=3": [4],
    "autoretry_for=(OSError,), retry_backoff=30, retry_backoff_max=3600, max_retries=14": [3600],
    "autoretry_for=(OSError,), retry_backoff=30, retry_backoff_max=3600, max_retries=None": [3600],
    "default_retry_delay=7200": [],
}


@pytest.mark.parametrize("options", TASKS)
def test_tasks(options: str) -> None:
    self = "self" if "bind" in options else ""
    retry = "raise self.retry()" if self else "print(1)"
    source = f"from celery import Celery\napp = Celery('shop')\n@app.task({options})\ndef t({self}):\n    {retry}\n"
    found = project(shop__tasks=source)
    assert [held.seconds for held in found.holding.of_task(found.tasks[0])] == TASKS[options]


def patience(found: Project) -> tuple[float, str, bool] | None:
    limit = found.holding.patience(found.tasks[0])
    return None if limit is None or found.holding.bears(limit) else (limit.seconds, limit.kind, limit.certain)


BROKERS = {
    'Celery("shop", broker="redis://redis/0")': (3600, "redis", True),
    'Celery("shop", broker="sqs://")': (1800, "sqs", True),
    'Celery("shop", broker=os.environ.get("BROKER", "redis://redis/0"))': (3600, "redis", False),
    'Celery("shop", broker=os.environ["BROKER"])': None,
    'Celery("shop", broker="memory://")': None,
    'Celery("shop", broker="amqp://rabbit//")': (1800, "amqp", False),
    'Celery("shop")': None,
    'Celery("shop", broker="redis://redis/0")\napp.conf.broker_transport_options = {"visibility_timeout": 60}': (
        60, "redis", True,
    ),
    'Celery("shop", broker="amqp://rabbit//")\napp.conf.task_default_queue_type = "quorum"': None,
}  # fmt: skip


@pytest.mark.parametrize("app", BROKERS)
def test_brokers(app: str) -> None:
    source = f"import os\nfrom celery import Celery\napp = {app}\n@app.task\ndef t(): pass\n"
    assert patience(project(shop__tasks=source)) == BROKERS[app]


def test_what_makes_rabbitmq_wait_longer() -> None:
    source = "from celery import Celery\napp = Celery('shop', broker='amqp://rabbit//')\n@app.task\ndef t(): pass\n"
    assert patience(tree({"tasks.py": source, "deploy/rabbitmq.conf": "consumer_timeout = 1\n"})) is None
    assert patience(tree({"tasks.py": source, "requirements.txt": "celery==4.4.7\n"})) is None
    assert patience(tree({"tasks.py": source, "requirements.txt": "celery==5.4.0\n"})) == (1800, "amqp", False)
