from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from celerylint.knowledge.cli import COMMAND_OPTIONS, GLOBAL_OPTIONS, OLDER_WORKER_OPTIONS, SUBCOMMANDS

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_table_is_what_the_installed_celery_gives() -> None:
    script = ROOT / "tools" / "make_knowledge_cli.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", [*COMMAND_OPTIONS, ""])
def test_no_flag_means_two_things(command: str) -> None:
    options = [*GLOBAL_OPTIONS, *COMMAND_OPTIONS.get(command, ())]
    owners: dict[str, set[str]] = {}
    for option in options:
        for flag in option.flags:
            owners.setdefault(flag, set()).add(option.name)
    # celery events declares -d twice (celery/bin/events.py)
    assert {flag for flag, names in owners.items() if len(names) > 1} == ({"-d"} if command == "events" else set())


def test_what_takes_a_value() -> None:
    worker = {option.name: option.takes_value for option in COMMAND_OPTIONS["worker"]}
    assert worker["queues"] and worker["pool"] and worker["autoscale"]
    assert not worker["beat"] and not worker["purge"]
    assert {"worker", "beat", "flower", "multi"} <= SUBCOMMANDS
    assert "--maxtasksperchild" in OLDER_WORKER_OPTIONS[0].flags
