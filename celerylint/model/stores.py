"""The broker and the result backend that an app really uses, and how long a broker waits for an acknowledgement.

The environment wins over everything that is written (``celery/app/utils.py: Settings.broker_url`` and
``result_backend``), then come the settings in their order. What no place says is Celery's default: AMQP on localhost,
and no result backend.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.facts.unknown import Unknown
from celerylint.knowledge.transports import DEFAULT_BROKER, VISIBILITY_TIMEOUT, backend_kind, broker_kind
from celerylint.model.entities import App, Process, Setting
from celerylint.model.values import Known, Table, Value, alternatives
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

_SCHEME = re.compile(r"""^[A-Za-z]*["']+([A-Za-z][\w+]*)://""")
"""The scheme of a URL whose rest is put together at run time (``f"redis://{HOST}/0"``)."""

_VARIABLES = {"broker_url": "CELERY_BROKER_URL", "result_backend": "CELERY_RESULT_BACKEND"}


@dataclass(frozen=True, slots=True)
class Store:
    """``kind`` is "redis", "amqp", "sqs" ... for brokers (values of ``knowledge.transports.BROKERS``), "redis", "rpc",
    "db", "disabled" ... for backends; Unknown when it cannot be read or differs between settings modules.

    ``span`` is the setting that says so, None for Celery's default. ``assumed`` tells that the environment may say
    otherwise.
    """

    kind: str | Unknown
    span: Span | None = None
    assumed: bool = False


class Stores:
    """Answers for each app."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def broker(self, app: App | None) -> Store:
        """The kind of broker, from the configuration of celerylint, the processes' environment, or the settings."""
        if self.project.given.broker:
            return Store(self.project.given.broker)
        return self._store(app, "broker_url", DEFAULT_BROKER)

    def backend(self, app: App | None) -> Store:
        """The kind of result backend; "disabled" when none is configured."""
        return self._store(app, "result_backend", "disabled")

    def visibility_timeout(self, app: App | None) -> Known | Unknown | None:
        """Seconds after which the broker delivers again what is not acknowledged, as a Known with the place that says
        so (for the default, the place that names the broker); None for brokers that have no such timeout."""
        broker = self.broker(app)
        if isinstance(broker.kind, Unknown):
            return broker.kind
        default = VISIBILITY_TIMEOUT.get(broker.kind)
        if default is None:
            return None
        where = broker.span or (app.span if app is not None else None)
        if where is None:
            return Unknown("no app is visible", Span("", 1, 1, 1, 1))
        if app is not None and app.opaque:
            return app.opaque[0]
        found: list[Value] = []
        for setting in self.project.setting("broker_transport_options", app):
            for option in alternatives(setting.value):
                if not isinstance(option, Table):
                    return Unknown("broker_transport_options cannot be read", setting.span)
                value = option.get("visibility_timeout")
                if value is None and option.open:
                    return Unknown("broker_transport_options may hold more", setting.span)
                found.append(value if value is not None else Known(default, where))
        seconds = [v for v in found if isinstance(v, Known) and isinstance(v.value, (int, float))]
        if not found:
            return Known(default, where)
        if len(seconds) < len(found) or len({v.value for v in seconds}) > 1:
            return Unknown("the visibility timeout is computed", found[0].span)
        return seconds[0]

    def _store(self, app: App | None, name: str, default: str) -> Store:
        outside = self._environment(name)
        if outside is not None:
            return outside
        named = self.project.setting(name, app)
        eager = self._eager_variants(app)
        settings = [setting for setting in named if setting.variant not in eager]
        if named and not settings:
            return Store(Unknown("it is named only where tasks run eagerly", named[0].span))
        if not settings:
            if app is None and len(self.project.apps) != 1:
                return Store(Unknown("no app is visible", Span("", 1, 1, 1, 1)))
            app = app or self.project.apps[0]
            if app.opaque:
                return Store(app.opaque[0])
            if app.foreign_class is not None:
                return Store(app.foreign_class)
            return Store(default)
        kinds = {self._kind(option, setting, name) for setting in settings for option in alternatives(setting.value)}
        first = settings[0]
        assumed = any(isinstance(o, Known) and o.assumed for x in settings for o in alternatives(x.value))
        kind = kinds.pop() if len(kinds) == 1 else None
        return Store(kind or Unknown(f"`{first.spelled}` is computed", first.span), first.span, assumed)

    def _eager_variants(self, app: App | None) -> set[str]:
        """The settings modules in which every task runs in the caller: no broker of theirs holds a message."""
        found = self.project.setting("task_always_eager", app)
        return {x.variant for x in found if x.variant and all(_is_true(option) for option in alternatives(x.value))}

    def _kind(self, value: Value, setting: Setting, name: str) -> str | None:
        kind_of = broker_kind if name == "broker_url" else backend_kind
        if isinstance(value, Known) and value.value is None:
            return "disabled" if name == "result_backend" else None
        if isinstance(value, Known) and isinstance(value.value, str):
            if not value.value:
                return "disabled" if name == "result_backend" else None
            return kind_of(value.value)
        for place in (value.span, setting.value_span):
            scheme = _SCHEME.match(self.project.text(place)) if place is not None else None
            if scheme is not None:
                return kind_of(f"{scheme[1]}://")
        return None

    def _environment(self, name: str) -> Store | None:
        """What the environment of the workers says, which beats every setting."""
        variable = _VARIABLES[name]
        processes: list[Process] = [p for p in self.project.processes if p.production and variable in p.environment]
        if not processes:
            return None
        kind_of = broker_kind if name == "broker_url" else backend_kind
        kinds = {kind_of(text) if isinstance(text := p.environment[variable], str) else None for p in processes}
        kind = kinds.pop() if len(kinds) == 1 else None
        where = processes[0].span
        return Store(kind or Unknown(f"{variable} is set by the deployment", where), where)


def _is_true(value: Value) -> bool:
    return isinstance(value, Known) and value.value is True and value.assumed is None
