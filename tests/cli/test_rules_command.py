"""``celerylint rules``: a table, JSON or pages of the rules that a pattern means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from celerylint.cli.group import run
from celerylint.registry import builtin

PLUGIN = '''from celerylint.rule import Rule


class AcmeTaskOdd(Rule):
    """A task that is odd | strange.

    It happens.

    ```python bad
    x = 1  # expect: acme-task-odd
    ```
    """

    category = "security"
    since = "1.0"
    sources = ("celery/app/base.py", "https://example.org/odd")

    def check_project(self, project):
        return ()
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "acme_rules.py").write_text(PLUGIN)
    (tmp_path / "celerylint.toml").write_text('plugins = ["./acme_rules.py"]\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_table_has_a_line_for_every_rule(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["rule", "severity", "profile", "fix", "in", "short"]
    assert [line.split()[0] for line in lines] == sorted(["acme-task-odd", *(rule.slug for rule in builtin())])
    assert len({line.index(line.split()[1]) for line in lines}) == 1


@pytest.mark.parametrize("pattern", ["acme-task-odd", "acme-*", "acme"])
def test_a_pattern_chooses(project: Path, capsys: pytest.CaptureFixture[str], pattern: str) -> None:
    assert run(["rules", pattern]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == ["acme-task-odd"]


def test_patterns_add_up_and_a_category_is_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "security", "syntax-error"]) == 0
    slugs = {line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]}
    assert {"acme-task-odd", "syntax-error"} <= slugs and "suppression-unused" not in slugs


@pytest.mark.parametrize(
    ("pattern", "near"),
    [("suppresions", "suppressions"), ("acme-task-od", "acme-task-odd"), ("acne", "acme"), ("syntax", "syntax-*")],
)
def test_a_pattern_that_means_nothing_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], pattern: str, near: str
) -> None:
    assert run(["rules", pattern]) == 2
    assert capsys.readouterr().err == f'celerylint: "{pattern}" means no rule; did you mean "{near}"?\n'


def test_json_says_all_that_the_class_says(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "acme-task-odd", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "version": 1,
        "rules": [
            {
                "slug": "acme-task-odd",
                "family": "acme",
                "category": "security",
                "severity": "warning",
                "profile": "default",
                "fix": None,
                "celery": ">=4.0",
                "since": "1.0",
                "sources": ["celery/app/base.py", "https://example.org/odd"],
                "summary": "A task that is odd | strange.",
            }
        ],
    }


def test_pages_and_an_index_are_written(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "acme", "--output", "site/rules"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "1 pages and an index written to site/rules\n")
    page = (project / "site/rules/acme-task-odd.md").read_text()
    assert page == (
        "# acme-task-odd\n\nA task that is odd | strange.\n\n"
        "| severity | category | profile | fix | Celery | since |\n| --- | --- | --- | --- | --- | --- |\n"
        "| `warning` | `security` | `default` | `none` | `>=4.0` | `1.0` |\n\n"
        "It happens.\n\nBad\n\n```python\nx = 1  # <-- acme-task-odd\n```\n\n"
        "## Sources\n\n- celery/app/base.py\n- <https://example.org/odd>\n"
    )
    index = (project / "site/rules/README.md").read_text()
    assert "| [`acme-task-odd`](acme-task-odd.md) | warning | default |  | A task that is odd \\| strange. |" in index
    before = {path: path.read_bytes() for path in (project / "site").rglob("*.md")}
    assert run(["rules", "acme", "--output", "site/rules"]) == 0
    assert before == {path: path.read_bytes() for path in (project / "site").rglob("*.md")}


def test_a_folder_that_cannot_be_written_is_one_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "site").write_text("a file")
    assert run(["rules", "--output", "site/rules"]) == 2
    assert capsys.readouterr().err.startswith("celerylint: cannot write ")


def test_a_broken_plugin_is_said_and_the_others_are_listed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "acme_rules.py").write_text("boom\n")
    assert run(["rules"]) == 2
    said = capsys.readouterr()
    assert "suppression-unused" in said.out
    assert "acme_rules.py:1: plug-in" in said.err
    assert run(["rules", "--no-plugins"]) == 0
