from __future__ import annotations

import json
from typing import Any

from made_report import entry, finding, page

from celerylint import __version__
from celerylint.output import render
from celerylint.report import InternalError, Notice
from celerylint.rule import Fix, ReplaceComment, SetKeyword
from celerylint.sources.spans import Span


def parsed(*entries: Any, **changes: Any) -> Any:
    text = render("json", page(*entries, **changes))
    assert text.endswith("}\n")
    return json.loads(text)


def test_an_empty_report() -> None:
    problems, errors = [Notice("a", "is not a regular file")], [InternalError("rule `x`", "boom", "trace")]
    data = parsed(below=2, problems=problems, errors=errors)
    assert data == {
        "version": 1,
        "tool": {"name": "celerylint", "version": __version__},
        "project": {
            "tasks": 42,
            "calls": 118,
            "queues": 9,
            "processes": 1,
            "files": 3,
            "blind_spots": [{"reason": "environment variable PORT has no default", "path": "shop/app.py", "line": 7}],
            "problems": [{"path": "a", "message": "is not a regular file"}],
            "less_certain": 2,
        },
        "findings": [],
        "errors": [{"where": "rule `x`", "message": "boom"}],
    }


def test_a_finding_with_everything() -> None:
    span = Span("shop/tasks.py", 4, 2, 4, 26)
    fix = Fix("route it to `default`", "unsafe", (SetKeyword(span, "queue", '"default"'),), changes="another queue")
    [found] = parsed(entry(finding(span=span, data=fix), state="ignored", reason="soon"))["findings"]
    assert found == {
        "rule": "queue-without-consumer",
        "severity": "error",
        "confidence": "high",
        "profile": "default",
        "category": "operations",
        "message": "no process consumes the queue `emails`",
        "label": "`send_receipt` is sent here",
        "help": "add `emails` to -Q, or route the task to `default`",
        "subject": "queue:emails",
        "fingerprint": "f" * 32,
        "location": {"path": "shop/tasks.py", "line": 4, "column": 2, "end_line": 4, "end_column": 26},
        "evidence": [
            {
                "location": {"path": "docker-compose.yml", "line": 3, "column": 14, "end_line": 3, "end_column": 53},
                "message": "the only worker listens to these",
            }
        ],
        "fix": {
            "title": "route it to `default`",
            "safety": "unsafe",
            "changes": "another queue",
            "edits": [
                {
                    "path": "shop/tasks.py",
                    "start": {"line": 4, "column": 18},
                    "end": {"line": 4, "column": 24},
                    "text": "default",
                }
            ],
        },
        "state": "ignored",
        "reason": "soon",
    }


def test_a_fix_that_cannot_be_made_is_none() -> None:
    nothing = ReplaceComment(Span("shop/tasks.py", 1, 1, 1, 5), "")
    assert parsed(entry(finding(data=Fix("a", "safe", (nothing,)))))["findings"][0]["fix"] is None
    assert parsed(entry(finding()))["findings"][0]["fix"] is None


def test_any_text_can_be_written() -> None:
    [found] = parsed(entry(finding(message="\udcff \x1b 漢")))["findings"]
    assert found["message"] == "\udcff \x1b 漢"
    assert render("json", page(entry(finding(message="\udcff漢")))).isascii()
