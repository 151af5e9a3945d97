from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.knowledge.serializers import BECOMES
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.model.sent import LOST, Sent, sent
from celerylint.rule import Finding, Fix, Replace, Rule, Span

_ENUMS = frozenset({"enum", "str enum", "int enum"})
_OWN = ("value", "name", "label")


class ArgumentEnum(Rule):
    """An enum member is sent as an argument, and does not arrive as a member.

    JSON cannot encode a member of a plain `Enum`: the call fails with `EncodeError`. A member that is a `str` or an
    `int` too (`StrEnum`, `IntEnum`, Django's `TextChoices`) is sent as its plain value. Comparing by `==` still works
    in the task, but `.value`, `.name` and `is` do not.

    ```python bad
    import enum

    from celery import shared_task


    class Status(enum.Enum):
        PAID = "paid"


    @shared_task(name="shop.announce", time_limit=60, soft_time_limit=50)
    def announce(order_id, status):
        print(order_id, status)


    def close(order_id):
        announce.delay(order_id, Status.PAID)  # expect: argument-enum
    ```

    ```python fixed unsafe
    import enum

    from celery import shared_task


    class Status(enum.Enum):
        PAID = "paid"


    @shared_task(name="shop.announce", time_limit=60, soft_time_limit=50)
    def announce(order_id, status):
        print(order_id, status)


    def close(order_id):
        announce.delay(order_id, Status.PAID.value)
    ```

    ```python good
    import enum

    from celery import shared_task


    class Status(enum.Enum):
        PAID = "paid"


    @shared_task(name="shop.announce", time_limit=60, soft_time_limit=50)
    def announce(order_id, status):
        print(order_id, Status(status).name)


    def close(order_id):
        announce.delay(order_id, Status.PAID.value)
    ```

    ## What a task may do with a member that is a str

    The member arrives as the `str` that it is, so only a task that asks it for more is in trouble.

    ```python bad
    from enum import StrEnum

    from celery import shared_task


    class Status(StrEnum):
        PAID = "paid"


    @shared_task(name="shop.announce", time_limit=60, soft_time_limit=50)
    def announce(order_id, status):
        print(order_id, status.name)


    def close(order_id):
        announce.delay(order_id, Status.PAID)  # expect: argument-enum
    ```

    ```python good
    from enum import StrEnum

    from celery import shared_task


    class Status(StrEnum):
        PAID = "paid"


    @shared_task(name="shop.announce", time_limit=60, soft_time_limit=50)
    def announce(order_id, status):
        print(order_id, "thank you" if status == Status.PAID else "")


    def close(order_id):
        announce.delay(order_id, Status.PAID)
    ```

    ## Fix

    The fix sends `.value`. The task makes the member of it again where it needs one: `Status(status)`.

    ## When to suppress

    A serializer of your own carries members.
    """

    category = "correctness"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "unsafe"
    sources = ("kombu/utils/json.py: JSONEncoder.default",)

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        for part in sent(call, project):
            if part.kind.name not in _ENUMS:
                continue
            if part.fate in LOST:
                yield self._report(part, f"{part.what} is sent to `{call.label}`: {part.consequence}", error=True)
                continue
            reason = _needed(part, project)
            if reason is not None:
                trouble, place = reason
                plain = BECOMES[part.kind.name]
                yield self._report(
                    part, f"{part.what} arrives at `{call.label}` as a plain `{plain}`, {trouble}", place=place
                )

    def _report(self, part: Sent, message: str, error: bool = False, place: Span | None = None) -> Finding:
        evidence = part.evidence()
        if place is not None:
            evidence.insert(0, (place, "expects a member"))
        return self.finding(
            at=part.span,
            message=message,
            help="send `.value`, and make the member of it again in the task",
            subject=f"task:{part.call.label}",
            severity="error" if error else "warning",
            confidence=part.confidence,
            label=part.label,
            evidence=evidence,
            data=part,
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        part: Sent = finding.data
        if part.path or not isinstance(part.argument.expr, (s.Name, s.Attribute, s.Call, s.Subscript)):
            return None
        code = f"{project.text(finding.span)}.value"
        changes = "the task receives the plain value"
        return Fix("send `.value`", "unsafe", (Replace(finding.span, code),), changes)


def _needed(part: Sent, project: Project) -> tuple[str, Span] | None:
    """What the task does with the argument that only a member can do, in words, and where."""
    uses = project.arguments.reliance(part.call, part.argument) if not part.path else None
    if uses is None or uses.changed:
        return None
    for name in _OWN:
        if name in uses.attributes:
            return f"and reading `.{name}` of it raises `AttributeError`", uses.attributes[name]
    return ("which is no member when it is compared by `is`", uses.identities[0]) if uses.identities else None
