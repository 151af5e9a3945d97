"""What an expanded command consists of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from celerylint.facts.located import HOLE, Either, Located, join
from celerylint.facts.unknown import Unknown
from celerylint.sources.spans import Span

MOST_ALTERNATIVES = 8


@dataclass(frozen=True, slots=True)
class Word:
    """One word after expansion. ``at`` is where it stands in the command, ``span`` where its text is written."""

    value: Located
    at: Span
    quoted: bool

    @property
    def text(self) -> str | None:
        return self.value.known

    @property
    def span(self) -> Span:
        """Where the text is written: in the command, or whole in the value of a variable; else the command's word."""
        if not self.value:
            return self.at
        inside = [self.at.covers(self.value.span(index, index + 1)) for index in (0, len(self.value.text) - 1)]
        if all(inside) or (not any(inside) and len(self.value.segments) == 1):
            return self.value.span()
        return self.at

    @property
    def unread(self) -> bool:
        """Whether the whole word is hidden, so that it may be any word (unquoted: any number of words)."""
        return self.value.text == HOLE


@dataclass(frozen=True, slots=True)
class Branches:
    """One of several runs of words, chosen by a condition; an empty one means that the words may be missing."""

    options: tuple[tuple[Item, ...], ...]
    at: Span


Item: TypeAlias = Word | Branches
Scalar: TypeAlias = Located
Array: TypeAlias = tuple[Item, ...]
Variables: TypeAlias = dict[str, Scalar | Array]
Choices: TypeAlias = tuple[tuple[int, int], ...]
"""The conditions something stands in: number of the statement, number of its branch."""


@dataclass(frozen=True, slots=True)
class Started:
    """One simple command that a script starts.

    ``environment`` is what the command sees: the variables exported before it and its own assignments. ``label`` names
    the case arm or function it stands in, ``replicas`` how often one pass starts it, ``branches`` the conditions.
    """

    items: tuple[Item, ...]
    environment: Mapping[str, Located]
    label: str
    replicas: int | Unknown
    span: Span
    branches: Choices = ()


def fields(value: Located, at: Span) -> Iterator[Item]:
    """The words an unquoted variable falls apart into."""
    for token in value.split():
        yield choose(token, at, quoted=False)


def choose(token: Located, at: Span, quoted: bool) -> Item:
    """A word, or the alternatives of one whose text depends on a condition."""
    if len(token.holes) > MOST_ALTERNATIVES:
        return Word(token, at, quoted)
    for index, hole in token.holes.items():
        if isinstance(hole, Either) and len(hole.options) <= MOST_ALTERNATIVES:
            options: list[tuple[Item, ...]] = []
            for option in hole.options:
                text = join([token.cut(0, index), option, token.cut(index + 1, len(token.text))])
                if quoted:
                    options.append((choose(text, at, quoted=True),))
                else:
                    options.append(tuple(fields(text, at)))
            return Branches(tuple(options), at)
    return Word(token, at, quoted)


def merged_text(values: list[Located]) -> Located:
    """One text for several that different branches leave in a variable: what they share, then the alternatives."""
    first = values[0]
    if all(_same(value, first) for value in values[1:]):
        return first
    shared = 0
    shortest = min(len(value.text) for value in values)
    while shared < shortest and all(_same_at(value, first, shared) for value in values):
        shared += 1
    tails: list[Located] = []
    for value in values:
        tail = value.cut(shared, len(value.text))
        if not any(_same(tail, other) for other in tails):
            tails.append(tail)
    place = max(tails, key=lambda tail: len(tail.text))
    hole: Either | Unknown = Either(tuple(tails))
    if len(tails) > MOST_ALTERNATIVES:
        hole = Unknown("depends on many conditions in the script", place.span())
    begin = place.begin(0)
    alternative = Located.hole(hole, place.file, begin, max(begin, place.finish(max(len(place.text) - 1, 0))))
    return join([first.cut(0, shared), alternative]) if shared else alternative


def joined(left: Located, right: Located) -> Located:
    """Two texts one behind the other; the place is that of the one which is not empty."""
    if not left.text:
        return right
    return join([left, right]) if right.text else left


def merged(values: list[Scalar | Array], missing: bool) -> Scalar | Array:
    """What several branches leave in a variable. ``missing``: some branch leaves it to the environment."""
    texts = [value for value in values if isinstance(value, Located)]
    arrays = [value for value in values if isinstance(value, tuple)]
    if texts and missing:
        place = texts[0]
        reason = Unknown("set only under a condition", place.span())
        texts.append(Located.hole(reason, place.file, place.begin(0), place.finish(max(len(place.text) - 1, 0))))
    if arrays and missing:
        arrays.append(())
    return merged_items(arrays) if arrays else merged_text(texts)


def _same_at(left: Located, right: Located, index: int) -> bool:
    return left.text[index] == right.text[index] and left.holes.get(index) == right.holes.get(index)


def _same(left: Located, right: Located) -> bool:
    return left.text == right.text and list(left.holes.values()) == list(right.holes.values())


def merged_items(values: list[Array]) -> Array:
    """One array for several that different branches leave in a variable."""
    first = values[0]
    if all(_alike(value, first) for value in values[1:]):
        return first
    shared = 0
    for heads in zip(*values, strict=False):
        if not all(_alike((head,), heads[:1]) for head in heads):
            break
        shared += 1
    tails: list[Array] = []
    for value in values:
        if not any(_alike(value[shared:], other) for other in tails):
            tails.append(value[shared:])
    longest = max(tails, key=len)
    return (*first[:shared], Branches(tuple(tails), longest[0].at))


def _alike(left: Array, right: Array) -> bool:
    if len(left) != len(right):
        return False
    for one, other in zip(left, right, strict=True):
        if isinstance(one, Word) and isinstance(other, Word):
            if not _same(one.value, other.value):
                return False
        elif one != other:
            return False
    return True
