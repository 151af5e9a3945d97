"""Whether a deployment file is about production, told by its path and the name of what it starts."""

from __future__ import annotations

import re

_ELSEWHERE = frozenset({
    "dev", "devel", "develop", "development", "developer", "test", "tests", "testing", "local", "localdev", "ci", "e2e",
    "example", "examples", "sample", "samples", "demo", "debug", "codespaces", "playground", "devcontainer", "override",
    "docs", "doc", "tutorial", "tutorials", "fixtures", "benchmark", "benchmarks", "locally", "taskfile",
})  # fmt: skip
_PRODUCTION = frozenset({"prod", "production", "deploy", "release", "staging"})
_SPLIT = re.compile(r"[/._\-\s]+")


def for_production(path: str) -> bool:
    """False for ``docker-compose.dev.yml``, ``ci/``, ``compose/local/...`` and the like."""
    return _ELSEWHERE.isdisjoint(_SPLIT.split(path.lower()))


def named_for_production(name: str) -> bool:
    """True for a make target or task called ``prod-worker``; those of other names are a developer's."""
    words = _SPLIT.split(name.lower())
    return any(word in _PRODUCTION or word.startswith("prod") for word in words)
