"""One line per finding, ``path:line:column: slug message``, for editors and for grep."""

from __future__ import annotations

from celerylint.output import Page
from celerylint.output.style import Line, paint, printable


def render(page: Page) -> str:
    """The findings in the order of path, line and column."""
    lines: list[Line] = []
    for entry in page.report.new:
        finding, span = entry.finding, entry.finding.span
        place = f"{printable(page.shown(span.path))}:{span.line}:{span.column}: "
        message = printable(" ".join(finding.message.split()))
        lines.append([(place, "bold"), (finding.rule, finding.severity), (f" {message}", "")])
    return paint(lines, page.colour)
