"""Write ``celerylint/knowledge/cli.py`` from the click commands of the installed Celery.

python tools/make_knowledge_cli.py            write the file
python tools/make_knowledge_cli.py --check    exit 1 when the file differs from what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "celerylint" / "knowledge" / "cli.py"

HEAD = '''"""The command line of Celery {version}: what each command accepts and whether it takes a value.

Made by ``tools/make_knowledge_cli.py`` from the click commands of the installed Celery; do not edit by hand.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CliOption:
    """One option. ``name`` is its long name without dashes, the key used in ``Process.options``.

    ``type``: flag, text, integer, float, choice, list (separated by commas). ``environment`` is the variable that
    supplies the option when it is not written.
    """

    name: str
    flags: tuple[str, ...]
    type: str
    choices: tuple[str, ...] = ()
    environment: str | None = None

    @property
    def takes_value(self) -> bool:
        return self.type != "flag"


CELERY_VERSION = "{version}"

SUBCOMMANDS: frozenset[str] = frozenset({subcommands})
"""Every word that can follow ``celery``; ``flower`` comes with the package of that name."""

FREE_FORM: frozenset[str] = frozenset({{"flower"}})
"""Commands that read ``--name=value`` by themselves (Flower hands them to Tornado), so any name is an option."""

'''

TAIL = '''
OLDER_WORKER_OPTIONS: tuple[CliOption, ...] = (
    CliOption("max-tasks-per-child", ("--maxtasksperchild",), "integer"),
    CliOption("autoreload", ("--autoreload",), "flag"),
    CliOption("no-execv", ("--no-execv",), "flag"),
    CliOption("force-execv", ("--force-execv",), "flag"),
)
"""Spellings that only older workers knew (Celery 3 and 4)."""
'''

SHOWN = ("worker", "beat", "events", "migrate")
FROM_OTHER_PACKAGES = {"flower"}


def main(arguments: list[str]) -> int:
    text = render()
    if "--check" in arguments:
        if TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET.name} is not what the installed Celery gives; run tools/make_knowledge_cli.py", file=sys.stderr)
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


def render() -> str:
    """The text of ``knowledge/cli.py``."""
    from celery import __version__
    from celery.bin.celery import celery

    subcommands = sorted({*celery.commands, *FROM_OTHER_PACKAGES})
    body = HEAD.format(version=__version__, subcommands=wrapped(subcommands))
    body += "GLOBAL_OPTIONS: tuple[CliOption, ...] = (\n" + indented(options(celery.params), 4) + ")\n"
    body += '"""Options of ``celery`` itself: before the command in Celery 5, after it too in Celery 4."""\n'
    body += "\nCOMMAND_OPTIONS: dict[str, tuple[CliOption, ...]] = {\n"
    for name in SHOWN:
        body += f'    "{name}": (\n' + indented(options(celery.commands[name].params), 8) + "    ),\n"
    return body + "}\n" + TAIL


def wrapped(words: list[str]) -> str:
    lines, line = [], "   "
    for word in words:
        piece = f' "{word}",'
        if len(line) + len(piece) > 110:
            lines.append(line)
            line = "   "
        line += piece
    return "{\n" + "\n".join([*lines, line]) + "\n}"


def indented(rows: list[str], width: int) -> str:
    return "".join(f"{' ' * width}{line}\n" for row in rows for line in row.split("\n"))


def options(params: list[Any]) -> list[str]:
    """The source of one ``CliOption`` for each click option."""
    from celery.bin.base import CommaSeparatedList
    from click import Choice, Option

    lines = []
    for param in params:
        if not isinstance(param, Option) or param.name == "help":
            continue
        flags = sorted(param.opts, key=lambda flag: (flag.startswith("--"), flag))
        choices: tuple[str, ...] = ()
        if param.is_flag:
            kind = "flag"
        elif isinstance(param.type, CommaSeparatedList):
            kind = "list"
        elif isinstance(param.type, Choice):
            kind, choices = "choice", tuple(str(choice) for choice in param.type.choices)
        else:
            kind = {"integer": "integer", "float": "float"}.get(param.type.name, "text")
        written = [quoted((param.name or "").replace("_", "-")), row(flags), quoted(kind)]
        if isinstance(param.envvar, str):
            written.append(f"environment={quoted(param.envvar)}")
        text = ", ".join(written)
        lines.append(f"CliOption(\n    {text},\n    {row(choices)},\n)," if choices else f"CliOption({text}),")
    return lines


def row(words: Any) -> str:
    words = list(words)
    return "(" + ", ".join(quoted(word) for word in words) + ("," if len(words) == 1 else "") + ")"


def quoted(text: str) -> str:
    return f'"{text}"'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
