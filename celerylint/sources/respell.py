"""What newer Python syntax becomes on an older one: statements, and what is left to ``respell_strings``."""

from __future__ import annotations

import libcst as cst

from celerylint.sources.canvas import BLANKS, Canvas
from celerylint.sources.handlers import ERROR_NAMES
from celerylint.sources.respell_strings import Strings


class Respell(cst.CSTVisitor):
    """Visits a module and writes over the canvas whatever Python ``target`` cannot read."""

    def __init__(self, canvas: Canvas, target: tuple[int, int]) -> None:
        super().__init__()
        self.canvas = canvas
        self.target = target
        self.strings = Strings(canvas, target)

    # PEP 758 and PEP 654

    def visit_ExceptHandler(self, node: cst.ExceptHandler) -> None:
        self._parenthesise(node.type)

    def visit_ExceptStarHandler(self, node: cst.ExceptStarHandler) -> None:
        if self.target < (3, 11):
            start, _ = self.canvas.extent(node)
            star = self.canvas.before.index(b"*", start)
            self.canvas.blank(star, star + 1)
        self._parenthesise(node.type)

    def _parenthesise(self, kinds: cst.BaseExpression | None) -> None:
        if self.target >= (3, 14) or not isinstance(kinds, cst.Tuple) or kinds.lpar or _binds_error(kinds):
            return
        canvas = self.canvas
        start, end = canvas.extent(kinds)
        if canvas.after[start - 1] in BLANKS:
            canvas.write(start - 1, b"(")
        else:  # except*A, B:
            canvas.insert(start, b"(")
        if canvas.before[end] in BLANKS:
            canvas.write(end, b")")
        elif canvas.before[end : end + 2] == b": ":  # a body on the same line keeps its columns
            canvas.write(end, b"):")
        else:
            canvas.insert(end, b")")

    # PEP 695 and PEP 696

    def visit_TypeParameters(self, node: cst.TypeParameters) -> bool:
        defaults = any(getattr(parameter, "default", None) for parameter in node.params)
        if self.target >= (3, 13) or (self.target >= (3, 12) and not defaults):
            return True
        self.canvas.blank(*self.canvas.extent(node), continued=True)
        return False

    def visit_TypeAlias(self, node: cst.TypeAlias) -> None:
        if self.target >= (3, 12):
            return
        canvas = self.canvas
        start, _ = canvas.extent(node)
        _, head_end = canvas.extent(node.type_parameters or node.name)
        name = node.name.value.encode()
        if b"\n" not in canvas.before[start : start + len(name)]:
            canvas.blank(start, canvas.before.index(b"=", head_end), continued=True)
            canvas.write(start, name)

    # PEP 646

    def visit_Subscript(self, node: cst.Subscript) -> bool:
        if self.target >= (3, 11) or not any(getattr(element.slice, "star", None) for element in node.slice):
            return True
        self.canvas.name(self.canvas.extent(node.slice[0])[0], self.canvas.extent(node.slice[-1])[1])
        node.value.visit(self)
        return False

    def visit_Param(self, node: cst.Param) -> None:
        annotation = node.annotation and node.annotation.annotation
        if self.target < (3, 11) and isinstance(annotation, cst.StarredElement):
            start, _ = self.canvas.extent(annotation)
            self.canvas.blank(start, start + 1)

    # PEP 810

    def visit_LazyImport(self, node: cst.CSTNode) -> None:
        self._import_at_once(node, b"import")

    def visit_LazyImportFrom(self, node: cst.CSTNode) -> None:
        self._import_at_once(node, b"from")

    def _import_at_once(self, node: cst.CSTNode, keyword: bytes) -> None:
        start, _ = self.canvas.extent(node)
        end = self.canvas.before.index(keyword, start + len(b"lazy")) + len(keyword)
        if self.target < (3, 15) and b"\n" not in self.canvas.before[start:end]:
            self.canvas.write(start, keyword.ljust(end - start))

    # PEP 701 and PEP 750

    def visit_FormattedString(self, node: cst.FormattedString) -> bool:
        return not self.strings.respell(node)

    def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> bool:
        return not self.strings.respell(node)

    def visit_TemplatedString(self, node: cst.CSTNode) -> bool:
        return not self.strings.respell(node)


def _binds_error(kinds: cst.Tuple) -> bool:
    """Whether ``except A, e:`` is Python 2 and binds the error; left as it is, for ``respell_old.py``."""
    last = kinds.elements[-1].value
    return isinstance(last, cst.Name) and last.value in ERROR_NAMES
