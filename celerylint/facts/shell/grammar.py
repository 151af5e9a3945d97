"""The statements of a shell script, as far as they matter for the commands it starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from celerylint.facts.located import Located

UNFOLLOWED = "!"
"""The operator of a parameter form that is not followed: ``${name/a/b}``, ``${name[2]}``."""


@dataclass(frozen=True, slots=True)
class Text:
    """Literal characters, escapes undone."""

    value: Located
    quoted: bool


@dataclass(frozen=True, slots=True)
class Variable:
    """``$name``, ``${name}``, ``${name:-operand}``; ``operator`` is "" without one.

    ``every`` is set for ``$@``, ``$*`` and ``${name[@]}``.
    """

    name: str
    operator: str
    operand: RawWord | None
    every: bool
    quoted: bool
    written: Located


@dataclass(frozen=True, slots=True)
class Substitution:
    """``$(body)`` or backquotes."""

    body: Located
    quoted: bool
    written: Located


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something whose value is not known: arithmetic, a process substitution, a hole of the text."""

    value: Located
    quoted: bool


Part: TypeAlias = Text | Variable | Substitution | Opaque


@dataclass(frozen=True, slots=True)
class RawWord:
    """A word before expansion. ``written`` is the word with its quotes."""

    parts: tuple[Part, ...]
    written: Located

    @property
    def literal(self) -> str | None:
        """The text of a word that needs no expansion."""
        texts = [part.value.known for part in self.parts if isinstance(part, Text)]
        if len(texts) != len(self.parts):
            return None
        return "".join(text or "" for text in texts)


@dataclass(frozen=True, slots=True)
class Assignment:
    """``name=value``, ``name+=value``, ``name=(a b)``."""

    name: str
    append: bool
    value: RawWord
    array: tuple[RawWord, ...] | None


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments and words; ``herestring`` is the word behind ``<<<``."""

    assignments: tuple[Assignment, ...]
    words: tuple[RawWord, ...]
    herestring: RawWord | None
    written: Located


@dataclass(frozen=True, slots=True)
class Pipeline:
    """``a | b``: every command runs, outputs are not followed."""

    commands: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """One ``if`` or ``elif``. ``negated`` for ``test || body``."""

    condition: Body
    body: Body
    negated: bool = False


@dataclass(frozen=True, slots=True)
class If:
    branches: tuple[Branch, ...]
    otherwise: Body | None


@dataclass(frozen=True, slots=True)
class Arm:
    patterns: tuple[RawWord, ...]
    body: Body


@dataclass(frozen=True, slots=True)
class Case:
    subject: RawWord
    arms: tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """``for``, with ``items`` None for ``"$@"``; or ``while`` and ``until``, with a ``condition``."""

    variable: str | None
    items: tuple[RawWord, ...] | None
    condition: Body
    body: Body
    written: Located


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    body: Body


@dataclass(frozen=True, slots=True)
class Group:
    """``{ ...; }`` or ``( ... )``."""

    body: Body
    subshell: bool


Statement: TypeAlias = Simple | Pipeline | If | Case | Loop | Function | Group
Body: TypeAlias = tuple[Statement, ...]
