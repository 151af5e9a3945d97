from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.knowledge.results import READS, WAITS
from celerylint.model.project import Project
from celerylint.model.result_flow import Step
from celerylint.model.results import Result
from celerylint.rule import Finding, Rule, Span

_ASKS = ("method", "attribute")


class ResultRpcElsewhere(Rule):
    """A result is looked up by its id, and the `rpc` backend sends results to the process that sent the task only.

    With `rpc://` a result is a message in a queue of the sending process. Any other process, the next web worker or
    the same one after a restart, sees PENDING for ever: a page that polls never gets an answer, `get()` never returns.

    ```python bad
    from celery import Celery
    from celery.result import AsyncResult

    app = Celery("shop", broker="amqp://rabbit", backend="rpc://")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.price")
    def price(order_id):
        return order_id * 10


    def start(order_id):
        return price.delay(order_id).id


    def progress(task_id):
        return AsyncResult(task_id).state  # expect: result-rpc-elsewhere
    ```

    ```python good
    from celery import Celery
    from celery.result import AsyncResult

    app = Celery("shop", broker="amqp://rabbit", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.price")
    def price(order_id):
        return order_id * 10


    def start(order_id):
        return price.delay(order_id).id


    def progress(task_id):
        return AsyncResult(task_id).state
    ```

    ## When to suppress

    One process sends the tasks and asks for their results.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=4.0"
    sources = (
        "celery/backends/rpc.py: RPCBackend",
        "https://docs.celeryq.dev/en/stable/userguide/tasks.html#rpc-result-backend-rabbitmq-qpid",
    )

    def check_project(self, project: Project) -> Iterator[Finding]:
        for result in project.results.found:
            if result.in_tests or result.origin not in ("id", "restored"):
                continue
            read = next((step for step in result.steps if step.kind in _ASKS and step.name in READS | WAITS), None)
            if read is None or read.shape == "many" or _sent_here(result, project):
                continue
            stores = [project.stores.backend(app) for app in result.apps]
            if stores and all(store.kind == "rpc" for store in stores):
                yield self._report(result, read, next((store.span for store in stores if store.span), None))

    def _report(self, result: Result, step: Step, configured: Span | None) -> Finding:
        at = result.span_of(step)
        evidence = [] if result.span == at or result.span.line == at.line else [(result.span, "looked up here")]
        if configured is not None:
            evidence.append((configured, "`rpc` answers the sender only"))
        return self.finding(
            at=at,
            message=f"`{step.name}` of a result looked up by id: with the `rpc` backend every process but the sender "
            "sees PENDING for ever",
            help="use a backend that stores results, such as Redis or a database",
            subject=f"app:{result.apps[0].module}.{result.apps[0].name}",
            confidence="high" if result.scope.function is not None else "medium",
            label="another process than the sender",
            evidence=evidence,
        )


def _sent_here(result: Result, project: Project) -> bool:
    """Whether the id belongs to a message that the same function sends."""
    function = result.scope.function
    if function is None or not isinstance(result.node, s.Call):
        return function is None
    names = {n.path.partition(".")[0] for arg in result.node.args for n in below(arg) if isinstance(n, s.Name)}
    bound = [b for name in names for b in result.scope.table.by_name.get(name, ()) if b.kind == "assign"]
    return any(
        isinstance(n, s.Call) and project.results.by_node(n) is not None
        for b in bound
        if b.value is not None
        for n in below(b.value)
    )
