"""What folding needs whatever it folds: the scopes and symbols of the project, each made once, and the questions that
its parts (``lookup``, ``inlining``, ``evaluate``) ask one another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable

from celerylint.facts import syntax as s
from celerylint.model.classes import Classes
from celerylint.model.modules import Modules
from celerylint.model.scopes import Scope, collect, in_call
from celerylint.model.symbols import ClassSymbol, FunctionSymbol, Symbol
from celerylint.model.values import Value
from celerylint.sources.spans import Pos, Span


class Folder(ABC):
    """State and scopes of folding."""

    classes: Classes

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self.django_setting: Callable[[str, Span], Value] | None = None
        self.task_name: Callable[[Value], str | None] | None = None
        self.flask_setting: Callable[[str, Span], Value | None] | None = None
        self._active: set[tuple[int, int]] = set()
        self._depth = 0
        self._cycles = 0
        self._steps = 0
        self._inline = self._inlined = 0
        self._answers: dict[Hashable, list[Value]] = {}
        self._symbols: dict[int, Symbol] = {}
        self._scopes: dict[int, Scope] = {}
        self._lambdas: dict[int, tuple[s.Lambda, s.Function]] = {}

    @property
    def cycles(self) -> int:
        """How often a fold was cut short so far; what was found while this grew is worth more when asked elsewhere."""
        return self._cycles

    @property
    def followed(self) -> int:
        """How many calls are being followed right now; the more, the less far an answer goes."""
        return self._inline

    # What the parts ask one another

    @abstractmethod
    def value(self, expr: s.Expr, scope: Scope) -> Value:
        """What ``expr`` is worth in ``scope``."""

    @abstractmethod
    def arguments(self, expr: s.Call, scope: Scope) -> tuple[list[Value], dict[str, Value], bool]:
        """The arguments of a call, spreads opened where known; the flag tells that more may be passed."""

    @abstractmethod
    def unrolled(self, pos: Pos, scope: Scope) -> list[Scope] | None:
        """A scope for each pass of the loops around a place, None when they are not known."""

    @abstractmethod
    def iterate(self, value: Value) -> list[Value] | None:
        """The elements that a ``for`` over ``value`` gives, None when they are not all known."""

    @abstractmethod
    def holds(self, test: s.Expr, scope: Scope) -> bool | None:
        """Whether a condition is known to hold."""

    @abstractmethod
    def of_flask(self, expr: s.Expr, container: Value, index: Value, span: Span) -> Value | None:
        """An element of a Flask application's configuration."""

    @abstractmethod
    def element(self, value: Value, index: Value, span: Span) -> Value:
        """``value[index]``."""

    @abstractmethod
    def attribute(self, value: Value, attr: str, span: Span) -> Value:
        """``value.attr``."""

    @abstractmethod
    def name(self, path: str, scope: Scope, pos: Pos | None) -> Value:
        """What a dotted name is worth at ``pos`` of ``scope``."""

    # Scopes and symbols

    def function_scope(self, function: FunctionSymbol, env: dict[str, Value] | None = None) -> Scope:
        """The scope inside a function; with ``env`` for one call of it."""
        shared = self._scopes.get(id(function.node))
        if shared is None:
            table = collect(function.statements, function.node.params)
            shared = Scope(function.module, table, function.scope, function, function.scope.cls)
            self._scopes[id(function.node)] = shared
        if env is None and shared.parent is function.scope:
            return shared
        return Scope(function.module, shared.table, function.scope, function, function.scope.cls, env)

    def class_scope(self, cls: ClassSymbol) -> Scope:
        known = self._scopes.get(id(cls.node))
        if known is None:
            known = Scope(cls.module, collect(cls.node.body), cls.scope, None, cls)
            self._scopes[id(cls.node)] = known
        return known

    def function_symbol(self, node: s.Function, scope: Scope) -> FunctionSymbol:
        owner = scope.cls if scope.function is None else None
        if in_call(scope):  # a closure of one particular call
            return FunctionSymbol(node, scope.module, scope, owner)
        found = self._symbols.get(id(node))
        if not isinstance(found, FunctionSymbol):
            found = FunctionSymbol(node, scope.module, scope, owner)
            self._symbols[id(node)] = found
        return found

    def _lambda(self, expr: s.Lambda) -> s.Function:
        """A lambda as the function it is short for."""
        known = self._lambdas.get(id(expr))
        if known is None:
            body = (s.Return(expr.body.pos, expr.body),)
            node = s.Function(
                expr.pos, "<lambda>", "<lambda>", expr.params, None, (), body, False, False, expr.pos, expr.pos
            )
            known = self._lambdas[id(expr)] = (expr, node)
        return known[1]

    def class_symbol(self, node: s.Class, scope: Scope) -> ClassSymbol:
        found = self._symbols.get(id(node))
        if not isinstance(found, ClassSymbol):
            found = ClassSymbol(node, scope.module, scope)
            self._symbols[id(node)] = found
        return found
