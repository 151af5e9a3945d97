"""YAML with the place of every character of every scalar. PyYAML is imported when the first file is read.

Anchors, merge keys and unknown tags are followed; nothing is constructed, so no tag can run code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from celerylint.facts.deploy.yamlplaces import align
from celerylint.facts.located import FileText, Located, Segment, join
from celerylint.facts.unknown import Unknown
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    import yaml

MASK = "\ue001"
"""Takes the place of the characters of a template expression; as long as the expression, so that offsets stay."""
Unmask: TypeAlias = Callable[[int, int], Located]
_MOST_NODES = 200_000
_DEEPEST = 400
_INDENT = re.compile(r"^[ \t?:-]{200,}", re.MULTILINE)
_BRACKET = re.compile(r"[\[\]{}]")


class Scalar:
    """``text`` is what YAML reads, template expressions masked; ``value`` has them filled in and knows its places."""

    __slots__ = ("_builder", "_value", "end", "start", "style", "text")

    def __init__(self, builder: _Builder, text: str, start: int, end: int, style: str) -> None:
        self._builder = builder
        self._value: Located | None = None
        self.text = text
        self.start = start
        self.end = end
        self.style = style

    @property
    def value(self) -> Located:
        if self._value is None:
            self._value = self._builder.locate(self.text, self.start, self.end, self.style)
        return self._value

    @property
    def plain(self) -> bool:
        return not self.style

    @property
    def span(self) -> Span:
        return self.value.span()

    @property
    def null(self) -> bool:
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")


@dataclass(slots=True, eq=False)
class Sequence:
    items: list[Node]
    file: FileText
    start: int
    end: int

    @property
    def span(self) -> Span:
        return self.file.span(self.start, self.end)


@dataclass(slots=True, eq=False)
class Mapping:
    """``entries`` in the order of the file; those of merge keys (``<<``) come last, as they lose."""

    entries: list[tuple[Scalar, Node]]
    file: FileText
    start: int
    end: int

    @property
    def span(self) -> Span:
        return self.file.span(self.start, self.end)

    def all(self, name: str) -> Iterator[Node]:
        """Every value under a key: several in templates, where conditions choose one."""
        for key, value in self.entries:
            if key.text == name:
                yield value

    def get(self, name: str) -> Node | None:
        return next((value for value in self.all(name) if not (isinstance(value, Scalar) and value.null)), None)

    def key(self, name: str) -> Scalar | None:
        return next((key for key, _ in self.entries if key.text == name), None)

    def mapping(self, *names: str) -> Mapping | None:
        """The mapping under a path of keys."""
        found: Node | None = self
        for name in names:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else None

    def text(self, *names: str) -> Located | None:
        """The scalar under a path of keys."""
        owner = self.mapping(*names[:-1])
        found = owner.get(names[-1]) if owner else None
        return found.value if isinstance(found, Scalar) else None


Node: TypeAlias = Scalar | Sequence | Mapping


@dataclass(slots=True)
class Documents:
    roots: list[Node] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)


def load(file: FileText, text: str | None = None, unmask: Unmask | None = None) -> Documents:
    """Every document of a file. What follows a syntax error is missing, and ``unknown`` says where it stands.

    ``text`` is the text with template expressions masked, of the same length as the file's; ``unmask`` gives what the
    expression between two offsets stands for.
    """
    import yaml

    loader_class = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    source = file.text if text is None else text
    documents = Documents()
    builder = _Builder(file, source, unmask, documents)
    if _nested_too_deeply(source):
        documents.unknown.append(Unknown("not valid YAML (nested too deeply)", Span(file.path, 1, 1, 1, 1)))
        return documents
    try:
        for node in yaml.compose_all(source, Loader=loader_class):
            if node is not None:
                builder.done.clear()  # identities of another document's nodes may have been used again
                documents.roots.append(builder.node(node))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = min((mark.line if mark else 0) + 1, file.count)
        place = Span(file.path, line, 1, line, len(file.line(line)) + 1)
        problem = getattr(error, "problem", None) or "unreadable characters"
        documents.unknown.append(Unknown(f"not valid YAML ({problem})", place))
    except (RecursionError, ValueError, OverflowError):
        documents.unknown.append(Unknown("not valid YAML (nested too deeply)", Span(file.path, 1, 1, 1, 1)))
    if builder.duplicate is not None and unmask is None:
        documents.unknown.append(builder.duplicate)
    return documents


def _nested_too_deeply(source: str) -> bool:
    """Whether brackets or indentation go so deep that libyaml, which recurses, would run out of stack and crash."""
    if any(len(match[0]) > _DEEPEST for match in _INDENT.finditer(source)):
        return True
    if source.count("[") + source.count("{") <= _DEEPEST:
        return False
    depth = 0
    for match in _BRACKET.finditer(source):
        depth += 1 if match[0] in "[{" else -1 if depth else 0
        if depth > _DEEPEST:
            return True
    return False


class _Builder:
    def __init__(self, file: FileText, source: str, unmask: Unmask | None, documents: Documents) -> None:
        self.file = file
        self.source = source
        self.unmask = unmask
        self.documents = documents
        self.done: dict[int, Node] = {}
        self.left = _MOST_NODES
        self.duplicate: Unknown | None = None

    def node(self, node: yaml.Node) -> Node:
        known = self.done.get(id(node))
        if known is not None:
            return known
        self.left -= 1
        if self.left < 0:
            raise ValueError("too many nodes")
        start, end = node.start_mark.index, node.end_mark.index
        value: Any = node.value
        kind: str = getattr(node, "id", "")
        if kind == "scalar":
            style: str | None = getattr(node, "style", None)
            scalar = Scalar(self, value, start, end, style or "")
            self.done[id(node)] = scalar
            return scalar
        if kind == "sequence":
            sequence = Sequence([], self.file, start, end)
            self.done[id(node)] = sequence
            sequence.items.extend(self.node(item) for item in value)
            return sequence
        mapping = Mapping([], self.file, start, end)
        self.done[id(node)] = mapping
        self.entries(mapping, value)
        return mapping

    def entries(self, mapping: Mapping, pairs: list[tuple[yaml.Node, yaml.Node]]) -> None:
        merged: list[Node] = []
        seen: set[str] = set()
        for key_node, value_node in pairs:
            key, value = self.node(key_node), self.node(value_node)
            if not isinstance(key, Scalar):
                continue
            name = key.text
            if name == "<<" and key.plain:
                merged.append(value)
                continue
            if name in seen and self.duplicate is None:
                reason = f"the key `{key.value.shown}` stands twice in one mapping"
                self.duplicate = Unknown(reason, key.span)
            seen.add(name)
            mapping.entries.append((key, value))
        for node in merged:
            for base in node.items if isinstance(node, Sequence) else [node]:
                if isinstance(base, Mapping) and base is not mapping:
                    mapping.entries += [pair for pair in base.entries if pair[0].text not in seen]
                    seen |= {key.text for key, _ in base.entries}

    def locate(self, value: str, start: int, end: int, style: str) -> Located:
        """The scalar's text, each character at its place."""
        opening = start + 1 if style in ("'", '"') and style else start
        if self.source.startswith(value, opening) and "\n" not in value and (style != '"' or "\\" not in value):
            return self.unmasked(Located.of(self.file, opening, opening + len(value)), value)
        places = align(value, self.source, start, end, style)
        if places is None:
            return Located.atom(value, self.file, start, end)
        segments: list[Segment] = []
        for index, (offset, width) in enumerate(places):
            last = segments[-1] if segments else None
            if last and width == 1 and last.length == last.width and last.offset + last.length == offset:
                segments[-1] = Segment(last.start, last.length + 1, self.file, last.offset, last.width + 1)
            else:
                segments.append(Segment(index, 1, self.file, offset, width))
        empty = Segment(0, 0, self.file, start, 0)
        return self.unmasked(Located(value, tuple(segments) or (empty,)), value)

    def unmasked(self, located: Located, value: str) -> Located:
        """The text with template expressions replaced by what they stand for."""
        if self.unmask is None or MASK not in value:
            return Located(value, located.segments)
        pieces: list[Located] = []
        located = Located(value, located.segments)
        index = 0
        while index < len(value):
            masked = value[index] == MASK
            end = index
            while end < len(value) and (value[end] == MASK) is masked:
                end += 1
            if masked:
                pieces.append(self.unmask(located.begin(index), located.finish(end - 1)))
            else:
                pieces.append(located.cut(index, end))
            index = end
        return join(pieces)
