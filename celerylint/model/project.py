"""The model: what Celery will see when this project runs. Built once, asked by rules."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from celerylint.facts.syntax import Call as CallNode
from celerylint.facts.syntax import Expr
from celerylint.facts.unknown import Unknown
from celerylint.knowledge.exceptions import suggestion
from celerylint.model.apps import Apps
from celerylint.model.arguments import Arguments
from celerylint.model.arity import Arity
from celerylint.model.binding import Passed, passed_by
from celerylint.model.callees import Callees
from celerylint.model.callers import Callers
from celerylint.model.calls import Calls, Read, Refused
from celerylint.model.canvas import Canvases
from celerylint.model.commits import Commits
from celerylint.model.django import DjangoSettings
from celerylint.model.effective import Effective
from celerylint.model.effects import Effects
from celerylint.model.entities import App, Call, Process, Queue, Route, ScheduleEntry, Setting, Task
from celerylint.model.evaluate import Evaluator
from celerylint.model.factories import Factories
from celerylint.model.flask import FlaskConfig
from celerylint.model.given import Given
from celerylint.model.given_by_callers import GivenByCallers
from celerylint.model.holding import Holding
from celerylint.model.kinds import Kinds
from celerylint.model.mentions import Mentions
from celerylint.model.modules import Module, Modules
from celerylint.model.moments import Moments
from celerylint.model.passing import hands_arguments_on
from celerylint.model.processes import find_processes
from celerylint.model.queues import Queues
from celerylint.model.results import Results
from celerylint.model.routes import Routes
from celerylint.model.schedule import Schedule
from celerylint.model.scopes import Branch, Scope, branch_at, excludes
from celerylint.model.services import Service, find_services
from celerylint.model.settings import Settings, SettingsReader
from celerylint.model.sorts import Sorts
from celerylint.model.stores import Stores
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.tasks import Tasks
from celerylint.model.taught_types import Taught, find_taught
from celerylint.model.transactions import Transactions
from celerylint.model.unheard import Unheard
from celerylint.model.uses import Uses
from celerylint.model.values import Reference, Value
from celerylint.model.versions import find_versions, is_of_python2
from celerylint.model.waiting import Waiting
from celerylint.model.worker_main import processes_in
from celerylint.model.wrappers import TaskWords
from celerylint.sources.prefilter import is_test_path, names_celery
from celerylint.sources.spans import Span
from celerylint.sources.tree import Tree

__all__ = ["Module", "Project", "build"]


class Project:
    """Everything known of one project. Lists are ordered by path and line.

    ``blind_spots`` are the places that could not be read and why; ``files`` counts the Python files that name Celery.
    """

    def __init__(self, tree: Tree, given: Given) -> None:
        self.root: Path = tree.root
        self.tree = tree
        self.given = given
        self.versions: dict[str, str | None] = find_versions(tree)
        if given.celery:
            self.versions["celery"] = given.celery
        self.modules_index = Modules(tree)
        candidates = list(self._candidates(tree))
        self.evaluator = Evaluator(self.modules_index)
        self.factories = Factories(self.evaluator)
        self.django = DjangoSettings(self.evaluator, given.settings)
        self.evaluator.django_setting = self.django.lookup
        self.flask = FlaskConfig(self.evaluator)
        self.evaluator.flask_setting = self.flask.lookup
        modules = [m for m in map(self.modules_index.load, candidates) if m is not None]
        self.files = len(candidates)

        apps = Apps(self.evaluator, self.factories)
        for module in modules:
            apps.learn(module)
        for module in modules:
            apps.collect(module)
        modules += self._users(modules, apps)
        if not apps.by_span and modules:
            for path in tree.python_files:
                if path.rpartition("/")[2] == "celeryconfig.py":
                    configured = self.modules_index.load(path)
                    if configured is not None:
                        apps.add_implicit(configured)
            for configured in self.django.modules:
                apps.add_implicit(configured)
        self.apps: list[App] = [a for a in apps.all() if not is_test_path(a.span.path)]
        tasks = Tasks(self.evaluator, self.factories, apps)
        for module in modules:
            tasks.collect(module)
        self.evaluator.task_name = tasks.name_of
        self.tasks: list[Task] = sorted(tasks.found, key=lambda t: t.span)
        by_name = {t.name: t for t in self.tasks if isinstance(t.name, str)}

        reader = SettingsReader(self.evaluator, apps, self.django, self.flask, self.versions.get("celery"))
        self._settings: Settings = reader.read(modules)
        self.processes: list[Process]
        self.processes, self._process_blind_spots = find_processes(tree, given.deploy)
        self._add_started_by_code(modules, apps)
        self.effective = Effective(self._settings, self.processes)
        for task in self.tasks:
            self.effective.attach(task)

        calls = Calls(self.evaluator, tasks, by_name)
        for module in modules:
            calls.collect(module)
        self._add_mentions(modules, calls)
        celery_is_used = bool(self.tasks or self.apps)  # other job queues have `.delay()` too
        found = (c for c in calls.found if celery_is_used or c.unresolved is None)
        self.calls: list[Call] = sorted(found, key=lambda c: c.span)
        schedule = Schedule(self.evaluator, apps, calls, by_name)
        schedule.from_settings(self._settings, self.apps)
        schedule.from_tasks(self.tasks)
        schedule.from_fixtures(tree, self.apps[0] if len(self.apps) == 1 else None)
        for module in modules:
            schedule.collect(module)
            schedule.from_templates(module)
        self.schedule: list[ScheduleEntry] = sorted(schedule.entries, key=lambda e: e.span)
        self.routing = Routes(self._settings, self.apps)
        self.routes: list[Route] = self.routing.all
        self.queueing = Queues(self._settings, self.routing, self.apps)
        self.queues: dict[str, Queue] = self.queueing.join(self.tasks, self.calls, self.schedule, self.processes)
        self.sorts = Sorts(self.evaluator, bool(self.django.modules) or self.modules_index.imports("django"))
        self.callees = Callees(self.evaluator, self.sorts)
        python2 = any(m.facts.old for m in modules) or is_of_python2(self.versions)
        self.kinds = Kinds(self.evaluator, self.sorts, self.callees, tasks, python2)
        self.transactions = Transactions(self.callees, self.django, self.calls, calls.by_node)
        self.effects = Effects(self.evaluator, self.callees, given, calls.by_node)
        self._hidden_schedule = schedule.hidden
        self.tasks_index = tasks
        self._made = calls.made
        self._calls = calls
        self._by_name = by_name
        self.modules_index.settle()

    def _add_started_by_code(self, modules: list[Module], apps: Apps) -> None:
        """Workers started by Python code; a convenience for developers where deployment files start workers too."""
        deployed = any(p.kind in ("worker", "multi") and p.production for p in self.processes)
        for module in modules:
            for process in processes_in(module, self.evaluator, apps):
                process.production = process.production and not deployed
                self.processes.append(process)

    def _add_mentions(self, modules: list[Module], calls: Calls) -> None:
        """Calls in files and functions that name a task and nothing else of Celery's."""
        mentions = Mentions(self.evaluator, self.tasks)
        read = {module.path for module in modules}
        rest = [path for path in self.tree.python_files if path not in read and not is_test_path(path)]
        callers = [m for m in map(self.modules_index.load, mentions.unread(self.tree, rest)) if m is not None]
        for module in callers:
            calls.collect(module)
        for module in (*modules, *callers):
            for scope in mentions.scopes(module, self.tree):
                calls.collect_function(scope)

    def _candidates(self, tree: Tree) -> Iterator[str]:
        """Production files that name Celery; test folders are read only when production code imports from them."""
        for path in tree.python_files:
            if is_test_path(path):
                continue
            data = tree.read(path)
            if names_celery(data):
                self.modules_index.learn_imports(data)
                yield path

    def _users(self, modules: list[Module], apps: Apps) -> list[Module]:
        """Production files that never name Celery but use the project's own app, task decorators or task classes.

        They may define further decorators and classes, so the rest is looked through again until nothing new turns up.
        """
        words = TaskWords(self.evaluator, self.factories)
        found: list[Module] = []
        seen = {module.path for module in modules}
        rest = [path for path in self.tree.python_files if path not in seen and not is_test_path(path)]
        fresh = modules
        while rest and fresh and words.learn(fresh, bool(apps.by_span)):
            users = [path for path in rest if words.used_in(self.tree.read(path))]
            fresh = [m for m in map(self.modules_index.load, users) if m is not None]
            for module in fresh:
                apps.collect(module)
            found += fresh
            rest = sorted(set(rest) - set(users))
        return found

    @cached_property
    def commits(self) -> Commits:
        """What is registered for the commit of a transaction."""
        return Commits(self.callees, self._calls.hooks, self.calls, self._calls.by_node)

    @cached_property
    def services(self) -> list[Service]:
        """The brokers and caches that deployment files start, read when first asked for."""
        return find_services(self.tree, self.given.deploy)

    @cached_property
    def stores(self) -> Stores:
        """The broker and the result backend of each app."""
        return Stores(self)

    @cached_property
    def uses(self) -> Uses:
        """What becomes of the value of an expression."""
        return Uses(self.evaluator)

    @cached_property
    def results(self) -> Results:
        """Every result and what is done with it."""
        return Results(self, self._made)

    @cached_property
    def waiting(self) -> Waiting:
        """Every place that waits for a result, and the tasks that get there."""
        return Waiting(self)

    @cached_property
    def arguments(self) -> Arguments:
        """The arguments of calls as expressions, and what kind of value they are."""
        return Arguments(self)

    @cached_property
    def callers(self) -> Callers:
        """Who calls a function of the project."""
        return Callers(self.callees, self.tasks_index)

    @cached_property
    def given_by_callers(self) -> GivenByCallers:
        """What parameters are, by what callers pass."""
        return GivenByCallers(self)

    @cached_property
    def taught(self) -> Taught:
        """The types that the project teaches the JSON serializer."""
        return find_taught(self)

    @cached_property
    def unheard(self) -> Unheard:
        """Which settings nothing in the project names."""
        return Unheard(self)

    @cached_property
    def arity(self) -> Arity:
        """Whether the arguments of a call fit its task."""
        return Arity(self)

    @cached_property
    def holding(self) -> Holding:
        """How long messages are held back, and how long the broker bears it."""
        return Holding(self)

    @cached_property
    def moments(self) -> Moments:
        """What options that mean times are."""
        return Moments(self)

    @cached_property
    def canvases(self) -> Canvases:
        """Chains, groups, chords and callbacks, read when first asked for."""
        return Canvases(self, self._calls)

    def passed_by(self, call: Call) -> Passed:
        """How many positional arguments and which keywords the task gets from a call."""
        return passed_by(call, self.evaluator)

    @property
    def modules(self) -> dict[str, Module]:
        """Every module that was read to build the model, by dotted name."""
        return {m.name: m for m in self.modules_index.kept.values()}

    @property
    def production_modules(self) -> list[Module]:
        """The modules of the model that are no test code, by path."""
        return [module for module in self.modules_index.kept.values() if not module.is_test]

    @property
    def settings(self) -> list[Setting]:
        """Every setting that Celery reads, the losing layers too (``effective`` is False)."""
        return self._settings.found

    @property
    def strangers(self) -> list[Setting]:
        """Values under names that look like settings and that Celery does not read."""
        return self._settings.spelled_nowhere

    def setting(self, name: str, app: App | None = None) -> list[Setting]:
        """The effective values of a setting by its new name, one for each variant."""
        return self._settings.of(app, name)

    @property
    def settings_index(self) -> Settings:
        return self._settings

    def task(self, name: str) -> Task | None:
        """The task registered under a name."""
        return self._by_name.get(name)

    @property
    def production_tasks(self) -> list[Task]:
        return [t for t in self.tasks if not t.in_tests]

    def network_errors(self, task: Task) -> tuple[str, ...]:
        """The dotted names of the errors that pass by themselves and that this task's calls can raise; () when not
        all of its calls are known, and when only the database could fail."""
        calls = list(self.effects.outside_calls(task.function)) if task.function is not None else [None]
        names = suggestion([call for call in calls if call is not None])
        if None in calls or all(name.startswith(("django.db.", "sqlalchemy.")) for name in names):
            return ()
        return names

    def passes_arguments_on(self, method: FunctionSymbol) -> bool:
        """Whether a method that wraps a call hands ``args`` and ``kwargs`` on as they came."""
        return hands_arguments_on(method, self.evaluator.function_scope(method).table.by_name)

    def text(self, span: Span) -> str:
        """The source text at a span."""
        source = self.tree.source(span.path)
        lines = [source.line(n) for n in range(span.line, span.end_line + 1)]
        lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return "\n".join(lines)

    def exclusive(self, one: Span, other: Span) -> bool:
        """Whether two definitions of one module never both count: arms of one condition, or ``try`` and ``except``."""
        module = self.modules_index.load(one.path) if one.path == other.path else None
        if module is None:
            return False
        body = module.facts.body
        branch, another = branch_at(body, one.pos), branch_at(body, other.pos)
        return excludes(branch, another) or _tried(branch, another) or _tried(another, branch)

    def function(self, module: str, name: str) -> FunctionSymbol | None:
        """The function ``name`` at the top of a module of the project; None when there is none of that name."""
        found = self.modules_index.module(module, "")
        value = self.evaluator.variable(name, found.scope, None) if found is not None else None
        return value.symbol if isinstance(value, Reference) and isinstance(value.symbol, FunctionSymbol) else None

    def is_task(self, value: Value) -> bool:
        """Whether a folded value is a task that is visible here."""
        return self.tasks_index.of_value(value) is not None

    @property
    def refused_sends(self) -> list[Refused]:
        """``delay`` and the like of what is known and no task, called or handed over. By path and line."""
        return sorted(self._calls.refused, key=lambda one: one.scope.module.span(one.owner.pos))

    @property
    def attribute_reads(self) -> list[Read]:
        """The attributes that no task has, read of what may be one; and every ``.retry``. By path and line."""
        return sorted(self._calls.reads, key=lambda read: read.scope.module.span(read.node.pos))

    def call_of(self, node: CallNode) -> Call | None:
        """The call that a node of a function kept as facts is; None when it concerns no task."""
        return self._calls.by_node.get(id(node))

    def task_of(self, expr: Expr, scope: Scope) -> Task | None:
        """The task that an expression stands for, ``self`` in a bound task too; None when it is none, or not known."""
        return self._calls.target(expr, scope)[0]

    def calls_of(self, task: Task) -> list[Call]:
        return [c for c in self.calls if c.target is task]

    @property
    def blind_spots(self) -> list[Unknown]:
        """What could not be read, each place once, by path and line."""
        found: dict[tuple[object, str], Unknown] = {}

        def add(unknown: Unknown) -> None:
            found.setdefault((unknown.span, unknown.reason), unknown)

        for problem in self.modules_index.problems:
            add(problem)
        for app in self.apps:
            for reason in app.opaque:
                add(reason)
        for task in self.production_tasks:
            if isinstance(task.name, Unknown):
                add(task.name)
            if task.unknown_options is not None:
                add(task.unknown_options)
        for call in self.calls:
            if call.unresolved is not None and not call.in_tests:
                add(Unknown(f"target of `{call.how}`: {call.unresolved.reason}", call.span))
        for reason in (
            *self._settings.optional,
            *self.routing.opaque.values(),
            *self.queueing.undeclared,
            *self._hidden_schedule,
        ):
            add(reason)
        for reason in self._process_blind_spots:
            add(reason)
        return sorted(found.values(), key=lambda u: (u.span, u.reason))


def _tried(one: Branch, other: Branch) -> bool:
    """Whether one place stands in a ``try`` and the other in its ``except``."""
    differing = next(((a, b) for a, b in zip(one, other, strict=False) if a != b), None)
    if differing is None:
        return False
    (number, word), (another, arm) = differing
    return number == another and word == "try" and arm.startswith("except")


def build(tree: Tree, given: Given | None = None) -> Project:
    """Read a project into a model. Nothing of it is imported or run."""
    return Project(tree, given or Given())
