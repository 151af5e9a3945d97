"""Which rows a message speaks of, and which rows a function has written before it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from celerylint.facts import syntax as s
from celerylint.facts.walk import children
from celerylint.knowledge.transactions import LINKS, WRITES
from celerylint.model.callees import Callees, split
from celerylint.model.functions import Event
from celerylint.model.scopes import Binding, Scope, branch_at, excludes, reaching
from celerylint.model.symbols import FunctionSymbol
from celerylint.sources.spans import Pos

_MAX_STEPS = 4
_MAX_DEPTH = 2
MAKERS = frozenset({"create", "acreate", "get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create",
                     "bulk_create", "abulk_create"})  # fmt: skip
_HANDED = frozenset({"save", "asave", "form_valid", "perform_create", "perform_update", "save_model", "save_form"})
_NO_ROWS = frozenset({"request", "validated_data"})
_ORM = ("instance", "instances", "manager", "query", "pair")


@dataclass(frozen=True, slots=True)
class Write:
    """A row (a variable or dotted path, "self" for a model's own) that a function writes, and where.

    ``doubtful`` is what would have to be looked into before it is sure that something is written: the method of an
    object-relational mapper, a function that makes rows.
    """

    row: str
    event: Event
    doubtful: s.Call | None = None


class Rows:
    """Follows rows through the variables of one function."""

    def __init__(self, callees: Callees) -> None:
        self.callees = callees
        self.evaluator = callees.evaluator
        self.sorts = callees.sorts
        self._written: dict[int, list[Write]] = {}
        self._writes: dict[int, bool] = {}
        self._sure: dict[int, bool] = {}

    # What a message carries

    def carried(self, expr: s.Node, scope: Scope) -> dict[str, int]:
        """The dotted paths that an expression reads, those behind local variables included, each with the number of
        variables between."""
        found: dict[str, int] = {}
        waiting: list[tuple[s.Node, int]] = [(expr, 0)]
        while waiting:
            node, depth = waiting.pop(0)
            for name in _read(node):
                if name.path in found:
                    continue
                found[name.path] = depth
                if depth < _MAX_STEPS:
                    waiting.extend((value, depth + 1) for value in self.behind(name, scope))
        return found

    def handed(self, expr: s.Node, scope: Scope) -> dict[str, int]:
        """The dotted paths that an argument is: a row or something of it, under another name at most once."""
        if not isinstance(expr, s.Name):
            return {}
        found = {expr.path: 0}
        for value in self.behind(expr, scope):
            if isinstance(value, s.Name):
                found.setdefault(value.path, 1)
        return found

    def behind(self, name: s.Name, scope: Scope) -> Iterator[s.Node]:
        """The expressions that gave a local variable its value, or put something into it."""
        first = name.path.partition(".")[0]
        bindings = scope.table.by_name.get(first, ())
        function = scope.function
        if function is None or not bindings:
            return
        branch = branch_at(function.statements, name.pos) if any(b.branch for b in bindings) else ()
        for binding in reaching(list(bindings), name.pos, branch):
            if binding.kind in ("assign", "unpack", "loop", "with") and binding.value is not None:
                yield binding.value
        for binding in bindings:
            if binding.kind in ("setitem", "mutate") and binding.value is not None and _before(binding, name.pos):
                yield binding.value

    # What was written before

    def written(self, function: FunctionSymbol, paths: dict[str, int], before: Event | None = None) -> list[Write]:
        """The rows among ``paths`` that a function writes, in order: all of them, or those that may have been written
        when an event of the function happens."""
        key = id(function.node)
        scope = self.evaluator.function_scope(function)
        if key not in self._written:
            self._written[key] = [w for e in function.body.events if not e.deferred for w in self._by(e, scope)]
        wanted = (w for w in self._written[key] if matching(paths, w.row) is not None)
        return [w for w in wanted if (before is None or precedes(w.event, before)) and self._holds(w, scope)]

    def _holds(self, write: Write, scope: Scope) -> bool:
        call = write.doubtful
        if call is None:
            return True
        if id(call) not in self._sure:
            self._sure[id(call)] = self._is_sure(call, write.row, scope)
        return self._sure[id(call)]

    def _is_sure(self, call: s.Call, row: str, scope: Scope) -> bool:
        owner, method = split(call.func)
        if owner is not None and method in LINKS:
            return row == "self" or self._is_instance(s.Name(owner.pos, row), scope)
        if owner is not None and method in WRITES:
            return self.is_orm(owner, method, scope)
        called = self.callees.function(call, scope)
        return called is not None and called.name != "__init__" and self.writes(called, 1)

    def writes(self, function: FunctionSymbol, depth: int = 0) -> bool:
        """Whether a function of the project writes a row, itself or through others."""
        key = id(function.node)
        if key not in self._writes:
            self._writes[key] = False
            scope = self.evaluator.function_scope(function)
            self._writes[key] = any(self._is_write(e, scope, depth) for e in function.body.calls if not e.deferred)
        return self._writes[key]

    def _is_write(self, event: Event, scope: Scope, depth: int = 0) -> bool:
        owner, method = split(event.call.func)
        if owner is not None and method in WRITES and self.is_orm(owner, method, scope):
            return True
        if method in ("add", "add_all", "flush") and owner is not None and is_session(owner):
            return True
        if depth < _MAX_DEPTH:
            called = self.callees.function(event.call, scope)
            return called is not None and self.writes(called, depth + 1)
        return False

    def _by(self, event: Event, scope: Scope) -> Iterator[Write]:
        if event.kind == "assign":
            yield from self._made(event)
        if event.kind != "call":
            return
        call = event.call
        owner, method = split(call.func)
        if isinstance(owner, s.Call) and isinstance(owner.func, s.Name) and owner.func.path == "super":
            if method in ("save", "asave", "delete", "adelete", "save_base"):
                yield Write("self", event)
            elif method in _HANDED or method in ("create", "update"):
                yield from (Write(row, event) for row in ("self.object", "self.instance"))
                yield from (
                    Write(path, event)
                    for arg in call.args
                    if isinstance(arg, s.Name) and arg.path not in _NO_ROWS
                    for path in (arg.path, f"{arg.path}.instance")
                )
            return
        if owner is None:
            return
        if method in ("add", "add_all", "delete", "merge") and is_session(owner):
            yield from (Write(arg.path, event) for arg in call.args if isinstance(arg, s.Name))
        elif method in ("save", "asave", "delete", "adelete") and isinstance(owner, s.Name):
            if _is_put_off(call):
                return
            yield Write(owner.path, event)
            yield Write(f"{owner.path}.instance", event)
        elif method in WRITES:
            yield from (Write(path, event, call) for path in _selected(owner))
        elif method in LINKS and isinstance(owner, s.Name) and owner.path.count(".") == 1:
            yield Write(owner.path.partition(".")[0], event, call)

    def _made(self, event: Event) -> Iterator[Write]:
        """The variables that hold a row that was made in the same statement."""
        statement = event.node
        if not isinstance(statement, s.Assign) or statement.value is None or statement.op != "=":
            return
        value = statement.value.value if isinstance(statement.value, s.Await) else statement.value
        if not isinstance(value, s.Call) or _is_put_off(value):
            return
        owner, method = split(value.func)
        saved = owner is not None and method in ("save", "asave")
        if isinstance(owner, s.Call) and isinstance(owner.func, s.Name) and owner.func.path == "super":
            saved = saved or method in ("create", "update", "acreate")  # of a serializer or a manager
        if owner is not None and method in WRITES and method not in MAKERS and not saved:
            return
        for target in statement.targets:
            first = target.items[0] if isinstance(target, s.Display) and target.items else target
            if isinstance(first, s.Name):
                yield Write(first.path, event, None if saved else value)

    def is_orm(self, owner: s.Expr, method: str, scope: Scope) -> bool:
        """Whether what a method that sounds like writing is called on belongs to an object-relational mapper."""
        sort = self.sorts.of(owner, scope)
        if sort is not None:
            return sort.kind in _ORM and sort.family != "sqlalchemy"
        if method in ("save", "asave"):
            return isinstance(owner, s.Name) and owner.path != "self"
        if isinstance(owner, s.Call) and split(owner.func)[1] in ("filter", "exclude", "all", "select_for_update"):
            return True
        if not isinstance(owner, s.Name):
            return False
        parts = owner.path.split(".")
        if parts[-1] in ("queryset", "qs"):
            return True
        if any(part == "objects" or part.endswith(("_set", "_objects", "_manager")) for part in parts):
            return True
        if len(parts) > 1 and method in MAKERS:  # a related manager whose name is given at the other end
            return self._is_instance(s.Name(owner.pos, parts[0]), scope)
        return False

    def _is_instance(self, name: s.Name, scope: Scope) -> bool:
        sort = self.sorts.of(name, scope)
        return sort is not None and sort.kind == "instance"


def matching(paths: dict[str, int], row: str) -> int | None:
    """How directly ``paths`` lead to a row or something of it (0: by its own name); None when they do not."""
    found = [depth for path, depth in paths.items() if path == row or path.startswith(row + ".")]
    return min(found) if found else None


def nearest(paths: dict[str, int], rows: Iterable[str]) -> str:
    """The row among ``rows`` that ``paths`` lead to most directly, "" when they lead to none."""
    found = [(depth, row) for row in rows if (depth := matching(paths, row)) is not None]
    return min(found)[1] if found else ""


def precedes(one: Event, other: Event) -> bool:
    """Whether one event of a body can have happened when the other happens."""
    if one.node is other.node:
        return False
    return one.span.pos[:2] < other.span.pos[:2] and not excludes(one.branch, other.branch)


def _is_put_off(call: s.Call) -> bool:
    """``form.save(commit=False)``."""
    return any(k.name == "commit" and isinstance(k.value, s.Literal) and not k.value.value for k in call.keywords)


def _before(binding: Binding, pos: Pos) -> bool:
    return binding.pos[:2] <= pos[:2]


def _read(node: s.Node) -> Iterator[s.Name]:
    """The names that an expression reads; the function of a call counts only for what its method is called on."""
    if isinstance(node, s.Call):
        if isinstance(node.func, s.Name):
            owner, _ = split(node.func)
            if isinstance(owner, s.Name):
                yield owner
        elif isinstance(node.func, s.Attribute):
            yield from _read(node.func.value)
        for arg in node.args:
            yield from _read(arg)
        for keyword in node.keywords:
            yield from _read(keyword.value)
        return
    if isinstance(node, s.Name):
        yield node
        return
    if isinstance(node, (s.Lambda, s.Function, s.Class)):
        return
    for child in children(node):
        yield from _read(child)


def _selected(owner: s.Expr) -> Iterator[str]:
    """``queryset`` in ``queryset.update()``, ``order`` in ``Order.objects.filter(pk=order.pk).update()``."""
    current = owner
    while isinstance(current, s.Call):
        for keyword in current.keywords:
            if keyword.name in ("pk", "id") and isinstance(keyword.value, s.Name):
                yield keyword.value.path.removesuffix(".pk").removesuffix(".id")
        inner, _ = split(current.func)
        if inner is None:
            return
        current = inner
    if isinstance(current, s.Name) and not current.path[:1].isupper():
        yield current.path


def session_method(node: s.Node) -> str:
    """The method of a session that a call is (``db.session.flush()``), "" for any other node."""
    owner, method = split(node.func) if isinstance(node, s.Call) else (None, "")
    return method if is_session(owner) else ""


def is_session(owner: s.Expr | None) -> bool:
    """Whether what a method is called on is, by its name, a SQLAlchemy session."""
    path = owner.path if isinstance(owner, s.Name) else ""
    return path.rpartition(".")[2].lower().endswith("session")
