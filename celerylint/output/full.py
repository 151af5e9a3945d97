"""For people: each finding with the code at every place that explains it, worst first."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from celerylint.output import Page
from celerylint.output.frames import frame
from celerylint.output.style import Line, paint, printable
from celerylint.report import SEVERITIES, Report, Reported
from celerylint.rule import Evidence
from celerylint.sources.spans import Span
from celerylint.sources.text import SourceProblem

CONFIDENCES = ("high", "medium", "low")
PLACES = 6
"""How many further places of one finding are shown when not everything was asked for."""


def render(page: Page) -> str:
    """The findings, at most ``page.most`` of them, with a line that says how many were left out."""
    entries = sorted(page.report.new, key=_badness)
    shown = entries[: page.most]
    lines = [line for entry in shown for line in _finding(entry, page)]
    if len(shown) < len(entries):
        lines.append([(f"... {len(entries) - len(shown)} more, --all", "bold")])
        lines.append([])
    return paint(lines, page.colour)


def _badness(entry: Reported) -> tuple[int, int, Span, str]:
    finding = entry.finding
    return SEVERITIES.index(finding.severity), CONFIDENCES.index(finding.confidence), finding.span, finding.rule


def _finding(entry: Reported, page: Page) -> Iterator[Line]:
    finding, report = entry.finding, page.report
    head = f"{finding.severity}[{finding.rule}]"
    first, *rest = _wrapped(finding.message, page, indent=len(head) + 2, hanging=2)
    yield [(head, finding.severity), (f"  {first}", "bold")]
    yield from ([(line, "bold")] for line in rest)

    evidence = finding.evidence if page.most is None else finding.evidence[:PLACES]
    gutter = max(len(str(span.line)) for span in (finding.span, *(one.span for one in evidence)))
    yield _arrow("-->", finding.span, page, gutter)
    yield from frame(
        finding.span, _line(report, finding.span), finding.label,
        mark="^", style=finding.severity, gutter=gutter, width=page.width,
    )  # fmt: skip
    for one in evidence:
        yield from _evidence(one, page, gutter)
    if len(evidence) < len(finding.evidence):
        more = len(finding.evidence) - len(evidence)
        yield [(f"{'':>{gutter}}::: ", "place"), (f"and {more} more place{'s' if more > 1 else ''}", "dim")]

    first, *rest = _wrapped(finding.help, page, indent=8, hanging=8)
    yield [("  help: ", "help"), (first, "")]
    yield from ([(line, "")] for line in rest)
    yield [(f"  celerylint explain {finding.rule}", "dim"), (_cure(entry, page), "dim")]
    yield []


def _evidence(one: Evidence, page: Page, gutter: int) -> Iterator[Line]:
    yield _arrow(":::", one.span, page, gutter)
    source = _line(page.report, one.span)
    yield from frame(one.span, source, one.message, mark="-", style="note", gutter=gutter, width=page.width)


def _arrow(arrow: str, span: Span, page: Page, gutter: int) -> Line:
    place = f"{printable(page.shown(span.path))}:{span.line}:{span.column}"
    return [(f"{'':>{gutter}}{arrow} ", "place"), (place, "")]


def _cure(entry: Reported, page: Page) -> str:
    fix = page.report.fix(entry)
    if fix is None:
        return ""
    return "  (fixable with --fix)" if fix.safety == "safe" else "  (fixable with --fix --unsafe-fixes)"


def _line(report: Report, span: Span) -> str | None:
    """The first source line of a span, None when it is not there to be had."""
    try:
        lines = report.project.tree.source(span.path).lines if report.project else ()
    except (OSError, SourceProblem):
        return None
    return lines[span.line - 1] if 0 < span.line <= len(lines) else None


def _wrapped(text: str, page: Page, indent: int, hanging: int) -> list[str]:
    """The text in lines that fit a terminal; the first one begins at ``indent``. Elsewhere it stays one line."""
    text = printable(" ".join(text.split()))
    if not page.terminal:
        return [text]
    lines = textwrap.wrap(
        text, max(page.width, 40), initial_indent=" " * indent, subsequent_indent=" " * hanging,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return [lines[0].strip(), *lines[1:]] if lines else [""]
