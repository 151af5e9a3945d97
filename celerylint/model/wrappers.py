"""The words by which files that never name Celery can be told to hold tasks: the project's own task decorators."""

from __future__ import annotations

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.model.entities import App
from celerylint.model.modules import Module

_MAKERS = ("shared_task", "periodic_task")


def task_words(modules: list[Module], apps: list[App]) -> frozenset[bytes]:
    """Names of functions, classes and variables that wrap ``shared_task`` or ``app.task``, and ``@app.task`` itself."""
    words = {f"@{app.name}.task" for app in apps if app.name.isidentifier()}
    for module in modules:
        for statement in module.facts.body:
            if isinstance(statement, s.Function) and not _makes_task(statement.decorators):
                if statement.body is not None and any(_makes_task((node,)) for node in _inner(statement)):
                    words.add(statement.name)
            elif isinstance(statement, s.Class):
                if any(n.name == "__call__" and _inner_makes(n) for n in statement.body if isinstance(n, s.Function)):
                    words.update(_instances(statement.name, module))
            elif isinstance(statement, s.Assign) and isinstance(statement.value, s.Call):
                parts = (statement.value.func, *statement.value.args)
                if _makes_task(parts) and not _names_function(statement.value, module):
                    words.update(t.path for t in statement.targets if isinstance(t, s.Name))
    return frozenset(w.encode() for w in words if len(w) > 4)


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


def _instances(name: str, module: Module) -> set[str]:
    """A decorator class and the module's instances of it."""
    found = {name}
    for bound, bindings in module.scope.table.by_name.items():
        if any(isinstance(b.value, s.Call) and isinstance(b.value.func, s.Name) and b.value.func.path == name for b in bindings):
            found.add(bound)
    return found
