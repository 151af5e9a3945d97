"""Who calls a function of the project, among the modules that were read; and which tasks run it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import calls_below, statements
from celerylint.model.apps import last_name
from celerylint.model.callees import Callees
from celerylint.model.entities import Task
from celerylint.model.modules import Module
from celerylint.model.scopes import Scope
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.visit import body_of, scopes

if TYPE_CHECKING:
    from celerylint.model.tasks import Tasks

_FEW = 60
"""A name that is called more often than this says nothing (``get``, ``run``); its callers are not looked for."""


class Callers:
    """Looks callers up by name, then asks what is really called."""

    def __init__(self, callees: Callees, tasks: Tasks) -> None:
        self.callees = callees
        self.tasks = tasks
        self._texts: dict[str, bytes] = {}
        self._left: dict[str, list[FunctionSymbol]] = {}
        self._of: dict[int, list[tuple[s.Call, Scope]]] = {}

    def runs_as_task(self, function: FunctionSymbol) -> bool:
        """Whether a function is the body of a task."""
        return self.task_of(function) is not None

    def task_of(self, function: FunctionSymbol) -> Task | None:
        """The task whose body a function is: the decorated function, or ``run`` of a task class."""
        task = self.tasks.by_function.get(id(function.node))
        if task is None and function.owner is not None and function.name == "run":
            task = self.tasks.by_class.get(id(function.owner.node))
        return task

    def calls_of(self, function: FunctionSymbol) -> list[tuple[s.Call, Scope]]:
        """The calls of a function with their scopes, those in test code apart."""
        found = self._of.get(id(function.node))
        if found is None:
            named = self._index.get(function.name, [])
            if len(named) <= _FEW:
                named = named + self._left_out(function.name)
            found = []
            for call, scope in named if len(named) <= _FEW else ():
                callee = self.callees.function(call, scope)
                if callee is not None and callee.node is function.node:
                    found.append((call, scope))
            self._of[id(function.node)] = found
        return found

    def tasks_running(self, function: FunctionSymbol, depth: int = 2) -> list[tuple[Task, s.Call, Scope]]:
        """The tasks whose bodies call a function, at most ``depth`` calls away, each with the call that is nearest to
        the task."""
        found: list[tuple[Task, s.Call, Scope]] = []
        seen = {id(function.node)}
        waiting = [(function, 1)]
        while waiting:
            current, level = waiting.pop(0)
            for call, scope in self.calls_of(current):
                if scope.function is None:
                    continue
                task = self.task_of(scope.function)
                if task is not None:
                    found.append((task, call, scope))
                elif level < depth and id(scope.function.node) not in seen:
                    seen.add(id(scope.function.node))
                    waiting.append((scope.function, level + 1))
        return found

    @cached_property
    def _index(self) -> dict[str, list[tuple[s.Call, Scope]]]:
        """Every call in the functions that were kept as facts, by the last part of what is called."""
        index: dict[str, list[tuple[s.Call, Scope]]] = {}
        for module in self._modules:
            for scope in scopes(module, self.callees.evaluator):
                for call in _calls(body_of(scope)):
                    index.setdefault(last_name(call.func), []).append((call, scope))
        return index

    def _left_out(self, name: str) -> list[tuple[s.Call, Scope]]:
        """The same in functions of which only the head was kept, told by their text."""
        word = f"{name}(".encode()
        evaluator = self.callees.evaluator
        found: list[tuple[s.Call, Scope]] = []
        for module in self._modules:
            data = self._text(module.path)
            if word not in data:
                continue
            lines = [n for n, line in enumerate(data.splitlines(), start=1) if word in line]
            for function in self._heads(module):
                first, last = function.node.whole[0], function.node.whole[2]
                if any(first <= n <= last for n in lines):
                    scope = evaluator.function_scope(function)
                    found += [(c, scope) for c in _calls(function.statements) if last_name(c.func) == name]
        return found

    @cached_property
    def _modules(self) -> list[Module]:
        """The production modules of the model, by path."""
        return [module for module in self.callees.evaluator.modules.kept.values() if not module.is_test]

    def _text(self, path: str) -> bytes:
        if path not in self._texts:
            self._texts[path] = self.callees.evaluator.modules.tree.read(path)
        return self._texts[path]

    def _heads(self, module: Module) -> list[FunctionSymbol]:
        """The functions and methods of a module whose bodies were left out."""
        found = self._left.get(module.path)
        if found is None:
            evaluator = self.callees.evaluator
            found = self._left[module.path] = [
                evaluator.function_symbol(node, scope)
                for scope in scopes(module, evaluator)
                for node in statements(body_of(scope))
                if isinstance(node, s.Function) and node.body is None
            ]
        return found


def _calls(body: tuple[s.Stmt, ...]) -> Iterator[s.Call]:
    for statement in body:
        if not isinstance(statement, (s.Function, s.Class)):
            yield from calls_below(statement, into_functions=False)
