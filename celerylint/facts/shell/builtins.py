"""Built-in commands of the shell that change what the following lines mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from celerylint.facts.located import HOLE, Either, Located, join
from celerylint.facts.shell.expand import Expander
from celerylint.facts.shell.grammar import Simple
from celerylint.facts.shell.items import Array, Word, joined
from celerylint.facts.shell.state import State
from celerylint.facts.unknown import Unknown

PRINTED = "\0printed"
"""The variable in which the output of a followed function is gathered."""

DECLARE = frozenset({"export", "local", "declare", "typeset", "readonly"})
ENDS = frozenset({"exit", "return", "exec", "break", "continue"})
Handler = Callable[[Array, Simple, State, Expander], None]


def declare(statement: Simple, state: State) -> None:
    """``export A B=c``: the assignments are done already, the names are marked."""
    head = statement.words[0].literal
    words = [word.literal for word in statement.words[1:]]
    if head == "export" or (head in ("declare", "typeset") and "-x" in words):
        names = {assignment.name for assignment in statement.assignments}
        state.exported |= names | {word for word in words if word and not word.startswith("-")}


def texts(pieces: list[Located]) -> Iterator[Located]:
    """The words of ``eval`` as text; once for each alternative when some part of them depends on a condition."""
    text = pieces[0]
    for piece in pieces[1:]:
        text = joined(joined(text, _space(piece)), piece)
    widest = max((len(hole.options) for hole in text.holes.values() if isinstance(hole, Either)), default=1)
    for choice in range(widest):
        yield _chosen(text, choice)


def _space(place: Located) -> Located:
    return Located.atom(" ", place.file, place.begin(0), place.begin(0))


def _chosen(text: Located, choice: int) -> Located:
    """The text with the alternative of that number in every hole that has some."""
    at = next((index for index, hole in text.holes.items() if isinstance(hole, Either)), None)
    if at is None:
        return text
    hole = text.holes[at]
    assert isinstance(hole, Either)
    option = hole.options[min(choice, len(hole.options) - 1)]
    return _chosen(join([text.cut(0, at), option, text.cut(at + 1, len(text.text))]), choice)


def _echo(items: Array, statement: Simple, state: State, expander: Expander) -> None:
    gathered = state.variables.get(PRINTED)
    if not isinstance(gathered, Located):
        return
    for word in statement.words[1:]:
        if word.literal in ("-e", "-n", "-E"):
            continue
        value = expander.scalar(word, state)
        gathered = joined(joined(gathered, _space(value)), value) if gathered.text else value
    state.variables[PRINTED] = gathered


def _set(items: Array, statement: Simple, state: State, expander: Expander) -> None:
    """``set -- a b`` gives the script new arguments."""
    marks = [index for index, item in enumerate(items) if isinstance(item, Word) and item.text == "--"]
    if marks:
        state.arguments = items[marks[0] + 1 :]
        for name in [name for name in state.variables if name.isdigit()]:
            del state.variables[name]


def _shift(items: Array, statement: Simple, state: State, expander: Expander) -> None:
    count = items[1].text if len(items) > 1 and isinstance(items[1], Word) else "1"
    if state.arguments is not None:
        state.arguments = state.arguments[int(count) :] if count and count.isdigit() else None
    for name in [name for name in state.variables if name.isdigit()]:
        del state.variables[name]


def _unset(items: Array, statement: Simple, state: State, expander: Expander) -> None:
    for item in items[1:]:
        if isinstance(item, Word) and item.text:
            state.variables.pop(item.text, None)


def _read(items: Array, statement: Simple, state: State, expander: Expander) -> None:
    """``IFS=: read -r a b <<< "$x"`` splits a known text; any other ``read`` makes its variables unknown."""
    names = [item.text for item in items[1:] if isinstance(item, Word) and item.text and not item.text.startswith("-")]
    text = expander.scalar(statement.herestring, state) if statement.herestring else None
    separators = " \t\n"
    for assignment in statement.assignments:
        if assignment.name == "IFS":
            separators = expander.scalar(assignment.value, state).known or separators
    place = statement.written
    hidden = Located.hole(Unknown("read from input", place.span()), place.file, place.begin(0), place.finish(0))
    rest = None if text is None or HOLE in text.text else text
    for position, name in enumerate(names):
        if rest is None:
            state.variables[name] = hidden
            continue
        ends = [index for index, char in enumerate(rest.text) if char in separators]
        if not ends or position == len(names) - 1:
            state.variables[name], rest = rest, rest.cut(len(rest.text), len(rest.text))
        else:
            state.variables[name], rest = rest.cut(0, ends[0]), rest.cut(ends[0] + 1, len(rest.text))


def _nothing(items: Array, statement: Simple, state: State, expander: Expander) -> None:
    """Its words are expanded, which is all it is for: ``: "${X:=default}"``."""


HANDLED: dict[str, Handler] = {
    "echo": _echo,
    "set": _set,
    "shift": _shift,
    "unset": _unset,
    "read": _read,
    ":": _nothing,
    "true": _nothing,
    "[": _nothing,
    "[[": _nothing,
    "test": _nothing,
}
