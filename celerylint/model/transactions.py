"""The transaction that is open when a message is sent, and the row of it that the message speaks of.

A transaction is held lexically (a block, a decorator), by a caller a few calls up, by Django itself (``post_delete``,
many-to-many changes, the admin), or by whoever saves the row (``post_save``, ``save()``, a request under
``ATOMIC_REQUESTS``): then only where such a place is seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.knowledge.transactions import (
    ADMIN_BASES,
    ADMIN_HOOKS,
    ADMIN_MODELS,
    ALWAYS_INSIDE,
    DEFERRING_BASES,
    SAVE_SIGNALS,
)
from celerylint.model.atomic import Atomic, Opening
from celerylint.model.callees import Callees, split
from celerylint.model.entities import Call, Task
from celerylint.model.functions import Event
from celerylint.model.modules import Module
from celerylint.model.receivers import Receivers, Reception
from celerylint.model.requests import Requests
from celerylint.model.rows import Rows, matching, nearest, precedes, session_method
from celerylint.model.saved_inside import SavedInside
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Reference
from celerylint.model.visit import all_scopes, scopes
from celerylint.sources.prefilter import is_test_path
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.django import DjangoSettings

SENDING = frozenset({"delay", "apply_async", "send_task", "sync_to_async"})
"""The forms of a call that send where they stand."""

Confidence = Literal["high", "medium", "low"]
_LOWER: dict[Confidence, Confidence] = {"high": "medium", "medium": "low", "low": "low"}
_MAX_DEPTH = 3
_MAX_REACHES = 4
_HOLDER = re.compile(rb"atomic|\.begin\(|in_transaction|create_revision|commit_on_success")
_SIGNALS = re.compile(rb"\breceiver\(|\.connect\(")
_HOOKS = re.compile(rb"def (?:save|delete|%s)\(" % "|".join(sorted(ADMIN_HOOKS)).encode())
_MISSING = ("DoesNotExist", "ObjectDoesNotExist")


@dataclass(frozen=True, slots=True)
class Transaction:
    """Why a transaction is, or regularly is, open.

    ``kind``: block, decorator, caller, receiver, save, admin, request. ``family``: django, sqlalchemy, peewee,
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

    @property
    def certain(self) -> bool:
        """Whether the transaction is open each time the call is reached in this way."""
        return self.kind in ("block", "decorator", "caller", "admin")


@dataclass(frozen=True, slots=True)
class _Reach:
    """A way on which a function is reached while a transaction is open; ``rows`` are variables of the function."""

    kind: str
    family: str
    rows: frozenset[str]
    holder: str
    steps: tuple[tuple[Span, str], ...]
    evidence: Callable[[], tuple[tuple[Span, str], Confidence] | None]
    model: str = ""
    opening: Opening | None = None
    via: Span | None = None
    since: Event | None = None
    """In the function itself: only what comes after this event (``super().save()``)."""


@dataclass(slots=True)
class _Found:
    function: FunctionSymbol
    reaches: list[_Reach] = field(default_factory=list)


class Transactions:
    """Answers for each call; what needs other files is read when the first call asks for it."""

    def __init__(self, callees: Callees, django: DjangoSettings, calls: list[Call], by_node: dict[int, Call]) -> None:
        self.callees = callees
        self.evaluator = callees.evaluator
        self.atomic = Atomic(callees)
        self.rows = Rows(callees)
        self.receivers = Receivers(self.evaluator)
        self.saved = SavedInside(self.atomic)
        self.requests = Requests(self.evaluator, django)
        self.calls = calls
        self.by_node = by_node
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
        if _asks_for_a_transaction(event) or (call.target is not None and self._defers(call.target)):
            return []
        if self._runs_at_commit(call.function):
            return []
        paths = self._paths(call, call.scope)
        lexical = self._lexical(call.function, call.scope, event, paths)
        found = [lexical] if lexical is not None else []
        if not found and not self._is_durable(call.function, call.scope):
            found = self._reached(call.function, event, paths)
            begun = self._begun(call.function, event, paths) if not found else None
            found += [begun] if begun is not None else []
            requested = self._requested(call.function, event, paths) if not found else None
            found += [requested] if requested is not None else []
        if call.unresolved is not None:
            found = [t for t in found if self._by_row(call, call.scope, t)]
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
        inside = [
            w
            for w in self.rows.written(function)
            if decorated is not None or any(b in w.event.withs for b in event.withs if self.atomic.opening(b, scope))
        ]
        row = nearest(paths, (w.row for w in inside if precedes(w.event, event)))
        confidence: Confidence = "high" if row else "medium"
        words = f"`{opening.helper}` opens a transaction" if opening.helper else "the transaction begins"
        evidence = ((opening.span, words),)
        name = _named(row, function)
        return Transaction(kind, opening.family, confidence, name, function.name, evidence, opening, row)

    def _begun(self, function: FunctionSymbol, event: Event, paths: dict[str, int]) -> Transaction | None:
        """A row of SQLAlchemy that was flushed before and is committed only below: a session begins by itself.

        What is not flushed has no key yet, which is another mistake.
        """
        calls = [e for e in function.body.calls if not e.deferred]
        flushes = [e for e in calls if session_method(e.call) in ("flush", "refresh") and precedes(e, event)]
        commits = [e for e in calls if session_method(e.call) in ("commit", "rollback")]
        after = next((e for e in commits if precedes(event, e) and session_method(e.call) == "commit"), None)
        if not flushes or after is None or any(precedes(flushes[-1], e) and precedes(e, event) for e in commits):
            return None
        added = (
            w.row
            for w in self.rows.written(function)
            if session_method(w.event.node) in ("add", "add_all", "merge") and precedes(w.event, event)
        )
        row = nearest(paths, added)
        if not row:
            return None
        evidence = ((after.span, "only this commits"),)
        return Transaction("block", "sqlalchemy", "high", row, function.name, evidence, variable=row)

    def _is_durable(self, function: FunctionSymbol, scope: Scope) -> bool:
        """Whether the function opens a transaction that no other may be around."""
        return any(
            opening.durable for e in function.body.calls for opening in self.atomic.blocks(e.withs, scope) if e.withs
        )

    # Held by someone else

    def _reached(self, function: FunctionSymbol, event: Event, paths: dict[str, int]) -> list[Transaction]:
        found = self.reached.get(id(function.node))
        best: dict[Span | None, Transaction] = {}
        for reach in found.reaches if found is not None else ():
            if reach.since is not None and not precedes(reach.since, event):
                continue
            made = self._by_way_of(reach, function, event, paths)
            before = best.get(reach.via)
            if made is not None and (before is None or _rank(made) > _rank(before)):
                best[reach.via] = made
        return list(best.values())

    def _by_way_of(
        self, reach: _Reach, function: FunctionSymbol, event: Event, paths: dict[str, int]
    ) -> Transaction | None:
        row = nearest(paths, reach.rows)
        if not row and reach.kind == "caller":
            row = nearest(paths, (w.row for w in self.rows.written_before(function, event)))
        name = reach.model if row and reach.model else _named(row, function)
        seen = reach.evidence()
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
        )

    def _requested(self, function: FunctionSymbol, event: Event, paths: dict[str, int]) -> Transaction | None:
        """A row that is written here and now, under ``ATOMIC_REQUESTS``."""
        setting = self.requests.atomic_requests
        if setting is None or "/management/" in function.module.path:
            return None
        row = nearest(paths, (w.row for w in self.rows.written_before(function, event)))
        if not row:
            return None
        evidence = [(setting, "each request is one transaction")]
        if not self.requests.handles(function):
            place = self._used_by_web(function)
            if place is None:
                return None
            evidence.insert(0, (place, "called by a request"))
        name = _named(row, function)
        return Transaction("request", "django", "medium", name, function.name, tuple(evidence), variable=row)

    def _used_by_web(self, function: FunctionSymbol) -> Span | None:
        """Where a view, serializer, form or admin calls a function, as its name tells."""
        if any(d for d in function.node.decorators if _word(d).startswith("non_atomic")):
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

    # What sending waits for

    def _defers(self, task: Task) -> bool:
        """Whether the task's class sends at the commit whatever is asked of it."""
        base = task.base
        if base is None:
            return False
        if any(outside in DEFERRING_BASES for outside in self.evaluator.classes.outside_bases(base)):
            return True
        methods = (self.evaluator.classes.method(base, name) for name in ("apply_async", "delay"))
        return any(m is not None and _speaks_of_commit(m) for m in methods)

    def _runs_at_commit(self, function: FunctionSymbol) -> bool:
        """Whether a decorator of the project puts off each call of a function until the commit."""
        for decorator in function.node.decorators:
            func = decorator.func if isinstance(decorator, s.Call) else decorator
            value = self.evaluator.value(func, function.scope)
            made = value.symbol if isinstance(value, Reference) else None
            if isinstance(made, FunctionSymbol) and _speaks_of_commit(made, "on_commit"):
                return True
        return False

    def _waits_for_rows(self, task: Task) -> bool:
        """Whether the task comes back for a row that it does not find."""
        option = task.declared.get("autoretry_for")
        if option is not None and any(
            isinstance(v, Reference) and v.of.rpartition(".")[2] in _MISSING for v in getattr(option.value, "items", ())
        ):
            return True
        body = task.body
        if body is None:
            return False
        for event in body.calls:
            if split(event.call.func)[1] == "retry" and any(
                handler.type is not None
                and any(isinstance(n, s.Name) and n.path.endswith(_MISSING) for n in below(handler.type))
                for handler in event.handlers
            ):
                return True
        return False

    # Who holds transactions around which functions

    @cached_property
    def reached(self) -> dict[int, _Found]:
        """The functions that are reached while a transaction is or may be open, by the identity of their nodes."""
        found: dict[int, _Found] = {}
        names = self._sender_names()
        if not names:
            return found
        for function, reach in self._entries(names):
            self._spread(function, reach, found)
        return found

    def _sender_names(self) -> frozenset[str]:
        """The names of the functions that send, and of the project's own signals that lead to one."""
        functions = {id(c.function.node): c.function for c in self.calls if _sends(c) and c.function is not None}
        names = {f.name for f in functions.values()}
        for function in functions.values():
            for reception in self._receptions.get(id(function.node), ()):
                if not reception.about_rows:
                    names.add(reception.signal)
        return frozenset(n for n in names if n)

    @cached_property
    def _receptions(self) -> dict[int, list[Reception]]:
        """The signals that functions receive, by the identity of their nodes."""
        found: dict[int, list[Reception]] = {}
        for module in self._modules(_SIGNALS, None):
            for reception in self.receivers.of_module(module):
                found.setdefault(id(reception.function.node), []).append(reception)
        return found

    @cached_property
    def _by_signal(self) -> dict[str, list[Reception]]:
        """The receivers of the project's own signals by the signal's name."""
        found: dict[str, list[Reception]] = {}
        for receptions in self._receptions.values():
            for reception in receptions:
                if not reception.about_rows:
                    found.setdefault(reception.signal, []).append(reception)
        return found

    def receptions(self, function: FunctionSymbol) -> list[Reception]:
        """The signals that a function receives."""
        return self._receptions.get(id(function.node), [])

    def _modules(self, words: re.Pattern[bytes], names: re.Pattern[bytes] | None) -> Iterator[Module]:
        """The production modules whose text has a word, and a name too where those are given; others than the ones
        that were read anyway are read now."""
        tree = self.evaluator.modules.tree
        for path in tree.python_files:
            if is_test_path(path):
                continue
            data = tree.read(path)
            if words.search(data) and (names is None or path in self.evaluator.modules.loaded or names.search(data)):
                module = self.evaluator.modules.load(path)
                if module is not None:
                    yield module

    def _entries(self, names: frozenset[str]) -> Iterator[tuple[FunctionSymbol, _Reach]]:
        pattern = re.compile(rb"\b(?:%s)\b" % "|".join(map(re.escape, sorted(names))).encode())
        for module in self._modules(_HOLDER, pattern):
            yield from self._holders(module)
        for receptions in self._receptions.values():
            for reception in receptions:
                if reception.about_rows:
                    yield from self._received(reception)
        for module in self._modules(_HOOKS, pattern):
            yield from self._hooks(module)

    def _holders(self, module: Module) -> Iterator[tuple[FunctionSymbol, _Reach]]:
        """What is called in a block or under a decorator that holds a transaction."""
        for scope in scopes(module, self.evaluator):
            function = scope.function
            if function is None:
                continue
            decorated = self.atomic.decorating(function) if function.node.decorators else None
            for event in function.body.calls:
                if event.deferred or not (decorated or event.withs) or id(event.call) in self.by_node:
                    continue
                blocks = [decorated] if decorated is not None else self.atomic.blocks(event.withs, scope)
                if not blocks:
                    continue
                opening = blocks[0]
                rows = frozenset(w.row for w in self.rows.written_before(function, event))
                reach = _Reach(
                    "caller", opening.family, rows, function.name, (), _fixed(opening.span, "the transaction begins"),
                    opening=opening,
                )  # fmt: skip
                yield from self._into(event, scope, function, reach)

    def _received(self, reception: Reception) -> Iterator[tuple[FunctionSymbol, _Reach]]:
        function = reception.function
        rows = _instance_of(function)
        name = reception.model.name if reception.model is not None else reception.sender.rpartition(".")[2]
        if reception.signal in ALWAYS_INSIDE:
            confidence: Confidence = "high" if reception.signal == "m2m_changed" else "medium"
            place = (reception.span, ALWAYS_INSIDE[reception.signal])
            model = "" if reception.signal == "m2m_changed" else name
            yield (
                function,
                _Reach("receiver", "django", rows, reception.signal, (), lambda: (place, confidence), model=model),
            )
        elif reception.signal in SAVE_SIGNALS:
            yield function, _Reach(
                "receiver", "django", rows, reception.signal, ((reception.span, f"receives `{reception.signal}`"),),
                self._evidence_of(reception.model, reception.sender, reception.span), model=name,
            )  # fmt: skip

    def _evidence_of(
        self, model: ClassSymbol | None, sender: str, span: Span
    ) -> Callable[[], tuple[tuple[Span, str], Confidence] | None]:
        def evidence() -> tuple[tuple[Span, str], Confidence] | None:
            setting = self.requests.atomic_requests
            if setting is not None:
                return (setting, "each request is one transaction"), "medium"
            if model is not None:
                for one in (model, *self._heirs(model)):
                    place = self.saved.where(one)
                    if place is not None:
                        return place, "medium"
            elif sender in ADMIN_MODELS:
                return (span, "the admin saves in a transaction"), "medium"
            return (span, "whoever saves may hold a transaction"), "low"

        return evidence

    def _heirs(self, model: ClassSymbol) -> list[ClassSymbol]:
        """The subclasses of a model in the modules that were read."""
        found: list[ClassSymbol] = []
        for module in list(self.evaluator.modules.loaded.values()):
            for node in module.facts.body:
                if isinstance(node, s.Class) and any(_word(base) == model.name for base in node.bases):
                    cls = self.evaluator.class_symbol(node, module.scope)
                    if cls.node is not model.node and self.evaluator.classes.derives_from(cls, model.qualified):
                        found.append(cls)
        return found

    def _hooks(self, module: Module) -> Iterator[tuple[FunctionSymbol, _Reach]]:
        """``save`` and ``delete`` of models, and what the admin's views call."""
        for scope, body in all_scopes(module, self.evaluator):
            if scope.cls is None or scope.function is not None:
                continue
            for node in body:
                if not isinstance(node, s.Function):
                    continue
                function = self.evaluator.function_symbol(node, scope)
                if node.name in ("save", "asave"):
                    yield from self._saving(function, scope.cls)
                elif node.name in ADMIN_HOOKS:
                    yield from self._administered(function, scope.cls)

    def _saving(self, function: FunctionSymbol, cls: ClassSymbol) -> Iterator[tuple[FunctionSymbol, _Reach]]:
        if self.callees.sorts.family(Reference(cls.qualified, cls, cls.span)) != "django":
            return
        saved = next((w.event for w in self.rows.written(function) if w.row == "self"), None)
        if saved is not None:
            yield function, _Reach(
                "save", "django", frozenset({"self"}), f"{cls.name}.{function.name}()", (),
                self._evidence_of(cls, "", function.span), model=cls.name, since=saved,
            )  # fmt: skip

    def _administered(self, function: FunctionSymbol, cls: ClassSymbol) -> Iterator[tuple[FunctionSymbol, _Reach]]:
        bases = self.evaluator.classes.outside_bases(cls)
        params = [p.name for p in function.node.params]
        if any(base.startswith(ADMIN_BASES) for base in bases) and len(params) > 2:
            row = ADMIN_HOOKS[function.name]
            row = row if row in params else params[2]
            rows = frozenset({row, f"{row}.instance"})
            place = (function.span, "the admin calls it in a transaction")
            name = f"{cls.name}.{function.name}()"
            yield function, _Reach("admin", "django", rows, name, (), lambda: (place, "high"))

    def _spread(self, function: FunctionSymbol, reach: _Reach, found: dict[int, _Found], depth: int = 0) -> None:
        """Note how a function is reached, and follow what it calls."""
        if function.module.is_test or self._runs_at_commit(function):
            return
        entry = found.setdefault(id(function.node), _Found(function))
        if any(r.rows >= reach.rows and r.via == reach.via and r.kind == reach.kind for r in entry.reaches):
            return
        if len(entry.reaches) >= _MAX_REACHES:
            return
        entry.reaches.append(reach)
        if depth >= _MAX_DEPTH:
            return
        scope = self.evaluator.function_scope(function)
        for event in function.body.calls:
            if event.deferred or (reach.since is not None and not precedes(reach.since, event)):
                continue
            if id(event.call) in self.by_node or _asks_for_a_transaction(event):
                continue
            for callee, onward in self._into(event, scope, function, reach):
                self._spread(callee, onward, found, depth + 1)

    def _into(
        self, event: Event, scope: Scope, caller: FunctionSymbol, reach: _Reach
    ) -> Iterator[tuple[FunctionSymbol, _Reach]]:
        """The functions that a call runs, with the rows as they are called there."""
        owner, method = split(event.call.func)
        if method in ("send", "send_robust") and isinstance(owner, s.Name):
            for reception in self._by_signal.get(owner.path.rpartition(".")[2], ()):
                rows = frozenset(
                    k.name
                    for k in event.call.keywords
                    if k.name and self._matches(self.rows.handed(k.value, scope), reach.rows)
                )
                steps = (*reach.steps, (event.span, f"sends `{reception.signal}`"))
                via = reach.via or (event.span if reach.kind != "caller" else None)
                yield reception.function, replace(reach, rows=rows, steps=steps, via=via, since=None)
            return
        callee = self.callees.function(event.call, scope)
        if callee is None or callee.node is caller.node:
            return
        rows = frozenset(self._mapped(event.call, owner, callee, scope, reach.rows))
        steps = (*reach.steps, (event.span, f"calls `{callee.name}()`"))
        via = reach.via or (event.span if reach.kind != "caller" else None)
        yield callee, replace(reach, rows=rows, steps=steps, via=via, since=None)

    def _mapped(
        self, call: s.Call, owner: s.Expr | None, callee: FunctionSymbol, scope: Scope, rows: frozenset[str]
    ) -> Iterator[str]:
        params = [p.name for p in callee.node.params]
        if callee.owner is not None and params and not _is_static(callee):
            if owner is not None and self._matches(self.rows.handed(owner, scope), rows):
                yield params[0]
            params = params[1:]
        for name, arg in zip(params, call.args, strict=False):
            if self._matches(self.rows.handed(arg, scope), rows):
                yield name
        for keyword in call.keywords:
            if keyword.name and self._matches(self.rows.handed(keyword.value, scope), rows):
                yield keyword.name

    def _matches(self, paths: dict[str, int], rows: frozenset[str]) -> bool:
        return any(matching(paths, row) is not None for row in rows)


def _sends(call: Call) -> bool:
    return call.how in SENDING and not call.in_tests and call.function is not None and call.node is not None


def _named(row: str, function: FunctionSymbol) -> str:
    """A row as messages name it: a model's own by the model."""
    return function.owner.name if row == "self" and function.owner is not None else row


def _fixed(span: Span, words: str) -> Callable[[], tuple[tuple[Span, str], Confidence] | None]:
    return lambda: ((span, words), "medium")


def _rank(found: Transaction) -> int:
    return {"high": 2, "medium": 1, "low": 0}[found.confidence]


def _asks_for_a_transaction(event: Event) -> bool:
    """Whether a condition around it asks if a transaction is open."""
    return any(
        isinstance(node, s.Name) and node.path.rpartition(".")[2] in ("in_atomic_block", "get_autocommit")
        for test, _ in event.tests
        for node in below(test)
    )


def _speaks_of_commit(function: FunctionSymbol, word: str = "commit") -> bool:
    return any(
        isinstance(node, s.Name) and word in node.path.rpartition(".")[2].lower()
        for statement in function.statements
        for node in below(statement)
    )


def _instance_of(function: FunctionSymbol) -> frozenset[str]:
    """The variables of a receiver that hold the row: ``instance``, also taken out of ``**kwargs``."""
    found = {p.name for p in function.node.params if p.name == "instance"}
    kwargs = {p.name for p in function.node.params if p.kind == "kwargs"}
    if not found:
        positional = [p.name for p in function.node.params if p.kind in ("positional", "positional-only")]
        found = set(positional[1:2])
    for event in function.body.events:
        node = event.node
        if not isinstance(node, s.Assign) or node.value is None:
            continue
        if any(_takes_instance(n, kwargs) for n in below(node.value)):
            found |= {t.path for t in node.targets if isinstance(t, s.Name)}
    return frozenset(found)


def _takes_instance(node: s.Node, kwargs: set[str]) -> bool:
    if isinstance(node, s.Subscript) and isinstance(node.value, s.Name) and node.value.path in kwargs:
        return isinstance(node.index, s.Literal) and node.index.value == "instance"
    if isinstance(node, s.Call) and isinstance(node.func, s.Name) and node.args:
        owner, _, method = node.func.path.rpartition(".")
        key = node.args[0]
        return owner in kwargs and method in ("get", "pop") and isinstance(key, s.Literal) and key.value == "instance"
    return False


def _is_global(owner: s.Name, scope: Scope) -> bool:
    """Whether a name is no local variable (an imported task, also one that is imported in the function)."""
    bindings = scope.table.by_name.get(owner.path.partition(".")[0], ())
    return all(b.kind in ("import", "function", "class") for b in bindings) or owner.path.startswith("self.")


def _is_static(function: FunctionSymbol) -> bool:
    return any(isinstance(d, s.Name) and d.path == "staticmethod" for d in function.node.decorators)


def _word(expr: s.Expr) -> str:
    expr = expr.func if isinstance(expr, s.Call) else expr
    return expr.path.rpartition(".")[2] if isinstance(expr, s.Name) else ""
