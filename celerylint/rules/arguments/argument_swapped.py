from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.model.entities import Call, Signature
from celerylint.model.messages import MAKES_MESSAGE
from celerylint.model.project import Project
from celerylint.rule import Finding, Rule, Span

_PREPENDED = frozenset({"chain", "link", "chord", "link_error", "on_error"})
_KEYS = ("id", "pk", "uuid")


class ArgumentSwapped(Rule):
    """Arguments land on each other's parameters: their names say that they are in the wrong order.

    Both values are valid, so nothing fails at once: the task works on the wrong rows, or finds none.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.assign")
    def assign(order_id, user_id):
        print(order_id, user_id)


    def take(user_id, order_id):
        assign.delay(user_id, order_id)  # expect: argument-swapped
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.assign")
    def assign(order_id, user_id):
        print(order_id, user_id)


    def take(user_id, order_id):
        assign.delay(order_id, user_id)
    ```

    ## When to suppress

    The values change places on purpose: pass them by keyword then, and nobody has to wonder.
    """

    category = "correctness"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    sources = ("https://docs.celeryq.dev/en/stable/userguide/calling.html#basics",)

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.in_tests or call.how not in MAKES_MESSAGE or call.target is None or call.sends is not None:
            return
        signature = call.target.signature
        if isinstance(signature, Unknown) or call.node is None:
            return
        if call.how in ("s", "signature", "subtask") and _PREPENDED & set(call.context):
            return  # the result of the step before comes first
        lands = _landings(call, signature)
        for swapped in _cycles({parameter: name for parameter, (name, *_) in lands.items()}):
            parameters = {p.name: p.span for p in signature.parameters}
            if all(lands[parameter][2] for parameter in swapped):
                continue  # `source=target, target=source`: whoever wrote that saw both names
            listed = " and ".join(f"`{lands[p][0]}`" for p in swapped[:2])
            onto = " and ".join(f"`{p}`" for p in swapped[:2])
            yield self.finding(
                at=lands[swapped[0]][1],
                message=f"{listed} land on {onto} of `{call.label}`: they seem to be swapped",
                help="pass them in the order of the parameters, or by keyword",
                subject=call.target.subject,
                confidence="medium",
                evidence=[(parameters[swapped[0]], f"takes `{lands[swapped[0]][0]}`")],
            )


def _landings(call: Call, signature: Signature) -> dict[str, tuple[str, Span, bool]]:
    """Parameter: the name of what it gets (as a parameter would be called), where that is written, and whether a
    variable of the other name is passed by keyword."""
    positional = [p.name for p in signature.parameters if p.kind in ("positional", "positional-only")]
    found: dict[str, tuple[str, Span, bool]] = {}
    assert call.node is not None
    if any(isinstance(a, s.Starred) for a in call.node.args):
        return {}
    for expr, where in call.passed():
        parameter = positional[where] if isinstance(where, int) and where < len(positional) else where
        name = _name(expr)
        if isinstance(parameter, str) and name is not None:
            found[parameter] = (
                name,
                call.module.span(expr.pos),
                not isinstance(where, int) and isinstance(expr, s.Name) and "." not in expr.path,
            )
    return found


def _name(expr: s.Expr) -> str | None:
    """``user_id`` for ``user_id``, ``self.user_id``, ``user.id`` and ``str(user.id)``."""
    if isinstance(expr, s.Call) and isinstance(expr.func, s.Name) and expr.func.path in ("str", "int"):
        return _name(expr.args[0]) if len(expr.args) == 1 else None
    if not isinstance(expr, s.Name):
        return None
    *owners, last = expr.path.split(".")
    return f"{owners[-1]}_id" if owners and last in _KEYS and owners[-1] not in ("self", "cls") else last


def _cycles(names: dict[str, str]) -> Iterator[list[str]]:
    """The groups of parameters that get each other's values, each once."""
    seen: set[str] = set()
    for start in names:
        path: list[str] = []
        current = start
        while current in names and current not in seen and current not in path:
            path.append(current)
            current = names[current]
        if current in path:
            cycle = path[path.index(current) :]
            if len(cycle) > 1:
                yield cycle
        seen.update(path)
