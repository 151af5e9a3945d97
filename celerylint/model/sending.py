"""The options of messages as they are written at calls: ``countdown=``, ``queue=``, in ``apply_async`` and ``set``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.model.entities import PACKED, Call, Task
from celerylint.model.scopes import Scope
from celerylint.model.values import Value
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

SIGNATURES = frozenset({"s", "si", "signature", "subtask", "Signature"})
"""The forms of a call that make a signature: their ``.set(...)`` gives it options."""

_OWN = {
    "signature": ("args", "kwargs", "options", "type", "subtask_type", "immutable", "app", "name", "task"),
    "send_task": ("args", "kwargs", "name"),
}


@dataclass(frozen=True, slots=True)
class Given:
    """One option: its name, its value as written, and the spans of the value, the keyword and the call that has it."""

    name: str
    expr: s.Expr
    scope: Scope
    span: Span
    keyword: Span
    call: Span

    def value(self, project: Project) -> Value:
        return project.evaluator.value(self.expr, self.scope)


def options_of(call: Call, project: Project) -> dict[str, Given]:
    """The options that a call names, those of ``.set(...)`` on a signature included; spreads are left out."""
    return {given.name: given for given in _options(call, project)}


def _options(call: Call, project: Project) -> Iterator[Given]:
    if call.node is None or call.scope is None:
        return
    makes = "signature" if call.method in SIGNATURES else call.method
    own = _OWN.get(makes, ("args", "kwargs"))
    if call.method in PACKED:
        yield from _keywords(call.node, call.scope, own)
    if call.how in SIGNATURES:
        for setter in _setters(call.node, call.scope, project):
            yield from _keywords(setter, call.scope, ("immutable",))


def _keywords(node: s.Call, scope: Scope, without: tuple[str, ...]) -> Iterator[Given]:
    span = scope.module.span
    for keyword in node.keywords:
        if keyword.name is not None and keyword.name not in without:
            yield Given(keyword.name, keyword.value, scope, span(keyword.value.pos), span(keyword.pos), span(node.pos))


def _setters(node: s.Call, scope: Scope, project: Project) -> Iterator[s.Call]:
    """The ``.set(...)`` calls that follow a signature: ``task.s(1).set(countdown=3)``."""
    parents = project.uses.parents(scope)
    attribute = parents.get(id(node))
    while isinstance(attribute, s.Attribute):
        call = parents.get(id(attribute))
        if not isinstance(call, s.Call) or call.func is not attribute:
            return
        if attribute.name == "set":
            yield call
        attribute = parents.get(id(call))


def takes_over(task: Task | None, project: Project, method: str = "apply_async") -> bool:
    """Whether a class of the project, or one that is not here, has an ``apply_async`` of its own, which may read or
    change any option."""
    if task is None:
        return False
    app = task.app
    if app is not None and app.foreign_class is not None:
        return True
    if task.base is None:
        return False
    classes = project.evaluator.classes
    return bool(task.unknown_options) or classes.method(task.base, method) is not None


_READERS = (b"before_task_publish", b"def apply_async", b"def send_task", b"def route_for_task", b"task_routes",
            b"TASK_ROUTES", b"celery.signals")  # fmt: skip


def reads_options(name: str, call: Call, project: Project) -> bool:
    """Whether code of the project that sees messages go out (a router, a signal handler, an ``apply_async`` of its own)
    names an option."""
    if any(app.foreign_class is not None for app in project.apps) and call.target is None:
        return True
    quoted = (f'"{name}"'.encode(), f"'{name}'".encode())
    for module in project.modules_index.kept.values():
        data = project.tree.read(module.path)
        if any(word in data for word in quoted) and any(reader in data for reader in _READERS):
            return True
    return False
