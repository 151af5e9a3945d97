"""Writing files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from celerylint.fixes import FixProblem, write_atomically


def test_the_content_is_replaced_and_the_mode_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old\r\n")
    path.chmod(0o751)
    write_atomically(path, b"new\r\n")
    assert path.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o751
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    folder = tmp_path / "real"
    folder.mkdir()
    target = folder / "a.py"
    target.write_bytes(b"old")
    link = tmp_path / "link.py"
    link.symlink_to(Path("real") / "a.py")
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert sorted(os.listdir(tmp_path)) == ["link.py", "real"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for call in ("fsync", "replace", "chmod"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, no_room)
            with pytest.raises(FixProblem, match="No space left on device") as caught:
                write_atomically(path, b"new")
        assert (caught.value.path, caught.value.reason) == (path, "No space left on device")
        assert path.read_bytes() == b"old"
        assert os.listdir(tmp_path) == ["a.py"]


def test_a_read_only_file_is_respected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write what is read-only
    with pytest.raises(FixProblem, match="the file is read-only"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


def test_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FixProblem, match="No such file"):
        write_atomically(tmp_path / "a.py", b"new")
    (tmp_path / "dangling.py").symlink_to("nowhere.py")
    with pytest.raises(FixProblem):
        write_atomically(tmp_path / "dangling.py", b"new")
    (tmp_path / "loop.py").symlink_to("loop.py")
    with pytest.raises(FixProblem):
        write_atomically(tmp_path / "loop.py", b"new")
    with pytest.raises(FixProblem):
        write_atomically(tmp_path, b"new")
    assert sorted(os.listdir(tmp_path)) == ["dangling.py", "loop.py"]
