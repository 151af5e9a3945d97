"""``tools/make_docs.py``: pages, index and the table in README.md, the same every time, and stale ones are noticed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from celerylint.registry import builtin

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"


@pytest.fixture(scope="module")
def make_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "tools" / "make_docs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_repository_is_fresh(make_docs: ModuleType) -> None:
    stale = [path.relative_to(ROOT).as_posix() for path in make_docs.stale(ROOT)]
    assert stale == [], "run: python tools/make_docs.py"


def test_a_page_for_every_rule_and_an_index(make_docs: ModuleType, tmp_path: Path) -> None:
    make_docs.write(tmp_path)
    pages = tmp_path / "docs/rules"
    assert {path.name for path in pages.iterdir()} == {"README.md", *(f"{rule.slug}.md" for rule in builtin())}
    index = (pages / "README.md").read_text(encoding="utf-8")
    assert all(f"]({rule.slug}.md)" in index for rule in builtin())
    assert "## Suppressions and configuration\n" in index
    text = (pages / "suppression-unused.md").read_text(encoding="utf-8")
    assert text.startswith("<!-- Made by tools/make_docs.py from celerylint/rules/suppressions/suppression_unused.py;")
    assert "# expect:" not in text and "# <-- suppression-unused" in text


def test_what_is_fresh_is_left_alone_and_what_is_not_is_made_again(make_docs: ModuleType, tmp_path: Path) -> None:
    make_docs.write(tmp_path)
    assert make_docs.write(tmp_path) == []
    pages = tmp_path / "docs/rules"
    page, gone, old = pages / "suppression-unused.md", pages / "syntax-error.md", pages / "rule-of-yesterday.md"
    before = page.read_bytes()
    page.write_text("changed by hand")
    gone.unlink()
    old.write_text("left over")
    assert make_docs.stale(tmp_path) == sorted([page, gone, old])
    assert make_docs.write(tmp_path) == sorted([page, gone, old])
    assert page.read_bytes() == before and gone.exists() and not old.exists()


def test_the_table_in_the_readme_stands_between_its_markers(make_docs: ModuleType, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"Before.\n\n{BEGIN}\nstale\n{END}\n\nAfter.\n")
    assert readme in make_docs.write(tmp_path)
    text = readme.read_text(encoding="utf-8")
    assert text.startswith(f"Before.\n\n{BEGIN}\n\n| rule | severity |")
    assert text.endswith(f"|\n\n{END}\n\nAfter.\n")
    assert "[`suppression-unused`](docs/rules/suppression-unused.md)" in text and "stale" not in text
    assert make_docs.stale(tmp_path) == []


def test_the_screen_in_the_readme_is_what_celerylint_prints(make_docs: ModuleType) -> None:
    shown = make_docs.screen()
    assert shown.startswith("```console\n$ celerylint check\nerror[call-arity]  ")
    assert "# expect:" not in shown and "beat-duplicate" in shown and shown.endswith("blind spots\n```")


@pytest.mark.parametrize("text", ["No markers.\n", "<!-- rules: begin --> only one\n"])
def test_a_readme_without_both_markers_is_left_alone(make_docs: ModuleType, tmp_path: Path, text: str) -> None:
    (tmp_path / "README.md").write_text(text)
    make_docs.write(tmp_path)
    assert (tmp_path / "README.md").read_text() == text


def test_check_writes_nothing_and_fails(
    make_docs: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make_docs, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["make_docs.py", "--check"])
    assert make_docs.main() == 1
    assert "stale: docs/rules/README.md\n" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr("sys.argv", ["make_docs.py"])
    assert make_docs.main() == 0
    monkeypatch.setattr("sys.argv", ["make_docs.py", "--check"])
    assert make_docs.main() == 0
