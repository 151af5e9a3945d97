"""``celerylint rules``: which rules there are, as a table, as JSON, or as pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from celerylint.cli.known import Trouble, known_rules
from celerylint.explain import DocProblem, page_of
from celerylint.levels import CATEGORIES, did_you_mean
from celerylint.pages import index, page
from celerylint.registry import RuleProblem, match
from celerylint.rule import Rule


@click.command(name="rules")
@click.argument("patterns", metavar="[SLUG|CATEGORY|FAMILY|GLOB]...", nargs=-1)
@click.option("--format", "form", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True)
@click.option(
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a Markdown page for each rule, and an index, into this folder.",
)
@click.option("--no-plugins", is_flag=True, help="Leave out the plug-ins that the configuration lists.")
def command(patterns: tuple[str, ...], form: str, folder: Path | None, no_plugins: bool) -> None:
    """List the rules, all of them or those that a pattern means. Exit code 2 when a plug-in could not be read."""
    problems: list[RuleProblem] = []
    rules = _chosen(list(known_rules(not no_plugins, problems.append).values()), patterns)
    try:
        if folder is not None:
            _write(rules, folder)
        elif form == "json":
            click.echo(json.dumps({"version": 1, "rules": [_entry(rule) for rule in rules]}, indent=2))
        elif form == "markdown":
            click.echo(index(rules), nl=False)
        else:
            for line in _table(rules):
                click.echo(line)
    except DocProblem as problem:
        raise Trouble(str(problem)) from problem
    except OSError as error:
        raise Trouble(f"cannot write {error.filename}: {error.strerror}") from error
    if problems:
        raise Trouble("\n".join(map(str, problems)))


def _chosen(rules: list[type[Rule]], patterns: Sequence[str]) -> list[type[Rule]]:
    wanted: set[str] = set()
    for pattern in patterns:
        meant = match(pattern, rules)
        if not meant and pattern not in CATEGORIES:
            families = sorted({rule.family for rule in rules})
            globs = sorted({f"{rule.slug.partition('-')[0]}-*" for rule in rules})
            known = [*(rule.slug for rule in rules), *families, *globs, *CATEGORIES]
            raise Trouble(f'"{pattern}" means no rule{did_you_mean(pattern, known)}')
        wanted |= meant
    return [rule for rule in rules if not patterns or rule.slug in wanted]


def _entry(rule: type[Rule]) -> dict[str, object]:
    return {
        "slug": rule.slug,
        "family": rule.family,
        "category": rule.category,
        "severity": rule.severity,
        "profile": rule.profile,
        "fix": rule.fix_safety,
        "celery": rule.celery,
        "since": rule.since,
        "sources": list(rule.sources),
        "summary": page_of(rule).summary,
    }


def _table(rules: list[type[Rule]]) -> list[str]:
    head = ("rule", "severity", "profile", "fix", "in short")
    rows = [(rule.slug, rule.severity, rule.profile, rule.fix_safety or "", page_of(rule).summary) for rule in rules]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in (head, *rows)
    ]


def _write(rules: list[type[Rule]], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pages = {f"{rule.slug}.md": page(rule) for rule in rules} | {"README.md": index(rules)}
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    click.echo(f"{len(rules)} pages and an index written to {folder}", err=True)
