from __future__ import annotations

import re
from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.walk import below, calls_below, statements
from celerylint.model.calls import SENDS
from celerylint.model.entities import Call, Task
from celerylint.model.messages import serializer
from celerylint.model.project import Project
from celerylint.model.repeats import logs
from celerylint.model.scopes import Scope
from celerylint.model.web import about_deletion, web_path
from celerylint.rule import Confidence, Finding, Fix, Replace, Rule

_IN_PLACE = frozenset({"direct", "apply", "run", "retry"})
_SWITCH = re.compile(
    r"sync|eager|celery|debug|background|settings|config|test|wait|force|immediate|now\b", re.IGNORECASE
)
_VERBS = frozenset({
    "async", "build", "create", "delete", "generate", "handle", "notify", "process", "refresh", "remove", "save",
    "send", "start", "sync", "task", "update",
})  # fmt: skip
_MOSTLY = 3
"""How many times as often as it is sent a task is called in place where it serves as a plain function."""

_OFFLINE = re.compile(r"(?:^|/)(?:management|migrations|scripts?|bin|commands|cli|fixtures|seed_data)(?:/|[^/]*\.py$)")


class CallSynchronous(Rule):
    """A task is called like a function, so its work is done while the user waits.

    `charge(1)` does not enqueue anything: it runs the body here and now, without the worker's limits, retries and
    queue. In a view the request takes as long as the task; an error of a remote server becomes an error page.

    ```python file=shop/views.py bad
    from shop.tasks import send_receipt


    def pay(request, number):
        send_receipt(number)  # expect: call-synchronous
        return "paid"


    def pay_again(request, number):
        send_receipt.delay(number)
        return "paid"
    ```

    ```python file=shop/views.py fixed unsafe
    from shop.tasks import send_receipt


    def pay(request, number):
        send_receipt.delay(number)
        return "paid"


    def pay_again(request, number):
        send_receipt.delay(number)
        return "paid"
    ```

    ```python file=shop/tasks.py
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.send_receipt")
    def send_receipt(number):
        print(number)
    ```

    ```python file=shop/views.py good
    from django.conf import settings
    from shop.tasks import send_receipt


    def pay(request, number):
        if settings.USE_CELERY:
            send_receipt.delay(number)
        else:
            send_receipt(number)
        return "paid"
    ```

    Quiet are calls whose result is used, calls beside a `delay` of the same task, management commands, migrations and
    other tasks.

    ## Fix

    The fix enqueues the task. It then runs later, in a worker; its exceptions no longer reach this caller.

    ## When to suppress

    The work has to be done before the answer is given.
    """

    category = "performance"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "unsafe"
    sources = ("celery/app/task.py: Task.__call__",)

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        task = call.target
        if call.in_tests or call.how != "direct" or task is None or call.scope is None or call.node is None:
            return
        if "task" in call.context or task.in_tests or _OFFLINE.search(call.module.path) or not _unused(call, project):
            return
        confidence = self._confidence(call, task, project)
        if confidence is None:
            return
        kind = web_path(call.scope, project.evaluator)
        elsewhere = next(_sent(task, project), None)
        where = f"in a {kind}" if kind else "here"
        yield self.finding(
            at=call.span,
            message=f"`{task.label}` is called like a function {where}: it runs in place, nothing is enqueued",
            help="enqueue it with `.delay(...)`",
            subject=task.subject,
            confidence=confidence,
            label="runs the task in this process",
            evidence=[
                (task.function_span, "the task"),
                *([(elsewhere.span, "enqueued here")] if elsewhere is not None else []),
            ],
            data=call,
        )

    def _confidence(self, call: Call, task: Task, project: Project) -> Confidence | None:
        """Medium where a user waits and the project enqueues such work; None where running in place is meant."""
        assert call.scope is not None
        if _switched(call, project) or about_deletion(call.scope) or _calls_itself_later(task, project):
            return None
        if _cannot_travel(call, project) or _only_sends(task, project):
            return None
        sent = sum(1 for _ in _sent(task, project))
        in_place = sum(c.how == "direct" and not _OFFLINE.search(c.module.path) for c in project.calls_of(task))
        if in_place > _MOSTLY * max(sent, 1):
            return None  # it serves as a plain function
        if _beside_other_work(call, task, project) or _serves_as_function(task, project):
            return "low"
        meant = sent or _sibling(call, project) is not None
        return "medium" if meant and web_path(call.scope, project.evaluator) is not None else "low"

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        call: Call = finding.data
        assert call.node is not None
        span = call.module.span(call.node.func.pos)
        return Fix(
            "enqueue it",
            "unsafe",
            (Replace(span, f"{project.text(span)}.delay"),),
            "the task runs later in a worker, and its exceptions no longer reach this caller",
        )


def _unused(call: Call, project: Project) -> bool:
    assert call.node is not None and call.scope is not None
    use = project.uses.use(call.node, call.scope)
    deferred = use is not None and isinstance(use.by, s.Lambda) and "on_commit" in call.context
    return use is not None and (use.kind == "dropped" or deferred)


def _sent(task: Task, project: Project) -> Iterator[Call]:
    """The production calls that enqueue a task, those in its own body apart."""
    for call in project.calls_of(task):
        if call.how not in _IN_PLACE and not call.in_tests and call.function is not task.function:
            yield call


def _sibling(call: Call, project: Project) -> Call | None:
    """Another task that the same function enqueues."""
    return next((c for c in project.calls if c.function is call.function and c.how in SENDS and c.target), None)


def _switched(call: Call, project: Project) -> bool:
    """Whether the place is one side of a switch: the same function sends the task too, or a condition speaks of it."""
    assert call.scope is not None and call.node is not None
    if any(c.function is call.function and c.how != "direct" for c in project.calls_of(call.target)):  # type: ignore[arg-type]
        return True
    tests = (
        node.test for node in project.uses.around(call.node, call.scope) if isinstance(node, (s.If, s.Conditional))
    )
    return any(isinstance(n, s.Name) and _SWITCH.search(n.path) for test in tests for n in below(test))


def _beside_other_work(call: Call, task: Task, project: Project) -> bool:
    """Whether another branch of the same condition does such work in place too: it calls a task like a function, or a
    function of the project that is named after the same thing."""
    assert call.scope is not None and call.node is not None
    inner: s.Node = call.node
    for node in project.uses.around(call.node, call.scope):
        if isinstance(node, s.If) and inner is not node.test:
            other = node.orelse if any(inner is x for x in node.body) else node.body
            if _works_in_place(other, call.scope, task, project):
                return True
        inner = node
    return False


def _works_in_place(body: tuple[s.Stmt, ...], scope: Scope, task: Task, project: Project) -> bool:
    nodes = [n for statement in statements(body) for n in calls_below(statement)]
    known = [c for n in nodes if (c := project.call_of(n)) is not None]
    if any(c.how in SENDS for c in known):
        return False
    functions = [f for n in nodes if (f := project.callees.function(n, scope)) is not None]
    name = task.function.name if task.function is not None else ""
    return any(c.how == "direct" for c in known) or any(_things(f.name) & _things(name) for f in functions)


def _things(name: str) -> set[str]:
    """The words of a name without those that say what is done."""
    return {word for word in name.lower().split("_") if len(word) > 3} - _VERBS


def _serves_as_function(task: Task, project: Project) -> bool:
    """Whether production code also calls the task for what it returns."""
    calls = (c for c in project.calls_of(task) if c.how == "direct" and not c.in_tests and c.node and c.scope)
    return any("task" not in c.context and not _unused(c, project) for c in calls)


def _calls_itself_later(task: Task, project: Project) -> bool:
    """Whether calling the task may enqueue it: its class takes ``__call__`` into its own hands, or is not here."""
    if task.unknown_options is not None:
        return True
    method = project.evaluator.classes.method(task.base, "__call__") if task.base is not None else None
    names = (c.func for statement in method.statements for c in calls_below(statement)) if method is not None else ()
    return any(isinstance(f, s.Name) and f.path.rpartition(".")[2] in SENDS for f in names)


def _only_sends(task: Task, project: Project) -> bool:
    """Whether the task itself does nothing but send other tasks: what takes time runs in workers all the same."""
    sent = {id(c.node) for c in project.calls if c.function is task.function and c.how in SENDS}
    body = task.function.statements if task.function is not None else ()
    plain = [x for x in statements(body) if not isinstance(x, (s.For, s.If)) and not _says_only(x)]
    return bool(plain) and all(isinstance(x, s.Expression) and id(x.value) in sent for x in plain)


def _says_only(statement: s.Stmt) -> bool:
    """A docstring or a line for the log."""
    value = statement.value if isinstance(statement, s.Expression) else None
    return isinstance(value, s.Literal) or (isinstance(value, s.Call) and logs(value))


def _cannot_travel(call: Call, project: Project) -> bool:
    """Whether an argument is a model instance or queryset, which only pickle could send."""
    assert call.scope is not None
    if serializer(call, project) == "pickle":
        return False
    sorts = (project.sorts.of(expr, call.scope) for expr, _ in call.passed())
    return any(sort is not None and sort.carries_instances for sort in sorts)
