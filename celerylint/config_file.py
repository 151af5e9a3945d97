"""Reading a TOML file key by key, with complaints that say where."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from celerylint.levels import did_you_mean

Word = TypeVar("Word", bound=str)

_SORTS = {str: "a string", bool: "true or false", list: "a list", dict: "a table", int: "a number", float: "a number"}


class ConfigError(Exception):
    """The configuration cannot be used. ``lines`` are the complaints, each with its place."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(slots=True)
class _File:
    """The file a table comes from: what it is called, what it says, what is wrong with it."""

    shown: str
    text: str
    complaints: list[tuple[int, str]] = field(default_factory=list)


def read_toml(path: Path) -> Table:
    """The table of celerylint in a file: the whole of it, or ``[tool.celerylint]`` of a pyproject.toml.

    Raises ConfigError when the file cannot be read or is not TOML.
    """
    if sys.version_info >= (3, 11):  # imported here: without a file nobody pays for it
        import tomllib
    else:
        import tomli as tomllib

    shown = _shown(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
        data = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{shown}: cannot be read: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown}: not TOML: the file is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_broken(shown, str(error))) from error
    except RecursionError as error:
        raise ConfigError(f"{shown}: not readable: nested too deeply") from error
    file = _File(shown, text)
    if path.name != "pyproject.toml":
        return Table(file, (), data)
    tool = data.get("tool", {})
    own = tool.get("celerylint") if isinstance(tool, dict) else None
    table = Table(file, ("tool", "celerylint"), own if isinstance(own, dict) else {}, absent=own is None)
    if own is not None and not isinstance(own, dict):
        table.complain(None, "[tool.celerylint] must be a table")
    return table


class Table:
    """One table of the file. A getter takes its key; ``refuse_others`` complains of those that nobody asked for."""

    def __init__(self, file: _File, path: tuple[str, ...], data: dict[str, Any], absent: bool = False) -> None:
        self._file, self._path, self._data, self.absent = file, path, data, absent
        self._asked: dict[str, None] = {}

    @classmethod
    def empty(cls) -> Table:
        return cls(_File("", ""), (), {}, absent=True)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self._data)

    def peek(self, key: str) -> object:
        return self._data.get(key)

    def string(self, key: str) -> str | None:
        value = self._take(key, str)
        return value if isinstance(value, str) else None

    def boolean(self, key: str) -> bool | None:
        value = self._take(key, bool)
        return value if isinstance(value, bool) else None

    def strings(self, key: str) -> tuple[str, ...] | None:
        value = self._take(key, list, "a list of strings")
        if not isinstance(value, list):
            return None
        if not all(isinstance(one, str) for one in value):
            self.complain(key, f'"{key}" must be a list of strings')
            return None
        return tuple(value)

    def choice(self, key: str, allowed: Sequence[Word]) -> Word | None:
        value = self._take(key, str)
        for word in allowed:
            if word == value:
                return word
        if isinstance(value, str):
            self.complain(key, f'"{key}" must be one of {", ".join(allowed)}, not "{value}"')
        return None

    def table(self, key: str) -> Table:
        value = self._take(key, dict)
        return Table(self._file, (*self._path, key), value if isinstance(value, dict) else {}, absent=value is None)

    def tables(self, key: str) -> Iterator[Table]:
        value = self._take(key, list, "a list of tables")
        for index, one in enumerate(value if isinstance(value, list) else []):
            if isinstance(one, dict):
                yield Table(self._file, (*self._path, f"{key}#{index}"), one)
            else:
                self.complain(key, f'"{key}" must be a list of tables')

    def rest(self) -> dict[str, Any]:
        """The keys that nobody asked for, as they are."""
        return {key: value for key, value in self._data.items() if key not in self._asked}

    def refuse_others(self) -> None:
        for key in self.rest():
            where = f" in [{'.'.join(part.partition('#')[0] for part in self._path)}]" if self._path else ""
            if not self._path and key == "tool":
                self.complain(key, "in this file the keys stand at the top level, without [tool.celerylint]")
            else:
                self.complain(key, f'unknown key "{key}"{where}{did_you_mean(key, self._asked)}')

    def complain(self, key: str | None, message: str) -> None:
        """Note what is wrong, at the key (or at the table itself)."""
        line = self._line(key)
        self._file.complaints.append((line or 0, f"{self.where(key)}: {message}"))

    def where(self, key: str | None) -> str:
        line = self._line(key)
        return self._file.shown + (f":{line}" if line else "")

    def finish(self) -> None:
        """Raise everything that was noted in this file, in the order of its lines."""
        if self._file.complaints:
            raise ConfigError(*(message for _, message in sorted(self._file.complaints, key=lambda one: one[0])))

    def _take(self, key: str, sort: type, wanted: str = "") -> object:
        self._asked[key] = None
        value = self._data.get(key)
        if value is None or isinstance(value, sort):
            return value
        have = _SORTS.get(type(value), "something else")
        self.complain(key, f'"{key}" must be {wanted or _SORTS[sort]}, not {have}')
        return None

    def _line(self, key: str | None) -> int | None:
        return _line_of(self._file.text, self._path, key)


def _line_of(text: str, path: tuple[str, ...], key: str | None) -> int | None:
    """The line on which a key of a table stands, as far as the usual ways of writing TOML go; else that of the table.

    TOML readers give no positions, so this follows headers and ``key =`` at line starts, dotted keys and inline tables.
    """
    full = path if key is None else (*path, key)
    best: tuple[int, int] | None = None
    counts: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(#.*)?$", line)
        entry = re.match(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""", line)
        if header and not entry:
            table = _keys(header.group(2))
            if header.group(1) == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table[:-1], f"{table[-1]}#{counts[table]}")
            elif table[:-1] in counts:  # a table inside the latest element of an array
                table = (*table[:-2], f"{table[-2]}#{counts[table[:-1]]}", table[-1])
            here = table
        elif entry:
            here = (*table, *_keys(entry.group(1)))
        else:
            continue
        shared = min(len(here), len(full))
        if all(map(_same, full[:shared], here[:shared])) and (best is None or shared > best[0]):
            best = (shared, number)
    return best[1] if best else None


def _same(wanted: str, written: str) -> bool:
    """Whether two parts of a path are one; an array in one line (``key = [{...}]``) does not number its elements."""
    return written in (wanted, wanted.partition("#")[0])


def _keys(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(r"""[\w-]+|"[^"]*"|'[^']*'""", dotted))


def _broken(shown: str, message: str) -> str:
    place = re.search(r"\s*\(at line (\d+), column (\d+)\)$", message)
    if place:
        return f"{shown}:{place.group(1)}: not TOML: {_lower(message[: place.start()])}"
    return f"{shown}: not TOML: {_lower(re.sub(r' *[(]at end of document[)]', ' (at its end)', message))}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _shown(path: Path) -> str:
    relative = os.path.relpath(path)
    return (str(path) if relative.startswith("..") else relative).replace(os.sep, "/")
