"""Attributes that a task does not have, read of it all the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.knowledge import surface
from celerylint.knowledge.request import REQUEST_ATTRIBUTES
from celerylint.model.calls import Read
from celerylint.model.not_tasks import derived, plain_class, plain_function
from celerylint.model.spelling import near_word
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.tasks import ATTRIBUTES, plain_base
from celerylint.model.values import Reference
from celerylint.sources.spans import Pos, Span

if TYPE_CHECKING:
    from celerylint.model.entities import Task
    from celerylint.model.project import Project

HAS = frozenset(
    {
        *surface.TASK_METHODS,
        *surface.TASK_ATTRIBUTES,
        *surface.TASK_FROM_CONFIG,
        *ATTRIBUTES,
        "abstract",
        "app",
        "apply_async_on_commit",
        "delay_on_commit",
        "from_config",
        "request_stack",
        "type",
    }
)
"""What every task has, or may have: methods, options, what Celery's own subclasses add."""

SINCE_FIVE = frozenset({
    "accept_magic_kwargs", "establish_connection", "get_consumer", "get_logger", "get_publisher", "replace_in_chord",
})  # fmt: skip
"""Methods of old task classes. Source: celery/task/base.py of Celery 4, which Celery 5 no longer has."""


_ON_SELF = re.compile(r"\bsetattr\(\s*(?:self|cls)\s*,(?!\s*[\"'])|\bself\.__dict__(?:\.update|\[[^]\n]+\]\s*=[^=])")
"""A class that gives itself attributes under names that reading does not see."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """``attribute`` is read of ``what`` (as written), which is a task, a task class or something plain (``thing``).

    ``near`` is the attribute that was meant, ``place`` where the wrong one is written.
    """

    attribute: str
    what: str
    thing: Task | ClassSymbol | FunctionSymbol
    near: str | None
    place: Pos


def lacking(read: Read, project: Project) -> Lacking | None:
    """What a read asks in vain; None when the attribute may be there."""
    parts = read.node.path.split(".")
    what, attribute = ".".join(parts[: read.owner]), parts[read.owner]
    if attribute.startswith("_"):
        return None
    owner = s.Name(_part(read.node, 0, read.owner), what)
    if parts[read.owner - 1] == "request" and read.owner > 1:
        return _of_request(read, what, attribute, project)
    task = project.task_of(owner, read.scope)
    if task is not None:
        thing: Task | ClassSymbol | FunctionSymbol | None = (
            task if _task_lacks(task, what, attribute, project) else None
        )
    elif read.owner == 1 and _is_receiver(what, read):
        thing = _class_lacks(read, attribute, project)
    elif attribute == "retry":
        thing = plain_function(project.evaluator.value(owner, read.scope), attribute, project) or _decorated(
            read, project
        )
    else:
        thing = None
    if thing is None or _asked_for(attribute, read, project):
        return None
    near = None if isinstance(thing, FunctionSymbol) else near_word(attribute, HAS)
    return Lacking(attribute, what, thing, near, _part(read.node, read.owner, read.owner + 1))


def _of_request(read: Read, what: str, attribute: str, project: Project) -> Lacking | None:
    """A misspelled attribute of the request; any other may come from a header of the message."""
    owner = s.Name(_part(read.node, 0, read.owner - 1), what.rpartition(".")[0])
    task = project.task_of(owner, read.scope)
    near = near_word(attribute, REQUEST_ATTRIBUTES)
    doubtful = task is None or isinstance(task.signature, Unknown) or _asked_for(attribute, read, project)
    if task is None or near is None or doubtful or _set_somewhere(attribute, r"\w+", project):
        return None
    return Lacking(attribute, what, task, near, _part(read.node, read.owner, read.owner + 1))


def _decorated(read: Read, project: Project) -> FunctionSymbol | None:
    """The plain function that a parameter of the project's own task decorator stands for: what it makes the task of is
    the function around, not that one."""
    name = read.node.path.split(".")[0]
    outer = read.scope.parent
    decorator = outer.function if outer is not None else None
    if read.owner != 1 or decorator is None or name in read.scope.table.by_name:
        return None
    if name not in {p.name for p in decorator.node.params}:
        return None
    functions = (t.function for t in project.production_tasks if t.wrapper == decorator.qualified)
    return next((f for f in functions if f is not None and len(f.node.decorators) == 1), None)


def _part(node: s.Name, first: int, end: int) -> Pos:
    """Where some of the parts of a dotted name stand; the whole name when it runs over lines."""
    line, column, end_line, _ = node.pos
    if line != end_line:
        return node.pos
    parts = node.path.split(".")
    start = column + len(".".join(parts[:first])) + (1 if first else 0)
    return line, start, line, start + len(".".join(parts[first:end]))


def _task_lacks(task: Task, what: str, attribute: str, project: Project) -> bool:
    if attribute in HAS or attribute in task.declared or task.unknown_options is not None or task.in_tests:
        return False
    if attribute in SINCE_FIVE and _before_five(project):
        return False
    if "." not in what and task.kind == "function" and isinstance(task.signature, Unknown):
        return False  # a decorator beneath may pass something else as first argument
    bases = [base for base in (task.base, *(app.task_class for app in task.apps)) if base is not None]
    if any(app.foreign_class is not None for app in task.apps) or _has_outside_base(task):
        return False
    owners = r"\w+" if bases else rf"\w*[tT]ask|{task.function.name}" if task.function is not None else r"\w+"
    if task.function is not None and _sets(task.function, attribute, project):
        return False
    return all(_lacks(base, attribute, project) for base in bases) and not _set_somewhere(attribute, owners, project)


def _has_outside_base(task: Task) -> bool:
    """Whether ``base=`` names a class of another package, which has methods of its own."""
    base = task.declared.get("base")
    value = base.value if base is not None else None
    return isinstance(value, Reference) and not isinstance(value.symbol, ClassSymbol) and not plain_base(value.of)


def _class_lacks(read: Read, attribute: str, project: Project) -> ClassSymbol | None:
    """The class around, when it is a task class or a plain one and neither it nor what derives from it can have it."""
    cls = read.scope.method_owner()
    if cls is None:
        return None
    if project.factories.is_task_class(cls):
        inert = attribute in HAS or (attribute in SINCE_FIVE and _before_five(project))
        lacks = not inert and _lacks(cls, attribute, project) and not _set_somewhere(attribute, r"\w+", project)
    else:
        lacks = attribute == "retry" and plain_class(cls, attribute, project)
    return cls if lacks and not derived(cls, project) else None


def _lacks(cls: ClassSymbol, attribute: str, project: Project) -> bool:
    """Whether no class of a hierarchy that ends in Celery's own task class has the attribute."""
    classes = project.evaluator.classes
    order, outside = classes.lineage(cls)
    if not all(plain_base(base) for base in outside):
        return False
    for one in order:
        table = project.evaluator.class_scope(one).table.by_name
        if one.node.decorators or one.node.keywords or attribute in table or "__getattr__" in table:
            return False
        if _ON_SELF.search(project.text(Span.at(one.module.path, one.node.whole))):
            return False
    return True


def _sets(function: FunctionSymbol, attribute: str, project: Project) -> bool:
    """Whether a task puts the attribute on itself."""
    text = project.text(Span.at(function.module.path, function.node.whole))
    return re.search(rf"\.{attribute}\s*(?::[^=\n]+)?=[^=]", text) is not None


def _set_somewhere(attribute: str, owners: str, project: Project) -> bool:
    """Whether any file that was read puts an attribute of this name on one of ``owners``, or may under any name."""
    pattern = re.compile(
        rf"\b(?:{owners})\.{attribute}\s*(?::[^=\n]+)?=[^=]"
        rf"|\bsetattr\([^,\n]+,\s*[\"']{attribute}[\"']"
        r"|\bsetattr\(\s*\w*[tT]ask\w*\s*,(?!\s*[\"'])"
    )
    return any(pattern.search(project.tree.source(module.path).text) for module in project.production_modules)


def _is_receiver(name: str, read: Read) -> bool:
    """Whether a name is the first parameter of the method around."""
    scope = read.scope
    while scope is not None and scope.function is not None:
        if scope.function.owner is not None:
            static = any(
                isinstance(d, s.Name) and d.path in ("staticmethod", "classmethod")
                for d in scope.function.node.decorators
            )
            params = scope.function.node.params
            return bool(params) and params[0].name == name and not static
        if name in scope.table.by_name or scope.parent is None:
            return False
        scope = scope.parent
    return False


def _asked_for(attribute: str, read: Read, project: Project) -> bool:
    """Whether the function around is ready for the attribute's absence: ``hasattr``, ``except AttributeError``."""
    function = read.scope.function
    if function is None:
        return False
    whole = function.node.whole
    text = project.text(Span.at(read.scope.module.path, whole))
    return "AttributeError" in text or bool(re.search(rf"(?:has|get)attr\([^()]*[\"']{attribute}[\"']", text))


def _before_five(project: Project) -> bool:
    version = project.versions.get("celery")
    return version is not None and int(version.split(".")[0]) < 5
