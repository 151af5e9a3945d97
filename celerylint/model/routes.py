"""Routes and queues as Celery expands them.

``task_routes`` is a dict, a list of dicts, tuples or router functions (``celery/app/routes.py:prepare``). In one dict
an exact name is looked up before any pattern, patterns in their order; only keys that hold ``*`` are globs
(``MapRoute.__init__``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from celerylint.facts.unknown import Unknown
from celerylint.model.builtin_calls import text_of
from celerylint.model.entities import App, Option, Route, Setting, Task
from celerylint.model.settings import Settings
from celerylint.model.values import Collection, Instance, Known, Table, Value, alternatives


class Routes:
    """All routes, and which of them a task takes."""

    def __init__(self, settings: Settings, apps: list[App]) -> None:
        self.settings = settings
        self.all: list[Route] = []
        self.opaque: dict[int, Unknown] = {}
        for app in apps or []:
            for setting in settings.of(app, "task_routes"):
                self._read(setting, app)

    def _read(self, setting: Setting, app: App) -> None:
        for option in alternatives(setting.value):
            self._expand(option, setting, app)

    def _expand(self, value: Value, setting: Setting, app: App) -> None:
        if isinstance(value, Table):
            for key, target in value.entries:
                self._entry(key, target, setting, app)
            if value.open:
                self._hide(app, Unknown("a route table that is not fully known", value.span))
        elif isinstance(value, Collection):
            if value.kind == "tuple" and len(value.items) == 2 and _is_pair(value.items):
                self._entry(value.items[0], value.items[1], setting, app)
                return
            for item in value.items:
                self._expand(item, setting, app)
            if value.open:
                self._hide(app, Unknown("a route list that is not fully known", value.span))
        elif isinstance(value, Known) and value.value in (None, "", ()):
            return
        else:
            reason = value.reason if isinstance(value, Unknown) else "a router function decides"
            self._hide(app, Unknown(reason, value.span))

    def _hide(self, app: App, unknown: Unknown) -> None:
        self.opaque.setdefault(id(app), unknown)

    def _entry(self, key: Value, target: Value, setting: Setting, app: App) -> None:
        if isinstance(key, Instance) and key.of == "re.compile" and key.args:
            pattern, kind = text_of(key.args[0]), "regex"
        else:
            pattern = text_of(key)
            kind = "glob" if pattern is not None and "*" in pattern else "name"
        if pattern is None:
            self._hide(app, Unknown("a route for a computed name", key.span))
            return
        self.all.append(Route(pattern, kind, key.span, target, app, len(self.all), setting.variant))

    def matching(self, name: str, app: App | None) -> Iterator[Route]:
        """The routes that a task of this name takes, the winning one first."""
        own = [r for r in self.all if app is None or r.app is app]
        yield from (r for r in own if r.kind == "name" and r.pattern == name)
        yield from (r for r in own if r.kind != "name" and matches(r, name))

    def queue_of(self, task: Task, settings: Settings) -> Option:
        """The queue a message of this task goes to when the call names none.

        The decorator's ``queue`` beats the routes (measured: options given to ``apply_async`` include the task's own,
        and the router only fills what is missing).
        """
        own = task.option("queue")
        if not (isinstance(own.value, Known) and own.value.value is None):
            return own
        for name in ("routing_key", "exchange"):
            option = task.declared.get(name)
            if option is not None and not (isinstance(option.value, Known) and option.value.value is None):
                return Option(Unknown(f"`{name}` decides", option.value.span), f"`{name}`", "decorator", option.span)
        if not isinstance(task.name, str):
            return Option(task.name, "its name is not known", "unknown", task.span)
        for route in self.matching(task.name, task.app):
            queue = route.queue()
            if queue is not None:
                return Option(queue, f"route `{route.pattern}`", "route", route.span)
            if isinstance(route.target, Unknown):
                return Option(route.target, f"route `{route.pattern}`", "route", route.span)
        hidden = self.opaque.get(id(task.app))
        if hidden is not None:
            return Option(hidden, hidden.reason, "unknown", hidden.span)
        for setting in settings.of(task.app, "task_default_queue"):
            return Option(setting.value, f"setting `{setting.spelled}`", "setting", setting.span)
        if task.app is not None and task.app.opaque:
            reason = task.app.opaque[0]
            return Option(reason, reason.reason, "unknown", reason.span)
        return Option(Known("celery", task.span), "Celery's default", "default")


def matches(route: Route, name: str) -> bool:
    """Whether a glob or regex route takes a task name."""
    if route.kind == "glob":
        return fnmatchcase(name, route.pattern)
    if route.kind == "regex":
        try:
            return re.match(route.pattern, name) is not None
        except re.error:
            return False
    return route.pattern == name


def _is_pair(items: tuple[Value, ...]) -> bool:
    """Whether a 2-tuple is a route ``(pattern, target)`` and not a list of two routers."""
    key, target = items
    is_key = text_of(key) is not None or (isinstance(key, Instance) and key.of == "re.compile")
    return is_key and not isinstance(target, Collection)
