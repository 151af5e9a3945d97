"""What opens a transaction: ``transaction.atomic`` and its like, as a block or as a decorator, and the project's own
helpers that lead to one."""

from __future__ import annotations

from dataclasses import dataclass

from celerylint.facts import syntax as s
from celerylint.facts.walk import statements
from celerylint.knowledge.transactions import OPENERS, OPENING_METHODS
from celerylint.model.callees import Callees, split
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Instance, Reference, Unknown, Value, alternatives
from celerylint.sources.spans import Span

_MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Opening:
    """One expression that opens a transaction. ``family``: django, sqlalchemy, peewee, tortoise. ``using`` is the
    database that is named, None for the default one; ``durable`` tells that no other transaction can be around it."""

    span: Span
    family: str
    using: Value | None = None
    durable: bool = False
    helper: str = ""
    """The name of the project's own function or class that opens it."""


class Atomic:
    """Recognises transactions."""

    def __init__(self, callees: Callees) -> None:
        self.callees = callees
        self.evaluator = callees.evaluator
        self._helpers: dict[int, str | None] = {}
        self._depth = 0

    def opening(self, expr: s.Expr, scope: Scope) -> Opening | None:
        """The transaction that a context manager or decorator opens; None when it opens none that is known."""
        if self._depth > _MAX_DEPTH:
            return None
        self._depth += 1
        try:
            return self._opening(expr, scope)
        finally:
            self._depth -= 1

    def blocks(self, withs: tuple[s.Expr, ...], scope: Scope) -> list[Opening]:
        """The transactions among open context managers, outermost first."""
        found = (self.opening(expr, scope) for expr in withs)
        return [opening for opening in found if opening is not None]

    def decorating(self, function: FunctionSymbol) -> Opening | None:
        """The transaction that a decorator of a function opens around each of its calls."""
        for decorator in function.node.decorators:
            opening = self.opening(decorator, function.scope)
            if opening is not None:
                return opening
        return None

    def _opening(self, expr: s.Expr, scope: Scope) -> Opening | None:
        func = expr.func if isinstance(expr, s.Call) else expr
        span = scope.module.span(expr.pos)
        value = next(iter(alternatives(self.evaluator.value(func, scope))))
        family = helper = None
        if isinstance(value, (Reference, Instance)):
            family = OPENERS.get(value.of) or _family_of_method(value.of)
            if family is None and isinstance(value.symbol, FunctionSymbol):
                family, helper = self._helper(value.symbol), value.symbol.name
            elif family is None and isinstance(value.symbol, ClassSymbol):
                family, helper = self._class(value.symbol), value.symbol.name
        if family is None and helper is None:
            family = self._by_name(func, value, expr, scope)
        if family is None:
            return None
        using, durable = self._options(expr, scope) if helper is None else (None, False)
        return Opening(span, family, using, durable, helper or "")

    def _options(self, expr: s.Expr, scope: Scope) -> tuple[Value | None, bool]:
        if not isinstance(expr, s.Call):
            return None, False
        using = expr.args[0] if expr.args else None
        durable = False
        for keyword in expr.keywords:
            if keyword.name == "using":
                using = keyword.value
            elif keyword.name == "durable":
                durable = not (isinstance(keyword.value, s.Literal) and not keyword.value.value)
        if isinstance(using, s.Literal) and using.value is None:
            using = None
        return (self.evaluator.value(using, scope) if using is not None else None), durable

    def _by_name(self, func: s.Expr, value: Value, expr: s.Expr, scope: Scope) -> str | None:
        """What only its name, or the type of its owner, tells: ``session.begin()`` of a parameter, an import that is
        not here."""
        owner, method = split(func)
        if owner is not None and method in OPENING_METHODS and isinstance(expr, s.Call):
            qualified = self.callees.qualified(expr, scope)
            family = _family_of_method(qualified) if qualified else None
            if family is not None:
                return family
            path = owner.path if isinstance(owner, s.Name) else ""
            return "sqlalchemy" if method.startswith("begin") and path.lower().endswith("session") else None
        if isinstance(value, Unknown) and "atomic" in method:
            path = func.path if isinstance(func, s.Name) else ""
            return "django" if method == "atomic" or "transaction" in path else None
        return None

    def _class(self, cls: ClassSymbol) -> str | None:
        """A context manager class of the project: below Django's, or one whose ``__enter__`` opens a transaction."""
        for base in self.evaluator.classes.outside_bases(cls):
            if base in OPENERS:
                return OPENERS[base]
        enter = self.evaluator.classes.method(cls, "__enter__")
        return self._called(enter) if enter is not None else None

    def _called(self, function: FunctionSymbol) -> str | None:
        scope = self.evaluator.function_scope(function)
        for event in function.body.calls:
            opening = self.opening(event.call, scope)
            if opening is not None:
                return opening.family
        return None

    def _helper(self, function: FunctionSymbol) -> str | None:
        """The family of the transaction that a function of the project wraps around a block or a function."""
        key = id(function.node)
        if key not in self._helpers:
            self._helpers[key] = None  # one that refers to itself opens nothing of its own
            self._helpers[key] = self._wrapping(function)
        return self._helpers[key]

    def _wrapping(self, function: FunctionSymbol) -> str | None:
        scope = self.evaluator.function_scope(function)
        for event in function.body.events:
            if event.kind == "yield" and event.withs:
                blocks = self.blocks(event.withs, scope)
                if blocks:
                    return blocks[0].family
            if event.kind == "return" and isinstance(event.node, s.Return) and isinstance(event.node.value, s.Call):
                opening = self.opening(event.node.value, scope)
                if opening is not None:
                    return opening.family
        if _commits_after_yield(function):
            return "sqlalchemy"
        wrapped = {p.name for p in function.node.params}
        for node in statements(function.statements):
            if isinstance(node, s.Function):
                family = self._inner(self.evaluator.function_symbol(node, scope), wrapped)
                if family is not None:
                    return family
        return None

    def _inner(self, wrapper: FunctionSymbol, wrapped: set[str]) -> str | None:
        """``def wrapper(...): with atomic(): return function(...)`` inside of a decorator."""
        opening = self.decorating(wrapper)
        if opening is not None:
            return opening.family
        scope = self.evaluator.function_scope(wrapper)
        for event in wrapper.body.calls:
            if event.withs and isinstance(event.call.func, s.Name) and event.call.func.path in wrapped:
                blocks = self.blocks(event.withs, scope)
                if blocks:
                    return blocks[0].family
        for node in statements(wrapper.statements):
            if isinstance(node, s.Function):
                inner = self._inner(
                    self.evaluator.function_symbol(node, scope), wrapped | {p.name for p in wrapper.node.params}
                )
                if inner is not None:
                    return inner
        return None


def _commits_after_yield(function: FunctionSymbol) -> bool:
    """``yield session; session.commit()``: SQLAlchemy's session_scope recipe, whose block ends with the commit."""
    handed: set[str] = set()
    for event in function.body.events:
        if event.kind == "yield" and isinstance(event.node, s.Yield) and isinstance(event.node.value, s.Name):
            handed.add(event.node.value.path)
        elif event.kind == "call":
            owner, method = split(event.call.func)
            if method == "commit" and isinstance(owner, s.Name) and owner.path in handed:
                return True
    return False


def _family_of_method(qualified: str) -> str | None:
    method = qualified.rpartition(".")[2]
    for package, family in OPENING_METHODS.get(method, ()):
        if qualified.startswith(package + "."):
            return family
    return None
