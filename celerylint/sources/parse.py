"""Python source to an ``ast`` tree, also when it is newer or older than the interpreter that runs."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass

from celerylint.sources.handlers import parenthesise
from celerylint.sources.text import Source

_MOST_HANDLERS = 20  # each takes a parse of the file; beyond that LibCST, which does all at once, is quicker


class SyntaxProblem(Exception):
    """Nobody can read this file as Python. ``line`` and ``column`` are 1-based, the column in code points."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Parsed:
    """``lowered`` says that the tree is of a text in which newer or older syntax was respelled (see ``lower.py`` and
    ``respell_old.py``): every line number is exact, and what could not be respelled faithfully is a name that nothing
    defines. ``old`` that it was older syntax, which Python 3 of no version reads."""

    tree: ast.Module
    lowered: bool
    old: bool = False


def parse(source: Source) -> Parsed:
    """The tree of a Python file, respelled when it is newer or older than what this interpreter reads.

    Raises SyntaxProblem when no Python reads it that we know of.
    """
    try:
        return Parsed(_tree(source.text), lowered=False)
    except SyntaxError as error:
        refused = error
    # What is refused once the newer syntax is out of the way is what is wrong, and still on its line.
    text = source.text
    for _ in range(_MOST_HANDLERS):
        respelled = parenthesise(text, refused)
        if respelled is None:
            break
        text = respelled
        try:
            return Parsed(_tree(text), lowered=True)
        except SyntaxError as error:
            refused = error

    from celerylint.sources.lower import lower  # brings LibCST along
    from celerylint.sources.respell_old import is_python2, respell_old

    for respell in (lower, respell_old):
        respelled = respell(source.text)
        if respelled is not None:
            try:
                return Parsed(_tree(respelled), lowered=True, old=respell is respell_old and is_python2(source.text))
            except SyntaxError as error:
                refused = error
    last = max(1, len(source.lines))
    raise SyntaxProblem(refused.msg, min(max(1, refused.lineno or 1), last), max(1, refused.offset or 1)) from None


def parse_part(source: Source, first: int, last: int) -> ast.Module | None:
    """The tree of the lines ``first`` to ``last`` (1-based), which hold one whole definition, on their own lines; None
    when they cannot be read apart from the rest. A definition is a small part of its file, and so of the time."""
    lines = source.lines[first - 1 : last]
    text = "\n".join(lines)
    if lines and lines[0][:1] in " \t":
        if first < 2:
            return None
        return _part("\n" * (first - 2) + "if 1:\n" + text, nested=True)
    return _part("\n" * (first - 1) + text, nested=False)


def _part(text: str, nested: bool) -> ast.Module | None:
    try:
        tree = _tree(text)
    except (SyntaxError, SyntaxProblem):
        return None
    outer = tree.body[0] if nested and len(tree.body) == 1 else None
    return ast.Module(outer.body, []) if isinstance(outer, ast.If) else tree


def _tree(text: str) -> ast.Module:
    """The tree of ``text``. Raises SyntaxError, or SyntaxProblem when no other spelling could help."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes and the like: another linter's business, and -W error's
            return ast.parse(text)
    except (MemoryError, RecursionError):  # how the parser says that it was nested too deeply
        raise SyntaxProblem("nested too deeply to be read") from None
    except ValueError as error:  # null bytes and lone surrogates, which exotic encodings can produce
        raise SyntaxProblem(f"cannot be read: {error}") from None
