"""Taking things out: statements, elements, entries, arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from celerylint.fixes.arguments import listing
from celerylint.fixes.blocks import statement_at
from celerylint.fixes.listing import of_display
from celerylint.fixes.splices import Refused
from celerylint.rule import Remove

if TYPE_CHECKING:
    from celerylint.fixes.plan import Plan


def remove(plan: Plan, edit: Remove) -> None:
    document = plan.document
    item: cst.CSTNode | None = document.find(edit.span, (cst.Arg, cst.Element, cst.StarredElement, cst.BaseExpression))
    if isinstance(item, cst.BaseExpression):
        parent = document.parents[item]
        positional = isinstance(parent, cst.Arg) and parent.keyword is None and not parent.star
        key = isinstance(parent, cst.DictElement) and parent.key is item
        if positional or key or isinstance(parent, (cst.Element, cst.StarredDictElement)):
            item = parent
    owner = document.parents[item] if item is not None else None
    if isinstance(item, cst.Arg) and isinstance(owner, cst.Call):
        listing(plan, owner).remove(owner.args.index(item))
    elif isinstance(owner, (cst.List, cst.Set, cst.Tuple, cst.Dict)) and item in owner.elements:
        display = owner
        plan.listing(display, lambda: of_display(document, display)).remove(display.elements.index(item))
    else:
        statement = statement_at(document, edit.span)
        if statement is None:
            raise Refused("no statement, element, entry or argument stands there")
        plan.blocks.remove(statement)
