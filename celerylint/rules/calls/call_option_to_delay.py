from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.facts.walk import below
from celerylint.knowledge.call_options import NOT_FOR_DELAY
from celerylint.model.arity import CANVASES
from celerylint.model.entities import Call, Signature, Task
from celerylint.model.project import Project
from celerylint.rule import Confidence, Finding, Fix, Replace, Rule

_SPREAD = frozenset({"delay", "delay_on_commit", "s", "si"})
_ONLY_OPTIONS = frozenset({"countdown", "eta", "expires", "link", "link_error"})
"""Options whose names nobody gives to keywords of their own."""


class CallOptionToDelay(Rule):
    """An option such as `countdown` or `queue` is given to `delay`, which sends it as an argument of the task.

    `delay` takes no options: every keyword is for the task. A task that does not declare it fails with `TypeError`,
    in the call or in the worker; one that takes `**kwargs` runs at once, in its usual queue, with an argument that
    nobody reads.

    ```python bad
    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.delay(order_id, countdown=3600)  # expect: call-option-to-delay
    ```

    ```python fixed unsafe
    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id):
        print(order_id)


    def close(order_id):
        remind.apply_async(args=(order_id,), countdown=3600)
    ```

    ```python good
    from celery import shared_task


    @shared_task(name="shop.remind", time_limit=60, soft_time_limit=50)
    def remind(order_id, priority=0):
        print(order_id, priority)


    def close(order_id):
        remind.apply_async((order_id,), countdown=3600)
        remind.delay(order_id, priority=1)
    ```

    ## When to suppress

    The task really has a parameter of that name, which celerylint does not see.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "unsafe"
    sources = ("celery/app/task.py: Task.delay", "celery/app/task.py: Task.apply_async")

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        task = call.target
        if call.in_tests or task is None or call.node is None or call.method not in _SPREAD:
            return
        signature = project.arity.signature(call)
        if isinstance(signature, Unknown):
            return
        for keyword in call.node.keywords:
            name = keyword.name
            if name is None or name not in NOT_FOR_DELAY or any(p.name == name for p in signature.parameters):
                continue
            swallowed = any(p.kind == "kwargs" for p in signature.parameters)
            confidence = _confidence(name, task, swallowed)
            if confidence is None:
                continue
            yield self.finding(
                at=call.module.span(keyword.pos),
                message=f"`{name}` is sent to `{task.label}` as an argument: {_consequence(call, project, swallowed)}",
                help=f"set it with `.set({name}=...)`" if call.method in ("s", "si") else "set it with `apply_async`",
                subject=task.subject,
                confidence=confidence,
                evidence=[(task.function_span, "takes any keyword" if swallowed else "has no such parameter")],
                data=call,
            )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        call: Call = finding.data
        node = call.node
        if node is None or call.how != "delay" or call.sends is not None or any(k.name is None for k in node.keywords):
            return None
        if any(isinstance(a, s.Starred) for a in node.args):
            return None
        parts = _rewritten(call, node, project)
        func = project.text(call.module.span(node.func.pos)).removesuffix("delay")
        return Fix(
            "use `apply_async`",
            "unsafe",
            (Replace(call.span, f"{func}apply_async({', '.join(parts)})"),),
            "the options take effect and the task no longer gets them",
        )


def _rewritten(call: Call, node: s.Call, project: Project) -> list[str]:
    """The arguments for ``apply_async``."""
    signature = call.target.signature if call.target is not None else None
    declared = {p.name for p in signature.parameters} if isinstance(signature, Signature) else set()
    values = [project.text(call.module.span(a.pos)) for a in node.args]
    own = [k for k in node.keywords if k.name not in NOT_FOR_DELAY or k.name in declared]
    parts = []
    if values:
        parts.append(f"args=({', '.join(values)}{',' if len(values) == 1 else ''})")
    if own:
        entries = (f'"{k.name}": {project.text(call.module.span(k.value.pos))}' for k in own)
        parts.append(f"kwargs={{{', '.join(entries)}}}")
    options = (k for k in node.keywords if k not in own)
    return [*parts, *(f"{k.name}={project.text(call.module.span(k.value.pos))}" for k in options)]


def _confidence(name: str, task: Task, swallowed: bool) -> Confidence | None:
    if task.unknown_options is not None:
        return "medium"
    if not swallowed:
        return "high"
    return "medium" if name in _ONLY_OPTIONS and not _reads_keywords(task) else None


def _reads_keywords(task: Task) -> bool:
    """Whether the body of a task does anything with its ``**kwargs``."""
    if task.function is None:
        return True
    double = next((p.name for p in task.function.node.params if p.kind == "kwargs"), None)
    return any(
        isinstance(node, s.Name) and node.path.partition(".")[0] == double
        for statement in task.function.statements
        for node in below(statement)
    )


def _consequence(call: Call, project: Project, swallowed: bool) -> str:
    if swallowed:
        return "nothing reads it, and the message goes out without it"
    if call.method not in ("delay", "delay_on_commit") or call.target is None or CANVASES & set(call.context):
        return "it fails with `TypeError`"
    caller = project.arity.caller_checks(call.target)
    return {"caller": "the call raises `TypeError`", "worker": "the worker raises `TypeError`"}.get(
        caller, "it fails with `TypeError`"
    )
