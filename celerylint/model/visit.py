"""Visit every scope and every call of a module that was kept as facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import statements
from celerylint.model.modules import Module
from celerylint.model.scopes import Scope

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator


def scopes(module: Module, evaluator: Evaluator) -> Iterator[Scope]:
    """The module's scope and those of all classes and kept functions in it, outermost first."""
    stack = [module.scope]
    while stack:
        scope = stack.pop()
        yield scope
        inner: list[Scope] = []
        for node in statements(body_of(scope)):
            if isinstance(node, s.Function) and node.body is not None:
                inner.append(evaluator.function_scope(evaluator.function_symbol(node, scope)))
            elif isinstance(node, s.Class):
                inner.append(evaluator.class_scope(evaluator.class_symbol(node, scope)))
        stack.extend(reversed(inner))


def all_scopes(module: Module, evaluator: Evaluator) -> Iterator[tuple[Scope, tuple[s.Stmt, ...]]]:
    """Every scope of a module with its body, those of functions too that were not kept as facts."""
    stack = [(module.scope, module.facts.body)]
    while stack:
        scope, body = stack.pop()
        yield scope, body
        for node in statements(body):
            if isinstance(node, s.Function):
                function = evaluator.function_symbol(node, scope)
                stack.append((evaluator.function_scope(function), function.statements))
            elif isinstance(node, s.Class):
                stack.append((evaluator.class_scope(evaluator.class_symbol(node, scope)), node.body))


def outer_scopes(module: Module, evaluator: Evaluator) -> Iterator[tuple[Scope, tuple[s.Stmt, ...]]]:
    """The module's scope and those of the classes outside of functions, with their bodies; no function is read."""
    stack = [(module.scope, module.facts.body)]
    while stack:
        scope, body = stack.pop()
        yield scope, body
        for node in statements(body):
            if isinstance(node, s.Class):
                stack.append((evaluator.class_scope(evaluator.class_symbol(node, scope)), node.body))


def body_of(scope: Scope) -> tuple[s.Stmt, ...]:
    if scope.function is not None:
        return scope.function.node.body or ()
    if scope.cls is not None:
        return scope.cls.node.body
    return scope.module.facts.body


def whole_body(scope: Scope) -> tuple[s.Stmt, ...]:
    """The body of a scope, that of a function too which was not kept as facts."""
    return scope.function.statements if scope.function is not None else body_of(scope)
