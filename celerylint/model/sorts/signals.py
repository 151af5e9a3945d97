"""Receivers of Django's signals, and the instances that they are called with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.knowledge.orm_classes import INSTANCE_SIGNALS
from celerylint.model.apps import last_name
from celerylint.model.scopes import Scope
from celerylint.model.sorts.sort import Sort
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Reference

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator

_SIGNAL_NAMES = frozenset(name.rpartition(".")[2] for name in INSTANCE_SIGNALS)


class Signals:
    """Tells receivers from other functions."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def receives(self, function: FunctionSymbol) -> bool:
        """Whether a function receives a signal of Django's that passes ``instance``: by decorator, by a ``connect``
        call in its file, or by the two parameters that every such receiver has."""
        for decorator in function.node.decorators:
            if isinstance(decorator, s.Call) and last_name(decorator.func) == "receiver" and decorator.args:
                signals = decorator.args[0].items if isinstance(decorator.args[0], s.Display) else (decorator.args[0],)
                values = [self.evaluator.value(signal, function.scope) for signal in signals]
                if any(isinstance(v, Reference) and v.of in INSTANCE_SIGNALS for v in values):
                    return True
        if {"sender", "instance"} <= {p.name for p in function.node.params}:
            return True
        return self._connected(function) is not None

    def _connected(self, function: FunctionSymbol) -> str | None:
        """The sender in ``post_save.connect(function, sender=Order)``, "" without one, None when nothing connects it.

        Such calls often stand in a function of their own, whose body is not kept: the text is asked.
        """
        text = self.evaluator.modules.tree.source(function.module.path).text
        pattern = rf"(\w+)\.connect\(\s*{re.escape(function.name)}\b(?:\s*,\s*(?:sender\s*=\s*)?([\w.]+))?"
        for match in re.finditer(pattern, text):
            if match[1] in _SIGNAL_NAMES:
                return match[2] or ""
        return None

    def sender(self, function: FunctionSymbol) -> ClassSymbol | None:
        name: str | None = None
        for decorator in function.node.decorators:
            if isinstance(decorator, s.Call):
                for keyword in decorator.keywords:
                    if keyword.name == "sender" and isinstance(keyword.value, s.Name):
                        name = keyword.value.path
        name = name or self._connected(function)
        value = self.evaluator.name(name, function.scope, None) if name else None
        return value.symbol if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol) else None

    def sent(self, owner: s.Expr, expr: s.Expr, scope: Scope) -> Sort | None:
        """``kwargs.get("instance")`` and ``kwargs["instance"]`` in a signal receiver."""
        function = scope.function
        key = (
            expr.args[0]
            if isinstance(expr, s.Call) and expr.args
            else expr.index
            if isinstance(expr, s.Subscript)
            else None
        )
        if (
            function is None
            or not isinstance(owner, s.Name)
            or not isinstance(key, s.Literal)
            or key.value != "instance"
        ):
            return None
        if not any(p.kind == "kwargs" and p.name == owner.path for p in function.node.params):
            return None
        if not self.receives(function):
            return None
        span = scope.module.span(expr.pos)
        return Sort("instance", "django", self.sender(function), span, "the instance that the signal is about")
