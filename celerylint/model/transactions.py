"""The transaction that is open when a message is sent, and the row of it that the message speaks of.

A transaction is held lexically (a block, a decorator), by a caller a few calls up, by Django itself (``post_delete``,
many-to-many changes, the admin), or by whoever saves the row (``post_save``, ``save()``, a request under
``ATOMIC_REQUESTS``): then only where such a place is seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.knowledge.transactions import DEFERRING_BASES
from celerylint.model.atomic import Atomic, Opening
from celerylint.model.callees import Callees, split
from celerylint.model.doubts import Doubts
from celerylint.model.entities import Call, Task
from celerylint.model.functions import Event
from celerylint.model.guards import allowed
from celerylint.model.reach import Confidence, Reach, Reaches, asks_for_a_transaction, last_word, speaks_of_commit
from celerylint.model.relevance import Written
from celerylint.model.requests import Requests
from celerylint.model.rows import Rows, matching, nearest, precedes, session_method
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Reference
from celerylint.sources.prefilter import is_test_path
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.django import DjangoSettings

SENDING = frozenset({"delay", "apply_async", "send_task", "sync_to_async"})
"""The forms of a call that send where they stand."""

_LOWER: dict[Confidence, Confidence] = {"high": "medium", "medium": "low", "low": "low"}
_MISSING = ("DoesNotExist", "ObjectDoesNotExist")


@dataclass(frozen=True, slots=True)
class Transaction:
    """Why a transaction is, or regularly is, open.

    ``kind``: block, decorator, session, caller, receiver, save, admin, request. ``family``: django, sqlalchemy, peewee,
    tortoise. ``row`` is the variable whose row the message speaks of, "" when it speaks of none that is seen to be
    written. ``holder`` names the function that holds the transaction, or the model.
    """

    kind: str
    family: str
    confidence: Confidence
    row: str = ""
    holder: str = ""
    evidence: tuple[tuple[Span, str], ...] = ()
    opening: Opening | None = None
    variable: str = ""
    """The same row as the function calls it."""
    via: Span | None = None
    """The call by which Django's own hook (a receiver, ``save()``) comes to the function that sends, None where it
    sends itself: there it can be made to wait, whoever else calls that function."""
    written: Written | None = None
    """The model of the row, where it is known."""
    cls: ClassSymbol | None = None
    part: str = ""
    """What the variable holds of the row, "" for the row itself (``Relevance.carried``)."""

    @property
    def certain(self) -> bool:
        """Whether the transaction is open each time the call is reached in this way."""
        return self.kind in ("block", "decorator", "session", "caller", "admin")


class Transactions:
    """Answers for each call; what needs other files is read when the first call asks for it."""

    def __init__(self, callees: Callees, django: DjangoSettings, calls: list[Call], by_node: dict[int, Call]) -> None:
        self.callees = callees
        self.evaluator = callees.evaluator
        self.atomic = Atomic(callees)
        self.rows = Rows(callees)
        self.requests = Requests(self.evaluator, django)
        senders = {id(c.function.node): c.function for c in calls if _sends(c) and c.function is not None}
        self.reaches = Reaches(self.atomic, self.rows, self.requests, list(senders.values()), by_node)
        self.doubts = Doubts(self.rows, self.reaches.relevance, self.atomic)
        self._events: dict[int, dict[int, Event]] = {}
        self._known: dict[int, list[Transaction]] = {}

    def of(self, call: Call) -> list[Transaction]:
        """The transactions in which a message is sent, at most one for each place where it could be made to wait for
        the commit; none when none is seen, or sending waits already."""
        key = id(call)
        if key not in self._known:
            self._known[key] = self._of(call)
        return self._known[key]

    def event(self, call: Call) -> Event | None:
        """The call as an event of its function."""
        if call.function is None or call.node is None:
            return None
        return self.events(call.function).get(id(call.node))

    def events(self, function: FunctionSymbol) -> dict[int, Event]:
        """The events of a function by the identity of their nodes."""
        key = id(function.node)
        if key not in self._events:
            self._events[key] = {id(e.node): e for e in function.body.events}
        return self._events[key]

    def _of(self, call: Call) -> list[Transaction]:
        if not _sends(call):
            return []
        event = self.event(call)
        if event is None or event.deferred or call.function is None or call.scope is None:
            return []
        if "on_commit" in call.context:
            return []  # `on_commit(task.delay(1))` is another mistake
        if asks_for_a_transaction(event) or (call.target is not None and self._defers(call.target)):
            return []
        if self.reaches.runs_at_commit(call.function):
            return []
        paths = self._paths(call, call.scope)
        lexical = self._lexical(call.function, call.scope, event, paths)
        lexical = lexical or self._in_session(call.function, call.scope, event, paths)
        found = [lexical] if lexical is not None else []
        if not found and not self._is_durable(call.function, call.scope):
            found = self._reached(call.function, event, paths)
            requested = self._requested(call.function, event, paths) if not found else None
            found += [requested] if requested is not None else []
        if call.unresolved is not None:
            found = [t for t in found if self._by_row(call, call.scope, t)]
        found = [judged for t in found if (judged := self.doubts.judged(call, event, t)) is not None]
        if call.target is not None and self._waits_for_rows(call.target):
            found = [replace(t, confidence=_LOWER[t.confidence]) for t in found]
        return found

    def _by_row(self, call: Call, scope: Scope, found: Transaction) -> bool:
        """Whether an unknown ``x.apply_async()`` is a signature that speaks of a written row, or that it gives."""
        owner, method = split(call.node.func) if call.node is not None else (None, "")
        if owner is None or method != "apply_async" or not found.variable:
            return False
        return matching(self.rows.carried(owner, scope), found.variable) is not None

    def _paths(self, call: Call, scope: Scope) -> dict[str, int]:
        """The rows that the message may speak of, as dotted paths."""
        assert call.node is not None
        owner, _ = split(call.node.func)
        parts: list[s.Node] = [*call.node.args, *(k.value for k in call.node.keywords)]
        is_task = isinstance(owner, s.Name) and call.target is not None and _is_global(owner, scope)
        if owner is not None and not is_task:
            parts.append(owner)
        found: dict[str, int] = {}
        for part in parts:
            for path, depth in self.rows.carried(part, scope).items():
                found[path] = min(depth, found.get(path, depth))
        return found

    # Held here

    def _lexical(
        self, function: FunctionSymbol, scope: Scope, event: Event, paths: dict[str, int]
    ) -> Transaction | None:
        blocks = self.atomic.blocks(event.withs, scope)
        decorated = self.atomic.decorating(function)
        if decorated is None and not blocks:
            return None
        opening = decorated or blocks[0]
        kind = "decorator" if decorated is not None else "block"
        held = [b for b in event.withs if self.atomic.opening(b, scope) is not None]
        written = self.rows.written(function, paths, event)
        row = nearest(paths, (w.row for w in written if decorated is not None or any(b in w.event.withs for b in held)))
        confidence: Confidence = "high" if row else "medium"
        words = f"`{opening.helper}` opens a transaction" if opening.helper else "the transaction begins"
        evidence = ((opening.span, words),)
        name = self._named(row, function)
        return Transaction(kind, opening.family, confidence, name, function.name, evidence, opening, row)

    def _in_session(
        self, function: FunctionSymbol, scope: Scope, event: Event, paths: dict[str, int]
    ) -> Transaction | None:
        """A SQLAlchemy session that has written a row and commits only further down."""
        calls = [e for e in function.body.calls if not e.deferred]
        commits = [e for e in calls if session_method(e.call) in ("commit", "rollback")]
        after = (e for e in commits if precedes(event, e) and session_method(e.call) == "commit")
        later = next((e for e in after if e.branch == event.branch[: len(e.branch)]), None)
        if later is None:
            return None
        open_since = max((e.span.pos[:2] for e in commits if precedes(e, event)), default=(0, 0))
        flushes = [e for e in calls if session_method(e.call) in ("flush", "refresh") and precedes(e, event)]
        flushed = max((e.span.pos[:2] for e in flushes), default=(0, 0))
        written = self.rows.written(function, paths, event)
        added = [w for w in written if session_method(w.event.node) and open_since < w.event.span.pos[:2] < flushed]
        row = nearest(paths, (w.row for w in added))
        confidence: Confidence = "high"
        if not row:
            row, confidence = self._changed(function, scope, event, paths, open_since), "medium"
        if not row:
            return None
        evidence = ((later.span, "commits only here"),)
        return Transaction("session", "sqlalchemy", confidence, row, function.name, evidence, variable=row)

    def _changed(
        self, function: FunctionSymbol, scope: Scope, event: Event, paths: dict[str, int], since: tuple[int, ...]
    ) -> str:
        """A SQLAlchemy instance whose attribute is set after the last commit, and that the message speaks of."""
        for other in function.body.events:
            node = other.node
            if other.kind != "assign" or not isinstance(node, s.Assign) or not precedes(other, event):
                continue
            for target in node.targets:
                row, _, _ = target.path.rpartition(".") if isinstance(target, s.Name) else ("", "", "")
                if not row or other.span.pos[:2] < since or nearest(paths, (row,)) == "":
                    continue
                sort = self.callees.sorts.of(s.Name(target.pos, row), scope)
                if sort is not None and sort.kind == "instance" and sort.family in ("sqlalchemy", "sqlmodel"):
                    return row
        return ""

    def _is_durable(self, function: FunctionSymbol, scope: Scope) -> bool:
        """Whether the function opens a transaction that no other may be around."""
        return any(
            opening.durable for e in function.body.calls for opening in self.atomic.blocks(e.withs, scope) if e.withs
        )

    # Held by someone else

    def _reached(self, function: FunctionSymbol, event: Event, paths: dict[str, int]) -> list[Transaction]:
        best: dict[Span | None, Transaction] = {}
        for reach in self.reaches.of(function):
            if reach.since is not None and not precedes(reach.since, event):
                continue
            made = self._by_way_of(reach, function, event, paths)
            before = best.get(reach.via)
            if made is not None and (before is None or _rank(made) > _rank(before)):
                best[reach.via] = made
        sure = [t for t in best.values() if t.confidence != "low"]
        return sure or list(best.values())[:1]

    def _by_way_of(
        self, reach: Reach, function: FunctionSymbol, event: Event, paths: dict[str, int]
    ) -> Transaction | None:
        row = nearest(paths, reach.rows)
        if not row and reach.kind == "caller":
            row = nearest(paths, (w.row for w in self.rows.written(function, paths, event)))
        name = reach.model if row and reach.model else self._named(row, function)
        states = reach.states
        if reach.receives is not None and reach.receives.node is function.node:
            states = states & allowed(function, event)
        seen = reach.evidence(states)
        if seen is None:
            return None
        place, confidence = seen
        evidence = (*reach.steps, place)
        return Transaction(
            reach.kind,
            reach.family,
            confidence if row else "low",
            name,
            reach.holder,
            evidence,
            reach.opening,
            row,
            reach.via,
            reach.written if row else None,
            reach.cls if row else None,
            dict(reach.parts).get(row, ""),
        )

    def _requested(self, function: FunctionSymbol, event: Event, paths: dict[str, int]) -> Transaction | None:
        """A row that is written here and now, under ``ATOMIC_REQUESTS``."""
        setting = self.requests.atomic_requests
        if setting is None or "/management/" in function.module.path:
            return None
        row = nearest(paths, (w.row for w in self.rows.written(function, paths, event)))
        if not row:
            return None
        evidence = [(setting, "each request is one transaction")]
        if not self.requests.handles(function):
            place = self._used_by_web(function)
            if place is None:
                return None
            evidence.insert(0, (place, "called by a request"))
        name = self._named(row, function)
        return Transaction("request", "django", "medium", name, function.name, tuple(evidence), variable=row)

    def _used_by_web(self, function: FunctionSymbol) -> Span | None:
        """Where a view, serializer, form or admin calls a function, as its name tells."""
        if any(d for d in function.node.decorators if last_word(d).startswith("non_atomic")):
            return None
        dot = r"\." if function.owner is not None else r"\b"
        pattern = re.compile(rf"{dot}{re.escape(function.name)}\(")
        for path in self._web_files:
            text = self.evaluator.modules.tree.source(path).text
            match = pattern.search(text)
            if match is not None:
                line = text.count("\n", 0, match.start()) + 1
                column = match.start() - (text.rfind("\n", 0, match.start()) + 1) + 1
                return Span(path, line, column, line, column + len(match[0]) - 1)
        return None

    @cached_property
    def _web_files(self) -> list[str]:
        tree = self.evaluator.modules.tree
        return [p for p in tree.python_files if self.requests.is_web_file(p) and not is_test_path(p)]

    def _named(self, row: str, function: FunctionSymbol) -> str:
        """A row as messages name it: a model's own by the model."""
        owner = function.owner
        if (
            row != "self"
            or owner is None
            or self.callees.sorts.family(Reference(owner.qualified, owner, owner.span)) is None
        ):
            return row
        return owner.name

    # What sending waits for

    def _defers(self, task: Task) -> bool:
        """Whether the task's class sends at the commit whatever is asked of it."""
        base = task.base
        if base is None:
            return False
        if any(outside in DEFERRING_BASES for outside in self.evaluator.classes.outside_bases(base)):
            return True
        methods = (self.evaluator.classes.method(base, name) for name in ("apply_async", "delay"))
        return any(m is not None and speaks_of_commit(m) for m in methods)

    def _waits_for_rows(self, task: Task) -> bool:
        """Whether the task comes back for a row that it does not find."""
        decorators = task.function.node.decorators if task.function is not None else ()
        for keyword in (n for d in decorators for n in below(d) if isinstance(n, s.Keyword)):
            if keyword.name == "autoretry_for" and _names_missing(keyword.value):
                return True
        body = task.body
        if body is None:
            return False
        for event in body.calls:
            caught = [handler.type for handler in event.handlers if handler.type is not None]
            if split(event.call.func)[1] == "retry" and any(_names_missing(expr) for expr in caught):
                return True
        return False


def _names_missing(expr: s.Expr) -> bool:
    """Whether ``Order.DoesNotExist`` or ``ObjectDoesNotExist`` is among exception classes."""
    return any(isinstance(n, s.Name) and n.path.endswith(_MISSING) for n in below(expr))


def _sends(call: Call) -> bool:
    return call.how in SENDING and not call.in_tests and call.function is not None and call.node is not None


def _rank(found: Transaction) -> int:
    return {"high": 2, "medium": 1, "low": 0}[found.confidence]


def _is_global(owner: s.Name, scope: Scope) -> bool:
    """Whether a name is no local variable (an imported task, also one that is imported in the function)."""
    bindings = scope.table.by_name.get(owner.path.partition(".")[0], ())
    return all(b.kind in ("import", "function", "class") for b in bindings) or owner.path.startswith("self.")
