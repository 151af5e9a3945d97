"""Writes ``docs/rules``, and the table of rules and the example's output in README.md; ``--check`` says what is stale.

python tools/make_docs.py
python tools/make_docs.py --check
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from celerylint.pages import index, page, table  # noqa: E402
from celerylint.registry import builtin  # noqa: E402

NOTE = "<!-- Made by tools/make_docs.py from {source}; change that. -->\n\n"
MARK = re.compile(r"[ \t]*# (?:expect|innocent): .*$", re.MULTILINE)
SHOWN = ("call-arity", "call-inside-transaction", "call-not-sent", "argument-model-instance", "beat-duplicate")
"""The rules whose findings on the bundled example stand in README.md."""


def wanted(root: Path) -> dict[Path, str]:
    """Every generated file with the text it is to have. README.md is one when it holds the two markers."""
    rules, pages = builtin(), root / "docs" / "rules"
    files = {pages / "README.md": NOTE.format(source="the rules in celerylint/rules") + index(rules)}
    for rule in rules:
        source = rule.__module__.replace(".", "/") + ".py"
        files[pages / f"{rule.slug}.md"] = NOTE.format(source=source) + page(rule)
    readme = root / "README.md"
    if readme.is_file():
        text = readme.read_text(encoding="utf-8")
        text = between("rules", text, lambda: table(rules, "docs/rules/"))
        files[readme] = between("screen", text, screen)
    return files


def between(name: str, text: str, made: Callable[[], str]) -> str:
    """``text`` with what is made between the markers of that name; unchanged when it does not hold both."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    if begin not in text or end not in text:
        return text
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n\n{made()}\n\n{end}{rest.partition(end)[2]}"


def screen() -> str:
    """What celerylint prints for the bundled example, whose marks for the tests are taken out first."""
    with tempfile.TemporaryDirectory() as folder:
        shop = Path(folder) / "shop"
        shutil.copytree(ROOT / "fixtures" / "projects" / "shop", shop, ignore=shutil.ignore_patterns("__pycache__"))
        for path in shop.rglob("*.py"):
            path.write_text(MARK.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
        command = [sys.executable, "-m", "celerylint", "check", "--isolated", "--select", ",".join(SHOWN)]
        environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONPATH": str(ROOT), "GITHUB_ACTIONS": ""}
        done = subprocess.run(command, cwd=shop, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 1:
        raise SystemExit(f"celerylint on the bundled example ended with {done.returncode}: {done.stderr}")
    summary = done.stderr.strip().splitlines()[-1]
    return f"```console\n$ celerylint check\n{done.stdout.rstrip()}\n\n{summary}\n```"


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
