"""What the linter understood of a project, as tables for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from celerylint.facts.unknown import Unknown
from celerylint.model.entities import Option, Process, Queue, ScheduleEntry, Task
from celerylint.output.inventory import Shown, effective_options
from celerylint.output.style import printable
from celerylint.output.summary import counted
from celerylint.output.words import words
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

MOST_SENDERS = 3
"""How many of those who send to a queue are named."""

Said = tuple[str, str, str]
"""An option, its value in words, and where it comes from."""


class Inventory:
    """Prints a project, or one task of it, on a console."""

    def __init__(self, project: Project, shown: Shown, console: Console) -> None:
        self.project, self.shown, self.console = project, shown, console
        self.tasks = project.production_tasks
        self.schedule = [entry for entry in project.schedule if not entry.in_tests]

    def print_project(self) -> None:
        """Apps, tasks, queues, schedule, processes and blind spots; what is empty is left out."""
        project = self.project
        self._table(_count(project.apps, "app"), ("app", "settings", "where"), self._apps())
        self._print_tasks()
        self._table(_count(project.queues, "queue"), ("queue", "sent to by", "consumed by"), self._queues())
        self._table(
            _count(self.schedule, "schedule entry", "schedule entries"), ("entry", "task", "when", "where"),
            self._entries(self.schedule),
        )  # fmt: skip
        self._table(
            _count(project.processes, "process", "processes"), ("process", "what", "listens to", "where"),
            (self._process(process) for process in project.processes),
        )  # fmt: skip
        self._table(
            _count(project.services, "broker or cache", "brokers and caches"), ("service", "what", "where"),
            ((one.name, one.kind, self._place(one.span)) for one in project.services),
        )  # fmt: skip
        checked, calls = project.arity.checked
        if calls:
            self._line(f"{counted(calls, 'call')}: the arguments of {checked} were compared with the task's", "bold")
            self._line("", "")
        spots = project.blind_spots
        self._table(
            _count(spots, "blind spot"), ("not known", "where"), ((one.reason, self._place(one.span)) for one in spots)
        )

    def print_task(self, task: Task) -> None:
        """One task whole: every option with its origin, who calls it, when it is scheduled."""
        self._line(task.label, "bold")
        self._line(f"  {_signature(task)}  {self._place(task.span)}", "dim")
        if task.wrapper:
            self._line(f"  made by {task.wrapper}", "dim")
        self._line("", "")
        options = effective_options(task, self.project)
        rows = [(name, words(option.value), _origin(option, task)) for name, option in options.items()]
        self._table("", ("option", "value", "from"), rows)
        calls = [call for call in self.project.calls_of(task) if not call.in_tests]
        self._table(_count(calls, "call"), ("how", "where"), ((call.how, self._place(call.span)) for call in calls))
        entries = [entry for entry in self.schedule if entry.target is task]
        heads = ("entry", "task", "when", "where")
        self._table(_count(entries, "schedule entry", "schedule entries"), heads, self._entries(entries))

    def _print_tasks(self) -> None:
        """Each task with the options that somebody set. What holds for all of them is said once."""
        if not self.tasks:
            return
        told = {id(task): _set_options(task, self.project) for task in self.tasks}
        counts = Counter(said for options in told.values() for said in options)
        common = [said for said, number in counts.items() if number == len(self.tasks) > 1]
        self._line(_count(self.tasks, "task"), "bold")
        self._options("for every task: ", 2, common)
        for task in self.tasks:
            self._line(f"  {task.label}", "")
            self._line(f"      {_signature(task)}  {self._place(task.span)}", "dim")
            self._options("", 6, [said for said in told[id(task)] if said not in common])
        self._line("", "")

    def _options(self, lead: str, indent: int, options: Iterable[Said]) -> None:
        """Options by origin, one line for each."""
        origins: dict[str, list[str]] = {}
        for name, value, origin in options:
            origins.setdefault(origin, []).append(f"{name}={value}")
        for origin, values in origins.items():
            text = Text(printable(f"{lead}{', '.join(values)}  ({origin})"))
            self.console.print(Padding(text, (0, 0, 0, indent), expand=False))

    def _line(self, text: str, style: str) -> None:
        self.console.print(Text(printable(text), style=style), soft_wrap=True)

    def _table(self, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """One table under its count. The columns share the width; what does not fit goes on in the next line."""
        rows = list(rows)
        if not rows:
            return
        if title:
            self._line(title, "bold")
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        for head in heads:
            table.add_column(head, overflow="fold")
        for row in rows:
            table.add_row(*(Text("\n".join(map(printable, cell.split("\n")))) for cell in row))
        self.console.print(Padding(table, (0, 0, 1, 2), expand=False))

    def _apps(self) -> Iterator[Sequence[str]]:
        for app in self.project.apps:
            sources = [*app.settings_modules, *(f"not seen: {spot.reason}" for spot in app.opaque)]
            name = words(app.main).strip("'") if app.main is not None else app.name
            yield name, "\n".join(dict.fromkeys(sources)), self._place(app.span)

    def _queues(self) -> Iterator[Sequence[str]]:
        for queue in self.project.queues.values():
            yield queue.name, "\n".join(_senders(queue)), "\n".join(dict.fromkeys(one.name for one in queue.consumers))

    def _entries(self, entries: Iterable[ScheduleEntry]) -> Iterator[Sequence[str]]:
        for entry in entries:
            task = entry.task_name or words(entry.task)
            yield _text(entry.key), task, words(entry.schedule), self._place(entry.span)

    def _process(self, process: Process) -> Sequence[str]:
        facts = [f"{process.kind} with beat" if process.beat and process.kind == "worker" else process.kind]
        for name, value in (("pool", process.pool), ("concurrency", process.concurrency)):
            if value is not None:
                facts.append(f"{name} {_text(value)}")
        if process.replicas != 1:
            facts.append(f"replicas {_text(process.replicas)}")
        if not process.production:
            facts.append("not for production")
        return process.name, ", ".join(facts), _text(process.queues), self._place(process.span)

    def _place(self, span: Span) -> str:
        return f"{self.shown(span.path)}:{span.line}"


def _set_options(task: Task, project: Project) -> list[Said]:
    """The options that are not Celery's defaults."""
    options = effective_options(task, project).items()
    return [(name, words(one.value), _origin(one, task)) for name, one in options if one.layer != "default"]


def _origin(option: Option, task: Task) -> str:
    return "its route" if option.origin == f"route `{task.label}`" else option.origin


def _signature(task: Task) -> str:
    signature = task.signature
    return f"(signature not known: {signature.reason})" if isinstance(signature, Unknown) else str(signature)


def _senders(queue: Queue) -> list[str]:
    senders = Counter(what for _, what in queue.producers)
    names = [f"{what} ({number} times)" if number > 1 else what for what, number in senders.items()]
    if len(names) > MOST_SENDERS:
        names[MOST_SENDERS:] = [f"and {len(names) - MOST_SENDERS} more"]
    return names


def _count(things: Any, one: str, many: str = "") -> str:
    return counted(len(things), one, many)


def _text(value: Any) -> str:
    if isinstance(value, Unknown):
        return f"unknown: {value.reason}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
