from __future__ import annotations

from typing import Any

import pytest

from celerylint.levels import PROFILES, Levels, Override, matches, unknown_selector
from celerylint.rule import Rule


def rule(slug: str, **attributes: Any) -> type[Rule]:
    return type("Made", (Rule,), {"slug": slug, "category": "reliability", **attributes})


BEAT = rule("beat-overlap")
PEDANTIC = rule("task-name-implicit", category="operations", profile="pedantic")
AUDIT = rule("task-inventory", category="operations", profile="audit")
KNOWN = {one.slug: one for one in (BEAT, PEDANTIC, AUDIT)}


@pytest.mark.parametrize("selector", ["beat-overlap", "beat-*", "*", "reliability", "*-overlap", "b[a-f]at-*"])
def test_a_selector_means_a_rule(selector: str) -> None:
    assert matches(selector, BEAT)


@pytest.mark.parametrize("selector", ["beat", "beat-overlaps", "task-*", "operations", "schedule"])
def test_a_selector_does_not_mean_a_rule(selector: str) -> None:
    assert not matches(selector, BEAT)


def test_an_unknown_selector_comes_with_the_nearest_name() -> None:
    assert unknown_selector("beat-overlap", KNOWN) is None
    assert unknown_selector("security", KNOWN) is None, "a category without a rule is a category all the same"
    assert unknown_selector("beat_overlaps", KNOWN) == (
        '"beat_overlaps" is neither a rule nor a category; did you mean "beat-overlap"?'
    )
    assert unknown_selector("reliabilty", KNOWN) == (
        '"reliabilty" is neither a rule nor a category; did you mean "reliability"?'
    )
    assert unknown_selector("queue-*", KNOWN) == '"queue-*" matches no rule'


def test_profiles_hold_each_other() -> None:
    wanted = {profile: [one.slug for one in KNOWN.values() if Levels(profile).runs(one)] for profile in PROFILES}
    assert wanted == {
        "default": ["beat-overlap"],
        "pedantic": ["beat-overlap", "task-name-implicit"],
        "audit": ["beat-overlap", "task-name-implicit", "task-inventory"],
    }


def test_a_whole_slug_brings_a_rule_into_the_profile_and_a_pattern_does_not() -> None:
    assert Levels(levels={"task-name-implicit": "warning"}).runs(PEDANTIC)
    assert Levels(select=("task-name-implicit",)).runs(PEDANTIC)
    assert not Levels(levels={"task-*": "warning", "operations": "error"}).runs(PEDANTIC)
    assert not Levels(select=("task-*",)).runs(PEDANTIC)


def test_select_and_ignore() -> None:
    assert not Levels(select=("security",)).runs(BEAT)
    assert Levels(select=("security", "beat-*")).runs(BEAT)
    assert not Levels(ignore=("reliability",)).runs(BEAT)
    assert not Levels(select=("beat-overlap",), ignore=("beat-*",)).runs(BEAT), "what is ignored is ignored"


def test_the_most_specific_selector_wins_whatever_the_order() -> None:
    levels = {"*": "info", "reliability": "warning", "beat-*": "error", "beat-ov*": "off", "beat-overlap": "warning"}
    for removed, level in [(0, "warning"), (1, "off"), (2, "error"), (3, "warning"), (4, "info"), (5, "default")]:
        kept = dict(list(levels.items())[: len(levels) - removed])
        assert Levels(levels=kept).at(BEAT, "a.py") == level
        assert Levels(levels=dict(reversed(kept.items()))).at(BEAT, "a.py") == level


def test_overrides_win_over_the_table_and_later_ones_over_earlier_ones() -> None:
    levels = Levels(
        levels={"beat-overlap": "off"},
        overrides=(Override(("services/**",), {"beat-*": "info"}), Override(("services/api/**",), {"*": "error"})),
    )
    assert levels.runs(BEAT), "it is wanted somewhere"
    assert levels.at(BEAT, "shop/tasks.py") == "off"
    assert levels.at(BEAT, "services/mail/tasks.py") == "info"
    assert levels.at(BEAT, "services/api/tasks.py") == "error"


def test_patterns_of_overrides_are_those_of_gitignore() -> None:
    levels = Levels(overrides=(Override(("**/migrations/**", "/top.py"), {"*": "off"}),))
    assert levels.at(BEAT, "migrations/a.py") == "off"
    assert levels.at(BEAT, "shop/migrations/a.py") == "off"
    assert levels.at(BEAT, "top.py") == "off"
    assert levels.at(BEAT, "shop/top.py") == "default"


def test_an_override_can_bring_in_a_rule_for_some_files_only() -> None:
    levels = Levels(overrides=(Override(("shop/**",), {"task-name-implicit": "warning"}),))
    assert levels.runs(PEDANTIC)
    assert levels.at(PEDANTIC, "shop/tasks.py") == "warning"
    assert levels.at(PEDANTIC, "mail/tasks.py") == "below"


def test_a_rule_that_is_off_everywhere_does_not_run() -> None:
    assert not Levels(levels={"beat-*": "off"}).runs(BEAT)
    assert not Levels(levels={"beat-*": "off"}, overrides=(Override(("a/**",), {"beat-*": "off"}),)).runs(BEAT)
