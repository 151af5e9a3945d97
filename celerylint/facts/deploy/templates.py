"""Text with template expressions: Helm's ``{{ .Values.x }}``, and Jinja's, which look alike.

Expressions are masked so that what remains can be read as YAML; what simple ones stand for is looked up in the chart's
values; conditions are remembered by place, so that an argument inside ``{{ if }}`` is not taken for a sure one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from celerylint.facts.deploy.yamlnodes import MASK
from celerylint.facts.located import FileText, Located, join
from celerylint.facts.shell.items import Branches, Item, Word
from celerylint.facts.unknown import Unknown

Lookup = Callable[[tuple[str, ...]], Located | None]
"""The value of the chart under a path of keys."""

_BEGINS = re.compile(r"(?<!\$)\{\{|\{%|\{#(?=[\s-])")  # ${{NAME}} is a parameter of an OpenShift template
_CLOSES = {"{": "}}", "%": "%}", "#": "#}"}
_MOST_IN_LINE = 200
_OPENS = frozenset({"if", "with", "range", "for", "block", "define", "macro"})
_ENDS = frozenset({"end", "endif", "endfor", "endwith", "endblock", "endmacro"})
_CONTROL = _OPENS | _ENDS | {"else", "elif", "elseif", "set", "template"}
_WORD = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`|\([^()]*\)|[^\s|]+|\|')
_VALUE = re.compile(r"\$?\.Values\.([\w.-]+)$")
_PLAIN = frozenset({"quote", "squote", "toString", "int", "int64", "float64", "trim", "print", "string"})
Stack = tuple[tuple[int, int], ...]


class Template:
    """A file with template expressions. ``masked`` has the same length, every expression blanked or masked."""

    def __init__(self, file: FileText, lookup: Lookup | None = None) -> None:
        self.file = file
        self.lookup = lookup
        self._stacks: list[tuple[int, Stack]] = [(0, ())]
        self._withs: dict[int, str] = {}
        self.masked = self._mask()

    def _mask(self) -> str:
        text = self.file.text
        pieces: list[str] = []
        stack: list[tuple[int, int]] = []
        count = at = 0
        actions = list(_actions(text))
        alone = _alone_on_line(text, actions)
        inline_until = -1
        for number, action in enumerate(actions):
            if action.start < inline_until:
                continue
            pieces.append(text[at : action.start])
            at = action.end
            keyword, rest = _keyword(action)
            if keyword in _OPENS:
                closing = None if alone[number] else _closing(text, actions, number)
                if closing is not None:
                    # {{ if x }}--beat{{ end }} inside one line: the whole of it is one expression nobody can read
                    pieces.append(MASK * (closing - action.start))
                    at = inline_until = closing
                    continue
                count += 1
                stack.append((count, 0))
                if keyword == "with":
                    self._withs[count] = rest
            elif keyword in ("else", "elif", "elseif") and stack:
                stack[-1] = (stack[-1][0], stack[-1][1] + 1)
            elif keyword in _ENDS and stack:
                stack.pop()
            self._stacks.append((action.end, tuple(stack)))
            written = text[action.start : action.end]
            if keyword in _CONTROL or keyword.startswith("$") or not keyword or alone[number]:
                pieces.append(re.sub(r"[^\n]", " ", written))
            else:
                pieces.append(MASK * len(written))
        pieces.append(text[at:])
        return "".join(pieces)

    def stack(self, offset: int) -> Stack:
        """The conditions that an offset stands in, outermost first: number of the block and of its branch."""
        return self._stacks[bisect_right(self._stacks, offset, key=lambda entry: entry[0]) - 1][1]

    def unmask(self, start: int, end: int) -> Located:
        """What the expressions between two offsets stand for."""
        pieces: list[Located] = []
        for action in _actions(self.file.text[start:end]):
            keyword, _ = _keyword(action)
            if keyword in _OPENS:
                reason = Unknown("depends on a condition of the template", self.file.span(start, end))
                return Located.hole(reason, self.file, start, end)
            pieces.append(self.value(action.content, start + action.start, start + action.end))
        return join(pieces) if pieces else Located.hole(self.unknown("", start, end), self.file, start, end)

    def located(self, start: int, end: int) -> Located:
        """A stretch of the file, expressions replaced by what they stand for."""
        pieces = []
        while start < end:
            masked = self.masked[start] == MASK
            stop = start + 1
            while stop < end and (self.masked[stop] == MASK) is masked:
                stop += 1
            pieces.append(self.unmask(start, stop) if masked else Located.of(self.file, start, stop))
            start = stop
        return join(pieces) if pieces else Located.of(self.file, start, end)

    def unknown(self, content: str, start: int, end: int) -> Unknown:
        return Unknown(f"template expression `{content}`", self.file.span(start, end))

    def value(self, content: str, start: int, end: int) -> Located:
        """An expression: a value of the chart, a default, ``printf``; anything else is a hole."""
        words: list[str] = _WORD.findall(content)
        segments: list[list[str]] = [[]]
        for word in words:
            if word == "|":
                segments.append([])
            else:
                segments[-1].append(word)
        found = self.call(segments[0], start, end)
        for segment in segments[1:]:
            if segment[:1] == ["default"] and len(segment) == 2:
                found = found if found is not None and found.text else self.call(segment[1:], start, end)
            elif not (len(segment) == 1 and segment[0] in _PLAIN):
                found = None
        return found if found is not None else Located.hole(self.unknown(content, start, end), self.file, start, end)

    def call(self, words: Sequence[str], start: int, end: int) -> Located | None:
        """One segment of a pipeline; None when it is not known."""
        if not words:
            return None
        head, rest = words[0], words[1:]
        if head in _PLAIN and len(rest) == 1:
            return self.call(rest, start, end)
        if head == "default" and len(rest) == 2:
            found = self.call(rest[1:], start, end)
            return found if found is not None and found.text else self.call(rest[:1], start, end)
        if head == "required" and len(rest) == 2:
            return self.call(rest[1:], start, end)
        if head == "printf" and rest:
            return self.printf(rest, start, end)
        if rest:
            return None
        if head.startswith("(") and head.endswith(")"):
            return self.value(head[1:-1], start, end)
        if head[:1] in ('"', "`"):
            return Located.atom(head[1:-1], self.file, start, end)
        if re.fullmatch(r"-?\d+(\.\d+)?|true|false", head):
            return Located.atom(head, self.file, start, end)
        if head == ".":
            stack = self.stack(start)
            inside = self._withs.get(stack[-1][0], "") if stack and stack[-1][1] == 0 else ""
            head = inside if inside != "." else ""
        match = _VALUE.match(head)
        value = self.lookup(tuple(match[1].split("."))) if match and self.lookup else None
        if value is None or value.known is None:
            return None
        return Located.atom(value.text, self.file, start, end)

    def printf(self, words: Sequence[str], start: int, end: int) -> Located | None:
        """``printf "--loglevel=%s" .``: the text around an unknown argument stays known."""
        if words[0][:1] != '"':
            return None
        arguments = list(words[1:])
        pieces = []
        for part in re.split(r"(%[sdvq])", words[0][1:-1]):
            if re.fullmatch(r"%[sdvq]", part):
                value = self.call([arguments.pop(0)], start, end) if arguments else None
                hole = Located.hole(self.unknown(" ".join(words), start, end), self.file, start, end)
                pieces.append(hole if value is None else value)
            elif part:
                pieces.append(Located.atom(part, self.file, start, end))
        return join(pieces) if pieces else None

    def arrange(self, words: Sequence[tuple[int, Word]], outside: int) -> tuple[Item, ...]:
        """List items with their offsets; those inside a condition that the list itself is not in may be missing."""
        depth = len(self.stack(outside))
        result: list[Item] = []
        index = 0
        while index < len(words):
            offset, word = words[index]
            stack = self.stack(offset)
            if len(stack) <= depth:
                result.append(word)
                index += 1
                continue
            block = stack[depth][0]
            branches: dict[int, list[Item]] = {}
            while index < len(words):
                inner = self.stack(words[index][0])
                if len(inner) <= depth or inner[depth][0] != block:
                    break
                branches.setdefault(inner[depth][1], []).append(words[index][1])
                index += 1
            options = [tuple(branch) for branch in branches.values()]
            result.append(Branches((*options, ()) if len(options) == 1 else tuple(options), word.at))
        return tuple(result)


def is_template(text: str) -> bool:
    return next(_actions(text), None) is not None


@dataclass(frozen=True, slots=True)
class _Action:
    """``{{ content }}``, ``{% content %}`` or ``{# content #}``: ``kind`` is the second character."""

    kind: str
    start: int
    end: int
    content: str


def _actions(text: str) -> Iterator[_Action]:
    """Every template expression. One that is not closed is none."""
    unclosed: set[str] = set()
    at = 0
    while (begin := _BEGINS.search(text, at)) is not None:
        kind = begin[0][1]
        end = text.find(_CLOSES[kind], begin.end()) if kind not in unclosed else -1
        if end < 0:
            unclosed.add(kind)
            at = begin.end()
            continue
        at = end + 2
        content = text[begin.end() : end].removeprefix("-").removesuffix("-").strip()
        yield _Action(kind, begin.start(), at, content)


def _keyword(action: _Action) -> tuple[str, str]:
    """The first word of an action and what follows; "" for a comment. Jinja's ``{% %}`` always control."""
    if action.kind == "#" or action.content.startswith("/*"):
        return "", ""
    head, _, rest = action.content.partition(" ")
    if action.kind == "%" and head not in _CONTROL:
        return "", ""
    if head.startswith("$") and "=" not in rest.split(" ")[0]:
        head = "value"
    return head, rest.strip()


def _alone_on_line(text: str, actions: Sequence[_Action]) -> list[bool]:
    """For each action whether its line holds nothing but actions."""
    result = [True] * len(actions)
    begin = 0
    while begin < len(actions):
        # a run of actions with no line break between them
        end = begin + 1
        while end < len(actions) and "\n" not in text[actions[end - 1].end : actions[end].start]:
            end += 1
        before = text[text.rfind("\n", 0, actions[begin].start) + 1 : actions[begin].start]
        line_end = text.find("\n", actions[end - 1].end)
        after = text[actions[end - 1].end : line_end if line_end >= 0 else len(text)]
        between = [text[actions[at].end : actions[at + 1].start] for at in range(begin, end - 1)]
        if any(stretch.strip() for stretch in (before, after, *between)):
            result[begin:end] = [False] * (end - begin)
        begin = end
    return result


def _closing(text: str, actions: Sequence[_Action], opening: int) -> int | None:
    """The offset behind the ``end`` that belongs to an opening action, when it stands in the same line."""
    line_end = text.find("\n", actions[opening].start)
    depth = 0
    for action in actions[opening : opening + _MOST_IN_LINE]:
        if 0 <= line_end < action.end:
            return None
        keyword, _ = _keyword(action)
        if keyword in _OPENS:
            depth += 1
        elif keyword in _ENDS:
            depth -= 1
            if depth == 0:
                return action.end
    return None
