"""Seeing that a name is imported: whether it is, and where a new import goes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst
from libcst.helpers import get_full_name_for_node
from libcst.metadata import Assignment, BaseAssignment, ImportAssignment
from libcst.metadata.scope_provider import Scope

from celerylint.fixes.blocks import above_comments
from celerylint.fixes.document import Document
from celerylint.fixes.listing import of_import
from celerylint.fixes.splices import Refused, Splice
from celerylint.rule import EnsureImport

if TYPE_CHECKING:
    from celerylint.fixes.plan import Plan

Order: TypeAlias = tuple[int, bool, str]
"""Section, plain imports first, module: the order in which isort and ruff put imports."""


def ensure_import(plan: Plan, edit: EnsureImport) -> None:
    if edit.name is None and edit.module.startswith("."):
        raise Refused(f"`import {edit.module}` is no statement")
    plan.imports[edit] = None


def splices(document: Document, wanted: Sequence[EnsureImport], sites: Sequence[int]) -> list[Splice]:
    """What to insert so that all ``wanted`` imports stand in the file and are seen at ``sites`` (offsets).

    Raises ``Refused`` when one of the names means something else at a site.
    """
    missing = [edit for edit in wanted if _is_missing(document, edit, sites)]
    if not missing:
        return []
    limit = min(sites, default=len(document.text))
    result: list[Splice] = []
    lines: list[tuple[Order, str]] = []
    for module in dict.fromkeys(edit.module for edit in missing):
        names = sorted({edit.name for edit in missing if edit.module == module and edit.name}, key=_by_kind)
        present = _joinable(document, module, limit)
        if names and present is not None:
            result += _joined(document, present, names)
        elif names:
            lines.append((_order(document, module, True), f"from {module} import {', '.join(names)}"))
        if EnsureImport(document.path, module) in missing:
            lines.append((_order(document, module, False), f"import {module}"))
    return result + _as_lines(document, sorted(lines), limit)


# What the name means now


def _is_missing(document: Document, edit: EnsureImport, sites: Sequence[int]) -> bool:
    scopes = [_scope_at(document, site) for site in sites] or [document.scopes[document.module]]
    return any([scope is not None and _lacks(document, scope, edit) for scope in scopes])


def _scope_at(document: Document, offset: int) -> Scope | None:
    at = (node for node, (start, end) in document.ranges.items() if start <= offset < end and node in document.scopes)
    inner = min(at, key=lambda node: document.ranges[node][1] - document.ranges[node][0], default=document.module)
    return document.scopes[inner]


def _lacks(document: Document, scope: Scope, edit: EnsureImport) -> bool:
    name = edit.name or edit.module.partition(".")[0]
    bindings = [found for found in scope[name] if isinstance(found, Assignment) and not _for_typing(document, found)]
    # `try: import x / except ImportError: x = None` binds what is wanted.
    bindings = [found for found in bindings if not _under(document, found, cst.ExceptHandler)] or bindings
    if not bindings:
        return True
    if all(_gives(document, found, edit) for found in bindings):
        return False
    if edit.name is None and all(_imports_package(found, name) for found in bindings):
        return True
    raise Refused(f"`{name}` means something else in this file")


def _gives(document: Document, binding: BaseAssignment, edit: EnsureImport) -> bool:
    """Whether a binding is the wanted import."""
    if not isinstance(binding, ImportAssignment):
        return False
    node = binding.node
    if isinstance(node, cst.ImportFrom):
        return edit.name is not None and any(
            alias.evaluated_name == edit.name and _same_module(document.path, _module_of(node), edit.module)
            for alias in _names(node)
            if (alias.evaluated_alias or alias.evaluated_name) == binding.name
        )
    if not isinstance(node, cst.Import):
        return False
    for alias in node.names:
        if edit.name is not None and alias.evaluated_alias == edit.name:
            return alias.evaluated_name == f"{edit.module}.{edit.name}"
        if edit.name is None and alias.evaluated_alias is None:
            found = alias.evaluated_name
            if found == edit.module or found.startswith(edit.module + "."):
                return True
    return False


def _imports_package(binding: BaseAssignment, package: str) -> bool:
    """Whether a binding comes from ``import package.something``."""
    return isinstance(binding, ImportAssignment) and isinstance(binding.node, cst.Import) and any(
        alias.evaluated_alias is None and alias.evaluated_name.partition(".")[0] == package
        for alias in binding.node.names
    )


def _under(document: Document, binding: Assignment, kind: type[cst.CSTNode]) -> bool:
    node = binding.node
    while node in document.parents:
        node = document.parents[node]
        if isinstance(node, kind):
            return True
    return False


def _for_typing(document: Document, binding: Assignment) -> bool:
    """Whether a binding stands under ``if TYPE_CHECKING:`` and so does not exist at run time."""
    node = binding.node
    while node in document.parents:
        child, node = node, document.parents[node]
        if isinstance(node, cst.If) and child is node.body:
            name = get_full_name_for_node(node.test)
            if name and name.split(".")[-1] == "TYPE_CHECKING":
                return True
    return False


def _same_module(path: str, one: str, other: str) -> bool:
    if one == other:
        return True
    if one.startswith(".") == other.startswith("."):
        return False
    # The folder that is on sys.path is not known: `src/shop/tasks.py` may be `shop.tasks`.
    relative, absolute = (one, other) if one.startswith(".") else (other, one)
    level = len(relative) - len(relative.lstrip("."))
    folders = path.split("/")[:-1]
    parts = [*folders[: len(folders) - level + 1], *filter(None, relative.lstrip(".").split("."))]
    return f".{'.'.join(parts)}".endswith(f".{absolute}")


def _module_of(node: cst.ImportFrom) -> str:
    name = get_full_name_for_node(node.module) if node.module else None
    return "." * len(node.relative) + (name or "")


def _names(node: cst.ImportFrom) -> Sequence[cst.ImportAlias]:
    return () if isinstance(node.names, cst.ImportStar) else node.names


# Where the import goes


def _joinable(document: Document, module: str, limit: int) -> cst.ImportFrom | None:
    """The statement ``from module import ...`` at the top level, above ``limit``, that can take one more name."""
    for statement in document.module.body:
        if isinstance(statement, cst.SimpleStatementLine) and document.ranges[statement][1] <= limit:
            for node in statement.body:
                if isinstance(node, cst.ImportFrom) and _module_of(node) == module and _names(node):
                    return node
    return None


def _joined(document: Document, node: cst.ImportFrom, names: Iterable[str]) -> list[Splice]:
    present = [alias.evaluated_name for alias in _names(node)]
    listing = of_import(document, node, _names(node))
    keys: tuple[Callable[[str], tuple[int, str]], ...] = (_by_kind, lambda name: (0, name), lambda name: (0, name.lower()))
    key = next((key for key in keys if present == sorted(present, key=key)), None)
    for name in names:
        following = [at for at, other in enumerate(present) if key is not None and key(other) > key(name)]
        listing.add(following[0] if following else len(present), name)
    return listing.splices()


def _by_kind(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2, name)


def _as_lines(document: Document, lines: Sequence[tuple[Order, str]], limit: int) -> list[Splice]:
    newline = document.newline
    places: dict[tuple[int, str, str], list[tuple[Order, str]]] = {}
    for order, line in lines:
        places.setdefault(_place(document, order, limit), []).append((order, line))
    result: list[Splice] = []
    for (at, before, after), block in places.items():
        text = before
        for index, (order, line) in enumerate(block):
            parted = index and order[0] != block[index - 1][0][0]
            text += (newline if parted else "") + line + newline
        result.append(Splice(at, at, text + after))
    return result


def _place(document: Document, order: Order, limit: int) -> tuple[int, str, str]:
    """Where a new line goes, and what stands before and after it (blank lines between sections)."""
    newline = document.newline
    run = _leading_imports(document, limit)
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
    return at, "", newline if at < len(text) else ""


def _leading_imports(document: Document, limit: int) -> list[tuple[Order, cst.SimpleStatementLine]]:
    """The imports with which the module begins, after its docstring."""
    body = document.module.body
    result: list[tuple[Order, cst.SimpleStatementLine]] = []
    for statement in body[1:] if document.module.get_docstring() is not None else body:
        if not isinstance(statement, cst.SimpleStatementLine) or document.ranges[statement][1] > limit:
            break
        first = statement.body[0]
        if isinstance(first, cst.ImportFrom):
            result.append((_order(document, _module_of(first), True), statement))
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
