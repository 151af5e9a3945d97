"""Writes ``docs/rules`` and the table of rules in README.md from the rules' docstrings; ``--check`` says what is stale.

python tools/make_docs.py
python tools/make_docs.py --check
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from celerylint.pages import index, page, table  # noqa: E402
from celerylint.registry import builtin  # noqa: E402

NOTE = "<!-- Made by tools/make_docs.py from {source}; change that. -->\n\n"
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"


def wanted(root: Path) -> dict[Path, str]:
    """Every generated file with the text it is to have. README.md is one when it holds the two markers."""
    rules, pages = builtin(), root / "docs" / "rules"
    files = {pages / "README.md": NOTE.format(source="the rules in celerylint/rules") + index(rules)}
    for rule in rules:
        source = rule.__module__.replace(".", "/") + ".py"
        files[pages / f"{rule.slug}.md"] = NOTE.format(source=source) + page(rule)
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if begin and end:
        files[readme] = f"{before}{begin}\n\n{table(rules, 'docs/rules/')}\n\n{end}{after}"
    return files


def stale(root: Path) -> list[Path]:
    """The files that are missing, differ, or belong to a rule that is no more."""
    files = wanted(root)
    differing = [path for path, text in files.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    return sorted([*differing, *(path for path in (root / "docs" / "rules").glob("*.md") if path not in files)])


def write(root: Path) -> list[Path]:
    """Make everything as it is to be, and say what was changed."""
    files, changed = wanted(root), stale(root)
    for path in changed:
        if path in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8", newline="\n")
        else:
            path.unlink()
    return changed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when something is stale")
    check = parser.parse_args().check
    paths = stale(ROOT) if check else write(ROOT)
    for path in paths:
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT).as_posix()}")
    return 1 if check and paths else 0


if __name__ == "__main__":
    sys.exit(main())
