"""What holds for every rule: its documentation is complete, its examples are true, its fixtures are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from celerylint.examples import examples_of
from celerylint.explain import page_of
from celerylint.registry import SLUG, builtin
from celerylint.rule import Rule
from celerylint.testing import Case, check_case, example_cases, fixture_cases

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures" / "rules"

SUBJECTLESS = ("no", "use", "avoid", "invalid", "bad", "missing")
"""A slug begins with the thing it is about."""


@pytest.mark.parametrize("case", example_cases(builtin()), ids=str)
def test_examples_are_true(case: Case) -> None:
    check_case(case)


@pytest.mark.parametrize("case", fixture_cases(FIXTURES, builtin()), ids=str)
def test_fixtures_give_what_their_marks_announce(case: Case) -> None:
    check_case(case)


@pytest.mark.parametrize("rule", builtin(), ids=lambda rule: rule.slug)
def test_documentation_is_complete(rule: type[Rule]) -> None:
    page = page_of(rule)
    assert page.summary.endswith(".") and len(page.summary) <= 120
    assert page.body, "says what happens in production"
    assert page.section("When to suppress") is not None
    examples = examples_of(page)
    kinds = {example.kind for example in examples}
    assert kinds == {"bad", "good"}
    for example in examples:
        assert bool(example.expected) is (example.kind == "bad")
        assert rule.slug in {mark.slug for _, mark in example.expected} or example.kind == "good"
    assert (rule.fix_safety is not None) is any(example.fixed for example in examples), "a fix is shown"
    assert rule.since, "says since which version"


@pytest.mark.parametrize("rule", builtin(), ids=lambda rule: rule.slug)
def test_names_follow_the_convention(rule: type[Rule]) -> None:
    assert SLUG.fullmatch(rule.slug)
    assert 2 <= len(rule.slug.split("-")) <= 5
    assert rule.slug.split("-")[0] not in SUBJECTLESS


@pytest.mark.parametrize("rule", builtin(), ids=lambda rule: rule.slug)
def test_an_error_says_where_celery_says_so(rule: type[Rule]) -> None:
    ours = rule.family == "suppressions"  # claims about celerylint itself
    assert rule.sources or rule.severity != "error" or ours


def test_every_folder_of_fixtures_belongs_to_a_rule() -> None:
    slugs = {rule.slug for rule in builtin()}
    folders = [path for path in FIXTURES.iterdir() if path.is_dir()] if FIXTURES.is_dir() else []
    assert [path.name for path in folders if path.name not in slugs] == []
    assert [path.name for path in folders if not any(case.is_dir() for case in path.iterdir())] == []
