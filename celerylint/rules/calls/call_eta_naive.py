from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.entities import Call
from celerylint.model.moments import Moment
from celerylint.model.project import Project
from celerylint.model.sending import options_of
from celerylint.model.values import Known, alternatives
from celerylint.rule import Confidence, EnsureImport, Finding, Fix, Replace, Rule, Severity

_UTC = frozenset({"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu"})
_NOW = ("datetime.now()", "datetime.today()")


class CallEtaNaive(Rule):
    """An `eta` or `expires` is local time without a time zone, which Celery reads as UTC.

    On a host west of Greenwich the date lies in the past: the task runs at once, and a message that `expires` is
    revoked at once. East of it both come hours late. On a machine that runs in UTC nothing is wrong, until somebody
    sets `TZ` or Django's `TIME_ZONE`.

    ```python bad
    from datetime import datetime, timedelta

    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.apply_async((order_id,), eta=datetime.now() + timedelta(hours=1))  # expect: call-eta-naive
    ```

    ```python fixed unsafe
    from datetime import datetime, timedelta, timezone

    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.apply_async((order_id,), eta=datetime.now(timezone.utc) + timedelta(hours=1))
    ```

    ```python good
    from datetime import datetime, timedelta, timezone

    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.apply_async((order_id,), eta=datetime.now(timezone.utc) + timedelta(hours=1))
        remind.apply_async((order_id,), countdown=3600)
    ```

    ## When to suppress

    Every host that runs this code is set to UTC, and will be.
    """

    category = "correctness"
    severity = "warning"
    since = "0.1"
    fix_safety = "unsafe"
    sources = ("celery/worker/request.py: Request.__init__", "celery/utils/time.py: maybe_make_aware")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.in_tests:
            return
        options = options_of(call, project)
        for name in ("eta", "expires"):
            given = options.get(name)
            moment = project.moments.of(given.expr, given.scope) if given is not None else None
            if given is None or moment is None or moment.kind != "date" or moment.clock not in ("local", "literal"):
                continue
            zone = host_zone(project)
            if zone in _UTC:
                continue
            severity: Severity = "error" if zone is not None else "warning"
            confidence: Confidence = "high" if zone is not None else "medium"
            what = f"is the time of `{zone}`" if zone is not None else "is local time"
            what = "is a date" if moment.clock == "literal" else what
            yield self.finding(
                at=given.span,
                message=f"`{name}` of `{call.label}` {what} without a zone, which Celery reads as UTC",
                help="add the time zone, or use `countdown`" if name == "eta" else "add the time zone, or give seconds",
                subject=f"task:{call.label}",
                severity=severity,
                confidence=confidence,
                evidence=[(moment.at, "has no zone")] if moment.at is not None and moment.at != given.span else (),
                data=moment,
            )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        moment: Moment = finding.data
        text = project.text(moment.at) if moment.at is not None else ""
        module = project.modules_index.load(finding.span.path)
        if moment.at is None or module is None or moment.at.path != finding.span.path or not text.endswith(_NOW):
            return None
        owner = text.rpartition(".")[0]
        edits = [Replace(moment.at, f"{owner}.now(timezone.utc)")]
        bound = module.scope.table.by_name.get("timezone", ())
        if any(getattr(b.node, "module", "") != "datetime" for b in bound):
            return None  # Django's `timezone`, most likely
        return Fix(
            "take the time in UTC",
            "unsafe",
            (*edits, EnsureImport(moment.at.path, "datetime", "timezone")),
            "the date is no longer shifted by the host's distance from UTC",
        )


def host_zone(project: Project) -> str | None:
    """The time zone that Django gives to the process (it sets ``TZ``); None when that is not known."""
    if not project.django.modules:
        return None
    found = project.django.lookup("TIME_ZONE", project.apps[0].span) if project.apps else None
    zones = {z.value for z in alternatives(found) if isinstance(z, Known)} if found is not None else set()
    zone = zones.pop() if len(zones) == 1 else None
    return zone if isinstance(zone, str) else None
