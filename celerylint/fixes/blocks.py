"""Statements and the blocks they stand in."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from celerylint.fixes.document import Document, Statement
from celerylint.fixes.filetext import Range
from celerylint.fixes.splices import Refused, Splice
from celerylint.sources.spans import Span


def holder(document: Document, span: Span) -> Statement:
    """The innermost statement with lines of its own that holds ``span``. Raises ``Refused`` when there is none."""
    start, end = document.range(span)
    holding: list[tuple[int, Statement]] = []
    for (first, last), statement in document.statements:
        rest = document.text[last:end].strip()  # a header's span may run on to the comment at the end of its line
        if first <= start < last and (not rest or rest.startswith("#")):
            holding.append((last - first, statement))
    if holding:
        statement = min(holding, key=lambda found: found[0])[1]
        # A place in a block but in none of its statements is a comment or a blank line.
        if not any(start in range(*document.ranges[block]) for block in _blocks(statement)):
            return statement
    raise Refused("no statement stands there")


def _blocks(statement: Statement) -> list[cst.CSTNode]:
    """The indented blocks of a statement, those of its further clauses included."""
    clauses = (cst.If, cst.Else, cst.ExceptHandler, cst.ExceptStarHandler, cst.Finally, cst.MatchCase)
    blocks: list[cst.CSTNode] = []
    waiting: list[cst.CSTNode] = [statement]
    while waiting:
        for child in waiting.pop().children:
            if isinstance(child, cst.IndentedBlock):
                blocks.append(child)
            elif isinstance(child, clauses):
                waiting.append(child)
    return blocks


def statement_at(document: Document, span: Span) -> Statement | cst.BaseSmallStatement | None:
    """The statement that stands exactly at ``span``: whole, without its decorators, or its header alone."""
    small = document.find(span, cst.BaseSmallStatement)
    if small is not None:
        return small
    start, end = document.range(span)
    for (first, last), statement in document.statements:
        keyword = document.ranges[statement][0]
        header = document.line_end(keyword)
        header_only = end <= header and not document.text[end:header].strip()
        if start in (first, keyword) and (end == last or header_only):
            return statement
    return None


def above_comments(document: Document, first: int) -> int:
    """Where the comments begin that stand right above a statement; comments that open the file are not its own."""
    start = document.line_start(first)
    at = start
    while at > 0:
        above = document.line_start(at - 1)
        if not document.text[above:at].lstrip().startswith("#") or document.indent(above) != document.indent(first):
            return at
        at = above
    return start


class Blocks:
    """The statements that are to be taken out, and what is left of their blocks."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._removed: dict[cst.CSTNode, list[cst.CSTNode]] = {}
        self._inserted_into: set[cst.CSTNode] = set()

    def remove(self, statement: Statement | cst.BaseSmallStatement) -> None:
        owner = self.document.parents[statement]
        gone = self._removed.setdefault(owner, [])
        if statement not in gone:
            gone.append(statement)
        if isinstance(owner, cst.SimpleStatementLine) and len(gone) == len(owner.body):
            del self._removed[owner]
            self.remove(owner)

    def removes(self, node: cst.CSTNode) -> bool:
        """Whether the statement that a node belongs to is to be taken out."""
        gone = {statement for statements in self._removed.values() for statement in statements}
        inside: cst.CSTNode | None = node if gone else None
        while inside is not None and inside not in gone:
            inside = self.document.parents.get(inside)
        return inside is not None

    def insert_into(self, statement: Statement) -> None:
        """Note that something is put beside ``statement``, so that its block cannot become empty."""
        self._inserted_into.add(self.document.parents[statement])

    def splices(self) -> list[Splice]:
        result: list[Splice] = []
        for owner, gone in self._removed.items():
            if isinstance(owner, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
                result += self._without_small(owner.body, gone)
            elif isinstance(owner, (cst.Module, cst.IndentedBlock)):
                result += self._without_lines(owner, gone)
        return result

    def _without_small(self, body: Sequence[cst.CSTNode], gone: list[cst.CSTNode]) -> list[Splice]:
        ranges = self.document.ranges
        if len(gone) == len(body):
            return [Splice(ranges[body[0]][0], ranges[body[-1]][1], "pass")]
        result: list[Splice] = []
        for index, statement in enumerate(body):
            if statement not in gone:
                continue
            if any(later not in gone for later in body[index:]):
                result.append(Splice(ranges[statement][0], ranges[body[index + 1]][0], ""))
            else:
                result.append(Splice(ranges[body[index - 1]][1], ranges[statement][1], ""))
        return result

    def _without_lines(self, owner: cst.Module | cst.IndentedBlock, gone: list[cst.CSTNode]) -> list[Splice]:
        document, body = self.document, owner.body
        spared: cst.CSTNode | None = None
        if isinstance(owner, cst.IndentedBlock) and len(gone) == len(body) and owner not in self._inserted_into:
            spared = body[-1]
        stretches: list[Range] = []
        for statement in body:
            if statement not in gone or statement is spared:
                continue
            first, last = document.whole_range(statement)
            start, end = document.line_start(first), self._end_of_lines(statement, last)
            if stretches and not document.text[stretches[-1][1] : start].strip():
                stretches[-1] = (stretches[-1][0], end)
            else:
                stretches.append((start, end))
        opening = 0 if isinstance(owner, cst.Module) else document.line_start(document.whole_range(body[0])[0])
        result = [self._tidy(start, end, opens=start == opening) for start, end in stretches]
        if spared is not None:
            result.append(Splice(*document.whole_range(spared), "pass"))
        return result

    def _end_of_lines(self, statement: cst.CSTNode, last: int) -> int:
        """Where the statement's lines end, comments indented deeper than it included: they are part of its block."""
        document = self.document
        end = document.next_line(last)
        if isinstance(statement, cst.BaseCompoundStatement):
            width = len(document.indent(document.ranges[statement][0]))
            look = end
            while look < len(document.text):
                line = document.text[look : document.line_end(look)]
                if line.strip() and not (line.lstrip().startswith("#") and len(document.indent(look)) > width):
                    break
                look = document.next_line(look)
                if line.strip():
                    end = look
        return end

    def _tidy(self, start: int, end: int, *, opens: bool) -> Splice:
        """Take out the lines and, of the blank lines on their two sides, the fewer (all that follow an opening)."""
        document = self.document
        above, below = start, end
        while above > 0 and not document.text[document.line_start(above - 1) : above].strip():
            above = document.line_start(above - 1)
        while below < len(document.text) and not document.text[below : document.line_end(below)].strip():
            below = document.next_line(below)
        before, after = document.text[above:start].count("\n"), document.text[end:below].count("\n")
        if opens and not before:
            return Splice(start, below, "")
        if before <= after or below == len(document.text):
            return Splice(above, end, "")
        return Splice(start, below, "")
