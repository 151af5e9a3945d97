from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.model.values import Collection, Instance, Known, Table, Value
from celerylint.rule import Finding, Rule, Span

_SENDING = frozenset({"apply_async", "apply_async_on_commit", "send_task"})
_UUIDS = frozenset({"uuid.uuid1", "uuid.uuid3", "uuid.uuid4", "uuid.uuid5", "uuid.UUID", "uuid.uuid7"})
_ID_MAKERS = frozenset({"uuid", "uuid1", "uuid4", "uuid7", "gen_unique_id", "unique_id"})
_WORDS = {"int": "a number", "UUID": "a `UUID` object", "float": "a number", "bytes": "a bytes object"}


class CallTaskIdInvalid(Rule):
    """A message gets a task id that is no string, or many messages get one id.

    The id is the key of the result. A number or a `UUID` object cannot be that key: depending on broker and backend
    the call raises `TypeError`, or the task runs and its result can be neither stored nor read. When a loop sends all
    its messages under one id, they share one result (the first success stays, what the others return is lost), and
    revoking one revokes them all.

    ```python bad
    import uuid

    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(number):
        return number


    def pay(numbers):
        first = charge.apply_async(args=[numbers[0]], task_id=uuid.uuid4())  # expect: call-task-id-invalid
        for number in numbers[1:]:
            charge.apply_async(args=[number], task_id="charge")  # expect: call-task-id-invalid
        return first.get(timeout=10)
    ```

    ```python good
    import uuid

    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.charge")
    def charge(number):
        return number


    def pay(numbers):
        first = charge.apply_async(args=[numbers[0]], task_id=str(uuid.uuid4()))
        for number in numbers[1:]:
            charge.apply_async(args=[number], task_id=f"charge-{number}")
        return first.get(timeout=10)
    ```

    ## When to suppress

    The messages of the loop replace each other on purpose, and nobody reads their results.
    """

    category = "correctness"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    sources = (
        "celery/backends/base.py: BaseKeyValueStoreBackend._get_key_for",
        "celery/app/task.py: Task.apply_async",
    )

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        if call.in_tests or call.how not in _SENDING or call.scope is None or call.node is None:
            return
        if call.target is None and not call.named:
            return
        expr = _task_id(call)
        if expr is None:
            return
        value = project.evaluator.value(expr, call.scope)
        wrong, place = _no_string(value), call.module.span(expr.pos)
        evidence: list[tuple[Span, str]] = []
        if wrong is None:
            kind = project.kinds.of(expr, call.scope)
            wrong = _WORDS.get(kind.name) if kind is not None and kind.sure else None
            if kind is not None and kind.origin != call.module.span(expr.pos):
                evidence.append((kind.origin, kind.why))
        if wrong is not None:
            message = f"the task id of `{call.label}` is {wrong}, no string: its result cannot be stored or read"
            helps = "make it a string: `str(...)`"
        elif isinstance(value, Known) and isinstance(value.value, str) and _repeated(expr, call, project):
            message = f"every message of this loop goes to `{call.label}` under one task id, `{value.value}`"
            helps = "leave the id to Celery, or make one for each message"
        elif _made_before(expr, call, project):
            message = f"every message of this loop goes to `{call.label}` under one task id, which is made before it"
            helps = "make the id in the loop, or leave it to Celery"
        else:
            return
        stored = call.target is None or project.stores.backend(call.target.app).kind != "disabled"
        if call.target is not None:
            evidence.append((call.target.function_span, "the task"))
        yield self.finding(
            at=place,
            message=message,
            help=helps,
            subject=f"task:{call.label}",
            confidence="high" if stored else "low",
            evidence=evidence,
        )


def _task_id(call: Call) -> s.Expr | None:
    """The expression that gives the id: by keyword, or third in ``apply_async(args, kwargs, task_id)``."""
    assert call.node is not None
    for keyword in call.node.keywords:
        if keyword.name == "task_id":
            return keyword.value
    positional = call.node.args
    if call.how != "send_task" and len(positional) > 2 and not any(isinstance(a, s.Starred) for a in positional):
        return positional[2]
    return None


def _no_string(value: Value) -> str | None:
    """What a value is that is no string, in words; None for strings, None and whatever is not known."""
    if isinstance(value, Known):
        if value.value is None or isinstance(value.value, str):
            return None
        return f"a {type(value.value).__name__}"
    if isinstance(value, Instance) and value.of in _UUIDS:
        return _WORDS["UUID"]
    if isinstance(value, (Collection, Table)):
        return "a dict" if isinstance(value, Table) else f"a {value.kind}"
    return None


def _made_before(expr: s.Expr, call: Call, project: Project) -> bool:
    """``task_id=batch`` in a loop, where ``batch = str(uuid4())`` stands once, before the loop."""
    assert call.scope is not None and call.node is not None
    bindings = call.scope.table.by_name.get(expr.path, ()) if isinstance(expr, s.Name) else ()
    if len(bindings) != 1 or bindings[0].kind != "assign" or not isinstance(bindings[0].value, (s.Call, s.Attribute)):
        return False
    made = {n.path.rpartition(".")[2] for n in below(bindings[0].value) if isinstance(n, s.Name)}
    loops = (n for n in project.uses.around(call.node, call.scope) if isinstance(n, (s.For, s.Comprehension)))
    loop = next(loops, None)
    before = loop is not None and bindings[0].pos[0] < loop.pos[0]
    return before and bool(made & _ID_MAKERS) and _repeated(expr, call, project)


def _repeated(expr: s.Expr, call: Call, project: Project) -> bool:
    """Whether a call runs once for each element of a loop that it does not leave, with an id that never changes."""
    assert call.scope is not None and call.node is not None
    bound: set[str] = set()
    for node in project.uses.around(call.node, call.scope):
        if isinstance(node, s.For):
            bound = {n.path for n in below(node.target) if isinstance(n, s.Name)}
            leaves = any(
                isinstance(n, s.Return) or (isinstance(n, s.Plain) and n.what == "break")
                for statement in node.body
                for n in below(statement, into_functions=False)
            )
            if leaves:
                return False
            break
        if isinstance(node, s.Comprehension):
            bound = {n.path for clause in node.clauses for n in below(clause.target) if isinstance(n, s.Name)}
            break
    else:
        return False
    return not any(isinstance(n, s.Name) and n.path.partition(".")[0] in bound for n in below(expr))
