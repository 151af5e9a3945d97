"""Rules that are LibCST visitors: over task and configuration modules only, and LibCST is loaded only for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import libcst
import pytest

from celerylint import config, engine
from celerylint.cst import ConcreteModule, CstRule
from celerylint.report import Report

TASKS = 'from celery import shared_task\n\n\n@shared_task(name="é.x")\ndef x():\n    é = 1; print("ü", é)  # odd\n'


class Names(libcst.CSTVisitor):
    METADATA_DEPENDENCIES = (libcst.metadata.ParentNodeProvider,)

    def __init__(self, concrete: ConcreteModule) -> None:
        super().__init__()
        self.concrete = concrete

    def visit_Call(self, node: libcst.Call) -> None:
        inside = type(self.get_metadata(libcst.metadata.ParentNodeProvider, node)).__name__
        if libcst.ensure_type(node.func, libcst.Name).value == "print":
            self.concrete.report(node, message=f"print in {inside}", help="do not", subject="x:y", severity="info")

    def visit_Comment(self, node: libcst.Comment) -> None:
        self.concrete.report(node, message="comment", help="do not", subject="x:y")


class TaskOdd(CstRule):
    slug, family = "task-odd", "tasks"

    def visitor(self, concrete: ConcreteModule) -> libcst.CSTVisitor | None:
        return Names(concrete)


class TaskNone(TaskOdd):
    def visitor(self, concrete: ConcreteModule) -> libcst.CSTVisitor | None:
        assert "shared_task" in concrete.text
        return None


class TaskUndefined(CstRule):
    slug, family = "task-odd", "tasks"


def lint(root: Path, rule: type[CstRule]) -> Report:
    return engine.run(root, config.load(root), [rule])


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        (root / f"{name}.py").write_text(text, encoding="utf-8")


def test_findings_come_in_the_order_of_the_file_with_columns_in_code_points(tmp_path: Path) -> None:
    write(tmp_path, tasks=TASKS)
    report = lint(tmp_path, TaskOdd)
    assert report.errors == []
    found = [entry.finding for entry in report.new]
    assert [(one.message, one.severity, one.span.path, one.span.pos) for one in found] == [
        ("print in Expr", "info", "tasks.py", (6, 12, 6, 25)),
        ("comment", "warning", "tasks.py", (6, 27, 6, 32)),
    ]


def test_only_modules_with_tasks_an_app_or_configuration_are_walked(tmp_path: Path) -> None:
    write(tmp_path, tasks=TASKS, views="import tasks  # odd\ntasks.x.delay()\n", other="import celery  # odd\n")
    assert {entry.finding.span.path for entry in lint(tmp_path, TaskOdd).new} == {"tasks.py"}


def test_a_module_that_the_rule_passes_over_is_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, tasks=TASKS)

    def refuse(*arguments: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr(libcst, "parse_module", refuse)
    report = lint(tmp_path, TaskNone)
    assert (report.new, report.errors) == ([], [])
    assert "parsed" in lint(tmp_path, TaskOdd).errors[0].message


def test_a_file_that_libcst_cannot_read_becomes_a_blind_spot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, tasks=TASKS)
    parse: Any = libcst.parse_module
    monkeypatch.setattr(libcst, "parse_module", lambda source: parse(source + b"\n)("))
    report = lint(tmp_path, TaskOdd)
    assert (report.new, report.errors) == ([], [])
    assert ["no concrete tree" in spot.reason for spot in report.blind_spots] == [True]


def test_a_rule_without_a_visitor_says_so(tmp_path: Path) -> None:
    write(tmp_path, tasks=TASKS)
    (error,) = lint(tmp_path, TaskUndefined).errors
    assert "TaskUndefined defines no `visitor`" in error.message
