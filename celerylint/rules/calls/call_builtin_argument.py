from __future__ import annotations

import builtins
from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.model.entities import Call
from celerylint.model.messages import MAKES_MESSAGE, serializer
from celerylint.model.project import Project
from celerylint.model.scopes import Scope
from celerylint.model.symbols import External
from celerylint.model.values import Reference
from celerylint.rule import Finding, Rule

_TO_TEXT = frozenset({"str", "repr", "format", "ascii"})


class CallBuiltinArgument(Rule):
    """A builtin such as `id` or `type` is sent where a value was meant.

    No variable of that name exists here, so Python takes its own function. JSON cannot encode a function: the call
    raises `EncodeError`. Inside `str(...)` or an f-string nothing fails: the task receives the text
    `<built-in function id>`, in every message.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.send_receipt")
    def send_receipt(number):
        print(number)


    def close(orders):
        for order in orders:
            send_receipt.delay(str(id))  # expect: call-builtin-argument
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.send_receipt")
    def send_receipt(number):
        print(number)


    def close(orders):
        for order in orders:
            send_receipt.delay(str(order.id))
    ```

    ## When to suppress

    The builtin itself is meant, and the serializer of the message carries it.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    sources = ("kombu/utils/json.py: JSONEncoder.default",)

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.in_tests or call.how not in MAKES_MESSAGE or call.scope is None:
            return
        if call.target is None and not call.named:
            return
        for expr, _ in call.passed():
            for name, as_text in _sent_names(expr, False):
                if hasattr(builtins, name.path) and _is_builtin(name, call.scope, project):
                    yield self._report(name, as_text, call, project)

    def _report(self, name: s.Name, as_text: bool, call: Call, project: Project) -> Finding:
        text = str(getattr(builtins, name.path))
        how = serializer(call, project)
        if as_text:
            end = f"the text `{text}` is sent"
        elif how == "pickle":
            end = "the function is sent"
        else:
            end = f"{how if isinstance(how, str) else 'the serializer'} cannot encode it"
        return self.finding(
            at=call.module.span(name.pos),
            message=f"`{name.path}` is Python's builtin here, not a value for `{call.label}`: {end}",
            help="pass the value that was meant",
            subject=f"task:{call.label}",
            label="no variable of this name",
            evidence=[(call.target.function_span, "the task")] if call.target is not None else [],
        )


def _sent_names(expr: s.Expr, as_text: bool) -> Iterator[tuple[s.Name, bool]]:
    """The plain names whose values are sent, and whether as text."""
    if isinstance(expr, s.Name):
        if "." not in expr.path and expr.path.islower():
            yield expr, as_text
    elif isinstance(expr, s.Display):
        for item in expr.items:
            yield from _sent_names(item, as_text)
    elif isinstance(expr, s.Mapping):
        for _, value in expr.items:
            yield from _sent_names(value, as_text)
    elif isinstance(expr, s.Format):
        for part in expr.parts:
            yield from _sent_names(part, True)
    elif isinstance(expr, s.Binary) and expr.op == "%":
        yield from _sent_names(expr.right, True)
    elif isinstance(expr, s.Call) and isinstance(expr.func, s.Name) and expr.func.path in _TO_TEXT and expr.args:
        yield from _sent_names(expr.args[0], True)


def _is_builtin(name: s.Name, scope: Scope, project: Project) -> bool:
    """Whether nothing at all binds the name: comprehensions, lambdas, patterns and star imports are asked too."""
    value = project.evaluator.name(name.path, scope, name.pos)
    if not (isinstance(value, Reference) and value.symbol == External(f"builtins.{name.path}")):
        return False
    if any(name.path in _bound_by(node) for node in project.uses.around(name, scope)):
        return False
    current: Scope | None = scope
    while current is not None:
        if current.table.stars or name.path in current.table.by_name or name.path in current.table.globals:
            return False
        nodes = project.uses.parents(current).values() if current.function is not None else ()
        if any(isinstance(n, s.Match) or (isinstance(n, s.Walrus) and n.target.path == name.path) for n in nodes):
            return False
        current = current.parent
    return True


def _bound_by(node: s.Node) -> set[str]:
    """The names that a comprehension or lambda binds for what stands in it."""
    if isinstance(node, s.Comprehension):
        return {n.path for clause in node.clauses for n in below(clause.target) if isinstance(n, s.Name)}
    return {p.name for p in node.params} if isinstance(node, s.Lambda) else set()
