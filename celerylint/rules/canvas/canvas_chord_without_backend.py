from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.canvas_chords import Chord, apps_of, chords, is_eager, refuses_chords
from celerylint.model.entities import App
from celerylint.model.project import Project
from celerylint.rule import Finding, Rule

_SHOWN = 12


class CanvasChordWithoutBackend(Rule):
    """A chord is sent by an app whose result backend cannot count its header.

    The body of a chord starts when the results of all its header tasks are there, and only a result backend knows
    that. Without one, or with `rpc://`, sending a chord raises `NotImplementedError`. The same holds for a group with a
    task after it (`group(...) | store.s()`, `chain(group(...), store.s())`) and for a group that replaces a task:
    Celery makes chords of them.

    ```python bad
    from celery import Celery, chord

    app = Celery("shop", broker="redis://redis:6379/0")  # expect: canvas-chord-without-backend
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        return supplier.upper()


    @app.task(name="shop.store")
    def store(prices):
        print(prices)


    def start(suppliers):
        chord([load.s(supplier) for supplier in suppliers])(store.s())
    ```

    ```python good
    from celery import Celery, chord

    app = Celery("shop", broker="redis://redis:6379/0", backend="redis://redis:6379/1")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270)


    @app.task(name="shop.load")
    def load(supplier):
        return supplier.upper()


    @app.task(name="shop.store")
    def store(prices):
        print(prices)


    def start(suppliers):
        chord([load.s(supplier) for supplier in suppliers])(store.s())
    ```

    ## When to suppress

    The backend is configured where celerylint cannot see it.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    sources = (
        "celery/backends/base.py: DisabledBackend.ensure_chords_allowed",
        "celery/backends/rpc.py: ensure_chords_allowed",
    )

    def check_project(self, project: Project) -> Iterator[Finding]:
        affected: dict[int, tuple[App, list[Chord]]] = {}
        for canvas in project.canvases.found:
            for chord in chords(canvas) if not canvas.in_tests else ():
                apps = apps_of(canvas.part, project)
                if apps and all(refuses_chords(a, project) and not is_eager(a, project) for a in apps):
                    affected.setdefault(id(apps[0]), (apps[0], []))[1].append(chord)
        for app, found in affected.values():
            yield self._report(app, found, project)

    def _report(self, app: App, found: list[Chord], project: Project) -> Finding:
        backend = project.stores.backend(app)
        why = "the `rpc` backend has no chords" if backend.kind == "rpc" else "there is no result backend"
        count = f"{len(found)} chords of" if len(found) > 1 else "the chord of"
        return self.finding(
            at=backend.span or app.span,
            message=f"{count} app `{app.label}` cannot be sent: {why}, so `NotImplementedError` is raised",
            help="set `result_backend` to one that counts chords, such as redis",
            subject=f"app:{app.label}",
            label="no result backend" if backend.kind != "rpc" else "",
            evidence=[(chord.part.span, _word(chord)) for chord in found[:_SHOWN]],
        )


def _word(chord: Chord) -> str:
    if chord.part.kind == "chord":
        return "a chord"
    return "becomes a chord" if chord.body is not None else "becomes a chord by `replace`"
