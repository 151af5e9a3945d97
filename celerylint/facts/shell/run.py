"""Follow a script as far as it can be followed without running it, and report every command that it starts.

Straight lines are folded. Where a condition cannot be decided both branches are followed, each on its own copy of the
variables, and what they leave behind is joined to alternatives. A case arm whose subject is not known is one possible
start of the script, so its commands carry the pattern as their label.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from dataclasses import replace
from itertools import count

from celerylint.facts.located import Located
from celerylint.facts.shell import builtins
from celerylint.facts.shell.conditions import decide, variable_name
from celerylint.facts.shell.expand import Expander
from celerylint.facts.shell.grammar import (
    Assignment,
    Body,
    Branch,
    Case,
    Function,
    If,
    Loop,
    Pipeline,
    Simple,
    Statement,
    Substitution,
)
from celerylint.facts.shell.items import Array, Started, Word, joined
from celerylint.facts.shell.parse import parse
from celerylint.facts.shell.state import State, join_states
from celerylint.facts.unknown import Unknown

_MOST_STATEMENTS = 8_000
_MOST_PASSES = 64
_DEEPEST_CALL = 12
_CHOICES = count()
"""Numbers for conditions; never the same twice, so that commands of different scripts do not seem alternatives."""


def run(script: Located, state: State, sink: Callable[[Started], None]) -> None:
    """Follow ``script`` from ``state``; ``sink`` gets the commands in the order in which they are started."""
    runner = Runner(sink)
    runner.body(parse(script), state)
    runner.uncalled(state)


class Runner:
    def __init__(self, sink: Callable[[Started], None]) -> None:
        self.sink = sink
        self.expander = Expander(self.printed)
        self.functions: dict[str, Body] = {}
        self.called: set[str] = set()
        self.depth = 0
        self.left = _MOST_STATEMENTS

    def body(self, statements: Body, state: State) -> None:
        for statement in statements:
            if state.ended or self.left <= 0:
                return
            self.left -= 1
            self.statement(statement, state)

    def statement(self, statement: Statement, state: State) -> None:
        if isinstance(statement, Simple):
            self.simple(statement, state)
        elif isinstance(statement, Pipeline):
            for command in statement.commands:
                self.body((command,), state.copy())
        elif isinstance(statement, If):
            self.if_(statement, state)
        elif isinstance(statement, Case):
            self.case(statement, state)
        elif isinstance(statement, Loop):
            self.loop(statement, state)
        elif isinstance(statement, Function):
            self.functions[statement.name] = statement.body
        else:
            self.body(statement.body, state.copy() if statement.subshell else state)

    def uncalled(self, state: State) -> None:
        """Functions that only a caller from outside reaches (``"$@"``): each once, with unknown arguments."""
        for name, body in list(self.functions.items()):
            if name not in self.called:
                self.body(body, replace(state.copy(), arguments=None, label=name, ended=False))

    # Conditions and loops

    def if_(self, statement: If, state: State) -> None:
        left: list[State] = []
        choice = next(_CHOICES)
        for number, branch in enumerate(statement.branches):
            taken = self.branch(branch, state, (choice, number))
            if taken is None:
                continue
            inside, certain = taken
            left.append(inside)
            if certain:
                join_states(state, left)
                return
        rest = state.copy()
        rest.branches = (*state.branches, (choice, -1))
        self.body(statement.otherwise or (), rest)
        join_states(state, [*left, rest])

    def branch(self, branch: Branch, state: State, choice: tuple[int, int]) -> tuple[State, bool] | None:
        """The state behind a branch and whether it is surely taken; None when it surely is not."""
        decision = decide(branch.condition, branch.negated, state, self.expander)
        if not decision.is_test:
            self.body(branch.condition, state.copy())
        if decision.holds is False:
            return None
        inside = state.copy()
        inside.label = decision.label or state.label
        inside.branches = (*state.branches, choice)
        self.supposing(decision.equal, branch.body, inside)
        default = inside.variables.get(decision.unset)
        if isinstance(default, Located) and decision.unset not in state.variables:
            # if [ -z "$X" ]; then X=default; fi says the same as ${X:-default}
            default = replace(default, assumed=not state.trust)
            inside.variables[decision.unset] = state.variables[decision.unset] = default
        return inside, decision.holds is True

    def supposing(self, equal: tuple[str, Located] | None, body: Body, inside: State) -> None:
        """Follow ``body`` where a variable is known to have a value; behind it only assignments remain."""
        if equal is None:
            self.body(body, inside)
            return
        name, value = equal
        before = inside.variables.get(name)
        inside.variables[name] = value
        self.body(body, inside)
        if inside.variables.get(name) is value:
            del inside.variables[name]
            if before is not None:
                inside.variables[name] = before

    def case(self, statement: Case, state: State) -> None:
        subject = self.expander.scalar(statement.subject, state)
        known = None if subject.assumed else subject.known
        name = variable_name(statement.subject)
        left: list[State] = []
        complete = False
        choice = next(_CHOICES)
        for number, arm in enumerate(statement.arms):
            patterns = [pattern.literal for pattern in arm.patterns]
            if known is not None and not any(p is None or fnmatch.fnmatchcase(known, p) for p in patterns):
                continue
            inside = state.copy()
            inside.branches = (*state.branches, (choice, number))
            plain = next((p for p in patterns if p and not set(p) & set("*?[")), None)
            equal = None
            if known is None and plain is not None:
                inside.label = plain
                if name and len(patterns) == 1:
                    equal = (name, self.expander.scalar(arm.patterns[0], state))
            self.supposing(equal, arm.body, inside)
            left.append(inside)
            complete = complete or "*" in patterns
            if known is not None and None not in patterns:
                complete = True
                break
        join_states(state, left if complete else [*left, state.copy()])

    def loop(self, statement: Loop, state: State) -> None:
        self.body(statement.condition, state.copy())
        if statement.variable is None:
            self.passes(statement.body, state, state.replicas)
            return
        items = state.arguments if statement.items is None else self.expander.items(statement.items, state)
        words = [item for item in items or () if isinstance(item, Word) and not item.unread]
        if items is not None and len(words) == len(items) <= _MOST_PASSES:
            for word in words:
                state.variables[statement.variable] = word.value
                self.body(statement.body, state)
                state.ended = False
            return
        written = statement.written
        hole = Unknown("set by a loop over what is not known", written.span())
        state.variables[statement.variable] = Located.hole(hole, written.file, written.begin(0), written.finish(0))
        self.passes(statement.body, state, Unknown("started in a loop", written.span()))

    def passes(self, body: Body, state: State, replicas: int | Unknown) -> None:
        """One pass for a loop that may turn any number of times."""
        inside = replace(state.copy(), replicas=replicas)
        self.body(body, inside)
        join_states(state, [state.copy(), replace(inside, ended=False)])

    # Commands

    def simple(self, statement: Simple, state: State) -> None:
        declares = statement.words[0].literal if statement.words else None
        if not statement.words or declares in builtins.DECLARE:
            for assignment in statement.assignments:
                self.assign(assignment, state)
            if declares:
                builtins.declare(statement, state)
            return
        own = {}
        for assignment in statement.assignments:
            value = self.expander.scalar(assignment.value, state)
            own[assignment.name] = value
        items = self.expander.items(statement.words, state)
        head = items[0].text if items and isinstance(items[0], Word) else None
        if head in self.functions and head is not None:
            self.call(head, items[1:], state)
        elif head == "eval":
            self.eval([self.expander.scalar(word, state) for word in statement.words[1:]], state)
        elif head in builtins.HANDLED and head is not None:
            builtins.HANDLED[head](items, statement, state, self.expander)
        elif items:
            environment = {**state.child_environment(), **own}
            span = statement.written.span()
            self.sink(Started(items, environment, state.label, state.replicas, span, state.branches))
            state.ended = head in builtins.ENDS and (head != "exec" or len(items) > 1)

    def assign(self, assignment: Assignment, state: State) -> None:
        before = state.variables.get(assignment.name) if assignment.append else None
        if assignment.array is not None:
            array = self.expander.items(assignment.array, state)
            state.variables[assignment.name] = (*before, *array) if isinstance(before, tuple) else array
            return
        value = self.expander.scalar(assignment.value, state)
        if isinstance(before, Located):
            value = joined(before, value)
        state.variables[assignment.name] = value

    def call(self, name: str, arguments: Array, state: State) -> None:
        """A function of the script: it shares the variables, it has its own arguments."""
        self.called.add(name)
        if self.depth >= _DEEPEST_CALL:
            return
        self.depth += 1
        outer = state.arguments
        state.arguments = arguments
        hidden = {key: state.variables.pop(key) for key in list(state.variables) if key.isdigit()}
        try:
            self.body(self.functions[name], state)
        finally:
            self.depth -= 1
            state.arguments = outer
            for key in [key for key in state.variables if key.isdigit()]:
                del state.variables[key]
            state.variables.update(hidden)
            state.ended = False

    def eval(self, pieces: list[Located], state: State) -> None:
        """The words as a script of their own; alternatives one after the other."""
        if self.depth >= _DEEPEST_CALL or not pieces:
            return
        self.depth += 1
        left = []
        for text in builtins.texts(pieces):
            inside = state.copy()
            self.body(parse(text), inside)
            left.append(inside)
        join_states(state, left)
        self.depth -= 1

    def printed(self, substitution: Substitution, state: State) -> Located | None:
        """What a function or ``echo`` in ``$(...)`` prints, when that can be followed."""
        if self.depth >= _DEEPEST_CALL:
            return None
        self.depth += 1
        try:
            return self._printed(substitution, state)
        finally:
            self.depth -= 1

    def _printed(self, substitution: Substitution, state: State) -> Located | None:
        statements = parse(substitution.body)
        if len(statements) != 1 or not isinstance(statements[0], Simple) or not statements[0].words:
            return None
        items = self.expander.items(statements[0].words, state)
        head = items[0].text if items and isinstance(items[0], Word) else None
        if head in ("which", "command") and isinstance(items[-1], Word):
            return items[-1].value
        if head not in self.functions and head != "echo":
            return None
        inside = state.copy()
        inside.variables[builtins.PRINTED] = substitution.written.cut(0, 0)
        silent, self.sink = self.sink, lambda started: None
        try:
            self.body(statements, inside)
        finally:
            self.sink = silent
        output = inside.variables[builtins.PRINTED]
        return output.stripped() if isinstance(output, Located) and output.text else None
