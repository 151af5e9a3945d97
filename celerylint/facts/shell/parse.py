"""Text of a shell script to statements. Never fails: what is not understood is passed over."""

from __future__ import annotations

import re
from collections.abc import Collection

from celerylint.facts.located import Located
from celerylint.facts.shell.grammar import (
    Arm,
    Body,
    Branch,
    Case,
    Function,
    Group,
    If,
    Loop,
    Pipeline,
    RawWord,
    Simple,
    Statement,
)
from celerylint.facts.shell.simple import CommandReader

_RESERVED = re.compile(
    r"(?:if|then|elif|else|fi|case|esac|for|while|until|select|do|done|function|\{|\}|!|time)(?=[\s;&|()]|$)"
)
_FUNCTION = re.compile(r"([A-Za-z_][\w.:-]*)[ \t]*\([ \t]*\)")
_IN = re.compile(r"in(?=[\s;]|$)")
_TESTS = frozenset({"[", "[[", "test", "(("})
_DEEPEST = 40


def parse(source: Located) -> Body:
    """The statements of a script."""
    return Parser(source).script()


class Parser(CommandReader):
    def __init__(self, source: Located) -> None:
        super().__init__(source)
        self.depth = 0

    def script(self) -> Body:
        statements: list[Statement] = []
        while self.position < self.end:
            before = self.position
            statements += self.statements(())
            if self.position == before:
                # A closing word or bracket without its opening one: pass over it and go on.
                self.position += len(self.reserved()) or 1
        return tuple(statements)

    # Words that close and open

    def reserved(self) -> str:
        match = _RESERVED.match(self.text, self.position)
        return match[0] if match else ""

    def accept(self, word: str) -> bool:
        self.skip_separators()
        if self.reserved() == word:
            self.position += len(word)
            return True
        return False

    # Statements

    def statements(self, stop: Collection[str]) -> Body:
        """Up to a reserved word in ``stop``, a closing bracket, or the end of a case arm."""
        found: list[Statement] = []
        while True:
            self.skip_separators()
            if self.position >= self.end:
                break
            if self.text[self.position] == ")" or self.text.startswith(";;", self.position):
                break
            word = self.reserved()
            if word in stop or word in ("}", "fi", "done", "esac", "then", "do", "else", "elif"):
                break
            before = self.position
            found.append(self.and_or())
            if self.position == before:
                self.position += 1
        return tuple(found)

    def and_or(self) -> Statement:
        left = self.pipeline()
        while True:
            self.skip_blanks()
            operator = self.text[self.position : self.position + 2]
            if operator not in ("&&", "||"):
                return left
            self.position += 2
            self.skip_newlines()
            right = self.pipeline()
            if _is_test(left):
                left = If((Branch((left,), (right,), operator == "||"),), None)
            else:
                left = Group((left, right), False)

    def pipeline(self) -> Statement:
        while self.reserved() in ("!", "time"):
            self.position += len(self.reserved())
            self.skip_blanks()
        commands = [self.command()]
        while True:
            self.skip_blanks()
            if self.text[self.position : self.position + 1] != "|" or self.text.startswith("||", self.position):
                break
            self.position += 2 if self.text.startswith("|&", self.position) else 1
            self.skip_newlines()
            commands.append(self.command())
        return commands[0] if len(commands) == 1 else Pipeline(tuple(commands))

    def command(self) -> Statement:
        self.depth += 1
        try:
            return self.simple() if self.depth > _DEEPEST else self.compound()
        finally:
            self.depth -= 1

    def compound(self) -> Statement:
        word = self.reserved()
        if self.text.startswith("((", self.position):
            start = self.position
            self.position = self.closing(start)
            arithmetic = RawWord((), self.source.cut(start, start + 2))
            return Simple((), (arithmetic,), None, self.source.cut(start, self.position))
        if self.text[self.position : self.position + 1] == "(":
            self.position += 1
            body = self.statements(())
            self.close(")")
            return Group(body, True)
        function = _FUNCTION.match(self.text, self.position)
        if function and word not in ("if", "while", "until", "for", "case", "!"):
            self.position = function.end()
            return self.function(function[1])
        readers = {"{": self.group, "if": self.if_, "case": self.case, "for": self.for_, "select": self.for_}
        readers |= {"while": self.while_, "until": self.while_, "function": self.named_function}
        if word in readers:
            self.position += len(word)
            statement = readers[word]()
            self.redirections()
            return statement
        return self.simple()

    def close(self, char: str) -> None:
        self.skip_separators()
        if self.text[self.position : self.position + 1] == char:
            self.position += 1

    def group(self) -> Statement:
        body = self.statements(("}",))
        self.close("}")
        return Group(body, False)

    def named_function(self) -> Statement:
        self.skip_blanks()
        name = self.word().literal or ""
        self.skip_blanks()
        if self.text.startswith("()", self.position):
            self.position += 2
        return self.function(name)

    def function(self, name: str) -> Statement:
        self.skip_newlines()
        body = self.command()
        return Function(name, body.body if isinstance(body, Group) else (body,))

    def if_(self) -> Statement:
        branches = [self.branch()]
        while self.accept("elif"):
            branches.append(self.branch())
        otherwise = self.statements(("fi",)) if self.accept("else") else None
        self.accept("fi")
        return If(tuple(branches), otherwise)

    def branch(self) -> Branch:
        condition = self.statements(("then",))
        self.accept("then")
        return Branch(condition, self.statements(("elif", "else", "fi")))

    def case(self) -> Statement:
        self.skip_blanks()
        subject = self.word()
        self.skip_newlines()
        if self.text.startswith("in", self.position):
            self.position += 2
        arms = []
        while True:
            self.skip_separators()
            if self.position >= self.end or self.reserved() == "esac":
                break
            before = self.position
            arms.append(self.arm())
            if self.position == before:
                break
        self.accept("esac")
        return Case(subject, tuple(arms))

    def arm(self) -> Arm:
        if self.text[self.position] == "(":
            self.position += 1
        patterns = []
        while self.position < self.end:
            self.skip_blanks()
            patterns.append(self.word())
            self.skip_blanks()
            if self.text[self.position : self.position + 1] != "|":
                break
            self.position += 1
        if self.text[self.position : self.position + 1] == ")":
            self.position += 1
        body = self.statements(("esac",))
        if self.text.startswith(";;", self.position):
            self.position += 3 if self.text.startswith(";;&", self.position) else 2
        return Arm(tuple(patterns), body)

    def for_(self) -> Statement:
        self.skip_blanks()
        start = self.position
        if self.text.startswith("((", self.position):
            self.position = self.closing(self.position)
            written = self.source.cut(start, self.position)
            return Loop(None, None, (), self.loop_body(), written)
        variable = self.word().literal
        self.skip_newlines()
        items = None
        if _IN.match(self.text, self.position):
            self.position += 2
            words = []
            while True:
                self.skip_blanks()
                if self.position >= self.end or self.text[self.position] in "\n;&|)":
                    break
                before = self.position
                words.append(self.word())
                if self.position == before:
                    self.position += 1
            items = tuple(words)
        written = self.source.cut(start, self.position)
        return Loop(variable, items, (), self.loop_body(), written)

    def while_(self) -> Statement:
        start = self.position
        condition = self.statements(("do",))
        written = self.source.cut(start, self.position)
        return Loop(None, None, condition, self.loop_body(), written)

    def loop_body(self) -> Body:
        self.accept("do")
        body = self.statements(("done",))
        self.accept("done")
        return body


def _is_test(statement: Statement) -> bool:
    if isinstance(statement, If):
        return False
    return (
        isinstance(statement, Simple)
        and bool(statement.words)
        and (statement.words[0].literal in _TESTS or statement.words[0].written.text == "((")
    )
