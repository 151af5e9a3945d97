"""Names and attributes: which definition a name has where it stands, across modules and star imports, and what later
mutations made of it."""

from __future__ import annotations

from dataclasses import dataclass

from celerylint.facts import syntax as s
from celerylint.model import arithmetic, builtin_calls
from celerylint.model.folder import Folder
from celerylint.model.modules import Module
from celerylint.model.scopes import Binding, Branch, Scope, branch_at, mutations, reaching
from celerylint.model.symbols import ClassSymbol, External, FunctionSymbol, ModuleSymbol
from celerylint.model.values import Choice, Collection, Instance, Known, Reference, Table, Unknown, Value, choice
from celerylint.sources.spans import Pos, Span

BUILTINS = frozenset(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)


_FEW = 20
"""How many elements of a loop are followed when a name is bound by it."""


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a name gets its value, the scope of that place, what mutates the value between there and the use, and the
    branches around the use."""

    binding: Binding
    scope: Scope
    changes: tuple[Binding, ...]
    branch: Branch

    def surely(self, change: Binding) -> bool:
        """Whether a mutation has happened exactly once when the use is reached."""
        return change.branch == self.branch[: len(change.branch)] and not any(
            word.startswith("loop") for _, word in change.branch[len(self.binding.branch) :]
        )


class Lookup(Folder):
    """Looks names and attributes up."""

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

    def definition(self, name: str, scope: Scope, pos: Pos) -> Definition | None:
        """The one definition that a plain name surely has where it stands; None when there are several or none."""
        current: Scope | None = scope
        at: Pos | None = pos
        while current is not None:
            if current.env is not None and name in current.env:
                return None
            hidden = current.cls is not None and current.function is None and current is not scope
            bindings = current.table.by_name.get(name)
            if bindings and not hidden and name not in current.table.globals:
                branch = branch_at(self._body_of(current), at) if at is not None else ()
                found = reaching(bindings, at, branch)
                if len(found) != 1:
                    return None
                return Definition(found[0], current, tuple(mutations(bindings, found[0], at, branch)), branch)
            if current.function is not None:
                at = None  # an outer scope is complete by the time the inner one runs
            current = current.parent
        return None

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
                value = self.element(value, Known(index, span), span)
            return value
        if binding.kind == "param":
            if scope.env is not None and binding.name in scope.env:
                return scope.env[binding.name]
            return Unknown(f"parameter `{binding.name}`", span)
        if binding.kind == "loop" and binding.value is not None and isinstance(binding.detail, tuple):
            elements = self.iterate(self.value(binding.value, scope))
            if elements and len(elements) <= _FEW:
                for index in binding.detail:
                    elements = [self.element(element, Known(index, span), span) for element in elements]
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


def _at(value: Reference | Unknown, span: Span) -> Value:
    if isinstance(value, Reference):
        return Reference(value.of, value.symbol, span, value.owner)
    return value
