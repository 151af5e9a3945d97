"""The grammar of ``celery``: the words behind it to a command with its options.

Options are read as click reads them (``-Qa,b``, ``-Q a,b``, ``--queues=a,b``, ``-BE``), on both sides of the command,
because Celery 4 took the global options after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from celerylint.facts.located import HOLE
from celerylint.facts.shell.items import Branches, Item, Word
from celerylint.facts.unknown import Unknown
from celerylint.knowledge.cli import (
    COMMAND_OPTIONS,
    FREE_FORM,
    GLOBAL_OPTIONS,
    OLDER_WORKER_OPTIONS,
    SUBCOMMANDS,
    CliOption,
)
from celerylint.sources.spans import Span

OptionValue = str | bool | Unknown
_CONDITION = "depends on a condition in the script"


@dataclass(slots=True)
class CommandLine:
    """``celery`` and what follows. ``extras`` are the words that are neither options nor their values.

    ``unread`` is set when some word that cannot be read may hold further options, so that absence proves nothing.
    """

    command: str
    options: dict[str, OptionValue] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    extras: list[Item] = field(default_factory=list)
    unread: Unknown | None = None
    recognised: int = 0


class NotCelery(Exception):
    """The words are no command line of Celery's."""


class Undecided(Exception):
    """The command itself depends on a condition: the item with this index has to be resolved first."""

    def __init__(self, index: int) -> None:
        self.index = index


def read_command(items: Sequence[Item]) -> CommandLine | Unknown:
    """The command line whose words behind ``celery`` are ``items``; Unknown when the command itself is hidden.

    Raises NotCelery when there is no such command, Undecided when a condition chooses it.
    """
    reader = _Reader(items)
    reader.read()
    return reader.hidden or reader.line


def flags_of(command: str) -> dict[str, CliOption]:
    """Every flag a command accepts, with its option."""
    options = [*GLOBAL_OPTIONS, *COMMAND_OPTIONS.get(command, ())]
    if command in ("worker", "multi"):
        options += [*COMMAND_OPTIONS["worker"], *OLDER_WORKER_OPTIONS]
    return {flag: option for option in options for flag in option.flags}


class _Reader:
    def __init__(self, items: Sequence[Item], command: str = "") -> None:
        self.items = items
        self.line = CommandLine(command)
        self.flags = flags_of(command)
        self.hidden: Unknown | None = None
        self.index = 0

    def read(self) -> None:
        while self.index < len(self.items) and self.hidden is None:
            item = self.items[self.index]
            self.index += 1
            if isinstance(item, Branches):
                self.branches(item)
            elif item.text is None:
                self.partly_hidden(item)
            else:
                self.known(item, item.text)
            if self.line.command == "multi":
                # ``celery multi`` has a grammar of its own, see ``facts/multi.py``.
                self.line.extras += self.items[self.index :]
                return
        if not self.line.command and self.hidden is None:
            raise NotCelery

    def known(self, word: Word, text: str) -> None:
        if text == "--" and self.line.command:
            self.line.extras += self.items[self.index :]
            self.index = len(self.items)
        elif text.startswith("--") and len(text) > 2:
            name, equals, value = text.partition("=")
            self.long(word, name, value if equals else None)
        elif text.startswith("-") and len(text) > 1:
            self.short(word, text)
        elif self.line.command:
            self.line.extras.append(word)
        elif text in SUBCOMMANDS:
            self.line.command = text
            self.flags = flags_of(text)
        else:
            raise NotCelery

    def long(self, word: Word, name: str, value: OptionValue | None) -> None:
        option = self.flags.get(name)
        if option is None:
            if not self.line.command:
                raise NotCelery
            if self.line.command in FREE_FORM:
                self.line.recognised += 1
            self.put(name.lstrip("-"), True if value is None else value, word.span)
        elif not option.takes_value:
            self.line.recognised += 1
            self.put(option.name, True, word.span)
        elif value is not None:
            self.line.recognised += 1
            self.put(option.name, value, word.span)
        else:
            self.following(option, word)

    def short(self, word: Word, text: str) -> None:
        """``-Q``, ``-Qa,b``, and flags in one word: ``-BE``."""
        for position, letter in enumerate(text[1:], start=2):
            option = self.flags.get(f"-{letter}")
            if option is None:
                if not self.line.command:
                    raise NotCelery
                return
            if option.takes_value:
                if position < len(text):
                    self.line.recognised += 1
                    self.put(option.name, text[position:], word.span)
                else:
                    self.following(option, word)
                return
            self.line.recognised += 1
            self.put(option.name, True, word.span)

    def following(self, option: CliOption, flag: Word) -> None:
        """The next word is the option's value."""
        if self.index >= len(self.items):
            return
        item = self.items[self.index]
        self.index += 1
        self.line.recognised += 1
        value: OptionValue
        if isinstance(item, Word):
            value = item.text if item.text is not None else _reason(item)
            self.put(option.name, value, _together(flag, item))
            return
        if any(len(words) != 1 for words in item.options):
            self.line.unread = Unknown(_CONDITION, item.at)
        self.put(option.name, Unknown(_CONDITION, item.at), _range(flag.at, item.at))

    def partly_hidden(self, word: Word) -> None:
        text = word.value.text
        visible = text[: text.index(HOLE)]
        if visible.startswith("--") and "=" in visible:
            self.long(word, visible.partition("=")[0], _reason(word))
        elif visible[:1] == "-" and visible[:2] in self.flags and self.flags[visible[:2]].takes_value:
            self.line.recognised += 1
            self.put(self.flags[visible[:2]].name, _reason(word), word.span)
        elif not self.line.command:
            if visible:
                raise NotCelery
            self.hidden = _reason(word)
        elif visible and visible[0] != "-":
            self.line.extras.append(word)
        else:
            self.line.unread = _reason(word)

    def branches(self, item: Branches) -> None:
        """Options that are there only under a condition are Unknown, unless every alternative says the same."""
        if not self.line.command:
            raise Undecided(self.index - 1)
        readings: list[CommandLine] = []
        for words in item.options:
            reader = _Reader(words, self.line.command)
            reader.read()
            readings.append(reader.line)
            self.line.unread = self.line.unread or reader.line.unread
        for name in dict.fromkeys(name for reading in readings for name in reading.options):
            values = [reading.options.get(name) for reading in readings]
            first = values[0]
            same = first is not None and all(value == first for value in values)
            span = next(reading.spans[name] for reading in readings if name in reading.spans)
            self.line.recognised += 1
            self.put(name, first if same and first is not None else Unknown(_CONDITION, item.at), span)

    def put(self, name: str, value: OptionValue, span: Span) -> None:
        self.line.options[name] = value
        self.line.spans[name] = span


def _reason(word: Word) -> Unknown:
    return word.value.unknown or Unknown("cannot be read", word.at)


def _together(flag: Word, value: Word) -> Span:
    """From the flag to the end of its value: in the command, unless both come out of one variable."""
    if flag.span != flag.at and value.span != value.at:
        return _range(flag.span, value.span)
    return _range(flag.at, value.at)


def _range(flag: Span, value: Span) -> Span:
    if flag.path == value.path and (flag.line, flag.column) <= (value.line, value.column):
        return Span(flag.path, flag.line, flag.column, value.end_line, value.end_column)
    return value
