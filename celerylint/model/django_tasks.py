"""Which tasks have ``delay_on_commit``: those of Celery's ``DjangoTask`` (5.4), which the Django fixup makes the
default.

Sources: ``celery/contrib/django/task.py``, ``celery/fixups/django.py: DjangoFixup.install``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.model.symbols import ClassSymbol
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.entities import App, Task
    from celerylint.model.project import Project

_PLAIN = frozenset({"celery.Task", "celery.app.task.Task", "celery.task.Task"})
_NEUTRAL = ("abc.", "typing.", "object", "builtins.object")
_NAMED = re.compile(r"^[^#\n]*DJANGO_SETTINGS_MODULE", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a task has no ``delay_on_commit``: ``kind`` is version, base or fixup; the place shows it."""

    kind: str
    reason: str
    span: Span | None
    words: str


def lack(task: Task, method: str, project: Project) -> Lack | None:
    """Why a task lacks ``delay_on_commit`` or ``apply_async_on_commit``; None when it has it, or that is not known."""
    version = project.versions.get("celery")
    if version is not None and _older(version, (5, 4)):
        return Lack("version", f"Celery {version} has no `{method}`", None, "")
    base = task.base
    if base is not None and _is_plain(base, method, project):
        app = task.app
        is_default = app is not None and app.task_class is base and "base" not in task.declared
        span = base.span
        return Lack(
            "base",
            f"`{base.name}` is no `DjangoTask`",
            span,
            "the app's task class" if is_default else "its base class",
        )
    return _without_fixup(task.app, project)


def _is_plain(base: ClassSymbol, method: str, project: Project) -> bool:
    """Whether a task class is below Celery's ``Task`` and surely not below ``DjangoTask`` (``app.Task`` is one)."""
    classes = project.evaluator.classes
    if classes.find(base, method) is not None:
        return False
    outside = [b for b in classes.outside_bases(base) if not b.startswith(_NEUTRAL)]
    return bool(outside) and all(b in _PLAIN for b in outside)


def _without_fixup(app: App | None, project: Project) -> Lack | None:
    """``DJANGO_SETTINGS_MODULE`` named only below ``Celery(...)``: the fixup looked for it before."""
    if app is None or not app.django or app.implicit:
        return None
    text = project.tree.source(app.span.path).text
    lines = [text.count("\n", 0, match.start()) + 1 for match in _NAMED.finditer(text)]
    if not lines or min(lines) <= app.span.line:
        return None
    line = min(lines)
    span = Span(app.span.path, line, 1, line, len(text.splitlines()[line - 1]) + 1)
    return Lack("fixup", "`DJANGO_SETTINGS_MODULE` is set after `Celery()`", span, "too late for the Django fixup")


def has_on_commit(task: Task, project: Project) -> bool:
    """Whether a task surely has ``delay_on_commit``: Celery pinned at 5.4 or later, Django, no class of its own."""
    version = project.versions.get("celery")
    if version is None or _older(version, (5, 4)) or task.unknown_options is not None:
        return False
    if task.app is None or not task.app.django or lack(task, "delay_on_commit", project) is not None:
        return False
    base = task.base
    outside = project.evaluator.classes.outside_bases(base) if base is not None else []
    return base is None or any(b.endswith(".DjangoTask") for b in outside)


def _older(version: str, than: tuple[int, int]) -> bool:
    numbers = re.match(r"(\d+)\.(\d+)", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) < than
