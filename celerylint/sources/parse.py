"""Python source to an ``ast`` tree, also when it is newer than the interpreter that runs."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass

from celerylint.sources.handlers import parenthesise
from celerylint.sources.text import Source

_MOST_HANDLERS = 20  # each takes a parse of the file; beyond that LibCST, which does all at once, is quicker


class SyntaxProblem(Exception):
    """Nobody can read this file as Python 3. ``line`` and ``column`` are 1-based, the column in code points."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Parsed:
    """``lowered`` says that the tree is of a text in which newer syntax was respelled (see ``lower.py``): every line
    number is exact, and what could not be respelled faithfully is a name that nothing defines."""

    tree: ast.Module
    lowered: bool


def parse(source: Source) -> Parsed:
    """The tree of a Python file. Raises SyntaxProblem when neither this interpreter nor LibCST can read it."""
    try:
        return Parsed(_tree(source.text), lowered=False)
    except SyntaxError as error:
        refused = error
    except (MemoryError, RecursionError):  # how the parser says that it was nested too deeply
        raise SyntaxProblem("nested too deeply to be read") from None
    except ValueError as error:  # null bytes and lone surrogates, which exotic encodings can produce
        raise SyntaxProblem(f"cannot be read: {error}") from None
    tree = _lowered(source.text, refused)
    if tree is not None:
        return Parsed(tree, lowered=True)
    last = max(1, len(source.lines))
    raise SyntaxProblem(refused.msg, min(max(1, refused.lineno or 1), last), max(1, refused.offset or 1)) from None


def _lowered(text: str, refused: SyntaxError) -> ast.Module | None:
    """The tree of ``text`` respelled, or None: then the first refusal stands, for it is about the text as written."""
    respelled: str | None = text
    for _ in range(_MOST_HANDLERS):
        respelled = parenthesise(respelled, refused)
        if respelled is None:
            break
        try:
            return _tree(respelled)
        except SyntaxError as error:
            refused = error
        except (ValueError, MemoryError, RecursionError):
            return None

    from celerylint.sources.lower import lower  # brings LibCST along

    respelled = lower(text)
    if respelled is None:
        return None
    try:
        return _tree(respelled)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _tree(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes and the like: another linter's business, and -W error's
        return ast.parse(text)
