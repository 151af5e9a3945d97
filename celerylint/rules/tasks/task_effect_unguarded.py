from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.apps import last_name
from celerylint.model.effects import Found
from celerylint.model.entities import Task
from celerylint.model.project import Project
from celerylint.model.repeats import Repeated, repeated
from celerylint.rule import Confidence, Finding, Rule, Span

_INSIDE = frozenset({"insert", "increment", "append", "enqueue"})
"""Effects on the project's own stores, where a constraint may keep the second one out."""


class TaskEffectUnguarded(Rule):
    """A task that can run twice does something outside that must not happen twice, and nothing guards it.

    A retry starts the task from its first line: what was sent, charged or posted before the failure is sent, charged or
    posted again. `acks_late` does the same when the whole worker dies in the middle (with `reject_on_worker_lost`, also
    when only the child process does), and when the broker's visibility timeout passes.
    The customer notices.

    ```python bad
    import requests
    from celery import Celery
    from django.core.mail import send_mail

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.task_time_limit = 300


    @app.task(name="shop.ship", autoretry_for=(requests.ConnectionError,), retry_backoff=True)
    def ship(order_id, address):
        send_mail("On its way", f"Order {order_id}", "shop@example.org", [address])  # expect: task-effect-unguarded
        requests.post("https://parcels.example.org/pickups", json={"order": order_id}, timeout=10)
    ```

    ```python good
    import requests
    from celery import Celery
    from django.core.mail import send_mail

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.pick_up", autoretry_for=(requests.ConnectionError,), retry_backoff=True)
    def pick_up(order_id, address):
        requests.post(
            "https://parcels.example.org/pickups",
            json={"order": order_id},
            headers={"Idempotency-Key": f"pickup-{order_id}"},
            timeout=10,
        )
        tell.delay(order_id, address)


    @app.task(name="shop.tell")
    def tell(order_id, address):
        send_mail("On its way", f"Order {order_id}", "shop@example.org", [address])
    ```

    ## What counts as a guard

    A test of state before the effect, `get_or_create` and other upserts, an idempotency key among the arguments or
    headers, `cache.add`, `SET NX`, a lock around the effect, `select_for_update`, an `IntegrityError` that is caught, a
    base class or decorator that lets a task run once. `[tool.celerylint.effects]` names guards and effects of your own.

    ## How sure it is

    High when something after the effect can fail into a retry: the effect is then certainly repeated. Medium when only
    the loss of a worker or a bug repeats it (`acks_late`, `autoretry_for=(Exception,)`), and for effects in the
    project's own database, which a constraint may guard. Low where a transaction around it is rolled back, and for
    writes behind helpers, conditions and loops.

    ## When to suppress

    The receiving side recognises the second attempt, or a second one does no harm.
    """

    category = "reliability"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    sources = (
        "celery/app/task.py: Task.retry",
        "celery/worker/request.py: Request.on_accepted",
        "celery/worker/request.py: Request.on_failure",
    )

    def check_task(self, task: Task, project: Project) -> Iterator[Finding]:
        if task.function is None or project.effects.once(task):
            return
        found = [(_confidence(r), r) for r in repeated(task, project.effects)]
        if not found:
            return
        order = {"high": 0, "medium": 1, "low": 2}
        confidence, worst = min(found, key=lambda pair: (order[pair[0]], pair[1].found.event.span))
        yield self._report(task, worst, confidence)

    def _report(self, task: Task, worst: Repeated, confidence: Confidence) -> Finding:
        found, again = worst.found, worst.again
        place = found.event.span
        phrase = found.effect.phrase
        how = "when it is retried" if again.kind != "redelivery" else "when its worker dies (`acks_late`)"
        evidence: list[tuple[Span, str]] = []
        if found.via:
            evidence.append((found.span, phrase))
        if worst.point is not None and worst.point.span not in (place, again.span):
            evidence.append((worst.point.span, "can fail after it"))
        if again.span != place:
            evidence.append((again.span, again.phrase))
        evidence.append((task.function_span, "the task"))
        return self.finding(
            at=place,
            message=f"`{task.label}` {phrase}, and again {how}: nothing guards it",
            help="do it last, give the receiver an idempotency key, or record what was done and test for it"
            if worst.point is not None
            else "give the receiver an idempotency key, or record what was done and test for it",
            subject=task.subject,
            confidence=confidence,
            label=phrase,
            evidence=evidence,
        )


def _confidence(repeat: Repeated) -> Confidence:
    found = repeat.found
    if not found.effect.certain or found.rolled_back or (found.effect.kind == "enqueue" and not repeat.sure):
        return "low"
    if found.effect.kind not in _INSIDE:
        return "high" if repeat.sure else "medium"
    return "medium" if _plain_insert(found) else "low"


def _plain_insert(found: Found) -> bool:
    """A write that the task itself makes without condition; behind helpers, loops and bulk writes there is often a
    query that leaves out what is there already."""
    method = last_name(found.event.call.func)
    return not found.via and not found.event.tests and not found.event.loops and "bulk" not in method
