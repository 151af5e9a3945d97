from __future__ import annotations

from collections.abc import Iterator

from celerylint.facts.unknown import Unknown
from celerylint.knowledge.transports import CHORDS_WITH_IGNORED_HEADER, COUNTING_CHORDS, NO_CHORDS
from celerylint.model.canvas_chords import chords, is_eager
from celerylint.model.canvas_parts import Part
from celerylint.model.entities import Option, Task
from celerylint.model.project import Project
from celerylint.model.values import Known
from celerylint.rule import Finding, Rule, Span


class CanvasChordIgnoresResult(Rule):
    """A task in the header of a chord ignores its result, and the result backend waits for it.

    Except on Redis, the backend starts the body only when it can read the result of every header task. One that is not
    stored never comes: with the cache and DynamoDB backends the body fails with `TimeoutError` after three seconds;
    with databases, MongoDB, files and the others `celery.chord_unlock` is retried for ever and the body never runs.

    ```python bad
    from celery import Celery, chord

    app = Celery("shop", broker="redis://redis:6379/0", backend="db+postgresql://db/results")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load", ignore_result=True)
    def load(supplier):
        print(supplier)


    @app.task(name="shop.finish")
    def finish():
        print("loaded")


    def start(suppliers):
        header = [load.s(supplier) for supplier in suppliers]  # expect: canvas-chord-ignores-result
        chord(header)(finish.si())
    ```

    ```python good
    from celery import Celery, chord

    app = Celery("shop", broker="redis://redis:6379/0", backend="db+postgresql://db/results")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        print(supplier)


    @app.task(name="shop.finish", ignore_result=True)
    def finish():
        print("loaded")


    def start(suppliers):
        chord([load.s(supplier) for supplier in suppliers])(finish.si())
    ```

    ## When to suppress

    The result backend is chosen where celerylint cannot see it, and is Redis.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.1"
    sources = (
        "celery/backends/base.py: KeyValueStoreBackend.on_chord_part_return",
        "celery/app/builtins.py: add_unlock_chord_task",
    )

    def check_project(self, project: Project) -> Iterator[Finding]:
        seen: set[Span] = set()
        for canvas in project.canvases.found:
            for chord in chords(canvas) if not canvas.in_tests else ():
                for part in (leaf for member in chord.header for leaf in _counted(member)):
                    task = part.task
                    option = task.option("ignore_result") if task is not None else None
                    if task is None or option is None or part.span in seen or not _ignores(part, option):
                        continue
                    consequence = _consequence(task, project)
                    if consequence is not None:
                        seen.add(part.span)
                        yield self._report(part, task, option, chord.part, consequence)

    def _report(self, part: Part, task: Task, option: Option, chord: Part, consequence: str) -> Finding:
        evidence = [(option.span or task.function_span, "ignores its result")]
        if chord.span.line != part.span.line:
            evidence.append((chord.span, "waits for it"))
        return self.finding(
            at=part.span,
            message=f"the chord waits for the result of `{task.label}`, which ignores it: {consequence}",
            help="store the result: `ignore_result=False` on the task",
            subject=task.subject,
            confidence="medium" if part.maybe else "high",
            evidence=evidence,
        )


def _counted(part: Part) -> Iterator[Part]:
    """The tasks whose results a chord waits for: the last ones of a chain."""
    if part.kind == "chain":
        yield from _counted(part.members[-1]) if part.members else ()
    elif part.kind in ("group", "choice"):
        for member in part.members:
            yield from _counted(member)
    elif part.kind == "chord":
        yield from _counted(part.body) if part.body is not None else ()
    elif part.kind == "task":
        yield part


def _ignores(part: Part, option: Option) -> bool:
    says = isinstance(option.value, Known) and option.value.value is True
    own = part.options | (part.call.options.keys() if part.call is not None else set())
    return says and "ignore_result" not in own


def _consequence(task: Task, project: Project) -> str | None:
    """What comes of it on the backend of the task's app; None when it works there, or nobody knows."""
    kind = project.stores.backend(task.app).kind
    if isinstance(kind, Unknown) or kind in NO_CHORDS or kind in CHORDS_WITH_IGNORED_HEADER:
        return None
    if task.app is None or is_eager(task.app, project) or "." in kind:
        return None
    if kind in COUNTING_CHORDS:
        return "the body fails with `TimeoutError`"
    return "the body never runs"
