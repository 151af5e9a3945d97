"""The configuration: ``[tool.celerylint]`` in pyproject.toml, or the same keys at the top level of celerylint.toml.

There is one configuration per project, because the model is one per project. A key or rule that does not exist is an
error that names the file, the line and the nearest name that does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from celerylint.config_file import ConfigError, Table, read_toml
from celerylint.levels import CATEGORIES, LEVELS, PROFILES, Level, Levels, Override, is_glob, unknown_selector
from celerylint.model.given import Given
from celerylint.report import SEVERITIES
from celerylint.rule import Confidence, Profile, Rule, Severity
from celerylint.versions import release

__all__ = ["Config", "ConfigError", "find_root", "load"]

MARKERS = ("celerylint.toml", "pyproject.toml", ".git")
"""What makes a folder the root of a project."""

CONFIDENCES: tuple[Confidence, ...] = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Config:
    """What the user decided. Every field has the name of its key, with ``_`` for ``-``."""

    profile: Profile = "default"
    """Who listens: ``default`` blocks commits, ``pedantic`` adds opinions, ``audit`` shows all and never fails."""
    fail_on: Severity = "warning"
    """The mildest severity that makes the exit code 1."""
    min_confidence: Confidence | None = None
    """The least confidence that is shown; without it ``medium``, in the audit profile ``low``."""
    exclude: tuple[str, ...] = ()
    """Files and folders that are not looked at, as patterns of .gitignore."""
    plugins: tuple[str, ...] = ()
    """Plug-ins whose rules run too: installed names, or paths in the repository."""
    tests: bool = False
    """Whether findings in test code are shown."""
    given: Given = field(default_factory=Given)
    """Facts that cannot be read: the tables ``project`` and ``effects``."""
    levels: Levels = field(default_factory=Levels)
    """The tables ``rules`` and ``overrides``, with ``--select`` and ``--ignore``."""
    options: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """Options of single rules, by slug."""
    file: Path | None = None
    """Where it was read, None when no file says anything."""
    warnings: tuple[str, ...] = ()
    """What is odd about it but does not stop the run."""
    all_rules_known: bool = True
    """False when plug-ins were left out, so that an unknown name in a comment may be one of theirs."""
    _selectors: tuple[tuple[str, str], ...] = ()

    def check_selectors(self, rules: Iterable[type[Rule]]) -> None:
        """See that every selector of the file means a rule. Raises ConfigError with one line for each that does not."""
        known = {rule.slug: rule for rule in rules}
        complaints = [
            f"{where}: {complaint}"
            for selector, where in self._selectors
            if (complaint := unknown_selector(selector, known)) is not None
        ]
        if complaints and self.all_rules_known:
            raise ConfigError(*complaints)


def find_root(paths: Sequence[Path]) -> Path:
    """The root of the project that holds ``paths``: the nearest folder above them with one of the markers.

    Without any, the folder that holds them all.
    """
    folders = [path if path.is_dir() else path.parent for path in (Path(os.path.abspath(path)) for path in paths)]
    start = Path(os.path.commonpath(folders))
    return next((one for one in (start, *start.parents) if any((one / mark).exists() for mark in MARKERS)), start)


def load(
    root: Path,
    *,
    file: Path | None = None,
    isolated: bool = False,
    environ: Mapping[str, str] | None = None,
    command_line: Mapping[str, Any] | None = None,
) -> Config:
    """The configuration of the project at ``root``.

    ``file`` takes the place of the project's own; ``isolated`` reads none. ``environ`` holds ``CELERYLINT_PROFILE`` and
    the like, ``command_line`` the values of options by field name (None where not given) and ``select`` and ``ignore``.
    The command line wins over the environment, and that over the file. Raises ConfigError.
    """
    found, warnings = (None, ()) if isolated else _find(root, file)
    table = read_toml(found) if found else Table.empty()
    values = _from_table(table)
    table.finish()
    levels = cast(Levels, values.pop("levels"))
    values |= _from_environment(environ or {})
    given = {key: value for key, value in (command_line or {}).items() if value is not None}
    levels.select = tuple(given.pop("select", ()))
    levels.ignore = tuple(given.pop("ignore", ()))
    values |= given
    levels.profile = cast(Profile, values.get("profile", "default"))
    return Config(**values, levels=levels, file=None if table.absent else found, warnings=warnings)


def _find(root: Path, file: Path | None) -> tuple[Path | None, tuple[str, ...]]:
    if file is not None:
        return file, ()
    own, shared = root / "celerylint.toml", root / "pyproject.toml"
    if not own.is_file():
        return (shared if shared.is_file() else None), ()
    if shared.is_file() and not read_toml(shared).absent:
        return own, ("celerylint.toml is used; [tool.celerylint] in pyproject.toml is not",)
    return own, ()


def _from_table(table: Table) -> dict[str, Any]:
    """The keys of the file, checked. Complaints gather in the table, so that all of them are told at once."""
    values: dict[str, Any] = {
        "profile": table.choice("profile", PROFILES),
        "fail_on": table.choice("fail-on", SEVERITIES),
        "min_confidence": table.choice("min-confidence", CONFIDENCES),
        "exclude": table.strings("exclude"),
        "plugins": table.strings("plugins"),
        "tests": table.boolean("tests"),
        "given": _given(table.table("project"), table.table("effects")),
    }
    selectors: list[tuple[str, str]] = []
    options: dict[str, dict[str, Any]] = {}
    general = _levels(table.table("rules"), selectors, options)
    overrides = []
    for one in table.tables("overrides"):
        paths = one.strings("paths")
        if paths is None:
            one.complain(None, 'an override needs "paths"')
        overrides.append(Override(paths or (), _levels(one.table("rules"), selectors, None)))
        one.refuse_others()
    table.refuse_others()
    values = {key: value for key, value in values.items() if value is not None}
    return {
        **values,
        "options": options,
        "levels": Levels(levels=general, overrides=tuple(overrides)),
        "_selectors": tuple(selectors),
    }


def _given(project: Table, effects: Table) -> Given:
    values: dict[str, Any] = {
        "apps": project.strings("apps"),
        "settings": project.strings("settings"),
        "deploy": project.strings("deploy"),
        "broker": project.string("broker"),
        "celery": project.string("celery"),
        "external_tasks": project.strings("external-tasks"),
        "external_queues": project.strings("external-queues"),
        "effects": effects.strings("effects"),
        "guards": effects.strings("guards"),
    }
    if values["celery"] is not None and release(values["celery"]) is None:
        project.complain("celery", f'"celery" must be a version such as "5.5", not "{values["celery"]}"')
    project.refuse_others()
    effects.refuse_others()
    return Given(**{key: value for key, value in values.items() if value is not None})


def _levels(
    table: Table, selectors: list[tuple[str, str]], options: dict[str, dict[str, Any]] | None
) -> dict[str, Level]:
    """Selector -> level. ``options`` takes the options of rules; where it is None a rule can only be given a level."""
    levels: dict[str, Level] = {}
    for selector in table.keys:
        selectors.append((selector, table.where(selector)))
        if options is not None and isinstance(table.peek(selector), dict):
            one = table.table(selector)
            level = one.choice("level", LEVELS)
            options[selector] = one.rest()
            if options[selector] and (is_glob(selector) or selector in CATEGORIES):
                table.complain(selector, f'"{selector}" means several rules, so it takes a level but no options')
        else:
            level = table.choice(selector, LEVELS)
        if level is not None:
            levels[selector] = level
    return levels


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    complaints = []
    choices: dict[str, Sequence[str]] = {"profile": PROFILES, "fail_on": SEVERITIES, "min_confidence": CONFIDENCES}
    for key, allowed in choices.items():
        name = f"CELERYLINT_{key.upper()}"
        value = environ.get(name, "")
        if value and value not in allowed:
            complaints.append(f'environment variable {name}: must be one of {", ".join(allowed)}, not "{value}"')
        elif value:
            values[key] = value
    if complaints:
        raise ConfigError(*complaints)
    return values
