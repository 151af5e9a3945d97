"""The rules that a command speaks of: the built-in ones and those of the plug-ins that the configuration lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from celerylint.levels import did_you_mean
from celerylint.rule import Rule

if TYPE_CHECKING:
    from celerylint.registry import RuleProblem

__all__ = ["Trouble", "known_rules", "rule_named"]


class Trouble(click.ClickException):
    """The command could not do its job: one clear line on stderr, exit code 2."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        for line in self.message.splitlines():
            click.echo(f"celerylint: {line}", err=True)


def known_rules(plugins: bool, on_problem: Callable[[RuleProblem], None]) -> Mapping[str, type[Rule]]:
    """Every rule by slug. Without ``plugins`` no configuration is read and no plug-in imported.

    A plug-in that cannot be used is handed to ``on_problem`` and left out. Raises Trouble when the configuration cannot
    be read. Its selectors are not checked: this is how one looks up what they may be.
    """
    from celerylint import config, registry

    try:
        if not plugins:
            return {rule.slug: rule for rule in registry.builtin()}
        root = config.find_root([Path.cwd()])
        rules = registry.load(config.load(root).plugins, root, on_problem)
    except (registry.RuleProblem, config.ConfigError) as problem:
        raise Trouble(str(problem)) from problem
    return {rule.slug: rule for rule in rules}


def rule_named(slug: str, plugins: bool) -> type[Rule]:
    """The rule of a slug; the configuration is read only when no built-in rule bears it.

    Raises Trouble, with the nearest name and with what is wrong with plug-ins, when there is none.
    """
    problems: list[RuleProblem] = []
    known = known_rules(False, problems.append)
    if slug not in known and plugins:
        known = known_rules(True, problems.append)
    if slug not in known:
        lines = [*map(str, problems), f'there is no rule "{slug}"{did_you_mean(slug, known)}']
        raise Trouble("\n".join(lines))
    return known[slug]
