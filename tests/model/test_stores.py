"""Which broker and which result backend an app uses, and how long the broker waits."""

from __future__ import annotations

import pytest
from in_memory import project, tree

from celerylint.facts.unknown import Unknown
from celerylint.model.project import Project
from celerylint.model.values import Known

APP = "import os\nfrom celery import Celery\napp = Celery('shop'{})\n{}"


def kinds(found: Project) -> tuple[str, str]:
    (app,) = found.apps
    stores = (found.stores.broker(app), found.stores.backend(app))
    broker, backend = ("unknown" if isinstance(store.kind, Unknown) else store.kind for store in stores)
    return broker, backend


@pytest.mark.parametrize(
    ("arguments", "more", "expected"),
    [
        ("", "", ("amqp", "disabled")),
        (", broker='redis://', backend='db+sqlite:///x'", "", ("redis", "db")),
        (", broker='sqs://', backend=None", "", ("sqs", "disabled")),
        (", broker=f'redis://{os.environ[\"HOST\"]}/0'", "", ("redis", "disabled")),
        (", broker=os.environ['URL']", "", ("unknown", "disabled")),
        ("", "app.conf.result_backend = os.environ.get('BACKEND', 'rpc://')", ("amqp", "rpc")),
        ("", "app.config_from_object('elsewhere')", ("unknown", "unknown")),
    ],
)
def test_the_settings_say_which(arguments: str, more: str, expected: tuple[str, str]) -> None:
    assert kinds(project(shop__app=APP.format(arguments, more))) == expected


def test_a_broker_of_eager_settings_alone_is_none_that_holds_messages() -> None:
    app = """
        import os
        from celery import Celery
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.dev")
        app = Celery("shop")
        app.config_from_object("django.conf:settings", namespace="CELERY")
    """
    dev = "INSTALLED_APPS = []\nCELERY_BROKER_URL = 'redis://'\nCELERY_TASK_ALWAYS_EAGER = True\n"
    files = {"shop/celery.py": app, "shop/settings/__init__.py": "", "shop/settings/dev.py": dev}
    files["manage.py"] = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.dev')\n"
    assert kinds(tree(files))[0] == "unknown"


def test_the_environment_of_the_workers_wins() -> None:
    compose = """
        services:
          worker:
            image: shop
            command: celery -A shop.app worker
            environment:
              CELERY_BROKER_URL: redis://redis:6379/0
    """
    found = tree({"shop/app.py": APP.format(", broker='amqp://'", ""), "docker-compose.yml": compose})
    assert kinds(found) == ("redis", "disabled")


@pytest.mark.parametrize(
    ("arguments", "more", "seconds"),
    [
        (", broker='redis://'", "", 3600),
        (", broker='sqs://'", "", 1800),
        (", broker='amqp://'", "", None),
        (", broker='redis://'", "app.conf.broker_transport_options = {'visibility_timeout': 2 * 3600}", 7200),
        (", broker='redis://'", "app.conf.broker_transport_options = {'x': 1}", 3600),
        (", broker='redis://'", "app.conf.broker_transport_options = {'visibility_timeout': int(X)}", "unknown"),
        (", broker=os.environ['URL']", "", "unknown"),
    ],
)
def test_how_long_the_broker_waits(arguments: str, more: str, seconds: object) -> None:
    found = project(shop__app=APP.format(arguments, more))
    value = found.stores.visibility_timeout(found.apps[0])
    assert (value.value if isinstance(value, Known) else "unknown" if value is not None else None) == seconds
