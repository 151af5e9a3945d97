"""Things between brackets, parted by commas: taking some out and putting others in without disturbing the layout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import libcst as cst

from celerylint.fixes.document import Document
from celerylint.fixes.filetext import Range
from celerylint.fixes.splices import Refused, Splice


@dataclass(slots=True)
class Listing:
    """The items between ``open`` and ``close`` (offsets just inside the brackets) and what shall become of them.

    ``bare`` means that no bracket allows line breaks between the items; ``lonely_comma`` that a single item needs a
    comma (tuples); ``needed`` that it may not become empty; ``generator`` that the only item is a generator which lives
    in the call's parentheses; ``around`` is put round the first items of a call that has no brackets yet.
    """

    document: Document
    items: Sequence[Range]
    open: int
    close: int
    bare: bool = False
    lonely_comma: bool = False
    needed: bool = False
    around: tuple[str, str] = ("", "")
    generator: bool = False
    removed: set[int] = field(default_factory=set)
    added: list[tuple[int, str]] = field(default_factory=list)

    def remove(self, index: int) -> None:
        self.removed.add(index)

    def add(self, gap: int, code: str) -> None:
        """Put ``code`` before the item number ``gap``; ``len(items)`` is the end."""
        self.added.append((gap, code))

    def splices(self) -> list[Splice]:
        """What to change. Raises ``Refused`` when nothing would be left where something must be."""
        left = len(self.items) - len(self.removed) + len(self.added)
        if self.needed and left == 0:
            raise Refused("nothing would be left of it")
        if self.generator and self.added and not self.removed:
            return self._beside_generator()
        result: list[Splice] = []
        waiting = dict[int, list[str]]()
        for gap, code in self.added:
            waiting.setdefault(gap, []).append(code)
        for first, last in self._runs():
            given = [code for gap in range(first, last + 2) for code in waiting.pop(gap, [])]
            replaced = min(len(given), last - first + 1)
            for index in range(replaced):  # what comes takes the place of what goes
                result.append(Splice(*self.items[first + index], self._placed(given[index], self.items[first][0])))
            first += replaced
            if first <= last:
                result += self._without(first, last, left)
            elif len(given) > replaced:
                result += self._with(last + 1, given[replaced:])
        for gap, codes in waiting.items():
            result += self._with(gap, codes)
        return result

    # Reading the layout

    def comma(self, index: int) -> int | None:
        """Where the comma after an item stands."""
        at = self.document.skip(self.items[index][1])
        return at if at < self.close and self.document.text[at] == "," else None

    def _one_per_line(self) -> bool:
        own = [self.document.begins_line(start) for start, _ in self.items]
        return not self.bare and all(own[1:]) and (len(own) > 1 or own[0])

    def _runs(self) -> Iterable[tuple[int, int]]:
        indexes = sorted(self.removed)
        while indexes:
            first = last = indexes.pop(0)
            while indexes and indexes[0] == last + 1:
                last = indexes.pop(0)
            yield first, last

    def _placed(self, code: str, at: int) -> str:
        return self.document.reindented(code, self.document.indent(at))

    # Putting in

    def _with(self, gap: int, codes: list[str]) -> list[Splice]:
        if not self.items:
            return [self._first(codes)]
        text, newline = self.document.text, self.document.newline
        if not self._one_per_line():
            anchor = self.items[gap - 1 if gap else 0]
            codes = [self._placed(code, anchor[0]) for code in codes]
            if gap == 0:
                return [Splice(anchor[0], anchor[0], "".join(f"{code}, " for code in codes))]
            comma = self.comma(gap - 1)
            if gap == len(self.items) and comma is not None:
                return [Splice(comma + 1, comma + 1, "".join(f" {code}," for code in codes))]
            return [Splice(anchor[1], anchor[1], "".join(f", {code}" for code in codes))]
        model = self.items[-1 if len(self.items) > 1 else 0][0]
        indent = text[self.document.line_start(model) : model]
        codes = [self.document.reindented(code, indent) for code in codes]
        if gap == 0:
            start = self.items[0][0]
            return [Splice(start, start, "".join(f"{code},{newline}{indent}" for code in codes))]
        lead = newline + indent
        end = self.items[gap - 1][1]
        comma = self.comma(gap - 1)
        if comma is None:
            tail = lead + f",{lead}".join(codes)
            at = self.document.line_end(end) if self.document.ends_line(end) else end
            return [Splice(end, at, "," + text[end:at] + tail)]
        at = self.document.line_end(comma) if self.document.ends_line(comma + 1) else comma + 1
        return [Splice(at, at, "".join(f"{lead}{code}," for code in codes))]

    def _first(self, codes: list[str]) -> Splice:
        inside = self.document.text[self.open : self.close]
        opening, closing = self.around
        if "#" in inside and self.document.begins_line(self.close):
            newline, outer = self.document.newline, self.document.indent(self.close)
            comment = self.document.text.index("#", self.open)
            indent = self.document.indent(comment) if self.document.begins_line(comment) else outer + self.document.step
            lines = "".join(f"{indent}{self.document.reindented(code, indent)},{newline}" for code in codes)
            at = self.document.line_start(self.close)
            return Splice(at, at, lines)
        codes = [self._placed(code, self.open) for code in codes]
        return Splice(self.open, self.close, opening + ", ".join(codes) + closing)

    def _beside_generator(self) -> list[Splice]:
        """The call's parentheses become those of the generator, and the call gets new ones."""
        start, end = self.open - 1, self.close + 1
        before = "".join(f"{code}, " for gap, code in self.added if not gap)
        after = "".join(f", {code}" for gap, code in self.added if gap)
        return [Splice(start, start, f"({before}"), Splice(end, end, f"{after})")]

    # Taking out

    def _without(self, first: int, last: int, left: int) -> list[Splice]:
        document, items = self.document, self.items
        before = items[first - 1][1] if first else None
        after = items[last + 1][0] if last + 1 < len(items) else None
        if left == 0 and not document.has_comment(self.open, self.close):
            return [Splice(self.open, self.close, "")]
        lonely = self.lonely_comma and left == 1
        starts = [items[index][0] for index in range(first, last + 1)]
        ends = [self._cell_end(index) for index in range(first, last + 1)]
        result: list[Splice] = []
        if lonely and after is not None and self.comma(last + 1) is None:
            at = items[last + 1][1]
            result.append(Splice(at, at, ","))
        if not self.bare and all(map(document.begins_line, starts)) and all(map(document.ends_line, ends)):
            result += [
                Splice(document.line_start(start), document.next_line(end), "")
                for start, end in zip(starts, ends, strict=True)
            ]
            if before is not None and after is None and self.comma(last) is None and not lonely:
                result += self._drop_comma(first - 1)
            return result
        if after is not None:
            kept_from = ends[-1] if document.has_comment(items[last][1], after) else after
            return [*result, Splice(starts[0], kept_from, "")]
        if before is None:
            return [Splice(starts[0], ends[-1], "")]
        if not document.has_comment(before, starts[0]):
            return [Splice(before, items[last][1], "," if lonely and self.comma(last) is None else "")]
        return [*([] if lonely else self._drop_comma(first - 1)), Splice(starts[0], ends[-1], "")]

    def _cell_end(self, index: int) -> int:
        comma = self.comma(index)
        return self.items[index][1] if comma is None else comma + 1

    def _drop_comma(self, index: int) -> list[Splice]:
        comma = self.comma(index)
        return [] if comma is None else [Splice(comma, comma + 1, "")]


def of_call(document: Document, call: cst.Call) -> Listing:
    """The arguments of a call."""
    open_ = document.skip(document.full_range(call.func)[1]) + 1
    close = document.ranges[call][1] - 1
    generator = len(call.args) == 1 and isinstance(call.args[0].value, cst.GeneratorExp) and not call.args[0].value.lpar
    return Listing(document, [document.ranges[arg] for arg in call.args], open_, close, generator=generator)


def of_bare_decorator(document: Document, expression: cst.BaseExpression) -> Listing:
    """The arguments that a decorator without parentheses will have."""
    end = document.full_range(expression)[1]
    return Listing(document, [], end, end, around=("(", ")"))


def of_display(document: Document, node: cst.List | cst.Set | cst.Tuple | cst.Dict) -> Listing:
    """The elements of a list, set, tuple or dict display."""
    start, end = document.seen_range(node)
    items = [document.ranges[element] for element in node.elements]
    bare = isinstance(node, cst.Tuple) and not node.lpar
    inside = 0 if bare else 1
    return Listing(
        document,
        items,
        start + inside,
        end - inside,
        bare=bare,
        lonely_comma=isinstance(node, cst.Tuple),
        needed=bare or isinstance(node, cst.Set),
    )


def of_import(document: Document, node: cst.ImportFrom, names: Sequence[cst.ImportAlias]) -> Listing:
    """The names of ``from x import ...``."""
    items = [document.ranges[alias] for alias in names]
    if node.lpar and node.rpar:
        return Listing(document, items, document.ranges[node.lpar][0] + 1, document.ranges[node.rpar][1] - 1)
    return Listing(document, items, items[0][0], items[-1][1], bare=True)
