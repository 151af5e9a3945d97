"""What the linter understood of a project, as tables for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from celerylint.facts.unknown import Unknown
from celerylint.model.entities import Process, Queue, Task
from celerylint.output.inventory import Shown, effective_options
from celerylint.output.style import printable
from celerylint.output.summary import counted
from celerylint.output.words import words
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

MOST_PRODUCERS = 3


def print_project(project: Project, shown: Shown, console: Console) -> None:
    """Apps, tasks, queues, schedule, processes and blind spots, each as a table; what is empty is left out."""
    tasks = project.production_tasks
    schedule = [entry for entry in project.schedule if not entry.in_tests]
    sections: list[tuple[str, tuple[str, ...], Iterable[tuple[str, ...]]]] = [
        ("app", ("app", "configured in", "where"), _apps(project, shown)),
        ("task", ("task", "options beside the defaults", "where"), _tasks(tasks, project, shown)),
        ("queue", ("queue", "sent to by", "consumed by"), _queues(project.queues.values(), shown)),
        (
            "schedule entry",
            ("entry", "task", "when", "where"),
            [
                (
                    _text(entry.key),
                    entry.task_name or words(entry.task),
                    words(entry.schedule),
                    _place(entry.span, shown),
                )
                for entry in schedule
            ],
        ),
        ("process", ("process", "what", "listens to", "where"), _processes(project.processes, shown)),
        ("blind spot", ("not known", "where"), [(s.reason, _place(s.span, shown)) for s in project.blind_spots]),
    ]
    for noun, heads, rows in sections:
        _print(console, noun, heads, list(rows))


def print_task(task: Task, project: Project, shown: Shown, console: Console) -> None:
    """One task whole: every option with its origin, who calls it, when it is scheduled."""
    console.print(Text(printable(task.label), style="bold"), soft_wrap=True)
    signature = "signature not known: " + task.signature.reason if isinstance(task.signature, Unknown) else None
    console.print(Text(f"  {printable(signature or str(task.signature))}"), soft_wrap=True)
    console.print(Text(f"  {_place(task.span, shown)}", style="dim"), soft_wrap=True)
    if task.wrapper:
        console.print(Text(f"  made by {task.wrapper}", style="dim"), soft_wrap=True)
    console.print()
    options = effective_options(task, project)
    _print(
        console, "option", ("option", "value", "from"),
        [(name, words(option.value), option.origin) for name, option in options.items()],
    )  # fmt: skip
    calls = [call for call in project.calls_of(task) if not call.in_tests]
    _print(console, "call", ("how", "where"), [(call.how, _place(call.span, shown)) for call in calls])
    entries = [entry for entry in project.schedule if entry.target is task and not entry.in_tests]
    _print(
        console, "schedule entry", ("entry", "when", "where"),
        [(_text(entry.key), words(entry.schedule), _place(entry.span, shown)) for entry in entries],
    )  # fmt: skip


def _print(console: Console, noun: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """One table under its count. Columns share the width; what does not fit goes on in the next line."""
    if not rows:
        return
    plural = {"process": "processes", "schedule entry": "schedule entries"}.get(noun, "")
    console.print(Text(counted(len(rows), noun, plural), style="bold"))
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(head, overflow="fold", ratio=None)
    for row in rows:
        table.add_row(*(Text(printable(line) if "\n" not in line else _lines(line)) for line in row))
    console.print(Padding(table, (0, 0, 1, 2)))


def _lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.split("\n"))


def _apps(project: Project, shown: Shown) -> Iterator[tuple[str, ...]]:
    for app in project.apps:
        sources = [*app.settings_modules, *(f"not seen: {spot.reason}" for spot in app.opaque)]
        yield (words(app.main).strip("'") or app.name, "\n".join(dict.fromkeys(sources)), _place(app.span, shown))


def _tasks(tasks: Iterable[Task], project: Project, shown: Shown) -> Iterator[tuple[str, ...]]:
    for task in tasks:
        options = [
            f"{name}={words(option.value)}  ({option.origin})"
            for name, option in effective_options(task, project).items()
            if option.layer != "default"
        ]
        signature = "(?)" if isinstance(task.signature, Unknown) else str(task.signature)
        yield (f"{task.label}{signature}", "\n".join(options), _place(task.span, shown))


def _queues(queues: Iterable[Queue], shown: Shown) -> Iterator[tuple[str, ...]]:
    for queue in queues:
        senders = Counter(what for _, what in queue.producers)
        names = [f"{what} ({number})" if number > 1 else what for what, number in senders.items()]
        if len(names) > MOST_PRODUCERS:
            names[MOST_PRODUCERS:] = [f"and {len(names) - MOST_PRODUCERS} more"]
        consumers = dict.fromkeys(process.name for process in queue.consumers)
        yield (queue.name, "\n".join(names), "\n".join(consumers))


def _processes(processes: Iterable[Process], shown: Shown) -> Iterator[tuple[str, ...]]:
    for process in processes:
        facts = [process.kind + (" with beat" if process.beat and process.kind == "worker" else "")]
        for name, value in (("pool", process.pool), ("concurrency", process.concurrency)):
            if value is not None:
                facts.append(f"{name} {_text(value)}")
        if process.replicas != 1:
            facts.append(f"replicas {_text(process.replicas)}")
        if not process.production:
            facts.append("not for production")
        yield (process.name, ", ".join(facts), _text(process.queues), _place(process.span, shown))


def _text(value: Any) -> str:
    if isinstance(value, Unknown):
        return f"unknown: {value.reason}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _place(span: Span, shown: Shown) -> str:
    return f"{shown(span.path)}:{span.line}"
