"""The model says what Celery sees: for every fixture project, both are asked and compared.

What the model calls ``Unknown`` is no disagreement; its share is printed (``-s``) and bounded.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from comparing import Tally, compare_schedule, compare_settings, compare_tasks, surplus_tasks
from runs import PROJECTS, RUNS, Run

from celerylint.model.given import Given
from celerylint.model.project import Project, build
from celerylint.sources.tree import open_tree

UNKNOWN_AT_MOST = 0.05

Probes = dict[str, dict[str, Any]]
each_run = pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)


@cache
def model(name: str) -> Project:
    return build(open_tree(PROJECTS / name), Given())


def assert_agrees(tally: Tally) -> None:
    assert not tally.wrong, "\n".join([f"{len(tally.wrong)} of {tally.compared} facts differ", *tally.wrong])


def test_every_project_is_run() -> None:
    assert {run.project for run in RUNS} == {path.name for path in PROJECTS.iterdir() if path.is_dir()}


@each_run
def test_tasks(run: Run, probes: Probes) -> None:
    assert_agrees(compare_tasks(run, probes[run.name], model(run.project)))


@each_run
def test_settings(run: Run, probes: Probes) -> None:
    assert_agrees(compare_settings(run, probes[run.name], model(run.project)))


@each_run
def test_schedule(run: Run, probes: Probes) -> None:
    assert_agrees(compare_schedule(run, probes[run.name], model(run.project)))


@pytest.mark.parametrize("project", sorted({run.project for run in RUNS}))
def test_no_task_is_invented(project: str, probes: Probes) -> None:
    reals = [probes[run.name] for run in RUNS if run.project == project]
    assert surplus_tasks(reals, model(project)) == []


def test_the_share_of_unknown_is_small(probes: Probes) -> None:
    whole = Tally()
    print(f"\n{'run':32}{'facts':>8}{'wrong':>8}{'unknown':>9}")
    for run in RUNS:
        tally = Tally()
        for compare in (compare_tasks, compare_settings, compare_schedule):
            tally.add(compare(run, probes[run.name], model(run.project)))
        whole.add(tally)
        print(f"{run.name:32}{tally.compared:8}{len(tally.wrong):8}{len(tally.unknown) / tally.compared:9.1%}")
    print(f"{'all':32}{whole.compared:8}{len(whole.wrong):8}{len(whole.unknown) / whole.compared:9.1%}")
    print("\n".join(sorted(set(whole.unknown))))
    assert len(whole.unknown) / whole.compared < UNKNOWN_AT_MOST
