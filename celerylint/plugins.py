"""Plug-ins: rules from an installed distribution or from a file or package in the repository.

Only those that the configuration lists are loaded: installing a package must not change what a check says. The slugs
of a plug-in begin with its name, so that they never clash with rules that celerylint adds later. The name is the entry
point's, or the first word of the file's or package's name (``lint/acme_rules.py`` is the plug-in ``acme``).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from celerylint.levels import did_you_mean
from celerylint.registry import RuleProblem, adopt, classes_of_module, rules_of_package, slug_of_class
from celerylint.rule import Rule

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["GROUP", "rules_of_module_name", "rules_of_plugin"]

GROUP = "celerylint.rules"
"""The entry-point group. A value is a package to walk (one rule per module) or one module with any number of rules."""


def rules_of_plugin(plugin: str, root: Path) -> list[type[Rule]]:
    """The rules of one entry of ``plugins``: a path when it holds a ``/`` or ends with ``.py``, else an installed name.

    Raises RuleProblem when there is no such plug-in, when importing it fails, or when a rule of it breaks the contract.
    """
    if "/" in plugin or "\\" in plugin or plugin.endswith(".py"):
        path = (root / plugin).resolve()
        return _rules(lambda: _import_path(path, plugin), plugin, _first_word(path.stem))
    found: list[type[Rule]] = []
    for entry in _entries(plugin):
        found += _rules(entry.load, plugin, entry.name)
    return found


def rules_of_module_name(name: str) -> list[type[Rule]]:
    """The rules of an importable module or package, as if a plug-in; for the tests of those who write one."""
    return _rules(lambda: importlib.import_module(name), name, _first_word(name.rpartition(".")[2]))


def _entries(plugin: str) -> list[EntryPoint]:
    from importlib.metadata import entry_points

    wanted, known = _normal(plugin), set[str]()
    found: list[EntryPoint] = []
    for entry in entry_points(group=GROUP):
        names = {_normal(entry.name), _normal(entry.dist.name if entry.dist else entry.name)}
        known |= names
        if wanted in names:
            found.append(entry)
    if not found:
        raise RuleProblem(f'plug-in "{plugin}" is not installed{did_you_mean(plugin, sorted(known))}')
    return found


def _rules(import_it: Callable[[], object], plugin: str, name: str) -> list[type[Rule]]:
    prefix = name.replace("_", "-").lower()
    try:
        module = import_it()
        if not isinstance(module, ModuleType):
            raise RuleProblem(f'plug-in "{plugin}": the entry point `{name}` names no module')
        if hasattr(module, "__path__"):
            found = list(rules_of_package(module, prefix))
        else:
            found = [adopt(rule, slug_of_class(rule.__name__), prefix) for rule in classes_of_module(module)]
    except RuleProblem:
        raise
    except (Exception, SystemExit) as error:
        raise _import_problem(plugin, error) from error
    if not found:
        raise RuleProblem(f'plug-in "{plugin}" holds no rule', module.__file__)
    for rule in found:
        if not rule.slug.startswith(f"{prefix}-"):
            message = f"the slugs of this plug-in begin with `{prefix}-`; `{rule.slug}` does not"
            raise RuleProblem(message, sys.modules[rule.__module__].__file__)
    return found


def _import_path(path: Path, plugin: str) -> ModuleType:
    file = path / "__init__.py" if path.is_dir() else path
    if not file.is_file():
        missing = "is a folder without __init__.py" if path.is_dir() else "does not exist"
        raise RuleProblem(f'plug-in "{plugin}": {path.name} {missing}')
    name = f"celerylint_plugin_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    search = [str(path)] if path.is_dir() else None
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=search)
    if spec is None or spec.loader is None:
        raise RuleProblem(f'plug-in "{plugin}" is not a Python file')
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _import_problem(plugin: str, error: BaseException) -> RuleProblem:
    """One line for an import that failed, at the place in the plug-in where it did."""
    message = f'plug-in "{plugin}" cannot be imported: {type(error).__name__}'
    text = str(error).strip().splitlines()
    if isinstance(error, SyntaxError) and error.filename:
        return RuleProblem(f"{message}: {error.msg}", error.filename, error.lineno)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_machinery(frame.filename)]
    if not frames:
        return RuleProblem(f"{message}: {text[0]}" if text else message)
    folder = str(Path(frames[0].filename).parent)  # the error may be raised in a library that the plug-in calls
    own = [frame for frame in frames if frame.filename.startswith(folder)]
    return RuleProblem(f"{message}: {text[0]}" if text else message, own[-1].filename, own[-1].lineno)


def _is_machinery(filename: str) -> bool:
    """Whether a file is part of how a module is imported rather than of the module."""
    return filename.startswith(("<", str(Path(__file__).parent), str(Path(importlib.__file__).parent)))


def _normal(name: str) -> str:
    """A name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _first_word(stem: str) -> str:
    return re.split(r"[_-]", stem.lstrip("_"))[0]
