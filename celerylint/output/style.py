"""Colour, and what may be sent to a terminal at all."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import TypeAlias

Piece: TypeAlias = tuple[str, str]
"""A text and the name of its style ("" for none)."""
Line: TypeAlias = list[Piece]

_CODES = {
    "error": "1;31", "warning": "1;33", "info": "1;36", "bold": "1", "dim": "2", "place": "34", "help": "32",
    "note": "36",
}  # fmt: skip


def paint(lines: Iterable[Line], colour: bool) -> str:
    """The lines as one text, each with its newline; with ANSI colours when wanted."""
    return "".join(f"{''.join(_piece(text, style, colour) for text, style in line).rstrip()}\n" for line in lines)


def _piece(text: str, style: str, colour: bool) -> str:
    code = _CODES.get(style, "") if colour else ""
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text


def printable(text: str) -> str:
    """The text with nothing in it that moves the cursor or turns the writing direction; what was, shows as U+FFFD."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if _unprintable(sign) else sign for sign in text)


def cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return len(text) if text.isascii() else sum(_cells_of(sign) for sign in text)


def _unprintable(sign: str) -> bool:
    kind = unicodedata.category(sign)
    return kind in ("Cc", "Cs", "Zl", "Zp") or (kind == "Cf" and unicodedata.bidirectional(sign) != "BN")


def _cells_of(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1
