"""Fold expressions: literals, arithmetic, names across modules, class attributes, containers and their mutations,
environment defaults, and the project's own small functions.

What cannot be folded becomes ``Unknown`` with the reason; nothing is ever executed.
"""

from __future__ import annotations

from celerylint.facts import syntax as s
from celerylint.model import arithmetic, environment
from celerylint.model.classes import Classes
from celerylint.model.conditions import compare, is_simple, truth
from celerylint.model.inlining import Inlining
from celerylint.model.lookup import Lookup
from celerylint.model.modules import Modules
from celerylint.model.scopes import (
    Bindings,
    Scope,
    loops_around,
)
from celerylint.model.symbols import ClassSymbol
from celerylint.model.values import (
    Choice,
    Collection,
    Instance,
    Known,
    Reference,
    Table,
    Unknown,
    Value,
    alternatives,
    choice,
)
from celerylint.sources.spans import Pos, Span

MAX_DEPTH = 60
MAX_PASSES = 200
"""How many elements of a loop or comprehension are followed one by one."""
MAX_STEPS = 4_000
"""How many names and calls one question may fold before the answer is Unknown; real settings need some hundreds."""

REGISTERED = "celery.app.tasks"
"""What an element of ``app.tasks`` is an instance of; its argument is the task's name."""


class Evaluator(Lookup, Inlining):
    """Answers what an expression is worth where it stands."""

    def __init__(self, modules: Modules) -> None:
        super().__init__(modules)
        self.classes = Classes(self)

    def value(self, expr: s.Expr, scope: Scope) -> Value:
        """What ``expr`` is worth in ``scope``."""
        if isinstance(expr, s.Literal):
            return Known(expr.value, scope.module.span(expr.pos))
        known = scope.memo.get(id(expr))
        if known is not None:
            return known[1]
        key = (id(expr), id(scope))
        span = scope.module.span(expr.pos)
        if self._depth == 0:
            self._steps = self._inlined = 0
        self._steps += 1
        if self._steps > MAX_STEPS:
            self._cycles += 1
            return Unknown("it takes too long to fold", span)
        if key in self._active or self._depth > MAX_DEPTH:
            self._cycles += 1
            return Unknown("it refers to itself", span)
        self._active.add(key)
        self._depth += 1
        cycles = self._cycles
        try:
            result = self._value(expr, scope, span)
        except RecursionError:
            self._cycles += 1
            result = Unknown("nested too deeply to be folded", span)
        finally:
            self._active.discard(key)
            self._depth -= 1
        if cycles == self._cycles:  # what a cycle cut short is worth more when asked for elsewhere
            scope.memo[id(expr)] = (expr, result)
        return result

    # Expressions

    def _value(self, expr: s.Expr, scope: Scope, span: Span) -> Value:
        if isinstance(expr, s.Name):
            return self.name(expr.path, scope, expr.pos)
        if isinstance(expr, s.Call):
            return self._call(expr, scope, span)
        if isinstance(expr, s.Display):
            return self._display(expr, scope, span)
        if isinstance(expr, s.Mapping):
            return self._mapping(expr, scope, span)
        if isinstance(expr, s.Attribute):
            return self.attribute(self.value(expr.value, scope), expr.name, span)
        if isinstance(expr, s.Binary):
            return arithmetic.binary(expr.op, self.value(expr.left, scope), self.value(expr.right, scope), span)
        if isinstance(expr, s.Unary):
            return arithmetic.unary(expr.op, self.value(expr.operand, scope), span)
        if isinstance(expr, s.Boolean):
            return arithmetic.boolean(expr.op, [self.value(o, scope) for o in expr.operands], span)
        if isinstance(expr, s.Conditional):
            taken = self.holds(expr.test, scope)
            if taken is not None:
                return self.value(expr.body if taken else expr.orelse, scope)
            return choice([self.value(expr.body, scope), self.value(expr.orelse, scope)], span)
        if isinstance(expr, s.Comparison) and len(expr.ops) == 1:
            return compare(expr.ops[0], self.value(expr.left, scope), self.value(expr.others[0], scope), span)
        if isinstance(expr, s.Subscript):
            container, index = self.value(expr.value, scope), self.value(expr.index, scope)
            return self.of_flask(expr.value, container, index, span) or self.element(container, index, span)
        if isinstance(expr, s.Format):
            return arithmetic.join([self.value(part, scope) for part in expr.parts], span)
        if isinstance(expr, s.Walrus):
            return self.value(expr.value, scope)
        if isinstance(expr, s.Comprehension):
            return self._comprehension(expr, scope, span)
        if isinstance(expr, s.Lambda):
            symbol = self.function_symbol(self._lambda(expr), scope)
            return Reference(f"{scope.module.name}.<lambda>", symbol, span)
        if isinstance(expr, s.Starred):
            return self.value(expr.value, scope)
        return Unknown(f"not a constant expression ({type(expr).__name__.lower()})", span)

    def _display(self, expr: s.Display, scope: Scope, span: Span) -> Value:
        items: list[Value] = []
        is_open = False
        for item in expr.items:
            if isinstance(item, s.Starred):
                spread = self.value(item.value, scope)
                if isinstance(spread, Collection):
                    items.extend(spread.items)
                    is_open |= spread.open
                else:
                    is_open = True
            else:
                items.append(self.value(item, scope))
        return Collection(expr.kind, tuple(items), span, is_open)

    def _mapping(self, expr: s.Mapping, scope: Scope, span: Span) -> Value:
        entries: list[tuple[Value, Value]] = []
        is_open = False
        for key, item in expr.items:
            value = self.value(item, scope)
            if key is None:
                for option in alternatives(value):
                    if isinstance(option, Table):
                        entries.extend(option.entries)
                        is_open |= option.open
                    else:
                        is_open = True
            else:
                entries.append((self.value(key, scope), value))
        return Table(tuple(entries), span, is_open)

    def _comprehension(self, expr: s.Comprehension, scope: Scope, span: Span) -> Value:
        passes = self._clauses(expr.clauses, scope)
        if isinstance(passes, str):
            return Unknown(passes, span)
        elements: list[Value] = []
        pairs: list[tuple[Value, Value]] = []
        for inner in passes:
            if expr.kind == "dict" and expr.value is not None:
                pairs.append((self.value(expr.element, inner), self.value(expr.value, inner)))
            else:
                elements.append(self.value(expr.element, inner))
        if expr.kind == "dict":
            return Table(tuple(pairs), span)
        return Collection("list" if expr.kind == "generator" else expr.kind, tuple(elements), span)

    def _clauses(self, clauses: tuple[s.Clause, ...], scope: Scope) -> list[Scope] | str:
        """A scope for each element that a comprehension makes, or the reason why they cannot be told."""
        scopes = [scope]
        for clause in clauses:
            inner: list[Scope] = []
            for outer in scopes:
                passes = self.passes(clause.target, self.value(clause.iter, outer), outer)
                if passes is None:
                    return "a comprehension over something unknown"
                for each in passes:
                    kept = [truth(self.value(condition, each)) for condition in clause.conditions]
                    if False in kept:
                        continue
                    if None in kept:
                        return "a comprehension with conditions"
                    inner.append(each)
            if len(inner) > MAX_PASSES:
                return "a comprehension over very much"
            scopes = inner
        return scopes

    def passes(self, target: s.Expr, iterable: Value, scope: Scope) -> list[Scope] | None:
        """A scope for each pass of ``for target in iterable``, None when the passes are not known."""
        source = self.iterate(iterable)
        if source is None or len(source) > MAX_PASSES:
            return None
        found: list[Scope] = []
        for item in source:
            env = unpack_target(target, item)
            if env is None:
                return None
            found.append(Scope(scope.module, Bindings(), scope, env=env))
        return found

    def unrolled(self, pos: Pos, scope: Scope) -> list[Scope] | None:
        """A scope for each time that a place of ``scope`` runs: one, or one for each pass of the loops around it.

        None when it is not known how often a loop runs.
        """
        scopes = [scope]
        for loop in loops_around(self._body_of(scope), pos):
            inner: list[Scope] = []
            for outer in scopes:
                if not isinstance(loop, s.For):
                    return None
                passes = self.passes(loop.target, self.value(loop.iter, outer), outer)
                if passes is None or len(inner) > MAX_PASSES:
                    return None
                inner.extend(passes)
            scopes = inner
        return scopes

    def iterate(self, value: Value) -> list[Value] | None:
        """The elements that a ``for`` over ``value`` gives, None when they are not all known."""
        if isinstance(value, Collection) and not value.open:
            return list(value.items)
        if isinstance(value, Table) and not value.open:
            return [key for key, _ in value.entries]
        if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol):
            return self.classes.enum_members(value.symbol)
        return None

    def element(self, value: Value, index: Value, span: Span) -> Value:
        if isinstance(value, Choice):
            return choice([self.element(option, index, span) for option in value.options], span)
        if isinstance(index, Known):
            if isinstance(value, Table):
                found = value.get(index.value)
                if found is not None:
                    return found
                return Unknown(f"no entry {index.value!r} is visible", span)
            if isinstance(value, Collection) and isinstance(index.value, int) and not value.open:
                if -len(value.items) <= index.value < len(value.items):
                    return value.items[index.value]
            elif isinstance(value, Reference) and value.of.endswith("().tasks") and isinstance(value.owner, Instance):
                return Instance(REGISTERED, None, (index,), (), span)
            elif isinstance(value, Reference) and value.of in environment.MAPPINGS and isinstance(index.value, str):
                return Unknown(f"environment variable {index.value} has no default", span)
            elif (
                isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol) and isinstance(index.value, str)
            ):
                return self.attribute(value, index.value, span)
        return Unknown("an element that is not known", span)

    def holds(self, test: s.Expr, scope: Scope) -> bool | None:
        """Whether a condition is true; None when that is not known or would take calls to find out."""
        return truth(self.value(test, scope)) if is_simple(test) else None

    def of_flask(self, expr: s.Expr, container: Value, index: Value, span: Span) -> Value | None:
        """``app.config["KEY"]`` of a Flask application, None for any other subscript."""
        if self.flask_setting is None or not isinstance(expr, s.Name) or not expr.path.endswith(".config"):
            return None
        ours = (
            isinstance(container, Unknown)
            or (isinstance(container, Reference) and container.symbol is None)
            or (isinstance(container, Reference) and container.of == "flask.current_app.config")
        )
        if ours and isinstance(index, Known) and isinstance(index.value, str):
            return self.flask_setting(index.value, span)
        return None


def unpack_target(target: s.Expr, item: Value) -> dict[str, Value] | None:
    """The names that a ``for`` target binds for one element."""
    if isinstance(target, s.Name):
        return {target.path: item}
    if isinstance(target, s.Display) and isinstance(item, Collection) and len(item.items) == len(target.items):
        env: dict[str, Value] = {}
        for part, value in zip(target.items, item.items, strict=True):
            inner = unpack_target(part, value)
            if inner is None:
                return None
            env.update(inner)
        return env
    return None
