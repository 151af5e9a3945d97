"""Places that name a task without any of the words by which code that touches Celery is told: a task called like a
function, a misspelled method of it.

Files that never name Celery are found by their imports of task modules; functions whose bodies were left out are read
again when a task's name stands in them, followed by ``(`` or ``.``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import statements
from celerylint.model.modules import Module
from celerylint.model.scopes import Scope
from celerylint.model.visit import body_of, scopes

if TYPE_CHECKING:
    from celerylint.model.entities import Task
    from celerylint.model.evaluate import Evaluator
    from celerylint.sources.tree import Tree

_WORD = re.compile(rb"[A-Za-z_]\w*")


class Mentions:
    """Finds them for the tasks of a project that are functions."""

    def __init__(self, evaluator: Evaluator, tasks: Iterable[Task]) -> None:
        self._evaluator = evaluator
        self._places: dict[bytes, set[bytes]] = {}
        """Function name of a task: the last parts of the modules that define one of that name."""
        for task in tasks:
            if task.kind == "function" and task.function is not None and not task.in_tests:
                place = task.module.name.rpartition(".")[2].encode()
                self._places.setdefault(task.function.name.encode(), set()).add(place)

    def unread(self, tree: Tree, paths: Iterable[str]) -> Iterator[str]:
        """Those of ``paths`` whose files import a task module, or from one, and name one of its tasks."""
        if not self._places:
            return
        words = sorted(set[bytes]().union(*self._places.values()))
        places = b"|".join(map(re.escape, words))
        imports = re.compile(rb"\b(?:" + places + rb")[ \t]+import\b|\bimport[ \t]+[^\n]*\b(?:" + places + rb")\b")
        for path in paths:
            data = tree.read(path)
            if any(word in data for word in words) and imports.search(data) and self._named(data):
                yield path

    def scopes(self, module: Module, tree: Tree) -> Iterator[Scope]:
        """The functions of a module whose bodies were left out and that name a task, those inside them too."""
        left_out = [
            (node, scope)
            for scope in scopes(module, self._evaluator)
            for node in statements(body_of(scope))
            if isinstance(node, s.Function) and node.body is None
        ]
        if not left_out:
            return
        lines = self._lines(tree.read(module.path), module.name.rpartition(".")[2].encode())
        for node, scope in left_out:
            if any(node.pos[2] < line <= node.whole[2] for line in lines):
                yield from self._below(node, scope)

    def _below(self, node: s.Function, scope: Scope) -> Iterator[Scope]:
        function = self._evaluator.function_symbol(node, scope)
        inner = self._evaluator.function_scope(function)
        yield inner
        for nested in statements(function.statements):
            if isinstance(nested, s.Function):
                yield from self._below(nested, inner)

    def _named(self, data: bytes, own: bytes = b"") -> list[bytes]:
        """The tasks' function names in a file that names, or is (``own``), a module which defines one of that name."""
        words = {*_WORD.findall(data), own}
        return sorted(name for name in self._places.keys() & words if self._places[name] & words)

    def _lines(self, data: bytes, own: bytes) -> list[int]:
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        names = self._named(data, own)
        if not names:
            return []
        either = b"|".join(map(re.escape, names))
        aliases = re.findall(rb"\b(?:" + either + rb")[ \t]+as[ \t]+(\w+)", data)
        used = re.compile(rb"\b(?:" + b"|".join((either, *aliases)) + rb")[ \t]*[(.]")
        return [data.count(b"\n", 0, match.start()) + 1 for match in used.finditer(data)]
