from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from celerylint.model.entities import Call, ScheduleEntry, Task
from celerylint.model.project import Project
from celerylint.model.sending import options_of, takes_over
from celerylint.model.timing import FIELDS, Interval, timing
from celerylint.model.values import Known, Table, Value
from celerylint.rule import Finding, Rule, Span

_SENDS = frozenset({"delay", "apply_async", "send_task", "delay_on_commit", "apply_async_on_commit"})
_EXCEPTIONS = 2
"""How many more messages may lack an expiry than have one, and still be the ones that lack it by mistake."""


class CallExpiresMissing(Rule):
    """Messages of a periodic kind are sent without an expiry, so they pile up while no worker takes them.

    A task that beat starts every few minutes sends further messages each time. When the workers are down for an hour,
    all of them wait, and run one after another when the workers are back, though the newest would do. The same holds
    for a task whose other callers, or whose schedule entry, let their messages expire.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)
    app.conf.beat_schedule = {"sync": {"task": "shop.sync", "schedule": 60.0, "options": {"expires": 60}}}


    @app.task(name="shop.sync")
    def sync():
        for shelf in range(100):
            recount.delay(shelf)  # expect: call-expires-missing


    @app.task(name="shop.recount")
    def recount(shelf):
        print(shelf)
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)
    app.conf.beat_schedule = {"sync": {"task": "shop.sync", "schedule": 60.0, "options": {"expires": 60}}}


    @app.task(name="shop.sync")
    def sync():
        for shelf in range(100):
            recount.apply_async((shelf,), expires=60)


    @app.task(name="shop.recount")
    def recount(shelf):
        print(shelf)
    ```

    ## When to suppress

    Every single message matters, however late it comes.
    """

    category = "reliability"
    severity = "info"
    profile = "pedantic"
    since = "0.1"
    celery = ">=3.0"
    sources = ("celery/worker/request.py: Request.maybe_expire",)

    def check_project(self, project: Project) -> Iterator[Finding]:
        expiring = _expiring(project)
        periodic = _periodic(project)
        lasting = [call for call in project.calls if _lasts(call, project)]
        number = Counter(call.label for call in lasting)
        for call in lasting:
            parent = periodic.get(id(call.function.node)) if call.function is not None else None
            if parent is not None and "except" not in call.context and call.target is not parent[0]:
                yield self._finding(call, f"the task `{parent[0].label}`, which beat starts, sends", parent[1])
            elif number[call.label] <= len(expiring[call.label]) + _EXCEPTIONS:  # else expiring is the exception
                place = next(iter(expiring[call.label]), None)
                if place is not None:
                    yield self._finding(call, "other messages of it expire, this call sends", place)

    def _finding(self, call: Call, who: str, place: Span) -> Finding:
        return self.finding(
            at=call.span,
            message=f"`{call.label}` can pile up: {who} it without `expires`",
            help="give `expires`, no longer than the time after which the next message makes this one useless",
            subject=f"task:{call.label}",
            confidence="medium",
            evidence=[(place, "sent again and again" if "beat" in who else "expires")],
        )


def _lasts(call: Call, project: Project) -> bool:
    """Whether a call of production code sends a message that never expires."""
    if call.in_tests or call.how not in _SENDS or call.label == "?" or call.options_open:
        return False
    return not _expires(call, project) and not takes_over(call.target, project)


def _expires(call: Call, project: Project) -> bool:
    """Whether a message may have an expiry: of the call, of the signature under it, or of the task."""
    if "expires" in call.options or "expires" in options_of(call, project):
        return True
    if call.sends is not None and "expires" in options_of(call.sends, project):
        return True
    option = call.target.option("expires").value if call.target is not None else None
    return option is not None and not (isinstance(option, Known) and option.value is None)


def _expiring(project: Project) -> dict[str, list[Span]]:
    """The tasks of which some messages expire, each with the places that say so."""
    found: dict[str, list[Span]] = defaultdict(list)
    for call in project.calls:
        given = options_of(call, project).get("expires") if not call.in_tests else None
        if given is not None and not _is_none(given.value(project)):
            found[call.label].append(given.keyword)
    for entry in project.schedule:
        expires = _option(entry, "expires")
        if expires is not None and not entry.in_tests and entry.task_name is not None and not _is_none(expires):
            found[entry.task_name].append(expires.span)
    return found


def _periodic(project: Project) -> dict[int, tuple[Task, Span]]:
    """The functions that run when beat sends a task, its own and those that it calls, each with the task and the
    schedule entry."""
    found: dict[int, tuple[Task, Span]] = {}
    callers: dict[int, list[Task]] = defaultdict(list)
    for entry in project.schedule:
        task = entry.target
        if task is None or entry.in_tests or task.function is None or id(task.function.node) in found:
            continue
        if not _is_frequent(entry):
            continue
        found[id(task.function.node)] = (task, entry.span)
        scope = project.evaluator.function_scope(task.function)
        for event in task.function.body.calls:
            called = project.callees.function(event.call, scope)
            if called is not None and task not in callers[id(called.node)]:
                callers[id(called.node)].append(task)
                found.setdefault(id(called.node), (task, entry.span))
    return found


def _is_frequent(entry: ScheduleEntry) -> bool:
    """Whether the next messages come within the hour: what is sent once a day does not pile up."""
    when = timing(entry.schedule)
    if isinstance(when, Interval):
        return when.seconds <= 3600
    return when is not None and len(when.fields[FIELDS.index("hour")]) == 24


def _option(entry: ScheduleEntry, name: str) -> Value | None:
    return entry.options.get(name) if isinstance(entry.options, Table) else None


def _is_none(value: Value) -> bool:
    return isinstance(value, Known) and value.value is None
