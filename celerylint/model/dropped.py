"""Statements that build a message and drop it: ``charge.s(1)``, ``chain(a.s(), b.s())``, ``charge.delay`` alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from celerylint.facts import syntax as s
from celerylint.facts.walk import below, statements
from celerylint.model.apps import last_name
from celerylint.model.calls import CANVAS, PASS_ON, SENDS, SIGNATURES, owner_of
from celerylint.model.entities import Task
from celerylint.model.scopes import Scope
from celerylint.model.values import Reference
from celerylint.model.visit import body_of, scopes

if TYPE_CHECKING:
    from celerylint.model.modules import Module
    from celerylint.model.project import Project

_BY_NAME = ("signature", "subtask", "Signature", "maybe_signature")
_LAZY = frozenset({"map", "starmap", "chunks"})


@dataclass(frozen=True, slots=True)
class Dropped:
    """``kind``: "signature", "canvas", or "method" for a method that is named and not called. ``what`` is how it is
    made (``s``, ``chain``, ``delay``), ``variable`` the name under which it is kept and never used, "" for none."""

    kind: Literal["signature", "canvas", "method"]
    what: str
    expr: s.Expr
    task: Task | None
    scope: Scope
    variable: str = ""


def dropped(module: Module, project: Project) -> Iterator[Dropped]:
    """Every such statement of a module in the functions that were kept as facts."""
    for scope in scopes(module, project.evaluator):
        for statement in statements(body_of(scope)):
            if isinstance(statement, s.Expression):
                found = made(statement.value, scope, project)
                if found is not None:
                    yield found
            elif isinstance(statement, s.Assign) and scope.function is not None and statement.value is not None:
                name = _only_name(statement)
                if name and _is_candidate(statement.value) and not _used(name, scope):
                    found = made(statement.value, scope, project)
                    if found is not None:
                        yield Dropped(found.kind, found.what, found.expr, found.task, scope, name)


def made(expr: s.Expr, scope: Scope, project: Project) -> Dropped | None:
    """What an expression builds without sending it; None when it is anything else."""
    if isinstance(expr, s.Conditional):
        return made(expr.body, scope, project) or made(expr.orelse, scope, project)
    if isinstance(expr, s.Binary):
        inner = (made(expr.left, scope, project) or made(expr.right, scope, project)) if expr.op == "|" else None
        return Dropped("canvas", "chain", expr, inner.task, scope) if inner is not None else None
    if isinstance(expr, s.Comprehension):
        return made(expr.element, scope, project) if expr.value is None else None
    if isinstance(expr, s.Name):
        return _method(expr, scope, project)
    if isinstance(expr, s.Attribute) and expr.name in SENDS:
        inner = made(expr.value, scope, project)
        return Dropped("method", expr.name, expr, inner.task, scope) if inner is not None else None
    return _call(expr, scope, project) if isinstance(expr, s.Call) else None


def _call(expr: s.Call, scope: Scope, project: Project) -> Dropped | None:
    name = last_name(expr.func)
    if name in SIGNATURES or name in _BY_NAME or name in _LAZY:
        call = project.call_of(expr)
        if call is None or call.how != name or (call.target is None and not call.named):
            return None
        return Dropped("signature", name, expr, call.target, scope)
    if name in CANVAS:
        value = project.evaluator.value(expr.func, scope)
        if isinstance(value, Reference) and value.of.startswith("celery."):
            return Dropped("canvas", name, expr, None, scope)
        return None
    owner = owner_of(expr.func) if name in PASS_ON else None
    inner = made(owner, scope, project) if isinstance(owner, s.Call) else None
    return Dropped(inner.kind, inner.what, expr, inner.task, scope) if inner is not None else None


def _method(expr: s.Name, scope: Scope, project: Project) -> Dropped | None:
    """``charge.delay`` without parentheses."""
    owner, _, method = expr.path.rpartition(".")
    if not owner or method not in SENDS:
        return None
    target = project.task_of(s.Name(expr.pos, owner), scope)
    return Dropped("method", method, expr, target, scope) if target is not None else None


def _is_candidate(expr: s.Expr) -> bool:
    if isinstance(expr, s.Binary):
        return expr.op == "|"
    name = last_name(expr.func) if isinstance(expr, s.Call) else ""
    return name in SIGNATURES or name in CANVAS or name in PASS_ON or name in _BY_NAME


def _only_name(statement: s.Assign) -> str:
    target = statement.targets[0] if len(statement.targets) == 1 and statement.op == "=" else None
    return target.path if isinstance(target, s.Name) and "." not in target.path else ""


def _used(name: str, scope: Scope) -> bool:
    """Whether a local variable is read, or leaves the function, anywhere in it.

    ``step.set(...)`` and ``step.link(...)`` as statements only change it; nothing is sent by that.
    """
    assert scope.function is not None
    if name in scope.table.globals or len(scope.table.by_name.get(name, ())) > 1:
        return True
    body = scope.function.statements
    changed = [
        st.value.func for st in statements(body) if isinstance(st, s.Expression) and isinstance(st.value, s.Call)
    ]
    changes = sum(isinstance(f, s.Name) and f.path in {f"{name}.{method}" for method in PASS_ON} for f in changed)
    nodes = (node for statement in body for node in below(statement))
    return sum(isinstance(n, s.Name) and n.path.partition(".")[0] == name for n in nodes) - changes > 1
