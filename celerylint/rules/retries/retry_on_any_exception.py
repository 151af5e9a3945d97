from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.entities import Option, Task
from celerylint.model.project import Project
from celerylint.model.repeats import retries
from celerylint.model.values import Collection, Known, Reference, Value
from celerylint.rule import Edit, EnsureImport, Finding, Fix, Replace, Rule, Span

_ANY = ("Exception", "BaseException")
_EXITS = ("SystemExit", "KeyboardInterrupt")


class RetryOnAnyException(Rule):
    """Every exception is retried: bugs, bad arguments and the soft time limit too.

    `autoretry_for=(Exception,)` does not tell a server that is down from a `KeyError` in your own code. A message that
    can never succeed runs again and again, delays the others, and its error is reported only after the last attempt.
    `SoftTimeLimitExceeded` is an `Exception` as well: a task that was stopped for taking too long is started again.
    `BaseException`, `SystemExit` and `KeyboardInterrupt` raised in the body become retries as well and stop nothing.

    ```python bad
    import requests
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.task_time_limit = 300


    @app.task(
        name="shop.fetch_rates",
        autoretry_for=(Exception,),  # expect: retry-on-any-exception
        retry_backoff=True,
    )
    def fetch_rates(currency):
        return requests.get("https://rates.example.org", params={"of": currency}, timeout=10).json()
    ```

    ```python fixed unsafe
    import requests
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.task_time_limit = 300


    @app.task(
        name="shop.fetch_rates",
        autoretry_for=(requests.ConnectionError, requests.Timeout),
        retry_backoff=True,
    )
    def fetch_rates(currency):
        return requests.get("https://rates.example.org", params={"of": currency}, timeout=10).json()
    ```

    ```python good
    import requests
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(
        name="shop.fetch_rates",
        autoretry_for=(requests.ConnectionError, requests.Timeout),
        retry_backoff=True,
    )
    def fetch_rates(currency):
        return requests.get("https://rates.example.org", params={"of": currency}, timeout=10).json()
    ```

    ## Fix

    Where the body talks to the network through one known library, the fix names that library's errors that pass by
    themselves. Everything else then fails at once.

    ## When to suppress

    Every failure of the task really is worth another attempt, whatever its cause.
    """

    category = "reliability"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "unsafe"
    sources = ("celery/app/autoretry.py: add_autoretry_behaviour", "celery/exceptions.py: SoftTimeLimitExceeded")

    def check_project(self, project: Project) -> Iterator[Finding]:
        groups: dict[Span, list[tuple[Task, Option, Value]]] = {}
        for task in project.production_tasks:
            option = task.declared.get("autoretry_for")
            broad = _broad(option.value) if option is not None else None
            if option is not None and broad is not None and retries(task) and not _spares_soft_limit(task):
                groups.setdefault(broad.span, []).append((task, option, broad))
        for span, members in groups.items():
            yield self._report(span, members)

    def _report(self, span: Span, members: list[tuple[Task, Option, Value]]) -> Finding:
        task, option, broad = members[0]
        name = broad.of if isinstance(broad, Reference) else "Exception"
        if len(members) > 1:
            names = ", ".join([*(f"`{t.label}`" for t, _, _ in members[:3]), *(["..."] if members[3:] else [])])
            who = f"{len(members)} tasks ({names})"
            verb = "are"
        else:
            who, verb = f"`{task.label}`", "is"
        helps = "name the errors that pass by themselves, such as the client library's connection and timeout errors"
        label = "retries everything"
        if name in _EXITS:
            message = f"{who} {verb} retried on `{name}`: raised in the body, it becomes a retry and stops nothing"
            helps, label = f"take `{name}` out", "turns it into a retry"
        elif any(_has_soft_limit(t) for t, _, _ in members):
            message = f"{who} {verb} retried on any `{name}`: bugs and `SoftTimeLimitExceeded` too"
        else:
            message = f"{who} {verb} retried on any `{name}`: bugs and bad arguments too"
        return self.finding(
            at=span,
            message=message,
            help=helps,
            subject=task.subject if len(members) == 1 else f"retry:{option.origin}",
            label=label,
            evidence=[
                (t.function_span, "retried") for t, _, _ in members if _away(t.function_span, span) or members[1:]
            ],
            data=(task, option),
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        task, option = finding.data
        if option.layer != "decorator" or not isinstance(option.value, Collection) or len(option.value.items) != 1:
            return None
        names = project.network_errors(task)
        path = finding.span.path
        if not names or option.value.span.path != path:
            return None
        code = f"({', '.join(names)})" if len(names) > 1 else f"({names[0]},)"
        modules = dict.fromkeys(name.rpartition(".")[0] for name in names)
        imports = [EnsureImport(path, module) for module in modules if module]
        edits: tuple[Edit, ...] = (Replace(option.value.span, code), *imports)
        return Fix(
            f"retry only on {', '.join(names)}", "unsafe", edits, "other errors fail at once instead of being retried"
        )


def _has_soft_limit(task: Task) -> bool:
    value = task.option("soft_time_limit").value
    return isinstance(value, Known) and value.value is not None


def _away(one: Span, other: Span) -> bool:
    """Whether two places do not show in one frame."""
    return one.path != other.path or abs(one.line - other.line) > 8


def _broad(value: Value) -> Value | None:
    """The member of ``autoretry_for`` that catches everything, or the order to exit."""
    items = value.items if isinstance(value, Collection) else ()
    for wanted in (_ANY, _EXITS):
        for item in items:
            if isinstance(item, Reference) and item.of.removeprefix("builtins.") in wanted:
                return item
    return None


def _spares_soft_limit(task: Task) -> bool:
    """Whether exceptions that must not be retried are taken out again, so that the breadth is deliberate."""
    spared = task.declared.get("dont_autoretry_for")
    return spared is not None and not (isinstance(spared.value, Collection) and not spared.value.items)
