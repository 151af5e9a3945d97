"""Values that deployment files of several kinds write alike: commands, environments, counts, durations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as Dictionary
from dataclasses import replace

from celerylint.facts.deploy.workload import Command, Line, Words
from celerylint.facts.deploy.yamlnodes import Mapping, Node, Scalar, Sequence
from celerylint.facts.located import Located, join
from celerylint.facts.shell.expand import Expander
from celerylint.facts.shell.grammar import Part
from celerylint.facts.shell.state import State
from celerylint.facts.shell.words import WordReader
from celerylint.facts.unknown import Unknown

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h|d)")
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def command_of(node: Node | None) -> Command | None:
    """A command written as one text or as a list of words."""
    if isinstance(node, Scalar):
        return None if node.null else Line(node.value)
    if isinstance(node, Sequence):
        return Words.of([item.value for item in node.items if isinstance(item, Scalar)])
    return None


def environment_of(node: Node | None) -> dict[str, Located]:
    """Variables from a mapping, a list of ``NAME=value``, or a list of ``{name: ..., value: ...}``."""
    result: dict[str, Located] = {}
    if isinstance(node, Mapping):
        for key, value in node.entries:
            if isinstance(value, Scalar):
                result[key.value.text] = hidden(key.value, "is set outside the file") if value.null else value.value
        return result
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar):
            name, equals, _ = item.value.text.partition("=")
            whole = item.value
            written = whole.cut(len(name) + 1, len(whole.text))
            result[name] = written if equals else hidden(whole, "is set outside the file")
        elif isinstance(item, Mapping) and (name_text := item.text("name")) is not None:
            text = item.text("value")
            if text is not None:
                result[name_text.text] = text
            elif item.key("value") is not None:
                result[name_text.text] = name_text.cut(0, 0)
            else:
                result[name_text.text] = hidden(name_text, "comes from a secret or a config map")
    return result


def hidden(place: Located, reason: str) -> Located:
    """A hole for a named variable; ``reason`` goes on behind "environment variable X"."""
    unknown = Unknown(f"environment variable {place.text} {reason}", place.span())
    return Located.hole(unknown, place.file, place.begin(0), place.finish(max(len(place.text) - 1, 0)))


def count_of(text: Located | None) -> int | Unknown | None:
    """A number of replicas."""
    if text is None:
        return None
    if text.known is not None and text.known.strip().isdigit():
        return int(text.known)
    return text.unknown or Unknown(f"`{text.shown}` is not a number", text.span())


def seconds_of(text: Located | None) -> float | Unknown | None:
    """A duration: ``1m30s``, ``90s``, ``90``."""
    if text is None:
        return None
    known = text.known
    if known is not None:
        if re.fullmatch(r"\d+(\.\d+)?", known):
            return float(known)
        parts = _DURATION.findall(known)
        if parts and "".join(number + unit for number, unit in parts) == known:
            return float(sum(float(number) * _UNITS[unit] for number, unit in parts))
    return text.unknown or Unknown(f"`{text.shown}` is not a duration", text.span())


def interpolate(text: Located, variables: Dictionary[str, Located]) -> Located:
    """``${NAME:-default}`` and ``$NAME`` as docker compose replaces them before anything runs; ``$$`` is a dollar."""
    if "$" not in text.text:
        return text
    expander = Expander(lambda substitution, state: None)
    reader = WordReader(text)
    pieces: list[Located] = []
    begin = 0
    while True:
        at = text.text.find("$", begin)
        if at < 0:
            break
        pieces.append(text.cut(begin, at))
        following = text.text[at + 1 : at + 2]
        if following == "$":
            pieces.append(Located.atom("$", text.file, text.begin(at), text.finish(at + 1)))
            begin = at + 2
            continue
        parts: list[Part] = []
        reader.position = at
        if following == "{" or following.isalpha() or following == "_":
            reader.dollar(parts, True)
            pieces += [v for v in (expander.part(p, State(variables)) for p in parts) if isinstance(v, Located)]
            begin = reader.position
        else:
            pieces.append(text.cut(at, at + 1))
            begin = at + 1
    pieces.append(text.cut(begin, len(text.text)))
    return join(pieces)


def replace_names(text: Located, pattern: re.Pattern[str], values: Dictionary[str, Located]) -> Located:
    """The text with every match of ``pattern`` (group 1 is the name) replaced where ``values`` has the name."""
    pieces: list[Located] = []
    begin = 0
    for match in pattern.finditer(text.text):
        value = values.get(match[1])
        if value is None:
            continue
        pieces += [text.cut(begin, match.start()), standing_for(value, text, match.start(), match.end())]
        begin = match.end()
    if not pieces:
        return text
    pieces.append(text.cut(begin, len(text.text)))
    return join(pieces)


def standing_for(value: Located, text: Located, start: int, end: int) -> Located:
    """``value`` at the place in ``text`` where a reference to it is written."""
    begin, finish = text.begin(start), text.finish(end - 1)
    return replace(Located.atom(value.text, text.file, begin, finish), holes=value.holes, assumed=value.assumed)


def strings(node: Node | None) -> Iterable[str]:
    """A text or a list of texts."""
    if isinstance(node, Scalar):
        yield node.value.text
    elif isinstance(node, Sequence):
        yield from (item.value.text for item in node.items if isinstance(item, Scalar))
