"""Reports made by hand, for the tests of the writers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from celerylint.facts.unknown import Unknown
from celerylint.output import Page
from celerylint.report import Counts, Report, Reported
from celerylint.rule import Evidence, Finding, Fix, Rule
from celerylint.sources.spans import Span
from celerylint.sources.tree import Tree

TASKS = """\
from shop.app import app


@app.task(queue="emails")
def send_receipt(order):
    mail(order)
"""
COMPOSE = """\
services:
  worker:
    command: celery -A shop worker -Q default,images
"""


class QueueWithoutConsumer(Rule):
    """No process consumes a queue."""

    slug = "queue-without-consumer"
    category = "operations"
    fix_safety = "safe"

    def fix(self, finding: Finding, project: Any) -> Fix | None:
        fix = finding.data
        assert fix is None or isinstance(fix, Fix)
        return fix


def finding(line: int = 4, **changes: Any) -> Finding:
    given: dict[str, Any] = {
        "rule": "queue-without-consumer",
        "span": Span("shop/tasks.py", line, 1, line, 26),
        "message": "no process consumes the queue `emails`",
        "help": "add `emails` to -Q, or route the task to `default`",
        "subject": "queue:emails",
        "severity": "error",
        "confidence": "high",
        "label": "`send_receipt` is sent here",
        "evidence": (Evidence(Span("docker-compose.yml", 3, 14, 3, 53), "the only worker listens to these"),),
    }
    return Finding(**{**given, **changes})


def entry(one: Finding, **changes: Any) -> Reported:
    return Reported(one, QueueWithoutConsumer(), "f" * 32, **changes)


def report(*entries: Reported, files: dict[str, str] | None = None, **changes: Any) -> Report:
    texts = {"shop/tasks.py": TASKS, "docker-compose.yml": COMPOSE} if files is None else files
    tree = Tree(Path("nowhere"), texts, {path: text.encode() for path, text in texts.items()})
    given: dict[str, Any] = {
        "root": Path("nowhere"),
        "findings": list(entries),
        "counts": Counts(files=3, tasks=42, calls=118, queues=9, processes=1),
        "blind_spots": [Unknown("environment variable PORT has no default", Span("shop/app.py", 7, 3, 7, 9))],
        "project": SimpleNamespace(tree=tree),
    }
    return Report(**{**given, **changes})


def page(*entries: Reported, width: int = 80, **changes: Any) -> Page:
    on_page = {key: changes.pop(key) for key in ("terminal", "colour", "most", "unsafe") if key in changes}
    return Page(report(*entries, **changes), width=width, **on_page)
