"""``celerylint explain``: one screen about one rule."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from typing import TypeAlias

import click

from celerylint.cli.known import Trouble, rule_named
from celerylint.explain import Block, DocProblem, Section, page_of
from celerylint.pages import facts, label, marked
from celerylint.rule import Rule

Line: TypeAlias = tuple[str, str]
"""A style as rich names it, and the text of one line."""

_STYLES = {"bad": "red", "good": "green", "fixed": "green", None: ""}


@click.command(name="explain")
@click.argument("slug")
@click.option("--no-plugins", is_flag=True, help="Leave out the plug-ins that the configuration lists.")
def command(slug: str, no_plugins: bool) -> None:
    """Say what a rule claims, why it matters, and what to do about it."""
    rule = rule_named(slug, plugins=not no_plugins)
    width = 80
    if not sys.stdout.isatty():
        for _, text in _lines(rule, width):
            click.echo(text)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for style, text in _lines(rule, min(console.width, 100)):
        console.print(Text(text, style=style), soft_wrap=True)


def _lines(rule: type[Rule], width: int) -> Iterator[Line]:
    try:
        page = page_of(rule)
    except DocProblem as problem:
        raise Trouble(str(problem)) from problem
    yield "bold", rule.slug
    yield "dim", " · ".join(_fact(name, value) for name, value in facts(rule))
    yield "", ""
    yield from _prose(page.summary, width)
    for section in page.sections:
        if section.title:
            yield "", ""
            yield "bold", section.title
        for part in section.parts:
            if not section.title or isinstance(part, Block):
                yield "", ""
            yield from _code(part, section) if isinstance(part, Block) else _prose(part, width)
    if rule.sources:
        yield "", ""
        yield "bold", "Sources"
        for source in rule.sources:
            yield "", source


def _fact(name: str, value: str) -> str:
    return value if name in ("severity", "category") else f"{name} {value}"


def _prose(text: str, width: int) -> Iterator[Line]:
    """Markdown, filled to the width; lists and tables keep their lines."""
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield "", ""
        lines = paragraph.splitlines()
        kept = any(line.lstrip().startswith(("- ", "* ", "|", "1. ", ">")) for line in lines)
        for line in lines if kept else textwrap.wrap(" ".join(lines), width, break_on_hyphens=False):
            yield "", line


def _code(block: Block, section: Section) -> Iterator[Line]:
    title, style = ": ".join(part for part in label(block, section) if part), _STYLES[block.kind]
    if title:
        yield f"bold {style}".strip(), f"  {title}"
    told = {mark.line for mark in block.marks}
    for number, line in enumerate(marked(block), start=1):
        yield style if number in told else "", f"    {line}".rstrip()
