"""What is known of a value: its kind, in the vocabulary of ``knowledge.serializers``, and where that was seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from celerylint.model.sorts import Sort
from celerylint.model.symbols import ClassSymbol
from celerylint.sources.spans import Span

ANY = "[...]"
"""The path of an element that stands for every element."""

MAX_PARTS = 40


@dataclass(frozen=True, slots=True)
class Kind:
    """``name`` is the kind; ``origin`` and ``why`` tell what gave it, ``cls`` is its class where that is one of the
    project, ``what`` the name of the thing for messages (a class, a function, a member of an enum).

    ``sure`` is False when only an annotation or a name says so. ``inside`` are the parts of a container that are known,
    each with its path (``["tags"]``, ``[0]``, ``[...]`` for any element).
    """

    name: str
    origin: Span
    why: str
    cls: ClassSymbol | None = None
    what: str = ""
    sure: bool = True
    inside: tuple[tuple[str, Kind], ...] = ()

    def at(self, origin: Span, why: str | None = None) -> Kind:
        """The same kind as it is known from another place."""
        return replace(self, origin=origin, why=self.why if why is None else why)

    def doubtful(self) -> Kind:
        return replace(self, sure=False, inside=tuple((path, kind.doubtful()) for path, kind in self.inside))

    def holding(self, parts: Iterable[tuple[str, Kind | None]]) -> Kind:
        """The same container with these parts added."""
        known = tuple((path, kind) for path, kind in parts if kind is not None)
        return replace(self, inside=(*self.inside, *known)[:MAX_PARTS])

    def parts(self, path: str = "") -> Iterator[tuple[str, Kind]]:
        """The value itself and everything known inside it, with paths; outer before inner."""
        yield path, self
        for step, kind in self.inside:
            yield from kind.parts(path + step)

    def element(self, step: str = ANY) -> Kind | None:
        """What one element is: that under the path, or what all known elements have in common."""
        for path, kind in reversed(self.inside):
            if path == step:
                return kind
        if step != ANY and any(path != ANY for path, _ in self.inside):
            return next((kind for path, kind in self.inside if path == ANY), None)
        return agreed([kind for _, kind in self.inside])

    def __str__(self) -> str:
        """Words for messages: "a set", "an instance of `Money`"."""
        shown = self.what or (self.cls.name if self.cls is not None else "")
        if shown and self.name in _NAMED:
            return _NAMED[self.name].format(shown)
        if shown and self.name in _INSTANCES:
            return f"an instance of `{shown}`"
        return _WORDS.get(self.name, f"a `{self.name}`")


@dataclass(frozen=True, slots=True)
class Env:
    """The variables that comprehensions and lambdas around an expression bind; None for what is not known of them."""

    kinds: dict[str, Kind | None] = field(default_factory=dict)
    sorts: dict[str, Sort | None] = field(default_factory=dict)

    def binding(self, name: str, kind: Kind | None, sort: Sort | None) -> Env:
        return Env({**self.kinds, name: kind}, {**self.sorts, name: sort})


EMPTY = Env()

_INSTANCES = frozenset({"dataclass", "pydantic model", "model instance", "object", "exception", "namedtuple", "enum",
                        "str enum", "int enum", "file", "response"})  # fmt: skip
_NAMED = {
    "class": "the class `{}`", "function": "the function `{}`", "module": "the module `{}`", "task": "the task `{}`",
    "enum": "the enum member `{}`", "str enum": "the enum member `{}`", "int enum": "the enum member `{}`",
    "QueryDict": "`{}`", "request": "`{}`",
}  # fmt: skip
_WORDS = {
    "set": "a set", "frozenset": "a frozenset", "generator": "a generator", "dict view": "a dict view",
    "iterator": "an iterator", "enumerate": "an `enumerate`", "lambda": "a lambda", "function": "a function",
    "class": "a class", "module": "a module", "exception": "an exception", "file": "an open file",
    "files": "the uploaded files", "request": "the request", "response": "a response", "enum": "an enum member",
    "str enum": "an enum member", "int enum": "an enum member", "dataclass": "a dataclass instance",
    "object": "an object", "pydantic model": "a pydantic model", "tuple-keyed dict": "a dict whose keys are no strings",
    "int-keyed dict": "a dict with keys that are numbers", "model instance": "a model instance",
    "queryset": "a queryset",
    "envelope": "a dict with the keys `__type__` and `__value__`",
    "task": "a task", "compiled regex": "a compiled regular expression", "lock": "a lock",
    "logger": "a logger", "bytes": "bytes", "IP address": "an IP address", "numpy.ndarray": "a numpy array",
}  # fmt: skip


def agreed(kinds: Iterable[Kind | None]) -> Kind | None:
    """One kind for several possibilities: only when all are known and none contradicts. None literals do not count."""
    known: list[Kind] = []
    for kind in kinds:
        if kind is None:
            return None
        if kind.name != "None":
            known.append(kind)
    if not known or any(kind.name != known[0].name for kind in known):
        return None
    merged = known[0]
    if any(kind.cls is not merged.cls for kind in known):
        merged = replace(merged, cls=None, what="")
    doubt = any(not kind.sure for kind in known)
    for kind in known[1:]:
        merged = merged.holding(kind.inside)
    return merged.doubtful() if doubt and merged.sure else merged
