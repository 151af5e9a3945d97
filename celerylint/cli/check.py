"""``celerylint check``: lint a project, and mend what can be mended."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import click

from celerylint import engine
from celerylint.cli.known import Trouble
from celerylint.cli.project import Opened, complain, open_project, project_options
from celerylint.cli.writing import Target, coloured, parse_targets, terminal_width, write
from celerylint.config import ConfigError
from celerylint.levels import PROFILES, unknown_selector
from celerylint.output import FORMATS, Page
from celerylint.output.summary import counted, summary
from celerylint.report import SEVERITIES, Report
from celerylint.rule import Confidence

MOST = 20
"""How many findings ``full`` prints without ``--all``."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be linted: the project, the part of it that is reported, and what stands in the place of files."""

    project: Opened
    within: tuple[str, ...]
    overlays: dict[str, bytes]

    def read(self, path: str) -> bytes:
        """What a file holds before anything is changed. Raises OSError when it cannot be read."""
        overlay = self.overlays.get(path)
        return (self.project.root / path).read_bytes() if overlay is None else overlay

    def run(self, overlays: dict[str, bytes] | None = None) -> Report:
        """Lint once. Raises Trouble when there is no model to be had of the project."""
        project = self.project
        try:
            return engine.run(
                project.root, project.config, project.rules,
                paths=self.within, overlays={**self.overlays, **(overlays or {})},
            )  # fmt: skip
        except ConfigError as error:
            raise Trouble(str(error)) from error
        except (OSError, RecursionError, MemoryError) as error:
            raise Trouble(f"the project cannot be read: {type(error).__name__}: {error}") from error


def each_word(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """``--select a,b --select c`` is a, b and c."""
    return tuple(word for value in given for word in value.split(",") if word)


@click.command(name="check")
@click.argument("paths", nargs=-1, metavar="[PATHS]...", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--fix", is_flag=True, help="Make the safe fixes, then report what remains.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also make fixes that change behaviour.")
@click.option("--diff", is_flag=True, help="Print what --fix would change and write nothing; exit 1 if there is any.")
@click.option("--profile", type=click.Choice(PROFILES), help="Who listens: audit shows everything and never fails.")
@click.option(
    "--select",
    multiple=True,
    metavar="WHAT",
    callback=each_word,
    help="Only these rules: slugs, categories or globs, by comma or again and again.",
)
@click.option("--ignore", multiple=True, metavar="WHAT", callback=each_word, help="Not these rules, in the same way.")
@click.option("--min-confidence", type=click.Choice(get_args(Confidence)), help="Hide what is less certain.")
@click.option(
    "--output", "targets", multiple=True, metavar="FORMAT[:PATH]", callback=parse_targets,
    help=f"{', '.join(FORMATS)}; repeatable, to a file when a path follows.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help=f"Print every finding in full, not the worst {MOST}.")
@click.option("--statistics", is_flag=True, help="Print counts per rule in the place of the findings.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever is found.")
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="The mildest severity that gives exit code 1.")
@click.option("--stdin-filename", type=click.Path(path_type=Path), help="With - as path: which file standard input is.")
@click.option("--no-cache", is_flag=True, help="Do not read or write the cache.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Whether to use colours.")
@project_options
@click.option("-q", "--quiet", is_flag=True, help="Print findings and failures, nothing else.")
@click.option("-v", "--verbose", is_flag=True, help="Say what is read, how long it takes, and why rules failed.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    profile: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    min_confidence: str | None,
    targets: list[Target],
    everything: bool,
    statistics: bool,
    exit_zero: bool,
    fail_on: str | None,
    stdin_filename: Path | None,
    no_cache: bool,
    color: str,
    no_plugins: bool,
    isolated: bool,
    config_file: Path | None,
    quiet: bool,
    verbose: bool,
) -> None:
    """Say what Celery will do in production that nobody intended.

    The whole project around PATHS is read; what is reported is only what stands in PATHS. Exit code 0: nothing at or
    above --fail-on; 1: something; 2: the job could not be done.
    """
    missing = [path for path in paths if path != Path("-") and not path.exists()]
    for path in missing:
        complain(f"{path}: there is no such file or folder")
    present = [path for path in paths if path not in missing]
    if missing and not present:
        ctx.exit(2)
    overlay = _stdin(present, stdin_filename, fix)
    start = [stdin_filename] if stdin_filename else present or [Path.cwd()]
    project = open_project(
        start, file=config_file, isolated=isolated, plugins=not no_plugins,
        command_line={
            "profile": profile, "fail_on": fail_on, "min_confidence": min_confidence,
            "select": select, "ignore": ignore,
        },
    )  # fmt: skip
    _check_selectors(project, select, ignore)
    within = tuple(project.relative(path) for path in (start if stdin_filename else present))
    overlays = {} if overlay is None else {within[0]: overlay}
    request = Request(project, within, overlays)

    report = request.run()
    _say_notes(report, project, within, quiet, verbose)
    would_change, written = False, True
    if diff:
        from celerylint.cli.fixing import print_diff

        would_change = print_diff(request, report, unsafe_fixes, quiet)
    elif fix:
        from celerylint.cli.fixing import make_fixes

        report, written = make_fixes(request, report, unsafe_fixes, quiet)
    page = Page(
        report, project.shown, terminal_width(), sys.stdout.isatty(), coloured(color),
        most=None if everything else MOST, unsafe=unsafe_fixes,
    )  # fmt: skip
    if not diff:
        write(targets, page, statistics)
        if not quiet:
            click.echo(summary(page), err=True)
    _say_errors(report, verbose)
    failed = would_change if diff else report.fails(project.config.fail_on)
    if missing or not written or project.broken or report.errors or _matched_nothing(report, within, overlays):
        ctx.exit(2)
    never = exit_zero or (project.config.profile == "audit" and not diff)
    ctx.exit(1 if failed and not never else 0)


def _stdin(paths: Sequence[Path], name: Path | None, fix: bool) -> bytes | None:
    """Standard input, None when it is not asked for. Raises UsageError where ``-`` and its name do not go together."""
    if Path("-") not in paths:
        if name is not None:
            raise click.UsageError("--stdin-filename needs - as the path")
        return None
    if len(paths) > 1:
        raise click.UsageError("- stands alone: standard input is the only thing that is reported")
    if name is None:
        raise click.UsageError("- needs --stdin-filename, which says where in the project the text belongs")
    if fix:
        raise click.UsageError("--fix cannot write to standard input; --diff prints the changes")
    return sys.stdin.buffer.read()


def _check_selectors(project: Opened, select: Sequence[str], ignore: Sequence[str]) -> None:
    known = {rule.slug: rule for rule in project.rules}
    for option, selectors in (("--select", select), ("--ignore", ignore)):
        for selector in selectors:
            complaint = unknown_selector(selector, known)
            if complaint is not None and project.config.all_rules_known:
                raise Trouble(f"{option}: {complaint}")


def _matched_nothing(report: Report, within: Sequence[str], overlays: dict[str, bytes]) -> bool:
    """Whether paths were given and none of them holds a file that is looked at and could be read."""
    if not within or overlays or report.project is None:
        return False
    files = set(report.project.tree.files) - {problem.path for problem in report.problems}
    return not any(engine.within(path, tuple(within)) for path in files)


def _say_notes(report: Report, project: Opened, within: Sequence[str], quiet: bool, verbose: bool) -> None:
    """What people have to know besides findings: what could not be read, and that there was nothing to read."""
    if verbose:
        complain(f"root {project.root}, configuration {project.config.file or 'none'}, {report.elapsed:.2f} s")
    for problem in report.problems:
        complain(f"{project.shown(problem.path)}: {problem.message}")
    if quiet:
        return
    files = report.project.tree.files if report.project else ()
    if within and not any(engine.within(path, tuple(within)) for path in files):
        complain(f"{', '.join(project.shown(path) for path in within)}: no file here that celerylint looks at")
    elif not report.found_celery:
        python = sum(path.endswith(".py") for path in files)
        looked = counted(python, "Python file")
        complain(f"no Celery found under {project.root}: no app, task, call or worker in {looked}")


def _say_errors(report: Report, verbose: bool) -> None:
    for error in report.errors:
        hint = "" if verbose else "; -v shows the traceback"
        complain(f"{error.where} failed and its findings may be missing: {error.message}{hint}")
        if verbose:
            click.echo(error.trace.rstrip(), err=True)
