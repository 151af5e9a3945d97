"""Django's settings modules: which files are variants of one project's settings, and what a name is worth in them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.walk import statements
from celerylint.model.evaluate import Evaluator
from celerylint.model.modules import Module
from celerylint.model.symbols import ClassSymbol, ModuleSymbol
from celerylint.model.values import Reference, Unknown, Value, choice
from celerylint.sources.prefilter import is_test_path
from celerylint.sources.spans import Span

_NAMED = re.compile(rb"DJANGO_SETTINGS_MODULE['\"]?[\s,:=]+['\"]?([A-Za-z_][\w.]*)")
_SETTINGS_FILE = re.compile(r"(^|/)(settings|config|conf)(/[^/]+)*\.py$|(^|/)[^/]*settings[^/]*\.py$")
_MAX_VARIANTS = 12


class DjangoSettings:
    """The settings of a Django project, all variants kept."""

    def __init__(self, evaluator: Evaluator, given: tuple[str, ...] = ()) -> None:
        self.evaluator = evaluator
        self.modules = self._find(given)
        for module in self.modules:
            module.is_settings = True
        self._names: dict[str, Value] = {}

    def _find(self, given: tuple[str, ...]) -> list[Module]:
        project = self.evaluator.modules
        if given:
            paths = [g if g.endswith(".py") else project.find(g, "") or "" for g in given]
            return [m for m in (project.load(p) for p in paths if p) if m is not None]
        named: set[str] = set()
        for path in project.tree.files:
            if path.endswith(("manage.py", "wsgi.py", "asgi.py", "celery.py", "celeryapp.py")) or not path.endswith(
                ".py"
            ):
                named |= self._named_in(path)
        candidates = [
            p for p in project.tree.files if _SETTINGS_FILE.search(p) and not is_test_path(p) and self._may_be(p)
        ]
        found = [m for m in (project.load(p) for p in sorted({*named, *candidates})) if m and self._is_settings(m)]
        return found[:_MAX_VARIANTS]

    def _may_be(self, path: str) -> bool:
        data = self.evaluator.modules.tree.read(path)
        return any(word in data for word in (b"INSTALLED_APPS", b"ROOT_URLCONF", b"import *"))

    def _named_in(self, path: str) -> set[str]:
        """Files named by DJANGO_SETTINGS_MODULE in one file of the project."""
        if not path.endswith(".py") and posixpath.basename(path) not in ("Procfile", "Dockerfile", "Makefile"):
            return set()
        data = self.evaluator.modules.tree.read(path)
        found = (self.evaluator.modules.find(m.decode(), path) for m in _NAMED.findall(data))
        return {f for f in found if f and not is_test_path(f)}

    def _is_settings(self, module: Module) -> bool:
        names = set(module.scope.table.by_name)
        if {"INSTALLED_APPS", "DATABASES", "ROOT_URLCONF", "SECRET_KEY", "MIDDLEWARE"} & names:
            return True
        if module.scope.table.stars and any(n.isupper() for n in names):
            return self.evaluator.module_member(module, "INSTALLED_APPS") is not None
        return any(
            self._settings_class(node, module) for node in statements(module.facts.body) if isinstance(node, s.Class)
        )

    def _settings_class(self, node: s.Class, module: Module) -> bool:
        cls = self.evaluator.class_symbol(node, module.scope)
        return self.evaluator.classes.find(cls, "INSTALLED_APPS") is not None

    def classes(self, module: Module) -> list[ClassSymbol]:
        """The settings classes of a module (django-configurations and its like): those nobody there derives from."""
        found = [
            self.evaluator.class_symbol(node, module.scope)
            for node in statements(module.facts.body)
            if isinstance(node, s.Class) and self._settings_class(node, module)
        ]
        bases = {id(b.node) for c in found for b in self.evaluator.classes.lineage(c)[0][1:]}
        return [c for c in found if id(c.node) not in bases]

    def lookup(self, name: str, span: Span) -> Value:
        """``django.conf.settings.NAME``, a choice where variants differ."""
        if name not in self._names:
            self._names[name] = Unknown(f"Django setting {name} refers to itself", span)
            values = list(self._values(name))
            self._names[name] = (
                choice(values, span) if values else Unknown(f"Django setting {name} is not visible", span)
            )
        return self._names[name]

    def _values(self, name: str) -> Iterator[Value]:
        for module in self.modules:
            found = self.evaluator.module_member(module, name)
            if found is not None and not (isinstance(found, Reference) and isinstance(found.symbol, ModuleSymbol)):
                yield found
            for cls in self.classes(module):
                member = self.evaluator.classes.find(cls, name)
                if member is not None:
                    yield member[0]


def module_names(module: Module, evaluator: Evaluator, seen: frozenset[str] = frozenset()) -> set[str]:
    """Every global name of a module, its star imports included."""
    names = {n for n in module.scope.table.by_name if "." not in n}
    for binding in module.scope.table.stars:
        if isinstance(binding.node, s.Import):
            target = evaluator.import_target(binding.node, module)
            if target is not None and target.path not in seen:
                names |= {n for n in module_names(target, evaluator, seen | {module.path}) if not n.startswith("_")}
    return names


def open_stars(module: Module, evaluator: Evaluator, seen: frozenset[str] = frozenset()) -> list[tuple[Span, bool]]:
    """The star imports of a module (and of those it stars) whose source is not in the project.

    The flag tells that the import may fail (``try: from .local import *``): such a file is one machine's own, it adds
    to settings that are complete without it.
    """
    result: list[tuple[Span, bool]] = []
    for binding in module.scope.table.stars:
        if isinstance(binding.node, s.Import):
            target = evaluator.import_target(binding.node, module)
            if target is None:
                result.append((module.span(binding.pos), any(word == "try" for _, word in binding.branch)))
            elif target.path not in seen:
                result.extend(open_stars(target, evaluator, seen | {module.path}))
    return result
