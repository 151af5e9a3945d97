"""Which files are worth reading, by their names."""

from __future__ import annotations

import posixpath

import pytest

from celerylint.sources.choice import worth_reading


@pytest.mark.parametrize(
    "path",
    [
        "a.py", "shop/tasks.py", "Procfile", "Procfile.dev", "Dockerfile", "Dockerfile.worker", "worker.Dockerfile",
        "Containerfile", "docker-compose.yml", "k8s/worker.yaml", "pyproject.toml", "setup.cfg", "tox.ini",
        "supervisord.conf", ".ebextensions/01.config", "etc/celery.service", "run.sh", "run.bash", "celery.conf.j2",
        "chart/templates/worker.yaml", "_helpers.tpl", "Makefile", "makefile", "rules.mk", "requirements.txt",
        "requirements-dev.txt", "requirements/base.txt", "deps/requirements/prod.txt", "poetry.lock", "Pipfile",
        "shop/fixtures/beat.json", ".env", ".env.example", "prod.env", ".envs/.production/.django",
        "etc/services.d/worker/run", "compose/production/django/celery/worker/start", "docker/entrypoint",
        "bin/start-worker", "scripts/deploy/celery_beat", "docker-compose.yml.example", "celery.service.in",
    ],
)  # fmt: skip
def test_worth_reading(path: str) -> None:
    assert worth_reading(*posixpath.split(path))


@pytest.mark.parametrize(
    "path",
    [
        "a.pyi", "a.pyc", "README.md", "LICENSE", "bin/README", "bin/tool.exe", "notes.txt", "data.json", "shop/worker",
        ".gitignore", "logo.png", "app.js", "page.html.tmpl", "bin/.hidden", "py", "static/yml",
    ],
)  # fmt: skip
def test_not_worth_reading(path: str) -> None:
    assert not worth_reading(*posixpath.split(path))
