"""The tree outside git: walking, ignoring, reading, overlays."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from celerylint.sources import tree as tree_module
from celerylint.sources.text import SourceProblem
from celerylint.sources.tree import LARGEST, open_tree


@pytest.fixture(autouse=True)
def outside_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the temporary folder lies."""
    monkeypatch.setattr(tree_module, "list_files", lambda root: None)


def make(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def test_files_are_sorted_posix_and_worth_reading(tmp_path: Path) -> None:
    make(tmp_path, {"b/z.py": "", "b/a.py": "", "a.py": "", "Procfile": "", "b/logo.png": "", "README.md": ""})
    tree = open_tree(tmp_path)
    assert tree.files == ("Procfile", "a.py", "b/a.py", "b/z.py")
    assert tree.python_files == ("a.py", "b/a.py", "b/z.py")
    assert tree.other_files == ("Procfile",)
    assert tree.root == tmp_path
    assert tree.problems == []


def test_an_empty_folder_has_no_files_and_no_problems(tmp_path: Path) -> None:
    tree = open_tree(tmp_path)
    assert (tree.files, tree.problems) == ((), [])


def test_a_missing_root_is_a_problem(tmp_path: Path) -> None:
    tree = open_tree(tmp_path / "gone")
    assert tree.files == ()
    assert [(p.path, p.message) for p in tree.problems] == [(".", "cannot be listed: No such file or directory")]


@pytest.mark.parametrize("folder", ["node_modules", ".venv", "venv", "build", "dist", "__pycache__", "x/site-packages"])
def test_the_usual_folders_are_pruned(tmp_path: Path, folder: str) -> None:
    make(tmp_path, {f"{folder}/a.py": "", "kept.py": ""})
    assert open_tree(tmp_path).files == ("kept.py",)


def test_a_virtual_environment_is_known_by_its_mark(tmp_path: Path) -> None:
    make(tmp_path, {"env/pyvenv.cfg": "", "env/lib/a.py": "", "env/a.py": "", "kept.py": ""})
    assert open_tree(tmp_path).files == ("kept.py",)


def test_pathspec_is_not_imported_without_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, {"a.py": ""})
    monkeypatch.setitem(sys.modules, "celerylint.sources.ignore", None)
    assert open_tree(tmp_path).files == ("a.py",)
    with pytest.raises(ImportError):
        open_tree(tmp_path, exclude=["b"])


def test_excludes_hold_for_files_and_overlays(tmp_path: Path) -> None:
    make(tmp_path, {"a.py": "", "old/a.py": "", "old/deep/b.py": "", "b.py": ""})
    tree = open_tree(tmp_path, overlays={"old/new.py": b"", "new.py": b""}, exclude=["/old", "b.py"])
    assert tree.files == ("a.py", "new.py")
    assert not tree.exists("old/a.py")


@pytest.mark.parametrize("pattern", ["!", "[z-a]"])
def test_a_bad_exclude_is_an_error(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(ValueError):
        open_tree(tmp_path, exclude=[pattern])


def test_overlays_take_the_place_of_files_and_add_new_ones(tmp_path: Path) -> None:
    make(tmp_path, {"a.py": "disk"})
    tree = open_tree(tmp_path, overlays={"a.py": b"editor", "new/b.py": b"new", "notes.md": b"text"})
    assert tree.files == ("a.py", "new/b.py")
    assert tree.read("a.py") == b"editor"
    assert tree.source("new/b.py").text == "new"
    assert tree.read("notes.md") == b"text"
    assert tree.exists("new/b.py")
    assert not tree.exists("new/c.py")


def test_reading(tmp_path: Path) -> None:
    make(tmp_path, {"a.py": b"\xef\xbb\xbfx = 1\r\n", "é b.py": "x", "bad.py": b"\xff"})
    tree = open_tree(tmp_path)
    assert tree.read("a.py") == b"\xef\xbb\xbfx = 1\r\n"
    assert tree.read("é b.py") == b"x"
    source = tree.source("a.py")
    assert (source.path, source.text, source.bom) == ("a.py", "x = 1\r\n", True)
    assert tree.source("a.py") is source
    with pytest.raises(SourceProblem, match="is not utf-8"):
        tree.source("bad.py")
    assert tree.problems == []  # it can be read; whoever decodes it says what is wrong


def test_only_a_few_sources_are_kept(tmp_path: Path) -> None:
    names = [f"{number:02}.py" for number in range(40)]
    tree = open_tree(tmp_path, overlays=dict.fromkeys(names, b""))
    first = tree.source(names[0])
    for name in names[1:]:
        tree.source(name)
    assert tree.source(names[0]) is not first


def test_what_cannot_be_read_is_noted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, {"a.py": ""})
    tree = open_tree(tmp_path)

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert tree.read("a.py") == b""
    with pytest.raises(SourceProblem, match="cannot be read: Permission denied"):
        tree.source("a.py")
    assert [(p.path, p.message) for p in tree.problems] == [("a.py", "cannot be read: Permission denied")]


def test_a_file_that_goes_away_is_noted(tmp_path: Path) -> None:
    make(tmp_path, {"a.py": ""})
    tree = open_tree(tmp_path)
    (tmp_path / "a.py").unlink()
    assert tree.read("a.py") == b""
    assert [p.message for p in tree.problems] == ["cannot be read: No such file or directory"]


def test_folders_that_cannot_be_listed_are_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, {"a.py": "", "secret/b.py": "", "z/c.py": ""})
    real = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("secret"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    tree = open_tree(tmp_path)
    assert tree.files == ("a.py", "z/c.py")
    assert [(p.path, p.message) for p in tree.problems] == [("secret", "cannot be listed: Permission denied")]


def test_a_huge_file_is_noted_and_not_read(tmp_path: Path) -> None:
    make(tmp_path, {"a.py": ""})
    os.truncate(tmp_path / "a.py", LARGEST + 1)
    tree = open_tree(tmp_path)
    assert tree.files == ("a.py",)
    assert tree.read("a.py") == b""
    assert [p.message for p in tree.problems] == ["is larger than 10 MB and was not read"]


def test_a_large_file_is_read(tmp_path: Path) -> None:
    make(tmp_path, {"a.py": b"#" * LARGEST})
    assert len(open_tree(tmp_path).read("a.py")) == LARGEST


needs_links = pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need privileges")


@needs_links
def test_links_are_not_followed_into_folders_nor_back_into_the_tree(tmp_path: Path) -> None:
    root = make(tmp_path / "root", {"a.py": "x", "b/c.py": ""})
    make(tmp_path, {"outside.py": "shared", "folder/d.py": ""})
    (root / "b/loop").symlink_to(root)
    (root / "b/self").symlink_to("self")
    (root / "b/twin.py").symlink_to(root / "a.py")
    (root / "b/shared.py").symlink_to(tmp_path / "outside.py")
    (root / "b/dangling.py").symlink_to(tmp_path / "nowhere.py")
    (root / "folder.py").symlink_to(tmp_path / "folder")
    tree = open_tree(root)
    assert tree.files == ("a.py", "b/c.py", "b/dangling.py", "b/shared.py", "folder.py")
    assert tree.read("b/shared.py") == b"shared"
    assert tree.read("b/dangling.py") == tree.read("folder.py") == b""
    assert [(p.path, p.message) for p in tree.problems] == [
        ("b/dangling.py", "cannot be read: No such file or directory"),
        ("folder.py", "is not a regular file"),
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_named_pipe_does_not_keep_us_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.py")
    os.mkfifo(tmp_path / ".gitignore")
    tree = open_tree(tmp_path)
    assert tree.files == ()
    assert tree.read("a.py") == b""
    assert [p.message for p in tree.problems] == ["is not a regular file"]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are Unicode there")
def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9.py", "wb") as file:
        file.write(b"x = 1")
    tree = open_tree(tmp_path)
    assert tree.files == ("caf\udce9.py",)
    assert tree.read(tree.files[0]) == b"x = 1"
