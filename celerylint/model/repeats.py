"""Why a task can run twice, and which of its effects are then repeated."""

from __future__ import annotations

from dataclasses import dataclass

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.model.effects import BROAD, Effects, Found, swallows
from celerylint.model.entities import Task
from celerylint.model.functions import Event
from celerylint.model.scopes import excludes
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.values import Collection, Known, Reference, Table
from celerylint.sources.spans import Span

_LOGGING = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print"})


@dataclass(slots=True)
class Again:
    """A reason why the task runs again: ``kind`` is autoretry, retry or redelivery."""

    kind: str
    span: Span
    phrase: str
    broad: bool = False


@dataclass(slots=True)
class Repeated:
    """An effect that a second run repeats. ``point`` is what fails after it, None when only redelivery repeats it;
    ``sure`` tells that the point fails for reasons outside sooner or later, not only by a bug."""

    found: Found
    again: Again
    point: Event | None
    sure: bool = False


def reasons(task: Task) -> list[Again]:
    """Everything known that makes the task run again."""
    result: list[Again] = []
    autoretry = task.option("autoretry_for")
    if not retries(task):
        pass
    elif (
        autoretry.layer not in ("default", "unknown")
        and isinstance(autoretry.value, Collection)
        and autoretry.value.items
    ):
        result.append(Again("autoretry", autoretry.value.span, "is retried from here", _is_broad(autoretry.value)))
    for event in explicit_retries(task) if retries(task) else ():
        result.append(Again("retry", event.span, "is retried here"))
    late = task.option("acks_late")
    if isinstance(late.value, Known) and late.value.value is True and late.layer != "unknown":
        result.append(Again("redelivery", late.span or task.span, "is acknowledged late"))
    return result


def retries(task: Task) -> bool:
    """Whether a retry can follow at all: not with ``max_retries=0``, nor for a body that does nothing."""
    limit = task.option("max_retries").value
    arguments = task.option("retry_kwargs").value
    if isinstance(arguments, Table):
        limit = arguments.get("max_retries") or limit
    if isinstance(limit, Known) and limit.value == 0 and limit.value is not False:
        return False
    return task.function is None or not all(_is_nothing(node) for node in task.function.statements)


def _is_nothing(node: s.Stmt) -> bool:
    """``pass``, ``...`` or a docstring."""
    return isinstance(node, s.Plain) or (isinstance(node, s.Expression) and isinstance(node.value, s.Literal))


def _is_broad(exceptions: Collection) -> bool:
    return any(isinstance(i, Reference) and i.of.removeprefix("builtins.") in BROAD for i in exceptions.items)


def explicit_retries(task: Task) -> list[Event]:
    """``self.retry(...)`` and ``<task>.retry(...)`` in the task's own body."""
    function = task.function
    if function is None:
        return []
    names = {f"{function.name}.retry"}
    if task.bind is True and function.node.params:
        names.add(f"{function.node.params[0].name}.retry")
    return function.body.called(*names)


def repeated(task: Task, effects: Effects) -> list[Repeated]:
    """The unguarded effects of a task that are made twice, the surest first."""
    function = task.function
    why = reasons(task)
    if function is None or not why:
        return []
    found = [f for f in effects.of(function) if not f.guarded]
    result: list[Repeated] = []
    for effect in found:
        point = _point_after(effect, function, why, effects)
        if point is not None:
            result.append(Repeated(effect, *point, sure=True))
            continue
        bug = _any_call_after(effect, function, why)
        if bug is not None:
            result.append(Repeated(effect, *bug))
    result.sort(key=lambda r: not r.sure)
    late = next((a for a in why if a.kind == "redelivery"), None)
    if late is not None:
        result.extend(Repeated(f, late, None) for f in found if all(r.found is not f for r in result))
    return result


def _point_after(
    effect: Found, function: FunctionSymbol, why: list[Again], effects: Effects
) -> tuple[Again, Event] | None:
    """What can fail into a retry after the effect has been made; in a loop that is the effect's own next round."""
    for again in why:
        if again.kind == "redelivery":
            continue
        for event in function.body.calls:
            if event.deferred or excludes(event.branch, effect.event.branch):
                continue
            same_round = event is effect.event and bool(effect.event.loops)
            after = _comes_after(event, effect.event) or same_round
            if not after or not _leads_to(event, again):
                continue
            if again.kind == "retry" and event.span == again.span:
                if not event.handlers or not _inside(effect.event, event):
                    return again, event
                continue
            if effects.fallible(event, function) and (event is not effect.event or effect.external):
                return again, event
    return None


def _any_call_after(effect: Found, function: FunctionSymbol, why: list[Again]) -> tuple[Again, Event] | None:
    """With a retry on any exception whatever stands after the effect can fail into it; logging does not."""
    again = next((a for a in why if a.kind == "autoretry" and a.broad), None)
    if again is None:
        return None
    for event in function.body.calls:
        if event.deferred or not _comes_after(event, effect.event) or excludes(event.branch, effect.event.branch):
            continue
        if _leads_to(event, again) and not logs(event.call):
            return again, event
    return None


def _comes_after(event: Event, effect: Event) -> bool:
    """Later in the body; what stands among the effect's own arguments runs before it."""
    return event.span > effect.span and not effect.span.covers(event.span)


def logs(call: s.Call) -> bool:
    """Whether a call writes to a log or the terminal, as its name tells."""
    path = call.func.path if isinstance(call.func, s.Name) else ""
    return path == "print" or path.rpartition(".")[2] in _LOGGING or path.startswith(("log", "LOG"))


def _leads_to(event: Event, again: Again) -> bool:
    """Whether the failure of a call ends in the retry: it is not swallowed, and for ``self.retry`` its handler has
    it."""
    if again.kind == "autoretry":
        return not any(swallows(t) for t in event.tries) and not event.handlers
    if event.span == again.span:
        return True
    return any(_has(handler, again.span) for t in event.tries for handler in t.handlers)


def _inside(effect: Event, retry: Event) -> bool:
    """Whether the retry stands in a handler of the very ``try`` whose body makes the effect: then it may be the effect
    itself that failed, and was not made."""
    return any(handler in t.handlers for t in effect.tries for handler in retry.handlers)


def _has(handler: s.Handler, span: Span) -> bool:
    return any(isinstance(n, s.Call) and n.pos == span.pos for statement in handler.body for n in below(statement))
