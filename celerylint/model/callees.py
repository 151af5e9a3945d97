"""What a call in a function body calls: a function of the project, or an outside thing by its dotted name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.knowledge.origins import origin
from celerylint.model.scopes import Scope, branch_at, reaching
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Instance, Known, Reference, Value

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator
    from celerylint.model.sorts import Sorts

_MANAGERS = {"manager": "objects", "query": "objects"}


class Callees:
    """Resolves callees."""

    def __init__(self, evaluator: Evaluator, sorts: Sorts) -> None:
        self.evaluator = evaluator
        self.sorts = sorts
        self._functions: dict[tuple[int, int], tuple[FunctionSymbol | None, s.Call, Scope]] = {}
        self._names: dict[tuple[int, int], tuple[str | None, s.Call, Scope]] = {}
        """What was found, by identity; the call and its scope are kept, so that theirs are not used again."""

    def function(self, call: s.Call, scope: Scope) -> FunctionSymbol | None:
        """The function of the project that a call runs, methods of the project's classes and models included."""
        known = self._functions.get((id(call), id(scope)))
        if known is None:
            known = self._functions[id(call), id(scope)] = (self._function(call, scope), call, scope)
        return known[0]

    def qualified(self, call: s.Call, scope: Scope) -> str | None:
        """The dotted name of the outside thing that is called ("requests.Session.post"); None when it is not known."""
        known = self._names.get((id(call), id(scope)))
        if known is None:
            known = self._names[id(call), id(scope)] = (self._qualified(call, scope), call, scope)
        return known[0]

    def _function(self, call: s.Call, scope: Scope) -> FunctionSymbol | None:
        value = self.evaluator.value(call.func, scope)
        if isinstance(value, Reference):
            if isinstance(value.symbol, FunctionSymbol):
                return value.symbol
            if isinstance(value.symbol, ClassSymbol):
                return self.evaluator.classes.method(value.symbol, "__init__")
        owner, method = split(call.func)
        if owner is None:
            return None
        if isinstance(owner, s.Name) and owner.path in ("self", "cls"):
            cls = scope.method_owner()
            return self.evaluator.classes.method(cls, method) if cls is not None else None
        sort = self.sorts.of(owner, scope)
        if sort is not None and sort.kind == "instance" and sort.model is not None:
            return self.evaluator.classes.method(sort.model, method)
        return None

    def _qualified(self, call: s.Call, scope: Scope) -> str | None:
        value = self.evaluator.value(call.func, scope)
        if (
            isinstance(value, Reference)
            and value.symbol is not None
            and not isinstance(value.symbol, (FunctionSymbol, ClassSymbol))
        ):
            return self._canonical(value)
        if isinstance(value, Reference) and value.owner is not None:
            made = self._maker(value.owner)
            return f"{made}.{value.of.rpartition('.')[2]}" if made else None
        owner, method = split(call.func)
        if owner is None:
            return None
        made = self._owner(owner, scope)
        return f"{made}.{method}" if made else None

    def _canonical(self, value: Reference) -> str:
        return value.of.removeprefix("builtins.").replace("()", "")

    def _owner(self, owner: s.Expr, scope: Scope) -> str | None:
        sort = self.sorts.of(owner, scope)
        if sort is not None and sort.family == "django" and sort.kind in _MANAGERS:
            return f"{sort.model_name if sort.model else 'Model'}.objects"
        if isinstance(owner, s.Name) and "." not in owner.path:
            made = self._with_or_param(owner, scope)
            if made is not None:
                return made
        value = self.evaluator.value(owner, scope)
        return self._maker(value)

    def _maker(self, value: Value) -> str | None:
        if isinstance(value, Instance):
            if isinstance(value.symbol, ClassSymbol):
                outside = self.evaluator.classes.outside_bases(value.symbol)
                return origin(outside[0]) if len(outside) == 1 and outside[0] not in ("object", "?") else None
            first = value.args[0] if value.args else None
            text = first.value if isinstance(first, Known) and isinstance(first.value, str) else None
            return origin(value.of.replace("()", ""), text)
        if isinstance(value, Reference) and value.symbol is not None:
            return self._canonical(value)
        return None

    def _with_or_param(self, owner: s.Name, scope: Scope) -> str | None:
        """``with requests.Session() as session`` and ``def push(client: httpx.Client)``."""
        function = scope.function
        bindings = scope.table.by_name.get(owner.path)
        if function is None or not bindings:
            return None
        found = reaching(bindings, owner.pos, branch_at(function.statements, owner.pos))
        for binding in found:
            if binding.kind == "with" and binding.value is not None:
                return self._maker(self.evaluator.value(binding.value, scope))
            if (
                binding.kind == "param"
                and isinstance(binding.node, s.Param)
                and isinstance(binding.node.annotation, s.Name)
            ):
                return self._maker(self.evaluator.name(binding.node.annotation.path, scope.parent or scope, None))
        return None


def split(func: s.Expr) -> tuple[s.Expr | None, str]:
    """The receiver and the method of what is called."""
    if isinstance(func, s.Attribute):
        return func.value, func.name
    if isinstance(func, s.Name) and "." in func.path:
        owner, _, method = func.path.rpartition(".")
        line, column, end_line, end_column = func.pos
        end = end_column - len(method) - 1 if line == end_line else end_column
        return s.Name((line, column, end_line, end), owner), method
    return None, func.path if isinstance(func, s.Name) else ""
