"""Edits of a call's arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from celerylint.fixes.code import as_item
from celerylint.fixes.document import Document
from celerylint.fixes.listing import Listing, of_bare_decorator, of_call
from celerylint.fixes.splices import Refused
from celerylint.rule import AppendArgument, RemoveKeyword, RenameKeyword, SetKeyword
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.fixes.plan import Plan


def call_at(document: Document, span: Span) -> cst.Call:
    """The call at ``span``. Raises ``Refused`` when there is none."""
    call = document.find(span, cst.Call)
    if call is None:
        raise Refused("no call stands there")
    return call


def listing(plan: Plan, call: cst.Call) -> Listing:
    """The arguments of ``call``."""
    return plan.listing(call, lambda: of_call(plan.document, call))


def set_keyword(plan: Plan, edit: SetKeyword) -> None:
    if not edit.name.isidentifier():
        raise Refused(f"`{edit.name}` is not a keyword name")
    call = plan.document.find(edit.span, cst.Call)
    if call is not None:
        set_argument(plan, call, edit.name, edit.code)
        return
    expression = plan.document.find(edit.span, cst.BaseExpression)
    if expression is None or not isinstance(plan.document.parents[expression], cst.Decorator):
        raise Refused("no call or decorator stands there")
    arguments = plan.listing(expression, lambda: of_bare_decorator(plan.document, expression))
    plan.give(expression, edit.name, edit.code)
    arguments.add(0, f"{edit.name}={as_item(edit.code)}")


def set_argument(plan: Plan, call: cst.Call, name: str, code: str) -> None:
    """Give ``call`` the keyword ``name``, or its present keyword a new value."""
    plan.give(call, name, code)
    present = keyword(call, name)
    if present is not None:
        replace_value(plan, present.value, code)
        return
    spread = (index for index, arg in enumerate(call.args) if arg.star == "**")
    gap = next(spread, len(call.args))
    listing(plan, call).add(gap, f"{name}={as_item(code)}")


def replace_value(plan: Plan, value: cst.BaseExpression, code: str) -> None:
    """Put ``code`` in the place of an argument's or entry's value. Raises ``Refused`` when a comment would be lost."""
    start, end = plan.document.full_range(value)
    new = as_item(code)
    if plan.document.text[start:end] == new:
        return
    if plan.document.has_comment(start, end):
        raise Refused("a comment inside it would be lost")
    plan.replace(start, end, plan.document.reindented(new, plan.document.indent(start)))


def remove_keyword(plan: Plan, edit: RemoveKeyword) -> None:
    call = call_at(plan.document, edit.span)
    present = keyword(call, edit.name)
    if present is not None:
        listing(plan, call).remove(call.args.index(present))


def rename_keyword(plan: Plan, edit: RenameKeyword) -> None:
    call = call_at(plan.document, edit.span)
    if keyword(call, edit.new) is not None:
        raise Refused(f"the call has a keyword `{edit.new}` already")
    present = keyword(call, edit.old)
    if present is None or present.keyword is None:
        raise Refused(f"the call has no keyword `{edit.old}`")
    if not edit.new.isidentifier():
        raise Refused(f"`{edit.new}` is not a keyword name")
    plan.give(call, edit.new, edit.old)
    plan.replace(*plan.document.ranges[present.keyword], edit.new)


def append_argument(plan: Plan, edit: AppendArgument) -> None:
    call = call_at(plan.document, edit.span)
    named = [bool(arg.keyword) or arg.star == "**" for arg in call.args]
    gap = named.index(True) if True in named else len(named)
    if not all(named[gap:]):
        raise Refused("positional arguments follow a keyword")
    listing(plan, call).add(gap, as_item(edit.code))


def keyword(call: cst.Call, name: str) -> cst.Arg | None:
    """The argument that ``call`` gives as keyword ``name``."""
    return next((arg for arg in call.args if arg.keyword is not None and arg.keyword.value == name), None)
