"""Commands in pyproject.toml: tasks of poe, taskipy and PDM, scripts of Hatch and Rye."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

from celerylint.facts.deploy.workload import Command, DeployFile, Line, Words, Workload
from celerylint.facts.located import FileText, Located
from celerylint.facts.unknown import Unknown

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_TABLES = (("poe", "tasks"), ("taskipy", "tasks"), ("pdm", "scripts"), ("rye", "scripts"), ("uv", "scripts"))


def read_pyproject(file: FileText) -> DeployFile:
    """One workload for every task that mentions celery; TOML that cannot be read gives one Unknown."""
    result = DeployFile(file, "pyproject")
    try:
        content = tomllib.loads(file.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"line (\d+)", str(error))
        start = file.offset(int(line[1]) if line else 1)
        result.unknown.append(Unknown("not valid TOML", file.span(start, start)))
        return result
    for name, value in _tasks(content.get("tool")):
        for command in _commands(file, value):
            if command is not None:
                span = command.text.span() if isinstance(command, Line) else command.items[0].at
                workload = Workload(name, "pyproject", span, command)
                workload.open_environment = True
                result.workloads.append(workload)
    return result


def _tasks(tool: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(tool, dict):
        return
    for owner, key in _TABLES:
        table = tool.get(owner)
        table = table.get(key) if isinstance(table, dict) else None
        if isinstance(table, dict):
            yield from table.items()
    hatch = tool.get("hatch")
    environments = hatch.get("envs") if isinstance(hatch, dict) else None
    for environment in environments.values() if isinstance(environments, dict) else ():
        scripts = environment.get("scripts") if isinstance(environment, dict) else None
        if isinstance(scripts, dict):
            yield from scripts.items()


def _commands(file: FileText, value: Any) -> Iterator[Command | None]:
    """The commands of a task: a text, a list of steps, a table with ``cmd``, ``shell``, ``script`` or ``sequence``."""
    if isinstance(value, str):
        yield _line(file, value)
    elif isinstance(value, list):
        for step in value:
            yield from _commands(file, step)
    elif isinstance(value, dict):
        command = value.get("cmd")
        if isinstance(command, list) and all(isinstance(word, str) for word in command):
            yield _words(file, command)
        elif command is not None:
            yield from _commands(file, command)
        for key in ("shell", "sequence", "composite", "ref"):
            if key in value:
                yield from _commands(file, value[key])


def _line(file: FileText, text: str) -> Line | None:
    if "celery" not in text.lower():
        return None
    start = file.text.find(text)
    if start >= 0:
        return Line(Located.of(file, start, start + len(text)))
    near = _near(file, text)
    return Line(Located.atom(text, file, near, near))


def _words(file: FileText, words: list[str]) -> Words | None:
    if not words or not any("celery" in word for word in words):
        return None
    quoted = [f"[\"'](?P<w{at}>{re.escape(word)})[\"']" for at, word in enumerate(words)]
    written = re.search(r"\s*,\s*".join(quoted), file.text)
    if written is None:
        near = _near(file, next(word for word in words if "celery" in word))
        return Words.of([Located.atom(word, file, near, near) for word in words])
    return Words.of([Located.of(file, written.start(f"w{at}"), written.end(f"w{at}")) for at in range(len(words))])


def _near(file: FileText, text: str) -> int:
    """The offset of a text that is escaped in the file: that of its first words."""
    beginning = re.split(r"[\"\\\n]", text.strip())[0]
    return max(file.text.find(beginning), 0)
