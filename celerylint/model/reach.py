"""The functions that are reached while a transaction is or may be open: through a caller that holds one, or through
what Django calls inside one (receivers, ``save()``, the admin)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeAlias

from celerylint.facts import syntax as s
from celerylint.facts.walk import below, statements
from celerylint.knowledge.transactions import ADMIN_BASES, ADMIN_HOOKS, ADMIN_MODELS, ALWAYS_INSIDE, SAVE_SIGNALS
from celerylint.model.apps import last_name
from celerylint.model.atomic import Atomic, Opening
from celerylint.model.callees import split
from celerylint.model.entities import Call
from celerylint.model.functions import Event
from celerylint.model.guards import ANY, SAVES, State, allowed
from celerylint.model.modules import Module
from celerylint.model.receivers import Receivers, Reception
from celerylint.model.relevance import Relevance, Written
from celerylint.model.requests import Requests
from celerylint.model.rows import Rows, precedes
from celerylint.model.saved_inside import SavedInside
from celerylint.model.scopes import Scope
from celerylint.model.senders import sender_names
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Reference
from celerylint.model.visit import outer_scopes, scopes
from celerylint.sources.prefilter import is_test_path
from celerylint.sources.spans import Span

Confidence = Literal["high", "medium", "low"]
_MAX_DEPTH = 3
_MAX_REACHES = 4
_WORDS: dict[str, tuple[bytes, ...]] = {
    "holder": (b"atomic", b".begin(", b"in_transaction", b"create_revision", b"commit_on_success"),
    "signals": (b"receiver(", b".connect("),
    "hooks": (b"def save(", *(b"def %s(" % name.encode() for name in sorted(ADMIN_HOOKS))),
}
"""What stands in a file that may hold transactions, receive signals, or be called by Django in a transaction."""
_PLAIN_DECORATORS = frozenset(
    {
        "staticmethod",
        "classmethod",
        "property",
        "cached_property",
        "receiver",
        "task",
        "shared_task",
        "override",
        "wraps",
    }
)


Evidence: TypeAlias = Callable[[frozenset[State]], tuple[tuple[Span, str], Confidence] | None]
"""Gives the place that holds the transaction, for a save in one of some ways."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A way on which a function is reached while a transaction is open; ``rows`` are variables of the function."""

    kind: str
    family: str
    rows: frozenset[str]
    holder: str
    steps: tuple[tuple[Span, str], ...]
    evidence: Evidence
    model: str = ""
    written: Written | None = None
    """The model of the row, where Django itself tells it."""
    cls: ClassSymbol | None = None
    parts: tuple[tuple[str, str], ...] = ()
    """The variables among ``rows`` that are not the row itself, and what they carry of it."""
    states: frozenset[State] = ANY
    """The ways to save that come so far."""
    receives: FunctionSymbol | None = None
    """The receiver of ``post_save`` that it begins with."""
    opening: Opening | None = None
    via: Span | None = None
    since: Event | None = None
    """In the function itself: only what comes after this event (``super().save()``)."""


@dataclass(slots=True)
class Found:
    function: FunctionSymbol
    reaches: list[Reach] = field(default_factory=list)


class Reaches:
    """Answers by function; files are read when the first question comes."""

    def __init__(
        self, atomic: Atomic, rows: Rows, requests: Requests, senders: list[FunctionSymbol], by_node: dict[int, Call]
    ) -> None:
        self.atomic = atomic
        self.callees = atomic.callees
        self.evaluator = atomic.evaluator
        self.rows = rows
        self.requests = requests
        self.receivers = Receivers(self.evaluator)
        self.relevance = Relevance(rows)
        self.saved = SavedInside(atomic)
        self.senders = senders
        self.by_node = by_node

    def of(self, function: FunctionSymbol) -> list[Reach]:
        """The ways on which a function is reached."""
        found = self._found.get(id(function.node))
        return found.reaches if found is not None else []

    def runs_at_commit(self, function: FunctionSymbol) -> bool:
        """Whether a decorator of the project puts off each call of a function until the commit."""
        for decorator in function.node.decorators:
            func = decorator.func if isinstance(decorator, s.Call) else decorator
            value = self.evaluator.value(func, function.scope)
            made = value.symbol if isinstance(value, Reference) else None
            if isinstance(made, FunctionSymbol) and speaks_of_commit(made, "on_commit"):
                return True
        return False

    def receptions(self, function: FunctionSymbol) -> list[Reception]:
        """The signals that a function receives."""
        return self._receptions.get(id(function.node), [])

    @cached_property
    def _found(self) -> dict[int, Found]:
        found: dict[int, Found] = {}
        if self._names:
            for function, reach in self._entries():
                self._spread(function, reach, found)
        return found

    @cached_property
    def _names(self) -> frozenset[str]:
        """The names of the functions that come to send, and of the project's own signals that lead to one."""
        names = {f.name for f in self.senders}
        for function in self.senders:
            for decorator in function.node.decorators:
                if isinstance(decorator, s.Call) and last_name(decorator.func) == "receiver":
                    signals = (n for arg in decorator.args for n in below(arg) if isinstance(n, s.Name))
                    names |= {n.path.rpartition(".")[2] for n in signals}
        if not names:
            return frozenset()
        near = {path for found in self._files_naming(names).values() for path in found}
        modules = [self.evaluator.modules.load(path) for path in sorted(near - self.evaluator.modules.kept.keys())]
        return sender_names(names, [*self.evaluator.modules.kept.values(), *(m for m in modules if m is not None)])

    @cached_property
    def _files(self) -> dict[str, list[str]]:
        return self._files_naming(self._names)

    def _files_naming(self, names: Iterable[str]) -> dict[str, list[str]]:
        """The production files of interest by the words that stand in them, and that name something that sends."""
        tree = self.evaluator.modules.tree
        kept = self.evaluator.modules.kept
        named = re.compile(rb"\b(?:%s)\b" % "|".join(map(re.escape, sorted(names))).encode())
        found: dict[str, list[str]] = {kind: [] for kind in _WORDS}
        for path in tree.python_files:
            if is_test_path(path):
                continue
            data = tree.read(path)
            kinds = [kind for kind, words in _WORDS.items() if any(word in data for word in words)]
            if kinds and (path in kept or named.search(data)):
                for kind in kinds:
                    found[kind].append(path)
        return found

    @cached_property
    def _receptions(self) -> dict[int, list[Reception]]:
        """The signals that functions receive, by the identity of their nodes."""
        found: dict[int, list[Reception]] = {}
        for module in self._modules("signals") if self._names else ():
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

    def _modules(self, kind: str) -> Iterator[Module]:
        found = (self.evaluator.modules.load(path) for path in self._files[kind])
        return (module for module in found if module is not None)

    def _entries(self) -> Iterator[tuple[FunctionSymbol, Reach]]:
        for module in self._modules("holder"):
            yield from self._holders(module)
        for receptions in self._receptions.values():
            for reception in receptions:
                if reception.about_rows:
                    yield from self._received(reception)
        for module in self._modules("hooks"):
            yield from self._hooks(module)

    def _holders(self, module: Module) -> Iterator[tuple[FunctionSymbol, Reach]]:
        """What is called in a block or under a decorator that holds a transaction."""
        for scope in scopes(module, self.evaluator):
            function = scope.function
            if function is None or not _may_hold(function):
                continue
            decorated: Opening | None = None
            asked = False
            for event in function.body.calls:
                if event.deferred or not self._matters(event.call):
                    continue
                if not asked:
                    asked, decorated = True, self.atomic.decorating(function)
                blocks = [decorated] if decorated is not None else self.atomic.blocks(event.withs, scope)
                if not blocks:
                    continue
                opening = blocks[0]
                owner, _ = split(event.call.func)
                given = [*event.call.args, *(k.value for k in event.call.keywords), *([owner] if owner else [])]
                paths = {path: depth for part in given for path, depth in self.rows.handed(part, scope).items()}
                rows = frozenset(w.row for w in self.rows.written(function, paths, event))
                place = _fixed(opening.span, "the transaction begins")
                reach = Reach("caller", opening.family, rows, function.name, (), place, opening=opening)
                yield from self._into(event, scope, function, reach)

    def _matters(self, call: s.Call) -> bool:
        """Whether a call may lead to one that sends, as far as its name tells."""
        known = self.by_node.get(id(call))
        if known is not None and known.how != "direct":
            return False
        owner, method = split(call.func)
        if method in ("send", "send_robust") and isinstance(owner, s.Name):
            return owner.path.rpartition(".")[2] in self._names
        return method in self._names

    def _received(self, reception: Reception) -> Iterator[tuple[FunctionSymbol, Reach]]:
        function = reception.function
        rows = _instance_of(function)
        name = reception.model.name if reception.model is not None else reception.sender.rpartition(".")[2]
        if reception.signal in ALWAYS_INSIDE:
            confidence: Confidence = "high" if reception.signal == "m2m_changed" else "medium"
            place = (reception.span, ALWAYS_INSIDE[reception.signal])
            model = "" if reception.signal == "m2m_changed" else name
            yield (
                function,
                Reach(
                    "receiver", "django", rows, reception.signal, (), lambda _: (place, confidence), model=model,
                    written=self._written(reception), cls=reception.model,
                ),
            )  # fmt: skip
        elif reception.signal in SAVE_SIGNALS:
            yield function, Reach(
                "receiver", "django", rows, reception.signal, ((reception.span, f"receives `{reception.signal}`"),),
                self._evidence_of(reception.model, reception.sender, reception.span), model=name,
                written=self._written(reception), cls=reception.model, receives=function,
            )  # fmt: skip

    def _written(self, reception: Reception) -> Written | None:
        if reception.model is None and not reception.sender:
            return None
        return self.relevance.model(reception.model, reception.sender)

    def _evidence_of(self, model: ClassSymbol | None, sender: str, span: Span) -> Evidence:
        def evidence(states: frozenset[State]) -> tuple[tuple[Span, str], Confidence] | None:
            setting = self.requests.atomic_requests
            if setting is not None and states:
                return (setting, "each request is one transaction"), "medium"
            if model is not None:
                for one in (model, *self._heirs(model)):
                    place = self.saved.where(one, states)
                    if place is not None:
                        return place, "medium"
            elif sender in ADMIN_MODELS and states & SAVES:
                return (span, "the admin saves in a transaction"), "medium"
            return (span, "whoever saves may hold a transaction"), "low"

        return evidence

    def _heirs(self, model: ClassSymbol) -> list[ClassSymbol]:
        """The subclasses of a model in the modules that were read."""
        found: list[ClassSymbol] = []
        for module in self.evaluator.modules.kept.values():
            for node in module.facts.body:
                if isinstance(node, s.Class) and any(last_word(base) == model.name for base in node.bases):
                    cls = self.evaluator.class_symbol(node, module.scope)
                    if cls.node is not model.node and self.evaluator.classes.derives_from(cls, model.qualified):
                        found.append(cls)
        return found

    def _hooks(self, module: Module) -> Iterator[tuple[FunctionSymbol, Reach]]:
        """``save`` and ``delete`` of models, and what the admin's views call."""
        for scope, body in outer_scopes(module, self.evaluator):
            if scope.cls is None:
                continue
            for node in body:
                if not isinstance(node, s.Function):
                    continue
                function = self.evaluator.function_symbol(node, scope)
                if node.name in ("save", "asave"):
                    yield from self._saving(function, scope.cls)
                elif node.name in ADMIN_HOOKS:
                    yield from self._administered(function, scope.cls)

    def _saving(self, function: FunctionSymbol, cls: ClassSymbol) -> Iterator[tuple[FunctionSymbol, Reach]]:
        if self.callees.sorts.family(Reference(cls.qualified, cls, cls.span)) != "django":
            return
        saved = next((w.event for w in self.rows.written(function, {"self": 0})), None)
        if saved is not None:
            yield function, Reach(
                "save", "django", frozenset({"self"}), f"{cls.name}.{function.name}()", (),
                self._evidence_of(cls, "", function.span), model=cls.name, since=saved,
                written=self.relevance.model(cls), cls=cls,
            )  # fmt: skip

    def _administered(self, function: FunctionSymbol, cls: ClassSymbol) -> Iterator[tuple[FunctionSymbol, Reach]]:
        bases = self.evaluator.classes.outside_bases(cls)
        params = [p.name for p in function.node.params]
        if any(base.startswith(ADMIN_BASES) for base in bases) and len(params) > 2:
            row = ADMIN_HOOKS[function.name]
            row = row if row in params else params[2]
            rows = frozenset({row, f"{row}.instance"})
            place = (function.span, "the admin calls it in a transaction")
            name = f"{cls.name}.{function.name}()"
            yield function, Reach("admin", "django", rows, name, (), lambda _: (place, "high"))

    def _spread(self, function: FunctionSymbol, reach: Reach, found: dict[int, Found], depth: int = 0) -> None:
        """Note how a function is reached, and follow what it calls."""
        if function.module.is_test or self.runs_at_commit(function):
            return
        entry = found.setdefault(id(function.node), Found(function))
        if any(
            r.rows >= reach.rows and r.via == reach.via and r.kind == reach.kind and r.states >= reach.states
            for r in entry.reaches
        ):
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
            if not self._matters(event.call) or asks_for_a_transaction(event):
                continue
            for callee, onward in self._into(event, scope, function, reach):
                self._spread(callee, onward, found, depth + 1)

    def _into(
        self, event: Event, scope: Scope, caller: FunctionSymbol, reach: Reach
    ) -> Iterator[tuple[FunctionSymbol, Reach]]:
        """The functions that a call runs, with the rows as they are called there."""
        owner, method = split(event.call.func)
        if reach.receives is not None and reach.receives.node is caller.node:
            reach = replace(reach, states=reach.states & allowed(caller, event))
        if method in ("send", "send_robust") and isinstance(owner, s.Name):
            for reception in self._by_signal.get(owner.path.rpartition(".")[2], ()):
                parts = dict(self._keywords(event.call, scope, reach))
                steps = (*reach.steps, (event.span, f"sends `{reception.signal}`"))
                via = reach.via or (event.span if reach.kind != "caller" else None)
                yield reception.function, _onward(reach, parts, steps, via)
            return
        callee = self.callees.function(event.call, scope)
        if callee is None or callee.node is caller.node:
            return
        parts = dict(self._mapped(event.call, owner, callee, scope, reach))
        steps = (*reach.steps, (event.span, f"calls `{callee.name}()`"))
        via = reach.via or (event.span if reach.kind != "caller" else None)
        yield callee, _onward(reach, parts, steps, via)

    def _mapped(
        self, call: s.Call, owner: s.Expr | None, callee: FunctionSymbol, scope: Scope, reach: Reach
    ) -> Iterator[tuple[str, str]]:
        """The parameters that get a row, or something of it, and what."""
        params = [p.name for p in callee.node.params]
        if callee.owner is not None and params and not _is_static(callee):
            part = self._part(owner, scope, reach) if owner is not None else None
            if part is not None:
                yield params[0], part
            params = params[1:]
        for name, arg in zip(params, call.args, strict=False):
            part = self._part(arg, scope, reach)
            if part is not None:
                yield name, part
        yield from self._keywords(call, scope, reach)

    def _keywords(self, call: s.Call, scope: Scope, reach: Reach) -> Iterator[tuple[str, str]]:
        for keyword in call.keywords:
            part = self._part(keyword.value, scope, reach) if keyword.name else None
            if keyword.name and part is not None:
                yield keyword.name, part

    def _part(self, expr: s.Expr, scope: Scope, reach: Reach) -> str | None:
        """What an argument carries of a row: "" for the row itself; None for nothing."""
        paths = self.rows.handed(expr, scope)
        for row in reach.rows:
            found = [p for p in paths if p == row or p.startswith(row + ".")]
            if not found:
                continue
            before = dict(reach.parts).get(row, "")
            if before or row in found:
                return before
            return self.relevance.attribute(found[0][len(row) + 1 :].split("."), reach.cls)
        return None


def _onward(reach: Reach, parts: dict[str, str], steps: tuple[tuple[Span, str], ...], via: Span | None) -> Reach:
    """The way into the next function."""
    left = tuple((name, part) for name, part in parts.items() if part)
    return replace(reach, rows=frozenset(parts), parts=left, steps=steps, via=via, since=None)


def _fixed(span: Span, words: str) -> Evidence:
    return lambda _: ((span, words), "medium")


def asks_for_a_transaction(event: Event) -> bool:
    """Whether a condition around it asks if a transaction is open."""
    return any(
        isinstance(node, s.Name) and node.path.rpartition(".")[2] in ("in_atomic_block", "get_autocommit")
        for test, _ in event.tests
        for node in below(test)
    )


def speaks_of_commit(function: FunctionSymbol, word: str = "commit") -> bool:
    """Whether a function of the project names something that ends in a commit, such as ``on_commit``."""
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


def _is_static(function: FunctionSymbol) -> bool:
    return any(isinstance(d, s.Name) and d.path == "staticmethod" for d in function.node.decorators)


def last_word(expr: s.Expr) -> str:
    """The last part of the name of a decorator or base class, as written."""
    expr = expr.func if isinstance(expr, s.Call) else expr
    return expr.path.rpartition(".")[2] if isinstance(expr, s.Name) else ""


def _may_hold(function: FunctionSymbol) -> bool:
    """Whether a function has a decorator that may open a transaction, or a block."""
    if any(last_word(d) not in _PLAIN_DECORATORS for d in function.node.decorators):
        return True
    return any(isinstance(n, s.With) for n in statements(function.node.body or ()))
