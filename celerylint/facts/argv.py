"""Celery commands among the commands that a script, unit or container starts.

A command may stand behind others that run it (``exec newrelic-admin run-program celery ...``) or inside a string that a
shell or a watcher runs (``bash -c "a && celery ..."``, ``watchfiles 'celery ...'``). A word ``celery`` behind something
unknown counts only when a command of Celery's with a known option follows, so that ``pip install celery flower`` and
``docker compose up celery beat`` do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import basename

from celerylint.facts.commandline import CommandLine, NotCelery, Undecided, read_command
from celerylint.facts.located import Located
from celerylint.facts.multi import read_nodes
from celerylint.facts.programs import RUNNERS, SHOWS, SPEAKS, head_of, script_of_shell
from celerylint.facts.shell.items import Branches, Choices, Item, Started, Word
from celerylint.facts.shell.run import run
from celerylint.facts.shell.state import State
from celerylint.facts.unknown import Unknown
from celerylint.sources.spans import Span

_KINDS = {"worker": "worker", "beat": "beat", "flower": "flower", "multi": "multi"}
_KINDS |= {"events": "other", "migrate": "other"}
_DEEPEST = 6
_MOST_FORKS = 8


@dataclass(slots=True)
class CeleryCommand:
    """One process of Celery's. ``prefix`` are the words in front of ``celery``, ``arguments`` those from it on.

    ``node`` is the name that ``celery multi`` gives it. ``span`` reaches from ``celery`` to the last word.
    """

    kind: str
    line: CommandLine
    span: Span
    prefix: tuple[str, ...]
    arguments: tuple[str, ...]
    environment: Mapping[str, Located]
    label: str
    replicas: int | Unknown
    branches: Choices = ()
    node: str = ""


@dataclass(slots=True)
class ScriptCall:
    """A command that may be a script of this project: ``./entrypoint.sh worker``, ``make workers``."""

    program: str
    arguments: tuple[Item, ...]
    environment: Mapping[str, Located]
    label: str
    replicas: int | Unknown
    span: Span
    branches: Choices = ()


Found = CeleryCommand | ScriptCall | Unknown


def find(started: Started, trust: bool = False, sure: bool = True) -> list[Found]:
    """What one started command runs: commands of Celery's, else the call of a script, else nothing.

    ``trust`` says that nothing else is added to its environment; ``sure`` is False for a text that may not be a command
    at all, which then has to name an option of Celery's.
    """
    return _Finder(started, trust, 0, sure).find(list(started.items))


class _Finder:
    def __init__(self, started: Started, trust: bool, depth: int, direct: bool) -> None:
        self.started = started
        self.trust = trust
        self.depth = depth
        self.direct = direct

    def find(self, items: list[Item], forks: int = 0) -> list[Found]:
        items = list(_hoisted(items))
        head, position = head_of(items)
        if head in SHOWS or SPEAKS.search(head):
            return []
        for index, item in enumerate(items):
            if isinstance(item, Branches):
                if forks < _MOST_FORKS and not any(_is_celery(word) for word in items[:index]):
                    return self.fork(items, index, forks)
                continue
            if _is_celery(item):
                try:
                    found = self.celery(items, index)
                except NotCelery:
                    continue
                except Undecided as undecided:
                    return self.fork(items, index + 1 + undecided.index, forks) if forks < _MOST_FORKS else []
                return found
        return self.strings(items, head, position)

    def fork(self, items: list[Item], index: int, forks: int) -> list[Found]:
        """One reading for each alternative of an item."""
        branches = items[index]
        assert isinstance(branches, Branches)
        found: list[Found] = []
        for option in branches.options:
            for one in self.find([*items[:index], *option, *items[index + 1 :]], forks + len(branches.options)):
                if not any(_equal(one, other) for other in found):
                    found.append(one)
        return found

    def celery(self, items: list[Item], index: int) -> list[Found]:
        """The command whose word ``celery`` has this index. Raises NotCelery when it only looks like one."""
        line = read_command(items[index + 1 :])
        before = items[:index]
        head, _ = head_of(items)
        sure = self.direct and (index == 0 or head in RUNNERS or _is_celery(_first(items, head)))
        if isinstance(line, Unknown):
            return [line] if sure else []
        if not sure and (not line.recognised or (line.extras and line.command != "multi")):
            raise NotCelery
        kind = _KINDS.get(line.command)
        if kind is None:
            return []
        base = CeleryCommand(
            kind,
            line,
            _span(items[index:]),
            tuple(_shown(before)),
            tuple(_shown(items[index:])),
            self.started.environment,
            self.started.label,
            self.started.replicas,
            self.started.branches,
        )
        if kind != "multi":
            return [base]
        return [replace(base, line=node_line, node=node) for node, node_line in read_nodes(line)]

    def strings(self, items: list[Item], head: str, position: int) -> list[Found]:
        """Commands inside a string that a shell or a watcher runs; else the command itself as a call of a script."""
        words = [item for item in items if isinstance(item, Word)]
        script = script_of_shell(words)
        if script is not None and self.depth < _DEEPEST:
            at = words.index(script)
            return self.nested(script, words[:at], tuple(words[at + 2 :]), self.direct)
        found: list[Found] = []
        for index, word in enumerate(words):
            text = word.value.text
            if self.depth < _DEEPEST and "celery" in text.lower() and " " in text.strip():
                found += self.nested(word, words[:index], (), self.direct and head in RUNNERS)
        commands = [one for one in found if isinstance(one, CeleryCommand)]
        if commands or not head or not self.direct:
            return list(commands)
        started = self.started
        rest = tuple(items[position + 1 :])
        span = _span(items)
        return [ScriptCall(head, rest, started.environment, started.label, started.replicas, span, started.branches)]

    def nested(self, script: Word, prefix: Sequence[Word], arguments: tuple[Item, ...], direct: bool) -> list[Found]:
        found: list[Found] = []
        outer = self.started

        def sink(started: Started) -> None:
            inner = replace(started, label=started.label or outer.label)
            finder = _Finder(inner, self.trust, self.depth + 1, direct or _begins_with_celery(inner))
            found.extend(finder.find(list(inner.items)))

        value = script.value.stripped()
        text = value.text.removeprefix("--command=").removeprefix("--exec=")
        value = value.cut(len(value.text) - len(text), len(value.text))
        state = State(outer.environment, arguments=arguments, trust=self.trust)
        state.label, state.replicas, state.branches = outer.label, outer.replicas, outer.branches
        run(value, state, sink)
        words = tuple(_shown(prefix))
        return [replace(one, prefix=words + one.prefix) if isinstance(one, CeleryCommand) else one for one in found]


def _begins_with_celery(started: Started) -> bool:
    return bool(started.items) and _is_celery(started.items[0])


def _is_celery(item: Item | None) -> bool:
    """``celery`` by any path, ``$CELERY_BIN``, ``{{ celery }}``."""
    if not isinstance(item, Word):
        return False
    if item.unread:
        return "celery" in item.value.shown.lower()
    return basename(item.value.text) in ("celery", "celery.exe")


def _first(items: Sequence[Item], head: str) -> Item | None:
    return next((i for i in items if isinstance(i, Word) and basename(i.text or i.value.shown) == basename(head)), None)


def _hoisted(items: Sequence[Item]) -> Iterator[Item]:
    """The items with what all alternatives begin with taken out of them."""
    for item in items:
        if isinstance(item, Branches) and len(item.options) > 1 and all(item.options):
            shared = 0
            for words in zip(*item.options, strict=False):
                texts = {word.value.shown if isinstance(word, Word) else None for word in words}
                if len(texts) != 1 or None in texts:
                    break
                shared += 1
            yield from item.options[0][:shared]
            if any(len(option) > shared for option in item.options):
                yield Branches(tuple(option[shared:] for option in item.options), item.at)
        else:
            yield item


def _shown(items: Sequence[Item]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Word):
            yield item.value.shown
        else:
            yield "[" + " | ".join(" ".join(_shown(option)) for option in item.options) + "]"


def _span(items: Sequence[Item]) -> Span:
    """From the first word to the last where they stand in the command."""
    first, last = items[0].at, items[-1].at
    if first.path != last.path or (last.end_line, last.end_column) < (first.line, first.column):
        return first
    return Span(first.path, first.line, first.column, last.end_line, last.end_column)


def _equal(one: Found, other: Found) -> bool:
    if isinstance(one, CeleryCommand) and isinstance(other, CeleryCommand):
        return one.arguments == other.arguments and one.span == other.span
    return one == other
