"""``.gitignore`` files: a walk ignores what git ignores, proved by asking git the same."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from celerylint.sources.git import list_files
from celerylint.sources.walk import Walk

FILES = ("a.py", "local.py", "b/a.py", "b/local.py", "b/c/a.py", "b/c/local.py")
CASES: list[tuple[dict[str, bytes], set[str]]] = [
    ({".gitignore": b"local.py\n"}, {"a.py", "b/a.py", "b/c/a.py"}),
    ({".gitignore": b"/local.py\n"}, {"a.py", "b/a.py", "b/local.py", "b/c/a.py", "b/c/local.py"}),
    ({".gitignore": b"b/\n"}, {"a.py", "local.py"}),
    ({".gitignore": b"b/*\n"}, {"a.py", "local.py"}),
    ({".gitignore": b"b/**\n!a.py\n"}, {"a.py", "local.py", "b/a.py"}),
    ({".gitignore": b"*\n!a.py\n!b\n"}, {"a.py", "b/a.py"}),
    ({".gitignore": b"*\n!*/\n!a.py\n"}, {"a.py", "b/a.py", "b/c/a.py"}),
    ({".gitignore": b"*.py\n", "b/.gitignore": b"!a.py\n"}, {"b/a.py", "b/c/a.py"}),
    ({"b/.gitignore": b"/local.py\n"}, {"a.py", "local.py", "b/a.py", "b/c/a.py", "b/c/local.py"}),
    ({"b/.gitignore": b"c\n"}, {"a.py", "local.py", "b/a.py", "b/local.py"}),
    ({".gitignore": b"b/\n", "b/.gitignore": b"!*\n"}, {"a.py", "local.py"}),
    ({".gitignore": b"!\n[z-a]\n# c\n\nb/**/local.py\r\n"}, {"a.py", "local.py", "b/a.py", "b/c/a.py"}),
    ({".gitignore": b"\xef\xbb\xbfb\n\xff\n"}, {"a.py", "local.py"}),
    ({"b/.gitignore": b""}, set(FILES)),
]


@pytest.fixture(params=CASES, ids=lambda case: " ".join(f"{path}:{rules!r}" for path, rules in case[0].items()))
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, set[str]]:
    rules, left = request.param
    for path in FILES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    for path, content in rules.items():
        (tmp_path / path).write_bytes(content)
    return str(tmp_path), left


def test_a_walk_obeys(case: tuple[str, set[str]]) -> None:
    root, left = case
    assert set(Walk(root).files) == left


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_git_says_the_same(case: tuple[str, set[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    root, left = case
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    subprocess.run(["git", "init"], cwd=root, check=True, capture_output=True)
    listed = list_files(root)
    assert listed is not None
    assert {path for path in listed.doubtful if path.endswith(".py")} == left


def test_an_unreadable_gitignore_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / "a.py").touch()

    def refuse(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert Walk(str(tmp_path)).files == ["a.py"]
