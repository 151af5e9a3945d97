"""``--fix`` over every fixture service: a second run changes nothing, every file parses, comments and quotes stay."""

from __future__ import annotations

import ast
import io
import shutil
import subprocess
import sys
import tokenize
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = sorted(path for path in (ROOT / "fixtures" / "projects").iterdir() if path.is_dir())


def fix(folder: Path) -> int:
    command = [
        sys.executable,
        "-m",
        "celerylint",
        "check",
        "--isolated",
        "--fix",
        "--unsafe-fixes",
        "--output",
        "concise",
    ]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def tokens(data: bytes, kind: int) -> Counter[str]:
    return Counter(t.string for t in tokenize.tokenize(io.BytesIO(data).readline) if t.type == kind)


def elements(data: bytes) -> Counter[str]:
    """The comments behind list elements on lines of their own: they go with the element that a fix takes out."""
    lines = (line.partition("#") for line in data.decode().splitlines())
    return Counter(
        f"#{comment}" for code, hash_, comment in lines if hash_ and code.strip().rstrip(",").endswith(('"', "'"))
    )


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_the_second_run_changes_nothing(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / project.name
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = contents(folder)
    fix(folder)
    once = contents(folder)
    fix(folder)
    assert contents(folder) == once
    assert once.keys() == before.keys()
    for path, data in once.items():
        if data != before[path]:
            assert path.endswith(".py")
            ast.parse(data)
            lost = tokens(before[path], tokenize.COMMENT) - tokens(data, tokenize.COMMENT)
            assert lost <= elements(before[path]), path
            replaced = tokens(before[path], tokenize.STRING) - tokens(data, tokenize.STRING)
            assert all("pickle" in text or "python-serialize" in text for text in replaced), path


def test_some_service_is_changed_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(ROOT / "fixtures" / "projects" / "shop", folder)
    before = contents(folder)
    fix(folder)
    changed = {path for path, data in contents(folder).items() if data != before.get(path)}
    assert {"orders/views.py", "shop/settings/base.py", "catalogue/tasks.py"} <= changed
