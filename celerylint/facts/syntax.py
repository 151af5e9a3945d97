"""What a Python file says, in the few shapes the rest of celerylint needs.

These nodes are taken from ``ast`` (see ``take.py``) and outlive it: they are smaller (a dotted name is one node), they
survive a cache (``pack.py``), and they are the same on every Python version. They know nothing of Celery and nothing of
any other file. Every node has ``pos``: 1-based lines and code-point columns, end exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from celerylint.sources.spans import Pos


@dataclass(slots=True)
class Node:
    pos: Pos


# Expressions


@dataclass(slots=True)
class Literal(Node):
    """A constant: str, bytes, int, float, complex, bool, None or Ellipsis."""

    value: object


@dataclass(slots=True)
class Name(Node):
    """A plain or dotted name: ``x``, ``self.request.retries``. Its first part is what has to be looked up."""

    path: str


@dataclass(slots=True)
class Attribute(Node):
    """An attribute of something that is not itself a dotted name: ``f(x).delay``."""

    value: Expr
    name: str


@dataclass(slots=True)
class Keyword(Node):
    """``name=value`` in a call, or ``**value`` when ``name`` is None."""

    name: str | None
    value: Expr


@dataclass(slots=True)
class Call(Node):
    func: Expr
    args: tuple[Expr, ...]
    keywords: tuple[Keyword, ...]


@dataclass(slots=True)
class Starred(Node):
    """``*value`` among arguments, elements or targets."""

    value: Expr


@dataclass(slots=True)
class Display(Node):
    """A list, tuple or set display; ``kind`` is "list", "tuple" or "set"."""

    kind: str
    items: tuple[Expr, ...]


@dataclass(slots=True)
class Mapping(Node):
    """A dict display; a key of None stands for ``**value``."""

    items: tuple[tuple[Expr | None, Expr], ...]


@dataclass(slots=True)
class Subscript(Node):
    value: Expr
    index: Expr


@dataclass(slots=True)
class Binary(Node):
    """``op`` is the operator as written: ``+``, ``|``, ``%`` ..."""

    op: str
    left: Expr
    right: Expr


@dataclass(slots=True)
class Boolean(Node):
    """``and`` / ``or`` over two or more operands."""

    op: str
    operands: tuple[Expr, ...]


@dataclass(slots=True)
class Unary(Node):
    """``op`` is ``-``, ``+``, ``~`` or ``not``."""

    op: str
    operand: Expr


@dataclass(slots=True)
class Comparison(Node):
    """``left ops[0] others[0] ops[1] others[1] ...`` with operators as written (``is not``, ``in`` ...)."""

    left: Expr
    ops: tuple[str, ...]
    others: tuple[Expr, ...]


@dataclass(slots=True)
class Conditional(Node):
    """``body if test else orelse``."""

    test: Expr
    body: Expr
    orelse: Expr


@dataclass(slots=True)
class Lambda(Node):
    params: tuple[Param, ...]
    body: Expr


@dataclass(slots=True)
class Format(Node):
    """An f-string; literal pieces are ``Literal`` nodes."""

    parts: tuple[Expr, ...]


@dataclass(slots=True)
class Clause(Node):
    """``for target in iter if conditions`` of a comprehension."""

    target: Expr
    iter: Expr
    conditions: tuple[Expr, ...]


@dataclass(slots=True)
class Comprehension(Node):
    """``kind`` is "list", "set", "dict" or "generator"; ``value`` is set for dict comprehensions only."""

    kind: str
    element: Expr
    value: Expr | None
    clauses: tuple[Clause, ...]


@dataclass(slots=True)
class Await(Node):
    value: Expr


@dataclass(slots=True)
class Yield(Node):
    value: Expr | None
    delegates: bool


@dataclass(slots=True)
class Walrus(Node):
    target: Name
    value: Expr


@dataclass(slots=True)
class Opaque(Node):
    """Syntax whose value nobody asks for (slices); ``what`` names it."""

    what: str


Expr: TypeAlias = (
    Literal
    | Name
    | Attribute
    | Call
    | Starred
    | Display
    | Mapping
    | Subscript
    | Binary
    | Boolean
    | Unary
    | Comparison
    | Conditional
    | Lambda
    | Format
    | Comprehension
    | Await
    | Yield
    | Walrus
    | Opaque
)


# Statements


@dataclass(slots=True)
class Param(Node):
    """``kind`` is "positional-only", "positional", "keyword-only", "args" (``*x``) or "kwargs" (``**x``)."""

    name: str
    kind: str
    default: Expr | None
    annotation: Expr | None


@dataclass(slots=True)
class Import(Node):
    """One name bound by an import. ``import a.b as c``: module "a.b", name None, alias "c".

    ``from .a import b``: module "a", level 1, name "b". A star import has name "*". ``import a.b`` binds "a".
    """

    module: str
    level: int
    name: str | None
    alias: str


@dataclass(slots=True)
class Assign(Node):
    """``targets = value``; ``op`` is "=" or an augmented operator such as "+="; a bare annotation has value None."""

    targets: tuple[Expr, ...]
    value: Expr | None
    op: str
    annotation: Expr | None


@dataclass(slots=True)
class Expression(Node):
    value: Expr


@dataclass(slots=True)
class Return(Node):
    value: Expr | None


@dataclass(slots=True)
class Raise(Node):
    exc: Expr | None
    cause: Expr | None


@dataclass(slots=True)
class If(Node):
    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


@dataclass(slots=True)
class For(Node):
    target: Expr
    iter: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


@dataclass(slots=True)
class While(Node):
    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


@dataclass(slots=True)
class With(Node):
    """``items`` are (context expression, target or None)."""

    items: tuple[tuple[Expr, Expr | None], ...]
    body: tuple[Stmt, ...]


@dataclass(slots=True)
class Handler(Node):
    """``except types as name``; a bare ``except`` has type None. ``pos`` covers the header line only."""

    type: Expr | None
    name: str | None
    body: tuple[Stmt, ...]


@dataclass(slots=True)
class Try(Node):
    body: tuple[Stmt, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Stmt, ...]
    final: tuple[Stmt, ...]


@dataclass(slots=True)
class Match(Node):
    """Patterns are not kept; each case is its guard and its body."""

    subject: Expr
    cases: tuple[tuple[Expr | None, tuple[Stmt, ...]], ...]


@dataclass(slots=True)
class Function(Node):
    """A ``def``. ``pos`` is the header (``def name(...)``, or ``async def``) up to the colon, decorators apart.

    ``body`` is None when this function was not worth keeping for the file alone; whoever needs it asks the project,
    which takes the file again in full. ``whole`` covers decorators and body.
    """

    name: str
    qualname: str
    params: tuple[Param, ...]
    returns: Expr | None
    decorators: tuple[Expr, ...]
    body: tuple[Stmt, ...] | None
    is_async: bool
    is_generator: bool
    whole: Pos
    name_pos: Pos


@dataclass(slots=True)
class Class(Node):
    """A ``class``. ``pos`` is the header up to the colon; ``whole`` covers decorators and body."""

    name: str
    qualname: str
    bases: tuple[Expr, ...]
    keywords: tuple[Keyword, ...]
    decorators: tuple[Expr, ...]
    body: tuple[Stmt, ...]
    whole: Pos


@dataclass(slots=True)
class Plain(Node):
    """A statement of one word, or one that binds nothing: "pass", "break", "continue", "global", "delete", "assert"."""

    what: str
    values: tuple[Expr, ...] = ()


Stmt: TypeAlias = (
    Import | Assign | Expression | Return | Raise | If | For | While | With | Try | Match | Function | Class | Plain
)


@dataclass(slots=True)
class Module:
    """One Python file as facts. ``lowered`` tells that newer or older syntax had to be respelled to read it, ``old``
    that it is Python 2."""

    path: str
    body: tuple[Stmt, ...]
    lowered: bool = False
    old: bool = False
    complete: bool = True
    """False when function bodies that name nothing of interest were left out."""
    hot_lines: frozenset[int] = field(default_factory=frozenset)
    """Lines on which one of the prefilter's words stands."""
