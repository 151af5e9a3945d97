"""``celerylint inspect``: what the linter understood, for people and for tools."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from celerylint.cli.known import Trouble
from celerylint.cli.project import complain, open_project, project_options
from celerylint.cli.writing import coloured, terminal_width
from celerylint.engine import open_model, saw_celery
from celerylint.levels import did_you_mean

if TYPE_CHECKING:
    from celerylint.model.entities import Task
    from celerylint.model.project import Project


@click.command(name="inspect")
@click.argument("what", metavar="[PATH|TASK]", required=False)
@click.option("--output", "form", type=click.Choice(["tables", "json"]), default="tables", help="For whom.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Whether to use colours.")
@project_options
def command(
    what: str | None, form: str, color: str, no_plugins: bool, isolated: bool, config_file: Path | None
) -> None:
    """Show the apps, tasks, queues, schedule and processes that celerylint sees, and what it cannot see.

    PATH is a folder of the project, by default the working directory. TASK is the name of one task, which is then shown
    whole: each option with the place it comes from, its calls and its schedule.
    """
    path = Path(what) if what is not None and Path(what).exists() else Path.cwd()
    opened = open_project([path], file=config_file, isolated=isolated, plugins=not no_plugins)
    project = open_model(opened.root, opened.config)
    task = _task(project, what) if what is not None and not Path(what).exists() else None
    for problem in project.tree.problems:
        complain(f"{opened.shown(problem.path)}: {problem.message}")
    if form == "json":
        from celerylint.output.inventory import inventory

        found = inventory(project, opened.shown)
        if task is not None:
            index = project.production_tasks.index(task)
            found = {"version": found["version"], "tasks": [found["tasks"][index]]}
        click.echo(json.dumps(found, indent=2))
        return
    from rich.console import Console

    from celerylint.output.tables import Inventory

    colour = coloured(color)
    console = Console(
        width=terminal_width(), no_color=not colour, force_terminal=colour, highlight=False, markup=False, emoji=False,
        legacy_windows=False if not sys.stdout.isatty() else None,
    )  # fmt: skip
    tables = Inventory(project, opened.shown, console)
    if task is not None:
        tables.print_task(task)
    elif not saw_celery(project):
        complain(f"no Celery found under {opened.root}")
    else:
        tables.print_project()


def _task(project: Project, name: str) -> Task:
    """The task of a name; a name's last part is enough when only one task has it. Raises Trouble."""
    tasks = project.production_tasks
    found = [task for task in tasks if task.label == name] or [
        task for task in tasks if task.label.rpartition(".")[2] == name
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise Trouble(f'"{name}" means several tasks: {", ".join(sorted(task.label for task in found))}')
    near = did_you_mean(name, [part for task in tasks for part in (task.label, task.label.rpartition(".")[2])])
    raise Trouble(f'"{name}" is neither a folder nor a task of this project{near}')
