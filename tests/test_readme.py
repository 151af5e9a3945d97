"""What README.md states is true: its configuration is accepted, its commands, options and hooks exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from celerylint.config import load
from celerylint.registry import builtin

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_configuration_is_accepted_whole(tmp_path: Path) -> None:
    (written,) = blocks("toml")
    (tmp_path / "pyproject.toml").write_text(written, encoding="utf-8")
    config = load(tmp_path)
    config.check_selectors(builtin())
    assert config.profile == "default" and config.exclude == ("vendor/**",)
    assert config.given.external_tasks == ("billing.*",)
    assert config.given.guards == ("shop.locks.*",) and config.given.effects == ("shop.gateway.charge",)


def test_the_hook_is_one_that_the_repository_offers() -> None:
    (written,) = blocks("yaml")
    offered = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    (repository,) = yaml.safe_load(written.replace("<the address of this repository>", "https://example.org/x"))[
        "repos"
    ]
    assert {hook["id"] for hook in repository["hooks"]} <= offered
    assert "celerylint-fix" in offered and "`celerylint-fix`" in README


def commands() -> list[str]:
    lines = (line.partition("#")[0].strip() for block in blocks("bash") for line in block.splitlines())
    return [line for line in lines if line.startswith("celerylint ")]


@pytest.mark.parametrize("command", commands())
def test_commands_and_options_exist(command: str, tmp_path: Path) -> None:
    words = command.split()[1:]
    (tmp_path / "tasks.py").write_text("from celery import Celery\n\napp = Celery('shop')\n")
    done = subprocess.run(
        [sys.executable, "-m", "celerylint", *words], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["example", "tests"])
def test_the_two_commands_are_marked_for_ci(name: str) -> None:
    assert re.search(rf"<!-- command: {name} -->\s*```bash\npython3 -m venv", README)


def test_options_named_in_the_text_exist() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "celerylint", "check", "--help"], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    named = set(re.findall(r"`(--[a-z-]+)", README)) - {"--celerylint-rules"}
    assert named and named <= set(re.findall(r"--[a-z-]+", done.stdout))
