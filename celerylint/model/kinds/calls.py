"""Calls: constructors, conversions, methods, and what functions of the project return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import statements
from celerylint.knowledge.serializers import CLASS_KINDS, KINDS
from celerylint.knowledge.value_members import DICTS, ELEMENTWISE, FUNCTIONS, METHODS, PYDANTIC_MAKERS
from celerylint.model.callees import split
from celerylint.model.kinds.classes import is_exception
from celerylint.model.kinds.kind import ANY, Env, Kind, agreed
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Reference, Value
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.kinds.infer import Kinds

_MAKERS = {**FUNCTIONS, **KINDS}
LISTS_IN_PYTHON_2 = frozenset({"dict view", "map", "filter", "zip", "range"})
_SAME = frozenset({"copy.copy", "copy.deepcopy", "typing.cast", "max", "min", "next"})


class CallKinds:
    """Tells what calls give."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds

    def of(self, expr: s.Call, scope: Scope, env: Env) -> Kind | None:
        span = scope.module.span(expr.pos)
        callee = self._callee(expr, scope, env)
        if isinstance(callee, Reference):
            if isinstance(callee.symbol, ClassSymbol):
                return self._made(callee.symbol, expr, scope, span)
            if not isinstance(callee.symbol, FunctionSymbol):
                made = self._outside(callee.of.removeprefix("builtins."), expr, scope, env, span)
                if made is not None:
                    return made
        method = self._method(expr, scope, env, span)
        if method is not None:
            return method
        function = self.kinds.callees.function(expr, scope)
        if function is None or function.name == "__init__" or id(function.node) in self.kinds.tasks.by_function:
            return None
        return self.returned(function, span) if not function.node.is_async else None

    def awaited(self, expr: s.Expr, scope: Scope, env: Env) -> Kind | None:
        """What ``await`` gives for a call of an async function."""
        function = self.kinds.callees.function(expr, scope) if isinstance(expr, s.Call) else None
        if function is not None and function.node.is_async:
            return self.returned(function, scope.module.span(expr.pos))
        return None

    def _callee(self, expr: s.Call, scope: Scope, env: Env) -> Value | None:
        first = expr.func.path.split(".")[0] if isinstance(expr.func, s.Name) else None
        if first is not None and first in env.kinds:
            return None
        return self.kinds.evaluator.value(expr.func, scope)

    def _made(self, cls: ClassSymbol, expr: s.Call, scope: Scope, span: Span) -> Kind | None:
        """An instance of a class of the project."""
        if self.kinds.evaluator.classes.method(cls, "__new__") is not None:
            return None
        if self.kinds.tasks.of_value(Reference(cls.qualified, cls, span)) is not None:
            return None
        kind = self.kinds.of_class(cls, None, span)
        return kind.at(span, "made here") if kind is not None else None

    def _outside(self, of: str, expr: s.Call, scope: Scope, env: Env, span: Span) -> Kind | None:
        """What a function or class from elsewhere gives."""
        last = of.rpartition(".")[2]
        first = expr.args[0] if expr.args and not isinstance(expr.args[0], s.Starred) else None
        if of in _SAME:
            given = expr.args[-1] if of == "typing.cast" and expr.args else first
            kind = self.kinds.of(given, scope, env) if given is not None else None
            if of in ("max", "min", "next") and given is not None:
                return self.kinds.iterated(given, scope, env) if len(expr.args) == 1 else None
            return kind
        if of == "dict" or of == "collections.OrderedDict":
            return self._dict(of.rpartition(".")[2], expr, scope, env, span)
        if of == "collections.defaultdict" and first is not None:
            factory = self.kinds.evaluator.value(first, scope)
            name = _MAKERS.get(factory.of.removeprefix("builtins.")) if isinstance(factory, Reference) else None
            item = Kind(name, span, "its default factory") if name in ("set", "list", "dict") else None
            return Kind("defaultdict", span, "from `defaultdict()`").holding([(ANY, item)])
        name = _MAKERS.get(of)
        if name is None:
            raised = is_exception(of) or CLASS_KINDS.get(of) == "exception"
            return Kind("exception", span, "made here", what=last) if raised else None
        if self.kinds.python2 and name in LISTS_IN_PYTHON_2:
            return Kind("list", span, f"from `{last}()`")
        made = Kind(name, span, f"from `{last}()`", what=last if name in ("object", "file") else "")
        if of in ELEMENTWISE and first is not None:
            return made.holding([(ANY, self.kinds.iterated(first, scope, env))])
        if of == "enumerate" and first is not None:
            pair = Kind("tuple", span, "from `enumerate()`").holding(
                [("[0]", Kind("int", span, "its position")), ("[1]", self.kinds.iterated(first, scope, env))]
            )
            return made.holding([(ANY, pair)])
        return made

    def _dict(self, name: str, expr: s.Call, scope: Scope, env: Env, span: Span) -> Kind:
        found = Kind(name, span, f"from `{name}()`")
        for arg in expr.args[:1]:
            given = self.kinds.of(arg, scope, env)
            if given is not None and given.name == "enumerate" and name == "dict":
                found = Kind("int-keyed dict", span, "from `enumerate()`")
            elif given is not None and given.name in DICTS and name == "dict":
                found = Kind(given.name if given.name.endswith("keyed dict") else "dict", span, found.why)
                found = found.holding(given.inside)
        return found.holding((f'["{k.name}"]', self.kinds.of(k.value, scope, env)) for k in expr.keywords if k.name)

    def _method(self, expr: s.Call, scope: Scope, env: Env, span: Span) -> Kind | None:
        owner_expr, method = split(expr.func)
        if owner_expr is None:
            return None
        if method in PYDANTIC_MAKERS:
            cls = self.kinds.evaluator.value(owner_expr, scope)
            if isinstance(cls, Reference) and isinstance(cls.symbol, ClassSymbol):
                made = self._made(cls.symbol, expr, scope, span)
                return made if made is not None and made.name == "pydantic model" else None
        owner = self.kinds.of(owner_expr, scope, env)
        if owner is None:
            return None
        if owner.name in DICTS and method in ("get", "pop", "setdefault"):
            key = expr.args[0] if expr.args else None
            text = f'["{key.value}"]' if isinstance(key, s.Literal) and isinstance(key.value, str) else ANY
            return owner.element(text) if owner.inside else None
        if owner.name == "QueryDict" and method in ("get", "pop"):
            return Kind("str", span, "a value of the request")
        name = METHODS.get((owner.name, method))
        if name is None:
            return None
        if self.kinds.python2 and name in LISTS_IN_PYTHON_2:
            return Kind("list", span, f"from `.{method}()`", sure=owner.sure)
        what = owner.what if name == owner.name else ""
        kind = Kind(name, span, f"from `.{method}()`", owner.cls if what else None, what, owner.sure)
        if name == "dict view" and method == "values":
            return kind.holding([(ANY, owner.element())])
        return kind.holding(owner.inside) if name == owner.name else kind

    def returned(self, function: FunctionSymbol, span: Span) -> Kind | None:
        """What a function of the project returns: by all of its ``return`` statements, else by annotation."""
        why = f"from `{function.name}()`"
        if function.node.is_generator:
            managed = any(isinstance(d, s.Name) and "contextmanager" in d.path for d in function.node.decorators)
            return None if managed else Kind("generator", span, why, sure=not function.node.decorators)
        if any(not is_plain_decorator(d) for d in function.node.decorators):
            return None
        scope = self.kinds.evaluator.function_scope(function)
        values = [n.value for n in statements(function.statements) if isinstance(n, s.Return)]
        kinds = [self.kinds.of(value, scope) for value in values if value is not None]
        found = agreed(kinds) if kinds else None
        if found is None and function.node.returns is not None:
            found = self.kinds.annotations.of(function.node.returns, function.scope)
        return found.at(span, why) if found is not None else None


def is_plain_decorator(decorator: s.Expr) -> bool:
    """Whether a decorator leaves what the function returns as it is."""
    func = decorator.func if isinstance(decorator, s.Call) else decorator
    last = func.path.rpartition(".")[2] if isinstance(func, s.Name) else ""
    return last in (
        "staticmethod", "classmethod", "property", "cached_property", "lru_cache", "cache", "atomic", "override",
        "final", "abstractmethod", "setter", "wraps",
    )  # fmt: skip
