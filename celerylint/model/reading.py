"""What a task reads from the database, itself and through the project's functions that it calls.

Names are gathered, not queries: the model classes that are read from, and the attributes and lookups by which a
relation may be followed. A call that cannot be followed and that gets what came with the message may read anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import children, statements
from celerylint.knowledge.transactions import (
    DYNAMIC_MODELS,
    LINKS,
    NO_DATABASE,
    QUERY_WORDS,
    QUERYING,
    READERS,
    SELECTORS,
    WRITES,
)
from celerylint.model.apps import own_expressions
from celerylint.model.callees import Callees, split
from celerylint.model.rows import is_session
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, External, FunctionSymbol
from celerylint.model.values import Instance, Known, Reference

if TYPE_CHECKING:
    from celerylint.model.entities import Task

_MAX_DEPTH = 4
_MAX_FUNCTIONS = 80
_FEW = 4
"""As many methods of one name may be meant by a call whose object is not known."""
_MAKES = frozenset({"create", "acreate", "bulk_create", "abulk_create", "DoesNotExist", "MultipleObjectsReturned"})


@dataclass(slots=True)
class Reading:
    """``classes`` are names of classes that are read from, ``attributes`` the attributes and lookups that are used,
    ``locked`` the classes that are read with ``select_for_update``. ``queries`` tells that some model is read,
    ``dynamic`` that it is not seen which; ``open`` that a call cannot be followed which gets what the message brings.
    """

    classes: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)
    queries: bool = False
    dynamic: bool = False
    open: bool = False

    @property
    def nothing(self) -> bool:
        """Whether it is certain that no row is read."""
        return not (self.queries or self.dynamic or self.open)


class Readings:
    """Reads each task once."""

    def __init__(self, callees: Callees) -> None:
        self.callees = callees
        self.evaluator = callees.evaluator
        self._known: dict[int, Reading] = {}

    def of(self, task: Task) -> Reading:
        """What a task may read; anything where its function is not here."""
        function = task.function
        if function is None:
            return Reading(dynamic=True, open=True)
        key = id(function.node)
        if key not in self._known:
            self._known[key] = self._read(function)
        return self._known[key]

    def _read(self, function: FunctionSymbol) -> Reading:
        found = Reading()
        seen: set[tuple[int, int]] = set()
        waiting: list[tuple[FunctionSymbol, ClassSymbol | None, int]] = [(function, function.owner, 0)]
        while waiting and len(seen) < _MAX_FUNCTIONS:
            current, cls, depth = waiting.pop(0)
            key = (id(current.node), id(cls.node) if cls is not None else 0)
            if key in seen or current.module.is_test:
                continue
            seen.add(key)
            _Names(found).of_body(current.statements)
            scope = self.evaluator.function_scope(current)
            for event in current.body.calls:
                called = list(self._called(event.call, scope, cls))
                if depth < _MAX_DEPTH:
                    waiting.extend((callee, of, depth + 1) for callee, of in called)
                if not called and not found.open:
                    found.open = self._may_read(event.call, scope)
        return found

    def _called(
        self, call: s.Call, scope: Scope, cls: ClassSymbol | None
    ) -> Iterator[tuple[FunctionSymbol, ClassSymbol | None]]:
        """The functions that a call may run, each with the class of its ``self``."""
        owner, method = split(call.func)
        if isinstance(owner, s.Name) and owner.path in ("self", "cls") and cls is not None:
            own = self.evaluator.classes.method(cls, method)
            if own is not None:
                yield own, cls
            return
        value = self.evaluator.value(owner, scope) if owner is not None else None
        if isinstance(value, Instance) and isinstance(value.symbol, ClassSymbol):
            own = self.evaluator.classes.method(value.symbol, method)
            if own is not None:
                yield own, value.symbol
                return
        function = self.callees.function(call, scope)
        if function is not None:
            yield function, function.owner
            return
        if owner is None or method in WRITES or method in LINKS or method in QUERYING or _is_outside(value):
            return
        named = self._methods.get(method, ())
        if len(named) <= _FEW:
            yield from ((m, m.owner) for m in named)

    def _may_read(self, call: s.Call, scope: Scope) -> bool:
        """Whether a call that is not followed gets what may lead to a row: a parameter, or something made of one."""
        value = self.evaluator.value(call.func, scope)
        if isinstance(value, Reference):
            symbol = value.symbol
            if isinstance(symbol, ClassSymbol):
                return False
            of = symbol.qualified if isinstance(symbol, External) else value.of
            if of.startswith(NO_DATABASE):
                return False
        owner, method = split(call.func)
        if owner is not None and method in _HARMLESS:
            return False
        params = {p.name for p in scope.function.node.params} if scope.function is not None else set()
        if isinstance(owner, s.Name) and owner.path.partition(".")[0] in params - {"self", "cls"}:
            return False  # a method of what came with the message
        return any(
            isinstance(arg, s.Name) and "." not in arg.path and arg.path in params - {"self", "cls"}
            for arg in (*call.args, *(k.value for k in call.keywords))
        )

    @cached_property
    def _methods(self) -> dict[str, list[FunctionSymbol]]:
        """The methods of the classes that were read, by name."""
        found: dict[str, list[FunctionSymbol]] = {}
        for _, module in self.evaluator.modules.kept.items():
            for cls in statements(module.facts.body) if not module.is_test else ():
                if not isinstance(cls, s.Class):
                    continue
                scope = self.evaluator.class_scope(self.evaluator.class_symbol(cls, module.scope))
                for node in cls.body:
                    if isinstance(node, s.Function) and not node.name.startswith("__"):
                        found.setdefault(node.name, []).append(self.evaluator.function_symbol(node, scope))
        return found


_HARMLESS = frozenset({"info", "debug", "warning", "error", "exception", "critical", "log", "format", "join", "append",
                       "split", "strip", "replace", "lower", "upper", "encode", "decode", "items", "keys", "values",
                       "delay", "apply_async", "retry"})  # fmt: skip


def _is_outside(value: object) -> bool:
    """Whether an object is known to be of another package, or no object at all."""
    if isinstance(value, Known):
        return True
    return isinstance(value, Reference) and isinstance(value.symbol, External)


class _Names:
    """Gathers the names of one function body."""

    def __init__(self, found: Reading) -> None:
        self.found = found

    def of_body(self, body: tuple[s.Stmt, ...]) -> None:
        for statement in statements(body):
            if not isinstance(statement, (s.Function, s.Class)):
                for expr in own_expressions(statement):
                    self._expr(expr)

    def _expr(self, node: s.Node, called: bool = False) -> None:
        if isinstance(node, s.Name):
            self._name(node.path, called)
        elif isinstance(node, s.Attribute):
            self.found.attributes.add(node.name)
            self._expr(node.value)
        elif isinstance(node, s.Call):
            self._call(node)
        else:
            for child in children(node):
                self._expr(child)

    def _call(self, node: s.Call) -> None:
        owner, method = split(node.func)
        if method in DYNAMIC_MODELS:
            self.found.dynamic = True
        if method in READERS or (owner is not None and (method in SELECTORS or is_session(owner))):
            self.found.queries = True
        if method in QUERYING or method in QUERY_WORDS:
            for arg in node.args:
                if isinstance(arg, s.Literal) and isinstance(arg.value, str):
                    self.found.attributes.update(arg.value.lstrip("-").split("__"))
        if method == "select_for_update" and owner is not None:
            self.found.locked.update(_classes(owner))
        self._expr(node.func, True)
        for arg in node.args:
            self._expr(arg)
        for keyword in node.keywords:
            if keyword.name:
                self.found.attributes.update(keyword.name.split("__"))
            self._expr(keyword.value)

    def _name(self, path: str, called: bool) -> None:
        parts = path.split(".")
        self.found.attributes.update(parts[1:])
        if any(p in ("objects", "_default_manager", "_base_manager") or p.endswith("_set") for p in parts):
            self.found.queries = True
            if parts[0][:1].islower() and len(parts) > 1 and parts[1] in ("objects", "_default_manager"):
                self.found.dynamic = True  # the model is a variable
        for index, part in enumerate(parts):
            if not part[:1].isupper() or part.isupper():
                continue
            rest = parts[index + 1 :]
            made = not rest and called
            if not made and not (rest and (rest[-1] in _MAKES or rest[0].isupper())):
                self.found.classes.add(part)
            return


def _classes(owner: s.Expr) -> Iterator[str]:
    """The class names at the root of a chain of calls."""
    current: s.Expr | None = owner
    while isinstance(current, s.Call):
        current, _ = split(current.func)
    if isinstance(current, s.Name):
        yield from (part for part in current.path.split(".") if part[:1].isupper())
