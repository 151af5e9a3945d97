"""From what a file says it starts to the commands of Celery's that really run.

A service's command runs in the entrypoint of its image, a script gets the arguments and the environment of the service
that calls it, ``make worker`` runs the recipe. What cannot be followed is left where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from posixpath import basename

from celerylint.facts.argv import CeleryCommand, Found, ScriptCall, find
from celerylint.facts.deploy.workload import Command, DeployFile, Line, Workload
from celerylint.facts.located import Located
from celerylint.facts.shell.items import Item, Started, Word
from celerylint.facts.shell.run import run
from celerylint.facts.shell.state import State
from celerylint.facts.unknown import Unknown
from celerylint.model.repository import Repository

_DEEPEST = 5
_MOST_CALLS = 100


class Launcher:
    """Follows workloads. ``unknown`` gathers the commands of Celery's that are hidden."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.unknown: list[Unknown] = []

    def commands(self, workload: Workload, path: str) -> list[CeleryCommand]:
        """The commands of Celery's that a workload of the file ``path`` starts."""
        copies = dict(workload.copies)
        entrypoint, command = workload.entrypoint, workload.command
        environment = self.environment(workload)
        image = self.repository.image(workload.build) if workload.build else None
        if image is not None:
            copies = {**image.copies, **copies}
            environment = {**image.environment, **environment}
            if entrypoint is None:
                entrypoint = image.entrypoint
                command = command if command is not None else image.command
        trust = not workload.open_environment and not workload.env_files
        follow = _Follow(self.repository, path, copies, trust)
        state = State(environment, trust=trust)
        found: list[Found] = []
        if entrypoint is not None:
            found = follow.found(follow.behind(entrypoint, command, state), workload.sure)
        if command is not None and not any(isinstance(one, CeleryCommand) for one in found):
            # No entrypoint, or one that is not here: most of them run their arguments.
            found = follow.found(follow.started(command, state), workload.sure) or found
        self.unknown += [one for one in found if isinstance(one, Unknown)]
        return [one for one in found if isinstance(one, CeleryCommand)]

    def environment(self, workload: Workload) -> dict[str, Located]:
        """Its own variables over those of its files."""
        result: dict[str, Located] = {}
        for name in workload.env_files:
            result.update(self.repository.variables(name))
        result.update(workload.environment)
        return result


class _Follow:
    def __init__(self, repository: Repository, path: str, copies: dict[str, str], trust: bool) -> None:
        self.repository = repository
        self.path = path
        self.copies = copies
        self.trust = trust
        self.inside = [path]
        self.left = _MOST_CALLS

    def started(self, command: Command, state: State) -> list[Started]:
        started: list[Started] = []
        if isinstance(command, Line):
            run(command.text, state.copy(), started.append)
        elif command.items:
            started.append(Started(command.items, state.environment, "", 1, command.items[0].at))
        return started

    def behind(self, entrypoint: Command, command: Command | None, state: State) -> list[Started]:
        """The entrypoint with the command as its arguments. One in shell form takes none."""
        arguments: tuple[Item, ...] = ()
        if command is not None:
            arguments = tuple(item for one in self.started(command, state)[:1] for item in one.items)
        return [replace(one, items=(*one.items, *arguments)) for one in self.started(entrypoint, state)]

    def found(self, started: Sequence[Started], sure: bool) -> list[Found]:
        result: list[Found] = []
        for one in started:
            for found in find(one, self.trust, sure):
                if isinstance(found, ScriptCall):
                    result += self.follow(found)
                else:
                    result.append(found)
        return result

    def follow(self, call: ScriptCall) -> list[Found]:
        """The commands of a script or make target of this repository; none when it is not here."""
        if basename(call.program) == "make":
            return self.make(call)
        for program, arguments in _programs(call):
            file = self.repository.script(program, self.path, self.copies)
            if file is None or file.file.path in self.inside or not _may_start(file, arguments):
                continue
            found = self.script(file, call, arguments)
            if found:
                return found
        return []

    def script(self, file: DeployFile, call: ScriptCall, arguments: tuple[Item, ...]) -> list[Found]:
        command = file.workloads[0].command if file.workloads else None
        if not isinstance(command, Line) or self.left <= 0 or len(self.inside) > _DEEPEST:
            return []
        self.left -= 1
        state = State(call.environment, arguments=arguments, trust=self.trust)
        state.label, state.replicas, state.branches = call.label, call.replicas, call.branches
        started: list[Started] = []
        run(command.text, state, started.append)
        self.inside.append(file.file.path)
        found = self.found(started, True)
        self.inside.pop()
        return found

    def make(self, call: ScriptCall) -> list[Found]:
        targets = {item.text for item in call.arguments if isinstance(item, Word) and item.text}
        found: list[Found] = []
        for file in self.repository.makefiles(self.path):
            if file.file.path in self.inside:
                # A target that calls another one is no second process.
                continue
            for workload in file.workloads:
                if workload.name in targets and workload.command is not None:
                    self.inside.append(file.file.path)
                    found += self.found(self.started(workload.command, State(call.environment)), True)
                    self.inside.pop()
        return found


def _may_start(file: DeployFile, arguments: tuple[Item, ...]) -> bool:
    """Whether a script or its arguments name Celery at all; most entrypoints do not."""
    words = [item.value.text for item in arguments if isinstance(item, Word)]
    return "celery" in file.file.text.lower() or any("celery" in word.lower() for word in words)


def _programs(call: ScriptCall) -> Iterator[tuple[str, tuple[Item, ...]]]:
    """What may be a script in a command, with the words behind it: ``tini -- ./run.sh worker``, ``bash run.sh``."""
    yield call.program, call.arguments
    for index, item in enumerate(call.arguments):
        text = item.text if isinstance(item, Word) else None
        if text and not text.startswith("-") and ("/" in text or text.endswith(".sh")):
            yield text, call.arguments[index + 1 :]
