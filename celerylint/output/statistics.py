"""How many findings of each rule, how many of them can be fixed, how many are ignored."""

from __future__ import annotations

from celerylint.output import Page
from celerylint.output.style import Line, paint


def render(page: Page) -> str:
    """A table, the rule with most findings first; empty when there is nothing to count."""
    report = page.report
    rows: dict[str, list[int]] = {}
    for entry in report.findings:
        row = rows.setdefault(entry.finding.rule, [0, 0, 0])
        if entry.state == "new":
            row[0] += 1
            row[1] += report.fix(entry) is not None
        else:
            row[2] += 1
    if not rows:
        return ""
    width = max(len("rule"), *map(len, rows))
    lines: list[Line] = [[(f"{'rule':<{width}}  findings  fixable  ignored", "bold")]]
    for slug, (new, fixable, ignored) in sorted(rows.items(), key=lambda row: (-row[1][0], row[0])):
        lines.append([(f"{slug:<{width}}  {new:>8}  {fixable:>7}  {ignored:>7}", "")])
    return paint(lines, page.colour)
