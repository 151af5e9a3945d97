"""An example that lies is found out, in each of the ways in which it can lie."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from celerylint.explain import Mark
from celerylint.rule import Finding, Fix, Replace, Rule, Safety
from celerylint.testing import Case, check_case, check_examples, example_cases, fixture_cases

ROOT = Path(__file__).resolve().parent.parent
ACME = ROOT / "fixtures" / "plugins" / "acme"

TASK = """from celery import shared_task


@shared_task(name="shop.charge", soft_time_limit=50, time_limit=60)
def charge(order):
    {0}
"""


class TaskPrints(Rule):
    slug = "task-prints"
    family = "tasks"

    def check_task(self, task: Any, project: Any) -> Iterator[Finding]:
        for call in task.body.called("print"):
            yield self.finding(at=call.span, message="prints", help="do not", subject=task.subject)


class TaskPrintsSilenced(TaskPrints):
    fix_safety = "safe"
    code = "log(order)"
    safety: Safety = "safe"

    def fix(self, finding: Finding, project: Any) -> Fix:
        return Fix("log", self.safety, (Replace(finding.span, self.code),))


class TaskLogs(Rule):
    slug = "task-logs"
    family = "tasks"

    def check_task(self, task: Any, project: Any) -> Iterator[Finding]:
        for call in task.body.called("log"):
            yield self.finding(at=call.span, message="logs", help="do not", subject=task.subject)


def block(kind: str, *statements: str) -> str:
    return f"```python {kind}\n{TASK.format(chr(10).join(statements).replace(chr(10), chr(10) + '    '))}```\n\n"


def documented(base: type[Rule], *blocks: str, **attributes: object) -> type[Rule]:
    doc = "Tasks that print.\n\nNobody reads it.\n\n" + "".join(blocks)
    return type(base.__name__, (base,), {"__doc__": doc, "__module__": __name__, **attributes})


def complaints(rule: type[Rule], *others: type[Rule]) -> str:
    """What is wrong with the examples of a rule, "" when all are true."""
    said = []
    for case in example_cases([rule]):
        try:
            check_case(case, others)
        except AssertionError as error:
            said.append(str(error))
    return "\n".join(said)


BAD = block("bad", "print(order)  # expect: task-prints")
GOOD = block("good", "log(order)")


def test_true_examples_pass() -> None:
    assert complaints(documented(TaskPrints, BAD, GOOD)) == ""


def test_a_finding_that_is_not_made_is_missing() -> None:
    said = complaints(documented(TaskPrints, block("bad", "log(order)  # expect: task-prints")))
    assert "missing:    tasks.py:6 task-prints" in said
    assert "unexpected" not in said


def test_a_finding_on_another_line_is_missing_and_unexpected() -> None:
    said = complaints(documented(TaskPrints, block("bad", "x = 1  # expect: task-prints", "print(order)")))
    assert "missing:    tasks.py:6 task-prints" in said
    assert "unexpected: tasks.py:7 task-prints: prints" in said


def test_a_finding_of_a_good_project_is_unexpected() -> None:
    said = complaints(documented(TaskPrints, block("good", "print(order)")))
    assert "unexpected: tasks.py:6 task-prints: prints" in said


def test_two_findings_where_one_is_announced_are_one_too_many() -> None:
    said = complaints(documented(TaskPrints, block("bad", "print(print(order))  # expect: task-prints")))
    assert said.count("unexpected: tasks.py:6 task-prints") == 1
    rule = documented(TaskPrints, block("bad", "print(print(order))  # expect: task-prints, task-prints"))
    assert complaints(rule) == ""


@pytest.mark.parametrize("profile", ["default", "pedantic", "audit"])
def test_a_good_project_is_clean_under_every_rule_of_every_profile(profile: str) -> None:
    other = type("TaskLogs", (TaskLogs,), {"profile": profile})
    assert "unexpected: tasks.py:6 task-logs: logs" in complaints(documented(TaskPrints, BAD, GOOD), other)


@pytest.mark.parametrize(("profile", "heard"), [("default", True), ("pedantic", False), ("audit", False)])
def test_other_rules_of_the_default_profile_are_heard_in_a_bad_project(profile: str, heard: bool) -> None:
    other = type("TaskLogs", (TaskLogs,), {"profile": profile})
    rule = documented(TaskPrints, block("bad", "print(order)  # expect: task-prints", "log(order)"))
    assert ("unexpected: tasks.py:7 task-logs: logs" in complaints(rule, other)) is heard


def test_a_mark_may_name_another_rule_of_any_profile() -> None:
    other = type("TaskLogs", (TaskLogs,), {"profile": "audit"})
    marked = block("bad", "print(order)  # expect: task-prints", "log(order)  # expect: task-logs")
    assert complaints(documented(TaskPrints, marked), other) == ""
    assert "missing:    tasks.py:7 task-logs" in complaints(documented(TaskPrints, marked))


def test_a_rule_beyond_the_default_profile_is_run_on_its_own_examples() -> None:
    assert complaints(documented(TaskPrints, BAD, GOOD, profile="audit")) == ""


def test_a_rule_that_raises_fails_its_examples() -> None:
    def check_task(self: Rule, task: object, project: object) -> Iterator[Finding]:
        raise KeyError("odd")

    said = complaints(documented(TaskPrints, GOOD, check_task=check_task))
    assert "rule `task-prints` (check_task) raised KeyError: 'odd'" in said


def test_a_docstring_that_cannot_be_read_is_one_failing_case() -> None:
    (case,) = example_cases([documented(TaskPrints, "```python bad\n")])
    with pytest.raises(AssertionError, match="this block is never closed"):
        check_case(case, ())


def test_what_the_fix_makes_is_compared() -> None:
    assert complaints(documented(TaskPrintsSilenced, BAD, block("fixed", "log(order)"))) == ""
    said = complaints(documented(TaskPrintsSilenced, BAD, block("fixed", "log.info(order)")))
    assert "the fix gives something else" in said
    assert "-    log.info(order)" in said and "+    log(order)" in said


def test_a_fix_that_changes_nothing_does_not_pass_for_one() -> None:
    rule = documented(TaskPrintsSilenced, BAD, block("fixed", "print(order)"), code="print(order)")
    assert "after the fix the rule still finds tasks.py:6 prints" in complaints(rule)


def test_the_fix_may_change_no_other_file() -> None:
    other = "```python bad file=other.py\nx = 1\n```\n\n```python fixed file=other.py\nx = 2\n```\n\n"
    said = complaints(documented(TaskPrintsSilenced, BAD, other, block("fixed", "log(order)")))
    assert "other.py as shown" in said


@pytest.mark.parametrize(("word", "safety"), [("fixed", "unsafe"), ("fixed unsafe", "safe")])
def test_the_safety_of_the_fix_is_as_the_block_says(word: str, safety: str) -> None:
    rule = documented(TaskPrintsSilenced, BAD, block(word, "log(order)"), safety=safety)
    stated = "unsafe" if "unsafe" in word else "safe"
    assert f"the block says {stated}, the fix is {safety}" in complaints(rule)
    assert complaints(documented(TaskPrintsSilenced, BAD, block(word, "log(order)"), safety=stated)) == ""


def test_a_project_of_several_files_is_linted_as_one() -> None:
    files = (
        "```python file=shop/app.py\nfrom celery import Celery\n\napp = Celery('shop')\n```\n\n"
        '```python bad file=shop/tasks.py\nfrom shop.app import app\n\n\n@app.task(name="shop.x", soft_time_limit=5, '
        "time_limit=9)\ndef x():\n    print(1)  # expect: task-prints\n```\n\n"
    )
    rule = documented(TaskPrints, files)
    (case,) = example_cases([rule])
    assert sorted(case.files) == ["shop/app.py", "shop/tasks.py"]
    assert complaints(rule) == ""


def test_a_rule_used_on_its_own_takes_its_slug_from_its_class() -> None:
    class AcmePrints(TaskPrints):
        slug = ""

    AcmePrints.__doc__ = f"Said.\n\n{BAD.replace('task-prints', 'acme-prints')}"
    check_examples(AcmePrints)
    assert (AcmePrints.slug, AcmePrints.family) == ("acme-prints", "acme")


def lay_out(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_folders_are_cases_with_marks_in_their_files(tmp_path: Path) -> None:
    folder = lay_out(
        tmp_path,
        {
            "task-prints/guilty/shop/tasks.py": TASK.format("print(order)  # expect: task-prints"),
            "task-prints/innocent/shop/tasks.py": TASK.format("log(order)"),
            "other-rule/case/tasks.py": "",
            "task-prints/README.md": "not a case",
        },
    )
    guilty, innocent = fixture_cases(folder, [TaskPrints])
    assert (guilty.id, guilty.expected) == ("task-prints-guilty", (("shop/tasks.py", Mark(6, "task-prints")),))
    assert b"expect" not in guilty.files["shop/tasks.py"]
    for case in (guilty, innocent):
        check_case(case, [TaskLogs])  # of a fixture only the rule itself is judged


@pytest.mark.parametrize("statement", ["log(order)  # expect: task-prints", "print(order)"])
def test_a_folder_that_does_not_give_its_marks_fails(tmp_path: Path, statement: str) -> None:
    (case,) = fixture_cases(lay_out(tmp_path, {"task-prints/odd/tasks.py": TASK.format(statement)}), [TaskPrints])
    with pytest.raises(AssertionError, match=r"task-prints/odd: what is found in this fixture project"):
        check_case(case, ())


def test_bytes_that_are_no_text_survive(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, {"task-prints/odd/tasks.py": ""})
    (folder / "task-prints/odd/blob.bin").write_bytes(b"\xff\x00\r\n")
    (case,) = fixture_cases(folder, [TaskPrints])
    assert case.files["blob.bin"] == b"\xff\x00\r\n"


def test_ids_are_distinct_and_say_which_example() -> None:
    titled = "## A list, changed\n\n" + BAD
    cases: list[Case] = example_cases([documented(TaskPrints, BAD, GOOD, GOOD, titled)])
    assert [str(case) for case in cases] == [
        "task-prints-bad", "task-prints-good", "task-prints-good-2", "task-prints-bad-a-list-changed",
    ]  # fmt: skip


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    command = [sys.executable, "-m", "pytest", "-p", "celerylint.pytest_plugin", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120)


def test_authors_run_the_examples_of_a_plugin_without_a_line_of_code(tmp_path: Path) -> None:
    shutil.copytree(ACME, tmp_path / "acme", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "acme/pytest.ini").write_text("[pytest]\n")
    rule = tmp_path / "acme/acme_rules/acme_task_foreign_name.py"
    ran = run_pytest(tmp_path / "acme", "-v", "--celerylint-rules", "acme_rules")
    assert ran.returncode == 0, ran.stdout
    assert "4 passed" in ran.stdout and "acme-todo-unnumbered-bad" in ran.stdout

    rule.write_text(rule.read_text().replace("  # expect: acme-task-foreign-name", ""))
    ran = run_pytest(tmp_path / "acme", "--celerylint-rules", "./acme_rules")
    assert ran.returncode == 1
    assert "unexpected: tasks.py:4 acme-task-foreign-name" in ran.stdout
    assert "Traceback" not in ran.stdout and "testing.py" not in ran.stdout

    ran = run_pytest(tmp_path / "acme", "--celerylint-rules", "acme_rulez")
    assert ran.returncode == 4
    assert "acme_rulez" in ran.stderr and "ModuleNotFoundError" in ran.stderr
