"""The processes of Celery's that a repository's deployment files start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from celerylint.facts.unknown import Unknown
from celerylint.model.entities import Process
from celerylint.model.production import for_production, named_for_production
from celerylint.model.repository import Files, Repository

if TYPE_CHECKING:
    from celerylint.facts.argv import CeleryCommand
    from celerylint.facts.commandline import OptionValue
    from celerylint.facts.deploy.workload import Workload
    from celerylint.facts.shell.items import Choices

_WATCHERS = frozenset({"watchmedo", "watchfiles", "nodemon", "hupper", "entr", "jurigged", "watchexec"})
_DEVELOPERS = frozenset({"makefile", "pyproject"})


@dataclass(slots=True, eq=False)
class _Seen:
    """A process, the file that starts it, whether that file reaches it through another one, whether it does so
    without saying which of the script's commands runs, and the conditions it stands in.
    """

    process: Process
    path: str
    through_another: bool
    undecided: bool
    branches: Choices

    @property
    def place(self) -> tuple[str, int, int]:
        """Where the command begins; where it ends depends on the arguments that a caller adds."""
        span = self.process.span
        return span.path, span.line, span.column


def find_processes(tree: Files, deploy_globs: Sequence[str] = ()) -> tuple[list[Process], list[Unknown]]:
    """Every worker, beat, flower and multi command, in the order of path and line, and what could not be read.

    ``deploy_globs`` (as in ``.gitignore``) name the deployment files; they replace the built-in choice by name.
    """
    repository = Repository(tree, deploy_globs)
    if not repository.hot:
        return [], []
    from celerylint.model.compositions import merged_services
    from celerylint.model.launches import Launcher

    launcher = Launcher(repository)
    started: list[tuple[Workload, str]] = list(merged_services(repository))
    for path, file in repository.hot.items():
        if file.kind != "compose":
            started += [(workload, path) for workload in file.workloads]
    seen: list[_Seen] = []
    for workload, path in started:
        seen += [
            _Seen(process_of(workload, one, path), path, one.span.path != path, bool(one.label), one.branches)
            for one in launcher.commands(workload, path)
        ]
    processes = [one.process for one in _once_per_folder(_once_per_file(_once_per_place(seen, repository)))]
    processes.sort(key=lambda process: (process.span, process.name))
    unknown = [reason for file in repository.hot.values() for reason in file.unknown] + launcher.unknown
    unknown += [p.queues for p in processes if p.production and isinstance(p.queues, Unknown)]
    return processes, sorted(set(unknown), key=lambda reason: (reason.span, reason.reason))


# One command shown twice


def _once_per_place(seen: list[_Seen], repository: Repository) -> list[_Seen]:
    """A script that a service calls is that service's process, not one more of its own.

    Where only development files call it, or callers that do not say which of its commands runs, the script stands for
    itself: production calls it from somewhere else.
    """
    alone = {one.place for one in seen if not one.through_another}
    calls = [one for one in seen if one.through_another]
    decided = {one.place for one in calls if not one.undecided}
    calls = [one for one in calls if not (one.undecided and one.place in alone | decided)]
    scripts = {path for path, file in repository.hot.items() if file.kind == "shell"}
    called = {one.process.span.path for one in calls if one.process.production and not one.undecided} & scripts
    places = {one.place for one in calls if one.process.production}
    kept: list[_Seen] = []
    for one in seen:
        if one.through_another:
            if one in calls and (one.process.production or one.place not in alone):
                kept.append(one)
        elif one.place not in places and (one.undecided or one.process.span.path not in called):
            kept.append(one)
    return kept


def _once_per_file(seen: list[_Seen]) -> list[_Seen]:
    """One command in both branches of a condition is one process: run by another user, or under a watcher."""
    kept: list[_Seen] = []
    for one in sorted(seen, key=lambda one: _watched(one.process)):
        alike = [other for other in kept if other.path == one.path and _alternatives(one, other)]
        if not alike:
            kept.append(one)
    return kept


def _alternatives(one: _Seen, other: _Seen) -> bool:
    *_, options = _identity(one.process)
    *_, other_options = _identity(other.process)
    if one.process.kind != other.process.kind or options != other_options:
        return False
    if one.process.name == other.process.name and _watched(one.process) != _watched(other.process):
        return True
    taken = dict(other.branches)
    exclusive = any(taken.get(choice, branch) != branch for choice, branch in one.branches)
    return exclusive and (one.process.name == other.process.name or one.place == other.place)


def _once_per_folder(seen: list[_Seen]) -> list[_Seen]:
    """The same service with the same command in several compose files of a folder is one process."""
    chosen: dict[tuple[object, ...], _Seen] = {}
    for one in seen:
        first = chosen.setdefault(_service(one), one)
        if one.process.production and not first.process.production:
            chosen[_service(one)] = one
    return [one for one in seen if one.process.source != "compose" or chosen[_service(one)].path == one.path]


def _service(one: _Seen) -> tuple[object, ...]:
    return dirname(one.path), one.process.source, *_identity(one.process)


def _identity(process: Process) -> tuple[object, ...]:
    options = sorted((name, str(value)) for name, value in process.options.items() if name != "loglevel")
    return process.name, process.kind, tuple(options)


# A process


def process_of(workload: Workload, command: CeleryCommand, path: str) -> Process:
    """The process that a command read from ``path`` is."""
    line = command.line
    options = line.options
    unread = line.unread if command.kind in ("worker", "multi") else None
    production = workload.production and for_production(path) and for_production(workload.name)
    if workload.source in _DEVELOPERS:
        production = production and named_for_production(workload.name)
    environment: dict[str, str | Unknown] = {}
    for name, value in command.environment.items():
        environment[name] = value.known if value.known is not None else value.unknown or ""
    app = options.get("app", environment.get("APP"))
    return Process(
        kind=command.kind,
        name=_name(workload, command),
        source=workload.source,
        span=command.span,
        app=None if isinstance(app, bool) else app,
        queues=_queues(options.get("queues"), unread),
        exclude_queues=_queues(options.get("exclude-queues"), unread) or (),
        pool=_text(options.get("pool"), unread),
        concurrency=_whole(options.get("concurrency"), unread, command),
        time_limit=_number(options.get("time-limit"), unread, command),
        soft_time_limit=_number(options.get("soft-time-limit"), unread, command),
        beat=options.get("beat") is True,
        replicas=_times(workload.replicas, command.replicas),
        options=dict(options),
        argument_spans=dict(line.spans),
        arguments=command.arguments,
        grace_seconds=workload.grace_seconds,
        environment=environment,
        production=production,
        prefix=command.prefix,
        unread=line.unread,
        platform=dict(workload.traits),
    )


def _name(workload: Workload, command: CeleryCommand) -> str:
    if command.node:
        return command.node
    if not command.label:
        return workload.name
    if workload.source in ("shell", "s6"):
        return command.label
    return f"{workload.name} {command.label}"


def _queues(value: OptionValue | None, unread: Unknown | None) -> tuple[str, ...] | Unknown | None:
    """The list as Celery splits it: at commas, white space kept (celery/utils/text.py, str_to_list)."""
    if isinstance(value, str):
        return tuple(value.split(","))
    return value if isinstance(value, Unknown) else unread


def _text(value: OptionValue | None, unread: Unknown | None) -> str | Unknown | None:
    return unread if value is None or isinstance(value, bool) else value


def _number(value: OptionValue | None, unread: Unknown | None, command: CeleryCommand) -> float | Unknown | None:
    text = _text(value, unread)
    if not isinstance(text, str):
        return text
    try:
        return float(text)
    except ValueError:
        return Unknown(f"`{text}` is not a number", command.span)


def _whole(value: OptionValue | None, unread: Unknown | None, command: CeleryCommand) -> int | Unknown | None:
    text = _text(value, unread)
    if not isinstance(text, str):
        return text
    return int(text) if text.strip().isdigit() else Unknown(f"`{text}` is not a number", command.span)


def _times(replicas: int | Unknown | None, passes: int | Unknown) -> int | Unknown:
    replicas = 1 if replicas is None else replicas
    if isinstance(replicas, Unknown):
        return replicas
    return passes if isinstance(passes, Unknown) else replicas * passes


def _watched(process: Process) -> bool:
    return any(basename(word) in _WATCHERS for word in process.prefix)
