"""The last line: what was found, and what was looked at."""

from __future__ import annotations

from celerylint.output import Page
from celerylint.report import SEVERITIES, Report, by_severity


def summary(page: Page) -> str:
    """One line without newline, as ``No findings. 42 tasks, 118 calls, 9 queues, 3 processes, 2 blind spots.``"""
    report = page.report
    found = by_severity(report.new)
    parts = [", ".join(_severity(found[one], one) for one in SEVERITIES if found[one])] if found else ["No findings"]
    parts += [part for part in (_fixable(page), _some(len(report.ignored), "ignored"), _kept_back(report)) if part]
    parts += _unread(report)
    looked = looked_at(report)
    return f"{' · '.join(parts)} · {looked}" if found else f"{' · '.join(parts)}. {looked}."


def looked_at(report: Report) -> str:
    """``42 tasks, 118 calls, 9 queues, 3 processes, 2 blind spots``: the proof that somebody looked."""
    counts = report.counts
    return ", ".join(
        (
            counted(counts.tasks, "task"),
            counted(counts.calls, "call"),
            counted(counts.queues, "queue"),
            counted(counts.processes, "process", "processes"),
            counted(len(report.blind_spots), "blind spot"),
        )
    )


def counted(number: int, one: str, many: str = "") -> str:
    """``1 task``, ``2 tasks``."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def _severity(number: int, severity: str) -> str:
    return f"{number} info" if severity == "info" else counted(number, severity)


def _some(number: int, what: str) -> str:
    return f"{number} {what}" if number else ""


def _fixable(page: Page) -> str:
    fixes = [fix for entry in page.report.new if (fix := page.report.fix(entry)) is not None]
    safe = sum(fix.safety == "safe" for fix in fixes)
    more = len(fixes) - safe
    if page.unsafe:
        return _some(len(fixes), "fixable with --fix --unsafe-fixes")
    if more and safe:
        return f"{safe} fixable with --fix, {more} more with --unsafe-fixes"
    return _some(more, "fixable with --fix --unsafe-fixes") or _some(safe, "fixable with --fix")


def _kept_back(report: Report) -> str:
    return _some(report.below, "less certain (--profile audit)")


def _unread(report: Report) -> list[str]:
    unread = sum(entry.finding.rule == "syntax-error" for entry in report.findings)
    return [f"{counted(unread, 'file')} not read"] if unread else []
