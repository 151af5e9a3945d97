"""``celerylint new-rule``: a rule that works, with its documentation and its tests, to be changed into yours."""

from __future__ import annotations

from pathlib import Path

import click

from celerylint.cli.known import Trouble
from celerylint.levels import did_you_mean
from celerylint.registry import SLUG, camel

_TEMPLATE = '''\
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from celerylint.rule import Finding, Rule

if TYPE_CHECKING:
    from celerylint.model.entities import Task
    from celerylint.model.project import Project


class {name}(Rule):
    """A task that prints.

    Say here what happens in production, in two or three sentences. The examples below are run as tests.

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.send_receipt", soft_time_limit=50, time_limit=60)
    def send_receipt(order_id):
        print(order_id)  # expect: {slug}
    ```

    ```python good
    import logging

    from celery import shared_task

    log = logging.getLogger(__name__)


    @shared_task(name="shop.send_receipt", soft_time_limit=50, time_limit=60)
    def send_receipt(order_id):
        log.info("receipt for %s", order_id)
    ```

    ## When to suppress
    Say here when the finding is true and nothing is to be done about it.
    """

    category = "operations"
    severity = "warning"
    since = "{since}"
    sources = ("https://docs.celeryq.dev/en/stable/userguide/tasks.html#logging",)

    def check_task(self, task: Task, project: Project) -> Iterator[Finding]:
        for call in task.body.called("print") if task.body else ():
            yield self.finding(
                at=call.span,
                message=f"`{{task.label}}` prints, and nobody reads what a worker prints",
                help="write it to a log",
                subject=task.subject,
            )
'''


@click.command(name="new-rule")
@click.argument("name", metavar="FAMILY/SLUG|SLUG")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="The package of a plug-in, made when it does not exist. Without it the rule is one of celerylint's own.",
)
def command(name: str, into: Path | None) -> None:
    """Write a new rule: retries/retry-x in celerylint's own repository, or acme-x --into lint/acme_rules."""
    family, _, slug = name.rpartition("/")
    if not SLUG.fullmatch(slug):
        raise Trouble(f'"{slug}" is no slug: two or more lower-case words joined by hyphens, the subject first')
    folder = _own_family(family) if into is None else _plugin_package(into, family, slug)
    file = folder / f"{slug.replace('-', '_')}.py"
    if file.exists():
        raise Trouble(f"{file} exists; nothing was written")
    text = _TEMPLATE.format(name=camel(slug), slug=slug, since=_next_version() if into is None else "1.0")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "__init__.py").exists():
            (folder / "__init__.py").write_text("", encoding="utf-8")
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise Trouble(f"cannot write {error.filename}: {error.strerror}") from error
    click.echo(file.as_posix())
    for line in _next_steps(slug, into):
        click.echo(line, err=True)


def _own_family(family: str) -> Path:
    rules = Path("celerylint/rules")
    if not rules.is_dir():
        raise Trouble("this is not celerylint's own repository; say where the plug-in is with --into")
    known = sorted(path.name for path in rules.iterdir() if path.is_dir() and not path.name.startswith("_"))
    if family not in known:
        near = did_you_mean(family, known) or f"; the families are {', '.join(known)}"
        raise Trouble(f'there is no family "{family}"{near}' if family else f"name the family too: {', '.join(known)}")
    return rules / family


def _plugin_package(into: Path, family: str, slug: str) -> Path:
    if family:
        raise Trouble(f'a plug-in has no families: say "{slug}"')
    prefix = into.name.lstrip("_").replace("_", "-").partition("-")[0]
    if into.name != into.name.replace("-", "_") or not into.name.isidentifier():
        raise Trouble(f'"{into.name}" cannot be the name of a Python package')
    if slug.partition("-")[0] != prefix:
        raise Trouble(f'the slugs of a plug-in in "{into.name}" begin with "{prefix}-"; "{slug}" does not')
    return into


def _next_version() -> str:
    from celerylint import __version__

    return ".".join(__version__.split(".")[:2])


def _next_steps(slug: str, into: Path | None) -> list[str]:
    if into is None:
        return [
            f"run its examples:   pytest tests/test_rules.py -k {slug}",
            "write the pages:    python tools/make_docs.py",
        ]
    path = into.as_posix()
    listed = path if path.startswith((".", "/")) else f"./{path}"
    return [
        f'list the plug-in:   plugins = ["{listed}"] in [tool.celerylint]',
        f"run its examples:   pytest --celerylint-rules {listed}",
    ]
