"""Messages about a row that is not written yet when they are sent, or when their callback may run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.knowledge.transactions import BEFORE_SAVE, STATE_TRANSITIONS
from celerylint.model.apps import last_name
from celerylint.model.callees import split
from celerylint.model.functions import Event
from celerylint.model.rows import precedes
from celerylint.model.scopes import Scope, branch_at, reaching
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Instance, Reference
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project


@dataclass(frozen=True, slots=True)
class Unsaved:
    """``kind``: save (in ``save()``, before ``super().save()``), new (a row made here that is saved below), transition
    (the caller saves after the method), signal (``pre_save``). ``row`` is the variable or the model, ``key`` what is
    sent of it, ``saved`` where it is written. ``empty`` tells that the key is still None then."""

    kind: str
    row: str
    key: str
    saved: Span
    words: str
    empty: bool = False


def unsaved(
    event: Event, parts: Iterable[s.Node], function: FunctionSymbol, scope: Scope, deferred: bool, project: Project
) -> Unsaved | None:
    """Why the row that a message speaks of is not written when ``event`` sends it. ``parts`` are what the message
    carries; ``deferred`` tells that they are read only when the callback runs (a lambda for the commit)."""
    rows = project.transactions.rows
    keys = {path for part in parts for path, depth in rows.carried(part, scope).items() if depth <= 1}
    return (
        _in_save(event, keys, function, deferred, project)
        or _in_transition(event, keys, function, deferred, project)
        or _made_here(event, keys, function, scope, deferred, project)
        or _before_signal(keys, function, project)
    )


def _in_save(
    event: Event, keys: set[str], function: FunctionSymbol, deferred: bool, project: Project
) -> Unsaved | None:
    owner = function.owner
    key = next((k for k in ("self.pk", "self.id") if k in keys), None)
    if key is None or owner is None or not _is_django(owner, project):
        return None
    if function.name not in ("save", "asave"):
        if deferred and _held(event, function, project):
            return None
        function, event = _calling_save(function, owner, project) or (function, event)
        if function.name != "save":
            return None
    saves = [e for e in function.body.calls if _is_super_save(e.call) and not e.deferred]
    later = [e for e in saves if precedes(event, e)]
    if not later or any(precedes(e, event) for e in saves) or _is_saved_already(event):
        return None
    if deferred and _held(event, function, project):
        return None
    return Unsaved(
        "save", owner.name, key, later[0].span, "only this writes the row", not _has_default_key(owner, project)
    )


def _calling_save(method: FunctionSymbol, owner: ClassSymbol, project: Project) -> tuple[FunctionSymbol, Event] | None:
    """``save()`` of the same model and where it calls a method, the only place that does."""
    save = project.evaluator.classes.method(owner, "save")
    if save is None or save.owner is None or save.owner.node is not owner.node:
        return None
    name = f"self.{method.name}"
    calls = [e for e in save.body.calls if isinstance(e.call.func, s.Name) and e.call.func.path == name]
    mentions = re.findall(rf"\.{method.name}\b", project.tree.source(save.module.path).text)
    if len(calls) != 1 or calls[0].deferred or len(mentions) > 1:
        return None
    return save, calls[0]


def _is_super_save(call: s.Call) -> bool:
    owner, method = split(call.func)
    is_super = isinstance(owner, s.Call) and last_name(owner.func) == "super"
    return is_super and method in ("save", "asave", "save_base")


def _is_saved_already(event: Event) -> bool:
    """Whether a condition around it says that the row has a key already (``if self.pk:``)."""
    for test, holds in event.tests:
        names = {n.path for n in below(test) if isinstance(n, s.Name)}
        if not names & {"self.pk", "self.id", "self._state.adding"}:
            continue
        negative = isinstance(test, s.Unary) and test.op == "not"
        none = isinstance(test, s.Comparison) and test.ops[0] == "is"
        adding = "self._state.adding" in names
        if (negative or none or adding) != holds or ((negative and adding) and holds):
            return True
    return False


def _in_transition(
    event: Event, keys: set[str], function: FunctionSymbol, deferred: bool, project: Project
) -> Unsaved | None:
    """A method that changes the state when it has returned: whoever calls it saves afterwards."""
    if deferred or function.owner is None:
        return None
    key = next((k for k in ("self.pk", "self.id") if k in keys), None)
    for decorator in function.node.decorators:
        func = decorator.func if isinstance(decorator, s.Call) else decorator
        value = project.evaluator.value(func, function.scope)
        if key is not None and isinstance(value, Reference) and value.of in STATE_TRANSITIONS:
            if any(_saves_self(e.call) for e in function.body.calls if precedes(e, event)):
                return None
            span = function.module.span(decorator.pos)
            return Unsaved("transition", function.owner.name, key, span, "the state changes after the method")
    return None


def _saves_self(call: s.Call) -> bool:
    return isinstance(call.func, s.Name) and call.func.path == "self.save"


def _made_here(
    event: Event, keys: set[str], function: FunctionSymbol, scope: Scope, deferred: bool, project: Project
) -> Unsaved | None:
    """``order = Order(...)``, the message with ``order.pk``, and only then ``order.save()``."""
    for path in sorted(keys):
        row, _, attribute = path.rpartition(".")
        if attribute not in ("pk", "id") or not row or "." in row:
            continue
        made = _made(row, event, function, scope, project)
        if made is None:
            continue
        model, family = made
        writes = [e for e in function.body.calls if not e.deferred and _writes(e.call, row, family)]
        if any(precedes(e, event) for e in writes) or _may_be_saved(row, event, function, family):
            continue
        later = [e for e in writes if precedes(event, e)]
        if not later or (deferred and _held(event, function, project)):
            continue
        empty = model is None or not _has_default_key(model, project)
        return Unsaved("new", row, path, later[0].span, "only this writes the row", empty)
    return None


def _made(
    row: str, event: Event, function: FunctionSymbol, scope: Scope, project: Project
) -> tuple[ClassSymbol | None, str] | None:
    """The model of a row that was made, but not written, by the assignment that reaches the message."""
    bindings = scope.table.by_name.get(row, [])
    found = reaching(bindings, event.span.pos, branch_at(function.statements, event.span.pos))
    if len(found) != 1 or found[0].kind != "assign" or not isinstance(found[0].value, s.Call):
        return None
    call = found[0].value
    _, method = split(call.func)
    if method == "save" and any(
        k.name == "commit" and isinstance(k.value, s.Literal) and k.value.value is False for k in call.keywords
    ):
        return None, "django"
    value = project.evaluator.value(call.func, scope)
    if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol):
        if any(k.name in ("pk", "id") for k in call.keywords):
            return None
        family = project.sorts.family(value)
        return (value.symbol, family) if family in ("django", "sqlalchemy") else None
    return None


def _writes(call: s.Call, row: str, family: str) -> bool:
    owner, method = split(call.func)
    path = owner.path if isinstance(owner, s.Name) else ""
    if family == "django":
        return (path == row and method in ("save", "asave")) or (method == "bulk_create" and _handed(call, row))
    return _flushes(call, family)


def _handed(call: s.Call, row: str) -> bool:
    given = [*call.args, *(k.value for k in call.keywords)]
    return any(isinstance(n, s.Name) and n.path == row for arg in given for n in below(arg))


def _may_be_saved(row: str, event: Event, function: FunctionSymbol, family: str) -> bool:
    """Whether a row is handed to something, or does something itself, before the message: that may save it."""
    for other in function.body.calls:
        if not precedes(other, event) or other.deferred:
            continue
        owner, method = split(other.call.func)
        if isinstance(owner, s.Name) and owner.path == row and method not in ("full_clean", "clean", "set_password"):
            return True
        added = family == "sqlalchemy" and method in ("add", "add_all")
        if _handed(other.call, row) and not added:
            return True
        if family == "sqlalchemy" and method in ("query", "execute", "scalar", "scalars", "get"):
            return True  # a query flushes what was added
    return False


def _flushes(call: s.Call, family: str) -> bool:
    owner, method = split(call.func)
    path = owner.path if isinstance(owner, s.Name) else ""
    session = path.rpartition(".")[2].lower().endswith("session")
    return family == "sqlalchemy" and session and method in ("flush", "commit", "refresh", "merge")


def _before_signal(keys: set[str], function: FunctionSymbol, project: Project) -> Unsaved | None:
    """A receiver of ``pre_save``, which comes before the row is written."""
    key = next((k for k in ("instance.pk", "instance.id") if k in keys), None)
    if key is None:
        return None
    for reception in project.transactions.reaches.receptions(function):
        if reception.signal in BEFORE_SAVE and reception.about_rows:
            name = reception.model.name if reception.model is not None else "instance"
            return Unsaved("signal", name, key, reception.span, "comes before the row is written")
    return None


def _held(event: Event, function: FunctionSymbol, project: Project) -> bool:
    """Whether a transaction is open around the registration, so that the callback waits until the row is there."""
    atomic = project.transactions.atomic
    scope = project.evaluator.function_scope(function)
    return bool(atomic.blocks(event.withs, scope)) or atomic.decorating(function) is not None


def _is_django(cls: ClassSymbol, project: Project) -> bool:
    return project.sorts.family(Reference(cls.qualified, cls, cls.span)) == "django"


def _has_default_key(model: ClassSymbol, project: Project) -> bool:
    """Whether a primary key is given to a row when it is made (``UUIDField(primary_key=True, default=uuid4)``)."""
    classes = project.evaluator.classes
    for cls in classes.lineage(model)[0]:
        for node in cls.node.body:
            if isinstance(node, s.Assign) and node.value is not None and isinstance(node.targets[0], s.Name):
                value = classes.own(cls, node.targets[0].path)
                if isinstance(value, Instance) and value.keyword("primary_key") and value.keyword("default"):
                    return True
    return any(base.endswith(("UUIDModel", "UUIDPrimaryKey")) for base in classes.outside_bases(model))
