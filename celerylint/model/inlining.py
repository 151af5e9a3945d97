"""Calls: of the project's own small functions and classes, of builtins, of methods of folded values, and of whatever
reads the environment."""

from __future__ import annotations

from celerylint.facts import syntax as s
from celerylint.model import builtin_calls, environment, instances
from celerylint.model.call_keys import call_key
from celerylint.model.conditions import live_returns
from celerylint.model.folder import Folder
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, FunctionSymbol, ModuleSymbol
from celerylint.model.values import Choice, Collection, Instance, Known, Reference, Table, Unknown, Value, choice
from celerylint.sources.spans import Span

MAX_INLINE = 5
MAX_INLINED = 60
"""How many calls of the project's own functions one question may follow: settings need few, business code no end."""

_IMPORTERS = frozenset({"importlib.import_module", "django.utils.module_loading.import_string"})
_LAZY = frozenset({"Proxy", "SimpleLazyObject", "LocalProxy", "PromiseProxy"})
"""Proxies that stand for what a function returns (lazy_object_proxy, django, werkzeug, celery.local)."""


class Inlining(Folder):
    """Folds calls."""

    # Calls

    def _call(self, expr: s.Call, scope: Scope, span: Span) -> Value:
        method = self._method_call(expr, scope, span)
        if method is not None:
            return method
        callee = self.value(expr.func, scope)
        return self.call_value(callee, expr, scope, span)

    def _method_call(self, expr: s.Call, scope: Scope, span: Span) -> Value | None:
        """Methods of folded values: ``"a,b".split(",")``, ``table.get("x")``, ``env("X", default=1)``."""
        if isinstance(expr.func, s.Name) and "." in expr.func.path:
            owner_path, _, method = expr.func.path.rpartition(".")
            owner: Value = self.name(owner_path, scope, expr.func.pos)
        elif isinstance(expr.func, s.Attribute):
            owner, method = self.value(expr.func.value, scope), expr.func.name
        else:
            return None
        if method == "get" and expr.args and isinstance(expr.func, s.Name):
            owned = s.Name(expr.func.pos, expr.func.path[: -len(".get")])
            read = self.of_flask(owned, owner, self.value(expr.args[0], scope), span)
            if read is not None and not isinstance(read, Unknown):
                return read
        if isinstance(owner, (Known, Collection, Table, Choice)):
            args, keywords, is_open = self.arguments(expr, scope)
            if not is_open:
                return builtin_calls.method(owner, method, args, keywords, span)
        return None

    def call_value(self, callee: Value, expr: s.Call, scope: Scope, span: Span) -> Value:
        if isinstance(callee, Choice):
            return choice([self.call_value(option, expr, scope, span) for option in callee.options], span)
        args, keywords, is_open = self.arguments(expr, scope)
        if isinstance(callee, Instance) and callee.of == "functools.partial" and callee.args:
            made = callee.args[0]
            if isinstance(made, Reference) and isinstance(made.symbol, (FunctionSymbol, ClassSymbol)):
                args, keywords = [*callee.args[1:], *args], {**dict(callee.keywords), **keywords}
                is_open |= callee.open
                callee = made
        if isinstance(callee, Reference) and isinstance(callee.symbol, FunctionSymbol):
            return self._call_function(callee, callee.symbol, expr, args, keywords, is_open, span)
        from_environment = environment.read(callee, expr.func, args, keywords, span)
        if from_environment is not None:
            return from_environment
        if isinstance(callee, Reference):
            symbol = callee.symbol
            if isinstance(symbol, ClassSymbol):
                return self.classes.instantiate(symbol, args, keywords, span, is_open)
            imported = self._imported_by_name(callee.of, args, span)
            if imported is not None:
                return imported
            if callee.of.rpartition(".")[2] in _LAZY and len(args) == 1:
                made = args[0]
                if isinstance(made, Reference) and isinstance(made.symbol, FunctionSymbol):
                    return self.inline(made.symbol, [], {}, span)
            folded = builtin_calls.call(callee.of, args, keywords, span) if not is_open else None
            folded = folded or instances.declared_value(callee.of, args, keywords, span)
            if folded is not None:
                return folded
            return Instance(callee.of, symbol, tuple(args), tuple(keywords.items()), span, is_open, callee)
        if isinstance(callee, Instance) and isinstance(callee.symbol, ClassSymbol):
            called = self.classes.method(callee.symbol, "__call__")
            if called is not None:
                return self.inline(called, [callee, *args], keywords, span, is_open)
        if isinstance(callee, Instance):
            return Instance(f"{callee.of}()", None, tuple(args), tuple(keywords.items()), span, is_open, callee)
        reason = callee.reason if isinstance(callee, Unknown) else "the result of a call that is not known"
        return Unknown(reason, span)

    def _call_function(
        self,
        callee: Reference,
        function: FunctionSymbol,
        expr: s.Call,
        args: list[Value],
        keywords: dict[str, Value],
        is_open: bool,
        span: Span,
    ) -> Value:
        """A call of the project's own function; one that reads the environment gives its default."""
        own = [callee.owner, *args] if callee.owner is not None else args
        if not environment.makes_container(function.name):
            read = environment.read(callee, expr.func, args, keywords, span)
            if read is not None and not isinstance(read, Unknown):
                return read
        result = self.inline(function, own, keywords, span, is_open)
        if not isinstance(result, (Choice, Unknown)):
            return result
        bound = self.bind(function, own, keywords, span, is_open)
        default = next((bound[name] for name in environment.DEFAULTS if name in bound), None)
        if default is not None and not isinstance(default, Unknown):
            keywords = {**keywords, "default": default}
        read = environment.read(callee, expr.func, args, keywords, span)
        return read if read is not None and not (isinstance(read, Unknown) and isinstance(result, Choice)) else result

    def _imported_by_name(self, of: str, args: list[Value], span: Span) -> Value | None:
        """``import_module("shop.tasks")``, and Django's ``import_string("shop.tasks.charge")``, of modules here."""
        dotted = args[0].value if args and isinstance(args[0], Known) else None
        if not isinstance(dotted, str) or of not in _IMPORTERS:
            return None
        module = self.modules.module(
            dotted if of == "importlib.import_module" else dotted.rpartition(".")[0], span.path
        )
        if module is None:
            return None
        found = Reference(module.name, ModuleSymbol(module), span)
        return found if of == "importlib.import_module" else self.attribute(found, dotted.rpartition(".")[2], span)

    def arguments(self, expr: s.Call, scope: Scope) -> tuple[list[Value], dict[str, Value], bool]:
        """The arguments of a call, spreads opened where known; the flag tells that more may be passed."""
        args: list[Value] = []
        keywords: dict[str, Value] = {}
        is_open = False
        for arg in expr.args:
            value = self.value(arg, scope)
            if isinstance(arg, s.Starred):
                if isinstance(value, Collection) and not value.open:
                    args.extend(value.items)
                else:
                    is_open = True
            else:
                args.append(value)
        for keyword in expr.keywords:
            value = self.value(keyword.value, scope)
            if keyword.name is not None:
                keywords[keyword.name] = value
            elif isinstance(value, Table):
                for key, item in value.entries:
                    if isinstance(key, Known) and isinstance(key.value, str):
                        keywords[key.value] = item
                    else:
                        is_open = True
                is_open |= value.open
            else:
                is_open = True
        return args, keywords, is_open

    def inline(
        self, function: FunctionSymbol, args: list[Value], keywords: dict[str, Value], span: Span, is_open: bool = False
    ) -> Value:
        """What a call of the project's own function returns, all its ``return`` statements considered."""
        if self._inline >= MAX_INLINE or function.node.is_async or function.node.is_generator:
            return Unknown(f"the result of `{function.name}()`", span)
        self._inlined += 1
        if self._inlined > MAX_INLINED:
            self._cycles += 1
            return Unknown("it takes too long to fold", span)
        values = self._returned(function, args, keywords, span, is_open)
        if not values:
            return Unknown(f"`{function.name}()` returns nothing that is known", span)
        return choice(values, span)

    def _returned(
        self, function: FunctionSymbol, args: list[Value], keywords: dict[str, Value], span: Span, is_open: bool
    ) -> list[Value]:
        """What the ``return`` statements of a function give for one call; the same question is answered only once.

        Business code asks it over and over: who gets a client or a session calls the same small functions.
        """
        key = None if is_open else call_key(function, args, keywords, self._inline)
        if key is not None and key in self._answers:
            return self._answers[key]
        cycles = self._cycles
        env = self.bind(function, args, keywords, span, is_open)
        inner = self.function_scope(function, env)
        self._inline += 1
        try:
            returned = live_returns(function.statements, lambda test: self.holds(test, inner))
            values = [self.value(node.value, inner) for node in returned if node.value is not None]
        finally:
            self._inline -= 1
        if key is not None and cycles == self._cycles:
            self._answers[key] = values
        return values

    def bind(
        self, function: FunctionSymbol, args: list[Value], keywords: dict[str, Value], span: Span, is_open: bool = False
    ) -> dict[str, Value]:
        """What each parameter is worth for one call."""
        env: dict[str, Value] = {}
        rest = dict(keywords)
        positional = list(args)
        for param in function.node.params:
            if param.kind == "args":
                env[param.name] = Collection("tuple", tuple(positional), span, is_open)
                positional = []
            elif param.kind == "kwargs":
                entries = tuple((Known(k, v.span), v) for k, v in rest.items())
                env[param.name] = Table(entries, span, is_open)
            elif positional and param.kind != "keyword-only":
                env[param.name] = positional.pop(0)
            elif param.name in rest:
                env[param.name] = rest.pop(param.name)
            elif param.default is not None and not is_open:
                env[param.name] = self.value(param.default, function.scope)
            else:
                env[param.name] = Unknown(f"parameter `{param.name}`", span)
        return env
