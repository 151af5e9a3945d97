"""Words before expansion to words after it: variables, defaults, arrays and what conditions left in them."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable
from dataclasses import replace

from celerylint.facts.located import HOLE, Either, Located, join
from celerylint.facts.shell.grammar import UNFOLLOWED, Part, RawWord, Substitution, Text, Variable
from celerylint.facts.shell.items import Array, Branches, Item, Scalar, Word, choose
from celerylint.facts.shell.state import State
from celerylint.facts.unknown import Unknown

Substitute = Callable[[Substitution, State], Located | None]


class Expander:
    """Expands words. ``substitute`` says what a command substitution prints, None when that is not known."""

    def __init__(self, substitute: Substitute) -> None:
        self.substitute = substitute

    def items(self, words: Iterable[RawWord], state: State) -> Array:
        """The words of a command."""
        result: list[Item] = []
        for word in words:
            result += self.word(word, state)
        return tuple(result)

    def word(self, raw: RawWord, state: State) -> list[Item]:
        at = raw.written.span()
        result: list[Item] = []
        current: list[Located] = []
        quoted = False

        def flush() -> None:
            nonlocal quoted
            if current and (quoted or any(piece.text for piece in current)):
                result.append(choose(join(current), at, quoted))
            current.clear()
            quoted = False

        for part in raw.parts:
            value = self.part(part, state)
            if isinstance(value, tuple):
                if value or not part.quoted:
                    flush()
                # The arguments of a script stand where its caller wrote them.
                given = isinstance(part, Variable) and part.name in ("@", "*")
                result += [replace(item, at=at) if isinstance(item, Word) and not given else item for item in value]
            elif part.quoted or isinstance(part, Text):
                current.append(value)
                quoted = quoted or part.quoted
            else:
                self._split(value, current, flush)
        flush()
        return result

    @staticmethod
    def _split(value: Located, current: list[Located], flush: Callable[[], None]) -> None:
        """Add an unquoted variable: its first field goes on with the word before it, its last with what follows."""
        if not _holds_blank(value):
            if value:
                current.append(value)
            return
        if value.text[:1] in " \t\n":
            flush()
        pieces = list(value.split())
        for index, piece in enumerate(pieces):
            if index:
                flush()
            current.append(piece)
        if value.text[-1:] in " \t\n":
            flush()

    def part(self, part: Part, state: State) -> Scalar | Array:
        if isinstance(part, Variable):
            return self.variable(part, state)
        if isinstance(part, Substitution):
            printed = self.substitute(part, state)
            return _hole("the output of a command", part.written) if printed is None else printed
        return part.value

    def scalar(self, raw: RawWord, state: State) -> Located:
        """The word as the value of an assignment: nothing is split."""
        pieces: list[Located] = []
        for part in raw.parts:
            value = self.part(part, state)
            if isinstance(value, tuple):
                for index, item in enumerate(value):
                    if index:
                        place = raw.written
                        pieces.append(Located.atom(" ", place.file, place.begin(0), place.begin(0)))
                    text = item.value if isinstance(item, Word) else _alternatives(item)
                    if text is not None:
                        pieces.append(text)
            else:
                pieces.append(value)
        return join(pieces) if pieces else raw.written.cut(0, 0)

    def variable(self, part: Variable, state: State) -> Scalar | Array:
        if part.operator == UNFOLLOWED:
            return _hole(f"`{part.written.text}` is not followed", part.written)
        value = lookup(part, state)
        operator, operand = part.operator.lstrip(":"), part.operand
        if operand is not None and operator in ("-", "="):
            if value is None or (part.operator[0] == ":" and not value) or _left_open(part, value, state):
                default = replace(self.scalar(operand, state), assumed=not state.trust)
                if operator == "=":
                    state.variables[part.name] = default
                return default
        elif operand is not None and operator == "+":
            word = self.scalar(operand, state)
            if value is None or (isinstance(value, Located) and value.holes):
                return Located.hole(Either((word, word.cut(0, 0))), word.file, word.begin(0), word.begin(0))
            return word if value else word.cut(0, 0)
        elif operand is not None and operator[:1] in ("%", "#") and isinstance(value, Located):
            return _trimmed(value, self.scalar(operand, state).known, operator)
        return _hole(_unset(part), part.written) if value is None else value


def lookup(part: Variable, state: State) -> Scalar | Array | None:
    """The value of a variable, None when it is not set here."""
    name = part.name
    if name in ("@", "*"):
        return state.arguments
    if name in state.variables:
        value = state.variables[name]
        if isinstance(value, tuple) and not part.every:
            first = value[0] if value else None
            return first.value if isinstance(first, Word) else None
        return value
    if name.isdigit() and name != "0" and state.arguments is not None:
        position = int(name) - 1
        if any(isinstance(item, Branches) or item.unread for item in state.arguments[: position + 1]):
            return None
        if position >= len(state.arguments):
            return part.written.cut(0, 0) if state.trust else None
        argument = state.arguments[position]
        return argument.value if isinstance(argument, Word) else None
    return state.environment.get(name)


def _unset(part: Variable) -> str:
    if part.name in ("@", "*") or part.name.isdigit():
        return f"`{part.written.text}` is an argument of the script"
    if part.name in "#?$!-":
        return f"`{part.written.text}` is known only while the script runs"
    return f"environment variable {part.name} has no default"


def _trimmed(value: Located, pattern: str | None, operator: str) -> Located:
    """``${name%suffix}`` and ``${name#prefix}``; doubled operators take the longest match."""
    length = len(value.text)
    shortest_first = range(length + 1) if len(operator) == 1 else range(length, -1, -1)
    for size in shortest_first:
        affix = value.text[length - size :] if operator[0] == "%" else value.text[:size]
        if pattern is not None and fnmatch.fnmatchcase(affix, pattern):
            return value.cut(0, length - size) if operator[0] == "%" else value.cut(size, length)
    return value


def _hole(reason: str, written: Located) -> Located:
    return Located.hole(
        Unknown(reason, written.span()), written.file, written.begin(0), written.finish(max(len(written.text) - 1, 0))
    )


def _left_open(part: Variable, value: Scalar | Array, state: State) -> bool:
    """A variable that comes from outside without a value (``environment: [QUEUES]``): the default is an assumption."""
    return part.name not in state.variables and isinstance(value, Located) and value.text == HOLE


def _holds_blank(value: Located) -> bool:
    return any(char in value.text for char in " \t\n")


def _alternatives(item: Branches) -> Located | None:
    """Alternative runs of words inside a text; None when there is no word in any of them."""
    texts: list[Located] = []
    for option in item.options:
        pieces: list[Located] = []
        for word in option:
            if isinstance(word, Word):
                value = word.value
                space = Located.atom(" ", value.file, value.begin(0), value.begin(0))
                pieces += [space, value] if pieces else [value]
        if pieces:
            texts.append(join(pieces))
    if not texts:
        return None
    place = texts[0]
    if len(texts) < len(item.options):
        texts.append(place.cut(0, 0))
    return Located.hole(Either(tuple(texts)), place.file, place.begin(0), place.finish(max(len(place.text) - 1, 0)))
