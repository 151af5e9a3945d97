"""Fixtures of the proofs."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import harness
import pytest
from django.db import connections


@pytest.fixture(autouse=True)
def fresh_broker() -> Iterator[None]:
    """No message and no result is left from another test."""
    with harness.broker():
        yield


@pytest.fixture
def shop() -> Iterator[ModuleType]:
    """The models of a Django app, on an empty SQLite database."""
    from django_shop import models  # importing it configures Django, so not before a proof needs it

    models.Order.objects.all().delete()
    yield models
    connections.close_all()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a Redis of this test run, behind a socket; tests that need it are skipped where it is absent."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with tempfile.TemporaryDirectory(prefix="redis") as folder:  # tmp_path can be too long for a socket's name
        socket = Path(folder) / "redis.sock"
        command = [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            harness.until(socket.exists)
            yield f"redis+socket://{socket}"
        finally:
            server.kill()
            server.wait()
