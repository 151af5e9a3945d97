"""From described edits to splices of one file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import libcst as cst

from celerylint.fixes import arguments, comments, entries, expressions, imports, removal, statements, strings
from celerylint.fixes.blocks import Blocks
from celerylint.fixes.document import Document
from celerylint.fixes.filetext import Range
from celerylint.fixes.listing import Listing
from celerylint.fixes.splices import Refused, Splice, arrange
from celerylint.rule import (
    AddHandler,
    AddParameter,
    AppendArgument,
    Edit,
    EnsureImport,
    InsertStatement,
    Remove,
    RemoveKeyword,
    RenameKeyword,
    RenameString,
    Replace,
    ReplaceComment,
    SetEntry,
    SetKeyword,
    WrapCall,
)


class Plan:
    """What the edits of one file come to.

    Edits of one list or block are collected and rendered together, so that two keywords given to one call, or two
    statements taken out of one block, know of each other.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.splices: list[Splice] = []
        self.blocks = Blocks(document)
        self.imports: dict[EnsureImport, None] = {}
        self.sites: list[int] = []
        self._listings: dict[cst.CSTNode, Listing] = {}
        self._given: dict[tuple[cst.CSTNode, str], str] = {}

    def replace(self, start: int, end: int, text: str) -> None:
        if self.document.text[start:end] != text:
            self.splices.append(Splice(start, end, text))

    def insert_lines(self, at: int, text: str) -> None:
        """Insert ``text`` at an offset, once if several edits ask for it: each of them finds it there."""
        splice = Splice(at, at, text)
        if splice not in self.splices:
            self.splices.append(splice)

    def listing(self, node: cst.CSTNode, make: Callable[[], Listing]) -> Listing:
        """The listing of a call or display, made on first use."""
        if node not in self._listings:
            self._listings[node] = make()
        return self._listings[node]

    def give(self, node: cst.CSTNode, name: str, code: str) -> None:
        """Remember that ``node`` shall have ``name`` set to ``code``. Raises ``Refused`` when it shall have another."""
        if self._given.setdefault((node, name), code) != code:
            raise Refused(f"`{name}` is given two values")

    def arranged(self) -> list[Splice]:
        """All splices in order. Raises ``Refused`` when they get in each other's way."""
        first = imports.splices(self.document, list(self.imports), self.sites, self.blocks)
        lists = [splice for listing in self._listings.values() for splice in listing.splices()]
        return arrange([*first, *self.splices, *lists, *self.blocks.splices()])


_PERFORM: dict[type[Any], Callable[[Plan, Any], None]] = {
    SetKeyword: arguments.set_keyword,
    RemoveKeyword: arguments.remove_keyword,
    RenameKeyword: arguments.rename_keyword,
    AppendArgument: arguments.append_argument,
    Replace: expressions.replace,
    WrapCall: expressions.wrap_call,
    RenameString: strings.rename_string,
    SetEntry: entries.set_entry,
    Remove: removal.remove,
    InsertStatement: statements.insert_statement,
    AddHandler: statements.add_handler,
    AddParameter: statements.add_parameter,
    EnsureImport: imports.ensure_import,
    ReplaceComment: comments.replace_comment,
}


def ranges_of(document: Document, edits: Iterable[Edit]) -> list[Range]:
    """What the edits point at."""
    return [document.range(edit.span) for edit in edits if not isinstance(edit, EnsureImport)]


def plan(document: Document, edits: Iterable[Edit]) -> tuple[list[Splice], list[tuple[Edit, str]]]:
    """The splices that make ``edits`` (equal edits count once), and the edits that cannot be made, with reasons.

    When any edit is refused there are no splices: a fix is made whole or not at all.
    """
    result = Plan(document)
    refused: list[tuple[Edit, str]] = []
    unique = list(dict.fromkeys(edits))
    for edit in unique:
        try:
            path = edit.path if isinstance(edit, EnsureImport) else edit.span.path
            if path != document.path:
                raise Refused(f"it belongs to {path}")
            if not document.is_python and not isinstance(edit, ReplaceComment):
                raise Refused("only comments are changed in files that are not Python")
            _PERFORM[type(edit)](result, edit)
            if not isinstance(edit, (EnsureImport, Remove)):  # what goes uses no name
                result.sites.append(document.range(edit.span)[0])
        except Refused as refusal:
            refused.append((edit, refusal.reason))
    if refused:
        return [], refused
    try:
        return result.arranged(), []
    except Refused as refusal:
        return [], [(edit, refusal.reason) for edit in unique]
