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
from celerylint.model.callees import split
from celerylint.model.modules import Module
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol
from celerylint.model.values import Reference
from celerylint.model.visit import scopes
from celerylint.sources.prefilter import is_test_path
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.atomic import Atomic

_WRITER = re.compile(rb"atomic|_or_create\(|admin\.(?:site|register)")
_SKIPPED = re.compile(r"(?:^|/)(?:migrations|factories|fixtures)(?:/|\.py$)")


class SavedInside:
    """Finds places where a model is saved inside a transaction."""

    def __init__(self, atomic: Atomic) -> None:
        self.atomic = atomic
        self.evaluator = atomic.evaluator
        self.sorts = atomic.callees.sorts
        self._known: dict[int, tuple[Span, str] | None] = {}

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

    def where(self, model: ClassSymbol) -> tuple[Span, str] | None:
        """One place, and a few words about it; None when none is seen."""
        key = id(model.node)
        if key not in self._known:
            self._known[key] = next(self._places(model), None)
        return self._known[key]

    def _places(self, model: ClassSymbol) -> Iterator[tuple[Span, str]]:
        named = re.compile(rb"\b%s\b" % model.name.encode())
        files = [path for path, data in self.writers.items() if named.search(data)]
        files.sort(key=lambda path: ("/management/" in path, path))
        for path in files:
            if b"_or_create" in self.writers[path]:
                yield from self._by_text(path, model, _or_create(model.name), "saves inside a transaction")
        for path in files:
            if b"admin" in self.writers[path]:
                yield from self._by_text(path, model, _registered(model.name), "the admin saves in a transaction")
        for path in files:
            if b"atomic" in self.writers[path]:
                module = self.evaluator.modules.load(path)
                yield from self._in_blocks(module, model) if module is not None else ()

    def _by_text(
        self, path: str, model: ClassSymbol, pattern: re.Pattern[str], words: str
    ) -> Iterator[tuple[Span, str]]:
        module = self.evaluator.modules.load(path)
        if module is None:
            return
        text = self.evaluator.modules.tree.source(path).text
        for match in pattern.finditer(text):
            if self._is(match[match.lastindex or 1], module, model):
                start, end = match.span(match.lastindex or 1)
                line = text.count("\n", 0, start) + 1
                column = start - (text.rfind("\n", 0, start) + 1) + 1
                yield Span(path, line, column, line, column + end - start), words

    def _is(self, path: str, module: Module, model: ClassSymbol) -> bool:
        value = self.evaluator.name(path, module.scope, None)
        if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol):
            return value.symbol.node is model.node or value.symbol.qualified == model.qualified
        local = re.compile(rf"import[^\n]*\b{re.escape(path.split('.')[0])}\b")
        return (
            not isinstance(value, Reference)
            and local.search(self.evaluator.modules.tree.source(module.path).text) is not None
        )

    def _in_blocks(self, module: Module, model: ClassSymbol) -> Iterator[tuple[Span, str]]:
        for scope in scopes(module, self.evaluator):
            function = scope.function
            if function is None:
                continue
            decorated = self.atomic.decorating(function) if function.node.decorators else None
            for event in function.body.calls:
                if event.deferred or not (decorated or event.withs):
                    continue
                if self._saves(event.call, model, scope) and (decorated or self.atomic.blocks(event.withs, scope)):
                    yield event.span, "saves inside a transaction"

    def _saves(self, call: s.Call, model: ClassSymbol, scope: Scope) -> bool:
        owner, method = split(call.func)
        if owner is None:
            return False
        if method in ("save", "asave", "create", "acreate", *ATOMIC_WRITERS):
            sort = self.sorts.of(owner, scope)
            return (
                sort is not None
                and sort.model is not None
                and sort.kind in ("instance", "manager", "query", "class")
                and sort.model.qualified == model.qualified
            )
        return False


def _or_create(name: str) -> re.Pattern[str]:
    methods = "|".join(sorted(ATOMIC_WRITERS))
    return re.compile(rf"((?:\w+\.)*\b{name})\.\w+\.(?:{methods})\(")


def _registered(name: str) -> re.Pattern[str]:
    """``register(Order)`` by call or decorator, and ``(Order, OrderAdmin)`` in what is registered in a loop."""
    path = rf"((?:\w+\.)*\b{name})"
    return re.compile(rf"\bregister\(\s*(?:[\w.]+\s*,\s*)*?\[?\(?\s*{path}\b|[(\[]\s*{path}\s*,\s*[\w.]*Admin\b")
