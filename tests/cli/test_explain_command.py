"""``celerylint explain``: one screen about a rule, and a hand out when there is none of that name."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from celerylint.cli.group import run

PLUGIN = '''from celerylint.rule import Rule


class AcmeTaskOdd(Rule):
    r"""A task that is odd.

    What happens in production is told here, in a sentence that is long enough to fill two lines of a terminal.

    - one
    - two

    ```python bad file=shop/odd.py
    x = "\\d"  # expect: acme-task-odd
    ```

    ```python fixed unsafe file=shop/odd.py
    x = 2
    ```

    ## Elsewhere

    ```python good
    x = 3
    ```

    ## When to suppress
    Never.
    """

    category = "operations"
    severity = "error"
    since = "1.2"
    celery = ">=5.1"
    sources = ("https://example.org/odd",)

    def check_project(self, project):
        return ()
'''

EXPECTED = """acme-task-odd
error · operations · profile default · fix none · Celery >=5.1 · since 1.2

A task that is odd.

What happens in production is told here, in a sentence that is long enough to
fill two lines of a terminal.

- one
- two

  Bad: shop/odd.py
    x = "\\d"  # <-- acme-task-odd

  Fixed (unsafe): shop/odd.py
    x = 2

Elsewhere

  Good
    x = 3

When to suppress
Never.

Sources
https://example.org/odd
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "acme_rules.py").write_text(PLUGIN)
    (tmp_path / "celerylint.toml").write_text('plugins = ["./acme_rules.py"]\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_screen(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "acme-task-odd"]) == 0
    assert capsys.readouterr().out == EXPECTED


def test_a_terminal_gets_the_same_words(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in {"COLUMNS": "80", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    assert run(["explain", "acme-task-odd"]) == 0
    said = capsys.readouterr().out
    assert "\x1b[1macme-task-odd\x1b[0m" in said
    assert re.sub(r"\x1b\[[0-9;]*m", "", said) == EXPECTED


def test_a_wrong_name_is_answered_with_the_nearest(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "suppression-unusd"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == 'celerylint: there is no rule "suppression-unusd"; did you mean "suppression-unused"?\n'


def test_a_name_like_no_other_gets_no_suggestion(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "qqq"]) == 2
    assert capsys.readouterr().err == 'celerylint: there is no rule "qqq"\n'


def test_a_built_in_rule_is_explained_even_where_the_configuration_is_broken(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "celerylint.toml").write_text("plugins = [\n")
    assert run(["explain", "suppression-unused"]) == 0
    assert capsys.readouterr().out.startswith("suppression-unused\nwarning · operations · profile default · fix safe")
    assert run(["explain", "acme-task-odd"]) == 2
    assert "celerylint.toml" in capsys.readouterr().err


def test_a_plugin_that_cannot_be_imported_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "acme_rules.py").write_text("boom\n")
    assert run(["explain", "acme-task-odd"]) == 2
    said = capsys.readouterr().err
    assert "acme_rules.py:1: plug-in" in said and 'there is no rule "acme-task-odd"' in said


def test_without_plugins_none_is_imported(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "acme_rules.py").write_text("raise SystemExit('imported')\n")
    assert run(["explain", "acme-task-odd", "--no-plugins"]) == 2
    assert "imported" not in capsys.readouterr().err


def test_documentation_that_cannot_be_read_is_one_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "acme_rules.py").write_text(PLUGIN.replace("python bad", "python wrong"))
    assert run(["explain", "acme-task-odd"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("celerylint: the documentation of `acme-task-odd`, line 8: `wrong` is not understood")
