from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from celerylint import __version__
from celerylint.cli.group import cli

PICKLED = """\
from celery import Celery

app = Celery("shop", broker="redis://cache/0")
app.conf.task_time_limit = 60
app.conf.accept_content = ["json", "pickle"]


@app.task
def charge(order):
    print(order)
"""
CLEAN = PICKLED.replace('["json", "pickle"]', '["json"]')
FOUND = "shop/tasks.py:5:"
LOOKED = "1 task, 0 calls, 0 queues, 0 processes, 0 blind spots"

Run = Callable[..., Result]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one error, and the working directory in it."""
    own = [name for name in os.environ if name.startswith("CELERYLINT_")]
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", *own):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.celerylint]\n")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "tasks.py").write_text(PICKLED)
    return tmp_path


@pytest.fixture
def check(shop: Path) -> Run:
    def run(*arguments: str, **how: Any) -> Result:
        return CliRunner().invoke(cli, ["check", *arguments], catch_exceptions=False, **how)

    return run


def test_full_is_the_default(check: Run) -> None:
    result = check()
    assert result.exit_code == 1
    assert result.stdout.startswith("error[serializer-pickle]  ")
    assert " --> shop/tasks.py:5:" in result.stdout and "\n5 | app.conf.accept_content" in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stderr == f"1 error · 1 fixable with --fix · {LOOKED}\n"


def test_nothing_found(check: Run, shop: Path) -> None:
    (shop / "shop" / "tasks.py").write_text(CLEAN)
    result = check()
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"No findings. {LOOKED}.\n")
    assert check("--quiet").stderr == ""


@pytest.mark.parametrize("form", ["full", "concise", "json"])
def test_exit_codes_are_the_same_for_every_format(check: Run, shop: Path, form: str) -> None:
    assert check("--output", form).exit_code == 1
    assert check("--output", form, "--exit-zero").exit_code == 0
    assert check("--output", form, "gone.py").exit_code == 2
    (shop / "shop" / "tasks.py").write_text(CLEAN)
    assert check("--output", form).exit_code == 0


def test_fail_on_and_profile(check: Run, shop: Path) -> None:
    (shop / "pyproject.toml").write_text('[tool.celerylint.rules]\nserializer-pickle = "info"\n')
    assert check().exit_code == 0
    assert check("--fail-on", "info").exit_code == 1
    assert check("--fail-on", "info", "--profile", "audit").exit_code == 0
    assert check("--fail-on", "info", "--profile", "pedantic").exit_code == 1


def test_several_outputs_in_one_run(check: Run, shop: Path) -> None:
    result = check("--output", "concise", "--output", "json:report.json", "--output", "full:report.txt")
    assert result.stdout.startswith(FOUND)
    assert json.loads((shop / "report.json").read_text())["findings"][0]["rule"] == "serializer-pickle"
    assert (shop / "report.txt").read_text().endswith(f"{LOOKED}\n")
    assert check("--output", "json:only.json").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--output", "jsn"], 'there is no format "jsn"; did you mean "json"?'),
        (["--output", "json", "--output", "full"], "only one format can go to standard output"),
        (["--output", "json:gone/report.json"], "cannot write gone/report.json: no such file or directory"),
        (["--select", "serializer-pickel"], '--select: "serializer-pickel" is neither a rule nor a category; did you'),
        (["--ignore", "queues-*"], '--ignore: "queues-*" matches no rule'),
        (["--stdin-filename", "a.py"], "--stdin-filename needs - as the path"),
        (["-"], "- needs --stdin-filename"),
        (["-", "shop", "--stdin-filename", "a.py"], "- stands alone"),
        (["-", "--stdin-filename", "a.py", "--fix"], "--fix cannot write to standard input"),
        (["--config", "gone.toml"], "gone.toml"),
        (["--profile", "strict"], "strict"),
        (["--fixx"], "--fixx"),
    ],
)
def test_a_wrong_use_is_one_clear_line_and_exit_2(check: Run, arguments: list[str], words: str) -> None:
    result = check(*arguments)
    assert result.exit_code == 2
    assert sum(words in line for line in result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr


def test_select_and_ignore(check: Run) -> None:
    assert check("--select", "serializer-*").exit_code == 1
    assert check("--select", "operations").exit_code == 0
    assert check("--ignore", "security").exit_code == 0


def test_statistics(check: Run) -> None:
    assert check("--statistics").stdout.splitlines()[1].split() == ["serializer-pickle", "1", "1", "0"]
    assert json.loads(check("--statistics", "--output", "json").stdout)["findings"]


def test_at_most_twenty_findings_unless_all(check: Run, shop: Path) -> None:
    for n in range(25):
        (shop / "shop" / f"tasks{n}.py").write_text(PICKLED.replace('"shop"', f'"shop{n}"'))
    few, everything = check(), check("--all")
    assert few.stdout.count("error[") == 20
    assert few.stdout.endswith("... 6 more, --all\n\n")
    assert everything.stdout.count("error[") == 26
    assert few.stderr == everything.stderr


def test_paths_restrict_what_is_reported(check: Run, shop: Path) -> None:
    (shop / "other").mkdir()
    (shop / "other" / "views.py").write_text("from shop.tasks import charge\n\ncharge.delay(1)\n")
    assert check("other").exit_code == 0
    assert "1 task, 1 call," in check("other").stderr
    assert check("shop").exit_code == check("shop/tasks.py").exit_code == 1


def test_paths_are_shown_from_the_working_directory(check: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop / "docs").mkdir()
    monkeypatch.chdir(shop / "docs")
    assert check("--output", "concise").stdout.startswith(f"../{FOUND}")
    monkeypatch.chdir(shop / "shop")
    assert check("--output", "concise").stdout.startswith("tasks.py:5:")


def test_standard_input_overlays_a_file_and_only_it_is_reported(check: Run, shop: Path) -> None:
    (shop / "shop" / "more.py").write_text(PICKLED)
    result = check("-", "--stdin-filename", "shop/tasks.py", "--output", "concise", input=f"\n\n{PICKLED}")
    assert [line.split(":")[:2] for line in result.stdout.splitlines()] == [["shop/tasks.py", "7"]]
    new = check("-", "--stdin-filename", "shop/new.py", "--output", "concise", input=PICKLED)
    assert [line.split(":")[:2] for line in new.stdout.splitlines()] == [["shop/new.py", "5"]]
    assert check("-", "--stdin-filename", "shop/tasks.py", input=CLEAN).exit_code == 0
    assert (shop / "shop" / "tasks.py").read_text() == PICKLED


def test_fix(check: Run, shop: Path) -> None:
    result = check("--fix")
    assert (shop / "shop" / "tasks.py").read_text() == CLEAN
    assert (result.exit_code, result.stdout) == (0, "")
    first, second, last = result.stderr.splitlines()
    assert first.startswith("fixed shop/tasks.py:5 serializer-pickle: ")
    assert second == "Fixed 1 finding in 1 file."
    assert last == f"No findings. {LOOKED}."
    again = check("--fix")
    assert again.stderr.startswith("Fixed 0 findings in 0 files.\n")
    assert (shop / "shop" / "tasks.py").read_text() == CLEAN


def test_fix_reports_what_remains(check: Run, shop: Path) -> None:
    path = shop / "shop" / "tasks.py"
    path.write_text(PICKLED.replace("@app.task", "@app.task(autoretry_for=(Exception,))"))
    result = check("--fix")
    assert result.exit_code == 1
    assert "warning[retry-on-any-exception]" in result.stdout and "serializer-pickle" not in result.stdout


def test_unsafe_fixes_are_made_only_when_asked_for(check: Run, shop: Path) -> None:
    path = shop / "shop" / "tasks.py"
    unlimited = CLEAN.replace("app.conf.task_time_limit = 60\n", "")
    path.write_text(unlimited)
    assert check("--fix").exit_code == 1
    assert path.read_text() == unlimited
    result = check("--fix", "--unsafe-fixes")
    assert "task_time_limit" in path.read_text()
    assert "; tasks that take longer are stopped\n" in result.stderr, "an unsafe fix says what will be otherwise"


def test_fix_leaves_alone_what_is_not_reported(check: Run, shop: Path) -> None:
    (shop / "other.py").write_text(PICKLED)
    check("--fix", "shop")
    assert (shop / "other.py").read_text() == PICKLED
    assert (shop / "shop" / "tasks.py").read_text() == CLEAN


def test_diff_prints_a_patch_and_writes_nothing(check: Run, shop: Path) -> None:
    result = check("--diff")
    assert result.exit_code == 1
    assert '-app.conf.accept_content = ["json", "pickle"]\n+app.conf.accept_content = ["json"]\n' in result.stdout
    assert result.stderr == "Would fix 1 finding in 1 file.\n"
    assert (shop / "shop" / "tasks.py").read_text() == PICKLED
    (shop / "shop" / "tasks.py").write_text(CLEAN)
    nothing = check("--diff")
    assert (nothing.exit_code, nothing.stdout) == (0, "")


def test_diff_of_standard_input(check: Run, shop: Path) -> None:
    changed = PICKLED.replace("60", "61")
    result = check("-", "--stdin-filename", "shop/tasks.py", "--diff", input=changed)
    assert " app.conf.task_time_limit = 61\n" in result.stdout
    assert '+app.conf.accept_content = ["json"]\n' in result.stdout


def test_unused_suppressions_are_removed(check: Run, shop: Path) -> None:
    path = shop / "shop" / "tasks.py"
    path.write_text(CLEAN.replace("@app.task\n", "@app.task  # celerylint: ignore[serializer-pickle] -- old clients\n"))
    assert check().exit_code == 1
    assert check("--fix").exit_code == 0
    assert path.read_text() == CLEAN


@pytest.mark.parametrize(
    ("environment", "arguments", "coloured"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "0"}, [], False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
    ],
)
def test_colour(check: Run, environment: dict[str, str], arguments: list[str], coloured: bool) -> None:
    assert ("\x1b[" in check(*arguments, env=environment).stdout) is coloured


@pytest.mark.parametrize("width", [80, 200])
def test_code_is_cut_to_the_terminal(check: Run, shop: Path, width: int) -> None:
    long = PICKLED.replace('["json", "pickle"]', f'["json", "pickle"]  # {"long " * 100}')
    (shop / "shop" / "tasks.py").write_text(long)
    lines = check(env={"COLUMNS": str(width)}).stdout.splitlines()
    [code] = [line for line in lines if line.startswith("5 | ")]
    assert len(code) == width and code.endswith("…")


def test_no_celery_is_said_loudly(check: Run, shop: Path) -> None:
    (shop / "shop" / "tasks.py").write_text("print(1)\n")
    result = check()
    assert result.exit_code == 0
    note, last = result.stderr.splitlines()
    assert note == f"celerylint: no Celery found under {shop}: no app, task, call or worker in 1 Python file"
    assert last.startswith("No findings. 0 tasks")
    assert check(".").exit_code == 0, "the path holds files that were looked at"


def test_an_explicit_path_that_matches_nothing_is_exit_2(check: Run, shop: Path) -> None:
    (shop / "docs").mkdir()
    (shop / "docs" / "index.rst").write_text("celery\n")
    result = check("docs")
    assert result.exit_code == 2
    assert "celerylint: docs: no file here that celerylint looks at\n" in result.stderr
    assert check("docs", "shop").exit_code == 1


def test_isolated_and_another_configuration(check: Run, shop: Path) -> None:
    (shop / "pyproject.toml").write_text('[tool.celerylint.rules]\nserializer-pickle = "off"\n')
    (shop / "strict.toml").write_text('[rules]\nserializer-pickle = "warning"\n')
    assert check().exit_code == 0
    assert check("--isolated").exit_code == 1
    assert "warning[serializer-pickle]" in check("--config", "strict.toml").stdout


def test_environment_variables(check: Run) -> None:
    assert check(env={"CELERYLINT_PROFILE": "audit"}).exit_code == 0
    assert check("--profile", "default", env={"CELERYLINT_PROFILE": "audit"}).exit_code == 1
    wrong = check(env={"CELERYLINT_PROFILE": "strict"})
    assert wrong.exit_code == 2
    assert "celerylint: environment variable CELERYLINT_PROFILE: must be one of" in wrong.stderr


def test_verbose_says_what_is_read(check: Run, shop: Path) -> None:
    assert f"celerylint: root {shop}, configuration {shop / 'pyproject.toml'}, " in check("-v").stderr


def test_no_cache_is_accepted(check: Run) -> None:
    assert check("--no-cache").exit_code == 1


# Bad input: one clear line each, the rest is linted, nothing is written.


def survives(check: Run, shop: Path, path: str, line: str, exit_code: int = 1) -> Result:
    """The check says ``line`` of ``path`` once, still finds the pickle, and changes no file, even with --fix."""
    before = {one: one.read_bytes() for one in shop.rglob("*") if one.is_file() and one.name != "tasks.py"}
    result = check("--output", "concise")
    said = [one for one in (*result.stdout.splitlines(), *result.stderr.splitlines()) if path in one]
    assert said == [line]
    assert FOUND in result.stdout
    assert result.exit_code == exit_code
    assert "Traceback" not in result.stderr
    check("--fix")
    assert {one: one.read_bytes() for one in before} == before
    return result


def test_a_file_with_a_syntax_error(check: Run, shop: Path) -> None:
    (shop / "bad.py").write_text("from celery import shared_task\ndef f(:\n    pass\n")
    survives(check, shop, "bad.py", "bad.py:2:7: syntax-error this file cannot be read: invalid syntax")


def test_a_file_in_a_broken_encoding(check: Run, shop: Path) -> None:
    (shop / "bad.py").write_bytes(b"from celery import shared_task\nx = '\xff'\n")
    result = survives(
        check, shop, "bad.py",
        "bad.py:2:1: syntax-error this file cannot be read: byte 0xff is not utf-8; save it as UTF-8, or declare its "
        "encoding in the first line (PEP 263)",
    )  # fmt: skip
    assert "1 file not read" in result.stderr


def test_a_file_with_null_bytes(check: Run, shop: Path) -> None:
    (shop / "bad.py").write_bytes(b"from celery import shared_task\nx = '\0'\n")
    line = "bad.py:2:1: syntax-error this file cannot be read: contains a null byte; save it as text in UTF-8"
    survives(check, shop, "bad.py", line)


def test_a_file_of_more_than_10_megabytes(check: Run, shop: Path) -> None:
    (shop / "bad.py").write_bytes(b"import celery\n" + b"x = 1\n" * 1_700_000)
    survives(check, shop, "bad.py", "celerylint: bad.py: is larger than 10 MB and was not read")


def test_a_file_nested_too_deeply(check: Run, shop: Path) -> None:
    (shop / "bad.py").write_text(f"import celery\nx = {'(' * 2000}{')' * 2000}\n")
    result = check("--output", "concise")
    [line] = [one for one in result.stdout.splitlines() if one.startswith("bad.py")]
    assert line.startswith("bad.py:") and "syntax-error this file cannot be read: " in line
    assert result.exit_code == 1 and FOUND in result.stdout


def test_a_file_that_cannot_be_read(check: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from celerylint.sources import tree

    read = tree._read

    def refuse(path: str) -> bytes:
        if path.endswith("bad.py"):
            raise PermissionError(13, "Permission denied", path)
        return read(path)

    monkeypatch.setattr(tree, "_read", refuse)
    (shop / "bad.py").write_text(PICKLED)
    survives(check, shop, "bad.py", "celerylint: bad.py: cannot be read: Permission denied")
    assert check("bad.py").exit_code == 2, "the only file that was asked for"


def test_a_loop_of_symbolic_links(check: Run, shop: Path) -> None:
    (shop / "shop" / "loop").symlink_to(shop / "shop", target_is_directory=True)
    (shop / "one.py").symlink_to(shop / "two.py")
    (shop / "two.py").symlink_to(shop / "one.py")
    result = check("--output", "concise")
    assert result.stdout.count("serializer-pickle") == 1
    assert result.exit_code == 1


def test_an_empty_repository(check: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop / "empty" / ".git").mkdir(parents=True)
    monkeypatch.chdir(shop / "empty")
    result = check()
    assert result.exit_code == 0
    assert "no Celery found under" in result.stderr
    assert check(".").exit_code == 2


def test_a_path_that_does_not_exist(check: Run) -> None:
    result = check("gone", "--output", "concise")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "celerylint: gone: there is no such file or folder\n"
    rest = check("gone", "shop", "--output", "concise")
    assert rest.exit_code == 2
    assert FOUND in rest.stdout, "the rest is linted"


def test_a_broken_pyproject(check: Run, shop: Path) -> None:
    (shop / "pyproject.toml").write_text("[tool.celerylint]\nprofile = audit\n")
    result = check("--fix")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "celerylint: pyproject.toml:2: not TOML: invalid value\n"
    assert (shop / "shop" / "tasks.py").read_text() == PICKLED
    assert check("--isolated").exit_code == 1


def test_an_unknown_rule_in_the_configuration(check: Run, shop: Path) -> None:
    (shop / "pyproject.toml").write_text('[tool.celerylint.rules]\nserialiser-pickle = "off"\n')
    result = check("--fix")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        'celerylint: pyproject.toml:2: "serialiser-pickle" is neither a rule nor a category; '
        'did you mean "serializer-pickle"?\n'
    )
    assert (shop / "shop" / "tasks.py").read_text() == PICKLED


def test_an_exclude_that_is_no_pattern(check: Run, shop: Path) -> None:
    (shop / "pyproject.toml").write_text('[tool.celerylint]\nexclude = ["!"]\n')
    result = check()
    assert result.exit_code == 2
    assert result.stderr.startswith('celerylint: "exclude" in ') and result.stderr.count("\n") == 1


def plugin(shop: Path, body: str) -> None:
    (shop / "pyproject.toml").write_text('[tool.celerylint]\nplugins = ["./acme.py"]\n')
    (shop / "acme.py").write_text(f"from celerylint.rule import Rule\n\n\nclass AcmeTask(Rule):\n    {body}\n")


def test_a_plug_in_that_raises_when_it_is_imported(check: Run, shop: Path) -> None:
    plugin(shop, "x = 1 / 0")
    result = check("--output", "concise")
    assert result.exit_code == 2
    [line] = [line for line in result.stderr.splitlines() if line.startswith("celerylint:")]
    assert "acme.py:5" in line and "ZeroDivisionError" in line
    assert FOUND in result.stdout, "the rest is linted"
    assert check("--no-plugins").exit_code == 1, "and it can be left out"


def test_a_plug_in_that_raises_while_it_checks(check: Run, shop: Path) -> None:
    plugin(shop, "def check_task(self, task, project):\n        raise KeyError('nope')")
    result = check("--output", "concise")
    assert result.exit_code == 2
    [line] = [line for line in result.stderr.splitlines() if line.startswith("celerylint:")]
    assert line == (
        "celerylint: rule `acme-task` (check_task) failed and its findings may be missing: KeyError: 'nope'; "
        "-v shows the traceback"
    )
    assert FOUND in result.stdout
    assert 'raise KeyError("nope")' in check("-v").stderr or "raise KeyError('nope')" in check("-v").stderr
    assert json.loads(check("--output", "json").stdout)["errors"][0]["where"] == "rule `acme-task` (check_task)"


# The program as it is started.


def start(*arguments: str, cwd: Path, code: str = "from celerylint.cli import main; main()") -> Any:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=cwd, env=environment, timeout=60
    )


def test_version_is_answered_without_importing_anything(shop: Path) -> None:
    code = (
        "import sys; from celerylint.cli import main; main();"
        "print(sorted({'click', 'celerylint.engine'} & set(sys.modules)))"
    )
    ran = start("--version", cwd=shop, code=code)
    assert ran.stdout == f"celerylint {__version__}\n[]\n"


def test_without_a_command_there_is_help(shop: Path) -> None:
    ran = start(cwd=shop)
    assert ran.returncode == 0
    for command in ("check", "explain", "inspect", "new-rule", "rules"):
        assert f"\n  {command} " in ran.stdout


def test_a_misspelt_command(shop: Path) -> None:
    ran = start("chek", cwd=shop)
    assert ran.returncode == 2
    assert 'there is no command "chek"; did you mean "check"?' in ran.stderr


def test_the_exit_code_is_that_of_the_command(shop: Path) -> None:
    assert start("check", cwd=shop).returncode == 1
    assert start("check", "gone", cwd=shop).returncode == 2
    assert start("check", "--fixx", cwd=shop).returncode == 2
    assert start("explain", "no-such-rule", cwd=shop).returncode == 2
    assert start("check", "--exit-zero", cwd=shop).returncode == 0


def test_a_fault_of_our_own_is_exit_2_in_one_line(shop: Path) -> None:
    code = "import celerylint.engine as e; e.build = lambda *_: 1 / 0; from celerylint.cli import main; main()"
    ran = start("check", cwd=shop, code=code)
    assert ran.returncode == 2
    assert ran.stderr == ("celerylint: internal error: ZeroDivisionError: division by zero; -v shows the traceback\n")
    assert "Traceback" in start("check", "-v", cwd=shop, code=code).stderr


def test_a_terminal_without_the_characters_is_no_crash(shop: Path) -> None:
    code = "import sys; sys.stderr.reconfigure(encoding='iso8859-5')\n"
    ran = start("check", cwd=shop, code=f"{code}from celerylint.cli import main; main()")
    assert ran.returncode == 1
    assert "1 error ? 1 fixable with --fix ? " in ran.stderr


def test_a_machine_format_does_not_import_what_people_need(shop: Path) -> None:
    (shop / "shop" / "tasks.py").write_text(CLEAN)
    code = (
        "import sys\nfrom celerylint.cli import main\ntry:\n    main()\nfinally:\n"
        "    print(sorted({'libcst', 'rich', 'yaml'} & set(sys.modules)), file=sys.stderr)"
    )
    assert start("check", "--output", "json", cwd=shop, code=code).stderr.endswith("[]\n")
