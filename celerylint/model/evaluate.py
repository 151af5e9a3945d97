"""Fold expressions: literals, arithmetic, names across modules, class attributes, containers and their mutations,
environment defaults, and the project's own small functions.

What cannot be folded becomes ``Unknown`` with the reason; nothing is ever executed.
"""

from __future__ import annotations

from collections.abc import Callable

from celerylint.facts import syntax as s
from celerylint.model import arithmetic, builtin_calls, environment, instances
from celerylint.model.classes import Classes
from celerylint.model.conditions import compare, is_simple, live_returns, truth
from celerylint.model.modules import Module, Modules
from celerylint.model.scopes import (
    Binding,
    Bindings,
    Branch,
    Scope,
    branch_at,
    collect,
    loops_around,
    mutations,
    reaching,
)
from celerylint.model.symbols import ClassSymbol, External, FunctionSymbol, ModuleSymbol, Symbol
from celerylint.model.values import Choice, Collection, Instance, Known, Reference, Table, Unknown, Value, alternatives
from celerylint.sources.spans import Pos, Span

MAX_DEPTH = 60
MAX_INLINE = 5
MAX_INLINED = 60
"""How many calls of the project's own functions one question may follow: settings need few, business code has no
end."""
MAX_PASSES = 200
"""How many elements of a loop or comprehension are followed one by one."""
_FEW = 20
MAX_STEPS = 4_000
"""How many names and calls one question may fold before the answer is Unknown; real settings need some hundreds."""

_LAZY = frozenset({"Proxy", "SimpleLazyObject", "LocalProxy", "PromiseProxy"})
"""Proxies that stand for what a function returns (lazy_object_proxy, django, werkzeug, celery.local)."""

REGISTERED = "celery.app.tasks"
"""What an element of ``app.tasks`` is an instance of; its argument is the task's name."""

BUILTINS = frozenset(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)


class Evaluator:
    """Answers what an expression is worth where it stands."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self.classes = Classes(self)
        self.django_setting: Callable[[str, Span], Value] | None = None
        self.task_name: Callable[[Value], str | None] | None = None
        self.flask_setting: Callable[[str, Span], Value | None] | None = None
        self._active: set[tuple[int, int]] = set()
        self._depth = 0
        self._cycles = 0
        self._steps = 0
        self._inline = self._inlined = 0
        self._symbols: dict[int, Symbol] = {}
        self._scopes: dict[int, Scope] = {}
        self._lambdas: dict[int, tuple[s.Lambda, s.Function]] = {}

    # Entry points

    def value(self, expr: s.Expr, scope: Scope) -> Value:
        """What ``expr`` is worth in ``scope``."""
        if isinstance(expr, s.Literal):
            return Known(expr.value, scope.module.span(expr.pos))
        known = scope.memo.get(id(expr))
        if known is not None:
            return known[1]
        key = (id(expr), id(scope))
        span = scope.module.span(expr.pos)
        if self._depth == 0:
            self._steps = self._inlined = 0
        self._steps += 1
        if self._steps > MAX_STEPS:
            self._cycles += 1
            return Unknown("it takes too long to fold", span)
        if key in self._active or self._depth > MAX_DEPTH:
            self._cycles += 1
            return Unknown("it refers to itself", span)
        self._active.add(key)
        self._depth += 1
        cycles = self._cycles
        try:
            result = self._value(expr, scope, span)
        except RecursionError:
            self._cycles += 1
            result = Unknown("nested too deeply to be folded", span)
        finally:
            self._active.discard(key)
            self._depth -= 1
        if cycles == self._cycles:  # what a cycle cut short is worth more when asked for elsewhere
            scope.memo[id(expr)] = (expr, result)
        return result

    def function_scope(self, function: FunctionSymbol, env: dict[str, Value] | None = None) -> Scope:
        """The scope inside a function; with ``env`` for one call of it."""
        shared = self._scopes.get(id(function.node))
        if shared is None:
            table = collect(function.statements, function.node.params)
            shared = Scope(function.module, table, function.scope, function, function.scope.cls)
            self._scopes[id(function.node)] = shared
        if env is None and shared.parent is function.scope:
            return shared
        return Scope(function.module, shared.table, function.scope, function, function.scope.cls, env)

    def class_scope(self, cls: ClassSymbol) -> Scope:
        known = self._scopes.get(id(cls.node))
        if known is None:
            known = Scope(cls.module, collect(cls.node.body), cls.scope, None, cls)
            self._scopes[id(cls.node)] = known
        return known

    def function_symbol(self, node: s.Function, scope: Scope) -> FunctionSymbol:
        owner = scope.cls if scope.function is None else None
        if _has_env(scope):  # a closure of one particular call
            return FunctionSymbol(node, scope.module, scope, owner)
        found = self._symbols.get(id(node))
        if not isinstance(found, FunctionSymbol):
            found = FunctionSymbol(node, scope.module, scope, owner)
            self._symbols[id(node)] = found
        return found

    def _lambda(self, expr: s.Lambda) -> s.Function:
        """A lambda as the function it is short for."""
        known = self._lambdas.get(id(expr))
        if known is None:
            body = (s.Return(expr.body.pos, expr.body),)
            node = s.Function(
                expr.pos, "<lambda>", "<lambda>", expr.params, None, (), body, False, False, expr.pos, expr.pos
            )
            known = self._lambdas[id(expr)] = (expr, node)
        return known[1]

    def class_symbol(self, node: s.Class, scope: Scope) -> ClassSymbol:
        found = self._symbols.get(id(node))
        if not isinstance(found, ClassSymbol):
            found = ClassSymbol(node, scope.module, scope)
            self._symbols[id(node)] = found
        return found

    # Expressions

    def _value(self, expr: s.Expr, scope: Scope, span: Span) -> Value:
        if isinstance(expr, s.Name):
            return self.name(expr.path, scope, expr.pos)
        if isinstance(expr, s.Call):
            return self._call(expr, scope, span)
        if isinstance(expr, s.Display):
            return self._display(expr, scope, span)
        if isinstance(expr, s.Mapping):
            return self._mapping(expr, scope, span)
        if isinstance(expr, s.Attribute):
            return self.attribute(self.value(expr.value, scope), expr.name, span)
        if isinstance(expr, s.Binary):
            return arithmetic.binary(expr.op, self.value(expr.left, scope), self.value(expr.right, scope), span)
        if isinstance(expr, s.Unary):
            return arithmetic.unary(expr.op, self.value(expr.operand, scope), span)
        if isinstance(expr, s.Boolean):
            return arithmetic.boolean(expr.op, [self.value(o, scope) for o in expr.operands], span)
        if isinstance(expr, s.Conditional):
            taken = self.holds(expr.test, scope)
            if taken is not None:
                return self.value(expr.body if taken else expr.orelse, scope)
            return choice([self.value(expr.body, scope), self.value(expr.orelse, scope)], span)
        if isinstance(expr, s.Comparison) and len(expr.ops) == 1:
            return compare(expr.ops[0], self.value(expr.left, scope), self.value(expr.others[0], scope), span)
        if isinstance(expr, s.Subscript):
            container, index = self.value(expr.value, scope), self.value(expr.index, scope)
            return self._from_flask(expr.value, container, index, span) or self._subscript(container, index, span)
        if isinstance(expr, s.Format):
            return arithmetic.join([self.value(part, scope) for part in expr.parts], span)
        if isinstance(expr, s.Walrus):
            return self.value(expr.value, scope)
        if isinstance(expr, s.Comprehension):
            return self._comprehension(expr, scope, span)
        if isinstance(expr, s.Lambda):
            symbol = self.function_symbol(self._lambda(expr), scope)
            return Reference(f"{scope.module.name}.<lambda>", symbol, span)
        if isinstance(expr, s.Starred):
            return self.value(expr.value, scope)
        return Unknown(f"not a constant expression ({type(expr).__name__.lower()})", span)

    def _display(self, expr: s.Display, scope: Scope, span: Span) -> Value:
        items: list[Value] = []
        is_open = False
        for item in expr.items:
            if isinstance(item, s.Starred):
                spread = self.value(item.value, scope)
                if isinstance(spread, Collection):
                    items.extend(spread.items)
                    is_open |= spread.open
                else:
                    is_open = True
            else:
                items.append(self.value(item, scope))
        return Collection(expr.kind, tuple(items), span, is_open)

    def _mapping(self, expr: s.Mapping, scope: Scope, span: Span) -> Value:
        entries: list[tuple[Value, Value]] = []
        is_open = False
        for key, item in expr.items:
            value = self.value(item, scope)
            if key is None:
                for option in alternatives(value):
                    if isinstance(option, Table):
                        entries.extend(option.entries)
                        is_open |= option.open
                    else:
                        is_open = True
            else:
                entries.append((self.value(key, scope), value))
        return Table(tuple(entries), span, is_open)

    def _comprehension(self, expr: s.Comprehension, scope: Scope, span: Span) -> Value:
        passes = self._clauses(expr.clauses, scope)
        if isinstance(passes, str):
            return Unknown(passes, span)
        elements: list[Value] = []
        pairs: list[tuple[Value, Value]] = []
        for inner in passes:
            if expr.kind == "dict" and expr.value is not None:
                pairs.append((self.value(expr.element, inner), self.value(expr.value, inner)))
            else:
                elements.append(self.value(expr.element, inner))
        if expr.kind == "dict":
            return Table(tuple(pairs), span)
        return Collection("list" if expr.kind == "generator" else expr.kind, tuple(elements), span)

    def _clauses(self, clauses: tuple[s.Clause, ...], scope: Scope) -> list[Scope] | str:
        """A scope for each element that a comprehension makes, or the reason why they cannot be told."""
        scopes = [scope]
        for clause in clauses:
            inner: list[Scope] = []
            for outer in scopes:
                passes = self.passes(clause.target, self.value(clause.iter, outer), outer)
                if passes is None:
                    return "a comprehension over something unknown"
                for each in passes:
                    kept = [truth(self.value(condition, each)) for condition in clause.conditions]
                    if False in kept:
                        continue
                    if None in kept:
                        return "a comprehension with conditions"
                    inner.append(each)
            if len(inner) > MAX_PASSES:
                return "a comprehension over very much"
            scopes = inner
        return scopes

    def passes(self, target: s.Expr, iterable: Value, scope: Scope) -> list[Scope] | None:
        """A scope for each pass of ``for target in iterable``, None when the passes are not known."""
        source = self.iterate(iterable)
        if source is None or len(source) > MAX_PASSES:
            return None
        found: list[Scope] = []
        for item in source:
            env = unpack_target(target, item)
            if env is None:
                return None
            found.append(Scope(scope.module, Bindings(), scope, env=env))
        return found

    def unrolled(self, pos: Pos, scope: Scope) -> list[Scope] | None:
        """A scope for each time that a place of ``scope`` runs: one, or one for each pass of the loops around it.

        None when it is not known how often a loop runs.
        """
        scopes = [scope]
        for loop in loops_around(self._body_of(scope), pos):
            inner: list[Scope] = []
            for outer in scopes:
                if not isinstance(loop, s.For):
                    return None
                passes = self.passes(loop.target, self.value(loop.iter, outer), outer)
                if passes is None or len(inner) > MAX_PASSES:
                    return None
                inner.extend(passes)
            scopes = inner
        return scopes

    def iterate(self, value: Value) -> list[Value] | None:
        """The elements that a ``for`` over ``value`` gives, None when they are not all known."""
        if isinstance(value, Collection) and not value.open:
            return list(value.items)
        if isinstance(value, Table) and not value.open:
            return [key for key, _ in value.entries]
        if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol):
            return self.classes.enum_members(value.symbol)
        return None

    def _subscript(self, value: Value, index: Value, span: Span) -> Value:
        if isinstance(value, Choice):
            return choice([self._subscript(option, index, span) for option in value.options], span)
        if isinstance(index, Known):
            if isinstance(value, Table):
                found = value.get(index.value)
                if found is not None:
                    return found
                return Unknown(f"no entry {index.value!r} is visible", span)
            if isinstance(value, Collection) and isinstance(index.value, int) and not value.open:
                if -len(value.items) <= index.value < len(value.items):
                    return value.items[index.value]
            elif isinstance(value, Reference) and value.of.endswith("().tasks") and isinstance(value.owner, Instance):
                return Instance(REGISTERED, None, (index,), (), span)
            elif isinstance(value, Reference) and value.of in environment.MAPPINGS and isinstance(index.value, str):
                return Unknown(f"environment variable {index.value} has no default", span)
            elif (
                isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol) and isinstance(index.value, str)
            ):
                return self.attribute(value, index.value, span)
        return Unknown("an element that is not known", span)

    def holds(self, test: s.Expr, scope: Scope) -> bool | None:
        """Whether a condition is true; None when that is not known or would take calls to find out."""
        return truth(self.value(test, scope)) if is_simple(test) else None

    def _from_flask(self, expr: s.Expr, container: Value, index: Value, span: Span) -> Value | None:
        """``app.config["KEY"]`` of a Flask application, None for any other subscript."""
        if self.flask_setting is None or not isinstance(expr, s.Name) or not expr.path.endswith(".config"):
            return None
        ours = (
            isinstance(container, Unknown)
            or (isinstance(container, Reference) and container.symbol is None)
            or (isinstance(container, Reference) and container.of == "flask.current_app.config")
        )
        if ours and isinstance(index, Known) and isinstance(index.value, str):
            return self.flask_setting(index.value, span)
        return None

    # Names

    def name(self, path: str, scope: Scope, pos: Pos | None) -> Value:
        """What a dotted name is worth at ``pos`` of ``scope``."""
        span = scope.module.span(pos) if pos else Span(scope.module.path, 1, 1, 1, 1)
        dotted = self._bound(path, scope, pos) if "." in path else None
        if dotted is not None:
            return dotted
        first, *rest = path.split(".")
        value = self.lookup(first, scope, pos, span)
        for attr in rest:
            value = self.attribute(value, attr, span)
        return _at(value, span) if isinstance(value, (Reference, Unknown)) else value

    def _bound(self, path: str, scope: Scope, pos: Pos | None) -> Value | None:
        """A dotted name that is itself assigned in this scope (``config.limits = {...}``)."""
        if path in scope.table.by_name and any(b.kind == "assign" for b in scope.table.by_name[path]):
            return self.variable(path, scope, pos)
        return None

    def lookup(self, name: str, scope: Scope, pos: Pos | None, span: Span) -> Value:
        current: Scope | None = scope
        at = pos
        while current is not None:
            skip_class = current.cls is not None and current.function is None and current is not scope
            if not skip_class:
                if current.env is not None and name in current.env and len(current.table.by_name.get(name, ())) < 2:
                    return current.env[name]
                if name in current.table.by_name and name not in current.table.globals:
                    found = self.variable(name, current, at)
                    if found is not None:
                        return found
            if current.function is not None:
                at = None  # an outer scope is complete by the time the inner one runs
            current = current.parent
        starred = self._starred(name, scope.module)
        if starred is not None:
            return starred
        if name in BUILTINS:
            return Reference(name, External(f"builtins.{name}"), span)
        if name == "__name__":
            return Known(scope.module.name, span)
        if scope.module.scope.table.stars:
            return Unknown(f"`{name}` comes from a star import that is not here", span)
        return Unknown(f"`{name}` is not defined here", span)

    def variable(self, name: str, scope: Scope, pos: Pos | None) -> Value | None:
        """What a variable of exactly this scope is worth at ``pos``; None when nothing defined it yet."""
        bindings = scope.table.by_name.get(name)
        if not bindings:
            return None
        body = self._body_of(scope)
        branched = pos is not None and any(b.branch for b in bindings)
        branch = branch_at(body, pos) if pos is not None and branched else ()
        found = reaching(bindings, pos, branch)
        if not found and pos is not None and scope.function is None:
            found = reaching(bindings, None, ())
        if not found:
            base = self._augmented_base(name, scope, bindings, pos)
            if base is None:
                return None
            return self._mutated(base, [b for b in bindings if b.kind != "annotation"], scope, branch)
        values: list[Value] = []
        for binding in found:
            value = self.bound(binding, scope)
            changes = mutations(bindings, binding, pos, branch)
            values.append(self._mutated(value, changes, scope, branch) if changes else value)
        return choice(values, scope.module.span(found[-1].pos))

    def _augmented_base(self, name: str, scope: Scope, bindings: list[Binding], pos: Pos | None) -> Value | None:
        """``X += [...]`` or ``X["k"] = v`` where ``X`` itself comes from a star import or an outer scope."""
        if not any(b.kind in ("augment", "setitem", "mutate") for b in bindings):
            return None
        starred = self._starred(name, scope.module)
        if starred is not None:
            return starred
        if scope.parent is not None and scope.parent.table.by_name.get(name):
            return self.variable(name, scope.parent, None)
        return None

    def _body_of(self, scope: Scope) -> tuple[s.Stmt, ...]:
        if scope.function is not None and scope.table is self.function_scope(scope.function).table:
            return scope.function.statements
        if scope.cls is not None and scope.function is None:
            return scope.cls.node.body
        return scope.module.facts.body

    def _starred(self, name: str, module: Module, seen: frozenset[str] = frozenset()) -> Value | None:
        """A name brought in by ``from x import *``; the last star wins."""
        for binding in reversed(module.scope.table.stars):
            imported = binding.node
            if not isinstance(imported, s.Import):
                continue
            target = self.import_target(imported, module)
            if target is None or target.path in seen or target is module or not self.exports(target, name):
                continue
            found = self.module_member(target, name, seen | {module.path})
            if found is not None:
                return found
        return None

    def exports(self, module: Module, name: str) -> bool:
        """Whether ``from module import *`` brings a name: one that ``__all__`` lists, else one without underscore."""
        if "__all__" not in module.scope.table.by_name:
            return not name.startswith("_")
        listed = self.variable("__all__", module.scope, None)
        if not isinstance(listed, Collection):
            return not name.startswith("_")
        if any(isinstance(item, Known) and item.value == name for item in listed.items):
            return True
        doubtful = listed.open or not all(isinstance(item, Known) for item in listed.items)
        return doubtful and not name.startswith("_")

    def module_member(self, module: Module, name: str, seen: frozenset[str] = frozenset()) -> Value | None:
        """A global of a module, also through its star imports, also a submodule; None when it has none."""
        found = self.variable(name, module.scope, None)
        if found is None:
            found = self._starred(name, module, seen)
        if found is None:
            submodule = self.modules.submodule(module, name)
            if submodule is not None:
                return Reference(submodule.name, ModuleSymbol(submodule), Span(submodule.path, 1, 1, 1, 1))
        return found

    def import_target(self, imported: s.Import, module: Module) -> Module | None:
        if imported.level:
            return self.modules.relative(imported, module)
        return self.modules.module(imported.module, module.path)

    def bound(self, binding: Binding, scope: Scope) -> Value:
        """What one binding gives to its name."""
        span = scope.module.span(binding.pos)
        node = binding.node
        if binding.kind == "import" and isinstance(node, s.Import):
            return self._imported(node, scope.module, span)
        if binding.kind == "function" and isinstance(node, s.Function):
            symbol = self.function_symbol(node, scope)
            return Reference(symbol.qualified, symbol, span)
        if binding.kind == "class" and isinstance(node, s.Class):
            cls = self.class_symbol(node, scope)
            return Reference(cls.qualified, cls, span)
        if binding.kind == "assign" and binding.value is not None:
            return self.value(binding.value, scope)
        if binding.kind == "unpack" and binding.value is not None and isinstance(binding.detail, tuple):
            value = self.value(binding.value, scope)
            for index in binding.detail:
                value = self._subscript(value, Known(index, span), span)
            return value
        if binding.kind == "param":
            if scope.env is not None and binding.name in scope.env:
                return scope.env[binding.name]
            return Unknown(f"parameter `{binding.name}`", span)
        if binding.kind == "loop" and binding.value is not None and isinstance(binding.detail, tuple):
            elements = self.iterate(self.value(binding.value, scope))
            if elements and len(elements) <= _FEW:
                for index in binding.detail:
                    elements = [self._subscript(element, Known(index, span), span) for element in elements]
                return choice(elements, span)
        return Unknown(f"`{binding.name}` is set by a {binding.kind}", span)

    def _imported(self, node: s.Import, module: Module, span: Span) -> Value:
        if node.name is None:
            dotted = node.module if node.alias != node.module.partition(".")[0] else node.alias
            found = self.modules.module(dotted, module.path)
            if found is not None:
                return Reference(found.name, ModuleSymbol(found), span)
            return Reference(dotted, External(dotted), span)
        target = self.import_target(node, module)
        if target is not None:
            if target is not module or node.name not in module.scope.table.by_name:
                member = self.module_member(target, node.name)
                if member is not None:
                    return member
            submodule = self.modules.submodule(target, node.name)
            if submodule is not None:
                return Reference(submodule.name, ModuleSymbol(submodule), span)
            return Unknown(f"`{node.name}` is not visible in {target.path}", span)
        absolute = self.modules.absolute(node, module)
        found = self.modules.module(f"{absolute}.{node.name}", module.path) if absolute else None
        if found is not None:
            return Reference(found.name, ModuleSymbol(found), span)
        return Reference(f"{absolute}.{node.name}", External(f"{absolute}.{node.name}"), span)

    # Attributes

    def attribute(self, value: Value, attr: str, span: Span) -> Value:
        """``value.attr``."""
        if isinstance(value, Choice):
            return choice([self.attribute(option, attr, span) for option in value.options], span)
        if isinstance(value, Unknown):
            return value
        if attr == "name" and self.task_name is not None:
            registered = self.task_name(value)
            if registered is not None:
                return Known(registered, span)
        if isinstance(value, Reference):
            symbol = value.symbol
            if isinstance(symbol, ModuleSymbol):
                found = self.module_member(symbol.module, attr)
                return found if found is not None else Unknown(f"`{attr}` is not visible in {symbol.module.path}", span)
            if isinstance(symbol, ClassSymbol):
                return self.classes.attribute(symbol, attr, span)
            if isinstance(symbol, FunctionSymbol):
                return Reference(f"{symbol.qualified}.{attr}", External(f"{symbol.qualified}.{attr}"), span)
            if value.of == "django.conf.settings" and self.django_setting is not None:
                return self.django_setting(attr, span)
            dotted = f"{value.of}.{attr}"
            found_module = self.modules.module(dotted, span.path)
            if found_module is not None:  # `import a.b` binds `a`, a folder without __init__.py
                return Reference(found_module.name, ModuleSymbol(found_module), span)
            return Reference(dotted, External(dotted), span)
        if isinstance(value, Instance):
            return self.classes.instance_attribute(value, attr, span)
        if isinstance(value, Table):
            found = value.get(attr)
            if found is not None and not value.open:
                return found
        return Reference(f"{type(value).__name__.lower()}.{attr}", None, span)

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
            read = self._from_flask(owned, owner, self.value(expr.args[0], scope), span)
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
        env = self.bind(function, args, keywords, span, is_open)
        inner = self.function_scope(function, env)
        self._inline += 1
        try:
            returned = live_returns(function.statements, lambda test: self.holds(test, inner))
            values = [self.value(node.value, inner) for node in returned if node.value is not None]
        finally:
            self._inline -= 1
        if not values:
            return Unknown(f"`{function.name}()` returns nothing that is known", span)
        return choice(values, span)

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

    # Mutations

    def _mutated(self, value: Value, changes: list[Binding], scope: Scope, branch: Branch) -> Value:
        """A value after mutations; one that need not have happened leaves both results."""
        for change in changes:
            looped = any(word == "loop" for _, word in change.branch)
            passes = self.unrolled(change.pos, scope) if looped else None
            before = value
            for inner in passes if passes is not None else (scope,):
                value = self._changed(value, change, inner)
            conditional = any(part not in branch and part[1] != "loop" for part in change.branch)
            if conditional or (looped and passes is None):
                value = builtin_calls.either(before, value)
        return value

    def _changed(self, value: Value, change: Binding, scope: Scope) -> Value:
        if change.kind == "setitem" and change.value is not None and isinstance(change.detail, s.Node):
            return builtin_calls.set_item(value, self.value(change.detail, scope), self.value(change.value, scope))
        if change.kind == "augment" and change.value is not None and isinstance(change.detail, str):
            return arithmetic.binary(change.detail[:-1], value, self.value(change.value, scope), value.span)
        if change.kind == "mutate" and isinstance(change.value, s.Call):
            args, keywords, is_open = self.arguments(change.value, scope)
            return builtin_calls.mutate(value, str(change.detail), args, keywords, is_open)
        return value


def choice(values: list[Value], span: Span) -> Value:
    """One value for several; equal constants collapse."""
    flat: list[Value] = []
    for value in values:
        for option in alternatives(value):
            same = any(
                o == option or (isinstance(o, Known) and isinstance(option, Known) and o.value is option.value is None)
                for o in flat
            )
            if not same:
                flat.append(option)
    if len(flat) == 1:
        return flat[0]
    return Choice(tuple(flat), span)


def unpack_target(target: s.Expr, item: Value) -> dict[str, Value] | None:
    """The names that a ``for`` target binds for one element."""
    if isinstance(target, s.Name):
        return {target.path: item}
    if isinstance(target, s.Display) and isinstance(item, Collection) and len(item.items) == len(target.items):
        env: dict[str, Value] = {}
        for part, value in zip(target.items, item.items, strict=True):
            inner = unpack_target(part, value)
            if inner is None:
                return None
            env.update(inner)
        return env
    return None


def _has_env(scope: Scope | None) -> bool:
    while scope is not None:
        if scope.env is not None:
            return True
        scope = scope.parent
    return False


def _at(value: Reference | Unknown, span: Span) -> Value:
    if isinstance(value, Reference):
        return Reference(value.of, value.symbol, span, value.owner)
    return value
