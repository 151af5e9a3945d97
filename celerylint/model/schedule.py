"""The beat schedule as Celery will see it, in every form in which entries are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.facts.walk import statements
from celerylint.model.apps import Apps, last_name, statement_calls
from celerylint.model.builtin_calls import text_of
from celerylint.model.calls import Calls
from celerylint.model.entities import App, ScheduleEntry, Setting, Task
from celerylint.model.fixture_rows import fixture_rows
from celerylint.model.modules import Module
from celerylint.model.scopes import Scope
from celerylint.model.settings import Settings
from celerylint.model.values import Collection, Instance, Known, Reference, Table, Value, alternatives
from celerylint.model.visit import body_of, scopes
from celerylint.sources.prefilter import is_test_path
from celerylint.sources.spans import Span
from celerylint.sources.tree import Tree

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator


@dataclass(frozen=True, slots=True)
class _Sent:
    """What a signature says: the task by name or by itself, and what it carries."""

    task: Value | None
    target: Task | None
    args: Value
    kwargs: Value
    options: dict[str, Value]


class Schedule:
    """Collects schedule entries."""

    def __init__(self, evaluator: Evaluator, apps: Apps, calls: Calls, by_name: dict[str, Task]) -> None:
        self.evaluator = evaluator
        self.apps = apps
        self.calls = calls
        self.by_name = by_name
        self.entries: list[ScheduleEntry] = []
        self.hidden: list[Unknown] = []

    # beat_schedule

    def from_settings(self, settings: Settings, apps: list[App]) -> None:
        for app in apps:
            for setting in settings.of(app, "beat_schedule"):
                options = list(alternatives(setting.value))
                for number, option in enumerate(options):
                    variant = f"{setting.variant}#{number}" if len(options) > 1 else setting.variant
                    self._table(option, setting, app, variant)

    def _table(self, value: Value, setting: Setting, app: App, variant: str) -> None:
        if not isinstance(value, Table):
            if not (isinstance(value, Known) and not value.value):
                reason = value.reason if isinstance(value, Unknown) else "a schedule that is not a dict"
                self.hidden.append(Unknown(reason, setting.span))
            return
        if value.open:
            self.hidden.append(Unknown("a schedule that is not fully known", value.span))
        replaced = _replaced(value)
        for number, (key, entry) in enumerate(value.entries):
            if number in replaced:
                continue
            for option in alternatives(entry):
                self._entry(key, option, app, variant, value.span if value.span.covers(key.span) else None)

    def _entry(self, key: Value, entry: Value, app: App | None, variant: str, table: Span | None = None) -> None:
        name = text_of(key)
        label: str | Unknown = name if name is not None else Unknown("its key is computed", key.span)
        if isinstance(key, Known) and not isinstance(key.value, str):
            label = str(key.value)
        if not isinstance(entry, Table):
            reason = entry.reason if isinstance(entry, Unknown) else "an entry that is not a dict"
            self.hidden.append(Unknown(reason, entry.span))
            return
        known = next((e for e in self.entries if e.span == key.span and e.key == label), None)
        if known is not None:  # one schedule that several apps or variants share
            if known.variant != variant:
                known.variant = ""
            return
        self._keep(entry, label, key.span, app, "beat_schedule", variant, table)

    def _keep(
        self,
        entry: Table,
        key: str | Unknown,
        span: Span,
        app: App | None,
        how: str,
        variant: str = "",
        table: Span | None = None,
    ) -> None:
        """Note the entry that a dict describes."""
        task = entry.get("task")
        self.entries.append(
            ScheduleEntry(
                key=key,
                span=span,
                task=task,
                target=self._target(task),
                schedule=entry.get("schedule"),
                args=entry.get("args"),
                kwargs=entry.get("kwargs"),
                options=entry.get("options"),
                app=app,
                how=how,
                variant=variant,
                value=entry,
                table_span=table,
            )
        )

    def _target(self, task: Value | None) -> Task | None:
        if task is None:
            return None
        name = text_of(task)
        if name is not None:
            return self.by_name.get(name)
        if isinstance(task, Reference) and task.of.endswith(".name"):
            owner = task.of[: -len(".name")]
            return next((t for t in self.calls.tasks.found if t.function and t.function.qualified == owner), None)
        return self.calls.tasks.of_value(task)

    # Entries made in code

    def collect(self, module: Module) -> None:
        """``add_periodic_task`` calls, item assignments and PeriodicTask rows of one module."""
        for scope in scopes(module, self.evaluator):
            for statement in statements(body_of(scope)):
                if isinstance(statement, s.Assign):
                    self._item_assignment(statement, scope)
                for call in statement_calls(statement):
                    name = last_name(call.func)
                    if name == "add_periodic_task":
                        self._added(call, scope)
                    elif name in ("create", "get_or_create", "update_or_create"):
                        self._row(call, scope)

    def _item_assignment(self, statement: s.Assign, scope: Scope) -> None:
        """``app.conf.beat_schedule["x"] = {...}`` apart from the assignment of the dict itself."""
        for target in statement.targets:
            if statement.value is None or not (isinstance(target, s.Subscript) and isinstance(target.value, s.Name)):
                continue
            path = target.value.path
            if path.rpartition(".")[2] != "beat_schedule" or ".conf." not in path:
                continue
            if any(b.kind == "assign" for b in scope.table.by_name.get(path, ())):
                continue  # folded with the dict
            app = self.apps.owner(s.Name(target.pos, path.rpartition(".conf.")[0]), scope)
            key = self.evaluator.value(target.index, scope)
            self._entry(key, self.evaluator.value(statement.value, scope), app, "")

    def _added(self, call: s.Call, scope: Scope) -> None:
        for inner in self.evaluator.unrolled(call.pos, scope) or (scope,):
            self._add_periodic(call, inner, scope)

    def _add_periodic(self, call: s.Call, inner: Scope, scope: Scope) -> None:
        """``add_periodic_task(schedule, sig, args, kwargs, name, **opts)`` in one pass of the loops around it."""
        args, keywords, is_open = self.evaluator.arguments(call, inner)
        expr = call.args[1] if len(call.args) > 1 else next((k.value for k in call.keywords if k.name == "sig"), None)
        if is_open or expr is None:
            span = scope.module.span(call.pos)
            self.hidden.append(Unknown("`add_periodic_task` with arguments that are not known", span))
            return
        sent = self._signature(expr, inner)
        name = keywords.get("name") or (args[4] if len(args) > 4 else None)
        span = scope.module.span(call.pos)
        key = text_of(name)
        label: str | Unknown = key if key is not None else Unknown("an entry without a name", span)
        owner = call.func.path.rpartition(".")[0] if isinstance(call.func, s.Name) else "app"
        options = {k: v for k, v in keywords.items() if k not in ("args", "kwargs", "name", "sig", "schedule")}
        given_args = keywords.get("args") or (args[2] if len(args) > 2 else None)
        given_kwargs = keywords.get("kwargs") or (args[3] if len(args) > 3 else None)
        self.entries.append(
            ScheduleEntry(
                key=label,
                span=span,
                task=sent.task,
                target=sent.target,
                schedule=args[0] if args else keywords.get("schedule"),
                args=_joined(given_args, sent.args),
                kwargs=_joined(given_kwargs, sent.kwargs),
                options=Table(tuple((Known(k, v.span), v) for k, v in {**sent.options, **options}.items()), span),
                app=self.apps.owner(s.Name(call.pos, owner), scope),
                how="add_periodic_task",
                in_tests=scope.module.is_test,
            )
        )

    def _signature(self, expr: s.Expr, scope: Scope) -> _Sent:
        """The task and arguments of what is handed to ``add_periodic_task``: a signature, or the task itself."""
        span = scope.module.span(expr.pos)
        nothing = Table((), span)
        options: dict[str, Value] = {}
        while isinstance(expr, s.Call) and isinstance(expr.func, s.Attribute) and expr.func.name in ("set", "clone"):
            _, keywords, _ = self.evaluator.arguments(expr, scope)
            options = {**keywords, **options}
            expr = expr.func.value
        call = self.calls.by_node.get(id(expr))
        if call is None or call.node is None:
            value = self.evaluator.value(expr, scope)
            target = self._target(value)
            if target is not None:
                return _Sent(None, target, Collection("tuple", (), span), nothing, options)
            return self._made_elsewhere(value, options, span)
        task = Known(call.target_name, span) if call.target_name is not None else None
        sent_args: Value = call.args if isinstance(call.args, Unknown) else Collection("tuple", call.args, span)
        sent_kwargs: Value = call.kwargs if isinstance(call.kwargs, Unknown) else _table(call.kwargs, span)
        if scope is not call.scope and not isinstance(call.args, Unknown) and not isinstance(call.kwargs, Unknown):
            passed = list(call.passed())  # once more, for this pass of the loop
            items = tuple(self.evaluator.value(e, scope) for e, place in passed if isinstance(place, int))
            named = {place: self.evaluator.value(e, scope) for e, place in passed if isinstance(place, str)}
            if len(items) == len(call.args) and len(named) == len(call.kwargs):
                sent_args, sent_kwargs = Collection("tuple", items, span), _table(named, span)
        return _Sent(task, call.target, sent_args, sent_kwargs, {**call.options, **options})

    def _made_elsewhere(self, value: Value, options: dict[str, Value], span: Span) -> _Sent:
        """A signature in a variable: ``sweep = tidy.s(3)``."""
        nowhere = Unknown("a signature made elsewhere", span)
        callee = value.callee if isinstance(value, Instance) else None
        if isinstance(value, Instance) and isinstance(callee, Reference) and callee.of.endswith((".s", ".si")):
            owner = callee.of.rpartition(".")[0]
            target = next((t for t in self.calls.tasks.found if t.function and t.function.qualified == owner), None)
            if target is not None and not value.open:
                kwargs = _table(dict(value.keywords), span)
                return _Sent(None, target, Collection("tuple", value.args, span), kwargs, options)
        return _Sent(nowhere, None, nowhere, nowhere, options)

    def from_fixtures(self, tree: Tree, app: App | None) -> None:
        """Rows of django-celery-beat in JSON fixtures."""
        for row in fixture_rows(tree):
            self.entries.append(
                ScheduleEntry(
                    key=row.name,
                    span=row.span,
                    task=row.task,
                    target=self._target(row.task),
                    schedule=row.schedule,
                    args=row.args,
                    kwargs=row.kwargs,
                    options=row.options,
                    app=app,
                    how="PeriodicTask",
                    in_tests=is_test_path(row.span.path),
                )
            )

    def _row(self, call: s.Call, scope: Scope) -> None:
        """A django-celery-beat row made in code."""
        func = call.func.path if isinstance(call.func, s.Name) else ""
        if "PeriodicTask.objects." not in func and "PeriodicTask._default_manager." not in func:
            return
        _, keywords, _ = self.evaluator.arguments(call, scope)
        defaults = keywords.get("defaults")
        if isinstance(defaults, Table):
            keywords = {**{str(k.value): v for k, v in defaults.entries if isinstance(k, Known)}, **keywords}
        span = scope.module.span(call.pos)
        key = text_of(keywords.get("name"))
        task = keywords.get("task")
        schedule = next((keywords[k] for k in ("interval", "crontab", "solar", "clocked") if k in keywords), None)
        self.entries.append(
            ScheduleEntry(
                key=key if key is not None else Unknown("its name is computed", span),
                span=span,
                task=task,
                target=self._target(task),
                schedule=schedule,
                args=keywords.get("args"),
                kwargs=keywords.get("kwargs"),
                options=None,
                app=self.apps.for_module(scope.module),
                how="PeriodicTask",
                in_tests=scope.module.is_test,
            )
        )

    def from_tasks(self, tasks: list[Task]) -> None:
        """``@periodic_task(run_every=...)`` of Celery before 5, and decorators of the project built on it."""
        for task in tasks:
            run_every = task.declared.get("run_every")
            if run_every is None:
                continue
            options = task.declared.get("options")
            self.entries.append(
                ScheduleEntry(
                    key=task.label,
                    span=task.span,
                    task=Known(task.label, task.span),
                    target=task,
                    schedule=run_every.value,
                    args=None,
                    kwargs=None,
                    options=options.value if options else None,
                    app=task.app,
                    how="periodic_task",
                    in_tests=task.in_tests,
                )
            )

    def from_templates(self, module: Module) -> None:
        """Lists of entry dicts (with "task" and "schedule") that a project's own scheduler reads."""
        for name, bindings in module.scope.table.by_name.items():
            if not any(b.kind == "assign" and isinstance(b.value, s.Display) for b in bindings):
                continue
            value = self.evaluator.variable(name, module.scope, None)
            for option in alternatives(value) if value is not None else ():
                if not isinstance(option, Collection) or option.kind != "list":
                    continue
                entries = [i for i in option.items if isinstance(i, Table) and i.get("task") and i.get("schedule")]
                if len(entries) < 2 or len(entries) != len(option.items):
                    continue
                for entry in entries:
                    if not any(e.value is entry for e in self.entries):
                        self._template(entry, option.span)

    def _template(self, entry: Table, table: Span) -> None:
        name = text_of(entry.get("name"))
        key = name if name is not None else Unknown("an entry without a name", entry.span)
        self._keep(entry, key, entry.key_span("task"), None, "template", table=table)


def _replaced(table: Table) -> set[int]:
    """The entries of one dict that are replaced in another that is made of it; twice in one display is a finding."""
    replaced: set[int] = set()
    last: dict[str, int] = {}
    for number, (key, _) in enumerate(table.entries):
        name = text_of(key)
        if name is None:
            continue
        before = last.get(name)
        if before is not None and not all(table.span.covers(table.entries[n][0].span) for n in (before, number)):
            replaced.add(before)
        last[name] = number
    return replaced


def _table(values: dict[str, Value], span: Span) -> Table:
    return Table(tuple((Known(name, span), value) for name, value in values.items()), span)


def _joined(given: Value | None, carried: Value) -> Value:
    """Arguments of the call in front of those of the signature, as ``Signature.clone`` merges them."""
    if given is None or (isinstance(given, Known) and given.value is None):
        return carried
    if isinstance(given, Collection) and isinstance(carried, Collection):
        return Collection("tuple", (*given.items, *carried.items), given.span, given.open or carried.open)
    if isinstance(given, Table) and isinstance(carried, Table):
        return Table((*carried.entries, *given.entries), given.span, given.open or carried.open)
    return given if isinstance(given, Unknown) else carried if isinstance(carried, Unknown) else given
