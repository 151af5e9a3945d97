"""The part of a Python file that has to be parsed with LibCST to make an edit.

LibCST takes seconds for a megabyte, ``ast`` a tenth of that; and an edit needs the concrete tree of its own top-level
statement only.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from celerylint.fixes.splices import Splice, apply


@dataclass(frozen=True, slots=True)
class Window:
    """``text`` stands at ``start`` in the file, at the beginning of line ``line`` (0-based).

    What does not matter in it is blanked out, so that all places are what they are in the file.
    """

    text: str
    start: int = 0
    line: int = 0

    def after(self, splices: Sequence[Splice]) -> str:
        """The window's text with the splices of the file made; what they do outside of it is cut off."""
        end = len(self.text)
        inside = [
            Splice(min(max(one.start - self.start, 0), end), min(max(one.end - self.start, 0), end), one.text)
            for one in splices
        ]
        return apply(self.text, inside)


def read_ast(text: str) -> ast.Module | None:
    """The tree, or None when this interpreter cannot read the text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def compiles(tree: ast.Module) -> bool:
    """Whether this interpreter's compiler takes the tree: it refuses some of what the parser lets pass.

    A repeated keyword, ``await`` outside of ``async def``, a late ``from __future__``. Nothing is executed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(tree, "<file>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def narrow(text: str, line_starts: Sequence[int], tree: ast.Module, wanted: Collection[int]) -> Window:
    """The window of the top-level statements that stand on the ``wanted`` lines (1-based)."""
    kept = {line for line in wanted if line <= len(line_starts)}
    if not kept:
        return Window("")
    for first, last in _stretches(tree):
        if any(first <= line <= last for line in wanted):
            kept.update(range(first, last + 1))
    bounds = [*line_starts, len(text)]
    lines = range(min(kept), max(kept) + 1)
    pieces = [text[bounds[line - 1] : bounds[line]] for line in lines]
    shown = [piece if line in kept else _blank(piece) for line, piece in zip(lines, pieces, strict=True)]
    return Window("".join(shown), bounds[lines.start - 1], lines.start - 1)


def step_of(text: str, line_starts: Sequence[int], tree: ast.Module) -> str:
    """One step of indentation as the file has it; four spaces when it has none."""
    for statement in tree.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.stmt) and node.col_offset:
                start = line_starts[node.lineno - 1]
                lead = text[start : start + node.col_offset]
                if not lead.strip():
                    return lead
    return " " * 4


def _stretches(tree: ast.Module) -> list[tuple[int, int]]:
    """First and last line of each top-level statement; those that share a line are one."""
    result: list[tuple[int, int]] = []
    for node in tree.body:
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        last = node.end_lineno or node.lineno
        if result and first <= result[-1][1]:
            result[-1] = (result[-1][0], last)
        else:
            result.append((first, last))
    return result


def _blank(line: str) -> str:
    bare = line.rstrip("\r\n")
    return " " * len(bare) + line[len(bare) :]
