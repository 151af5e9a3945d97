"""Classes of the project: their bases across modules, attributes, enum members and instances."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import statements
from celerylint.model import environment, instances
from celerylint.model.call_keys import call_key
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Choice, Instance, Known, Reference, Unknown, Value
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator

_ENUMS = frozenset(
    {
        "enum.Enum",
        "enum.IntEnum",
        "enum.StrEnum",
        "enum.Flag",
        "enum.IntFlag",
        "django.db.models.TextChoices",
        "django.db.models.IntegerChoices",
        "strenum.StrEnum",
        "backports.strenum.StrEnum",
        "django.db.models.Choices",
    }
)
_ENVIRONMENT_MODELS = ("pydantic.BaseSettings", "pydantic_settings.BaseSettings", "pydantic.v1.BaseSettings")


class Classes:
    """Questions about classes, answered through the evaluator's name resolution."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._attributes: dict[Hashable, Value | None] = {}
        self._mro: dict[int, tuple[list[ClassSymbol], list[str]]] = {}

    def bases(self, cls: ClassSymbol) -> list[Value]:
        return [self.evaluator.value(base, cls.scope) for base in cls.node.bases]

    def lineage(self, cls: ClassSymbol) -> tuple[list[ClassSymbol], list[str]]:
        """The class and its project bases nearest first, and the dotted names of bases that are not here.

        An approximation of the MRO: depth first, left to right, the last occurrence kept, which agrees with C3 for
        every hierarchy without conflicting orders.
        """
        known = self._mro.get(id(cls.node))
        if known is not None:
            return known
        self._mro[id(cls.node)] = ([cls], [])
        found: list[ClassSymbol] = []
        outside: list[str] = []

        def visit(current: ClassSymbol, trail: frozenset[int]) -> None:
            found.append(current)
            for base in self.bases(current):
                for option in base.options if isinstance(base, Choice) else (base,):
                    if isinstance(option, Reference) and isinstance(option.symbol, ClassSymbol):
                        if id(option.symbol.node) not in trail and len(found) < 100:
                            visit(option.symbol, trail | {id(option.symbol.node)})
                    elif isinstance(option, Reference):
                        outside.append(option.of)
                    elif isinstance(option, Instance):  # `class X(make_base()):` or `class X(Generic[T])`
                        outside.append(f"{option.of}()")
                    elif isinstance(option, Unknown):
                        outside.append("?")

        visit(cls, frozenset({id(cls.node)}))
        order = [c for i, c in enumerate(found) if all(c is not later for later in found[i + 1 :])]
        self._mro[id(cls.node)] = (order, outside)
        return order, outside

    def outside_bases(self, cls: ClassSymbol) -> list[str]:
        return self.lineage(cls)[1]

    def derives_from(self, cls: ClassSymbol, *qualified: str) -> bool:
        order, outside = self.lineage(cls)
        return any(q in outside for q in qualified) or any(c.qualified in qualified for c in order)

    # Attributes

    def own(self, cls: ClassSymbol, name: str) -> Value | None:
        """An attribute assigned or defined in the body of exactly this class."""
        scope = self.evaluator.class_scope(cls)
        return self.evaluator.variable(name, scope, None)

    def find(self, cls: ClassSymbol, name: str) -> tuple[Value, ClassSymbol] | None:
        """An attribute through the bases that are here, with the class that has it."""
        for current in self.lineage(cls)[0]:
            value = self.own(current, name)
            if value is not None:
                return value, current
        return None

    def method(self, cls: ClassSymbol, name: str) -> FunctionSymbol | None:
        found = self.find(cls, name)
        if found and isinstance(found[0], Reference) and isinstance(found[0].symbol, FunctionSymbol):
            return found[0].symbol
        return None

    def attribute(self, cls: ClassSymbol, name: str, span: Span) -> Value:
        """``Class.name``."""
        found = self.find(cls, name)
        if found is None:
            if name == "__name__":
                return Known(cls.name, span)
            if self.outside_bases(cls):
                return Unknown(f"`{cls.name}.{name}` may come from a base class that is not here", span)
            return Unknown(f"`{cls.name}` has no attribute `{name}`", span)
        value, owner = found
        if self.is_enum(owner) and not isinstance(value, Reference):
            return self._member(owner, name, value)
        return value

    def is_enum(self, cls: ClassSymbol) -> bool:
        return any(base in _ENUMS for base in self.outside_bases(cls))

    def _member(self, cls: ClassSymbol, name: str, value: Value) -> Value:
        text = (("name", Known(name, value.span)), ("value", value))
        return Instance(cls.qualified, cls, (), text, value.span)

    def enum_members(self, cls: ClassSymbol) -> list[Value] | None:
        """The members of an enum in order, None for a class that is no enum."""
        if not self.is_enum(cls):
            return None
        names = [
            t.path
            for node in cls.node.body
            if isinstance(node, s.Assign) and node.value is not None
            for t in node.targets
            if isinstance(t, s.Name) and not t.path.startswith("_")
        ]
        return [self.attribute(cls, name, cls.span) for name in names]

    # Instances

    def instantiate(
        self, cls: ClassSymbol, args: list[Value], keywords: dict[str, Value], span: Span, is_open: bool
    ) -> Value:
        if self.is_enum(cls) and len(args) == 1:
            for member in self.enum_members(cls) or ():
                value = member.keyword("value") if isinstance(member, Instance) else None
                if isinstance(value, Known) and isinstance(args[0], Known) and value.value == args[0].value:
                    return member
        callee = Reference(cls.qualified, cls, span)
        return Instance(cls.qualified, cls, tuple(args), tuple(keywords.items()), span, is_open, callee)

    def instance_attribute(self, instance: Instance, name: str, span: Span) -> Value:
        """``instance.name``: an enum's value, an attribute set in ``__init__`` or a method, or a class attribute."""
        cls = instance.symbol
        if not isinstance(cls, ClassSymbol):
            given = instances.constructor_argument(instance, name)
            return given if given is not None else Reference(f"{instance.of}().{name}", None, span, instance)
        if self.is_enum(cls) and name in ("name", "value"):
            return instance.keyword(name) or Unknown("an enum member", span)
        assigned = self._assigned_on_self(instance, cls, name)
        if assigned is not None:
            return assigned
        found = self.find(cls, name)
        if found is None:
            if name in dict(instance.keywords) and not self.method(cls, "__init__"):
                return dict(instance.keywords)[name]  # dataclasses, pydantic models and their like
            outside = self.outside_bases(cls)
            if outside:  # `db.Model` of a subclass of flask_sqlalchemy.SQLAlchemy
                known = outside[0] if len(outside) == 1 and outside[0] != "?" else cls.qualified
                return Reference(f"{known}().{name}", None, span, instance)
            return Unknown(f"`{cls.name}` instances have no visible `{name}`", span)
        value, _ = found
        if isinstance(value, Reference) and isinstance(value.symbol, FunctionSymbol):
            if self._is_property(value.symbol):
                return self.evaluator.inline(value.symbol, [instance], {}, span)
            return Reference(value.of, value.symbol, span, instance)
        given = dict(instance.keywords).get(name)
        if given is not None and not self.method(cls, "__init__"):
            return given
        if self.derives_from(cls, *_ENVIRONMENT_MODELS):
            return environment.assume(value, f"environment variable {name.upper()}")
        return value

    def _is_property(self, function: FunctionSymbol) -> bool:
        return any(
            isinstance(d, s.Name) and d.path.rpartition(".")[2] in ("property", "cached_property")
            for d in function.node.decorators
        )

    def _assigned_on_self(self, instance: Instance, cls: ClassSymbol, name: str) -> Value | None:
        init = self.method(cls, "__init__")
        if init is None or not init.node.params:
            return None
        if name.startswith("_") and self._written_elsewhere(cls, name):
            return self._lazily_made(instance, cls, name)
        attribute = f"{init.node.params[0].name}.{name}"
        if attribute not in self.evaluator.function_scope(init).table.by_name:
            return None
        like = call_key(init, [instance], {}, self.evaluator.followed)
        key = (*like, name) if like is not None else None
        if key is not None and key in self._attributes:
            return self._attributes[key]
        cycles = self.evaluator.cycles
        value = self._from_init(instance, init, attribute)
        if key is not None and cycles == self.evaluator.cycles:
            self._attributes[key] = value
        return value

    def _from_init(self, instance: Instance, init: FunctionSymbol, attribute: str) -> Value | None:
        env = self.evaluator.bind(
            init, [instance, *instance.args], dict(instance.keywords), instance.span, instance.open
        )
        scope = self.evaluator.function_scope(init, env)
        return self.evaluator.variable(attribute, scope, None)

    def _written_elsewhere(self, cls: ClassSymbol, name: str) -> bool:
        return any(
            f"self.{name}" in self.evaluator.function_scope(method).table.by_name
            for method in self.methods(cls)
            if method.name != "__init__"
        )

    def _lazily_made(self, instance: Instance, cls: ClassSymbol, name: str) -> Value | None:
        """``self._app`` that ``__init__`` sets to None and a property fills: what the property puts there."""
        for method in self.methods(cls):
            scope = self.evaluator.function_scope(method)
            for binding in scope.table.by_name.get(f"self.{name}", ()) if method.name != "__init__" else ():
                if binding.kind == "assign" and binding.value is not None:
                    return self.evaluator.value(binding.value, scope)
        return None

    def methods(self, cls: ClassSymbol) -> Iterator[FunctionSymbol]:
        """The methods defined in exactly this class."""
        scope = self.evaluator.class_scope(cls)
        for node in statements(cls.node.body):
            if isinstance(node, s.Function):
                yield self.evaluator.function_symbol(node, scope)
