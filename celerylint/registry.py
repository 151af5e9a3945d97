"""Which rules there are: the package ``celerylint.rules``, walked, and the plug-ins that the configuration lists.

A rule's name is its module's name: ``rules/retries/retry_swallowed.py`` holds the class ``RetrySwallowed``, whose slug
is ``retry-swallowed`` and whose family is ``retries``. Nothing is registered by hand. Plug-ins keep the same contract;
see `celerylint.plugins`.
"""

from __future__ import annotations

import ast
import importlib
import os
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

from celerylint.levels import CATEGORIES, PROFILES, matches, nearest
from celerylint.rule import API, HOOKS, Rule, overridden
from celerylint.versions import allows

__all__ = [
    "RuleProblem",
    "adopt",
    "builtin",
    "camel",
    "classes_of_module",
    "load",
    "match",
    "nearest",
    "rules_of_package",
    "slug_of_class",
]

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")


class RuleProblem(Exception):
    """A rule or plug-in that cannot be used, with the place where it says so (``path`` and ``line``, when known)."""

    def __init__(self, message: str, path: str | None = None, line: int | None = None) -> None:
        self.message, self.path, self.line = message, path, line
        where = "" if path is None else f"{_shown(path)}: " if line is None else f"{_shown(path)}:{line}: "
        super().__init__(f"{where}{message}")


@cache
def builtin() -> tuple[type[Rule], ...]:
    """Every rule that comes with celerylint, sorted by slug. Raises RuleProblem when one breaks the contract."""
    package = importlib.import_module("celerylint.rules")
    return _unique(rules_of_package(package))


def load(
    plugins: Sequence[str], root: Path, on_problem: Callable[[RuleProblem], None] | None = None
) -> tuple[type[Rule], ...]:
    """The built-in rules and those of the listed plug-ins, sorted by slug.

    ``plugins`` are distribution names, entry-point names or paths relative to ``root``; pass an empty sequence for
    ``--no-plugins``. A plug-in that cannot be used raises RuleProblem, or is handed to ``on_problem`` and left out.
    """
    rules = list(builtin())
    for plugin in plugins:
        from celerylint.plugins import rules_of_plugin  # scanning entry points is paid only by those who list one

        try:
            found = rules_of_plugin(plugin, root)
            _unique([*rules, *found])
        except RuleProblem as problem:
            if on_problem is None:
                raise
            on_problem(problem)
        else:
            rules += found
    return _unique(rules)


def match(pattern: str, rules: Iterable[type[Rule]]) -> set[str]:
    """The slugs that a pattern means: a slug, a category, a family or a glob over slugs."""
    return {rule.slug for rule in rules if pattern == rule.family or matches(pattern, rule)}


def rules_of_package(package: ModuleType, family: str | None = None) -> Iterator[type[Rule]]:
    """The rules of a package, one per module, named and checked. Folders are families unless ``family`` is given.

    Modules and folders whose names start with ``_`` are passed over: what several rules share lives there.
    """
    for entry in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        stem = entry.name.rpartition(".")[2]
        if stem.startswith("_"):
            continue
        module = importlib.import_module(entry.name)
        if entry.ispkg:
            yield from rules_of_package(module, family or stem)
        else:
            yield _only_rule(module, stem, family or "")


def classes_of_module(module: ModuleType) -> list[type[Rule]]:
    """The public rule classes that a module defines itself, in the order of the file."""
    return [
        value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Rule)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    ]


def adopt(rule: type[Rule], slug: str, family: str) -> type[Rule]:
    """Give a class its slug and family, and see that it keeps the contract. Raises RuleProblem with file and line."""
    rule.slug, rule.family = slug, family
    complaint = _complaint(rule)
    if complaint:
        path = sys.modules[rule.__module__].__file__
        raise RuleProblem(f"rule `{slug}`: {complaint}", path, _line_of_class(path, rule.__name__))
    return rule


def camel(stem: str) -> str:
    """``retry_swallowed`` or ``retry-swallowed`` as a class name: ``RetrySwallowed``."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[_-]", stem))


def slug_of_class(name: str) -> str:
    """``RetrySwallowed`` as a slug: ``retry-swallowed``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def _only_rule(module: ModuleType, stem: str, family: str) -> type[Rule]:
    classes, wanted = classes_of_module(module), camel(stem)
    names = [rule.__name__ for rule in classes]
    if names == [wanted]:
        return adopt(classes[0], stem.replace("_", "-"), family)
    hint = "prefix the module's name with an underscore if it holds none"
    if not names:
        raise RuleProblem(f"no rule here; expected one class `{wanted}(Rule)` ({hint})", module.__file__, 1)
    other = next(name for name in names if name != wanted)
    line = _line_of_class(module.__file__, other)
    if len(names) == 1:
        raise RuleProblem(f"the rule of `{stem}.py` is called `{wanted}`, not `{other}`", module.__file__, line)
    raise RuleProblem(f"one rule per module: `{other}` needs a file of its own", module.__file__, line)


def _complaint(rule: type[Rule]) -> str | None:
    """What is wrong with a rule class, None when nothing is."""
    if not isinstance(rule.api, int) or rule.api < 1:
        return f"`api` is a number from 1 to {API}"
    if rule.api > API:
        return f"needs version {rule.api} of the rule contract and this celerylint has {API}; upgrade celerylint"
    if not SLUG.fullmatch(rule.slug):
        return "a slug is two or more lower-case words joined by hyphens, the subject first"
    for name, allowed in (
        ("category", CATEGORIES),
        ("severity", ("error", "warning", "info")),
        ("profile", PROFILES),
        ("fix_safety", (None, "safe", "unsafe")),
    ):
        value = getattr(rule, name)
        if value not in allowed:
            return f"`{name}` is {value!r}; expected one of {', '.join(str(one) for one in allowed)}"
    if not isinstance(rule.sources, tuple):
        return "`sources` is a tuple of strings"
    if (rule.fix is not Rule.fix) != (rule.fix_safety is not None):
        return "`fix` and `fix_safety` come together: define both or neither"
    try:
        allows(rule.celery, None)
    except ValueError as error:
        return f"`celery`: {error}"
    for name in vars(rule):
        if name.startswith("check_") and name not in HOOKS:
            near = nearest(name, [hook.replace("_", "-") for hook in HOOKS])
            return f"there is no hook `{name}`" + (f"; did you mean `{near.replace('-', '_')}`?" if near else "")
    if not any(overridden(rule)):
        return "no `check_*` hook is defined"
    return None


def _unique(rules: Iterable[type[Rule]]) -> tuple[type[Rule], ...]:
    seen: dict[str, type[Rule]] = {}
    for rule in rules:
        if rule.slug in seen:
            path = sys.modules[rule.__module__].__file__
            other = _shown(sys.modules[seen[rule.slug].__module__].__file__ or "")
            raise RuleProblem(f"`{rule.slug}` is already a rule, in {other}", path, _line_of_class(path, rule.__name__))
        seen[rule.slug] = rule
    return tuple(seen[slug] for slug in sorted(seen))


def _line_of_class(path: str | None, name: str) -> int | None:
    """Where a class is defined, found only when there is something to complain about."""
    try:
        tree = ast.parse(Path(path or "").read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    return next((node.lineno for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == name), None)


def _shown(path: str) -> str:
    """A path as people read it: relative when it lies under the working directory, ``/`` always."""
    here = os.getcwd() + os.sep
    return path.removeprefix(here).replace(os.sep, "/")
