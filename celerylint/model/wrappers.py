"""The words by which files that never name Celery can be told to hold tasks: the project's own app, task decorators and
task base classes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import below, statements
from celerylint.model.modules import Module

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator
    from celerylint.model.factories import Factories

_MAKERS = ("shared_task", "periodic_task")
_ON_APP = re.compile(
    rb"^[ \t]*@[\w.]+\.task\b|\b(?:register_task|worker_main)\(|(?:=|return)[ \t]*[\w.]+\.task\(", re.MULTILINE
)


class TaskWords:
    """Tells from the bytes of a file whether it uses what the project makes its tasks with.

    ``learn`` reads more modules; ``used_in`` then knows the decorators, decorator instances, task base classes and apps
    that they define. A word counts only in a file that also names the module (or package) it is imported from.
    """

    def __init__(self, evaluator: Evaluator, factories: Factories) -> None:
        self._evaluator = evaluator
        self._factories = factories
        self._places: dict[bytes, set[bytes]] = {}
        self._classes: set[str] = set()
        self._has_app = False
        self._pattern: re.Pattern[bytes] | None = None

    def learn(self, modules: Iterable[Module], has_app: bool) -> bool:
        """Take the words that some modules define; False when there was nothing new."""
        before = len(self._places), self._has_app
        self._has_app |= has_app
        modules = list(modules)
        for module in modules:
            self._classes.update(
                node.name for node in module.facts.body if isinstance(node, s.Class) and _decorates(node)
            )
        for module in modules:
            for word in (*_makers(module), *self._instances(module), *self._bases(module)):
                self._places.setdefault(word.encode(), set()).update(
                    part.encode() for part in module.name.split(".")[-2:] if part
                )
        if (len(self._places), self._has_app) == before:
            return False
        words = b"|".join(re.escape(word) for word in sorted(self._places))
        self._pattern = re.compile(rb"\b(?:" + words + rb")\b") if words else None
        return True

    def used_in(self, data: bytes) -> bool:
        """Whether a file of this content may hold tasks."""
        if self._has_app and (b"task" in data or b"worker_main" in data) and _ON_APP.search(data):
            return True
        if not any(word in data for word in self._places):
            return False
        assert self._pattern is not None
        found = set(self._pattern.findall(data))
        return any(place in data for word in found for place in self._places[word])

    def _instances(self, module: Module) -> Iterator[str]:
        """Decorator classes, and what a module makes of them."""
        yield from (n.name for n in module.facts.body if isinstance(n, s.Class) and n.name in self._classes)
        for bound, bindings in module.scope.table.by_name.items():
            for binding in bindings:
                func = binding.value.func if isinstance(binding.value, s.Call) else None
                if isinstance(func, s.Name) and func.path.rpartition(".")[2] in self._classes:
                    yield bound

    def _bases(self, module: Module) -> Iterator[str]:
        """Task classes."""
        for node in statements(module.facts.body):
            if not (isinstance(node, s.Class) and node.bases):
                continue
            if self._factories.is_task_class(self._evaluator.class_symbol(node, module.scope)):
                yield node.name


def _makers(module: Module) -> Iterator[str]:
    """Functions and variables that wrap ``shared_task`` or ``app.task``."""
    for statement in module.facts.body:
        if isinstance(statement, s.Function) and not _makes_task(statement.decorators):
            if statement.body is not None and any(_makes_task((node,)) for node in _inner(statement)):
                yield statement.name
        elif isinstance(statement, s.Assign) and isinstance(statement.value, s.Call):
            parts = (statement.value.func, *statement.value.args)
            if _makes_task(parts) and not _names_function(statement.value, module):
                yield from (t.path for t in statement.targets if isinstance(t, s.Name) and "." not in t.path)


def _decorates(node: s.Class) -> bool:
    """Whether instances of a class are decorators that make tasks."""
    methods = [n for n in node.body if isinstance(n, s.Function)]
    return any(m.name == "__call__" for m in methods) and any(_inner_makes(m) for m in methods)


def _inner_makes(function: s.Function) -> bool:
    return any(_makes_task((node,)) for node in _inner(function))


def _inner(function: s.Function) -> list[s.Node]:
    found: list[s.Node] = []
    for node in below(function):
        if isinstance(node, s.Call):
            found.append(node.func)
        elif isinstance(node, s.Function) and node is not function:
            found.extend(node.decorators)
    return found


def _makes_task(nodes: tuple[s.Node, ...]) -> bool:
    for node in nodes:
        target = node.func if isinstance(node, s.Call) else node
        if isinstance(target, s.Name):
            last = target.path.rpartition(".")[2]
            if last in _MAKERS or (last == "task" and "." in target.path):
                return True
        elif isinstance(target, s.Attribute) and target.name == "task":
            return True
    return False


def _names_function(call: s.Call, module: Module) -> bool:
    """``refresh = app.task(refresh_all)`` makes one task, no decorator."""
    first = call.args[0] if call.args else None
    bindings = module.scope.table.by_name.get(first.path, ()) if isinstance(first, s.Name) else ()
    return any(b.kind == "function" for b in bindings)
