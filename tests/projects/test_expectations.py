"""celerylint over whole services: exactly what their ``# expect: slug`` comments say, both ways."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TypeAlias

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = sorted(path for path in (ROOT / "fixtures" / "projects").iterdir() if path.is_dir())

MARK = re.compile(r"#\s*expect:\s*(?P<slugs>[a-z-]+(?:\s*,\s*[a-z-]+)*)\s*$")
NAMED_BY_USERS = frozenset(
    {
        "task-effect-unguarded",
        "retry-on-any-exception",
        "limit-missing",
        "serializer-pickle",
        "argument-model-instance",
        "task-unrouted",
        "beat-duplicate",
    }
)
FAILING = ("shop", "ledger", "almanac")
"""The services that hold each of the seven failures between them."""

Places: TypeAlias = "Counter[tuple[str, int, str]]"


def expected(project: Path) -> Places:
    """Path, line and slug of every mark in a project; a slug marked twice is expected twice."""
    places: Places = Counter()
    for path in sorted(project.rglob("*")):
        if not path.is_file() or path.suffix == ".md" or "__pycache__" in path.parts:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            mark = MARK.search(line)
            if mark is not None:
                for slug in mark["slugs"].split(","):
                    places[path.relative_to(project).as_posix(), number, slug.strip()] += 1
    return places


def reported(project: Path) -> Places:
    """What a user sees who runs celerylint in a copy of the project that belongs to no repository."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "celerylint", "check", "--output", "json", "--no-cache", "."]
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return Counter(
        (finding["location"]["path"], finding["location"]["line"], finding["rule"])
        for finding in json.loads(done.stdout)["findings"]
        if finding["profile"] == "default"
    )


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_findings_are_those_that_are_marked(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / project.name
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("__pycache__"))
    said, marked = reported(copy), expected(project)
    missed, surplus = sorted((marked - said).elements()), sorted((said - marked).elements())
    assert (missed, surplus) == ([], []), f"not found: {missed}\nfound, but not marked: {surplus}"


def test_the_seven_failures_stand_in_the_first_three_services_twice_each() -> None:
    slugs = Counter(
        slug for project in PROJECTS if project.name in FAILING for _, _, slug in expected(project).elements()
    )
    assert {slug: slugs[slug] for slug in NAMED_BY_USERS if slugs[slug] < 2} == {}


def test_the_clean_service_marks_nothing() -> None:
    assert expected(ROOT / "fixtures" / "projects" / "clinic") == Counter()
