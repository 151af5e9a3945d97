"""What speaks against a message that is sent in a transaction being sent too early: its task does not read what is
uncommitted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.knowledge.transactions import LINKS, WRITES
from celerylint.model.atomic import Atomic
from celerylint.model.callees import split
from celerylint.model.entities import Call
from celerylint.model.functions import Event
from celerylint.model.reading import Reading, Readings
from celerylint.model.relevance import Relevance, Written
from celerylint.model.rows import MAKERS, Rows, is_session, precedes
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Reference

if TYPE_CHECKING:
    from celerylint.model.transactions import Transaction

_MAX_DEPTH = 2


class Doubts:
    """Weighs transactions by what the task reads."""

    def __init__(self, rows: Rows, relevance: Relevance, atomic: Atomic) -> None:
        self.rows = rows
        self.relevance = relevance
        self.atomic = atomic
        self.callees = rows.callees
        self.readings = Readings(rows.callees)

    def judged(self, call: Call, event: Event, found: Transaction) -> Transaction | None:
        """The transaction with the confidence that is left; None when sending later would be worse."""
        if call.target is None or call.function is None or call.scope is None:
            return found
        reading = self.readings.of(call.target)
        if reading.nothing:
            return replace(found, row="", confidence="low")
        if found.kind == "receiver" and found.holder == "m2m_changed":
            return found
        if not found.variable:
            relevant = found.confidence == "low" or self._reads_block(call.function, call.scope, event, found, reading)
            return found if relevant else replace(found, confidence="low")
        written, cls, is_object = self._model(call.function, call.scope, event, found)
        carried = self.relevance.carried(call, found.variable, cls)
        if found.part:
            carried = {found.part}
        elif "whole" in carried and not is_object:
            carried = carried - {"whole"} | {"key"}  # what a function made is its key
        if found.kind == "receiver" and found.holder == "post_delete":
            return self._after_deletion(found, written, carried, reading)
        may_read = self._may_read(written, carried, reading)
        if may_read and not self._is_created(call.function, found.variable):
            may_read = not (
                self._brings_the_change(call, event, found.variable) or (self._waits(found, written, reading))
            )
        return found if may_read else replace(found, confidence="low")

    def _model(
        self, function: FunctionSymbol, scope: Scope, event: Event, found: Transaction
    ) -> tuple[Written | None, ClassSymbol | None, bool]:
        """The model of the row, and whether the variable surely holds the row itself."""
        if found.written is not None:
            return found.written, found.cls, True
        row = found.variable
        if row == "self":
            cls = function.owner
            family = self.callees.sorts.family(Reference(cls.qualified, cls, cls.span)) if cls is not None else None
            return (self.relevance.model(cls), cls, True) if family else (None, None, True)
        sort = self.callees.sorts.of(s.Name(event.span.pos, row), scope)
        if sort is None or sort.model is None:
            is_object = sort is not None and sort.kind == "instance"
            return None, None, is_object or found.kind == "admin"
        return self.relevance.model(sort.model), sort.model, sort.kind == "instance"

    def _after_deletion(
        self, found: Transaction, written: Written | None, carried: set[str], reading: Reading
    ) -> Transaction | None:
        if "key" in carried and written is not None and written.is_named_by(reading):
            return None  # the commit would only make sure that the row is gone
        if "whole" in carried or written is None:
            return replace(found, confidence="low")
        read = written.is_read_by(reading) if "key" in carried else written.is_meant_by(reading)
        return found if read else replace(found, confidence="low")

    def _may_read(self, written: Written | None, carried: set[str], reading: Reading) -> bool:
        """Whether the task may look for the row by what it gets, or comes to it otherwise."""
        read = reading.queries if written is None else written.is_read_by(reading)
        if "key" in carried or not carried:
            return read or reading.dynamic or reading.open
        if "whole" in carried:
            return False  # the message brings the row as it is now
        if "field" in carried:
            return read or reading.dynamic
        return written is not None and written.is_meant_by(reading)

    def _is_created(self, function: FunctionSymbol, row: str) -> bool:
        """Whether a function makes the row itself."""
        for event in function.body.events:
            node = event.node
            if not isinstance(node, s.Assign) or not isinstance(node.value, s.Call):
                continue
            if any(isinstance(t, s.Name) and t.path == row for target in node.targets for t in below(target)):
                method = split(node.value.func)[1]
                if method in MAKERS or method[:1].isupper() or method == "save":
                    return True
        return False

    def _brings_the_change(self, call: Call, event: Event, row: str) -> bool:
        """``user.email = email`` and later ``task.delay(user.pk, email)``."""
        assert call.node is not None and call.function is not None
        given = [*call.node.args, *(k.value for k in call.node.keywords)]
        names = {n.path for arg in given for n in below(arg) if isinstance(n, s.Name)}
        for other in call.function.body.events:
            node = other.node
            if not isinstance(node, s.Assign) or not precedes(other, event):
                continue
            for target in node.targets:
                if isinstance(target, s.Name) and target.path.rpartition(".")[0] == row:
                    value = node.value.path if isinstance(node.value, s.Name) else ""
                    if target.path in names or (value and value in names):
                        return True
        return False

    def _waits(self, found: Transaction, written: Written | None, reading: Reading) -> bool:
        """Whether the task locks the row that the sender has changed, and so waits for the commit."""
        return written is not None and found.kind != "receiver" and bool(written.classes & reading.locked)

    # Blocks without a row of the message

    def _reads_block(
        self, function: FunctionSymbol, scope: Scope, event: Event, found: Transaction, reading: Reading
    ) -> bool:
        """Whether the task reads a model that is written in the same block."""
        held = [w for w in event.withs if self.atomic.opening(w, scope) is not None]
        events = function.body.calls
        if found.kind == "block" and held:
            events = [e for e in events if held[0] in e.withs]
        models, unknown = self._written(events, scope, 0)
        if unknown and (reading.queries or reading.dynamic):
            return True
        return any(model.is_meant_by(reading) for model in models)

    def _written(self, events: Iterable[Event], scope: Scope, depth: int) -> tuple[list[Written], bool]:
        """The models that calls write, and whether they write others that are not known."""
        models: list[Written] = []
        unknown = False
        for event in events:
            if event.deferred:
                continue
            owner, method = split(event.call.func)
            if owner is not None and (method in WRITES or method in LINKS or is_session(owner)):
                kind = self._writes(owner, method, event, scope)
                unknown = unknown or kind is True
                models += [kind] if isinstance(kind, Written) else []
                continue
            callee = self.callees.function(event.call, scope) if depth < _MAX_DEPTH else None
            if callee is not None and callee.node is not getattr(scope.function, "node", None):
                inner, other = self._written(callee.body.calls, self.rows.evaluator.function_scope(callee), depth + 1)
                models += inner
                unknown = unknown or other
        return models, unknown

    def _writes(self, owner: s.Expr, method: str, event: Event, scope: Scope) -> Written | bool:
        """The model that one call writes, True where it writes one that is not known, False where it writes none."""
        call = event.call
        if isinstance(owner, s.Call) and isinstance(owner.func, s.Name) and owner.func.path == "super":
            return True
        if is_session(owner):
            return method in ("add", "add_all", "delete", "merge", "execute")
        sort = self.callees.sorts.of(owner, scope)
        if sort is not None and sort.model is not None:
            return self.relevance.model(sort.model)
        if sort is not None and sort.kind == "manager" and isinstance(owner, s.Name):
            return self.relevance.of_relation(owner.path.rpartition(".")[2]) or True
        if method in LINKS:
            return sort is not None or len(call.args) > 1  # a set or list takes one
        return self.rows.is_orm(owner, method, scope)
