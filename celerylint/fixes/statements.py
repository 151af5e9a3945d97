"""Putting statements, ``except`` clauses and parameters in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import dedent
from typing import TYPE_CHECKING, cast

import libcst as cst

from celerylint.fixes.blocks import above_comments, holder
from celerylint.fixes.code import shown
from celerylint.fixes.document import Document, Statement, parse
from celerylint.fixes.splices import Refused
from celerylint.rule import AddHandler, AddParameter, InsertStatement

if TYPE_CHECKING:
    from celerylint.fixes.plan import Plan


def insert_statement(plan: Plan, edit: InsertStatement) -> None:
    document, text = plan.document, plan.document.text
    statement = holder(document, edit.span)
    first, last = document.whole_range(statement)
    code = _rendered(document, _module(document, edit.code), document.indent(first))
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) > 1:
        raise Refused("the statement shares its line with others")
    if edit.where == "before" and _is_docstring(document, statement):
        raise Refused("a docstring stands there")
    plan.blocks.insert_into(statement)
    if edit.where == "before":
        at = above_comments(document, first)
        if not text[:at].endswith(code) and not text.startswith(code, document.line_start(first)):
            plan.insert_lines(at, code)
        return
    at = document.next_line(last)
    if text.startswith(code, at) or text[at:] == code.removesuffix(document.newline):
        return
    if text[:at].endswith(("\n", "\r")):
        plan.insert_lines(at, code)
    else:  # the last line of the file has no end
        plan.insert_lines(at, document.newline + code.removesuffix(document.newline))


def add_handler(plan: Plan, edit: AddHandler) -> None:
    document = plan.document
    start, end = document.range(edit.span)
    kinds = (cst.ExceptHandler, cst.ExceptStarHandler)
    found = (node for node in document.ranges if isinstance(node, kinds) and document.ranges[node][0] == start)
    present = next(found, None)
    if present is None or end > document.ranges[present.body][1]:
        raise Refused("no except clause stands there")
    lines = dedent(edit.code).strip("\n")
    try:
        statement = _module(document, f"try:\n    pass\n{lines}\n").body[0]
    except Refused as refusal:
        raise Refused(f"{shown(lines)} is not an except clause") from refusal
    handlers: Sequence[cst.CSTNode] = statement.handlers if isinstance(statement, (cst.Try, cst.TryStar)) else ()
    if not handlers or any(not isinstance(node, type(present)) or node.type is None for node in handlers):
        raise Refused(f"{shown(lines)} cannot stand above the clause")
    whole = _rendered(document, cst.Module(body=[statement]), document.indent(start))
    code = "".join(whole.splitlines(keepends=True)[2:])
    at = document.line_start(start)
    if not document.text[:at].endswith(code) and not document.text.startswith(code, at):
        plan.insert_lines(at, code)


def add_parameter(plan: Plan, edit: AddParameter) -> None:
    document = plan.document
    start, end = document.range(edit.span)
    node = document.find(edit.span, cst.Name)
    opening = re.compile(r"\s*\(\s*").match(document.text, end)
    if node is None or opening is None or not document.text[:start].rstrip().endswith("def"):
        raise Refused("no function is defined there")
    if not edit.name.isidentifier():
        raise Refused(f"`{edit.name}` is not a name")
    at = opening.end()
    if document.text[at] == "#":
        raise Refused("a comment stands in front of the parameters")
    plan.replace(at, at, edit.name if document.text[at] == ")" else f"{edit.name}, ")


def _is_docstring(document: Document, statement: Statement) -> bool:
    match statement:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString())]):
            owner = document.parents[statement]
            if isinstance(owner, cst.IndentedBlock):
                definition = isinstance(document.parents[owner], (cst.FunctionDef, cst.ClassDef))
                return definition and owner.body[0] is statement
            return document.skip(0) == document.ranges[statement][0]
    return False


def _module(document: Document, code: str) -> cst.Module:
    """The statements that ``code`` holds. Raises ``Refused`` when it holds none or something else."""
    try:
        module = parse(dedent(code).replace("\n", document.newline))
    except Refused as refusal:
        raise Refused(f"{shown(code)} is not a statement") from refusal
    if not module.body:
        raise Refused(f"{shown(code)} is not a statement")
    return module


def _rendered(document: Document, module: cst.Module, indent: str) -> str:
    """The module's statements as lines of ``document``, indented, with its line ends and its step of indentation."""
    head, *others = module.body
    lead = [*module.header, *head.leading_lines]
    body = [head.with_changes(leading_lines=lead), *others]
    style = cst.Module(body=body, footer=module.footer, default_indent=document.step, default_newline=document.newline)
    if not indent:
        code = style.code
        return code if code.endswith(document.newline) else code + document.newline
    block = cst.IndentedBlock(body=cast("Sequence[cst.BaseStatement]", body), footer=module.footer, indent=indent)
    _, *lines = style.code_for_node(block).split(document.newline)
    return document.newline.join("" if line == indent else line for line in lines)
