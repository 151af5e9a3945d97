"""Compare a run of Celery with the static model, fact by fact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from probe import OPTIONS
from reading import Hidden, known_forms
from runs import Run

from celerylint.model.entities import App, ScheduleEntry, Setting, Signature, Task
from celerylint.model.project import Project
from celerylint.model.values import Known, Unknown, Value

SETTINGS_APART = frozenset({"beat_schedule"})
"""Settings that are compared entry by entry."""


@dataclass
class Tally:
    """The facts compared in one run: how many, which are not known, which are wrong."""

    compared: int = 0
    unknown: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def check(self, fact: str, real: Any, said: Callable[[], list[Any]]) -> None:
        """``said`` gives the model's alternatives or raises ``Hidden``; the real value must be one of them."""
        self.compared += 1
        try:
            answers = said()
        except Hidden as reason:
            self.unknown.append(f"{fact}: {reason}")
            return
        if real not in answers:
            self.wrong.append(f"{fact}: Celery has {real!r}, the model says {' or '.join(map(repr, answers))}")

    def miss(self, fact: str) -> None:
        self.compared += 1
        self.wrong.append(fact)

    def add(self, other: Tally) -> None:
        self.compared += other.compared
        self.unknown += other.unknown
        self.wrong += other.wrong


def the_app(run: Run, project: Project) -> App:
    """The app of a run: the one made in the module that the run names, else the only one."""
    module = run.app.partition(":")[0]
    return next((app for app in project.apps if app.module == module), project.apps[0])


# Tasks


def compare_tasks(run: Run, real: dict[str, Any], project: Project) -> Tally:
    tally = Tally()
    by_place = {(task.function_span.path, task.function_span.line): task for task in project.tasks}
    for name, facts in real["tasks"].items():
        task = project.task(name) or by_place.get((facts["path"], facts["line"]))
        if task is None:
            tally.miss(f"{name}: the model does not know this task ({facts['path']}:{facts['line']})")
            continue
        _compare_task(name, facts, task, run, project, tally)
    return tally


def surplus_tasks(reals: list[dict[str, Any]], project: Project) -> list[str]:
    """Names that the model says are registered and that no worker of the project registers."""
    names = {name for real in reals for name in real["tasks"]}
    return sorted(task.name for task in project.tasks if isinstance(task.name, str) and task.name not in names)


def _compare_task(name: str, facts: dict[str, Any], task: Task, run: Run, project: Project, tally: Tally) -> None:
    tally.check(f"{name}: name", name, lambda: [_plain(task.name)])
    tally.check(f"{name}: file", facts["path"], lambda: [task.function_span.path])
    tally.check(f"{name}: line", facts["line"], lambda: [task.function_span.line])
    tally.check(f"{name}: kind", facts["kind"], lambda: [task.kind])
    if facts["kind"] == "class":
        tally.check(f"{name}: class line", facts["class_line"], lambda: [task.span.line])
    tally.check(f"{name}: bind", facts["bind"], lambda: [_plain(task.bind)])
    tally.check(f"{name}: signature", facts["signature"][run.injected :], lambda: [_parameters(task.signature)])
    for option in OPTIONS:
        _compare_option(name, option, facts, task, run, tally)
    queue = project.routing.queue_of(task, project.settings_index)
    tally.check(f"{name}: queue", facts["queue"], lambda: known_forms(queue.value))
    tally.check(f"{name}: route", facts["route"], lambda: known_forms(routed(name, task.app, project)))


def _compare_option(name: str, option: str, facts: dict[str, Any], task: Task, run: Run, tally: Tally) -> None:
    real = facts["options"][option]
    if real is None and option in run.commanded:
        real = run.commanded[option]
    tally.check(
        f"{name}: {option}", _or_none(real), lambda: [_or_none(said) for said in known_forms(task.option(option).value)]
    )


def _or_none(answer: Any) -> Any:
    """None and False are one answer to a question of yes or no (but 0 is another than None: see ``max_retries``)."""
    return None if answer is False else answer


def routed(name: str, app: App | None, project: Project) -> Value:
    """The queue of a message that is sent by name alone."""
    for route in project.routing.matching(name, app):
        queue = route.queue()
        if queue is not None:
            return queue
    for setting in project.setting("task_default_queue", app):
        return setting.value
    hidden = app.opaque if app is not None else ()
    return hidden[0] if hidden else Known("celery", app.span if app else project.tasks[0].span)


def _parameters(signature: Signature | Unknown) -> list[list[Any]]:
    if isinstance(signature, Unknown):
        raise Hidden(signature.reason)
    return [[p.name, p.kind, p.required and p.kind not in ("args", "kwargs")] for p in signature.parameters]


def _plain(value: Any) -> Any:
    if isinstance(value, Unknown):
        raise Hidden(value.reason)
    return value


# Settings


def compare_settings(run: Run, real: dict[str, Any], project: Project) -> Tally:
    """Every setting that differs from Celery's default in the run, and every one that the model has."""
    tally = Tally()
    app = the_app(run, project)
    for name, (value, default) in sorted(real["settings"].items()):
        said = list(_of_run(run, project.setting(name, app)))
        if name in SETTINGS_APART or (value == default and not said):
            continue
        tally.check(f"{run.name}: setting {name}", value, lambda said=said: _setting_forms(said, app))  # type: ignore[misc]
    return tally


def _of_run(run: Run, settings: list[Setting]) -> Iterator[Setting]:
    for setting in settings:
        if not run.variant or setting.variant in ("", run.variant):
            yield setting


def _setting_forms(settings: list[Setting], app: App) -> list[Any]:
    if not settings:
        if app.opaque:
            raise Hidden(app.opaque[0].reason)
        return ["nothing (not set)"]
    return [form for setting in settings for form in known_forms(setting.value)]


# Schedule


def compare_schedule(run: Run, real: dict[str, Any], project: Project) -> Tally:
    tally = Tally()
    entries = [e for e in project.schedule if e.app is None or e.app is the_app(run, project)]
    by_key = {e.key: e for e in entries if isinstance(e.key, str)}
    nameless = [e for e in entries if isinstance(e.key, Unknown)]
    for key, parts in real["schedule"].items():
        fact = f"{run.name}: schedule {key!r}"
        if key in by_key:
            tally.add(_compare_entry(fact, parts, by_key[key]))
        elif not nameless:
            tally.miss(f"{fact}: the model does not know this entry")
        else:
            found = min((_compare_entry(fact, parts, e) for e in nameless), key=lambda t: len(t.wrong))
            found.compared += 1
            found.unknown.append(f"{fact}: its key")
            tally.add(found)
    for key, entry in by_key.items():
        if key not in real["schedule"] and (not run.variant or entry.variant in ("", run.variant)):
            tally.miss(f"{run.name}: the model invents the schedule entry {key!r}")
    return tally


def _compare_entry(fact: str, parts: dict[str, Any], entry: ScheduleEntry) -> Tally:
    tally = Tally()
    tally.check(f"{fact}: task", parts["task"], lambda: [entry.task_name])
    for name, empty in (("schedule", None), ("args", []), ("kwargs", {"table": {}}), ("options", {"table": {}})):
        said: Value | None = getattr(entry, name)
        tally.check(
            f"{fact}: {name}",
            parts[name],
            lambda said=said, empty=empty: [empty] if said is None else known_forms(said),  # type: ignore[misc]
        )
    return tally
