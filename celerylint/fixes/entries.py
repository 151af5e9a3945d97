"""Setting an entry of a dict."""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING

import libcst as cst

from celerylint.fixes.arguments import replace_value, set_argument
from celerylint.fixes.code import as_item
from celerylint.fixes.listing import of_display
from celerylint.fixes.splices import Refused
from celerylint.fixes.strings import quoted
from celerylint.rule import SetEntry

if TYPE_CHECKING:
    from celerylint.fixes.plan import Plan


def set_entry(plan: Plan, edit: SetEntry) -> None:
    node = plan.document.find(edit.span, (cst.Dict, cst.Call))
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "dict":
        if not edit.key.isidentifier() or iskeyword(edit.key):
            raise Refused(f"`dict(...)` cannot take {edit.key!r} as a keyword")
        set_argument(plan, node, edit.key, edit.code)
        return
    if not isinstance(node, cst.Dict):
        raise Refused("no dict stands there")
    plan.give(node, edit.key, edit.code)
    present = None
    for element in node.elements:
        if isinstance(element, cst.DictElement) and _text(element.key) == edit.key:
            present = element  # of equal keys the last one counts
    if present is not None:
        replace_value(plan, present.value, edit.code)
        return
    entries = plan.listing(node, lambda: of_display(plan.document, node))
    entries.add(len(node.elements), f"{quoted(edit.key, _quote(node))}: {as_item(edit.code)}")


def _text(key: cst.BaseExpression) -> object:
    return key.evaluated_value if isinstance(key, (cst.SimpleString, cst.ConcatenatedString)) else None


def _quote(node: cst.Dict) -> str:
    for element in node.elements:
        if isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString):
            return element.key.quote[0]
    return '"'
