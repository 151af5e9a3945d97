"""``celery multi start``: the nodes it starts and the options of each.

Its grammar is Celery's own (celery/apps/multi.py, NamespacedOptionParser): a short option takes the next word that does
not begin with a dash, a long one takes a value only with ``=``, and ``-c:name 3`` holds for the nodes named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from celerylint.facts.commandline import CommandLine, OptionValue, flags_of
from celerylint.facts.shell.items import Item, Word
from celerylint.facts.unknown import Unknown
from celerylint.sources.spans import Span

_STARTS = frozenset({"start", "restart"})
_MOST_NODES = 64


def read_nodes(line: CommandLine) -> list[tuple[str, CommandLine]]:
    """Node name and command line of every worker that ``celery multi`` starts; none for ``stop`` and the like."""
    words = [item for item in line.extras if isinstance(item, Word)]
    if not words or words[0].text not in _STARTS:
        return []
    reader = _Nodes(line, words[1:])
    conditional = next((item for item in line.extras if not isinstance(item, Word)), None)
    reader.unread = Unknown("depends on a condition in the script", conditional.at) if conditional else None
    return reader.read()


class _Nodes:
    def __init__(self, line: CommandLine, words: Sequence[Word]) -> None:
        self.base = line
        self.words = words
        self.flags = flags_of("multi")
        self.names: list[str] = []
        self.unread: Unknown | None = None
        self.shared: dict[str, tuple[OptionValue, Span]] = {}
        self.scoped: list[tuple[str, str, OptionValue, Span]] = []

    def read(self) -> list[tuple[str, CommandLine]]:
        index = 0
        while index < len(self.words):
            word = self.words[index]
            text = word.text if word.text is not None else word.value.shown
            index += 1
            if text == "--":
                break
            if text.startswith("--"):
                name, equals, value = text.partition("=")
                hidden = word.value.unknown if word.text is None else None
                self.option(name, hidden or (value if equals else True), word.span)
            elif text.startswith("-"):
                following = self.words[index] if index < len(self.words) else None
                if following is not None and not following.value.text.startswith("-"):
                    index += 1
                    self.option(text, following.text if following.text is not None else _reason(following), word.span)
                else:
                    self.option(text, True, word.span)
            elif word.text is None:
                self.unread = self.unread or _reason(word)
            else:
                self.names.append(text)
        return self.nodes()

    def option(self, flag: str, value: OptionValue, span: Span) -> None:
        flag, scoped, nodes = flag.partition(":")
        known = self.flags.get(flag)
        name = known.name if known else flag.lstrip("-")
        if scoped:
            self.scoped.append((nodes, name, value, span))
        else:
            self.shared[name] = (value, span)

    def nodes(self) -> list[tuple[str, CommandLine]]:
        names, ranges = self.names, False
        if len(names) == 1 and names[0].isdigit() and 0 < int(names[0]) <= _MOST_NODES:
            names, ranges = [str(number + 1) for number in range(int(names[0]))], True
        result = []
        for position, name in enumerate(names or [""], start=1):
            line = replace(self.base, options=dict(self.base.options), spans=dict(self.base.spans), extras=[])
            line.unread = self.unread
            for option, (value, span) in self.shared.items():
                line.options[option], line.spans[option] = value, span
            for scope, option, value, span in self.scoped:
                if _covers(scope, name, position, ranges):
                    line.options[option], line.spans[option] = value, span
            result.append((f"celery{name}" if ranges else name, line))
        return result


def _covers(scope: str, name: str, position: int, ranges: bool) -> bool:
    """Whether ``-c:scope`` holds for a node: its name, its number, a list of them, with numbers also a range."""
    for part in scope.split(","):
        low, dash, high = part.partition("-")
        if part == name or (part.isdigit() and int(part) == position):
            return True
        if ranges and dash and low.isdigit() and high.isdigit() and int(low) <= position <= int(high):
            return True
    return False


def _reason(word: Item) -> Unknown:
    assert isinstance(word, Word)
    return word.value.unknown or Unknown("cannot be read", word.at)
