"""A rule's docstring, read once: its documentation, its page, its examples (`celerylint.examples`) and its test.

The first paragraph is the summary. Then comes Markdown with ``## headings`` and fenced blocks, whose info string is

    <language> <bad|good|fixed [unsafe]> [file=path] [name=word]

Blocks of one kind under one heading form one project; a file that comes again begins the next one, and ``name=`` keeps
apart those whose files differ. A ``bad`` project gives exactly the findings that its ``# expect: slug`` marks announce,
a ``good`` one gives none, and ``fixed`` shows the files that the fix changes in the ``bad`` project before it. A block
that has only ``file=`` belongs to all projects of its heading, a block that has nothing is an illustration and is not
run. Marks are no part of the code: they are taken out.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from celerylint.rule import Rule

__all__ = [
    "Block",
    "DocProblem",
    "Kind",
    "Mark",
    "Page",
    "Section",
    "docstring_line",
    "page_of",
    "strip_marks",
]

Kind: TypeAlias = Literal["bad", "good", "fixed"]

KINDS: dict[str, Kind] = {"bad": "bad", "good": "good", "fixed": "fixed"}
DEFAULT_FILES = {
    "python": "tasks.py",
    "toml": "pyproject.toml",
    "yaml": "docker-compose.yml",
    "dockerfile": "Dockerfile",
    "procfile": "Procfile",
}
"""What a block's file is called when it does not say."""

_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
_MARK = re.compile(r"[ \t]*# expect: (?P<slugs>[a-z0-9-]+(?:, *[a-z0-9-]+)*)[ \t]*(?=\r?$)", re.MULTILINE)


class DocProblem(Exception):
    """A docstring that does not keep the form; ``line`` counts from the docstring's first line, which is 1."""

    def __init__(self, message: str, line: int, of: str = "") -> None:
        super().__init__(f"the documentation of `{of}`, line {line}: {message}" if of else message)
        self.message, self.line = message, line


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding that an example announces: in which line, of which rule."""

    line: int
    slug: str


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. ``text`` is its code without marks, ``path`` its file ("" for an illustration)."""

    language: str
    kind: Kind | None
    text: str
    path: str
    name: str = ""
    unsafe: bool = False
    marks: tuple[Mark, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A heading ("" before the first one) and what stands under it: paragraphs of Markdown and blocks, in order."""

    title: str
    parts: tuple[str | Block, ...]

    @property
    def blocks(self) -> list[Block]:
        return [part for part in self.parts if isinstance(part, Block)]


@dataclass(frozen=True, slots=True)
class Page:
    """All that a docstring says."""

    summary: str
    sections: tuple[Section, ...]

    @property
    def body(self) -> str:
        """The prose before the first heading, without examples."""
        return "\n\n".join(part for part in self.sections[0].parts if isinstance(part, str))

    def section(self, title: str) -> Section | None:
        return next((section for section in self.sections if section.title == title), None)


def page_of(rule: type[Rule]) -> Page:
    """What the docstring of a rule says. Raises DocProblem when it does not keep the form."""
    try:
        return parse(_docstring(rule))
    except DocProblem as problem:
        raise DocProblem(problem.message, problem.line, rule.slug) from problem


def parse(text: str) -> Page:
    """Read the text of a docstring, with or without its indentation."""
    lines = inspect.cleandoc(text).splitlines()
    if not lines or not lines[0].strip():
        raise DocProblem("a rule's docstring begins with its summary", 1)
    end = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    return Page(" ".join(line.strip() for line in lines[:end]), tuple(_sections(lines, end)))


def strip_marks(text: str) -> tuple[str, tuple[Mark, ...]]:
    """Code without its ``# expect:`` marks, and the marks."""
    marks = [
        Mark(text.count("\n", 0, found.start()) + 1, slug.strip())
        for found in _MARK.finditer(text)
        for slug in found["slugs"].split(",")
    ]
    return _MARK.sub("", text), tuple(marks)


def docstring_line(rule: type[Rule]) -> tuple[str, int]:
    """The file of a rule and the line on which its docstring begins."""
    path = sys.modules[rule.__module__].__file__ or ""
    found = _class_node(path, rule.__name__)
    return path, found.body[0].lineno if found else 1


def _docstring(rule: type[Rule]) -> str:
    if rule.__doc__:
        return rule.__doc__
    found = _class_node(sys.modules[rule.__module__].__file__ or "", rule.__name__)  # ``python -OO`` strips docstrings
    return (ast.get_docstring(found) if found else None) or ""


def _class_node(path: str, name: str) -> ast.ClassDef | None:
    try:
        tree = ast.parse(Path(path).read_bytes())
    except OSError:
        return None
    return next((node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name), None)


def _sections(lines: list[str], start: int) -> Iterator[Section]:
    title, parts, prose = "", list[str | Block](), list[str]()

    def flush() -> None:
        text = "\n".join(prose).strip("\n")
        if text.strip():
            parts.append(text)
        prose.clear()

    number = start
    while number < len(lines):
        line = lines[number]
        fence = _FENCE.match(line)
        if fence:
            flush()
            end = _closing(lines, number, fence["fence"])
            parts.append(_block(fence["info"].split(), "\n".join([*lines[number + 1 : end], ""]), number + 1))
            number = end
        elif line.startswith("## "):
            flush()
            yield Section(title, tuple(parts))
            title, parts = line[3:].strip(), []
        else:
            prose.append(line)
        number += 1
    flush()
    yield Section(title, tuple(parts))


def _closing(lines: list[str], opening: int, fence: str) -> int:
    for number in range(opening + 1, len(lines)):
        line = lines[number].rstrip()
        if line.startswith(fence) and not line.strip(fence[0]):
            return number
    raise DocProblem("this block is never closed", opening + 1)


def _block(words: list[str], code: str, line: int) -> Block:
    language, unsafe, values = words[0] if words else "", False, dict[str, str]()
    kind: Kind | None = None
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if equals and key in ("file", "name") and value and key not in values:
            values[key] = value
        elif word in KINDS and kind is None:
            kind = KINDS[word]
        elif word == "unsafe" and kind == "fixed":
            unsafe = True
        else:
            raise DocProblem(f"`{word}` is not understood in the first line of a block", line)
    path = values.get("file", DEFAULT_FILES.get(language, "") if kind else "")
    if kind and not path:
        raise DocProblem(f"a block of {language or 'no language'} says its file: `file=path`", line)
    text, marks = strip_marks(code)
    if marks and kind != "bad":
        raise DocProblem("only a `bad` block announces findings", line)
    return Block(language, kind, text, path, values.get("name", ""), unsafe, marks, line)
