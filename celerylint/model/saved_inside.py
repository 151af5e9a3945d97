"""Where a Django model is saved inside a transaction: by the admin, by ``get_or_create``, in an atomic block.

``post_save`` receivers and ``save()`` run in whatever transaction the one who saves holds. Files are chosen by their
text first; what matches is read and resolved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.knowledge.transactions import ATOMIC_WRITERS
from celerylint.model.apps import last_name
from celerylint.model.callees import split
from celerylint.model.functions import Event
from celerylint.model.guards import ANY, CREATES, SAVES, UPDATES, UPDATES_FIELDS, State
from celerylint.model.modules import Module
from celerylint.model.scopes import Scope, reaching
from celerylint.model.symbols import ClassSymbol
from celerylint.model.values import Reference
from celerylint.model.visit import scopes
from celerylint.sources.prefilter import is_test_path
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.atomic import Atomic

_WRITER = re.compile(rb"atomic|_or_create\(|admin\.(?:site|register)")
_SAVING = frozenset({"save", "asave", "create", "acreate", *ATOMIC_WRITERS})
_DELETES = frozenset({"delete", "adelete"})
_SKIPPED = re.compile(r"(?:^|/)(?:migrations|factories|fixtures)(?:/|\.py$)")


class SavedInside:
    """Finds places where a model is saved inside a transaction."""

    def __init__(self, atomic: Atomic) -> None:
        self.atomic = atomic
        self.evaluator = atomic.evaluator
        self.sorts = atomic.callees.sorts
        self._known: dict[int, list[tuple[Span, str, frozenset[State]]]] = {}

    @cached_property
    def writers(self) -> dict[str, bytes]:
        """The production files in which models may be saved inside a transaction."""
        tree = self.evaluator.modules.tree
        found: dict[str, bytes] = {}
        for path in tree.python_files:
            if is_test_path(path) or _SKIPPED.search(path):
                continue
            data = tree.read(path)
            if _WRITER.search(data):
                found[path] = data
        return found

    def where(self, model: ClassSymbol, states: frozenset[State] = ANY) -> tuple[Span, str] | None:
        """One place that saves in one of some ways, and a few words about it; None when none is seen."""
        key = id(model.node)
        if key not in self._known:
            self._known[key] = list(self._places(model))
        return next(((span, words) for span, words, ways in self._known[key] if ways & states), None)

    def deleted(self, model: ClassSymbol) -> tuple[Span, str] | None:
        """One place that deletes rows of a model inside a transaction: the admin of the model or of one that takes its
        rows along, or an atomic block."""
        for cls in (model, *self._parents(model)):
            for path, data in self.writers.items():
                if b"admin" in data and cls.name.encode() in data:
                    found = self._by_text(path, cls, _registered(cls.name), "the admin deletes in a transaction", SAVES)
                    for span, words, _ in found:
                        return span, words
        for path, data in self.writers.items():
            module = self.evaluator.modules.load(path) if b"atomic" in data and b".delete(" in data else None
            for span, _, _ in self._in_blocks(module, model, _DELETES) if module is not None else ():
                return span, "deletes inside a transaction"
        return None

    def _parents(self, model: ClassSymbol) -> Iterator[ClassSymbol]:
        """The models of the project whose deletion takes a row of a model along."""
        for cls in self.evaluator.classes.lineage(model)[0]:
            for node in cls.node.body:
                if not isinstance(node, s.Assign) or not isinstance(node.value, s.Call) or not node.value.args:
                    continue
                if last_name(node.value.func) in ("ForeignKey", "OneToOneField"):
                    value = self.evaluator.value(node.value.args[0], cls.module.scope)
                    if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol):
                        yield value.symbol

    def _places(self, model: ClassSymbol) -> Iterator[tuple[Span, str, frozenset[State]]]:
        named = re.compile(rb"\b%s\b" % model.name.encode())
        files = [path for path, data in self.writers.items() if named.search(data)]
        files.sort(key=lambda path: ("/management/" in path, path))
        for path in files:
            if b"admin" in self.writers[path]:
                pattern = _registered(model.name)
                yield from self._by_text(path, model, pattern, "the admin saves in a transaction", SAVES)
        for path in files:
            if b"_or_create" in self.writers[path]:
                for way, states in _WAYS.items():
                    pattern = _or_create(model.name, way)
                    yield from self._by_text(path, model, pattern, "saves inside a transaction", states)
        for path in files:
            if b"atomic" in self.writers[path]:
                module = self.evaluator.modules.load(path)
                yield from self._in_blocks(module, model) if module is not None else ()

    def _by_text(
        self, path: str, model: ClassSymbol, pattern: re.Pattern[str], words: str, states: frozenset[State]
    ) -> Iterator[tuple[Span, str, frozenset[State]]]:
        module = self.evaluator.modules.load(path)
        if module is None:
            return
        text = self.evaluator.modules.tree.source(path).text
        for match in pattern.finditer(text):
            if self._is(match[match.lastindex or 1], module, model):
                start, end = match.span(match.lastindex or 1)
                line = text.count("\n", 0, start) + 1
                column = start - (text.rfind("\n", 0, start) + 1) + 1
                yield Span(path, line, column, line, column + end - start), words, states

    def _is(self, path: str, module: Module, model: ClassSymbol) -> bool:
        value = self.evaluator.name(path, module.scope, None)
        if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol):
            return value.symbol.node is model.node or value.symbol.qualified == model.qualified
        local = re.compile(rf"import[^\n]*\b{re.escape(path.split('.')[0])}\b")
        return (
            not isinstance(value, Reference)
            and local.search(self.evaluator.modules.tree.source(module.path).text) is not None
        )

    def _in_blocks(
        self, module: Module, model: ClassSymbol, methods: frozenset[str] = _SAVING
    ) -> Iterator[tuple[Span, str, frozenset[State]]]:
        for scope in scopes(module, self.evaluator):
            function = scope.function
            if function is None:
                continue
            decorated = self.atomic.decorating(function) if function.node.decorators else None
            for event in function.body.calls:
                if event.deferred or not (decorated or event.withs):
                    continue
                if self._saves(event.call, model, scope, methods) and (
                    decorated or self.atomic.blocks(event.withs, scope)
                ):
                    yield event.span, "saves inside a transaction", self._ways(event, scope)

    def _ways(self, event: Event, scope: Scope) -> frozenset[State]:
        """Whether a call creates or updates, as far as the function around it tells."""
        owner, method = split(event.call.func)
        if method not in ("save", "asave"):
            return CREATES if "update" not in method else ANY
        if any(k.name == "update_fields" for k in event.call.keywords):
            return UPDATES_FIELDS
        bindings = scope.table.by_name.get(owner.path, []) if isinstance(owner, s.Name) else []
        found = reaching(bindings, event.span.pos, event.branch)
        values = [b.value for b in found if b.kind == "assign"]
        if not values or len(values) != len(found):
            return SAVES
        names = [last_name(v.func) if isinstance(v, s.Call) else "" for v in values]
        if all(name[:1].isupper() or name == "cls" for name in names):
            return CREATES
        return UPDATES if all(name in _FETCH for name in names) else SAVES

    def _saves(self, call: s.Call, model: ClassSymbol, scope: Scope, methods: frozenset[str]) -> bool:
        owner, method = split(call.func)
        if owner is None:
            return False
        if method in methods:
            sort = self.sorts.of(owner, scope)
            return (
                sort is not None
                and sort.model is not None
                and sort.kind in ("instance", "manager", "query", "class")
                and sort.model.qualified == model.qualified
            )
        return False


_WAYS: dict[str, frozenset[State]] = {"get": CREATES, "update": ANY}
"""Of ``get_or_create`` and ``update_or_create``: how they save."""
_FETCH = frozenset({"get", "first", "last", "latest", "earliest", "get_object_or_404"})


def _or_create(name: str, way: str) -> re.Pattern[str]:
    methods = "|".join(sorted(m for m in ATOMIC_WRITERS if way in m))
    return re.compile(rf"((?:\w+\.)*\b{name})\.\w+\.(?:{methods})\(")


def _registered(name: str) -> re.Pattern[str]:
    """``register(Order)`` by call or decorator, and ``(Order, OrderAdmin)`` in what is registered in a loop."""
    path = rf"((?:\w+\.)*\b{name})"
    return re.compile(rf"\bregister\(\s*(?:[\w.]+\s*,\s*)*?\[?\(?\s*{path}\b|[(\[]\s*{path}\s*,\s*[\w.]*Admin\b")
