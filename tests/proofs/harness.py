"""Real Celery for the proofs: an app, a worker in a thread or in a process, and a look at what lies in a queue.

The broker lives in this process. It is kombu's memory transport with two differences: it gives the messages that were
not acknowledged back when a connection closes, as RabbitMQ and Redis do and the memory transport does not, and it
waits only briefly for messages, so that a worker stops at once.

``celery.contrib.testing.worker.start_worker`` lifts the guard against ``get()`` inside a task, which a worker in
production has; `worker` puts it back.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kombu.pools
from celery import Celery, _state
from celery.backends.cache import _DUMMY_CLIENT_CACHE
from celery.contrib.testing.worker import start_worker
from celery.worker import state as worker_state
from kombu.transport import TRANSPORT_ALIASES, memory, virtual

PATIENCE = 15.0
"""Seconds before a proof gives up; none of them waits so long when Celery does what is claimed."""


class Channel(memory.Channel):
    """A memory channel with queues of its own that restores unacknowledged messages when it closes."""

    queues: dict[str, Any] = {}
    do_restore = True


class Transport(memory.Transport):
    """The memory transport over that channel; it never waits longer than a moment."""

    Channel = Channel
    global_state = virtual.BrokerState()  # type: ignore[no-untyped-call]
    polling_interval = 0.002

    def drain_events(self, connection: Any, timeout: Any = None, **options: Any) -> None:
        super().drain_events(connection, timeout=0.02)  # type: ignore[no-untyped-call]


class App(Celery):  # type: ignore[misc]
    """An app whose tasks are its own: ``app.task`` would add them to every app of this process, those of other proofs
    too. Pass ``shared=True`` where that is what a proof is about."""

    def task(self, *args: Any, **options: Any) -> Any:
        return super().task(*args, **{"shared": False, **options})


def make_app(**settings: Any) -> Celery:
    """An app on the broker of this process, with results in memory. ``settings`` are Celery settings."""
    app = App("proof", broker="proof://", backend="cache+memory://", set_as_current=False)
    app.conf.update(worker_hijack_root_logger=False, **settings)
    return app


@contextlib.contextmanager
def broker() -> Iterator[None]:
    """Let kombu know the transport, with an empty broker. Only for a while: other tests ask which transports it has."""
    forget_everything()
    TRANSPORT_ALIASES["proof"] = f"{__name__}:Transport"
    try:
        yield
    finally:
        del TRANSPORT_ALIASES["proof"]
        forget_everything()


def forget_everything() -> None:
    """Empty the broker, the result store and what Celery keeps about workers. Apps made before can send no more."""
    kombu.pools.reset()  # type: ignore[no-untyped-call]
    Channel.queues.clear()
    Transport.global_state.clear()  # type: ignore[no-untyped-call]
    _DUMMY_CLIENT_CACHE.clear()
    worker_state.reset_state()
    worker_state.should_stop = worker_state.should_terminate = None


@contextlib.contextmanager
def worker(app: Celery, *, queues: tuple[str, ...] = (), pool: Any = "solo", **options: Any) -> Iterator[Any]:
    """A worker of ``app`` in a thread, which consumes ``queues`` or else what the app's settings say.

    ``options`` are those of the worker command in Python's spelling (``time_limit``, ``concurrency``). Gives the
    worker.
    """
    current, default = _state._tls.current_app, _state.default_app
    try:
        with start_worker(app, pool=pool, queues=queues or None, perform_ping_check=False, **options) as running:
            _state._set_task_join_will_block(running.pool_cls.task_join_will_block)
            yield running
    finally:
        _state._set_task_join_will_block(False)
        _state._set_current_app(current)
        _state.set_default_app(default)


def until(true: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Wait until ``true()`` is true and give its value. Raises AssertionError when it does not become true."""
    end = time.monotonic() + patience
    while not (value := true()):
        assert time.monotonic() < end, "what was waited for did not happen"
        time.sleep(0.005)
    return value


def finished(result: Any) -> Any:
    """The value of a task once it is done, or the exception that it raised, as a value."""
    until(result.ready)
    return result.get(propagate=False, disable_sync_subtasks=False)


def idle(*queues: str) -> bool:
    """Whether the queues are empty and every message taken from them is dealt with."""
    return not any(queued(queue) for queue in queues) and not worker_state.active_requests


@dataclass(frozen=True, slots=True)
class Queued:
    """One message in a queue, as the worker would receive it."""

    task: str
    args: list[Any]
    kwargs: dict[str, Any]
    headers: dict[str, Any]
    content_type: str


def queued(queue: str = "celery") -> list[Queued]:
    """The messages that lie in a queue, oldest first; the arguments of those that are not JSON stay empty."""
    held = Channel.queues.get(queue)
    return [_read(payload) for payload in list(held.queue)] if held is not None else []


def _read(payload: dict[str, Any]) -> Queued:
    args, kwargs = [], {}
    if payload["content-type"] == "application/json":
        args, kwargs, _ = json.loads(base64.b64decode(payload["body"]))
    headers = payload["headers"]
    return Queued(headers["task"], args, kwargs, headers, payload["content-type"])


def write_project(folder: Path, tasks: str) -> None:
    """Write ``tasks.py``: an ``app`` whose broker and results are files in ``folder``, a ``note(line)`` that adds a
    line to the notes, and then ``tasks``."""
    for name in ("queue", "control", "results"):
        (folder / name).mkdir()
    options = {"data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control"}
    transport = {name: str(folder / path) for name, path in options.items()} | {"polling_interval": 0.02}
    (folder / "tasks.py").write_text(
        "import os, signal, time\n"
        "from celery import Celery\n"
        f"app = Celery('proof', broker='filesystem://', backend='file://{folder / 'results'}')\n"
        f"app.conf.broker_transport_options = {transport!r}\n"
        "def note(line):\n"
        f"    with open({str(folder / 'notes')!r}, 'a') as notes:\n"
        "        notes.write(f'{line}\\n')\n" + tasks
    )


def notes(folder: Path) -> list[str]:
    """What the tasks of the project in ``folder`` have noted so far."""
    path = folder / "notes"
    return path.read_text().splitlines() if path.exists() else []


def send(folder: Path, *expressions: str) -> None:
    """Evaluate expressions such as ``charge.delay(1)`` in a process of their own that has imported the tasks.

    The messages come to the queue in whole files: kombu's transport makes a file before it writes to it, and a worker
    that looks in between takes an empty message, which is lost.
    """
    outbox = folder / "outbox"
    outbox.mkdir(exist_ok=True)
    aside = "app.conf.broker_transport_options['data_folder_out'] = 'outbox'"
    code = "; ".join(("from tasks import *", aside, *expressions))
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, timeout=60)
    for message in sorted(outbox.iterdir()):
        message.rename(folder / "queue" / message.name)


@contextlib.contextmanager
def worker_process(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """``celery worker`` over the project in ``folder``, with further command line arguments."""
    command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", "--without-mingle", "--without-gossip",
               "--without-heartbeat", "-l", "CRITICAL", *arguments]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
