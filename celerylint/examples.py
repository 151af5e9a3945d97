"""The small projects that the blocks of a rule's docstring make up. How they do is said in `celerylint.explain`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from celerylint.explain import Block, DocProblem, Kind, Mark, Page, Section

__all__ = ["Example", "examples_of"]


@dataclass(frozen=True, slots=True)
class Example:
    """One small project made of blocks. ``fixed`` holds the files that the fix changes, None when none is shown."""

    title: str
    kind: Kind
    name: str
    files: dict[str, str]
    expected: tuple[tuple[str, Mark], ...]
    line: int
    fixed: dict[str, str] | None = None
    unsafe: bool = False


def examples_of(page: Page) -> list[Example]:
    """The ``bad`` and ``good`` projects, in the order of the page. Raises DocProblem when blocks do not add up."""
    return [example for section in page.sections for example in _in_section(section)]


@dataclass(slots=True)
class _Project:
    """The blocks of one example while they are gathered."""

    kind: Kind
    name: str
    blocks: list[Block]
    fixed: list[Block]


def _in_section(section: Section) -> Iterator[Example]:
    projects: list[_Project] = []
    for block in section.blocks:
        if block.kind == "fixed":
            _latest_to_fix(projects, block).fixed.append(block)
        elif block.kind:
            latest = _latest(projects, block.kind, block.name)
            if latest is None or latest.fixed or block.path in {other.path for other in latest.blocks}:
                latest = _Project(block.kind, block.name, [], [])
                projects.append(latest)
            latest.blocks.append(block)
    shared = [block for block in section.blocks if block.kind is None and block.path]
    for project in projects:
        yield Example(
            title=section.title,
            kind=project.kind,
            name=project.name,
            files=_files([*shared, *project.blocks]),
            expected=tuple((block.path, mark) for block in project.blocks for mark in block.marks),
            line=project.blocks[0].line,
            fixed=_files(project.fixed) if project.fixed else None,
            unsafe=any(block.unsafe for block in project.fixed),
        )


def _latest(projects: list[_Project], kind: Kind, name: str) -> _Project | None:
    return next((one for one in reversed(projects) if (one.kind, one.name) == (kind, name)), None)


def _latest_to_fix(projects: list[_Project], block: Block) -> _Project:
    found = _latest(projects, "bad", block.name)
    if found is None:
        raise DocProblem("a `fixed` block comes after a `bad` one under the same heading", block.line)
    return found


def _files(blocks: list[Block]) -> dict[str, str]:
    files: dict[str, str] = {}
    for block in blocks:
        if block.path in files:
            raise DocProblem(f"`{block.path}` stands twice in one example", block.line)
        files[block.path] = block.text
    return files
