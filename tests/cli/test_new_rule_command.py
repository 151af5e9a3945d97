"""``celerylint new-rule``: what it writes works at once, and nothing is ever overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from celerylint.cli.group import run
from celerylint.plugins import rules_of_plugin
from celerylint.registry import builtin
from celerylint.testing import check_case, example_cases


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_rule_of_a_plugin_is_loaded_and_its_examples_are_true(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new-rule", "acme-task-odd", "--into", "lint/acme_rules"]) == 0
    said = capsys.readouterr()
    assert said.out == "lint/acme_rules/acme_task_odd.py\n"
    assert 'plugins = ["./lint/acme_rules"]' in said.err
    (rule,) = rules_of_plugin("./lint/acme_rules", here)
    assert (rule.slug, rule.__name__) == ("acme-task-odd", "AcmeTaskOdd")
    cases = example_cases([rule])
    assert [case.kind for case in cases] == ["bad", "good"]
    for case in cases:
        check_case(case, builtin())


def test_a_second_rule_goes_into_the_same_package(here: Path) -> None:
    assert run(["new-rule", "acme-task-odd", "--into", "acme_rules"]) == 0
    (here / "acme_rules/__init__.py").write_text('"""Kept."""\n')
    assert run(["new-rule", "acme-task-even", "--into", "acme_rules"]) == 0
    assert (here / "acme_rules/__init__.py").read_text() == '"""Kept."""\n'
    assert [rule.slug for rule in rules_of_plugin("./acme_rules", here)] == ["acme-task-even", "acme-task-odd"]


def test_a_rule_of_celerylint_goes_to_its_family(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "celerylint/rules/retries").mkdir(parents=True)
    assert run(["new-rule", "retries/retry-odd"]) == 0
    text = (here / "celerylint/rules/retries/retry_odd.py").read_text()
    assert "class RetryOdd(Rule):" in text and 'since = "0.1"' in text and "# expect: retry-odd" in text
    assert "pytest tests/test_rules.py -k retry-odd" in capsys.readouterr().err


def test_nothing_is_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = here / "acme_rules/acme_task_odd.py"
    file.parent.mkdir()
    file.write_text("mine")
    assert run(["new-rule", "acme-task-odd", "--into", "acme_rules"]) == 2
    assert "exists; nothing was written" in capsys.readouterr().err
    assert file.read_text() == "mine" and not (here / "acme_rules/__init__.py").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["odd", "--into", "acme"], '"odd" is no slug'),
        (["Acme-Odd", "--into", "acme"], '"Acme-Odd" is no slug'),
        (["../../acme-odd", "--into", "acme"], "a plug-in has no families"),
        (["tasks/acme-odd", "--into", "acme"], 'a plug-in has no families: say "acme-odd"'),
        (["task-odd", "--into", "acme_rules"], 'the slugs of a plug-in in "acme_rules" begin with "acme-"'),
        (["acme-odd", "--into", "acme-rules"], '"acme-rules" cannot be the name of a Python package'),
        (["retries/retry-odd"], "this is not celerylint's own repository; say where the plug-in is with --into"),
    ],
)
def test_what_cannot_work_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert run(["new-rule", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("retry/retry-odd", 'there is no family "retry"; the families are retries, tasks'),
        ("retrys/retry-odd", 'there is no family "retrys"; did you mean "retries"?'),
        ("retry-odd", "name the family too: retries, tasks"),
        ("../retry-odd", 'there is no family ".."'),
    ],
)
def test_a_family_that_does_not_exist_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str], name: str, message: str
) -> None:
    for family in ("retries", "tasks"):
        (here / "celerylint/rules" / family).mkdir(parents=True)
    assert run(["new-rule", name]) == 2
    assert message in capsys.readouterr().err
    assert list(here.rglob("*.py")) == []
