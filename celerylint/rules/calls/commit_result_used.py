from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.model.scopes import branch_at, reaching
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.rule import Finding, Rule, Span

_METHODS = frozenset({"delay_on_commit", "apply_async_on_commit"})


class CommitResultUsed(Rule):
    """The result of `delay_on_commit()` is used, and it is None.

    The message is not made yet when `delay_on_commit()` returns, so there is no `AsyncResult`: it returns None, and
    `.id` or `.get()` raises `AttributeError` in the request, after which the transaction is rolled back.

    ```python bad
    from celery import shared_task
    from django.db import transaction


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(order_id)


    def place(order):
        with transaction.atomic():
            order.save()
            result = ship.delay_on_commit(order.pk)
            return result.id  # expect: commit-result-used
    ```

    ```python good
    from functools import partial

    from celery import shared_task
    from celery.utils import uuid
    from django.db import transaction


    @shared_task(name="shop.ship", time_limit=60, soft_time_limit=50)
    def ship(order_id):
        print(order_id)


    def place(order):
        number = uuid()
        with transaction.atomic():
            order.save()
            transaction.on_commit(partial(ship.apply_async, (order.pk,), task_id=number))
        return number
    ```

    ## When to suppress

    Never.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=5.4"
    sources = ("celery/contrib/django/task.py: DjangoTask.delay_on_commit",)

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.how not in _METHODS or call.in_tests or call.target is None:
            return
        base = call.target.base
        if call.target.unknown_options is not None or (base is not None and _overrides(base, call.how, project)):
            return
        for span, what in _uses(call, project):
            yield self.finding(
                at=span,
                message=f"`{call.how}()` of `{call.label}` returns None: `{what}` raises "
                f"`{'TypeError' if what == 'await' else 'AttributeError'}`",
                help="choose the id yourself: `apply_async_on_commit(..., task_id=uuid())`",
                subject=f"task:{call.label}",
                label="None has none of it",
                evidence=[(call.span, "gives None")] if span != call.span else (),
            )


def _uses(call: Call, project: Project) -> Iterator[tuple[Span, str]]:
    """Where the value is taken for a result, and how."""
    if call.node is None or call.scope is None:
        return
    use = project.uses.use(call.node, call.scope)
    if use is None:
        return
    if use.kind == "attribute":
        yield call.module.span(use.by.pos), f".{use.name}"
    elif use.kind == "awaited":
        yield call.module.span(use.by.pos), "await"
    elif use.kind == "assigned" and use.name and call.function is not None:
        bindings = call.scope.table.by_name.get(use.name, [])
        for statement in call.function.statements:
            for node in below(statement, into_functions=False):
                if isinstance(node, s.Name) and node.path.startswith(f"{use.name}."):
                    branch = branch_at(call.function.statements, node.pos)
                    found = reaching(bindings, node.pos, branch)
                    if len(found) == 1 and found[0].value is call.node and not _is_asked(use.name, call.function):
                        yield call.module.span(node.pos), f".{node.path.split('.')[1]}"
                        return


def _overrides(base: ClassSymbol, method: str, project: Project) -> bool:
    """Whether a base class of the project has its own ``delay_on_commit``, which may return something."""
    return project.evaluator.classes.method(base, method) is not None


def _is_asked(name: str, function: FunctionSymbol) -> bool:
    """Whether the function looks whether there is a result before it uses it."""
    nodes = [n for statement in function.statements for n in below(statement)]
    tests = [n.test for n in nodes if isinstance(n, (s.If, s.While, s.Conditional))]
    chained = [n for n in nodes if isinstance(n, s.Binary) and n.op in ("and", "or")]
    return any(isinstance(n, s.Name) and n.path == name for test in (*tests, *chained) for n in below(test))
