"""Which functions receive Django's signals, for which models, and who sends the project's own signals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import calls_below
from celerylint.knowledge.transactions import SIGNALS
from celerylint.model.apps import last_name
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Reference, Value, alternatives
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator
    from celerylint.model.modules import Module
    from celerylint.model.scopes import Scope

_CONNECT = re.compile(r"([\w.]+)\.connect\(\s*(?:receiver\s*=\s*)?([\w.]+)([^()]*(?:\([^()]*\)[^()]*)*)\)")
_SENDER = re.compile(r"sender\s*=\s*([\w.]+)")
_POSITIONAL = re.compile(r"^\s*,\s*([A-Za-z_][\w.]*)\s*(?:,|$)")


@dataclass(frozen=True, slots=True)
class Reception:
    """One signal that a function receives. ``signal`` is the last part of its name, ``qualified`` the whole; ``model``
    is the sender when it is a class of the project, ``sender`` its dotted name ("" for any); ``span`` is where the two
    are connected."""

    function: FunctionSymbol
    signal: str
    qualified: str
    model: ClassSymbol | None
    sender: str
    span: Span

    @property
    def about_rows(self) -> bool:
        """Whether it is one of ``django.db.models.signals`` that pass an ``instance``."""
        return self.signal in SIGNALS and (self.qualified.startswith("django.db.models.") or "." not in self.qualified)


class Receivers:
    """Finds receivers in modules."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def of_module(self, module: Module) -> Iterator[Reception]:
        """The receptions that a module declares: by decorator, and by ``connect`` calls anywhere in its text."""
        from celerylint.model.visit import outer_scopes

        functions: dict[str, FunctionSymbol] = {}
        for scope, body in outer_scopes(module, self.evaluator):
            for node in _functions(body):
                function = self.evaluator.function_symbol(node, scope)
                functions[node.qualname] = function
                for decorator in node.decorators:
                    if isinstance(decorator, s.Call) and last_name(decorator.func) == "receiver":
                        yield from self._decorated(function, decorator, scope)
        yield from self._connected(module, functions)

    def _decorated(self, function: FunctionSymbol, decorator: s.Call, scope: Scope) -> Iterator[Reception]:
        span = scope.module.span(decorator.pos)
        given = next((k.value for k in decorator.keywords if k.name == "signal"), None)
        first = decorator.args[0] if decorator.args else given
        if first is None:
            return
        signals = first.items if isinstance(first, s.Display) else (first,)
        sender = next((k.value for k in decorator.keywords if k.name == "sender"), None)
        for signal in signals:
            yield from self._received(function, signal, sender, scope, span)

    def _received(
        self, function: FunctionSymbol, signal: s.Expr, sender: s.Expr | None, scope: Scope, span: Span
    ) -> Iterator[Reception]:
        name = _qualified(self.evaluator.value(signal, scope), signal)
        if sender is None:
            yield Reception(function, name.rpartition(".")[2], name, None, "", span)
            return
        path = sender.path if isinstance(sender, s.Name) else "?"
        for value in alternatives(self.evaluator.value(sender, scope)):
            model = value.symbol if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol) else None
            of = value.of if isinstance(value, Reference) else path
            yield Reception(function, name.rpartition(".")[2], name, model, of, span)

    def _connected(self, module: Module, functions: dict[str, FunctionSymbol]) -> Iterator[Reception]:
        text = self.evaluator.modules.tree.source(module.path).text
        if ".connect(" not in text:
            return
        for match in _CONNECT.finditer(text):
            function = functions.get(match[2]) or self._elsewhere(match[2], module)
            if function is None:
                continue
            found = _SENDER.search(match[3]) or _POSITIONAL.search(match[3])
            line = text.count("\n", 0, match.start()) + 1
            pos = (line, 1, line, len(text.splitlines()[line - 1]) + 1)
            signal = s.Name(pos, match[1])
            sender = s.Name(pos, found[1]) if found is not None else None
            yield from self._received(function, signal, sender, module.scope, module.span(pos))

    def _elsewhere(self, path: str, module: Module) -> FunctionSymbol | None:
        value = self.evaluator.name(path, module.scope, None)
        return value.symbol if isinstance(value, Reference) and isinstance(value.symbol, FunctionSymbol) else None

    def sends(self, module: Module, signal: str) -> Iterator[tuple[FunctionSymbol, s.Call]]:
        """The calls ``signal.send(...)`` in functions of a module, each with its function; ``signal`` is the last part
        of its name."""
        from celerylint.model.visit import all_scopes

        for scope, body in all_scopes(module, self.evaluator):
            if scope.function is None:
                continue
            for statement in body:
                if isinstance(statement, (s.Function, s.Class)):
                    continue
                for call in calls_below(statement, into_functions=False):
                    if isinstance(call.func, s.Name) and call.func.path.split(".")[-2:] in (
                        [signal, "send"],
                        [signal, "send_robust"],
                    ):
                        yield scope.function, call


def _functions(body: tuple[s.Stmt, ...]) -> Iterator[s.Function]:
    from celerylint.facts.walk import statements

    return (node for node in statements(body) if isinstance(node, s.Function))


def _qualified(value: Value, expr: s.Expr) -> str:
    """The dotted name of a signal: of Django's by where it comes from, else by how it is written."""
    for option in alternatives(value):
        if isinstance(option, Reference):
            return option.of
    path = expr.path if isinstance(expr, s.Name) else ""
    last = path.rpartition(".")[2]
    return f"django.db.models.signals.{last}" if last in SIGNALS else path
