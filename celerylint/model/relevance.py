"""Whether a task may read the row that is not committed yet when it is sent: by the key that the message carries, or
over a relation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from celerylint.facts import syntax as s
from celerylint.facts.walk import children
from celerylint.knowledge.orm_classes import RELATION_FIELDS
from celerylint.model.apps import last_name
from celerylint.model.callees import split
from celerylint.model.entities import Call
from celerylint.model.reading import Reading
from celerylint.model.rows import Rows
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol

_KEYS = frozenset({"pk", "id"})
_CONVERSIONS = frozenset({"str", "int", "list", "tuple", "set", "sorted", "repr", "UUID", "dict"})
_MAX_STEPS = 4
_RELATION = rb"(?:\w+\.)*(?:ForeignKey|OneToOneField|ManyToManyField|ForeignKeyField|OneToOneKey)\("


@dataclass(frozen=True, slots=True)
class Written:
    """A model as a task may name it: its classes (parents and heirs included), and the attributes and lookups that lead
    to it from other models. ``own`` are the classes and relations without those of its parents."""

    classes: frozenset[str]
    relations: frozenset[str]
    own: tuple[frozenset[str], frozenset[str]]

    def is_read_by(self, reading: Reading) -> bool:
        """Whether a task reads rows of the model, directly or over a relation."""
        return self.is_named_by(reading) or bool(self.relations & reading.attributes)

    def is_meant_by(self, reading: Reading) -> bool:
        """The same without its parents: whether a task that is not given the row comes to it all the same."""
        classes, relations = self.own
        return bool(classes & reading.classes or relations & reading.attributes)

    def is_named_by(self, reading: Reading) -> bool:
        """Whether a task reads from the model itself."""
        return bool(self.classes & reading.classes)


class Relevance:
    """Answers for models and messages."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.evaluator = rows.evaluator
        self._models: dict[str, Written] = {}

    def model(self, cls: ClassSymbol | None, name: str = "") -> Written:
        """The names of a model: a class of the project, or one of a package by its dotted name."""
        key = cls.qualified if cls is not None else name
        if key not in self._models:
            self._models[key] = self._outside(name) if cls is None else self._own(cls)
        return self._models[key]

    def of_relation(self, name: str) -> Written | None:
        """The model at the other end of a ``related_name``; None when it is not seen, or there are several."""
        pattern = re.compile(rb"related_name\s*=\s*[\"']%s[\"']" % name.encode())
        found: set[str] = set()
        for data in self._files(name):
            for match in pattern.finditer(data):
                head = re.match(rb"class (\w+)", data[data.rfind(b"\nclass ", 0, match.start()) + 1 :])
                found |= {head[1].decode()} if head is not None else set()
        return self._outside(found.pop()) if len(found) == 1 else None

    def _outside(self, name: str) -> Written:
        last = name.rpartition(".")[2]
        classes = {"User", "get_user_model"} if last == "get_user_model" else {last}
        relations = frozenset(self._leading_to(classes))
        return Written(frozenset(classes), relations, (frozenset(classes), relations))

    def _own(self, cls: ClassSymbol) -> Written:
        lineage, _ = self.evaluator.classes.lineage(cls)
        heirs = set(self._heirs(cls.name))
        parents = {c.name for c in lineage[1:] if not _is_abstract(c)}
        relations = set(self._leading_to({cls.name}))
        lower = cls.name.lower()
        relations |= {lower, f"{lower}_set"}
        for one in lineage:
            for field in _relations(one):
                given = next((k.value for k in field.keywords if k.name == "related_name"), None)
                if isinstance(given, s.Literal) and isinstance(given.value, str):
                    relations.add(given.value.replace("%(class)s", lower))
        own = (frozenset(heirs | {cls.name}), frozenset(relations))
        return Written(own[0] | {c.name for c in lineage}, own[1] | set(self._leading_to(parents)), own)

    def _heirs(self, name: str) -> Iterator[str]:
        pattern = re.compile(rb"^class (\w+)\([^)\n]*\b%s\b[^)\n]*\):" % name.encode(), re.MULTILINE)
        yield from (match[1].decode() for data in self._files(name) for match in pattern.finditer(data))

    def _leading_to(self, names: set[str]) -> Iterator[str]:
        """The fields of other models that lead to one, and the other ends of those that go through it."""
        for name in names:
            word = name.encode()
            to = rb"(?:to\s*=\s*)?[\"']?(?:\w+\.)*%s[\"']?\s*[,)]" % (
                rb"(?:%s|AUTH_USER_MODEL)" % word if name in ("User", "get_user_model") else word
            )
            direct = re.compile(rb"^\s+(\w+)\s*(?::[^=\n]+)?=\s*%s\s*%s" % (_RELATION, to), re.MULTILINE)
            through = re.compile(
                rb"^\s+(\w+)\s*(?::[^=\n]+)?=\s*%s((?:[^()]|\([^()]*\))*?\bthrough\s*=\s*[\"']?(?:\w+\.)*%s[\"'\s,)](?:[^()]|\([^()]*\))*)"
                % (_RELATION, word),
                re.MULTILINE,
            )
            for data in self._files("AUTH_USER_MODEL" if name == "get_user_model" else name):
                yield from (match[1].decode() for match in direct.finditer(data))
                for match in through.finditer(data):
                    yield match[1].decode()
                    other = re.search(rb"related_name\s*=\s*[\"'](\w+)[\"']", match[2])
                    if other is not None:
                        yield other[1].decode()

    def _files(self, name: str) -> Iterator[bytes]:
        tree = self.evaluator.modules.tree
        word = name.encode()
        for path in tree.python_files:
            if "/migrations/" in path:
                continue
            data = tree.read(path)
            if word in data and b"Model" in data:
                yield data

    # What the message carries

    def carried(self, call: Call, row: str, cls: ClassSymbol | None) -> set[str]:
        """What a message carries of a row: "whole" (the object), "key" (its primary key), "field" (another column),
        "other" (what its relations lead to), "data" (what a function made of it)."""
        assert call.node is not None and call.scope is not None
        parts: list[s.Node] = [*call.node.args, *(k.value for k in call.node.keywords)]
        if call.sends is not None and call.sends.node is not None:
            parts += [*call.sends.node.args, *(k.value for k in call.sends.node.keywords)]
        owner, _ = split(call.node.func)
        if (isinstance(owner, s.Name) and call.target is None) or isinstance(owner, s.Call):
            parts.append(owner)
        found: set[str] = set()
        for part in parts:
            found |= set(self._kinds(part, row, cls, call.scope, 0))
        return found

    def _kinds(self, node: s.Node, row: str, cls: ClassSymbol | None, scope: Scope, steps: int) -> Iterator[str]:
        if isinstance(node, s.Name):
            if node.path == row:
                yield "whole"
            elif node.path.startswith(row + "."):
                yield self.attribute(node.path[len(row) + 1 :].split("."), cls)
            elif steps < _MAX_STEPS:
                _, _, rest = node.path.partition(".")
                for value in self.rows.behind(node, scope):
                    for option in (value.body, value.orelse) if isinstance(value, s.Conditional) else (value,):
                        yield from self._behind(option, rest, row, cls, scope, steps + 1)
        elif isinstance(node, s.Call):
            owner, method = split(node.func)
            plain = owner is None and method in _CONVERSIONS
            for arg in (*node.args, *(k.value for k in node.keywords)):
                yield from (k if plain or k != "whole" else "data" for k in self._kinds(arg, row, cls, scope, steps))
            if owner is not None:
                yield from ("data" if k == "whole" else k for k in self._kinds(owner, row, cls, scope, steps))
        elif not isinstance(node, (s.Lambda, s.Function, s.Class)):
            for child in children(node):
                yield from self._kinds(child, row, cls, scope, steps)

    def _behind(
        self, value: s.Node, rest: str, row: str, cls: ClassSymbol | None, scope: Scope, steps: int
    ) -> Iterator[str]:
        """What a variable carries, by the expression that gave it its value; ``rest`` is what is read of it."""
        if isinstance(value, s.Name) and rest:
            yield from self._kinds(s.Name(value.pos, f"{value.path}.{rest}"), row, cls, scope, steps)
            return
        kinds = self._kinds(value, row, cls, scope, steps)
        yield from ("other" if rest and isinstance(value, s.Call) else kind for kind in kinds)

    def attribute(self, parts: list[str], cls: ClassSymbol | None) -> str:
        """What an attribute of a row carries of it, as in ``carried``."""
        first, *rest = parts
        if first == "instance" and rest:
            return self.attribute(rest, cls)
        if first in _KEYS:
            return "key"
        if rest:
            return "other"
        name = first.removesuffix("_id")
        if cls is None:
            return "other" if name != first else "field"
        for one in self.evaluator.classes.lineage(cls)[0]:
            for target, field in _fields(one):
                if target not in (name, first):
                    continue
                is_key = next((k.value for k in field.keywords if k.name == "primary_key"), None)
                if isinstance(is_key, s.Literal) and is_key.value:
                    return "key"
                if last_name(field.func) in _RELATION_NAMES:
                    return "other"
        return "field"


_RELATION_NAMES = frozenset({"ForeignKey", "OneToOneField", "ManyToManyField", "ForeignKeyField"}) | {
    name.rpartition(".")[2] for name in RELATION_FIELDS
}


def _fields(cls: ClassSymbol) -> Iterator[tuple[str, s.Call]]:
    for node in cls.node.body:
        if isinstance(node, s.Assign) and isinstance(node.value, s.Call):
            yield from ((target.path, node.value) for target in node.targets if isinstance(target, s.Name))


def _relations(cls: ClassSymbol) -> Iterator[s.Call]:
    return (field for _, field in _fields(cls) if last_name(field.func) in _RELATION_NAMES)


def _is_abstract(cls: ClassSymbol) -> bool:
    meta = next((n for n in cls.node.body if isinstance(n, s.Class) and n.name == "Meta"), None)
    for node in meta.body if meta is not None else ():
        if isinstance(node, s.Assign) and isinstance(node.targets[0], s.Name) and node.targets[0].path == "abstract":
            return isinstance(node.value, s.Literal) and bool(node.value.value)
    return False
