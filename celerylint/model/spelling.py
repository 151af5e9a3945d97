"""Near misses: the known name that somebody meant to write."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SEPARATORS = re.compile(r"[-_.:/ ]")
_DIGITS = re.compile(r"\d+")
_LONG = 10
"""From this length on two letters may be wrong."""


def near_word(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` is a misspelling of: a letter or two wrong, or its parts in another order."""
    parts = sorted(word.lower().split("_"))
    for candidate in sorted(known):
        if candidate != word and sorted(candidate.lower().split("_")) == parts:
            return candidate
    return _closest(word, known)


def near_name(name: str, known: Iterable[str]) -> str | None:
    """The task name that ``name`` is a misspelling of; None when none is near, or several are.

    Near are: the same name with other separators, one with a letter or two wrong (never a digit), and the same last
    part under another path of the same package.
    """
    names = sorted(set(known) - {name})
    folded = _SEPARATORS.sub("", name.lower())
    same = [k for k in names if _SEPARATORS.sub("", k.lower()) == folded]
    if same:
        return same[0] if len(same) == 1 else None
    close = _closest(name, (k for k in names if _DIGITS.findall(k) == _DIGITS.findall(name)))
    return close or _moved(name, names)


def _moved(name: str, known: list[str]) -> str | None:
    path, _, last = name.rpartition(".")
    first = path.partition(".")[0]
    if not path:
        return None
    same = [k for k in known if k.rpartition(".")[2] == last and "." in k]
    moved = [k for k in same if k.partition(".")[0] == first or k.endswith("." + name) or name.endswith("." + k)]
    return moved[0] if len(same) == len(moved) == 1 else None


def _closest(word: str, known: Iterable[str]) -> str | None:
    allowed = 2 if len(word) >= _LONG else 1 if len(word) > 3 else 0
    best: list[tuple[int, str]] = []
    for candidate in known:
        if candidate == word or abs(len(candidate) - len(word)) > allowed:
            continue
        steps = distance(word, candidate, allowed)
        if steps is not None:
            best.append((steps, candidate))
    best.sort()
    if not best or (len(best) > 1 and best[0][0] == best[1][0]):
        return None
    return best[0][1]


def distance(one: str, other: str, most: int) -> int | None:
    """How many letters are to be changed, added, dropped or swapped with their neighbour; None for more than
    ``most``."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            step = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                step = min(step, older[j - 2] + 1)
            row.append(step)
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None
