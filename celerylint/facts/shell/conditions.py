"""Tests of a shell: ``[ "$1" = worker ]``, ``[[ -z $X ]]``. Decided when both sides are known, else what they teach."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass

from celerylint.facts.located import Located
from celerylint.facts.shell.expand import Expander
from celerylint.facts.shell.grammar import Body, RawWord, Simple, Variable
from celerylint.facts.shell.state import State

_TRUTH = frozenset({"", "0", "1", "true", "false", "yes", "no", "on", "off", "none"})


@dataclass(frozen=True, slots=True)
class Decision:
    """``holds`` is None when it cannot be known. Where the test holds, ``equal`` names a variable and its value then,
    ``unset`` a variable that is empty, ``label`` the word that chooses this branch (``[ "$1" = worker ]``).
    """

    is_test: bool
    holds: bool | None = None
    label: str = ""
    equal: tuple[str, Located] | None = None
    unset: str = ""


def decide(condition: Body, negated: bool, state: State, expander: Expander) -> Decision:
    """What is known of a condition before the command it guards."""
    if len(condition) != 1 or not isinstance(condition[0], Simple):
        return Decision(False)
    words = condition[0].words
    head = words[0].literal if words else None
    if head not in ("[", "[[", "test"):
        return Decision(bool(words) and words[0].written.text == "((")
    operands = [word for word in words[1:] if word.literal not in ("]", "]]")]
    if operands and operands[0].literal == "!":
        operands, negated = operands[1:], not negated
    decision = _test(operands, state, expander)
    if not negated:
        return decision
    return Decision(True, None if decision.holds is None else not decision.holds)


def _test(operands: list[RawWord], state: State, expander: Expander) -> Decision:
    if len(operands) == 2 and operands[0].literal in ("-z", "-n"):
        return _emptiness(operands[1], operands[0].literal == "-z", state, expander)
    if len(operands) != 3 or operands[1].literal not in ("=", "==", "!="):
        return Decision(True)
    left, right = expander.scalar(operands[0], state), expander.scalar(operands[2], state)
    equal = operands[1].literal != "!="
    if _certain(left) and _certain(right):
        same = left.text == right.text or fnmatch.fnmatchcase(left.text, right.text)
        return Decision(True, same is equal)
    wanted = operands[2].literal
    name = variable_name(operands[0])
    if not equal or wanted is None or not name or set(wanted) & set("*?["):
        return Decision(True)
    label = wanted if name.isdigit() or wanted.lower() not in _TRUTH else ""
    return Decision(True, None, label, (name, right))


def _emptiness(word: RawWord, empty: bool, state: State, expander: Expander) -> Decision:
    value = expander.scalar(word, state)
    if _certain(value):
        return Decision(True, (not value.text) is empty)
    return Decision(True, unset=variable_name(word) if empty else "")


def _certain(value: Located) -> bool:
    return value.known is not None and not value.assumed


def variable_name(word: RawWord) -> str:
    """The variable a word consists of, "" for any other word."""
    parts = [part for part in word.parts if isinstance(part, Variable)]
    return parts[0].name if len(parts) == len(word.parts) == 1 and not parts[0].every else ""
