"""What a rule says does not depend on which rules ran before it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from celerylint import config, engine
from celerylint.registry import builtin
from celerylint.rule import Rule

PROJECTS = sorted(p for p in (Path(__file__).resolve().parents[2] / "fixtures" / "projects").iterdir() if p.is_dir())


def findings(root: Path, rules: list[type[Rule]]) -> Counter[tuple[object, ...]]:
    given = config.load(root, isolated=True, command_line={"profile": "audit", "min_confidence": "low"})
    report = engine.run(root, given, rules)
    assert report.errors == []
    return Counter((x.finding.rule, x.finding.span, x.finding.message, x.finding.confidence) for x in report.findings)


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_the_order_of_the_rules_changes_nothing(project: Path) -> None:
    rules = list(builtin())
    assert findings(project, rules) == findings(project, rules[::-1])
