"""Arguments against a signature, as Python binds them: what a sender gives, and why the task cannot take it.

The check is the one that ``Task.apply_async`` makes in the caller (``celery/app/task.py``: it calls ``__header__``, a
function with the task's parameters and no body) and that the worker makes when it calls the task.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.model.apps import last_name
from celerylint.model.builtin_calls import text_of
from celerylint.model.entities import PACKED, Call, Parameter, Signature
from celerylint.model.lookup import Definition
from celerylint.model.scopes import Binding, Scope
from celerylint.model.values import Collection, Instance, Known, Reference, Table, Value

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator

_KEEPS = frozenset(
    {
        "apply", "apply_async", "apply_async_on_commit", "critical", "debug", "delay", "dict", "dumps", "error",
        "exception", "extend", "format", "info", "join", "len", "list", "log", "print", "repr", "retry", "s",
        "send_task", "si", "signature", "sorted", "str", "subtask", "tuple", "update", "warning",
    }
)  # fmt: skip
"""Calls that do not change a list or dict that they are given."""

_MAX_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Passed:
    """What a message carries: how many positional arguments and which keywords.

    ``more_args`` and ``more_kwargs`` tell that more may come (``*items``, ``**options``, a list built elsewhere).
    """

    positional: int = 0
    keywords: frozenset[str] = frozenset()
    more_args: bool = False
    more_kwargs: bool = False

    def after(self, leading: Passed) -> Passed:
        """These arguments with ``leading`` ones put before them, as ``Signature._merge`` and a chain do."""
        return Passed(
            leading.positional + self.positional,
            leading.keywords | self.keywords,
            leading.more_args or self.more_args,
            leading.more_kwargs or self.more_kwargs,
        )


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why arguments do not fit. ``kind``:

    ``missing``     required parameters (``names``) get nothing
    ``excess``      ``given`` positional arguments, where ``taken`` can be taken
    ``unexpected``  keywords (``names``) that no parameter has
    ``twice``       parameters (``names``) that are given by position and by keyword
    ``positional``  positional-only parameters (``names``) that are given by keyword: only the worker notices, because
                    the header that Celery checks in the caller has lost the ``/``
    """

    kind: Literal["missing", "excess", "unexpected", "twice", "positional"]
    names: tuple[str, ...] = ()
    given: int = 0
    taken: int = 0

    def __str__(self) -> str:
        listed = ", ".join(f"`{name}`" for name in self.names)
        if self.kind == "missing":
            return f"{listed} {'is' if len(self.names) == 1 else 'are'} missing"
        if self.kind == "excess":
            return f"it takes {_count(self.taken)} and is given {self.given}"
        if self.kind == "unexpected":
            return f"it has no parameter {listed}"
        if self.kind == "twice":
            return f"{listed} {'is' if len(self.names) == 1 else 'are'} given twice"
        return f"{listed} can only be given by position"


def _count(number: int) -> str:
    return f"{number} positional argument{'' if number == 1 else 's'}"


def mismatch(signature: Signature, given: Passed) -> Mismatch | None:
    """The first reason why ``given`` does not fit ``signature``; None when it does or when that is not known."""
    parameters = signature.parameters
    positional = [p for p in parameters if p.kind in ("positional", "positional-only")]
    takes_args = any(p.kind == "args" for p in parameters)
    takes_kwargs = any(p.kind == "kwargs" for p in parameters)
    if given.positional > len(positional) and not takes_args:
        return Mismatch("excess", given=given.positional, taken=len(positional))
    filled = positional[: given.positional]
    twice = [p.name for p in filled if p.name in given.keywords and p.kind == "positional"]
    if twice:
        return Mismatch("twice", tuple(twice))
    named = {p.name for p in parameters if p.kind in ("positional", "keyword-only")}
    only = {p.name for p in positional if p.kind == "positional-only"}
    unexpected = sorted(given.keywords - named - only)
    if unexpected and not takes_kwargs:
        return Mismatch("unexpected", tuple(unexpected))
    by_position = sorted(given.keywords & only)
    if by_position and not takes_kwargs:
        return Mismatch("positional", tuple(by_position))
    missing = [p.name for p in _required(parameters, positional[given.positional :]) if _lacks(p, given)]
    return Mismatch("missing", tuple(missing)) if missing else None


def _required(parameters: Iterable[Parameter], rest: list[Parameter]) -> list[Parameter]:
    return [p for p in (*rest, *(p for p in parameters if p.kind == "keyword-only")) if p.required]


def _lacks(parameter: Parameter, given: Passed) -> bool:
    """Whether a required parameter surely gets nothing."""
    if parameter.kind == "positional-only":
        return not given.more_args
    if parameter.name in given.keywords or given.more_kwargs:
        return False
    return parameter.kind == "keyword-only" or not given.more_args


def passed_by(call: Call, evaluator: Evaluator) -> Passed:
    """The task's own arguments of a call, those of the signature that it sends included."""
    if call.how == "reference":
        own = Passed()  # whoever calls it may pass something
    elif call.node is None or call.scope is None:
        own = Passed(more_args=True, more_kwargs=True)
    elif call.method in PACKED:
        own = _packed(call, call.node, Counting(call.scope, evaluator))
    else:
        own = spread_arguments(call.node, call.first, Counting(call.scope, evaluator))
    if call.sends is not None:
        under = passed_by(call.sends, evaluator)
        return under if is_immutable(call.sends) else under.after(own)
    return own


def is_immutable(signature: Call) -> bool:
    """Whether a signature takes no arguments from what comes before it."""
    immutable = signature.options.get("immutable")
    return signature.how == "si" or (isinstance(immutable, Known) and immutable.value is True)


def passed_as(args: Value | None, kwargs: Value | None, incomplete: bool = False) -> Passed:
    """What folded ``args`` and ``kwargs`` pass; ``incomplete``: what is None may be given elsewhere."""
    args, kwargs = _read(args), _read(kwargs)
    count, more_args = (0, incomplete) if args is None else (0, True)
    if isinstance(args, Collection):
        count, more_args = len(args.items), args.open
    names, more_kwargs = (set[str](), incomplete) if kwargs is None else (set[str](), True)
    if isinstance(kwargs, Table):
        names = {k.value for k, _ in kwargs.entries if isinstance(k, Known) and isinstance(k.value, str)}
        more_kwargs = kwargs.open or len(names) < len(kwargs.entries)
    return Passed(count, frozenset(names), more_args, more_kwargs)


def _read(value: Value | None) -> Value | None:
    """A value out of the JSON that a database row keeps it in; None for nothing."""
    if isinstance(value, Known) and value.value is None:
        return None
    if isinstance(value, Instance) and value.of == "json.dumps" and value.args:
        return value.args[0]
    return value


def packed_arguments(call: Call) -> tuple[s.Expr | None, s.Expr | None]:
    """``args`` and ``kwargs`` of a call that takes them so, as written; None for what it does not pass."""
    if call.node is None or call.method not in PACKED:
        return None, None
    named = {k.name: k.value for k in call.node.keywords if k.name in ("args", "kwargs")}
    positional = call.node.args[call.first :]
    args = named.get("args", positional[0] if positional else None)
    kwargs = named.get("kwargs", positional[1] if len(positional) > 1 else None)
    return args, kwargs


def spread_arguments(node: s.Call, skip: int, counting: Counting) -> Passed:
    """``delay(1, *rest, key=2, **options)``."""
    count, more_args = counting.elements(node.args[skip:])
    names: set[str] = set()
    more_kwargs = False
    for keyword in node.keywords:
        if keyword.name is not None:
            names.add(keyword.name)
        else:
            found, is_open = counting.keys(keyword.value)
            names |= found
            more_kwargs |= is_open
    return Passed(count, frozenset(names), more_args, more_kwargs)


def _packed(call: Call, node: s.Call, counting: Counting) -> Passed:
    """``apply_async(args=(1,), kwargs={"key": 2})``; what ``retry`` does not name stays as it was."""
    spread = any(k.name is None for k in node.keywords) or any(isinstance(a, s.Starred) for a in node.args)
    spread = spread or call.how == "retry"
    args, kwargs = packed_arguments(call)
    count, more_args = counting.items(args) if args is not None else (0, spread)
    names, more_kwargs = counting.keys(kwargs) if kwargs is not None else (set[str](), spread)
    return Passed(count, frozenset(names), more_args, more_kwargs)


class Counting:
    """How many elements a sequence has and which keys a dict, as far as that is sure where it is used: folding values
    forgives a list that may have been changed in between, counting must not."""

    def __init__(self, scope: Scope, evaluator: Evaluator, depth: int = 0) -> None:
        self.scope = scope
        self.evaluator = evaluator
        self.depth = depth

    def elements(self, items: Iterable[s.Expr]) -> tuple[int, bool]:
        """How many elements a display has at least, and whether there may be more."""
        count, is_open = 0, False
        for item in items:
            more, may_be_more = self.items(item.value) if isinstance(item, s.Starred) else (1, False)
            count += more
            is_open |= may_be_more
        return count, is_open

    def items(self, expr: s.Expr) -> tuple[int, bool]:
        """The same for any expression whose value is a list or tuple."""
        if isinstance(expr, s.Display) and expr.kind in ("list", "tuple"):
            return self.elements(expr.items)
        if isinstance(expr, s.Literal) and expr.value is None:
            return 0, False
        if isinstance(expr, s.Call) and self._is_builtin(expr.func, ("list", "tuple")) and not expr.keywords:
            return self.items(expr.args[0]) if expr.args else (0, False)
        if isinstance(expr, s.Binary) and expr.op == "+":
            (left, left_open), (right, right_open) = self.items(expr.left), self.items(expr.right)
            return left + right, left_open or right_open
        if isinstance(expr, s.Name):
            return self._named_items(expr)
        return 0, True

    def keys(self, expr: s.Expr) -> tuple[set[str], bool]:
        """The keys that a dict surely has, and whether there may be more."""
        if isinstance(expr, s.Literal) and expr.value is None:
            return set(), False
        names: set[str] = set()
        is_open = False
        if isinstance(expr, s.Mapping):
            for key, value in expr.items:
                found, more = self.keys(value) if key is None else self._key(key)
                names |= found
                is_open |= more
            return names, is_open
        if isinstance(expr, s.Call) and self._is_builtin(expr.func, ("dict",)):
            names = {k.name for k in expr.keywords if k.name is not None}
            for part in (*expr.args, *(k.value for k in expr.keywords if k.name is None)):
                found, more = self.keys(part)
                names |= found
                is_open |= more
            return names, is_open
        if isinstance(expr, s.Binary) and expr.op == "|":
            (left, left_open), (right, right_open) = self.keys(expr.left), self.keys(expr.right)
            return left | right, left_open or right_open
        if isinstance(expr, s.Name):
            return self._named_keys(expr)
        return set(), True

    def _key(self, key: s.Expr) -> tuple[set[str], bool]:
        text = text_of(self.evaluator.value(key, self.scope))
        return ({text}, False) if text is not None else (set(), True)

    def _is_builtin(self, func: s.Expr, names: tuple[str, ...]) -> bool:
        if not (isinstance(func, s.Name) and func.path in names):
            return False
        value = self.evaluator.value(func, self.scope)
        return isinstance(value, Reference) and value.of == func.path

    # Names

    def _given(self, name: s.Name) -> Value | None:
        """What the ``*args`` or ``**options`` of a name are, where one particular call of a function is followed."""
        scope: Scope | None = self.scope
        while scope is not None and name.path not in scope.table.by_name:
            scope = scope.parent
        once = scope is not None and scope.env is not None and len(scope.table.by_name[name.path]) == 1
        return scope.env.get(name.path) if once and scope is not None and scope.env is not None else None

    def _named_items(self, name: s.Name) -> tuple[int, bool]:
        given = self._given(name)
        if isinstance(given, Collection) and given.kind == "tuple":
            return len(given.items), given.open
        found = self._definition(name)
        if found is None or found.binding.value is None:
            return self._imported_items(name)
        inner = Counting(found.scope, self.evaluator, self.depth + 1)
        count, is_open = inner.items(found.binding.value)
        if not isinstance(found.binding.value, s.Display) or found.binding.value.kind != "tuple":
            is_open |= inner._escapes(name, found)
        for change in found.changes:
            more, may_be_more = inner._added_items(change) if found.surely(change) else (0, True)
            if more < 0:
                return 0, True
            count += more
            is_open |= may_be_more
        return count, is_open

    def _added_items(self, change: Binding) -> tuple[int, bool]:
        if change.kind == "augment" and change.value is not None:
            return self.items(change.value)
        call = change.value
        if change.kind == "mutate" and isinstance(call, s.Call):
            if change.detail in ("append", "insert"):
                return 1, False
            if change.detail == "extend" and call.args:
                return self.items(call.args[0])
            return -1, True
        return 0, change.kind != "setitem"

    def _imported_items(self, name: s.Name) -> tuple[int, bool]:
        """A constant of another module, or one that a class or module of the project has under a dotted name."""
        value = self.evaluator.value(name, self.scope) if self._is_global(name) else None
        if isinstance(value, Collection) and value.kind in ("list", "tuple"):
            return len(value.items), value.open
        return 0, True

    def _named_keys(self, name: s.Name) -> tuple[set[str], bool]:
        found = self._definition(name)
        if found is None or found.binding.value is None:
            value = self.evaluator.value(name, self.scope) if self._is_global(name) else None
            if not isinstance(value, Table):
                return set(), True
            keys = {k.value for k, _ in value.entries if isinstance(k, Known) and isinstance(k.value, str)}
            return keys, value.open or len(keys) < len(value.entries)
        inner = Counting(found.scope, self.evaluator, self.depth + 1)
        names, is_open = inner.keys(found.binding.value)
        is_open |= inner._escapes(name, found)
        for change in found.changes:
            if not found.surely(change):
                is_open = True
                if change.kind == "mutate" and change.detail not in ("update", "setdefault"):
                    return set(), True
                continue
            added, more = inner._added_keys(change)
            if added is None:
                return set(), True
            names |= added
            is_open |= more
        return names, is_open

    def _added_keys(self, change: Binding) -> tuple[set[str] | None, bool]:
        call = change.value
        if change.kind == "setitem" and isinstance(change.detail, s.Node):
            return self._key(change.detail)
        if change.kind == "augment" and call is not None:
            return self.keys(call)
        if change.kind == "mutate" and isinstance(call, s.Call) and change.detail == "update":
            names = {k.name for k in call.keywords if k.name is not None}
            found = [self.keys(part) for part in (*call.args, *(k.value for k in call.keywords if k.name is None))]
            return names.union(*(keys for keys, _ in found)), any(more for _, more in found)
        if change.kind == "mutate" and isinstance(call, s.Call) and change.detail == "setdefault" and call.args:
            return self._key(call.args[0])
        return None, True

    def _definition(self, name: s.Name) -> Definition | None:
        if "." in name.path or self.depth > _MAX_DEPTH:
            return None
        found = self.evaluator.definition(name.path, self.scope, name.pos)
        return found if found is not None and found.binding.kind == "assign" else None

    def _is_global(self, name: s.Name) -> bool:
        """Whether a name can only be what a module says: not a parameter, an attribute of ``self``, a loop variable."""
        first = name.path.partition(".")[0]
        current: Scope | None = self.scope
        while current is not None:
            bindings = current.table.by_name.get(first)
            if bindings or (current.env is not None and first in current.env):
                return all(b.kind == "import" for b in bindings or ()) and not (current.env and first in current.env)
            current = current.parent
        return False

    def may_change(self, name: s.Name) -> bool:
        """Whether what a variable holds may be changed between its definition and its use, other than by assignment."""
        found = self._definition(name)
        return found is None or bool(found.changes) or self._escapes(name, found)

    def _escapes(self, name: s.Name, found: Definition) -> bool:
        """Whether something else may change the list or dict that a variable holds: it has a second name, or other
        code is given it."""
        if found.scope.function is None:
            return False
        for statement in found.scope.function.statements:
            for node in below(statement):
                if isinstance(node, s.Assign) and isinstance(node.value, s.Name) and node.value.path == name.path:
                    return True
                if isinstance(node, s.Call) and last_name(node.func) not in _KEEPS:
                    given = (*node.args, *(k.value for k in node.keywords if k.name not in ("args", "kwargs")))
                    if any(isinstance(arg, s.Name) and arg.path == name.path for arg in given):
                        return True
        return False
