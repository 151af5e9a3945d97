from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.entities import Call
from celerylint.model.messages import kombu_version
from celerylint.model.project import Project
from celerylint.model.sent import Sent, sent
from celerylint.rule import Finding, Rule, Span

_TYPED = frozenset({"datetime", "date", "time", "Decimal", "UUID"})
_OF_STR = frozenset(dir(str))


class ArgumentTypedJson(Rule):
    """A date, `Decimal` or `UUID` is sent through a kombu older than 5.3, and arrives as text.

    Before kombu 5.3 the JSON encoder wrote these values as strings and nothing turned them back: `due.year` in the task
    raises `AttributeError`, `due < now` raises `TypeError`. From 5.3 on they arrive as what they were.

    ```text file=requirements.txt
    celery==5.2.7
    kombu==5.2.4
    ```

    ```python bad
    from datetime import datetime, timezone

    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id, due):
        print(order_id, due.strftime("%d.%m.%Y"))


    def close(order_id):
        remind.delay(order_id, datetime.now(timezone.utc))  # expect: argument-typed-json
    ```

    ```python good
    from datetime import datetime, timezone

    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id, due):
        print(order_id, datetime.fromisoformat(due).strftime("%d.%m.%Y"))


    def close(order_id):
        remind.delay(order_id, datetime.now(timezone.utc).isoformat())
    ```

    ## When to suppress

    Another kombu than the pinned one is installed where it runs.
    """

    category = "correctness"
    severity = "warning"
    since = "0.1"
    celery = ">=4.0,<6"
    sources = (
        "kombu/utils/json.py: _register_default_types",
        "https://docs.celeryq.dev/projects/kombu/en/stable/changelog.html",
    )

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        for part in sent(call, project):
            if part.kind.name not in _TYPED or part.fate != "changed" or part.path:
                continue
            reason = _needed(part, project)
            if reason is None:
                continue
            trouble, place = reason
            yield self.finding(
                at=part.span,
                message=f"{part.what} arrives at `{call.label}` as text with kombu {kombu_version(project)}: {trouble}",
                help="send text and read it in the task, or upgrade kombu to 5.3",
                subject=f"task:{call.label}",
                confidence=part.confidence,
                label=part.label,
                evidence=[(place, "expects more than text"), *part.evidence()],
            )


def _needed(part: Sent, project: Project) -> tuple[str, Span] | None:
    """What the task does with the argument that text cannot do, in words, and where."""
    uses = project.arguments.reliance(part.call, part.argument)
    if uses is None or uses.changed:
        return None
    for name, place in uses.attributes.items():
        if name not in _OF_STR:
            return f"reading `.{name}` of it fails", place
    return ("comparing or adding it fails", uses.ordered[0]) if uses.ordered else None
