"""The eight nouns of the model. Rules are written against these.

Every list is in a stable order (path, then line). Whatever could not be read is an ``Unknown`` with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from celerylint.facts import syntax
from celerylint.facts.unknown import Unknown
from celerylint.model.values import Instance, Known, Table, Value
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.facts.syntax import Call as CallNode
    from celerylint.facts.syntax import Expr, Name
    from celerylint.model.functions import Body
    from celerylint.model.modules import Module
    from celerylint.model.scopes import Scope
    from celerylint.model.symbols import ClassSymbol, FunctionSymbol


@dataclass(slots=True)
class Option:
    """A value together with where it came from.

    ``origin`` is shown to people: "decorator", "base class `TenantTask`", "wrapper `retry_task`",
    "setting `task_time_limit`", "task_annotations", "worker command", "Celery's default".
    ``layer`` is one word for rules: decorator, wrapper, base, annotations, command, setting, default, call, unknown.
    """

    value: Value
    origin: str
    layer: str
    span: Span | None = None

    @property
    def known(self) -> bool:
        return isinstance(self.value, Known)

    @property
    def plain(self) -> object:
        """The constant, or None; ask ``known`` first where None is itself a meaning."""
        return self.value.value if isinstance(self.value, Known) else None


@dataclass(slots=True)
class Parameter:
    name: str
    kind: Literal["positional-only", "positional", "keyword-only", "args", "kwargs"]
    required: bool
    span: Span


@dataclass(slots=True)
class Signature:
    """What a caller of ``delay`` has to pass: ``self`` of a bound task is gone."""

    parameters: tuple[Parameter, ...]

    def __str__(self) -> str:
        parts = []
        seen_star = False
        for p in self.parameters:
            mark = {"args": "*", "kwargs": "**"}.get(p.kind, "")
            if p.kind == "args":
                seen_star = True
            if p.kind == "keyword-only" and not seen_star:
                parts.append("*")
                seen_star = True
            parts.append(f"{mark}{p.name}" + ("" if p.required or mark else "=..."))
        return f"({', '.join(parts)})"


@dataclass(slots=True)
class App:
    """One ``Celery(...)``: instance, subclass instance, factory product.

    ``main`` is its first argument. ``namespace`` is what ``config_from_object(namespace=...)`` says, "" without one.
    ``config_sources`` are the spans of every place its configuration is loaded from; ``opaque`` holds the reasons why
    some of its configuration cannot be seen (then absence of a setting proves nothing).
    """

    name: str
    main: Value | None
    module: str
    span: Span
    namespace: str = ""
    config_sources: tuple[Span, ...] = ()
    settings_modules: tuple[str, ...] = ()
    opaque: tuple[Unknown, ...] = ()
    configured_elsewhere: bool = False
    """Set when some of that configuration is in no file of the project."""
    task_class: ClassSymbol | None = None
    foreign_class: Unknown | None = None
    """Set when the app's class, or its task class, comes from a package that is not here."""
    django: bool = False
    lenient: bool | None = False
    """Whether ``strict_typing=False`` lets its tasks be called with any arguments; None when that is computed."""
    implicit: bool = False
    """No ``Celery(...)`` is written anywhere: the default app, as django-celery and Celery before 3.1 have it.
    ``span`` is then the first of its settings."""

    @property
    def label(self) -> str:
        """The name for messages: the one given to ``Celery("shop")``, else the variable's."""
        main = self.main.value if isinstance(self.main, Known) else None
        return main if isinstance(main, str) and main.replace(".", "_").replace("-", "_").isidentifier() else self.name


@dataclass(slots=True)
class Setting:
    """One configuration value as Celery resolves it. ``name`` is the new lower-case name, ``spelled`` what is written.

    ``layer``: "constructor", "config object", "conf", "django". ``variant`` names the settings module or branch for
    which it holds when there are several. ``effective`` is False when another layer wins over it.
    """

    name: str
    spelled: str
    value: Value
    span: Span
    layer: str
    app: App | None
    variant: str = ""
    effective: bool = True
    value_span: Span | None = None


@dataclass(slots=True)
class Task:
    """One task as a worker registers it.

    ``name`` is the registered name, Unknown when it cannot be computed. ``signature`` is Unknown when a decorator
    beneath injects arguments. ``span`` is the decorator (or class header), ``function_span`` the ``def`` line.
    ``declared`` are the options written on decorator, wrapper and base classes, nearest first; use ``option()`` for
    what Celery will really use.
    """

    name: str | Unknown
    module: Module
    span: Span
    function_span: Span
    kind: Literal["function", "class"]
    function: FunctionSymbol | None
    base: ClassSymbol | None
    app: App | None
    signature: Signature | Unknown
    bind: bool | Unknown
    declared: dict[str, Option]
    unknown_options: Unknown | None
    """Set when options were passed that cannot be read (``**opts``, a base class from elsewhere)."""
    decorator_span: Span | None = None
    """The exact span of the decorator expression (a call or a bare name): where an option can be added."""
    decorator_is_call: bool = False
    wrapper: str | None = None
    """Qualified name of the project's own decorator that made this task."""
    in_tests: bool = False
    aliases: tuple[str, ...] = ()
    explicit_name: bool = False
    shared: bool = False
    """Made by ``shared_task``: every app of the process has it; ``app`` is then the nearest one."""
    apps: tuple[App, ...] = ()
    """The apps whose settings may fill its options: ``app``, and those as near as it is."""
    effective: Callable[[str], Option] = field(default=None, repr=False)  # type: ignore[assignment]

    def option(self, name: str) -> Option:
        """The effective value of an option and where it came from, in the order Celery really has for it."""
        return self.effective(name)

    @property
    def label(self) -> str:
        """The name for messages: the registered one, else the function's."""
        if isinstance(self.name, str):
            return self.name
        return self.function.name if self.function else self.module.name

    @property
    def subject(self) -> str:
        return f"task:{self.label}"

    @property
    def body(self) -> Body | None:
        """The structured body of the function (or ``run``), None when there is none to read."""
        return self.function.body if self.function else None


@dataclass(slots=True)
class Call:
    """One place where a message is made (or a task is run in place).

    ``how``: delay, apply_async, send_task, signature, s, si, subtask, apply, retry, replace, direct, partial, reference
    (``task.delay`` handed over without a call), periodic. ``target`` is the task, ``target_name`` the string when a
    task is named by text. ``unresolved`` says why the target is not known.
    """

    how: str
    span: Span
    node: CallNode | None
    module: Module
    target: Task | None
    target_name: str | None
    unresolved: Unknown | None
    args: tuple[Value, ...] | Unknown
    kwargs: dict[str, Value] | Unknown
    options: dict[str, Value]
    arg_spans: tuple[Span, ...] = ()
    function: FunctionSymbol | None = None
    """The function in which the call stands; None at module level."""
    in_tests: bool = False
    options_open: bool = False
    named: bool = False
    """Whether the first argument tells the task, as in ``send_task("shop.charge", ...)``."""
    handed: Name | None = None
    """The name that hands the method over, for ``how`` "reference"."""
    sends: Call | None = None
    """The signature that ``delay`` or ``apply_async`` is called on (``charge.s(1).delay(2)``): its arguments come after
    those given here, unless it is immutable."""
    scope: Scope | None = field(default=None, repr=False)
    context: tuple[str, ...] = ()
    """Words about where it stands: "loop", "on_commit", "atomic" (by the name of a block or decorator around it; ask
    ``project.transactions`` for what holds a transaction), "task", "receiver", "except"; and the canvas that a
    signature is a member of: "chain" (``|`` too), "group", "chord", "link", "link_error", "on_error"."""

    def passed(self) -> Iterator[tuple[Expr, int | str]]:
        """The task's own arguments as written, each with its position or keyword; spreads are left out."""
        if self.node is None:
            return
        if self.method in PACKED:
            yield from _packed(self.node, self.first)
            return
        for position, arg in enumerate(self.node.args[self.first :]):
            if not isinstance(arg, syntax.Starred):
                yield arg, position
        for keyword in self.node.keywords:
            if keyword.name is not None:
                yield keyword.value, keyword.name

    @property
    def method(self) -> str:
        """``how``, but for ``partial(task.delay, 1)`` and ``sync_to_async(task.delay)(1)`` the method handed over."""
        if self.how not in ("partial", "sync_to_async") or self.node is None:
            return self.how
        args = self.node.args if self.how == "partial" else getattr(self.node.func, "args", ())
        return args[0].path.rpartition(".")[2] if args and isinstance(args[0], syntax.Name) else self.how

    @property
    def first(self) -> int:
        """How many positional arguments stand before the task's own (``args`` and ``kwargs`` where it takes those)."""
        return 1 if self.how == "partial" or (self.named and self.node is not None and self.node.args) else 0

    @property
    def label(self) -> str:
        return self.target.label if self.target else self.target_name or "?"


PACKED = ("apply_async", "apply_async_on_commit", "send_task", "signature", "subtask", "Signature", "apply", "retry")
"""The forms of a call that take the task's arguments as ``args=`` and ``kwargs=``."""


def _packed(node: CallNode, skip: int) -> Iterator[tuple[Expr, int | str]]:
    """The arguments inside ``args=`` and ``kwargs=`` displays, and ``kwargs=dict(...)``."""
    given = {k.name: k.value for k in node.keywords if k.name in ("args", "kwargs")}
    positional = node.args[skip:]
    args = given.get("args", positional[0] if positional else None)
    kwargs = given.get("kwargs", positional[1] if len(positional) > 1 else None)
    if isinstance(args, syntax.Display):
        yield from ((item, i) for i, item in enumerate(args.items) if not isinstance(item, syntax.Starred))
    if isinstance(kwargs, syntax.Mapping):
        for key, value in kwargs.items:
            if isinstance(key, syntax.Literal) and isinstance(key.value, str):
                yield value, key.value
    elif isinstance(kwargs, syntax.Call) and isinstance(kwargs.func, syntax.Name) and kwargs.func.path == "dict":
        yield from ((k.value, k.name) for k in kwargs.keywords if k.name is not None)


@dataclass(slots=True)
class ScheduleEntry:
    """One entry of the beat schedule. ``schedule`` is the value as written, ``key`` its name in the dict."""

    key: str | Unknown
    span: Span
    task: Value | None
    target: Task | None
    schedule: Value | None
    args: Value | None
    kwargs: Value | None
    options: Value | None
    app: App | None
    how: str
    """beat_schedule, add_periodic_task, periodic_task, PeriodicTask."""
    variant: str = ""
    value: Value | None = None
    """The whole entry as written."""
    table_span: Span | None = None
    """The dict display that holds the entry, None for entries added one by one."""
    in_tests: bool = False

    @property
    def task_name(self) -> str | None:
        if self.target and isinstance(self.target.name, str):
            return self.target.name
        return self.task.value if isinstance(self.task, Known) and isinstance(self.task.value, str) else None


@dataclass(slots=True)
class Route:
    """One rule of ``task_routes``: ``pattern`` (name, glob or regex) to the options in ``target``.

    ``kind``: name, glob, regex, function (Unknown router).
    """

    pattern: str
    kind: str
    span: Span
    target: Value
    app: App | None
    order: int
    variant: str = ""

    def queue(self) -> Value | None:
        """The queue it names, None when it names none."""
        if isinstance(self.target, Table):
            return self.target.get("queue")
        if isinstance(self.target, Known) and isinstance(self.target.value, str):
            return self.target
        if isinstance(self.target, Instance):
            return self.target.keyword("name", 0)
        return None


@dataclass(slots=True)
class Queue:
    """One queue by name: who declares it, who sends to it, who consumes it."""

    name: str
    declared: tuple[Span, ...] = ()
    producers: tuple[tuple[Span, str], ...] = ()
    consumers: tuple[Process, ...] = ()

    @property
    def span(self) -> Span | None:
        return self.declared[0] if self.declared else self.producers[0][0] if self.producers else None


@dataclass(slots=True)
class Process:
    """One command of Celery's found in a deployment file, Makefile, script or ``worker_main`` call.

    ``queues`` None: no ``-Q``, so it consumes ``task_queues`` or the default queue. ``options`` holds every option of
    the command line by its long name ("time-limit"), as str, True for flags, or Unknown.
    """

    kind: str
    """worker, beat, flower, multi, other."""
    name: str
    """The service, Procfile entry, workload or script that runs it."""
    source: str
    """compose, procfile, dockerfile, kubernetes, helm, systemd, supervisor, shell, s6, makefile, pyproject,
    cloudfoundry, python, yaml (any other YAML that starts things: Render, Heroku)."""
    span: Span
    app: str | Unknown | None
    queues: tuple[str, ...] | Unknown | None
    exclude_queues: tuple[str, ...] | Unknown
    pool: str | Unknown | None
    concurrency: int | Unknown | None
    time_limit: float | Unknown | None
    soft_time_limit: float | Unknown | None
    beat: bool
    replicas: int | Unknown
    options: dict[str, str | bool | Unknown] = field(default_factory=dict)
    argument_spans: dict[str, Span] = field(default_factory=dict)
    """Where each option of ``options`` is written, value included."""
    arguments: tuple[str, ...] = ()
    """The command's words as far as they are known, for messages and ``inspect``."""
    grace_seconds: float | Unknown | None = None
    environment: dict[str, str | Unknown] = field(default_factory=dict)
    production: bool = True
    """False when its file is plainly for development or tests (``docker-compose.dev.yml``, ``ci/``)."""
    prefix: tuple[str, ...] = ()
    """The words in front of ``celery``, those of an enclosing ``bash -c`` first."""
    unread: Unknown | None = None
    """Set when words that cannot be read may hold further options: then the absence of an option proves nothing."""
    platform: dict[str, str] = field(default_factory=dict)
    """What the platform says of it: "kind" (Deployment, CronJob), "strategy" (RollingUpdate), "restart", "stage"."""
