"""Replacing expressions and wrapping calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from celerylint.fixes.arguments import call_at, replace_value
from celerylint.fixes.code import in_place_of, spaced
from celerylint.fixes.document import Document
from celerylint.fixes.listing import Listing, of_call
from celerylint.fixes.splices import Refused, Splice, apply
from celerylint.rule import Replace, WrapCall

if TYPE_CHECKING:
    from celerylint.fixes.plan import Plan

_PARTS = re.compile(r"\{(func|args)\}")


def replace(plan: Plan, edit: Replace) -> None:
    document = plan.document
    node = document.find(edit.span, cst.BaseExpression)
    parent = document.parents.get(node) if node else None
    if node is None or parent is None or (isinstance(parent, cst.Arg) and parent.keyword is node):
        raise Refused("no expression stands there")
    if isinstance(node, cst.GeneratorExp) and not node.lpar:  # its parentheses are those of the call
        replace_value(plan, node, edit.code)
        return
    start, end = document.seen_range(node)
    if document.is_expression(start, edit.code.strip()):
        return
    if document.has_comment(start, end):
        raise Refused("a comment inside it would be lost")
    code = in_place_of(edit.code, node, parent)
    if document.in_format(node) and any(character in code for character in "\"'\\"):
        raise Refused("quotes and backslashes are not free inside an f-string")
    code = document.reindented(code, document.indent(start))
    plan.replace(start, end, spaced(document.text, start, end, code))


def wrap_call(plan: Plan, edit: WrapCall) -> None:
    """The parts that the template names stay where they are, so that other edits may reach into them."""
    document = plan.document
    call = call_at(document, edit.span)
    names = _PARTS.findall(edit.template)
    if names not in (["func", "args"], ["func"], ["args"], []):
        raise Refused("the template must name `{func}` and `{args}` at most once, in this order")
    arguments = of_call(document, call)
    splices = _around(document, call, arguments, names, _PARTS.split(edit.template)[::2])
    if any(document.has_comment(splice.start, splice.end) for splice in splices):
        raise Refused("a comment inside it would be lost")
    start, end = document.ranges[call]
    moved = [Splice(splice.start - start, splice.end - start, splice.text) for splice in splices]
    wrapped = apply(document.text[start:end], moved)
    if document.in_format(call):
        raise Refused("it stands inside an f-string")
    whole = spaced(document.text, start, end, in_place_of(wrapped, call, document.parents[call]))
    before, _, after = whole.partition(wrapped)
    texts = [splice.text for splice in splices]
    texts[0] = before + texts[0]
    texts[-1] += after
    for splice, text in zip(splices, texts, strict=True):
        plan.replace(splice.start, splice.end, text)


def _around(
    document: Document, call: cst.Call, arguments: Listing, names: list[str], pieces: list[str]
) -> list[Splice]:
    """One splice for each piece of the template; the call's own parentheses and line breaks stay where they serve."""
    start, end = document.ranges[call]
    func = document.full_range(call.func)
    items = arguments.items
    args = (items[0][0], items[-1][1]) if items else (arguments.open, arguments.open)
    if "args" in names and not items:
        pieces = _without_a_comma(pieces)
    if "args" in names and arguments.generator and not (pieces[-2].endswith("(") and pieces[-1].startswith(")")):
        raise Refused("its argument is a bare generator")
    parts = {"func": func, "args": args}
    edges = [start, *(at for name in names for at in parts[name]), end]
    splices = [Splice(first, last, piece) for first, last, piece in zip(edges[::2], edges[1::2], pieces, strict=True)]
    if len(names) == 2:
        if pieces[1] == "(":
            splices[1] = Splice(func[1], func[1], "")
        elif not document.text[arguments.open : args[0]].strip(" \t"):
            splices[1] = Splice(func[1], args[0], pieces[1])
        else:  # the arguments begin on a line of their own
            splices[1] = Splice(func[1], arguments.open, pieces[1].rstrip())
    if "args" in names and pieces[-1].startswith(")"):
        splices[-1] = Splice(end, end, pieces[-1][1:])
    return splices


def _without_a_comma(pieces: list[str]) -> list[str]:
    """The pieces of a template whose arguments are none, so that no comma is left over."""
    *others, before, after = pieces
    if before.rstrip().endswith(","):
        before = before.rstrip()[:-1]
    elif after.lstrip().startswith(","):
        after = after.lstrip()[1:].lstrip()
    return [*others, before, after]
