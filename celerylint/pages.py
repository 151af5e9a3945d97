"""A rule's page as Markdown, and tables of rules. The same for the repository's ``docs/rules`` and for plug-ins.

The output depends on the rules alone: no dates, no paths of this machine, always the same order.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from celerylint.explain import Block, Section, page_of
from celerylint.rule import Rule

__all__ = ["facts", "family_title", "index", "label", "marked", "page", "table"]


def facts(rule: type[Rule]) -> list[tuple[str, str]]:
    """What the class says of itself, as pairs of words for people."""
    return [
        ("severity", rule.severity),
        ("category", rule.category),
        ("profile", rule.profile),
        ("fix", rule.fix_safety or "none"),
        ("Celery", rule.celery),
        ("since", rule.since or "unreleased"),
    ]


def page(rule: type[Rule]) -> str:
    """The Markdown page of a rule. Raises DocProblem when its docstring does not keep the form."""
    said = page_of(rule)
    parts = [f"# {rule.slug}", said.summary, _facts_table(rule)]
    for section in said.sections:
        if section.title:
            parts.append(f"## {section.title}")
        parts += [_block(part, section) if isinstance(part, Block) else part for part in section.parts]
    if rule.sources:
        parts += ["## Sources", "\n".join(f"- {_linked(source)}" for source in rule.sources)]
    return "\n\n".join(parts) + "\n"


def index(rules: Iterable[type[Rule]], folder: str = "") -> str:
    """All rules, a table for each family. ``folder`` is what the links to the pages begin with."""
    families: dict[str, list[type[Rule]]] = {}
    for rule in sorted(rules, key=lambda rule: (rule.family, rule.slug)):
        families.setdefault(rule.family, []).append(rule)
    parts = ["# Rules"]
    for members in families.values():
        parts += [f"## {family_title(members[0])}", table(members, folder)]
    return "\n\n".join(parts) + "\n"


def table(rules: Iterable[type[Rule]], folder: str = "") -> str:
    """One line per rule: name, severity, profile, fix, summary."""
    rows = [
        [f"[`{rule.slug}`]({folder}{rule.slug}.md)", rule.severity, rule.profile, rule.fix_safety or "", _cell(rule)]
        for rule in sorted(rules, key=lambda rule: rule.slug)
    ]
    return _table(["rule", "severity", "profile", "fix", "in short"], rows)


def family_title(rule: type[Rule]) -> str:
    """What the rule's family is called: the docstring of its folder, else the folder's name."""
    package = sys.modules.get(rule.__module__.rpartition(".")[0])
    said = (package.__doc__ or "").strip() if package else ""
    return said.splitlines()[0].rstrip(".") if said else rule.family


def label(block: Block, section: Section) -> tuple[str, str]:
    """What stands above a block: whether it is bad, good or fixed, and its file where the section has several."""
    kind = {"bad": "Bad", "good": "Good", "fixed": "Fixed (unsafe)" if block.unsafe else "Fixed", None: ""}[block.kind]
    several = {other.path for other in section.blocks if other.path} != {"tasks.py"}
    return kind, block.path if several else ""


def marked(block: Block) -> Sequence[str]:
    """The lines of a block; those on which findings are reported end with an arrow and the rules' names."""
    lines = block.text.rstrip("\n").split("\n")
    slugs: dict[int, list[str]] = {}
    for mark in block.marks:
        slugs.setdefault(mark.line, []).append(mark.slug)
    for line, found in slugs.items():
        lines[line - 1] += f"  # <-- {', '.join(found)}"
    return lines


def _facts_table(rule: type[Rule]) -> str:
    pairs = facts(rule)
    return _table([name for name, _ in pairs], [[f"`{value}`" for _, value in pairs]])


def _block(block: Block, section: Section) -> str:
    code = marked(block)
    fence = "```"
    while any(line.lstrip().startswith(fence) for line in code):
        fence += "`"
    kind, path = label(block, section)
    title = ": ".join(part for part in (kind, f"`{path}`" if path else "") if part)
    text = "\n".join([f"{fence}{block.language}", *code, fence])
    return f"{title}\n\n{text}" if title else text


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(rule: type[Rule]) -> str:
    return page_of(rule).summary.replace("|", "\\|")


def _linked(source: str) -> str:
    return f"<{source}>" if source.startswith(("https://", "http://")) else source
