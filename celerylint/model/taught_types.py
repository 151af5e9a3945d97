"""Types that a project teaches the JSON serializer: ``kombu.utils.json.register_type``, a serializer of its own
registered as "json", or an encoder that was exchanged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import calls_below
from celerylint.knowledge.serializers import KINDS
from celerylint.knowledge.value_members import ANNOTATIONS
from celerylint.model.apps import last_name
from celerylint.model.symbols import ClassSymbol
from celerylint.model.values import Reference
from celerylint.model.visit import all_scopes

if TYPE_CHECKING:
    from celerylint.model.project import Project

_EXCHANGED = re.compile(
    rb"""JSONEncoder\.default\s*=|_default_encoder\s*=|register\(\s*["']json["']|kombu\.utils\.json\.\w+\s*=[^=]"""
)
_TAUGHT = b"register_type("


@dataclass(frozen=True, slots=True)
class Taught:
    """``anything`` tells that json may encode whatever the project likes; else ``kinds`` and the qualified ``classes``
    are what it was taught."""

    anything: bool = False
    kinds: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()

    def covers(self, kind: str, cls: ClassSymbol | None) -> bool:
        return self.anything or kind in self.kinds or (cls is not None and cls.qualified in self.classes)


def find_taught(project: Project) -> Taught:
    """What the production files of a project teach kombu."""
    kinds: set[str] = set()
    classes: set[str] = set()
    for path in project.tree.python_files:
        data = project.tree.read(path)
        if b"JSONEncoder" not in data and b"kombu" not in data:
            continue
        if _EXCHANGED.search(data):
            return Taught(anything=True)
        if _TAUGHT not in data:
            continue
        module = project.modules_index.load(path)
        if module is None:
            return Taught(anything=True)
        for scope, body in all_scopes(module, project.evaluator):
            for statement in body:
                if isinstance(statement, (s.Function, s.Class)):
                    continue
                for call in calls_below(statement, into_functions=False):
                    if last_name(call.func) != "register_type" or not call.args:
                        continue
                    value = project.evaluator.value(call.args[0], scope)
                    if not isinstance(value, Reference):
                        return Taught(anything=True)
                    name = value.of.removeprefix("builtins.")
                    classes.add(name)
                    kinds |= {kind for table in (KINDS, ANNOTATIONS) for known, kind in table.items() if known == name}
                    if isinstance(value.symbol, ClassSymbol):
                        kinds |= _family(project, value.symbol)
    return Taught(False, frozenset(kinds), frozenset(classes))


def _family(project: Project, cls: ClassSymbol) -> set[str]:
    """A base class that is taught covers everything below it."""
    kind = project.kinds.classes.of(cls)
    return {kind} if kind is not None else set()
