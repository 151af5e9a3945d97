"""The body of a function as a record of what happens in it, in order, and under which circumstances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import blocks, children
from celerylint.model.apps import own_expressions
from celerylint.model.scopes import Branch
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.symbols import FunctionSymbol


@dataclass(slots=True)
class Event:
    """One thing that happens: ``kind`` is call, raise, return, assign, yield or await.

    ``branch`` are the branches it stands in, ``tests`` the conditions that had to hold (with False for an ``else``),
    ``tries`` the ``try`` statements whose body (not handlers) it stands in, ``handlers`` the ``except`` clauses,
    ``withs`` the context managers that are open, innermost last in each. ``deferred`` is set inside a lambda or
    nested function, which does not run here.
    """

    kind: str
    node: s.Node
    span: Span
    branch: Branch
    tests: tuple[tuple[s.Expr, bool], ...]
    tries: tuple[s.Try, ...]
    handlers: tuple[s.Handler, ...]
    withs: tuple[s.Expr, ...]
    loops: tuple[s.For | s.While, ...]
    statement: s.Stmt
    deferred: bool = False

    @property
    def call(self) -> s.Call:
        assert isinstance(self.node, s.Call)
        return self.node


class Body:
    """What a function does, statement by statement; nested functions are apart."""

    def __init__(self, function: FunctionSymbol) -> None:
        self.function = function
        self.events: list[Event] = []
        self._number = 0
        self._path = function.module.path
        self._visit(function.statements, _Around())

    @property
    def calls(self) -> list[Event]:
        """Every call in order of evaluation, deferred ones too (ask ``deferred``)."""
        return [e for e in self.events if e.kind == "call"]

    @property
    def raises(self) -> list[Event]:
        return [e for e in self.events if e.kind == "raise"]

    @property
    def returns(self) -> list[Event]:
        return [e for e in self.events if e.kind == "return"]

    def called(self, *names: str) -> list[Event]:
        """The calls of these dotted names as written (``self.retry``)."""
        return [e for e in self.calls if isinstance(e.call.func, s.Name) and e.call.func.path in names]

    def _visit(self, body: tuple[s.Stmt, ...], around: _Around) -> None:
        for statement in body:
            self._number += 1
            number = self._number
            if isinstance(statement, (s.Function, s.Class)):
                continue
            for expr in own_expressions(statement):
                self._expr(expr, statement, around, False)
            if isinstance(statement, s.Raise):
                self._add("raise", statement, statement, around)
            elif isinstance(statement, s.Return):
                self._add("return", statement, statement, around)
            elif isinstance(statement, s.Assign):
                self._add("assign", statement, statement, around)
            for word, nested in blocks(statement):
                self._visit(nested, around.enter(statement, word, number))

    def _expr(self, node: s.Node, statement: s.Stmt, around: _Around, deferred: bool) -> None:
        if isinstance(node, s.Lambda):
            self._expr(node.body, statement, around, True)
            return
        for child in children(node):
            self._expr(child, statement, around, deferred)
        if isinstance(node, s.Call):
            self._add("call", node, statement, around, deferred)
        elif isinstance(node, s.Yield):
            self._add("yield", node, statement, around, deferred)
        elif isinstance(node, s.Await):
            self._add("await", node, statement, around, deferred)

    def _add(self, kind: str, node: s.Node, statement: s.Stmt, around: _Around, deferred: bool = False) -> None:
        self.events.append(
            Event(
                kind,
                node,
                Span.at(self._path, node.pos),
                around.branch,
                around.tests,
                around.tries,
                around.handlers,
                around.withs,
                around.loops,
                statement,
                deferred,
            )
        )


@dataclass(frozen=True, slots=True)
class _Around:
    branch: Branch = ()
    tests: tuple[tuple[s.Expr, bool], ...] = ()
    tries: tuple[s.Try, ...] = ()
    handlers: tuple[s.Handler, ...] = ()
    withs: tuple[s.Expr, ...] = ()
    loops: tuple[s.For | s.While, ...] = ()

    def enter(self, statement: s.Stmt, word: str, number: int) -> _Around:
        branch = self.branch if word == "with" else (*self.branch, (number, word))
        tests, tries, handlers, withs, loops = self.tests, self.tries, self.handlers, self.withs, self.loops
        if isinstance(statement, s.If):
            tests = (*tests, (statement.test, word == "if"))
        elif isinstance(statement, s.With):
            withs = (*withs, *(context for context, _ in statement.items))
        elif isinstance(statement, (s.For, s.While)) and word == "loop":
            loops = (*loops, statement)
        elif isinstance(statement, s.Try):
            if word == "try":
                tries = (*tries, statement)
            elif word.startswith("except"):
                handlers = (*handlers, statement.handlers[int(word[6:])])
        return _Around(branch, tests, tries, handlers, withs, loops)
