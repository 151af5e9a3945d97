"""What a name means at the places that will use it: whether an import gives it already, or something else has it."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
from libcst.helpers import get_full_name_for_node
from libcst.metadata import Assignment, BaseAssignment, ImportAssignment
from libcst.metadata.scope_provider import Scope

from celerylint.fixes.blocks import Blocks
from celerylint.fixes.document import Document
from celerylint.fixes.splices import Refused
from celerylint.rule import EnsureImport


def is_missing(document: Document, edit: EnsureImport, sites: Sequence[int], blocks: Blocks) -> bool:
    """Whether the import is not seen at one of ``sites`` (offsets; the module itself when there are none).

    What ``blocks`` takes out is not seen. Raises ``Refused`` when the name means something else there.
    """
    scopes = [document.scope_at(site) for site in sites] or [document.scopes[document.module]]
    lacking = [scope is not None and _lacks(document, scope, edit, blocks) for scope in scopes]
    return any(lacking)


def _lacks(document: Document, scope: Scope, edit: EnsureImport, blocks: Blocks) -> bool:
    name = edit.name or edit.module.partition(".")[0]
    bindings = [
        found
        for found in scope[name]
        if isinstance(found, Assignment) and not _for_typing(document, found) and not blocks.removes(found.node)
    ]
    # `try: import x / except ImportError: x = None` binds what is wanted.
    bindings = [found for found in bindings if not _under(document, found, cst.ExceptHandler)] or bindings
    if not bindings:
        return True
    if all(_gives(document, found, edit) for found in bindings):
        return False
    if edit.name is None and all(_imports_package(found, name) for found in bindings):
        return not any(_gives(document, found, edit) for found in bindings)
    raise Refused(f"`{name}` means something else in this file")


def _gives(document: Document, binding: BaseAssignment, edit: EnsureImport) -> bool:
    """Whether a binding is the wanted import."""
    if not isinstance(binding, ImportAssignment):
        return False
    node = binding.node
    if isinstance(node, cst.ImportFrom):
        return edit.name is not None and any(
            alias.evaluated_name == edit.name and _same_module(document.path, module_of(node), edit.module)
            for alias in names_of(node)
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
    return (
        isinstance(binding, ImportAssignment)
        and isinstance(binding.node, cst.Import)
        and any(
            alias.evaluated_alias is None and alias.evaluated_name.partition(".")[0] == package
            for alias in binding.node.names
        )
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


def module_of(node: cst.ImportFrom) -> str:
    """The module as written, with its dots."""
    name = get_full_name_for_node(node.module) if node.module else None
    return "." * len(node.relative) + (name or "")


def names_of(node: cst.ImportFrom) -> Sequence[cst.ImportAlias]:
    """The names of the import; none when it is a star."""
    return () if isinstance(node.names, cst.ImportStar) else node.names
