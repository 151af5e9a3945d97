"""Plug-ins: only those that are listed, from a path or an installed distribution, and one that is broken says where."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from celerylint.plugins import rules_of_module_name, rules_of_plugin
from celerylint.registry import RuleProblem, builtin, load

ROOT = Path(__file__).resolve().parent.parent
ACME = ROOT / "fixtures" / "plugins" / "acme"

RULE = '''
class {name}(Rule):
    """Said."""

    def check_project(self, project):
        return ()
'''
HEAD = "from celerylint.rule import Rule\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_file_in_the_repository_holds_any_number_of_rules(tmp_path: Path) -> None:
    write(tmp_path / "lint/acme_rules.py", HEAD + RULE.format(name="AcmeTaskOdd") + RULE.format(name="AcmeHTTPOdd"))
    rules = rules_of_plugin("./lint/acme_rules.py", tmp_path)
    assert [(rule.slug, rule.family) for rule in rules] == [("acme-task-odd", "acme"), ("acme-http-odd", "acme")]


def test_a_package_in_the_repository_is_walked_and_may_import_its_own_modules(tmp_path: Path) -> None:
    write(tmp_path / "lint/acme/__init__.py", "")
    write(tmp_path / "lint/acme/_words.py", "WORD = 'odd'\n")
    text = "from ._words import WORD\n" + HEAD + RULE.format(name="AcmeTaskOdd")
    write(tmp_path / "lint/acme/tasks/__init__.py", "")
    write(tmp_path / "lint/acme/tasks/acme_task_odd.py", text.replace("._words", ".._words"))
    (rule,) = rules_of_plugin("lint/acme", tmp_path)
    assert (rule.slug, rule.family) == ("acme-task-odd", "acme")


def test_two_files_of_one_name_do_not_shadow_each_other(tmp_path: Path) -> None:
    write(tmp_path / "a/acme_rules.py", HEAD + RULE.format(name="AcmeTaskOdd"))
    write(tmp_path / "b/acme_rules.py", HEAD + RULE.format(name="AcmeTaskEven"))
    rules = load(["a/acme_rules.py", "b/acme_rules.py"], tmp_path)
    assert {"acme-task-odd", "acme-task-even"} <= {rule.slug for rule in rules}
    assert [rule.slug for rule in rules] == sorted(rule.slug for rule in rules)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("acme_rules.py", HEAD + RULE.format(name="TaskOdd"), "slugs of this plug-in begin with `acme-`; `task-odd`"),
        ("acme_rules.py", HEAD, "holds no rule"),
        ("acme_rules.py", "import no_such_thing\n", "acme_rules.py:1: plug-in .* ModuleNotFoundError: No module named"),
        ("acme_rules.py", "x = 1\ndef f(:\n", "acme_rules.py:2: plug-in .* cannot be imported: SyntaxError"),
        ("acme_rules.py", "\n\nimport re\nre.compile('(')\n", "acme_rules.py:4: plug-in .* cannot be imported"),
        ("acme_rules.py", "raise SystemExit(3)\n", "acme_rules.py:1: plug-in .* SystemExit: 3"),
        (
            "acme_rules.py",
            HEAD + RULE.format(name="AcmeTaskOdd").replace("    def", "    api = 99\n\n    def"),
            "acme_rules.py:3: rule `acme-task-odd`: needs version 99 of the rule contract",
        ),
        ("other.txt", "", "acme_rules.py does not exist"),
        ("acme_rules.py/x.py", "", "is a folder without __init__.py"),
    ],
)
def test_a_broken_plugin_is_one_clear_line(tmp_path: Path, file: str, text: str, message: str) -> None:
    write(tmp_path / file, text)
    with pytest.raises(RuleProblem, match=message) as caught:
        load(["./acme_rules.py"], tmp_path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_python_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "acme.txt", "")
    with pytest.raises(RuleProblem, match="is not a Python file"):
        load(["./acme.txt"], tmp_path)


def test_a_broken_plugin_can_be_passed_over_and_the_rest_loads(tmp_path: Path) -> None:
    write(tmp_path / "acme_rules.py", "boom\n")
    write(tmp_path / "other_rules.py", HEAD + RULE.format(name="OtherTaskOdd"))
    problems: list[RuleProblem] = []
    rules = load(["./acme_rules.py", "./other_rules.py"], tmp_path, problems.append)
    assert len(problems) == 1 and "NameError" in problems[0].message
    assert {rule.slug for rule in rules} == {"other-task-odd", *(rule.slug for rule in builtin())}


def test_a_plugin_cannot_take_the_name_of_a_built_in_rule(tmp_path: Path) -> None:
    write(tmp_path / "suppression_rules.py", HEAD + RULE.format(name="SuppressionUnused"))
    with pytest.raises(RuleProblem, match="`suppression-unused` is already a rule"):
        load(["./suppression_rules.py"], tmp_path)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A distribution `Widget.Lint` with the entry point `widget`, laid out as an installer does it."""
    info = tmp_path / "site/widget_lint-2.0.dist-info"
    write(info / "METADATA", "Metadata-Version: 2.1\nName: Widget.Lint\nVersion: 2.0\n")
    write(info / "entry_points.txt", "[celerylint.rules]\nwidget = widget_celery_lint_rules\n")
    write(tmp_path / "site/widget_celery_lint_rules.py", HEAD + RULE.format(name="WidgetTaskOdd"))
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.delitem(sys.modules, "widget_celery_lint_rules", raising=False)
    return tmp_path


@pytest.mark.parametrize("name", ["widget-lint", "Widget.Lint", "widget_lint", "widget"])
def test_an_installed_plugin_is_found_by_distribution_or_entry_point(installed: Path, name: str) -> None:
    assert [rule.slug for rule in rules_of_plugin(name, installed)] == ["widget-task-odd"]


def test_an_installed_plugin_that_is_not_listed_is_not_even_imported(installed: Path) -> None:
    assert "widget-task-odd" not in {rule.slug for rule in load((), installed)}
    assert "widget_celery_lint_rules" not in sys.modules


def test_a_plugin_that_is_not_installed_is_named_with_the_nearest_that_is(installed: Path) -> None:
    with pytest.raises(RuleProblem, match='plug-in "widget-lnt" is not installed; did you mean "widget-lint"'):
        load(["widget-lnt"], installed)


def test_an_entry_point_that_names_no_module_is_refused(installed: Path) -> None:
    entry = installed / "site/widget_lint-2.0.dist-info/entry_points.txt"
    entry.write_text("[celerylint.rules]\nwidget = widget_celery_lint_rules:WidgetTaskOdd\n")
    with pytest.raises(RuleProblem, match="the entry point `widget` names no module"):
        load(["widget"], installed)


def test_the_name_of_a_module_is_enough_for_those_who_write_one(installed: Path) -> None:
    assert [rule.slug for rule in rules_of_module_name("widget_celery_lint_rules")] == ["widget-task-odd"]


@pytest.mark.skipif(importlib.util.find_spec("hatchling") is None, reason="hatchling builds the example and is absent")
def test_the_example_plugin_is_installed_and_runs(tmp_path: Path) -> None:
    source, site, project = tmp_path / "acme", tmp_path / "site", tmp_path / "project"
    shutil.copytree(ACME, source, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", "--target", site, source], check=True, timeout=120)
    write(
        project / "tasks.py",
        "from celery import shared_task\n\n\n"
        '@shared_task(name="billing.charge", soft_time_limit=50, time_limit=60)\n'
        "def charge(order_id):\n"
        "    # TODO: refunds\n"
        "    return order_id\n",
    )
    write(
        project / "pyproject.toml",
        '[tool.celerylint]\nplugins = ["acme-celerylint"]\n'
        '[tool.celerylint.rules]\nacme-task-foreign-name = { level = "error", prefix = "corp." }\n',
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)]), "NO_COLOR": "1"}

    def celerylint(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "celerylint", *arguments]
        return subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True, timeout=120)

    ran = celerylint("check", "--output", "json")
    assert ran.returncode == 1, ran.stderr
    found = [one for one in json.loads(ran.stdout)["findings"] if one["rule"].startswith("acme-")]
    assert [(one["rule"], one["severity"], one["location"]["line"]) for one in found] == [
        ("acme-task-foreign-name", "error", 4),
        ("acme-todo-unnumbered", "info", 6),
    ]
    assert "`corp.`" in found[0]["message"]

    refused = celerylint("check", "--no-plugins", "--output", "json")
    assert "acme-" not in refused.stdout
    assert "AcmeTaskForeignName" not in refused.stderr

    explained = celerylint("explain", "acme-todo-unnumbered")
    assert (explained.returncode, explained.stderr) == (0, "")
    assert "A TODO in a task that names no ticket." in explained.stdout
    assert celerylint("explain", "acme-todo-unnumbered", "--no-plugins").returncode == 2


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ("boom\n", "celerylint: acme_rules.py:1: plug-in "),
        (HEAD + RULE.format(name="AcmeTaskOdd").replace("return ()", "raise KeyError('odd')"), "`acme-task-odd`"),
    ],
)
def test_a_plugin_that_raises_is_one_line_and_the_rest_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], broken: str, line: str
) -> None:
    from celerylint.cli.group import run

    write(tmp_path / "acme_rules.py", broken)
    write(tmp_path / "tasks.py", "import celery\n# celerylint: ignore\n")
    write(tmp_path / "celerylint.toml", 'plugins = ["./acme_rules.py"]\n')
    monkeypatch.chdir(tmp_path)
    assert run(["check", "--output", "concise"]) == 2
    said = capsys.readouterr()
    assert "suppression-unknown-rule" in said.out
    assert line in said.err and "Traceback" not in said.err
    assert sum(line in one for one in said.err.splitlines()) == 1
