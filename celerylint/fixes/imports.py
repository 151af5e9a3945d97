"""Seeing that a name is imported, and where a new import goes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import libcst as cst

from celerylint.fixes.bindings import is_missing, module_of, names_of
from celerylint.fixes.blocks import Blocks, above_comments
from celerylint.fixes.document import Document
from celerylint.fixes.listing import of_import
from celerylint.fixes.splices import Refused, Splice
from celerylint.rule import EnsureImport

if TYPE_CHECKING:
    from celerylint.fixes.plan import Plan

Order: TypeAlias = tuple[int, bool, str]
"""Section, plain imports first, module: the order in which isort and ruff put imports."""
Line: TypeAlias = tuple[Order, cst.SimpleStatementLine]


def ensure_import(plan: Plan, edit: EnsureImport) -> None:
    if edit.name is None and edit.module.startswith("."):
        raise Refused(f"`import {edit.module}` is no statement")
    plan.imports[edit] = None


def splices(document: Document, wanted: Sequence[EnsureImport], sites: Sequence[int], blocks: Blocks) -> list[Splice]:
    """What to insert so that all ``wanted`` imports stand in the file and are seen at ``sites`` (offsets).

    Imports that ``blocks`` takes out are no longer there. Raises ``Refused`` when one of the names means something else
    at a site.
    """
    missing = [edit for edit in wanted if is_missing(document, edit, sites, blocks)]
    if not missing:
        return []
    names = [edit.name for edit in missing if edit.name]
    if len(names) != len(set(names)):
        raise Refused("one name would be imported from two modules")
    limit = min(sites, default=len(document.text))
    result: list[Splice] = []
    lines: list[tuple[Order, str]] = []
    for module in dict.fromkeys(edit.module for edit in missing):
        names = sorted((edit.name for edit in missing if edit.module == module and edit.name), key=_by_kind)
        present = _joinable(document, module, limit, blocks)
        if names and present is not None:
            result += _joined(document, present, names)
        elif names:
            lines.append((_order(document, module, True), f"from {module} import {', '.join(names)}"))
        if EnsureImport(document.path, module) in missing:
            lines.append((_order(document, module, False), f"import {module}"))
    run = [found for found in _leading_imports(document, limit) if not blocks.removes(found[1])]
    return result + _as_lines(document, sorted(lines), run)


def _joinable(document: Document, module: str, limit: int, blocks: Blocks) -> cst.ImportFrom | None:
    """The statement ``from module import ...`` at the top level, above ``limit``, that can take one more name."""
    for statement in document.module.body:
        if isinstance(statement, cst.SimpleStatementLine) and document.ranges[statement][1] <= limit:
            for node in statement.body:
                match node:
                    case cst.ImportFrom() if module_of(node) == module and names_of(node) and not blocks.removes(node):
                        return node
    return None


def _joined(document: Document, node: cst.ImportFrom, names: Iterable[str]) -> list[Splice]:
    present = [alias.evaluated_name for alias in names_of(node)]
    listing = of_import(document, node, names_of(node))
    keys: tuple[Callable[[str], Any], ...] = (_by_kind, str, str.lower)
    key = next((key for key in keys if present == sorted(present, key=key)), None)
    for name in names:
        following = [at for at, other in enumerate(present) if key is not None and key(other) > key(name)]
        listing.add(following[0] if following else len(present), name)
    return listing.splices()


def _by_kind(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2, name)


def _as_lines(document: Document, lines: Sequence[tuple[Order, str]], run: Sequence[Line]) -> list[Splice]:
    newline = document.newline
    places: dict[tuple[int, str, str], list[tuple[Order, str]]] = {}
    for order, line in lines:
        places.setdefault(_place(document, order, run), []).append((order, line))
    result: list[Splice] = []
    for (at, before, after), block in places.items():
        text = before
        for index, (order, line) in enumerate(block):
            parted = index and order[0] != block[index - 1][0][0]
            text += (newline if parted else "") + line + newline
        result.append(Splice(at, at, text + after))
    return result


def _place(document: Document, order: Order, run: Sequence[Line]) -> tuple[int, str, str]:
    """Where a new line goes, and what stands before and after it (blank lines between sections)."""
    newline = document.newline
    section = [found for found in run if found[0][0] == order[0]]
    earlier = [found for found in section if found[0] <= order]
    lower = [found for found in run if found[0][0] < order[0]]
    if earlier:
        last = earlier if section == sorted(section, key=lambda found: found[0]) else section
        return _below(document, last[-1][1], "")
    if section:
        return above_comments(document, document.ranges[section[0][1]][0]), "", ""
    if lower:
        return _below(document, lower[-1][1], newline)
    if run:
        return above_comments(document, document.ranges[run[0][1]][0]), "", newline
    return _at_top(document)


def _below(document: Document, statement: cst.CSTNode, before: str) -> tuple[int, str, str]:
    end = document.ranges[statement][1]
    at = document.next_line(end)
    return at, before if document.line_end(end) < at else document.newline + before, ""


def _at_top(document: Document) -> tuple[int, str, str]:
    text, newline = document.text, document.newline
    body = document.module.body
    docstring = body[0] if body and document.module.get_docstring() is not None else None
    if docstring is not None:
        at, before, _ = _below(document, docstring, newline)
        return at, before, "" if not text[at : document.line_end(at)].strip() else newline
    at = 0
    while text.startswith("#", at):
        at = document.next_line(at)
    if at and not text[:at].endswith(("\n", "\r")):
        return at, newline + newline, ""
    if at and text[at : document.line_end(at)].strip():
        return at, newline, newline
    while at < len(text) and not text[at : document.line_end(at)].strip():
        at = document.next_line(at)
    if at == len(text) or not body:
        return at, "", ""
    definition = isinstance(body[0], (cst.FunctionDef, cst.ClassDef)) and at == document.whole_range(body[0])[0]
    return at, "", newline * 2 if definition else newline


def _leading_imports(document: Document, limit: int) -> list[Line]:
    """The imports with which the module begins, after its docstring."""
    body = document.module.body
    result: list[Line] = []
    for statement in body[1:] if document.module.get_docstring() is not None else body:
        if not isinstance(statement, cst.SimpleStatementLine) or document.ranges[statement][1] > limit:
            break
        first = statement.body[0]
        if isinstance(first, cst.ImportFrom):
            result.append((_order(document, module_of(first), True), statement))
        elif isinstance(first, cst.Import):
            result.append((_order(document, first.names[0].evaluated_name, False), statement))
        else:
            break
    return result


def _order(document: Document, module: str, is_from: bool) -> Order:
    root = module.partition(".")[0]
    folders = document.path.removesuffix(".py").split("/")
    if module == "__future__":
        section = 0
    elif module.startswith("."):
        section = 4
    elif root in sys.stdlib_module_names:
        section = 1
    else:
        section = 3 if root in folders else 2
    return section, is_from, module.lower()
