from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from celerylint.config import Config, load
from celerylint.engine import run
from celerylint.model.entities import Call, Task
from celerylint.model.project import Project
from celerylint.registry import builtin
from celerylint.report import Report
from celerylint.rule import Confidence, Finding, Rule
from celerylint.suppress import Suppression

TASKS = """\
from celery import shared_task


@shared_task
def charge(order):
    print(order)


@shared_task
def refund(order):
    print(order)
"""


class TaskSeen(Rule):
    """One finding on every task."""

    slug = "task-seen"
    category = "reliability"
    certainty: Confidence = "high"

    def check_task(self, task: Task, project: Project) -> Iterator[Finding]:
        yield self.finding(
            at=task.span, message=f"saw {task.label}", help="look away", subject=task.subject, confidence=self.certainty
        )


def rule(slug: str, base: type[Rule] = TaskSeen, **attributes: Any) -> type[Rule]:
    return type("Made", (base,), {"slug": slug, **attributes})


def lint(root: Path, files: Mapping[str, str], *rules: type[Rule], toml: str = "", **how: Any) -> Report:
    for path, text in {**files, **({"celerylint.toml": toml} if toml else {})}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    config = load(root, command_line=how.pop("options", {}))
    return run(root, config, rules or [TaskSeen], **how)


def places(report: Report, state: str = "new") -> list[tuple[str, int]]:
    return [(one.finding.span.path, one.finding.span.line) for one in report.findings if one.state == state]


def found(report: Report) -> list[str]:
    return [one.finding.rule for one in report.new]


def test_findings_and_counts(tmp_path: Path) -> None:
    report = lint(tmp_path, {"shop/tasks.py": TASKS, "shop/views.py": "from .tasks import charge\ncharge.delay(1)\n"})
    assert places(report) == [("shop/tasks.py", 4), ("shop/tasks.py", 9)]
    assert (report.counts.tasks, report.counts.calls, report.counts.files) == (2, 1, 2)
    assert report.found_celery and not report.errors and not report.problems and report.below == 0
    assert report.elapsed > 0


def test_a_project_without_celery(tmp_path: Path) -> None:
    report = lint(tmp_path, {"a.py": "print(1)\n"})
    assert not report.found_celery and report.findings == []


def test_every_hook_is_called_with_its_noun(tmp_path: Path) -> None:
    seen: dict[str, list[str]] = {}

    class Nosy(Rule):
        slug = "nosy-rule"

    def spy(hook: str) -> Any:
        def check(self: Rule, *arguments: Any) -> tuple[()]:
            seen.setdefault(hook, []).append(type(arguments[0]).__name__)
            return ()

        return check

    hooks = [
        "project", "app", "task", "call", "setting", "schedule", "route", "queue", "process", "module", "suppression",
    ]  # fmt: skip
    nosy = type("Nosy", (Nosy,), {f"check_{hook}": spy(hook) for hook in hooks})
    text = (
        'from celery import Celery\napp = Celery("shop")\napp.conf.task_routes = {"shop.charge": {"queue": "money"}}\n'
        'app.conf.beat_schedule = {"nightly": {"task": "shop.charge", "schedule": 60}}\n'
        '@app.task(name="shop.charge")  # celerylint: ignore[nosy-rule] -- no\ndef charge():\n    pass\n\n'
        "charge.delay()\n"
    )
    report = lint(tmp_path, {"shop.py": text, "Procfile": "worker: celery -A shop worker -Q money\n"}, nosy)
    assert not report.errors
    assert {hook: names[0] for hook, names in seen.items()} == {
        "project": "Project", "app": "App", "task": "Task", "call": "Call", "setting": "Setting",
        "schedule": "ScheduleEntry", "route": "Route", "queue": "Queue", "process": "Process", "module": "Module",
        "suppression": "Suppression",
    }  # fmt: skip
    assert len(seen["project"]) == 1


def test_a_rule_that_raises_is_reported_and_the_others_run(tmp_path: Path) -> None:
    class Broken(Rule):
        slug = "broken-rule"

        def check_task(self, task: Task, project: Project) -> Iterator[Finding]:
            yield self.finding(at=task.span, message="first", help="h", subject=task.subject)
            raise ValueError("boom\nand more")

        def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
            yield self.finding(at=call.span, message="call", help="h", subject="call:x")

    report = lint(tmp_path, {"tasks.py": f"{TASKS}\ncharge.delay(1)\n"}, Broken, TaskSeen)
    assert found(report) == ["broken-rule", "task-seen", "task-seen", "broken-rule"]
    [error] = report.errors
    assert (error.where, error.message) == ("rule `broken-rule` (check_task)", "ValueError: boom")
    assert "in check_task" in error.trace


def test_a_rule_that_yields_something_else_is_reported(tmp_path: Path) -> None:
    [error] = lint(tmp_path, {"a.py": TASKS}, rule("odd-rule", check_task=lambda *_: ["text"])).errors
    assert error.message == "TypeError: yielded a str, not a finding made with self.finding"


@pytest.mark.parametrize(
    ("pinned", "specifier", "runs"),
    [
        ("celery==5.2.7", ">=5.3", False),
        ("celery==5.3.1", ">=5.3", True),
        ("celery==5.2.7", "<5.3", True),
        ("celery", ">=5.3", True),
        ("celery", "<5.3", False),
    ],
)
def test_a_claim_about_other_versions_is_not_made(tmp_path: Path, pinned: str, specifier: str, runs: bool) -> None:
    files = {"tasks.py": TASKS, "requirements.txt": f"{pinned}\n"}
    assert bool(lint(tmp_path, files, rule("task-seen", celery=specifier)).new) is runs


def test_the_stated_version_counts(tmp_path: Path) -> None:
    old = rule("task-seen", celery="<5")
    assert lint(tmp_path, {"tasks.py": TASKS}, old, toml='[project]\ncelery = "4.4"\n').new


def test_levels_set_the_severity(tmp_path: Path) -> None:
    toml = '[rules]\ntask-seen = "error"\n[[overrides]]\npaths = ["b/**"]\nrules = {"task-*" = "info"}\n'
    report = lint(tmp_path, {"a/tasks.py": TASKS, "b/tasks.py": TASKS}, toml=toml)
    assert [one.finding.severity for one in report.new] == ["error", "error", "info", "info"]


def test_off_is_not_counted(tmp_path: Path) -> None:
    toml = '[[overrides]]\npaths = ["b/**"]\nrules = {task-seen = "off"}\n'
    report = lint(tmp_path, {"a/tasks.py": TASKS, "b/tasks.py": TASKS}, toml=toml)
    assert {path for path, _ in places(report)} == {"a/tasks.py"}
    assert report.below == 0


def test_options_reach_the_rule(tmp_path: Path) -> None:
    class Sized(TaskSeen):
        slug = "task-sized"

        def check_project(self, project: Project) -> Iterator[Finding]:
            assert self.options == {"max-bytes": 9}
            return iter(())

    assert not lint(tmp_path, {"a.py": TASKS}, Sized, toml="[rules]\ntask-sized = {max-bytes = 9}\n").errors


@pytest.mark.parametrize(
    ("profile", "least", "shown"),
    [
        ("default", None, ["high", "medium"]),
        ("pedantic", None, ["high", "medium"]),
        ("audit", None, ["high", "medium", "low"]),
        ("default", "high", ["high"]),
        ("default", "low", ["high", "medium", "low"]),
        ("audit", "medium", ["high", "medium"]),
    ],
)
def test_confidence(tmp_path: Path, profile: str, least: str | None, shown: list[str]) -> None:
    rules = [rule(f"task-{one}", certainty=one) for one in ("high", "medium", "low")]
    only = {"profile": profile, "min_confidence": least}
    report = lint(tmp_path, {"a.py": TASKS[: TASKS.index("\n\n\n@shared_task\ndef refund")]}, *rules, options=only)
    assert sorted(one.finding.confidence for one in report.new) == sorted(shown)
    assert len(report.new) + report.below == 3, "the counts reconcile"


def test_paths_restrict_what_is_reported_not_what_is_read(tmp_path: Path) -> None:
    files = {"a/tasks.py": TASKS, "ab/tasks.py": TASKS, "views.py": "from a.tasks import charge\ncharge.delay(1)\n"}
    report = lint(tmp_path, files, paths=["a"])
    assert {path for path, _ in places(report)} == {"a/tasks.py"}
    assert (report.counts.tasks, report.counts.calls) == (4, 1)
    assert {path for path, _ in places(lint(tmp_path, files, paths=["ab/tasks.py", "views.py"]))} == {"ab/tasks.py"}
    assert len(lint(tmp_path, files, paths=["."]).new) == 4


def test_overlays_take_the_place_of_files(tmp_path: Path) -> None:
    report = lint(tmp_path, {"tasks.py": TASKS}, overlays={"tasks.py": b"", "new.py": TASKS.encode()})
    assert {path for path, _ in places(report)} == {"new.py"}


def test_exclude(tmp_path: Path) -> None:
    report = lint(tmp_path, {"a/tasks.py": TASKS, "b/tasks.py": TASKS}, toml='exclude = ["b/"]\n')
    assert {path for path, _ in places(report)} == {"a/tasks.py"}


def test_findings_in_tests_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    class AtTests(Rule):
        slug = "at-tests"

        def check_project(self, project: Project) -> Iterator[Finding]:
            span = project.tasks[0].span
            for path in ("tests/test_a.py", "shop/a.py"):
                place = type(span)(path, 1, 1, 1, 2)
                yield self.finding(at=place, message="m", help="h", subject=f"file:{path}")

    assert places(lint(tmp_path, {"a.py": TASKS}, AtTests)) == [("shop/a.py", 1)]
    assert len(lint(tmp_path, {"a.py": TASKS}, AtTests, options={"tests": True}).new) == 2
    assert len(lint(tmp_path, {"a.py": TASKS}, rule("about-tests", AtTests, in_tests=True)).new) == 2


def test_order_is_path_line_column_slug(tmp_path: Path) -> None:
    report = lint(tmp_path, {"b.py": TASKS, "a.py": TASKS}, rule("task-b"), rule("task-a"))
    assert [(one.finding.span.path, one.finding.span.line, one.finding.rule) for one in report.new][:3] == [
        ("a.py", 4, "task-a"), ("a.py", 4, "task-b"), ("a.py", 9, "task-a"),
    ]  # fmt: skip


def prints(report: Report) -> list[str]:
    return [one.fingerprint for one in report.findings]


def test_fingerprints_do_not_know_lines(tmp_path: Path) -> None:
    before = prints(lint(tmp_path, {"a.py": TASKS}))
    moved = f"# a comment\n\n{TASKS}".replace("@shared_task\ndef refund", "\n\n@shared_task\ndef refund")
    assert prints(lint(tmp_path, {"a.py": moved})) == before
    assert len(set(before)) == 2
    assert all(len(one) == 32 for one in before)


def test_fingerprints_know_rule_subject_and_text(tmp_path: Path) -> None:
    first = prints(lint(tmp_path, {"a.py": TASKS}))
    assert set(first).isdisjoint(prints(lint(tmp_path, {"a.py": TASKS}, rule("task-other"))))
    renamed = prints(lint(tmp_path, {"a.py": TASKS.replace("charge", "collect")}))
    assert renamed[0] != first[0] and renamed[1] == first[1]
    changed = prints(lint(tmp_path, {"a.py": TASKS.replace("@shared_task\ndef charge", "@shared_task()\ndef charge")}))
    assert changed[0] != first[0] and changed[1] == first[1]


def test_repeated_fingerprints_are_numbered_in_file_order_whatever_is_shown(tmp_path: Path) -> None:
    class Same(TaskSeen):
        slug = "task-same"

        def check_task(self, task: Task, project: Project) -> Iterator[Finding]:
            yield self.finding(at=task.span, message="m", help="h", subject="task:same")

    report = lint(tmp_path, {"a.py": TASKS, "b.py": TASKS}, Same)
    first = report.new[0].fingerprint
    assert prints(report) == [first, f"{first}:1", f"{first}:2", f"{first}:3"]
    assert prints(lint(tmp_path, {"a.py": TASKS, "b.py": TASKS}, Same, paths=["b.py"])) == [f"{first}:2", f"{first}:3"]


META = [one for one in builtin() if one.family == "suppressions"]


def test_a_suppressed_finding_is_kept_with_its_reason(tmp_path: Path) -> None:
    text = TASKS.replace("def charge(order):", "def charge(order):  # celerylint: ignore[task-seen] -- on purpose")
    report = lint(tmp_path, {"a.py": text}, TaskSeen, *META)
    assert places(report) == [("a.py", 9)]
    assert places(report, "ignored") == [("a.py", 4)]
    assert [one.reason for one in report.ignored] == ["on purpose"]


def test_suppressions_that_do_nothing_are_findings(tmp_path: Path) -> None:
    text = f"{TASKS}\nx = 1  # celerylint: ignore[task-seen, task-sen]\n"
    report = lint(tmp_path, {"a.py": text}, TaskSeen, *META)
    assert found(report) == ["task-seen", "task-seen", "suppression-unknown-rule", "suppression-unused"]
    assert report.new[2].finding.help == "write `task-seen`"
    reasonless = lint(tmp_path, {"a.py": text}, TaskSeen, *META, options={"profile": "pedantic"})
    assert found(reasonless)[-1] == "suppression-without-reason"


def test_a_suppression_of_a_finding_that_is_not_shown_is_in_use(tmp_path: Path) -> None:
    text = TASKS.replace("@shared_task\n", "@shared_task  # celerylint: ignore[task-seen] -- no\n")
    quiet = rule("task-seen", certainty="low")
    report = lint(tmp_path, {"a.py": text}, quiet, *META)
    assert found(report) == []
    assert report.below == 2


def test_a_suppression_of_a_rule_that_did_not_run_is_not_judged(tmp_path: Path) -> None:
    files = {"a.py": f"{TASKS}\nx = 1  # celerylint: ignore[task-seen] -- no\n"}
    for idle in (rule("task-seen", profile="pedantic"), rule("task-seen", celery="<1")):
        assert found(lint(tmp_path, files, idle, *META)) == []
    assert found(lint(tmp_path, files, TaskSeen, *META, options={"ignore": ("task-seen",)})) == []


def test_a_whole_file_and_a_file_that_is_not_python(tmp_path: Path) -> None:
    class AtWorker(Rule):
        slug = "at-worker"

        def check_project(self, project: Project) -> Iterator[Finding]:
            for process in project.processes:
                yield self.finding(at=process.span, message="m", help="h", subject=f"process:{process.name}")

    files = {
        "a.py": f"# celerylint: ignore-file[task-seen] -- generated\n{TASKS}",
        "Procfile": "# celerylint: ignore[at-worker] -- scaled by hand\nworker: celery -A a worker\n"
        "other: celery -A a worker -n 2\n",
        "docker-compose.yml": "x: 1  # celerylint: ignore[at-worker] -- nothing here\n",
    }
    report = lint(tmp_path, files, TaskSeen, AtWorker, *META)
    assert places(report, "ignored") == [("Procfile", 2), ("a.py", 5), ("a.py", 10)]
    assert places(report) == [("Procfile", 3), ("docker-compose.yml", 1)]
    assert found(report)[-1] == "suppression-unused"


def test_findings_about_suppressions_can_be_suppressed(tmp_path: Path) -> None:
    kept = "# celerylint: ignore-file[suppression-unused] -- kept for later\n"
    text = f"{kept}{TASKS}x = 1  # celerylint: ignore[task-two]\n"
    report = lint(tmp_path, {"a.py": text}, TaskSeen, rule("task-two", check_task=lambda *_: ()), *META)
    assert found(report) == ["task-seen", "task-seen"]
    assert [one.finding.rule for one in report.ignored] == ["suppression-unused"]


def test_names_of_plug_ins_that_were_left_out_are_not_called_unknown(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"{TASKS}\nx = 1  # celerylint: ignore[acme-thing] -- theirs\n", encoding="utf-8")
    assert found(run(tmp_path, Config(all_rules_known=False), META)) == []
    assert found(run(tmp_path, Config(), META)) == ["suppression-unknown-rule"]


def test_without_the_mark_no_file_is_searched_for_comments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []

    def spy(path: str, text: str) -> list[Suppression]:
        searched.append(path)
        return []

    monkeypatch.setattr("celerylint.engine.read", spy)
    lint(tmp_path, {"a.py": TASKS, "b.py": f"{TASKS}# celerylint: here\n", "c.yml": "a: 1 # celerylint: x\n"})
    assert searched == ["b.py", "c.yml"]


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    report = lint(tmp_path, {"a.py": TASKS, "b.py": "from celery import (\n"}, TaskSeen, *META)
    assert [(one.finding.rule, one.finding.span.path, one.finding.severity) for one in report.new][-1] == (
        "syntax-error", "b.py", "info",
    )  # fmt: skip
    assert len(report.new) == 3, "the rest is linted"


def test_fixes_are_asked_for_once_and_their_errors_kept(tmp_path: Path) -> None:
    asked: list[Finding] = []

    class Fixing(TaskSeen):
        slug = "task-fixing"
        fix_safety = "safe"

        def fix(self, finding: Finding, project: Project) -> None:
            asked.append(finding)
            raise KeyError("gone")

    report = lint(tmp_path, {"a.py": TASKS}, Fixing)
    assert asked == []
    entry = report.new[0]
    assert report.fix(entry) is None and report.fix(entry) is None
    assert len(asked) == 1
    assert [error.where for error in report.errors] == ["the fix of rule `task-fixing`"]


@pytest.mark.parametrize(
    ("severity", "fail_on", "fails"),
    [
        ("error", "error", True),
        ("warning", "error", False),
        ("warning", "warning", True),
        ("info", "warning", False),
        ("info", "info", True),
    ],
)
def test_what_fails(tmp_path: Path, severity: str, fail_on: Any, fails: bool) -> None:
    assert lint(tmp_path, {"a.py": TASKS}, rule("task-seen", severity=severity)).fails(fail_on) is fails
