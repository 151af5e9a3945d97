"""What a callback reads only when the commit runs it: variables of loops, and keys of rows that are deleted by then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import below, blocks, statements
from celerylint.model.callees import split
from celerylint.model.commits import Hook
from celerylint.model.functions import Event
from celerylint.model.rows import precedes
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Instance, Known
from celerylint.sources.spans import Pos, Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

_DELETING = ("post_delete", "pre_delete")


@dataclass(frozen=True, slots=True)
class LateRead:
    """``name`` as it is read at the commit, ``pos`` where; ``why``: loop (it has its last value by then) or deleted
    (the row has lost its key). ``source`` is the loop, or what deletes. ``waits`` tells that a transaction around it
    is seen, so that the callback surely waits; ``outer`` is one around the deletion that a receiver hears of. (Django's
    own is over before it takes the key away: ``django/db/models/deletion.py: Collector.delete``.)"""

    name: str
    pos: Pos
    why: str
    source: Pos
    waits: bool
    outer: tuple[Span, str] | None = None


def late_reads(hook: Hook, project: Project) -> Iterator[LateRead]:
    """The first late read of each kind in a callback."""
    function = hook.scope.function
    callback = _callback(hook, project)
    if function is None or hook.event is None or callback is None or hook.event.deferred:
        return
    free = list(_free(callback))
    looped = _looped(hook, hook.event, function, free, project)
    if looped is not None:
        yield looped
        return
    deleted = _deleted(hook, hook.event, function, free, project)
    if deleted is not None:
        yield deleted


def _callback(hook: Hook, project: Project) -> s.Lambda | s.Function | None:
    """The lambda, or the function defined on the spot, that is handed over."""
    if isinstance(hook.callback, s.Lambda):
        return hook.callback
    if isinstance(hook.callback, s.Name) and "." not in hook.callback.path:
        for binding in hook.scope.table.by_name.get(hook.callback.path, ()):
            if binding.kind == "function" and isinstance(binding.node, s.Function):
                return binding.node
    return None


def _free(callback: s.Lambda | s.Function) -> Iterator[s.Name]:
    """The names that a callback reads from around it; defaults of parameters are read when it is made."""
    own = {p.name for p in callback.params}
    if isinstance(callback, s.Lambda):
        nodes: Iterator[s.Node] = below(callback.body)
    else:
        body = callback.body or ()
        for statement in statements(body):
            if isinstance(statement, s.Assign):
                own |= {t.path for t in statement.targets if isinstance(t, s.Name)}
            elif isinstance(statement, s.For) and isinstance(statement.target, s.Name):
                own.add(statement.target.path)
        nodes = (n for statement in body for n in below(statement))
    for node in nodes:
        if isinstance(node, s.Name) and node.path.partition(".")[0] not in own:
            yield node


# Loops


def _looped(
    hook: Hook, event: Event, function: FunctionSymbol, free: list[s.Name], project: Project
) -> LateRead | None:
    comprehension = next(
        (n for n in project.uses.around(hook.node, hook.scope) if isinstance(n, s.Comprehension)), None
    )
    if comprehension is not None:
        names = {n.path for c in comprehension.clauses for n in below(c.target) if isinstance(n, s.Name)}
        read = next((n for n in free if n.path.partition(".")[0] in names), None)
        if read is not None:
            return LateRead(
                read.path, read.pos, "loop", comprehension.pos, _waits(hook, event, comprehension.pos, project)
            )
    for loop in reversed(event.loops):
        if _leaves(loop, event.statement):
            continue
        names = _bound_in(loop)
        if isinstance(hook.callback, s.Name):
            names.discard(hook.callback.path)
        read = next((n for n in free if n.path.partition(".")[0] in names), None)
        if read is not None and not _inside_block(hook, event, loop, project):
            return LateRead(read.path, read.pos, "loop", loop.pos, _waits(hook, event, loop.pos, project))
    return None


def _bound_in(loop: s.For | s.While) -> set[str]:
    """The variables that have another value in each pass of a loop."""
    names: set[str] = set()
    targets: list[s.Expr] = [loop.target] if isinstance(loop, s.For) else []
    for statement in statements(loop.body):
        if isinstance(statement, s.Assign) and statement.value is not None:
            targets.extend(statement.targets)
        elif isinstance(statement, s.For):
            targets.append(statement.target)
        elif isinstance(statement, s.With):
            targets.extend(bound for _, bound in statement.items if bound is not None)
    for target in targets:
        names |= {n.path for n in below(target) if isinstance(n, s.Name) and "." not in n.path}
    return names


def _leaves(loop: s.For | s.While, statement: s.Stmt) -> bool:
    """Whether the loop is left right after a statement of its body, so that there is no next value."""

    def search(body: tuple[s.Stmt, ...]) -> bool | None:
        for index, node in enumerate(body):
            if node is statement:
                return _ends(body[index + 1 :])
            for _, nested in blocks(node):
                found = search(nested)
                if found is not None:
                    return found or _ends(body[index + 1 :])
        return None

    return bool(search(loop.body))


def _ends(body: tuple[s.Stmt, ...]) -> bool:
    return any(isinstance(n, (s.Return, s.Raise)) or (isinstance(n, s.Plain) and n.what == "break") for n in body)


def _inside_block(hook: Hook, event: Event, loop: s.For | s.While, project: Project) -> bool:
    """Whether each pass of the loop is a transaction of its own, whose commit still sees the pass's values."""
    atomic = project.transactions.atomic
    openings = atomic.blocks(event.withs, hook.scope)
    inside = [o for o in openings if o.span.pos[:2] >= loop.pos[:2]]
    outside = [o for o in openings if o.span.pos[:2] < loop.pos[:2]]
    function = hook.scope.function
    decorated = function is not None and atomic.decorating(function) is not None
    return bool(inside) and not outside and not decorated


def _waits(hook: Hook, event: Event, loop: Pos, project: Project) -> bool:
    function = hook.scope.function
    assert function is not None
    atomic = project.transactions.atomic
    if atomic.decorating(function) is not None:
        return True
    return any(o.span.pos[:2] < loop[:2] for o in atomic.blocks(event.withs, hook.scope))


# Deleted rows


def _deleted(
    hook: Hook, event: Event, function: FunctionSymbol, free: list[s.Name], project: Project
) -> LateRead | None:
    if isinstance(hook.callback, s.Name) and not free:
        return None
    for reception in project.transactions.reaches.receptions(function):
        if reception.signal in _DELETING and reception.about_rows:
            key = _key(reception.model, project)
            row = next((p.name for p in function.node.params if p.name == "instance"), None)
            read = next((n for n in free if row is not None and n.path in (f"{row}.pk", f"{row}.{key}")), None)
            if read is not None:
                outer = _outer(reception.model, project)
                return LateRead(read.path, read.pos, "deleted", reception.span.pos, False, outer)
    for other in function.body.calls:
        owner, method = split(other.call.func)
        if method != "delete" or other.deferred or not isinstance(owner, s.Name) or other.call.args:
            continue
        sort = project.sorts.of(owner, hook.scope)
        if sort is None or sort.kind != "instance" or sort.family != "django":
            continue
        read = next(
            (n for n in free if n.path in (f"{owner.path}.pk", f"{owner.path}.{_key(sort.model, project)}")), None
        )
        blocks_around = [w for w in event.withs if w in other.withs]
        together = project.transactions.atomic.blocks(tuple(blocks_around), hook.scope)
        if (
            read is not None
            and (together or project.transactions.atomic.decorating(function))
            and _one_pass(event, other)
        ):
            return LateRead(read.path, read.pos, "deleted", other.span.pos, True)
    return None


def _outer(model: ClassSymbol | None, project: Project) -> tuple[Span, str] | None:
    """A transaction in which rows of a model are deleted, other than the one of the deletion itself."""
    reaches = project.transactions.reaches
    if reaches.requests.atomic_requests is not None:
        return reaches.requests.atomic_requests, "each request is one transaction"
    return reaches.saved.deleted(model) if model is not None else None


def _one_pass(one: Event, other: Event) -> bool:
    return precedes(one, other) or precedes(other, one)


def _key(model: ClassSymbol | None, project: Project) -> str:
    """The attribute that is a model's primary key."""
    if model is not None:
        for cls in project.evaluator.classes.lineage(model)[0]:
            for node in cls.node.body:
                if isinstance(node, s.Assign) and node.value is not None and isinstance(node.targets[0], s.Name):
                    value = project.evaluator.classes.own(cls, node.targets[0].path)
                    given = value.keyword("primary_key") if isinstance(value, Instance) else None
                    if isinstance(given, Known) and given.value is True:
                        return node.targets[0].path
    return "id"
