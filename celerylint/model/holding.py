"""How long messages are held back by their countdown, eta or retry delay, and how long the broker bears that.

A worker takes a message with an ETA from the broker at once and keeps it unacknowledged until the time has come. Redis
and SQS deliver again what stays unacknowledged beyond the visibility timeout; RabbitMQ closes the worker's channel
after its ``consumer_timeout``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.knowledge.transports import CONSUMER_TIMEOUT, VISIBILITY_TIMEOUT
from celerylint.model.entities import App, Call, Option, Task
from celerylint.model.functions import Event
from celerylint.model.production import for_production
from celerylint.model.repeats import explicit_retries, retries
from celerylint.model.scopes import Scope
from celerylint.model.sending import options_of
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.values import Collection, Known, Reference, Table, Value, alternatives
from celerylint.sources.spans import Span
from celerylint.versions import allows

if TYPE_CHECKING:
    from celerylint.model.project import Project

_MAX_DEPTH = 6
_CONFIGURATION = (
    ".conf", ".config", ".env", ".ini", ".json", ".sh", ".tf", ".toml", ".yaml", ".yml", ".j2", ".tpl", "Dockerfile",
)  # fmt: skip
"""Files that may set RabbitMQ's ``consumer_timeout``."""


@dataclass(frozen=True, slots=True)
class Patience:
    """``seconds`` that a broker of this kind waits for an acknowledgement, the place that says so, and whether that is
    certain (no environment variable may change it). ``doubtful`` when only settings of developers name the broker."""

    seconds: float
    span: Span
    kind: str
    certain: bool
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A message that is held for ``seconds``. ``exact``: always, not only at most; ``what`` in words."""

    seconds: float
    span: Span
    what: str
    task: Task | None
    exact: bool


class Holding:
    """Answers for the calls and the tasks of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._patience: dict[int, Patience | None] = {}

    def patience(self, task: Task | None) -> Patience | None:
        """How long the broker of a task's app waits; None when it has no such limit or when that is not known."""
        app = task.app if task is not None else None
        app = app or (self.project.apps[0] if len(self.project.apps) == 1 else None)
        if id(app) not in self._patience:
            self._patience[id(app)] = self._of_app(app)
        return self._patience[id(app)]

    def _of_app(self, app: App | None) -> Patience | None:
        stores = self.project.stores
        broker = stores.broker(app)
        if isinstance(broker.kind, Unknown):
            return None
        if broker.kind == "amqp":
            version = self.project.versions.get("celery")
            if broker.span is None or (version is not None and not allows(">=5.0", version)):
                return None  # RabbitMQ's of that time had no such limit
            if self._is_delayed_by_broker(app):
                return None
            return Patience(CONSUMER_TIMEOUT, broker.span, "amqp", False, self._for_developers(app, broker.span))
        explicit = self._explicit(app)
        if explicit is not None and broker.kind in VISIBILITY_TIMEOUT:
            return replace(explicit, kind=broker.kind, certain=explicit.certain and not broker.assumed)
        found = stores.visibility_timeout(app)
        if not isinstance(found, Known) or not isinstance(found.value, (int, float)):
            return None
        certain = found.assumed is None and not broker.assumed
        return Patience(float(found.value), found.span, broker.kind, certain)

    def _for_developers(self, app: App | None, place: Span) -> bool:
        """Whether only settings of developers name the broker: production may have another, or an older one."""
        places = [setting.span for setting in self.project.setting("broker_url", app)]
        return all(self._is_for_developers(span.path) for span in (places if place in places else [place]))

    def _is_for_developers(self, path: str) -> bool:
        if not for_production(path):
            return True
        module = self.project.modules_index.load(path) if path.endswith(".py") else None
        if module is None:
            return False
        debug = (
            self.project.evaluator.variable("DEBUG", module.scope, None)
            if "DEBUG" in module.scope.table.by_name
            else None
        )
        return "docker" in path.lower() or (isinstance(debug, Known) and debug.value is True and debug.assumed is None)

    def _explicit(self, app: App | None) -> Patience | None:
        """The shortest visibility timeout that production settings name; certain when all of them name this one."""
        named: list[Known] = []
        silent = app is not None and bool(app.opaque)
        for setting in self.project.setting("broker_transport_options", app):
            for option in alternatives(setting.value):
                value = option.get("visibility_timeout") if isinstance(option, Table) else None
                if isinstance(value, Known) and isinstance(value.value, (int, float)):
                    if for_production(value.span.path):
                        named.append(value)
                else:
                    silent = True
        if not named:
            return None
        least = min(named, key=lambda value: float(str(value.value)))
        certain = not silent and least.assumed is None and len({value.value for value in named}) == 1
        return Patience(float(str(least.value)), least.span, "", certain)

    def _is_delayed_by_broker(self, app: App | None) -> bool:
        """Whether RabbitMQ itself may hold delayed messages: since 5.5, with quorum queues."""
        version = self.project.versions.get("celery")
        if version is not None and not allows(">=5.5", version):
            return False
        for name in ("task_default_queue_type", "task_queues", "task_create_missing_queue_type"):
            for setting in self.project.setting(name, app):
                if name != "task_queues":
                    if not (isinstance(setting.value, Known) and setting.value.value == "classic"):
                        return True
                elif "quorum" in self.project.text(setting.span) or not isinstance(setting.value, Collection):
                    return True
        return False

    def bears(self, limit: Patience) -> bool:
        """Whether a configuration of the broker in this project makes it wait longer than it does by itself."""
        return limit.kind == "amqp" and self._names_consumer_timeout

    @cached_property
    def _names_consumer_timeout(self) -> bool:
        tree = self.project.tree
        return any(b"consumer_timeout" in tree.read(path) for path in tree.files if path.endswith(_CONFIGURATION))

    # What is held

    def of_call(self, call: Call) -> Held | None:
        """How long a call holds its message back, as far as that is a constant."""
        options = options_of(call, self.project)
        given = options.get("countdown") or options.get("eta")
        if given is None or call.how == "apply":
            return None
        moment = self.project.moments.of(given.expr, given.scope)
        if moment.kind == "date":
            return None if moment.seconds is None else Held(moment.seconds, given.span, "eta", call.target, True)
        if given.name == "eta":
            return None
        if moment.kind == "number" and moment.seconds is not None:
            exact = moment.value is None or moment.value.assumed is None
            return Held(moment.seconds, given.span, "countdown", call.target, exact)
        most = self.largest(given.expr, given.scope)
        return None if most is None else Held(most, given.span, "countdown", call.target, False)

    def of_task(self, task: Task) -> Iterator[Held]:
        """How long the retries of a task are held back by its own options."""
        if not retries(task):
            return
        autoretry = task.option("autoretry_for")
        automatic = isinstance(autoretry.value, Collection) and bool(autoretry.value.items)
        backoff = task.option("retry_backoff")
        if automatic and isinstance(backoff.value, Known) and backoff.value.value:
            yield from self._backoff(task, backoff)
        plain = [e for e in explicit_retries(task) if not _names_delay(e)]
        by_default = automatic and isinstance(backoff.value, Known) and not backoff.value.value
        arguments = task.option("retry_kwargs").value
        by_default = by_default and isinstance(arguments, Table) and arguments.get("countdown") is None
        delay = task.declared.get("default_retry_delay")
        if delay is not None and (plain or by_default):
            seconds = _number(delay.value)
            if seconds is not None and delay.span is not None:
                yield Held(seconds, delay.span, "retry delay", task, True)

    def _backoff(self, task: Task, backoff: Option) -> Iterator[Held]:
        """The longest delay of ``get_exponential_backoff_interval``: the cap, or less when the retries end before."""
        cap, limit = task.option("retry_backoff_max"), task.option("max_retries").value
        most, factor = _number(cap.value), _number(backoff.value)
        arguments = task.option("retry_kwargs").value
        if isinstance(arguments, Table) and arguments.get("max_retries") is not None:
            limit = arguments.get("max_retries") or limit
        place = cap.span or backoff.span
        if most is None or factor is None or place is None or not isinstance(limit, Known):
            return
        if isinstance(limit.value, int) and 0 < limit.value < 40:
            most = min(most, max(1, int(factor)) * 2 ** (limit.value - 1))
        jitter = task.option("retry_jitter").value
        yield Held(most, place, "retry backoff", task, isinstance(jitter, Known) and not jitter.value)

    # The largest of several constants

    def largest(self, expr: s.Expr, scope: Scope, depth: int = 0) -> float | None:
        """The largest number among the constants that an expression chooses from at run time
        (``DELAYS[self.request.retries]``); None when it computes one."""
        if depth > _MAX_DEPTH:
            return None
        evaluator = self.project.evaluator
        if isinstance(expr, (s.Conditional, s.Boolean)):
            parts = (expr.body, expr.orelse) if isinstance(expr, s.Conditional) else expr.operands
            return _most([self.largest(part, scope, depth + 1) for part in parts])
        if isinstance(expr, s.Subscript):
            return _most_of(evaluator.value(expr.value, scope))
        if isinstance(expr, s.Name):
            found = evaluator.definition(expr.path, scope, expr.pos) if "." not in expr.path else None
            if found is not None and found.binding.kind == "assign" and not found.changes and found.binding.value:
                return self.largest(found.binding.value, found.scope, depth + 1)
        if isinstance(expr, s.Call):
            return self._of_function(expr, scope, depth)
        return _number(evaluator.value(expr, scope))

    def _of_function(self, call: s.Call, scope: Scope, depth: int) -> float | None:
        """What a small function of the project returns, and ``TABLE.get(key, default)``."""
        evaluator = self.project.evaluator
        func = call.func
        if isinstance(func, s.Name) and func.path.endswith(".get") and call.args:
            table = evaluator.value(s.Name(func.pos, func.path[:-4]), scope)
            default = [self.largest(call.args[1], scope, depth + 1)] if len(call.args) > 1 else []
            return _most([_most_of(table), *default])
        value = evaluator.value(func, scope)
        function = value.symbol if isinstance(value, Reference) else None
        if not isinstance(function, FunctionSymbol) or function.node.is_async or function.node.is_generator:
            return _number(evaluator.value(call, scope))
        inner = evaluator.function_scope(function)
        returned = [e.node.value for e in function.body.returns if isinstance(e.node, s.Return) and e.node.value]
        return _most([self.largest(node, inner, depth + 1) for node in returned])


def _names_delay(event: Event) -> bool:
    return any(k.name in ("countdown", "eta", None) for k in event.call.keywords)


def _number(value: Value) -> float | None:
    plain = value.value if isinstance(value, Known) else None
    return float(plain) if isinstance(plain, (int, float)) else None


def _most(numbers: list[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return max(known) if known and len(known) == len(numbers) else None


def _most_of(value: Value) -> float | None:
    """The largest number in a list or dict of numbers."""
    found: list[float | None] = []
    for option in alternatives(value):
        if isinstance(option, Collection) and not option.open:
            found += [_number(item) for item in option.items]
        elif isinstance(option, Table) and not option.open:
            found += [_number(item) for _, item in option.entries]
        else:
            return None
    return _most(found)


WHO: dict[str, str] = {"redis": "Redis", "sqs": "SQS", "amqp": "RabbitMQ", "pgmq": "the broker", "slmq": "the broker"}
"""The brokers that lose patience, in words."""
