"""Where a report goes: ``--output FORMAT[:PATH]``, colour, the width of the terminal."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from celerylint.cli.known import Trouble
from celerylint.levels import did_you_mean
from celerylint.output import FORMATS, Page, render
from celerylint.output.summary import summary

NO_TERMINAL = 100
"""How wide lines of code are where no terminal says it."""


@dataclass(frozen=True, slots=True)
class Target:
    """One ``--output``: a format, and a file or standard output (None)."""

    form: str
    path: Path | None


def parse_targets(ctx: click.Context, parameter: click.Parameter, values: Sequence[str]) -> list[Target]:
    """The targets of all ``--output`` options; ``full`` to standard output when there is none."""
    targets = []
    for value in values or ("full",):
        form, _, path = value.partition(":")
        if form not in FORMATS:
            raise click.BadParameter(f'there is no format "{form}"{did_you_mean(form, FORMATS)}')
        targets.append(Target(form, Path(path) if path else None))
    if sum(target.path is None for target in targets) > 1:
        raise click.BadParameter("only one format can go to standard output; the others need a path: json:report.json")
    return targets


def coloured(choice: str) -> bool:
    """Whether standard output gets colours, by ``--color``, ``NO_COLOR``, ``FORCE_COLOR`` and the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """The columns of the terminal or of ``COLUMNS``."""
    return shutil.get_terminal_size((NO_TERMINAL, 24)).columns


def write(targets: Sequence[Target], page: Page, statistics: bool) -> None:
    """Send the report where it was asked for. Raises Trouble for a file that cannot be written, after the others."""
    troubles = []
    for target in targets:
        form = "statistics" if statistics and target.form != "json" else target.form
        if target.path is None:
            click.echo(render(form, page), nl=False, color=page.colour)
            continue
        plain = replace(page, colour=False, terminal=False, width=NO_TERMINAL, most=None)
        text = render(form, plain)
        if target.form == "full":
            text += f"{summary(plain)}\n"
        try:
            target.path.write_text(text, encoding="utf-8", errors="replace", newline="\n")
        except OSError as error:
            troubles.append(f"cannot write {target.path}: {(error.strerror or str(error)).lower()}")
    if troubles:
        raise Trouble("\n".join(troubles))
