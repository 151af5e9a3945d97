"""For tools: everything, in a form that stays. Lines and columns are 1-based, ends exclusive."""

from __future__ import annotations

import json
from typing import Any

from celerylint import __version__
from celerylint.output import Page
from celerylint.report import Reported
from celerylint.sources.spans import Span

VERSION = 1
"""Keys may be added within a version; none is taken away or changes its meaning."""


def render(page: Page) -> str:
    """One JSON object. Paths are relative to the working directory, with ``/``."""
    report = page.report
    data = {
        "version": VERSION,
        "tool": {"name": "celerylint", "version": __version__},
        "project": _project(page),
        "findings": [_finding(entry, page) for entry in report.findings],
        "errors": [{"where": error.where, "message": error.message} for error in report.errors],
    }
    return json.dumps(data, indent=2) + "\n"


def _project(page: Page) -> dict[str, Any]:
    report = page.report
    counts = report.counts
    return {
        "tasks": counts.tasks,
        "calls": counts.calls,
        "queues": counts.queues,
        "processes": counts.processes,
        "files": counts.files,
        "blind_spots": [
            {"reason": spot.reason, "path": page.shown(spot.span.path), "line": spot.span.line}
            for spot in report.blind_spots
        ],
        "problems": [{"path": page.shown(one.path), "message": one.message} for one in report.problems],
        "less_certain": report.below,
    }


def _finding(entry: Reported, page: Page) -> dict[str, Any]:
    finding = entry.finding
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "profile": entry.rule.profile,
        "category": entry.rule.category,
        "message": finding.message,
        "label": finding.label,
        "help": finding.help,
        "subject": finding.subject,
        "fingerprint": entry.fingerprint,
        "location": _location(finding.span, page),
        "evidence": [{"location": _location(one.span, page), "message": one.message} for one in finding.evidence],
        "fix": _fix(entry, page),
        "state": entry.state,
        "reason": entry.reason,
    }


def _location(span: Span, page: Page) -> dict[str, Any]:
    return {
        "path": page.shown(span.path),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _fix(entry: Reported, page: Page) -> dict[str, Any] | None:
    """The fix as edits of the text as it is now; None when there is none, or when it cannot be made here."""
    fix, project = page.report.fix(entry), page.report.project
    if fix is None or project is None:
        return None
    from celerylint.fixes import Refused, perform, text_edits  # a report without fixes does not pay for it

    try:
        changed = perform(project.tree.read, [fix])
    except (Refused, OSError):
        return None
    edits = [
        {"path": page.shown(path), **edit}
        for path, data in sorted(changed.items())
        for edit in text_edits(project.tree.read(path), data)
    ]
    return {"title": fix.title, "safety": fix.safety, "changes": fix.changes, "edits": edits}
