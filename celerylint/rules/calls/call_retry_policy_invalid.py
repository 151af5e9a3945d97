from __future__ import annotations

from collections.abc import Iterator

from celerylint.knowledge.call_options import RETRY_POLICY
from celerylint.model.entities import Call, Setting
from celerylint.model.project import Project
from celerylint.model.sending import options_of
from celerylint.model.values import Collection, Known, Table, Value, alternatives
from celerylint.rule import Finding, Rule


class CallRetryPolicyInvalid(Rule):
    """A `retry_policy` has a key that kombu does not know.

    The policy says how publishing is tried again when the broker is away. Its keys become keyword arguments inside
    kombu, so one that is not known raises `TypeError` at every call, whether the broker is away or not.

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.charge", time_limit=60, soft_time_limit=50)
    def charge(order_id):
        print(order_id)


    def close(order_id):
        charge.apply_async(
            (order_id,),
            retry_policy={"max_retries": 3, "interval": 5},  # expect: call-retry-policy-invalid
        )
    ```

    ```python good
    from celery import shared_task


    @shared_task(name="shop.charge", time_limit=60, soft_time_limit=50)
    def charge(order_id):
        print(order_id)


    def close(order_id):
        charge.apply_async(
            (order_id,),
            retry_policy={"max_retries": 3, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5},
        )
    ```

    ## When to suppress

    Never: the call cannot succeed, unless publishing is not retried at all.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    sources = ("kombu/connection.py: Connection.ensure", "kombu/messaging.py: Producer.publish")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        options = options_of(call, project)
        policy, retry = options.get("retry_policy"), options.get("retry")
        if call.in_tests or policy is None or (retry is not None and not _holds(retry.value(project))):
            return
        for what in _wrong(policy.value(project)):
            yield self.finding(
                at=policy.span,
                message=f"the `retry_policy` of `{call.label}` {what}: the call raises `TypeError`",
                help=_HELP,
                subject=f"task:{call.label}",
            )

    def check_setting(self, setting: Setting, project: Project) -> Iterator[Finding]:
        if setting.name != "task_publish_retry_policy" or not setting.effective:
            return
        for what in _wrong(setting.value):
            yield self.finding(
                at=setting.value_span or setting.span,
                message=f"`{setting.spelled}` {what}: every call raises `TypeError`",
                help=_HELP,
                subject=f"setting:{setting.name}",
            )


_HELP = "use `max_retries`, `interval_start`, `interval_step`, `interval_max`"


def _holds(value: Value) -> bool:
    return not (isinstance(value, Known) and not value.value)


def _wrong(value: Value) -> Iterator[str]:
    for option in alternatives(value):
        if isinstance(option, Collection) or (isinstance(option, Known) and option.value):
            yield "is no dict"
        elif isinstance(option, Table):
            names = [k.value for k, _ in option.entries if isinstance(k, Known) and k.value not in RETRY_POLICY]
            if names:
                yield f"has the unknown key {', '.join(f'`{name}`' for name in names)}"
