"""A project written down in a test, read as if it lay in a folder."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from celerylint.model.entities import Task
from celerylint.model.project import Project, build
from celerylint.model.values import Unknown, Value, plain
from celerylint.sources.tree import open_tree

NOWHERE = Path(__file__).with_name("no-such-folder")


def project(**files: str) -> Project:
    """``project(shop__tasks="...")`` is a project of ``shop/tasks.py``; other names go through ``tree``."""
    return tree({name.replace("__", "/") + ".py": text for name, text in files.items()})


def tree(files: dict[str, str]) -> Project:
    return build(open_tree(NOWHERE, {path: dedent(text).encode() for path, text in files.items()}))


def only(found: Project) -> Task:
    (task,) = found.tasks
    return task


def option(task: Task, name: str) -> object:
    return constant(task.option(name).value)


def constant(value: Value | None) -> object:
    """The constant a value is; "unknown" for what is not known."""
    result = plain(value)
    return "unknown" if isinstance(result, Unknown) else result


def setting(found: Project, name: str) -> list[object]:
    return [constant(x.value) for x in found.setting(name)]


def reasons(found: Project) -> list[str]:
    """The blind spots but for the folder that is not there."""
    return [f"{u.span.path}: {u.reason}" for u in found.blind_spots]
