"""What an expression of the project is worth, as far as reading can tell.

``Unknown`` is one of the possible answers, never an exception: a rule that meets it stays silent. Every value carries
the span of the expression that gave it, so evidence costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from celerylint.facts.unknown import Unknown
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.symbols import Symbol

__all__ = [
    "Choice",
    "Collection",
    "Instance",
    "Known",
    "Reference",
    "Table",
    "Unknown",
    "Value",
    "alternatives",
    "choice",
    "plain",
]


@dataclass(frozen=True, slots=True)
class Known:
    """A constant: str, bytes, int, float, bool, None or ``datetime.timedelta``.

    ``assumed`` names what could replace it in production ("environment variable X"); None for a plain constant.
    """

    value: object
    span: Span
    assumed: str | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """A list, tuple, set or frozenset; ``open`` when it may hold more than ``items`` (an unknown ``*spread``)."""

    kind: str
    items: tuple[Value, ...]
    span: Span
    open: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A dict in the order of its entries; a later equal key wins. ``open`` when it may hold more (``**unknown``)."""

    entries: tuple[tuple[Value, Value], ...]
    span: Span
    open: bool = False

    def get(self, key: object) -> Value | None:
        """The value under a constant key, None when no entry has it (ask ``open`` before concluding absence)."""
        found = None
        for name, value in self.entries:
            if isinstance(name, Known) and name.value == key and type(name.value) is type(key):
                found = value
        return found

    def key_span(self, key: object) -> Span:
        """Where the (last) key stands; the whole dict when no entry has it."""
        found = self.span
        for name, _ in self.entries:
            if isinstance(name, Known) and name.value == key:
                found = name.span
        return found


@dataclass(frozen=True, slots=True)
class Instance:
    """What calling something gave: ``Queue("a")``, ``crontab(minute=0)``, ``Celery("shop")``.

    ``of`` is the qualified name of what was called ("kombu.entity.Queue" is spelled as imported: "kombu.Queue"),
    ``callee`` its value. ``open`` tells that more was passed than is known.
    """

    of: str
    symbol: Symbol | None
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    span: Span
    open: bool = False
    callee: Value | None = None

    def keyword(self, name: str, position: int | None = None) -> Value | None:
        """The argument passed by keyword, or at a position."""
        for key, value in self.keywords:
            if key == name:
                return value
        if position is not None and position < len(self.args):
            return self.args[position]
        return None


@dataclass(frozen=True, slots=True)
class Reference:
    """A function, class, module or external name used as a value; ``of`` is its qualified name.

    ``owner`` is the object of which it is an attribute, where that is an instance (``app`` in ``app.task``).
    """

    of: str
    symbol: Symbol | None
    span: Span
    owner: Value | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values (branches of a condition, alternatives by environment)."""

    options: tuple[Value, ...]
    span: Span


Value: TypeAlias = Known | Collection | Table | Instance | Reference | Choice | Unknown


def alternatives(value: Value) -> Iterator[Value]:
    """Every value that ``value`` can be, choices opened."""
    if isinstance(value, Choice):
        for option in value.options:
            yield from alternatives(option)
    else:
        yield value


def plain(value: Value | None) -> object:
    """The Python object that a fully known value stands for, else the ``Unknown`` (or None for None) that hides it.

    Lists, tuples and sets of constants become tuples, dicts become dicts; instances, references and choices are not
    plain and come back as ``Unknown``.
    """
    if value is None:
        return None
    if isinstance(value, Known):
        return value.value
    if isinstance(value, Collection) and not value.open:
        items = [plain(item) for item in value.items]
        hidden = next((item for item in items if isinstance(item, Unknown)), None)
        return hidden or tuple(items)
    if isinstance(value, Table) and not value.open:
        result: dict[object, object] = {}
        for key, item in value.entries:
            key_value, item_value = plain(key), plain(item)
            for part in (key_value, item_value):
                if isinstance(part, Unknown):
                    return part
            result[key_value] = item_value
        return result
    if isinstance(value, Unknown):
        return value
    return Unknown(f"a {type(value).__name__.lower()} is not a constant", value.span)


def choice(values: list[Value], span: Span) -> Value:
    """One value for several; equal constants collapse."""
    flat: list[Value] = []
    for value in values:
        for option in alternatives(value):
            same = any(
                o == option or (isinstance(o, Known) and isinstance(option, Known) and o.value is option.value is None)
                for o in flat
            )
            if not same:
                flat.append(option)
    if len(flat) == 1:
        return flat[0]
    return Choice(tuple(flat), span)
