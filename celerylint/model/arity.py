"""Whether what a call passes fits the parameters of its task, and who finds out: the caller or the worker.

``Task.apply_async`` checks in the caller (``celery/app/task.py``: ``check_arguments``) unless ``typing`` is off.
Messages made by name are not checked, nor are tasks registered as instances, which have no header, nor functions that
a decorator wraps: the header is then the wrapper's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.facts.walk import statements
from celerylint.knowledge.schedules import SCHEDULERS
from celerylint.model.apps import last_name, statement_calls
from celerylint.model.binding import Counting, Mismatch, is_immutable, mismatch, passed_as, spread_arguments
from celerylint.model.builtin_calls import text_of
from celerylint.model.calls import is_on_commit
from celerylint.model.entities import Call, ScheduleEntry, Signature, Task
from celerylint.model.messages import before_four
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.tasks import signature_of
from celerylint.model.values import Known, Reference, Table
from celerylint.model.visit import body_of, scopes
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

Finder = Literal["caller", "worker", "unknown"]
"""Who raises the TypeError."""

_DIRECT = frozenset({"direct", "run"})
_FINAL = frozenset(
    {
        "delay",
        "apply_async",
        "delay_on_commit",
        "apply_async_on_commit",
        "send_task",
        "apply",
        "retry",
        "sync_to_async",
        *_DIRECT,
    }
)
"""Forms to whose arguments nothing is added any more."""

_GROWING = frozenset({"s", "si", "signature", "subtask", "Signature", "partial", "reference"})
"""Forms that whoever sends them may add arguments to."""

_PACKS = ("args", "kwargs")

CANVASES = frozenset({"chain", "group", "chord", "link", "link_error", "on_error"})
"""Words of a call's context: its arguments are completed by what it is a member of."""


@dataclass(frozen=True, slots=True)
class Fits:
    """The arguments fit, as far as they are written."""


Verdict: TypeAlias = Fits | Mismatch | Unknown


class Arity:
    """Answers for each call of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        sent = (c.sends.node for c in project.calls if c.sends is not None)
        self._sent = {id(node) for node in sent if node is not None}
        self._names = Counter(task.name for task in project.tasks if isinstance(task.name, str))

    def check(self, call: Call) -> Verdict:
        """Whether a call's arguments fit its task's parameters; Unknown when its task or its parameters are."""
        if call.how not in _FINAL and call.how not in _GROWING:
            return Unknown(f"`{call.how}` passes what is known only when it runs", call.span)
        signature = self.signature(call)
        if isinstance(signature, Unknown):
            return signature
        given = self.project.passed_by(call)
        if not self.is_final(call) or (call.sends is not None and self._may_change(call)):
            given = replace(given, more_args=True, more_kwargs=True)
        return mismatch(signature, given) or Fits()

    def signature(self, call: Call) -> Signature | Unknown:
        """The parameters that the arguments of a call land on."""
        task = call.target
        if task is None:
            return call.unresolved or Unknown("its task is not known", call.span)
        by_name = call.named or (call.sends is not None and call.sends.named)
        if by_name and isinstance(task.name, str) and self._names[task.name] > 1:
            return Unknown(f"several tasks are named `{task.name}`", call.span)
        return self.of_task(task)

    def of_task(self, task: Task) -> Signature | Unknown:
        """The parameters of a task, Unknown when its base class may exchange the arguments."""
        if not isinstance(task.signature, Unknown) and task.base is not None and self._exchanges(task.base):
            return Unknown("its base class may change the arguments", task.span)
        return task.signature

    def _exchanges(self, base: ClassSymbol) -> bool:
        """Whether a base class sends other arguments than it is given; ``__call__`` is part of the signature."""
        methods = (self.project.evaluator.classes.method(base, name) for name in ("apply_async", "delay"))
        return any(m is not None and not self.project.passes_arguments_on(m) for m in methods)

    def is_final(self, call: Call) -> bool:
        """Whether the task gets exactly what is written here."""
        if call.how in _FINAL:
            return True
        if is_immutable(call):
            return self.is_member(call)  # elsewhere its ``kwargs`` may still be filled
        return call.how in ("partial", "reference") and self._runs_on_commit(call)

    def _may_change(self, call: Call) -> bool:
        """Whether a signature that is kept in a variable may be given more arguments before it is sent."""
        holder: s.Expr | None = call.handed if call.node is None else call.node.func
        while isinstance(holder, (s.Attribute, s.Call)):
            holder = holder.value if isinstance(holder, s.Attribute) else holder.func
        if not isinstance(holder, s.Name) or call.scope is None or call.sends is None or call.sends.scope is None:
            return True
        if call.sends.node is None:
            return True
        if call.span.covers(call.sends.span):
            return False
        name = s.Name(holder.pos, holder.path.partition(".")[0])
        return Counting(call.scope, self.project.evaluator).may_change(name)

    def _runs_on_commit(self, call: Call) -> bool:
        """Whether a partial, or the bare ``task.delay``, is itself the callback of a transaction, which gets no
        arguments."""
        handed = call.node if call.how == "partial" else call.handed
        if handed is None or call.scope is None:
            return False
        use = self.project.uses.use(handed, call.scope)
        return (
            use is not None
            and use.kind == "argument"
            and isinstance(use.by, s.Call)
            and is_on_commit(last_name(use.by.func))
            and len(use.by.args) == 1  # a helper of the project may pass on what follows
            and all(k.name in ("using", "robust") for k in use.by.keywords)
        )

    def is_member(self, call: Call) -> bool:
        """Whether a signature stands in a canvas or a link, or gets there through a variable or a list."""
        return bool(CANVASES & set(call.context)) or (call.node is not None and id(call.node) in self._members)

    @cached_property
    def _members(self) -> set[int]:
        canvases = self.project.canvases
        parts = [fed.part for canvas in canvases.found for fed in canvas.given]
        parts += [callback.part for callback in canvases.callbacks]  # `link=` and `link_error=` too
        return {id(part.call.node) for part in parts if part.call is not None and part.call.node is not None}

    def is_sent(self, call: Call) -> bool:
        """Whether another call sends this signature, with arguments of its own in front."""
        return call.node is not None and id(call.node) in self._sent

    def finder(self, call: Call, why: Mismatch) -> Finder:
        """Who raises the TypeError when the arguments of a call do not fit."""
        if call.how in _DIRECT:
            return "caller"
        if call.how in ("send_task", "apply") or why.kind == "positional" or call.target is None:
            return "worker"
        if call.sends is not None and call.sends.named:
            return "unknown"  # checked where the caller has imported the task
        return self.caller_checks(call.target)

    def caller_checks(self, task: Task) -> Finder:
        """Whether ``delay`` and ``apply_async`` of a task compare the arguments with its parameters."""
        typing = task.option("typing").value
        if isinstance(typing, Known) and typing.value is False:
            return "worker"
        if task.kind == "class" or before_four(self.project) or (task.app is not None and task.app.lenient is True):
            return "worker"
        decorators = task.function.node.decorators if task.function is not None else ()
        places = [task.module.span(d.pos) for d in decorators]
        if task.decorator_span not in places:
            return "unknown"  # made by a call, or by another function in its stead
        beneath = decorators[places.index(task.decorator_span) + 1 :]
        if any(not (isinstance(d, s.Name) and d.path == "staticmethod") for d in beneath):
            return "worker"
        doubtful = task.wrapper is not None or task.unknown_options is not None or not isinstance(typing, Known)
        return "unknown" if doubtful or (task.app is not None and task.app.lenient is None) else "caller"

    def deferred(self) -> Iterator[tuple[Span, FunctionSymbol, Mismatch]]:
        """Functions of the project that send messages and are handed to ``on_commit(partial(function, ...))`` with
        arguments that they cannot take, each with the place of the partial."""
        senders = {id(c.function.node) for c in self.project.calls if c.function is not None}
        for module in self.project.modules_index.kept.values():
            if module.is_test or b"on_commit" not in self.project.tree.read(module.path):
                continue
            for scope in scopes(module, self.project.evaluator):
                for statement in statements(body_of(scope)):
                    for call in statement_calls(statement):
                        yield from self._deferred(call, scope, senders)

    def _deferred(
        self, call: s.Call, scope: Scope, senders: set[int]
    ) -> Iterator[tuple[Span, FunctionSymbol, Mismatch]]:
        made = call.args[0] if call.args and is_on_commit(last_name(call.func)) else None
        if not (isinstance(made, s.Call) and last_name(made.func) == "partial" and made.args):
            return
        value = self.project.evaluator.value(made.args[0], scope)
        function = value.symbol if isinstance(value, Reference) and value.owner is None else None
        if not isinstance(function, FunctionSymbol) or id(function.node) not in senders:
            return
        if function.node.decorators or function.owner is not None:
            return
        given = spread_arguments(made, 1, Counting(scope, self.project.evaluator))
        why = mismatch(signature_of(function.node, function.module, 0), given)
        if why is not None:
            yield scope.module.span(made.pos), function, why

    def of_entry(self, entry: ScheduleEntry) -> Verdict:
        """Whether what a schedule entry sends fits its task. Rows that code makes are not complete: what is not named
        there may be set later."""
        if entry.target is None or entry.how == "template":
            return Unknown("its task is not known", entry.span)
        for setting in self.project.setting("beat_scheduler", entry.app):
            if not (isinstance(setting.value, Known) and setting.value.value in SCHEDULERS):
                return Unknown("a scheduler of the project's own may add arguments", setting.span)
        signature = self.of_task(entry.target)
        if isinstance(signature, Unknown):
            return signature
        by_name = text_of(entry.task) is not None and isinstance(entry.target.name, str)
        if by_name and self._names[str(entry.target.name)] > 1:
            return Unknown(f"several tasks are named `{entry.target.name}`", entry.span)
        args, kwargs = entry.args, entry.kwargs
        if entry.how == "periodic_task":
            args, kwargs = (entry.target.declared[n].value if n in entry.target.declared else None for n in _PACKS)
        incomplete = isinstance(entry.value, Table) and entry.value.open
        incomplete |= entry.how == "PeriodicTask" and not entry.span.path.endswith(".json")
        return mismatch(signature, passed_as(args, kwargs, incomplete)) or Fits()

    @property
    def checked(self) -> tuple[int, int]:
        """How many calls were compared with a signature, and how many there are, test code apart. ``replace`` and a
        whole canvas have no arguments of their own: what they send is a call of its own."""
        calls = [c for c in self.project.calls if not c.in_tests and c.how != "replace"]
        calls = [c for c in calls if c.target is not None or c.unresolved is not None or c.named]
        return sum(not isinstance(self.check(c), Unknown) for c in calls), len(calls)


def described(task: str, why: Mismatch) -> str:
    """What does not fit, as a sentence about a task."""
    listed = ", ".join(f"`{name}`" for name in why.names)
    if why.kind == "missing":
        return f"`{task}` is called without {listed}"
    if why.kind == "excess":
        what = "no positional argument" if not why.taken else counted(why.taken, "positional argument")
        return f"`{task}` takes {what} and is given {why.given}"
    if why.kind == "unexpected":
        return f"`{task}` has no parameter {listed}"
    if why.kind == "twice":
        return f"{listed} of `{task}` {'is' if len(why.names) == 1 else 'are'} given by position and by name"
    return f"{listed} of `{task}` can only be given by position"


def counted(number: int, what: str) -> str:
    """``1 positional argument``, ``2 positional arguments``."""
    return f"{number} {what}{'' if number == 1 else 's'}"
