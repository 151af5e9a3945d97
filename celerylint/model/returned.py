"""What a task returns, where its results are stored and the serializer of results cannot encode it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.model.builtin_calls import text_of
from celerylint.model.entities import App, Task
from celerylint.model.kinds import Kind
from celerylint.model.kinds.calls import is_plain_decorator
from celerylint.model.messages import before_four, fate_under, task_default
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.values import Known
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project


IGNORES = "task_ignore_result"


@dataclass(frozen=True, slots=True)
class Returned:
    """One ``return`` whose value is refused. ``path`` leads from it to what is refused, ``backend`` is the setting that
    names the store."""

    span: Span
    path: str
    kind: Kind
    serializer: str
    confidence: Literal["high", "medium", "low"]
    backend: Span | None

    @property
    def what(self) -> str:
        return f"{self.kind} in `{self.path}`" if self.path else str(self.kind)


def result_serializer(app: App | None, project: Project) -> str | Unknown:
    """The serializer of an app's results; pickle was the default before Celery 4."""
    found = project.setting("result_serializer", app)
    names = {text_of(setting.value) for setting in found}
    if not found:
        if app is not None and app.opaque and not project.unheard.keeps_default("result_serializer", app):
            return app.opaque[0]
        return "pickle" if before_four(project) else "json"
    name = names.pop() if len(names) == 1 else None
    return name or Unknown("the serializer is computed", found[0].span)


def stores_results(task: Task, project: Project) -> bool:
    """Whether results of a task are known to be stored: not ignored, and a backend is configured."""
    ignored = task.option("ignore_result").value
    known = isinstance(ignored, Known) and not ignored.value
    if task.unknown_options is not None or not (known or task_default(task, "ignore_result", IGNORES, project)):
        return False
    backend = project.stores.backend(task.app)
    return not isinstance(backend.kind, Unknown) and backend.kind != "disabled"


def returned(task: Task, project: Project) -> Iterator[Returned]:
    """The values that a task returns and that cannot be stored."""
    function = task.function
    if function is None or function.node.is_async or function.node.is_generator or not stores_results(task, project):
        return
    if task.base is not None and not _hands_on(project.evaluator.classes.method(task.base, "__call__")):
        return
    name = result_serializer(task.app, project)
    if isinstance(name, Unknown):
        return
    models = task.declared.get("pydantic")
    dumped = models is not None and not (isinstance(models.value, Known) and not models.value.value)
    scope = project.evaluator.function_scope(function)
    wrapped = any(
        not is_plain_decorator(d) and function.module.span(d.pos) != task.decorator_span
        for d in function.node.decorators
    )
    for event in function.body.returns:
        value = event.node.value if isinstance(event.node, s.Return) and not event.deferred else None
        kind = project.kinds.of(value, scope) if value is not None else None
        if value is None or kind is None or (dumped and kind.name == "pydantic model"):
            continue
        for path, part in kind.parts():
            if fate_under(name, part.name, project, part.cls) == "refused":
                sure = part.sure and not wrapped
                store = project.stores.backend(task.app)
                hidden = task.app is not None and bool(task.app.opaque)
                certain = sure and not store.assumed and not hidden
                confidence: Literal["high", "medium"] = "high" if certain else "medium"
                yield Returned(function.module.span(value.pos), path, part, name, confidence, store.span)
                break


def _hands_on(method: FunctionSymbol | None) -> bool:
    """Whether a ``__call__`` of the project's base class returns what the task returns."""
    if method is None:
        return True
    values = [e.node.value for e in method.body.returns if isinstance(e.node, s.Return)]
    return bool(values) and all(isinstance(v, s.Call) and _runs(v) for v in values)


def _runs(call: s.Call) -> bool:
    path = (
        call.func.path
        if isinstance(call.func, s.Name)
        else call.func.name
        if isinstance(call.func, s.Attribute)
        else ""
    )
    return path.rpartition(".")[2] in ("run", "__call__")
