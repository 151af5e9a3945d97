"""The group of commands. Each is a module of this package with a ``command`` in it, imported when it is called for."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TextIO

import click

from celerylint import __version__
from celerylint.levels import did_you_mean

COMMANDS = ("check", "explain", "inspect", "new-rule", "rules")


class Lazy(click.Group):
    """A group that knows its commands by name only."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"celerylint.cli.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f'there is no command "{args[0]}"{did_you_mean(args[0], COMMANDS)}')
        return super().resolve_command(ctx, args)


@click.group(
    cls=Lazy,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="celerylint %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Tells what Celery will do in production that nobody intended, by reading the repository."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(arguments: Sequence[str]) -> int:
    """Run the command line and give the exit code: 0, 1 for findings, 2 when the job could not be done."""
    for stream in (sys.stdout, sys.stderr):
        _forgive(stream)
    try:
        code = cli.main(list(arguments), prog_name="celerylint", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on; Python flushes at its exit
        return 0
    except Exception as error:
        click.echo(f"celerylint: internal error: {type(error).__name__}: {error}; -v shows the traceback", err=True)
        if {"-v", "--verbose"} & set(arguments):
            traceback.print_exc()
        return 2
    return code if isinstance(code, int) else 0


def _forgive(stream: TextIO) -> None:
    """Let a terminal that lacks a character show ``?`` for it."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
