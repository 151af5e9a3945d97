"""Replacing comments, in Python and in any other file whose comments begin with ``#``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from celerylint.fixes.splices import Refused
from celerylint.rule import ReplaceComment

if TYPE_CHECKING:
    from celerylint.fixes.plan import Plan


def replace_comment(plan: Plan, edit: ReplaceComment) -> None:
    document = plan.document
    start, end = document.range(edit.span)
    if edit.text and (not edit.text.startswith("#") or len(edit.text.splitlines()) > 1):
        raise Refused(f"{edit.text!r} is not a comment")
    if document.is_python:
        found = document.find(edit.span, cst.Comment) is not None
    else:
        rest = document.text[end : document.line_end(start)]
        found = start < end <= document.line_end(start) and document.text[start] == "#" and not rest.strip()
    if not found:
        raise Refused("no comment stands there")
    if edit.text:
        plan.replace(start, end, edit.text)
    elif document.begins_line(start):
        plan.replace(document.line_start(start), document.next_line(start), "")
    else:
        before = document.text[document.line_start(start) : start]
        plan.replace(start - (len(before) - len(before.rstrip())), end, "")
