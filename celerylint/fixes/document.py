"""One file to be changed: its text, its concrete tree, and the way from a span to a node."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TypeAlias, TypeVar

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider, ScopeProvider
from libcst.metadata.scope_provider import Scope

from celerylint.fixes.depth import too_deep
from celerylint.fixes.filetext import FileText, Range
from celerylint.fixes.splices import Refused, Splice
from celerylint.fixes.window import Window, narrow, read_ast, step_of
from celerylint.sources.spans import Span

_FORM_FEEDS = re.compile(r"(?m)^\f+")
_TOO_DEEP = "the file nests too deeply"

N = TypeVar("N", bound=cst.CSTNode)
Statement: TypeAlias = cst.SimpleStatementLine | cst.BaseCompoundStatement


@lru_cache(maxsize=32)
def open_document(path: str, data: bytes, lines: frozenset[int] | None = None) -> Document:
    """The document of ``data``, kept because one file often has many fixes. Raises ``Refused`` when it is no text."""
    return Document(path, data, lines)


class Document(FileText):
    """The text of a file and, when asked for, its LibCST tree with positions.

    With ``lines`` (1-based) the tree holds only the top-level statements that stand there, if ``ast`` can tell which
    they are. That is quicker; all offsets are still those of the file.
    """

    def __init__(self, path: str, data: bytes, lines: frozenset[int] | None = None) -> None:
        super().__init__(path, data)
        self._lines = lines

    @cached_property
    def ast(self) -> ast.Module | None:
        """What this interpreter reads, if it can."""
        return read_ast(self.text)

    @cached_property
    def _window(self) -> Window:
        if self._lines and self.ast is not None and "\f" not in self.text:
            return narrow(self.text, self.line_starts, self.ast, self._lines)
        # LibCST drops form feeds at the start of a line; parsing without them keeps its columns calculable.
        return Window(_FORM_FEEDS.sub("", self.text))

    def parse_with(self, splices: Sequence[Splice], text: str) -> None:
        """Raise ``Refused`` unless LibCST reads what ``splices`` make of the file, which is ``text``."""
        parse(_FORM_FEEDS.sub("", text) if "\f" in self.text else self._window.after(splices))

    @cached_property
    def module(self) -> cst.Module:
        """The concrete tree. Raises ``Refused`` when LibCST cannot read the file or would not give it back as it is."""
        text = self._window.text
        module = parse(text)
        try:
            faithful = module.code.rstrip() == text.rstrip()  # blanks at the very end are of no consequence
        except RecursionError as error:
            raise Refused(_TOO_DEEP) from error
        if not faithful:
            raise Refused("the file has a layout that cannot be kept")
        return module

    @cached_property
    def step(self) -> str:
        """One step of indentation, as the file has it."""
        return self.module.default_indent if self.ast is None else step_of(self.text, self.line_starts, self.ast)

    @cached_property
    def _column_shift(self) -> dict[int, int]:
        if "\f" not in self.text:
            return {}
        starts = enumerate(self.line_starts, 1)
        found = ((line, _FORM_FEEDS.match(self.text, start)) for line, start in starts)
        return {line: match.end() - match.start() for line, match in found if match}

    @cached_property
    def _wrapper(self) -> MetadataWrapper:
        return MetadataWrapper(self.module, unsafe_skip_copy=True)

    @cached_property
    def ranges(self) -> dict[cst.CSTNode, Range]:
        """Where each node stands, its own parentheses excluded (which is how LibCST sees it)."""
        try:
            positions = self._wrapper.resolve(PositionProvider)
        except RecursionError as error:
            raise Refused(_TOO_DEEP) from error
        # LibCST counts a line end at the end of the file even when there is none.
        starts, shift = [*self.line_starts[self._window.line :], len(self.text)], self._column_shift
        return {
            node: (
                starts[at.start.line - 1] + at.start.column + shift.get(at.start.line, 0),
                starts[at.end.line - 1] + at.end.column + shift.get(at.end.line, 0),
            )
            for node, at in positions.items()
        }

    @cached_property
    def scopes(self) -> dict[cst.CSTNode, Scope | None]:
        """The scope of each node."""
        try:
            return dict(self._wrapper.resolve(ScopeProvider))
        except RecursionError as error:
            raise Refused(_TOO_DEEP) from error

    def scope_at(self, offset: int) -> Scope | None:
        """The scope of what begins at an offset; that of the module when nothing does."""
        return self._scope_starts.get(offset, self.scopes[self.module])

    @cached_property
    def _scope_starts(self) -> dict[int, Scope | None]:
        result: dict[int, Scope | None] = {}
        # The innermost of the nodes that begin at one place comes last.
        for node, (start, end) in sorted(self.ranges.items(), key=lambda found: found[1][0] - found[1][1]):
            if start < end and node in self.scopes:
                result[start] = self.scopes[node]
        return result

    @cached_property
    def parents(self) -> dict[cst.CSTNode, cst.CSTNode]:
        result: dict[cst.CSTNode, cst.CSTNode] = {}
        waiting: list[cst.CSTNode] = [self.module]
        while waiting:
            node = waiting.pop()
            for child in node.children:
                result[child] = node
                waiting.append(child)
        return result

    @cached_property
    def _index(self) -> dict[Range, list[cst.CSTNode]]:
        result: dict[Range, list[cst.CSTNode]] = {}
        for node in self.ranges:
            if not isinstance(node, cst.BaseParenthesizableWhitespace):
                result.setdefault(self.seen_range(node), []).append(node)
        return result

    def seen_range(self, node: cst.CSTNode) -> Range:
        """Where ``ast`` sees the node: tuples and generators own their innermost parentheses, nothing else does."""
        start, end = self.ranges[node]
        if isinstance(node, (cst.Tuple, cst.GeneratorExp)):
            if node.lpar:
                return self.ranges[node.lpar[-1]][0], self.ranges[node.rpar[0]][1]
            if isinstance(node, cst.GeneratorExp):  # the only argument of a call lives in the call's parentheses
                call = self.parents[self.parents[node]]
                if isinstance(call, cst.Call):
                    return self.skip(self.full_range(call.func)[1]), self.ranges[call][1]
        return start, end

    def full_range(self, node: cst.BaseExpression) -> Range:
        """Where the expression stands with all its parentheses."""
        if node.lpar:
            return self.ranges[node.lpar[0]][0], self.ranges[node.rpar[-1]][1]
        return self.ranges[node]

    def whole_range(self, statement: cst.CSTNode) -> Range:
        """Where a statement stands, decorators included."""
        start, end = self.ranges[statement]
        if isinstance(statement, (cst.FunctionDef, cst.ClassDef)) and statement.decorators:
            start = self.ranges[statement.decorators[0]][0]
        return start, end

    @cached_property
    def statements(self) -> list[tuple[Range, Statement]]:
        """The statements that have lines of their own (``elif`` has not)."""
        return [
            (self.whole_range(node), node)
            for node in self.ranges
            if isinstance(node, (cst.SimpleStatementLine, cst.BaseCompoundStatement))
            and isinstance(self.parents.get(node), (cst.Module, cst.IndentedBlock))
        ]

    def find(self, span: Span, kind: type[N] | tuple[type[N], ...]) -> N | None:
        """The node of this kind that stands exactly at ``span``."""
        return next((node for node in self._index.get(self.range(span), ()) if isinstance(node, kind)), None)

    def is_expression(self, start: int, code: str) -> bool:
        """Whether the expression ``code`` stands at ``start`` already."""
        there = self._index.get((start, start + len(code)), ()) if self.text.startswith(code, start) else ()
        return any(isinstance(node, cst.BaseExpression) for node in there)

    def reindented(self, code: str, indent: str) -> str:
        """``code`` with its further lines moved in by ``indent``, in the file's style; not with long strings in it."""
        if "\n" not in code or '"""' in code or "'''" in code:
            return code.replace("\n", self.newline)
        first, *others = code.split("\n")
        lines = [first]
        for line in others:
            bare = line.lstrip(" ")
            steps, rest = divmod(len(line) - len(bare), 4)
            lines.append(indent + self.step * steps + " " * rest + bare if bare else "")
        return self.newline.join(lines)

    def in_format(self, node: cst.CSTNode) -> bool:
        """Whether the node stands inside an f-string, where quotes and backslashes are not free before Python 3.12."""
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, cst.FormattedStringExpression):
                return True
        return False

    def has_comment(self, start: int, end: int) -> bool:
        """Whether a comment stands between two offsets."""
        return any(start <= at < end for at in self._comments)

    @cached_property
    def _comments(self) -> Sequence[int]:
        return [at[0] for node, at in self.ranges.items() if isinstance(node, cst.Comment)]


def parse(text: str) -> cst.Module:
    """LibCST's tree of ``text``. Raises ``Refused`` when there is none."""
    if too_deep(text):
        raise Refused(_TOO_DEEP)
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise Refused(f"the file cannot be parsed: line {error.raw_line}") from error
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic in LibCST's native part is no Exception
        raise Refused("the file cannot be parsed") from error
