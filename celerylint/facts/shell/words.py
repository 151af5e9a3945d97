"""Shell words: quotes, escapes, parameters and substitutions."""

from __future__ import annotations

import re

from celerylint.facts.located import Located, join
from celerylint.facts.shell.grammar import UNFOLLOWED, Opaque, Part, RawWord, Substitution, Text, Variable
from celerylint.facts.unknown import Unknown

BLANKS = " \t"
ENDS_WORD = " \t\n;&|<>()"
_NAME = re.compile(r"[A-Za-z_]\w*|[0-9]|[@*#?$!-]")
_PARAMETER = re.compile(r"([A-Za-z_]\w*|[0-9]+|[@*?$!-])(\[[^\]]*\])?(:?[-=+?]|%%?|##?)?")
_DEEPEST = 20
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}


class WordReader:
    """Reads words at ``position`` of a text. An unclosed quote ends with the text."""

    def __init__(self, source: Located, level: int = 0) -> None:
        self.source = source
        self.level = level
        self.text = source.text
        self.end = len(self.text)
        self.position = 0
        self.stop = ENDS_WORD

    def word(self, stop: str = ENDS_WORD) -> RawWord:
        """The word at the position; may be empty. ``stop`` are the characters that end it when unquoted."""
        start = self.position
        self.stop = stop
        parts: list[Part] = []
        while self.position < self.end and not self._at_stop(stop):
            self._part(parts)
        return RawWord(tuple(parts), self.source.cut(start, self.position))

    def _at_stop(self, stop: str) -> bool:
        char = self.text[self.position]
        if char == "(" and self.position and self.text[self.position - 1] in "@?+*!" and stop is ENDS_WORD:
            # bash's extended patterns, @(a|b): one word up to the closing parenthesis
            close = self.text.find(")", self.position)
            return close < 0 or "\n" in self.text[self.position : close]
        return char in stop

    def _part(self, parts: list[Part]) -> None:
        at, char = self.position, self.text[self.position]
        if char == "'":
            close = self.text.find("'", at + 1)
            close = self.end if close < 0 else close
            parts.append(Text(self.source.cut(at + 1, close), True))
            self.position = min(close + 1, self.end)
        elif char == '"':
            self.position += 1
            self._double(parts)
        elif char == "\\":
            if self.text[at + 1 : at + 2] != "\n":
                parts.append(Text(self.source.cut(at + 1, at + 2), True))
            self.position = min(at + 2, self.end)
        elif char == "$" and self.text[at + 1 : at + 2] == "'":
            self._ansi(parts)
        elif char == "$" and self.text[at + 1 : at + 2] == '"':
            self.position += 1
        elif char in "$`":
            self.dollar(parts, False)
        elif at in self.source.holes:
            parts.append(Opaque(self.source.cut(at, at + 1), False))
            self.position += 1
        elif char == "(" and ")" in self.text[at:]:
            close = self.text.index(")", at)
            parts.append(Text(self.source.cut(at, close + 1), False))
            self.position = close + 1
        else:
            self._plain(parts)

    def _plain(self, parts: list[Part]) -> None:
        at = self.position
        self.position += 1
        while (
            self.position < self.end
            and self.text[self.position] not in "'\"\\$`" + ENDS_WORD + self.stop
            and self.position not in self.source.holes
        ):
            self.position += 1
        parts.append(Text(self.source.cut(at, self.position), False))

    def _double(self, parts: list[Part]) -> None:
        """Inside double quotes, up to and with the closing one."""
        begin = self.position
        count = len(parts)
        while self.position < self.end:
            at, char = self.position, self.text[self.position]
            if char == '"':
                break
            if char == "\\" and self.text[at + 1 : at + 2] in ("$", "`", '"', "\\", "\n"):
                if self.text[at + 1] != "\n":
                    parts.append(Text(self.source.cut(at + 1, at + 2), True))
                self.position = at + 2
            elif char in "$`":
                self.dollar(parts, True)
            elif at in self.source.holes:
                parts.append(Opaque(self.source.cut(at, at + 1), True))
                self.position += 1
            else:
                self.position += 1
                while self.position < self.end and self.text[self.position] not in '"\\$`':
                    if self.position in self.source.holes:
                        break
                    self.position += 1
                parts.append(Text(self.source.cut(at, self.position), True))
        if len(parts) == count:
            parts.append(Text(self.source.cut(begin, begin), True))
        self.position = min(self.position + 1, self.end)

    def _ansi(self, parts: list[Part]) -> None:
        """``$'...'`` with its backslash escapes."""
        self.position += 2
        pieces = [self.source.cut(self.position, self.position)]
        while self.position < self.end and self.text[self.position] != "'":
            at = self.position
            if self.text[at] == "\\" and at + 1 < self.end:
                char = _ANSI.get(self.text[at + 1], self.text[at + 1])
                file = self.source.file
                pieces.append(Located.atom(char, file, self.source.begin(at), self.source.finish(at + 1)))
                self.position += 2
            else:
                pieces.append(self.source.cut(at, at + 1))
                self.position += 1
        self.position = min(self.position + 1, self.end)
        parts.append(Text(join(pieces), True))

    def dollar(self, parts: list[Part], quoted: bool) -> None:
        at = self.position
        following = self.text[at + 1 : at + 2]
        if self.text[at] == "`":
            close = at + 1
            while close < self.end and self.text[close] != "`":
                close += 2 if self.text[close] == "\\" else 1
            self.position = min(close + 1, self.end)
            written = self.source.cut(at, self.position)
            parts.append(Substitution(self.source.cut(at + 1, min(close, self.end)), quoted, written))
        elif self.text.startswith("((", at + 1):
            self.position = self.closing(at + 1)
            parts.append(self._opaque("the result of arithmetic", at, quoted))
        elif following == "(":
            self.position = self.closing(at + 1)
            body = self.source.cut(at + 2, self.position - 1)
            parts.append(Substitution(body, quoted, self.source.cut(at, self.position)))
        elif following == "{":
            self._braced(parts, quoted)
        else:
            name = _NAME.match(self.text, at + 1)
            if name is None:
                self.position += 1
                parts.append(Text(self.source.cut(at, at + 1), quoted))
                return
            self.position = name.end()
            written = self.source.cut(at, self.position)
            parts.append(Variable(name[0], "", None, name[0] in "@*", quoted, written))

    def _braced(self, parts: list[Part], quoted: bool) -> None:
        at = self.position
        close = self.closing(at + 1)
        self.position = close
        inner_end = close - 1 if self.text[close - 1 : close] == "}" else close
        written = self.source.cut(at, close)
        match = _PARAMETER.match(self.text, at + 2, inner_end)
        if match is None or self.level >= _DEEPEST:
            parts.append(self._opaque(f"`{written.text}` is not followed", at, quoted))
            return
        name, index, operator = match[1], match[2], match[3] or ""
        every = index in ("[@]", "[*]") or name in "@*"
        operand = None
        if operator:
            reader = WordReader(self.source.cut(match.end(), inner_end), self.level + 1)
            operand = reader.word(stop="")
        elif match.end() != inner_end or (index and not every):
            operator = UNFOLLOWED
        parts.append(Variable(name, operator, operand, every, quoted, written))

    def _opaque(self, reason: str, start: int, quoted: bool) -> Opaque:
        place = self.source.cut(start, self.position)
        hole = Unknown(reason, place.span())
        first, last = self.source.begin(start), self.source.finish(max(start, self.position - 1))
        return Opaque(Located.hole(hole, self.source.file, first, last), quoted)

    def closing(self, start: int) -> int:
        """The index behind the bracket that closes the one at ``start``; the end of the text without one."""
        opening = self.text[start]
        closes = {"(": ")", "{": "}"}[opening]
        depth, index = 0, start
        while index < self.end:
            char = self.text[index]
            if char == "\\":
                index += 1
            elif char == "'" and opening == "(":
                found = self.text.find("'", index + 1)
                index = self.end if found < 0 else found
            elif char == '"' and opening == "(":
                index = self._skip_double(index)
            elif char == opening:
                depth += 1
            elif char == closes:
                depth -= 1
                if depth == 0:
                    return index + 1
            index += 1
        return self.end

    def _skip_double(self, index: int) -> int:
        index += 1
        while index < self.end and self.text[index] != '"':
            if self.text[index] == "\\":
                index += 1
            elif self.text.startswith("$(", index):
                index = self.closing(index + 1) - 1
            index += 1
        return index
