"""Simple commands of a shell: assignments, words and redirections, and what stands between them."""

from __future__ import annotations

import re

from celerylint.facts.located import Located
from celerylint.facts.shell.grammar import Assignment, RawWord, Simple
from celerylint.facts.shell.words import BLANKS, WordReader

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]\n]*\])?(\+?)=")
_DUPLICATION = re.compile(r"\d*[<>]&(?:\d+|-)")
_REDIRECTION = re.compile(r"\d*(?:&>>?|>>|>\||>&|<&|<>|<<<|>|<)")
_HEREDOC = re.compile(r"<<(-?)[ \t]*(['\"]?)([\w.!%@-]+)\2")
_DECLARES = frozenset({"export", "local", "declare", "typeset", "readonly"})


class CommandReader(WordReader):
    """Reads one simple command, and passes over blanks, comments and here-documents."""

    def __init__(self, source: Located) -> None:
        super().__init__(source)
        self.heredocs: list[tuple[str, bool]] = []

    # Moving about

    def skip_blanks(self) -> None:
        """Over spaces, continued lines and a comment, not over the end of the line."""
        while self.position < self.end:
            char = self.text[self.position]
            if char in BLANKS:
                self.position += 1
            elif self.text.startswith("\\\n", self.position):
                self.position += 2
            elif char == "#" and self._word_may_begin():
                line_end = self.text.find("\n", self.position)
                self.position = self.end if line_end < 0 else line_end
            else:
                return

    def _word_may_begin(self) -> bool:
        return self.position == 0 or self.text[self.position - 1] in " \t\n;&|()"

    def newline(self) -> None:
        """Over one newline and the here-documents that begin after it."""
        self.position += 1
        while self.heredocs:
            delimiter, tabs = self.heredocs.pop(0)
            while self.position < self.end:
                line_end = self.text.find("\n", self.position)
                line_end = self.end if line_end < 0 else line_end
                line = self.text[self.position : line_end]
                self.position = min(line_end + 1, self.end)
                if (line.lstrip("\t") if tabs else line) == delimiter:
                    break

    def skip_separators(self) -> None:
        while True:
            self.skip_blanks()
            char = self.text[self.position : self.position + 1]
            if char == "\n":
                self.newline()
            elif char == "&" or (char == ";" and not self.text.startswith(";;", self.position)):
                self.position += 1
            else:
                return

    def skip_newlines(self) -> None:
        self.skip_blanks()
        while self.text[self.position : self.position + 1] == "\n":
            self.newline()
            self.skip_blanks()

    # Simple commands

    def simple(self) -> Simple:
        start = self.position
        assignments: list[Assignment] = []
        words: list[RawWord] = []
        herestring = None
        finish = start
        while True:
            self.skip_blanks()
            if self.position >= self.end:
                break
            if self.text[self.position] in "\n;&|)" and not self.text.startswith("&>", self.position):
                break
            if _REDIRECTION.match(self.text, self.position):
                herestring = self.redirection() or herestring
            elif self.text[self.position] == "(":
                # Not a command we know how to read (an array in an unexpected place): pass over it.
                self.position = self.closing(self.position)
            else:
                declares = bool(words) and words[0].literal in _DECLARES
                match = _ASSIGNMENT.match(self.text, self.position) if not words or declares else None
                if match:
                    assignments.append(self.assignment(match))
                else:
                    before = self.position
                    words.append(self.word())
                    if self.position == before:
                        self.position += 1
            finish = self.position
        return Simple(tuple(assignments), tuple(words), herestring, self.source.cut(start, finish))

    def assignment(self, match: re.Match[str]) -> Assignment:
        self.position = match.end()
        if self.text[self.position : self.position + 1] != "(":
            return Assignment(match[1], bool(match[2]), self.word(), None)
        start = self.position
        self.position += 1
        elements = []
        while True:
            self.skip_newlines()
            if self.position >= self.end or self.text[self.position] == ")":
                break
            before = self.position
            elements.append(self.word())
            if self.position == before:
                self.position += 1
        self.position = min(self.position + 1, self.end)
        return Assignment(match[1], bool(match[2]), RawWord((), self.source.cut(start, self.position)), tuple(elements))

    def redirections(self) -> None:
        self.skip_blanks()
        while _REDIRECTION.match(self.text, self.position):
            self.redirection()
            self.skip_blanks()

    def redirection(self) -> RawWord | None:
        """Over one redirection; the word of a here-string."""
        heredoc = _HEREDOC.match(self.text, self.position)
        if heredoc:
            self.heredocs.append((heredoc[3], bool(heredoc[1])))
            self.position = heredoc.end()
            return None
        duplication = _DUPLICATION.match(self.text, self.position)
        if duplication:
            self.position = duplication.end()
            return None
        operator = _REDIRECTION.match(self.text, self.position)
        self.position = operator.end() if operator else self.position + 1
        if self.text[self.position : self.position + 1] == "(":
            self.position = self.closing(self.position)
            return None
        self.skip_blanks()
        word = self.word()
        return word if operator and operator[0].endswith("<<<") else None
