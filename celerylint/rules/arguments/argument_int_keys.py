from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.model.reliance import Reliance
from celerylint.model.sent import Sent, sent
from celerylint.rule import Confidence, Finding, Rule

_CONVERSIONS = frozenset({"int", "float", "UUID", "Decimal", "str"})


class ArgumentIntKeys(Rule):
    """A dict with numbers as keys is sent as an argument; in the task all its keys are strings.

    JSON knows only strings as keys: `{1: "a"}` arrives as `{"1": "a"}`, `{None: 0}` as `{"null": 0}`, and no error
    tells. The task looks up `1` and finds nothing. Run eagerly in a test, the same code may see the original dict.

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.restock", time_limit=60, soft_time_limit=50)
    def restock(amounts):
        print(amounts.get(7))


    def receive(delivery):
        restock.delay({7: delivery.amount, 8: 0})  # expect: argument-int-keys
    ```

    ```python good
    from celery import shared_task


    @shared_task(name="shop.restock", time_limit=60, soft_time_limit=50)
    def restock(amounts):
        print(dict(amounts).get(7))


    def receive(delivery):
        restock.delay([[7, delivery.amount], [8, 0]])
    ```

    ## When to suppress

    The task, or something that it hands the dict to, makes numbers of the keys again.
    """

    category = "correctness"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    sources = ("https://docs.python.org/3/library/json.html#json.JSONEncoder",)

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        for part in sent(call, project):
            if part.kind.name != "int-keyed dict" or part.fate != "changed":
                continue
            uses = project.arguments.reliance(call, part.argument) if not part.path else None
            if uses is not None and _copes(uses):
                continue
            yield self.finding(
                at=part.span,
                message=f"{part.what} is sent to `{call.label}`: json turns the keys into strings",
                help="send a list of pairs, or strings as keys, and convert them in the task",
                subject=f"task:{call.label}",
                confidence=_confidence(part, uses),
                label=part.label,
                evidence=part.evidence(),
            )


def _copes(uses: Reliance) -> bool:
    """Whether a task converts the keys, or looks at none of them."""
    if uses.changed or uses.converted & _CONVERSIONS:
        return True
    return set(uses.attributes) == {"values"} and not uses.keys and not uses.handed


def _confidence(part: Sent, uses: Reliance | None) -> Confidence:
    """Sure where the task looks keys up that are no strings, low where it only goes through the dict."""
    if uses is not None and any(not (isinstance(k, s.Literal) and isinstance(k.value, str)) for k in uses.keys):
        return part.confidence
    unclear = uses is None or uses.handed
    return "medium" if unclear and part.confidence != "low" else "low"
