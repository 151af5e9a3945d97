"""Every fixture project imported for real, once for the whole session."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from runs import RUNS, Run

PROBE = Path(__file__).with_name("probe.py")


@pytest.fixture(scope="session")
def probes() -> dict[str, dict[str, Any]]:
    """What a fresh interpreter found for each run, by the run's name; two interpreters at a time."""
    with ThreadPoolExecutor(2) as pool:
        return dict(zip((run.name for run in RUNS), pool.map(_probe, RUNS), strict=True))


def _probe(run: Run) -> dict[str, Any]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    command = [sys.executable, "-B", "-E", "-s", str(PROBE), run.app, *run.path]
    environment = {**inherited, **run.environment}
    done = subprocess.run(
        command, cwd=run.root, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise AssertionError(f"{run.name} cannot be imported:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
