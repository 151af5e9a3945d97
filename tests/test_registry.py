"""Rules are found by walking; a module that breaks the contract is refused with its place."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from celerylint import registry
from celerylint.registry import RuleProblem, builtin, camel, load, match, nearest, rules_of_package, slug_of_class
from celerylint.rule import Rule

Package = Callable[[dict[str, str]], ModuleType]

HEAD = "from celerylint.rule import Rule\n\n\n"
HOOK = "    def check_project(self, project):\n        return ()\n"

_numbers = itertools.count()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """Makes an importable package of rules out of file names and texts."""
    name = f"walked_rules_{next(_numbers)}"
    monkeypatch.syspath_prepend(tmp_path)

    def make(files: dict[str, str]) -> ModuleType:
        for file, text in {"__init__.py": "", **files}.items():
            path = tmp_path / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return importlib.import_module(name)

    yield make
    for module in [one for one in sys.modules if one.partition(".")[0] == name]:
        del sys.modules[module]


def rule_text(name: str, body: str = "") -> str:
    return f'{HEAD}class {name}(Rule):\n    """Said."""\n\n{body}{HOOK}'


def test_every_built_in_rule_knows_its_slug_and_family() -> None:
    rules = builtin()
    assert [rule.slug for rule in rules] == sorted(rule.slug for rule in rules)
    for rule in rules:
        _, _, family, stem = rule.__module__.split(".")
        assert (rule.slug, rule.family) == (stem.replace("_", "-"), family)
    assert {"suppression-unused", "suppression-unknown-rule"} <= {rule.slug for rule in rules}


def test_folders_are_families_and_underscored_modules_are_no_rules(package: Package) -> None:
    found = list(
        rules_of_package(
            package(
                {
                    "_shared.py": "raise AssertionError('not to be imported')",
                    "retries/__init__.py": "",
                    "retries/retry_odd.py": rule_text("RetryOdd"),
                    "beat/__init__.py": "",
                    "beat/beat_odd_2.py": rule_text("BeatOdd2"),
                }
            )
        )
    )
    assert [(rule.slug, rule.family) for rule in found] == [("beat-odd-2", "beat"), ("retry-odd", "retries")]


def test_private_and_imported_classes_beside_the_rule_do_not_count(package: Package) -> None:
    text = "from celerylint.cst import CstRule\n" + rule_text("TaskOdd").replace(
        "class TaskOdd(Rule)", f"class _Base(Rule):\n{HOOK}\n\nclass TaskOdd(_Base)"
    )
    assert [rule.slug for rule in rules_of_package(package({"task_odd.py": text}))] == ["task-odd"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("x = 1\n", 1, "no rule here; expected one class `TaskOdd(Rule)`"),
        (rule_text("TaskEven"), 4, "the rule of `task_odd.py` is called `TaskOdd`, not `TaskEven`"),
        (
            rule_text("TaskOdd") + "\n\nclass TaskEven(Rule):\n" + HOOK,
            11,
            "one rule per module: `TaskEven` needs a file of its own",
        ),
        (rule_text("TaskOdd", "    api = 2\n"), 4, "needs version 2 of the rule contract and this celerylint has 1"),
        (rule_text("TaskOdd", "    api = 'x'\n"), 4, "`api` is a number"),
        (rule_text("TaskOdd", "    severity = 'fatal'\n"), 4, "`severity` is 'fatal'; expected one of error, warning"),
        (rule_text("TaskOdd", "    category = 'style'\n"), 4, "`category` is 'style'"),
        (rule_text("TaskOdd", "    profile = 'loud'\n"), 4, "`profile` is 'loud'"),
        (rule_text("TaskOdd", "    celery = '5 or so'\n"), 4, "`celery`: not a version specifier"),
        (rule_text("TaskOdd", "    sources = 'https://example.org'\n"), 4, "`sources` is a tuple of strings"),
        (rule_text("TaskOdd", "    fix_safety = 'safe'\n"), 4, "`fix` and `fix_safety` come together"),
        (rule_text("TaskOdd", "    def fix(self, finding, project): ...\n"), 4, "`fix` and `fix_safety` come together"),
        (
            rule_text("TaskOdd").replace("check_project", "check_tasks"),
            4,
            "there is no hook `check_tasks`; did you mean `check_task`?",
        ),
        (f'{HEAD}class TaskOdd(Rule):\n    """Said."""\n', 4, "no `check_*` hook is defined"),
    ],
)
def test_a_module_that_breaks_the_contract_is_refused_with_its_place(
    package: Package, tmp_path: Path, text: str, line: int, message: str
) -> None:
    walked = package({"task_odd.py": text})
    with pytest.raises(RuleProblem) as caught:
        list(rules_of_package(walked))
    assert caught.value.line == line
    assert message in caught.value.message
    assert str(caught.value).startswith(f"{(tmp_path / walked.__name__ / 'task_odd.py').as_posix()}:{line}: ")


def test_a_slug_has_two_words(package: Package) -> None:
    with pytest.raises(RuleProblem, match="two or more lower-case words"):
        list(rules_of_package(package({"task.py": rule_text("Task")})))


def test_one_slug_in_two_families_is_refused(package: Package) -> None:
    walked = package(
        {
            "a/__init__.py": "",
            "a/task_odd.py": rule_text("TaskOdd"),
            "b/__init__.py": "",
            "b/task_odd.py": rule_text("TaskOdd"),
        }
    )
    with pytest.raises(RuleProblem, match=r"b/task_odd.py:4: `task-odd` is already a rule, in .*/a/task_odd.py"):
        registry._unique(rules_of_package(walked))


def test_without_plugins_nothing_but_the_built_in_rules_is_loaded(tmp_path: Path) -> None:
    assert load((), tmp_path) == builtin()


def make(slug: str, family: str, category: str) -> type[Rule]:
    return type("Made", (Rule,), {"slug": slug, "family": family, "category": category})


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("retry-odd", {"retry-odd"}),
        ("retries", {"retry-odd", "retry-even"}),
        ("security", {"retry-even", "broker-odd"}),
        ("*-odd", {"retry-odd", "broker-odd"}),
        ("retry", set()),
        ("beat-*", set()),
    ],
)
def test_a_pattern_is_a_slug_a_family_a_category_or_a_glob(pattern: str, meant: set[str]) -> None:
    rules = [
        make("retry-odd", "retries", "reliability"),
        make("retry-even", "retries", "security"),
        make("broker-odd", "config", "security"),
    ]
    assert match(pattern, rules) == meant


def test_the_nearest_name_is_offered_and_a_far_one_is_not() -> None:
    assert nearest("retry-swalowed", ["retry-swallowed", "beat-duplicate"]) == "retry-swallowed"
    assert nearest("RETRY_SWALLOWED", ["retry-swallowed"]) == "retry-swallowed"
    assert nearest("xyz", ["retry-swallowed"]) is None


@pytest.mark.parametrize(
    ("stem", "name"),
    [("retry_swallowed", "RetrySwallowed"), ("retry-swallowed", "RetrySwallowed"), ("url_odd", "UrlOdd")],
)
def test_names_of_modules_and_classes(stem: str, name: str) -> None:
    assert camel(stem) == name
    assert slug_of_class(name) == stem.replace("_", "-")


def test_an_acronym_is_one_word_of_a_slug() -> None:
    assert slug_of_class("AcmeHTTPOdd") == "acme-http-odd"
