"""The generated tables are what the installed Celery says, and cheap to import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import celery
import pytest

import celerylint.knowledge.settings
import celerylint.knowledge.surface

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "make_knowledge.py"
GENERATED = (celerylint.knowledge.settings, celerylint.knowledge.surface)


def series(version: str) -> str:
    return ".".join(version.split(".")[:2])


def test_the_tables_are_fresh() -> None:
    """Runs the generator's check; the tables describe one series of Celery, others are in the hand-written tables."""
    described = (celerylint.knowledge.settings.__doc__ or "").partition("from Celery ")[2].split(";")[0]
    if series(described) != series(celery.__version__):
        pytest.skip(f"the tables describe {described}, installed is {celery.__version__}")
    checked = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_check_finds_a_stale_table(tmp_path: Path) -> None:
    for module in GENERATED:
        source = Path(module.__file__ or "")
        (tmp_path / source.name).write_text(source.read_text().replace("task_acks_late", "task_acks_early"))
    command = [sys.executable, str(TOOL), "--check", "--into", str(tmp_path)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 1
    assert "settings.py is stale" in checked.stdout
    assert "surface.py is stale" in checked.stdout


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    command = [sys.executable, str(TOOL), "--into", str(tmp_path)]
    first = subprocess.run(command, capture_output=True, text=True, check=True)
    second = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "settings.py written" in first.stdout
    assert second.stdout == ""


@pytest.mark.parametrize("module", GENERATED, ids=lambda m: m.__name__)
def test_generated_tables_hold_only_literals(module: object) -> None:
    """What a reader of a hook pays at each start: literals are constants in the compiled file."""
    source = Path(getattr(module, "__file__", "")).read_text(encoding="utf-8")
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    assert {ast.unparse(call.func) for call in calls} <= {"timedelta", "float"}


def test_no_table_needs_celery() -> None:
    """The linter must not import what its user may not have installed."""
    code = (
        "import sys, pkgutil, importlib, celerylint.knowledge as k\n"
        "[importlib.import_module(f'{k.__name__}.{m.name}') for m in pkgutil.iter_modules(k.__path__)]\n"
        "print(sorted({'celery', 'kombu', 'click', 'rich', 'libcst', 'yaml', 'django'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
