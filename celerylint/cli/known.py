"""The rules that a command speaks of: the built-in ones and those of the plug-ins that the configuration lists."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from celerylint.levels import did_you_mean
from celerylint.rule import Rule

__all__ = ["Trouble", "known_rules", "rule_named"]


class Trouble(click.ClickException):
    """The command could not do its job: one clear line on stderr, exit code 2."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        for line in self.message.splitlines():
            click.echo(f"celerylint: {line}", err=True)


def known_rules(plugins: bool) -> Mapping[str, type[Rule]]:
    """Every rule by slug. Without ``plugins`` no configuration is read and no plug-in imported."""
    from celerylint import config, registry

    try:
        if not plugins:
            return {rule.slug: rule for rule in registry.builtin()}
        root = config.find_root([Path.cwd()])
        rules = registry.load(config.load(root).plugins, root)
    except (registry.RuleProblem, config.ConfigError) as problem:
        raise Trouble(str(problem)) from problem
    return {rule.slug: rule for rule in rules}


def rule_named(slug: str, plugins: bool) -> type[Rule]:
    """The rule of a slug; the configuration is read only when no built-in rule bears it.

    Raises Trouble, with the nearest name, when there is none.
    """
    known = known_rules(plugins=False)
    if slug not in known and plugins:
        known = known_rules(plugins=True)
    if slug not in known:
        raise Trouble(f'there is no rule "{slug}"{did_you_mean(slug, known)}')
    return known[slug]
