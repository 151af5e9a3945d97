"""What every command that reads a project begins with: its root, its configuration, its rules."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from celerylint import registry
from celerylint.cli.known import Trouble
from celerylint.config import Config, ConfigError, find_root, load
from celerylint.rule import Rule


@dataclass(frozen=True, slots=True)
class Opened:
    """A project that is ready to be read. ``broken`` says that a plug-in could not be used: the exit code is 2 then."""

    root: Path
    config: Config
    rules: tuple[type[Rule], ...]
    broken: bool = False

    def relative(self, path: Path) -> str:
        """A path as reports have it: relative to the root, with ``/``."""
        return os.path.relpath(path, self.root).replace(os.sep, "/")

    def shown(self, path: str) -> str:
        """A path of a report as the user should see it: relative to the working directory, with ``/``."""
        try:
            return os.path.relpath(self.root / path).replace(os.sep, "/")
        except ValueError:  # another drive
            return str(self.root / path).replace(os.sep, "/")


def open_project(
    paths: Sequence[Path],
    *,
    file: Path | None,
    isolated: bool,
    plugins: bool,
    command_line: Mapping[str, Any] | None = None,
) -> Opened:
    """The project that holds ``paths``. Raises Trouble for a bad configuration.

    A plug-in that cannot be used is left out and named on stderr.
    """
    root = find_root(paths)
    try:
        config = load(root, file=file, isolated=isolated, environ=os.environ, command_line=command_line)
        problems: list[registry.RuleProblem] = []
        rules = registry.load(config.plugins if plugins else (), root, problems.append)
        if problems or (config.plugins and not plugins):
            config = replace(config, all_rules_known=False)
        config.check_selectors(rules)
    except (ConfigError, registry.RuleProblem) as problem:
        raise Trouble(str(problem)) from problem
    for one in problems:
        complain(str(one))
    for warning in config.warnings:
        complain(warning)
    return Opened(root, config, rules, broken=bool(problems))


def complain(line: str) -> None:
    """One line on stderr, marked as ours."""
    click.echo(f"celerylint: {line}", err=True)


def project_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command that reads a project takes."""
    for option in (
        click.option("--no-plugins", is_flag=True, help="Load no plug-in: nothing of the project is executed."),
        click.option("--isolated", is_flag=True, help="Read no configuration file."),
        click.option(
            "--config",
            "config_file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="FILE",
            envvar="CELERYLINT_CONFIG",
            help="Use this file in the place of the project's own configuration.",
        ),
    ):
        command = option(command)
    return command
