"""Code that a rule gives as text: whether it is what the place needs, and whether it needs parentheses there."""

from __future__ import annotations

from functools import lru_cache

import libcst as cst

from celerylint.fixes.document import parse
from celerylint.fixes.splices import Refused

_ATOMS = (
    cst.Name,
    cst.Attribute,
    cst.Call,
    cst.Subscript,
    cst.SimpleString,
    cst.FormattedString,
    cst.Integer,
    cst.Float,
    cst.Imaginary,
    cst.Ellipsis,
    cst.List,
    cst.Set,
    cst.Dict,
    cst.ListComp,
    cst.SetComp,
    cst.DictComp,
)
"""Expressions that bind tighter than anything around them."""
_NUMBERS = (cst.Integer, cst.Float, cst.Imaginary)
_ROOMY = (
    cst.Arg,
    cst.Element,
    cst.DictElement,
    cst.Assign,
    cst.AnnAssign,
    cst.AugAssign,
    cst.Return,
    cst.Expr,
    cst.Index,
    cst.Param,
    cst.Decorator,
)
"""Parents that take any expression but a bare tuple as it is."""
_ROOMY_FOR_TUPLES = (cst.Assign, cst.Return, cst.Expr)


@lru_cache(maxsize=256)  # many fixes give the same code
def expression(code: str) -> cst.BaseExpression:
    """The one expression that ``code`` is. Raises ``Refused`` when it is none, or more than that (a comment)."""
    text = code.strip()
    try:
        module = parse(text)
    except Refused as refusal:
        raise Refused(f"{shown(text)} is not an expression") from refusal
    match module.body:
        case [cst.SimpleStatementLine(body=[cst.Expr(value=node)])]:
            if module.code_for_node(node) == text and not isinstance(node, cst.StarredElement):
                return node
    raise Refused(f"{shown(text)} is not an expression")


def shown(code: str) -> str:
    """``code`` as it is quoted in a message: its first line."""
    first, *others = code.strip().splitlines() or [""]
    return f"`{first} ...`" if others else f"`{first}`"


def as_item(code: str) -> str:
    """``code`` fit to stand among arguments or elements: a bare tuple gets parentheses."""
    node = expression(code)
    return f"({code.strip()})" if isinstance(node, cst.Tuple) and not node.lpar else code.strip()


def in_place_of(code: str, node: cst.BaseExpression, parent: cst.CSTNode) -> str:
    """``code`` fit to stand where ``node`` stands under ``parent``, with parentheses when they are needed."""
    new = expression(code)
    text = code.strip()
    if isinstance(new, cst.Tuple) and isinstance(parent, cst.WithItem):  # `with (a, b):` would be two context managers
        raise Refused(f"{shown(text)} is no context manager")
    owns_parentheses = isinstance(node, (cst.Tuple, cst.GeneratorExp))
    if new.lpar or len(node.lpar) > owns_parentheses:
        return text
    if isinstance(new, cst.Tuple):
        fits = isinstance(parent, _ROOMY_FOR_TUPLES)
    elif isinstance(parent, cst.FormattedStringExpression):
        fits = isinstance(new, _ATOMS) and not text.startswith("{")
    elif isinstance(parent, cst.Attribute):
        fits = isinstance(new, _ATOMS) and not isinstance(new, _NUMBERS)
    else:
        fits = isinstance(new, _ATOMS) or isinstance(parent, _ROOMY)
    return text if fits else f"({text})"


def spaced(text: str, start: int, end: int, code: str) -> str:
    """``code`` with a space where it would otherwise grow together with the words around it (``return"x"``)."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if _is_word(before) and (_is_word(code[0]) or code[0] in "\"'"):
        code = " " + code
    if _is_word(after) and (_is_word(code[-1]) or code[-1] in "\"'"):
        code += " "
    return code


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
