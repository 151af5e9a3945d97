"""The tree inside a git work tree: git's own list, and what happens when git cannot answer."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from celerylint.sources import git
from celerylint.sources.tree import open_tree

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


@pytest.fixture(autouse=True)
def plain_git(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def run(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def write(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    run(root, "init")
    write(root, "a.py", "shop/tasks.py", "shop/sub/b.py", "build/docker/Dockerfile", "forced.py", "logo.png")
    (root / ".gitignore").write_text("local.py\n/out/\nforced.py\n")
    run(root, "add", "--force", ".")
    run(root, "commit", "-m", "x")
    return root


def test_tracked_and_untracked_but_not_ignored(repository: Path) -> None:
    write(repository, "new.py", "shop/local.py", "out/c.py", "é ü.py", "q\t.py")
    assert open_tree(repository).files == (
        "a.py", "build/docker/Dockerfile", "forced.py", "new.py", "q\t.py", "shop/sub/b.py", "shop/tasks.py", "é ü.py",
    )  # fmt: skip


def test_a_folder_within_the_work_tree(repository: Path) -> None:
    write(repository, "shop/local.py", "shop/new.py")
    assert open_tree(repository / "shop").files == ("new.py", "sub/b.py", "tasks.py")


def test_deleted_files_are_left_out(repository: Path) -> None:
    (repository / "a.py").unlink()
    shutil.rmtree(repository / "shop/sub")
    assert open_tree(repository).files == ("build/docker/Dockerfile", "forced.py", "shop/tasks.py")


def test_a_file_with_a_conflict_is_listed_once(repository: Path) -> None:
    run(repository, "checkout", "-b", "other")
    (repository / "a.py").write_text("other\n")
    run(repository, "commit", "-am", "other")
    run(repository, "checkout", "main")
    (repository / "a.py").write_text("main\n")
    run(repository, "commit", "-am", "main")
    with pytest.raises(subprocess.CalledProcessError):
        run(repository, "merge", "other")
    assert open_tree(repository / "shop").files == ("sub/b.py", "tasks.py")
    assert open_tree(repository).files.count("a.py") == 1


def test_submodules_and_nested_repositories_are_left_out(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    run(other, "init")
    write(other, "inner.py")
    run(other, "add", ".")
    run(other, "commit", "-m", "x")
    run(repository, "-c", "protocol.file.allow=always", "submodule", "add", str(other), "module")
    run(repository, "clone", str(other), "nested")
    files = open_tree(repository).files
    assert "a.py" in files
    assert not [path for path in files if "inner" in path]
    assert open_tree(repository / "module").files == ("inner.py",)


def test_an_environment_that_nobody_ignores_is_left_out(repository: Path) -> None:
    write(repository, "env/pyvenv.cfg", "env/lib/x.py", "venv/y.py", "node_modules/z.py", "environment/kept.py")
    files = open_tree(repository).files
    assert "environment/kept.py" in files
    assert not [path for path in files if path.endswith(("x.py", "y.py", "z.py", "pyvenv.cfg"))]


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need privileges")
def test_links(repository: Path, tmp_path: Path) -> None:
    write(tmp_path, "outside.py")
    (repository / "twin.py").symlink_to("a.py")
    (repository / "shared.py").symlink_to(tmp_path / "outside.py")
    (repository / "loop").symlink_to(".")
    run(repository, "add", "twin.py", "loop")
    files = open_tree(repository).files
    assert "shared.py" in files
    assert not {"twin.py", "loop"} & set(files)


def test_hooks_do_not_mislead(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(repository / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "none"))
    assert open_tree(repository / "shop").files == ("sub/b.py", "tasks.py")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_nothing_that_the_repository_names_is_run(repository: Path, tmp_path: Path) -> None:
    script = tmp_path / "monitor"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    run(repository, "config", "core.fsmonitor", str(script))
    assert "a.py" in open_tree(repository).files
    assert not (tmp_path / "ran").exists()


def test_the_index_is_not_written(repository: Path) -> None:
    os.utime(repository / "a.py", (1, 1))  # would make git refresh its index
    index = repository / ".git/index"
    before = (index.read_bytes(), index.stat().st_mtime_ns)
    open_tree(repository)
    assert (index.read_bytes(), index.stat().st_mtime_ns) == before


def test_a_folder_that_the_repository_around_it_ignores_is_walked(repository: Path) -> None:
    write(repository, "out/c.py", "out/local.py")
    assert open_tree(repository / "out").files == ("c.py", "local.py")


def test_an_empty_repository(tmp_path: Path) -> None:
    run(tmp_path, "init")
    assert open_tree(tmp_path).files == ()


@pytest.mark.parametrize(
    "failure",
    [
        FileNotFoundError(2, "no git"),
        subprocess.TimeoutExpired("git", 20),
        subprocess.CompletedProcess([], 128, b"", b"fatal: detected dubious ownership"),
    ],
    ids=["missing", "slow", "unwilling"],
)
def test_without_an_answer_the_tree_is_walked(
    repository: Path, monkeypatch: pytest.MonkeyPatch, failure: object
) -> None:
    def answer(*_: object, **__: object) -> object:
        if isinstance(failure, Exception):
            raise failure
        return failure

    write(repository, "shop/local.py")
    monkeypatch.setattr(subprocess, "run", answer)
    assert git.list_files(str(repository)) is None
    assert open_tree(repository).files == ("a.py", "shop/sub/b.py", "shop/tasks.py")


def test_a_broken_repository_is_walked(repository: Path) -> None:
    (repository / ".git/HEAD").write_text("nonsense")
    assert open_tree(repository / "shop").files == ("sub/b.py", "tasks.py")


def test_folders_that_git_cannot_open_are_problems(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warning = b"warning: could not open directory 'secret/': Permission denied\n"
    listed = b"H 100644 " + b"0" * 40 + b" 0\ta.py\0"
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, listed, warning))
    tree = open_tree(repository)
    assert tree.files == ("a.py",)
    assert [(p.path, p.message) for p in tree.problems] == [("secret", "cannot be listed: Permission denied")]
