from __future__ import annotations

import re
from collections.abc import Iterator

from celerylint.model.builtin_calls import text_of
from celerylint.model.entities import App, Setting, Task
from celerylint.model.project import Project
from celerylint.model.values import Known
from celerylint.rule import Confidence, Finding, Fix, InsertStatement, Rule, SetKeyword, Span

_HARD, _SOFT = "30 * 60", "25 * 60"
_LIMITLESS = frozenset({"threads", "solo", "eventlet"})
"""Pools that enforce no limit (``celery/concurrency/thread.py: TaskPool.on_apply`` takes no timeouts)."""

_SHARED = frozenset({"TIME_ZONE", "USE_TZ"})
"""Settings of Django's that Celery reads too: they do not stand where Celery's are."""

_SPECIAL = re.compile(r"(local|dev|development|docker|test|tests|ci|example|demo|debug)[^/]*\.py$|(^|/)tests?/")

_BLOCK_GAP = 60
"""Lines between two settings that still belong together: a queue list or a schedule may stand between them."""


class LimitMissing(Rule):
    """No time limit reaches a task, so one call that never returns holds a worker slot for ever.

    Celery has no default limit. A socket that stays open, a lock that is never given back or an endless loop keeps its
    slot until somebody restarts the worker; when as many hang as the worker has slots, nothing runs any more and no
    error is reported. A limit can come from the task, its base class, `task_annotations`, the worker's command line or
    the settings `task_time_limit` and `task_soft_time_limit`; none of them gives one here.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")  # expect: limit-missing


    @app.task(name="shop.resize")
    def resize(picture_id):
        print(picture_id)
    ```

    ```python fixed unsafe
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=30 * 60, task_soft_time_limit=25 * 60)


    @app.task(name="shop.resize")
    def resize(picture_id):
        print(picture_id)
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.task_soft_time_limit = 270
    app.conf.task_time_limit = 300


    @app.task(name="shop.resize")
    def resize(picture_id):
        print(picture_id)
    ```

    ## Where it speaks

    Once for an app where most tasks have no limit, at the app, because one setting cures all of them. Where the
    other tasks have a limit it speaks at the task that was forgotten.

    ## Fix

    The fix sets both limits for all tasks of the app, 30 minutes and 25 minutes. Tasks that need longer must say so
    themselves. The threads, solo and eventlet pools enforce no limit at all, gevent only the hard one; where every
    worker runs one of the first three, this rule says nothing.

    ## When to suppress

    The tasks are known to end, or the limit is set where celerylint cannot see it (the command line of a worker that is
    deployed from elsewhere).
    """

    category = "reliability"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "unsafe"
    sources = (
        "https://docs.celeryq.dev/en/stable/userguide/workers.html#time-limits",
        "celery/worker/request.py: time_limits",
    )

    def check_project(self, project: Project) -> Iterator[Finding]:
        if not _enforced_somewhere(project):
            return  # no pool of this project stops a task: a limit would change nothing
        by_app: dict[int, list[Task]] = {}
        for task in project.production_tasks:
            by_app.setdefault(0 if len(project.apps) > 1 else id(task.app), []).append(task)
        for tasks in by_app.values():
            unlimited = [t for t in tasks if _unlimited(t) and not _limited_elsewhere(t, project)]
            if not unlimited:
                continue
            app = unlimited[0].app
            confidence: Confidence = "high" if project.processes and not project.settings_index.optional else "medium"
            if app is not None and len(unlimited) * 2 > len(tasks):
                yield self._for_app(app, unlimited, len(tasks), confidence, project)
            else:
                for task in unlimited:
                    yield self._for_task(task, confidence)

    def _for_app(
        self, app: App, unlimited: list[Task], total: int, confidence: Confidence, project: Project
    ) -> Finding:
        who = "no task" if len(unlimited) == total else f"{len(unlimited)} of {total} tasks"
        verb = "has a time limit" if len(unlimited) == total else "have no time limit"
        block = _settings_block(app, project)
        evidence = [(block[0].span, "configured here")] if block and block[0].span != app.span else []
        evidence += [(task.function_span, "can hang for ever") for task in unlimited]
        return self.finding(
            at=app.span,
            message=f"{who} of the app `{app.label}` {verb}: one call that hangs holds a worker slot for ever",
            help="set `task_soft_time_limit` and `task_time_limit`, and longer limits on the tasks that need them",
            subject=f"app:{app.module}.{app.name}",
            confidence=confidence,
            label="configures no limit",
            evidence=evidence,
            data=app,
        )

    def _for_task(self, task: Task, confidence: Confidence) -> Finding:
        return self.finding(
            at=task.span,
            message=f"`{task.label}` has no time limit, unlike other tasks: a call that hangs holds its slot for ever",
            help="give it `soft_time_limit` and `time_limit`",
            subject=task.subject,
            confidence=confidence,
            label="no limit reaches it",
            data=task,
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        changes = "tasks that take longer are stopped"
        if isinstance(finding.data, Task):
            span = finding.data.decorator_span
            if span is None:
                return None
            edits = (SetKeyword(span, "time_limit", _HARD), SetKeyword(span, "soft_time_limit", _SOFT))
            return Fix("limit the task to 30 minutes, softly to 25", "unsafe", edits, changes)
        app: App = finding.data
        block = _settings_block(app, project)
        code, at = _both_limits(app, block[-1] if block else None)
        return Fix("limit every task to 30 minutes, softly to 25", "unsafe", (InsertStatement(at, code),), changes)


def _enforced_somewhere(project: Project) -> bool:
    """Whether some worker may run a pool that enforces limits; where nothing is said, it is prefork."""
    set_pools = [text_of(setting.value) for setting in project.setting("worker_pool")]
    pools: set[str | None] = set()
    for worker in (p for p in project.processes if p.kind in ("worker", "multi") and p.production):
        pools.update([worker.pool] if isinstance(worker.pool, str) else set_pools or [None])
    return not (pools or set(set_pools)) or any(pool not in _LIMITLESS for pool in pools or set_pools)


def _unlimited(task: Task) -> bool:
    options = [task.option(name) for name in ("time_limit", "soft_time_limit")]
    return all(isinstance(o.value, Known) and o.value.value is None and o.value.assumed is None for o in options)


def _limited_elsewhere(task: Task, project: Project) -> bool:
    """A task belongs to every app of its process (``@app.task`` is shared too): it is limited, or may be, when any of
    them sets a limit or is opaque."""
    return any(
        app.opaque or project.setting("task_time_limit", app) or project.setting("task_soft_time_limit", app)
        for app in project.apps
    )


def _settings_block(app: App, project: Project) -> list[Setting]:
    """The app's settings where most of them stand together, as plain assignments that hold for production, in order."""
    own = [
        s
        for s in project.settings
        if s.app is app
        and s.layer in ("django", "config object")
        and s.spelled not in _SHARED
        and _is_plain(s, project)
    ]
    blocks: list[list[Setting]] = []
    for setting in sorted(own, key=lambda s: s.span):
        last = blocks[-1][-1].span if blocks else None
        if last is not None and last.path == setting.span.path and setting.span.line - last.line < _BLOCK_GAP:
            blocks[-1].append(setting)
        else:
            blocks.append([setting])
    return max(blocks, key=len, default=[])


def _is_plain(setting: Setting, project: Project) -> bool:
    """Whether a setting is assigned at the top level of a module that is not for one machine or for tests."""
    if _SPECIAL.search(setting.span.path):
        return False
    module = project.modules_index.load(setting.span.path)
    bindings = module.scope.table.by_name.get(setting.spelled, ()) if module is not None else ()
    return any(b.kind == "assign" and not b.branch and b.pos[0] == setting.span.line for b in bindings)


def _both_limits(app: App, place: Setting | None) -> tuple[str, Span]:
    """The statements that set both limits, and the statement after which they belong."""
    if place is None:
        target = (
            app.config_sources[-1] if app.config_sources and app.config_sources[-1].path == app.span.path else app.span
        )
        return f"{app.name}.conf.update(task_time_limit={_HARD}, task_soft_time_limit={_SOFT})", target
    names = ["task_time_limit", "task_soft_time_limit"]
    if app.namespace:
        names = [f"{app.namespace}_{n}".upper() for n in names]
    elif place.spelled.isupper():
        names = ["CELERYD_TASK_TIME_LIMIT", "CELERYD_TASK_SOFT_TIME_LIMIT"]
    return f"{names[0]} = {_HARD}\n{names[1]} = {_SOFT}", place.span
