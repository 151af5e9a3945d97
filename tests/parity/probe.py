"""Import one project as its worker would and print what Celery then has, as JSON.

Usage: ``python -B -E -s probe.py APP FOLDER [FOLDER ...]`` in the project's folder, where APP is ``module:attribute``.
Nothing is sent and nothing is listened to; a connection to anywhere is an error.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

from forms import form

OPTIONS = (
    "max_retries",
    "default_retry_delay",
    "rate_limit",
    "ignore_result",
    "acks_late",
    "acks_on_failure_or_timeout",
    "reject_on_worker_lost",
    "time_limit",
    "soft_time_limit",
    "serializer",
    "queue",
    "routing_key",
    "exchange",
    "priority",
    "expires",
    "autoretry_for",
    "dont_autoretry_for",
    "retry_backoff",
    "retry_backoff_max",
    "retry_jitter",
    "retry_kwargs",
    "compression",
    "track_started",
    "send_events",
    "store_errors_even_if_ignored",
    "trail",
    "typing",
    "throws",
)
UNSET = {
    "autoretry_for": (),
    "dont_autoretry_for": (),
    "retry_backoff": False,
    "retry_backoff_max": 600,
    "retry_jitter": True,
    "retry_kwargs": {},
}
"""What ``celery.app.autoretry`` falls back to when a task has no such attribute."""

FROM_SETTINGS = {
    "time_limit": "task_time_limit",
    "soft_time_limit": "task_soft_time_limit",
    "compression": "task_compression",
}
"""Options that Celery leaves None on the task and takes from the settings when the message is made or runs."""


def refuse(*_: Any) -> None:
    raise ConnectionError("the probe stays at home")


def load(app_path: str, folders: list[str]) -> Any:
    """The finalized application with all its task modules imported."""
    for folder in reversed(folders):
        sys.path.insert(0, os.path.abspath(folder))
    socket.socket.connect = refuse  # type: ignore[method-assign]
    module, _, attribute = app_path.partition(":")
    app = getattr(importlib.import_module(module), attribute)
    app.loader.import_default_modules()
    app.finalize()
    return app


def original(task: Any) -> Any:
    """The function as written: beneath autoretry, ``functools.wraps`` and binding."""
    function = inspect.unwrap(task.run)
    return inspect.unwrap(getattr(function, "__func__", function))


def place(function: Any) -> tuple[str, int]:
    """File and line of the ``def`` itself (a code object begins at its first decorator)."""
    code = function.__code__
    for node in ast.walk(ast.parse(Path(code.co_filename).read_bytes())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first == code.co_firstlineno and node.name == code.co_name:
                return Path(os.path.relpath(code.co_filename)).as_posix(), node.lineno
    raise LookupError(f"{code.co_name} is not in {code.co_filename}")


def signature(task: Any) -> list[list[Any]]:
    """What a sender passes: ``run`` without its bound first parameter."""
    kinds = {
        inspect.Parameter.POSITIONAL_ONLY: "positional-only",
        inspect.Parameter.POSITIONAL_OR_KEYWORD: "positional",
        inspect.Parameter.KEYWORD_ONLY: "keyword-only",
        inspect.Parameter.VAR_POSITIONAL: "args",
        inspect.Parameter.VAR_KEYWORD: "kwargs",
    }
    return [
        [p.name, kinds[p.kind], p.default is p.empty and kinds[p.kind] not in ("args", "kwargs")]
        for p in inspect.signature(task.run).parameters.values()
    ]


def option(task: Any, name: str, conf: Any) -> Any:
    value = getattr(task, name, UNSET.get(name))
    if value is None and name in FROM_SETTINGS:
        value = conf[FROM_SETTINGS[name]]
    return form(value)


def queue_name(app: Any, name: str, options: dict[str, Any]) -> str:
    return str(app.amqp.router.route(dict(options), name)["queue"].name)


def describe(app: Any, task: Any) -> dict[str, Any]:
    path, line = place(original(task))
    own = {key: value for key, value in task._get_exec_options().items() if value is not None}
    is_function = getattr(task, "_decorated", False)
    return {
        "path": path,
        "line": line,
        "kind": "function" if is_function else "class",
        "class_line": None if is_function else inspect.getsourcelines(type(task))[1],
        "bind": not isinstance(inspect.getattr_static(type(task), "run"), staticmethod),
        "signature": signature(task),
        "options": {name: option(task, name, app.conf) for name in OPTIONS},
        "queue": queue_name(app, task.name, own),
        "route": queue_name(app, task.name, {}),
    }


def schedule(app: Any) -> dict[str, Any]:
    """The beat schedule as beat reads it, missing parts filled in as ``ScheduleEntry`` does."""
    return {
        key: {
            "task": entry["task"],
            "schedule": form(entry["schedule"]),
            "args": form(entry.get("args") or ()),
            "kwargs": form(entry.get("kwargs") or {}),
            "options": form(entry.get("options") or {}),
        }
        for key, entry in app.conf.beat_schedule.items()
    }


def settings(app: Any) -> dict[str, Any]:
    """Every setting Celery knows: ``[value, Celery's default]``.

    The time zone is the one Celery works with, which may be Django's (``celery/app/utils.py:Settings.timezone``).
    """
    from celery.app.defaults import DEFAULTS

    values = {**{name: app.conf[name] for name in DEFAULTS}, "timezone": app.conf.timezone}
    return {name: [form(values[name]), form(default)] for name, default in DEFAULTS.items()}


def main(app_path: str, *folders: str) -> None:
    app = load(app_path, list(folders))
    own = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    answer = {
        "tasks": {name: describe(app, task) for name, task in sorted(own.items())},
        "settings": settings(app),
        "schedule": schedule(app),
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
