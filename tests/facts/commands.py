"""Shell text to what it starts, for the tests of the shell reader and the command lines."""

from __future__ import annotations

from celerylint.facts.argv import CeleryCommand, Found, ScriptCall, find
from celerylint.facts.located import FileText, Located
from celerylint.facts.shell.items import Item, Started, Word
from celerylint.facts.shell.run import run
from celerylint.facts.shell.state import State
from celerylint.facts.unknown import Unknown


def located(text: str, path: str = "run.sh") -> Located:
    return Located.of(FileText(path, text), 0, len(text))


def started(text: str, **environment: str) -> list[Started]:
    """Every simple command, with the variables of the environment known."""
    state = State({name: located(value, "env") for name, value in environment.items()})
    result: list[Started] = []
    run(located(text), state, result.append)
    return result


def shown(items: tuple[Item, ...]) -> list[object]:
    """Words as text, hidden ones as None, alternatives as a list of their runs."""
    return [i.text if isinstance(i, Word) else [shown(option) for option in i.options] for i in items]


def words(text: str, **environment: str) -> list[list[object]]:
    return [shown(one.items) for one in started(text, **environment)]


def found(text: str, **environment: str) -> list[Found]:
    return [one for command in started(text, **environment) for one in find(command)]


def celery(text: str, **environment: str) -> list[CeleryCommand]:
    return [one for one in found(text, **environment) if isinstance(one, CeleryCommand)]


def only(text: str, **environment: str) -> CeleryCommand:
    """The one command of Celery's in a text."""
    (command,) = celery(text, **environment)
    return command


def options(text: str, **environment: str) -> dict[str, object]:
    """Options of the one command, what is hidden as its reason."""
    values = only(text, **environment).line.options
    return {name: value.reason if isinstance(value, Unknown) else value for name, value in values.items()}


def calls(text: str) -> list[ScriptCall]:
    return [one for one in found(text) if isinstance(one, ScriptCall)]
