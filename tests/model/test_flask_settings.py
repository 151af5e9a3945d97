"""Celery's settings inside Flask's configuration."""

from __future__ import annotations

import pytest
from in_memory import project, setting, tree

MAKE = """
from celery import Celery
def make_celery(app):
    celery = Celery(app.name)
    {load}
    return celery
"""
APP = "from flask import Flask\nfrom shop import config\nfrom shop.worker import make_celery\n"


@pytest.mark.parametrize(
    ("fill", "load"),
    [
        ("app.config.from_mapping(CELERY=config.CELERY)", "celery.config_from_object(app.config['CELERY'])"),
        ("app.config.from_object(config)", "celery.config_from_object(app.config['CELERY'])"),
        ("app.config.from_object('shop.config')", "celery.conf.update(app.config['CELERY'])"),
        ("app.config['CELERY'] = config.CELERY", "celery.conf.update(app.config.get('CELERY', {}))"),
        ("app.config.update(CELERY=config.CELERY)", "celery.config_from_object(app.config['CELERY'])"),
        ("app.config.from_object(config)", "celery.conf.update(app.config)"),
        ("app.config.from_object(config)", "celery.conf.update(app.config.get_namespace('CELERY_'))"),
        ("app.config.from_object(config.Production)", "celery.config_from_object(app.config['CELERY'])"),
        ("app.config.from_object(config.ALL[name])", "celery.config_from_object(app.config['CELERY'])"),
    ],
)
def test_the_ways_to_fill_and_read_it(fill: str, load: str) -> None:
    found = project(
        shop__worker=MAKE.format(load=load),
        shop__config="""
            CELERY = {"task_time_limit": 30}
            CELERY_TASK_TIME_LIMIT = 30
            CELERYD_TASK_TIME_LIMIT = 30
            class Base:
                CELERY = {"broker_url": "redis://", "task_time_limit": 5}
            class Production(Base):
                CELERY = {**Base.CELERY, "task_time_limit": 30}
            ALL = {"production": Production}
            """,
        shop____init__=APP
        + f"def create_app(name):\n    app = Flask(name)\n    {fill}\n    make_celery(app)\n    return app\n",
    )
    assert setting(found, "task_time_limit") == [30]
    assert not found.apps[0].opaque


def test_what_nobody_fills_hides_the_routing_too() -> None:
    found = project(
        worker="from celery import Celery\ndef make(app):\n    celery = Celery('x')\n"
        "    celery.config_from_object(app.config['CELERY'])\n    return celery\n",
        tasks="from celery import shared_task\n@shared_task\ndef one(): pass\n",
    )
    queue = found.routing.queue_of(found.tasks[0], found.settings_index)
    assert (bool(found.apps[0].opaque), queue.layer) == (True, "unknown")


def test_test_configurations_do_not_count_beside_others() -> None:
    found = tree(
        {
            "worker.py": "from celery import Celery\nimport flask\n"
            "def make(app):\n    c = Celery('x', broker=app.config['BROKER'])\n    return c\n",
            "config.py": "class Live:\n    BROKER = 'amqp://live'\nclass Testing:\n    BROKER = 'memory://'\n",
            "app.py": "import os, flask\napp = flask.Flask('x')\napp.config.from_object(os.environ['SETTINGS'])\n",
        }
    )
    assert setting(found, "broker_url") == ["amqp://live"]
