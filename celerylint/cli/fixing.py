"""``--fix`` and ``--diff``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from celerylint.cli.project import complain
from celerylint.fixes.diff import unified_diff
from celerylint.fixes.rounds import Fixable, Outcome, fixpoint
from celerylint.fixes.write import FixProblem, write_atomically
from celerylint.output.summary import counted
from celerylint.report import SEVERITIES, Report
from celerylint.rule import Finding

if TYPE_CHECKING:
    from celerylint.cli.check import Request


def make_fixes(request: Request, report: Report, unsafe: bool, quiet: bool) -> tuple[Report, bool]:
    """Make the fixes, write the files, say on stderr what was done, and lint what is there now.

    False with the new report when a file could not be written.
    """
    outcome = _outcome(request, report, unsafe)
    unwritten = {path for path, data in sorted(outcome.changed.items()) if not _write(request, path, data)}
    done = [(finding, fix) for finding, fix in outcome.applied if finding.span.path not in unwritten]
    if not quiet:
        for finding, fix in done:
            changes = f"; {fix.changes}" if fix.changes else ""
            click.echo(f"fixed {_place(request, finding)} {finding.rule}: {fix.title}{changes}", err=True)
        _say_refused(request, outcome)
        files = counted(len(outcome.changed) - len(unwritten), "file")
        click.echo(f"Fixed {counted(len(done), 'finding')} in {files}.", err=True)
    return (request.run() if outcome.changed else report), not unwritten


def print_diff(request: Request, report: Report, unsafe: bool, quiet: bool) -> bool:
    """Print what the fixes would change, as a patch. Whether there is anything."""
    outcome = _outcome(request, report, unsafe)
    for path, data in sorted(outcome.changed.items()):
        click.echo(unified_diff(request.project.shown(path), request.read(path), data), nl=False)
    if not quiet:
        _say_refused(request, outcome)
        files = counted(len(outcome.changed), "file")
        click.echo(f"Would fix {counted(len(outcome.applied), 'finding')} in {files}.", err=True)
    return bool(outcome.changed)


def _outcome(request: Request, report: Report, unsafe: bool) -> Outcome:
    def lint(changed: Mapping[str, bytes]) -> list[Fixable]:
        current = request.run(dict(changed)) if changed else report
        worst_first = sorted(current.new, key=lambda entry: SEVERITIES.index(entry.finding.severity))
        fixes = [(entry.finding, current.fix(entry)) for entry in worst_first]
        return [(finding, fix) for finding, fix in fixes if fix is not None and (unsafe or fix.safety == "safe")]

    return fixpoint(request.read, lint)


def _write(request: Request, path: str, data: bytes) -> bool:
    try:
        write_atomically(request.project.root / path, data)
    except FixProblem as problem:
        complain(f"{request.project.shown(path)}: cannot be written and stays as it is: {problem.reason.lower()}")
        return False
    return True


def _say_refused(request: Request, outcome: Outcome) -> None:
    for finding, reason in outcome.refused:
        click.echo(f"not fixed {_place(request, finding)} {finding.rule}: {reason}", err=True)


def _place(request: Request, finding: Finding) -> str:
    return f"{request.project.shown(finding.span.path)}:{finding.span.line}"
