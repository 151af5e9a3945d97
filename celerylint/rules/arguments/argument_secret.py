from __future__ import annotations

import re
from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.model.arguments import Argument
from celerylint.model.entities import Call
from celerylint.model.messages import makes_message
from celerylint.model.project import Project
from celerylint.rule import Finding, Rule

_SECRET = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|secret|api_?key|private_?key|secret_?key|access_?token|refresh_?token|auth_?token"
    r"|client_?secret|credit_?card|card_?number|cvv|cvc|ssn|pin_?code)\d?$",
    re.IGNORECASE,
)


class ArgumentSecret(Rule):
    """A password, token or card number is sent as an argument of a task.

    Arguments are written down in many places: in the broker, in the worker's log where tasks are logged with their
    arguments, in the events that Flower shows, and in the result backend with `result_extended`. Whoever reads one of
    these reads the secret.

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.import_orders", time_limit=60, soft_time_limit=50)
    def import_orders(shop_id, password):
        print(shop_id, len(password))


    def start(shop_id, password):
        import_orders.delay(shop_id, password)  # expect: argument-secret
    ```

    ```python good
    from celery import shared_task


    @shared_task(name="shop.import_orders", time_limit=60, soft_time_limit=50)
    def import_orders(shop_id):
        print(shop_id)


    def start(shop_id):
        import_orders.delay(shop_id)
    ```

    ## When to suppress

    The value is encrypted, or expires before anybody can read it.
    """

    category = "security"
    severity = "info"
    profile = "pedantic"
    since = "0.1"
    sources = ("https://docs.celeryq.dev/en/stable/userguide/tasks.html#hiding-sensitive-information-in-arguments",)

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if not makes_message(call) or {"argsrepr", "kwargsrepr"} & set(call.options):
            return
        for argument in project.arguments.of(call):
            name = _secret(call, argument, project)
            if name is not None:
                yield self.finding(
                    at=argument.span,
                    message=f"`{name}` is sent to `{call.label}`: brokers, logs and monitors keep arguments readable",
                    help="send a reference and read the secret in the task, or hide it with `argsrepr`",
                    subject=f"task:{call.label}",
                    confidence="medium",
                    evidence=[(call.target.function_span, "the task")] if call.target is not None else [],
                )
                return


def _secret(call: Call, argument: Argument, project: Project) -> str | None:
    """The name by which an argument is told to be a secret: its own, its keyword's or its parameter's."""
    expr = argument.expr
    own = (
        expr.path.rpartition(".")[2] if isinstance(expr, s.Name) else expr.name if isinstance(expr, s.Attribute) else ""
    )
    if isinstance(expr, s.Literal) and not (isinstance(expr.value, str) and expr.value):
        return None
    parameter = project.arguments.parameter(call, argument)
    names = (own, argument.key, parameter.name if parameter is not None else "")
    return next((name for name in names if isinstance(name, str) and _SECRET.search(name)), None)
