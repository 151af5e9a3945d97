"""Which rules run, and how loud their findings are: profiles, levels, selections, overrides by path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias

from celerylint.rule import Profile, Rule

Level: TypeAlias = Literal["off", "info", "warning", "error"]

LEVELS: tuple[Level, ...] = ("off", "info", "warning", "error")
PROFILES: tuple[Profile, ...] = ("default", "pedantic", "audit")
CATEGORIES = ("correctness", "reliability", "security", "performance", "operations")


@dataclass(frozen=True, slots=True)
class Override:
    """Levels for the files that match ``paths`` (patterns as in .gitignore, relative to the project root)."""

    paths: tuple[str, ...]
    levels: Mapping[str, Level]


@dataclass(slots=True)
class Levels:
    """Answers, for a rule and a path, whether it is wanted there and with which severity.

    ``levels`` maps selectors (slug, category, glob) to levels. The most specific wins: an override that matches the
    path before the general table, a later override before an earlier one, and within one table a slug before a glob, a
    longer glob before a shorter one, a glob before a category, and ``*`` last. A rule beyond the profile takes part
    only when it is named by its whole slug, in a table that applies or in ``select``.
    """

    profile: Profile = "default"
    levels: Mapping[str, Level] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    _matchers: dict[int, _PathMatcher] = field(default_factory=dict, repr=False)

    def runs(self, rule: type[Rule]) -> bool:
        """Whether a finding of this rule could be wanted anywhere."""
        if any(matches(one, rule) for one in self.ignore):
            return False
        if self.select and not any(matches(one, rule) for one in self.select):
            return False
        tables = [self.levels, *(override.levels for override in self.overrides)]
        wanted = [_best(rule, table) for table in tables]
        if wanted[0] == "off" and all(level in (None, "off") for level in wanted[1:]):
            return False
        return self._in_profile(rule) or any(table.get(rule.slug, "off") != "off" for table in tables)

    def at(self, rule: type[Rule], path: str) -> Level | Literal["default", "below"]:
        """The level of a rule in one file; "default" leaves it to the finding, "below" means beyond the profile."""
        tables = [self.levels, *(one.levels for index, one in enumerate(self.overrides) if self._applies(index, path))]
        level: Level | None = None
        for table in tables:
            level = _best(rule, table) or level
        if level == "off":
            return "off"
        if not self._in_profile(rule) and not any(table.get(rule.slug, "off") != "off" for table in tables):
            return "below"
        return level or "default"

    def _in_profile(self, rule: type[Rule]) -> bool:
        return PROFILES.index(rule.profile) <= PROFILES.index(self.profile) or rule.slug in self.select

    def _applies(self, index: int, path: str) -> bool:
        if index not in self._matchers:
            self._matchers[index] = _PathMatcher(self.overrides[index].paths)
        return self._matchers[index].matches(path)


class _PathMatcher:
    def __init__(self, patterns: Iterable[str]) -> None:
        import pathspec  # only a configuration with overrides pays for it

        self._spec = pathspec.GitIgnoreSpec.from_lines(patterns)

    def matches(self, path: str) -> bool:
        return bool(self._spec.match_file(path))


def matches(selector: str, rule: type[Rule]) -> bool:
    """Whether a selector (slug, category or glob over slugs) means this rule."""
    return selector in (rule.slug, rule.category) or (is_glob(selector) and fnmatchcase(rule.slug, selector))


def is_glob(selector: str) -> bool:
    return any(sign in selector for sign in "*?[")


def unknown_selector(selector: str, rules: Mapping[str, type[Rule]]) -> str | None:
    """None when the selector means something, else a clause that says it does not, with the nearest name that would."""
    if any(matches(selector, rule) for rule in rules.values()) or selector in CATEGORIES:
        return None
    if is_glob(selector):
        return f'"{selector}" matches no rule'
    return f'"{selector}" is neither a rule nor a category{did_you_mean(selector, [*rules, *CATEGORIES])}'


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean "x"?`` for the nearest known word, or nothing when none is near."""
    near = nearest(word, known)
    return f'; did you mean "{near}"?' if near else ""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like ``word``, None when none is like it."""
    import difflib  # only mistakes pay for it

    found = difflib.get_close_matches(word.lower().replace("_", "-"), list(known), n=1, cutoff=0.7)
    return found[0] if found else None


def _best(rule: type[Rule], table: Mapping[str, Level]) -> Level | None:
    chosen = max((one for one in table if matches(one, rule)), key=lambda one: _weight(one, rule), default=None)
    return table[chosen] if chosen is not None else None


def _weight(selector: str, rule: type[Rule]) -> tuple[int, int]:
    if selector == rule.slug:
        return (3, 0)
    if is_glob(selector):
        literal = len(re.sub(r"\[.*?\]|[*?]", "", selector))
        return (2, literal) if literal else (0, 0)
    return (1, 0)
