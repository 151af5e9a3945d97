"""String literals: renaming one in the quotes and with the prefix that it has."""

from __future__ import annotations

from ast import literal_eval
from typing import TYPE_CHECKING

import libcst as cst

from celerylint.fixes.splices import Refused
from celerylint.rule import RenameString

if TYPE_CHECKING:
    from celerylint.fixes.plan import Plan

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def rename_string(plan: Plan, edit: RenameString) -> None:
    node = plan.document.find(edit.span, (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString))
    if node is None:
        raise Refused("no string stands there")
    if not isinstance(node, cst.SimpleString):
        raise Refused("the string is put together from parts")
    value = node.evaluated_value
    bytes_ = isinstance(value, bytes)
    if value == (edit.new.encode("ascii", "replace") if bytes_ else edit.new):
        return
    if bytes_ and not edit.new.isascii():
        raise Refused("a bytes literal takes ASCII only")
    if "r" in node.prefix:
        body = edit.new
    else:
        body = _escaped(edit.new, node.quote, plan.document.encoding)
    if plan.document.in_format(node) and any(character in body for character in "\"'\\"):
        raise Refused("quotes and backslashes are not free inside an f-string")
    literal = f"{_prefix(node)}{node.quote}{body}{node.quote}"
    if _value(literal) != (edit.new.encode() if bytes_ else edit.new):
        raise Refused(f"{edit.new!r} cannot be written in such quotes")
    plan.replace(*plan.document.ranges[node], literal)


def quoted(text: str, quote: str) -> str:
    """A plain literal of ``text`` in single or double quotes."""
    return f"{quote}{_escaped(text, quote, 'utf-8')}{quote}"


def _prefix(node: cst.SimpleString) -> str:
    """The prefix as written: LibCST gives it in lower case."""
    return node.value[: len(node.prefix)]


def _escaped(text: str, quote: str, encoding: str) -> str:
    return "".join(_escape(character, quote, encoding) for character in text)


def _escape(character: str, quote: str, encoding: str) -> str:
    if character == quote[0]:
        return "\\" + character
    if character in _ESCAPES:
        return _ESCAPES[character]
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return character.encode("unicode_escape").decode("ascii")
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def _value(literal: str) -> object:
    try:
        return literal_eval(literal)
    except (SyntaxError, ValueError):
        return None
