"""Which kind of value an expression gives where it stands.

It follows assignments, loops, annotations, enums, dataclasses, Django requests, model fields, and the project's own
functions; conversions make things plain. What it does not know is None.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.knowledge.serializers import KINDS
from celerylint.knowledge.value_members import ANY_OPERAND, COLLECTIONS, FUNCTIONS, OPERATORS, REQUESTS
from celerylint.model.kinds.annotations import Annotations
from celerylint.model.kinds.calls import CallKinds
from celerylint.model.kinds.classes import ClassKinds
from celerylint.model.kinds.kind import ANY, EMPTY, Env, Kind, agreed
from celerylint.model.kinds.members import Members
from celerylint.model.kinds.variables import Variables
from celerylint.model.scopes import Scope, targets
from celerylint.model.sorts import Sort
from celerylint.model.symbols import ClassSymbol, FunctionSymbol, ModuleSymbol
from celerylint.model.values import Choice, Collection, Instance, Known, Reference, Table, Value
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.callees import Callees
    from celerylint.model.evaluate import Evaluator
    from celerylint.model.sorts import Sorts
    from celerylint.model.tasks import Tasks

_MAX_DEPTH = 14
_MAX_STEPS = 600
_DISPLAYS = {"list": "list", "tuple": "tuple", "set": "set"}
_COMPREHENSIONS = {"list": "list", "set": "set", "dict": "dict", "generator": "generator"}
_ENVELOPE = {"__type__", "__value__"}
_NUMBER_KEYS = frozenset({"int", "float", "bool", "None"})
_BAD_KEYS = frozenset({"tuple", "UUID", "date", "datetime", "Decimal", "enum", "frozenset", "namedtuple", "bytes"})
_SORT_KINDS = {"instance": "model instance", "manager": "queryset", "query": "queryset", "rows": "queryset"}


class Kinds:
    """Infers kinds of expressions. In ``python2`` the views and iterators of builtins are lists."""

    def __init__(
        self, evaluator: Evaluator, sorts: Sorts, callees: Callees, tasks: Tasks, python2: bool = False
    ) -> None:
        self.python2 = python2
        self.evaluator = evaluator
        self.sorts = sorts
        self.callees = callees
        self.tasks = tasks
        self.classes = ClassKinds(evaluator, sorts)
        self.annotations = Annotations(self)
        self.variables = Variables(self)
        self.members = Members(self)
        self.calls = CallKinds(self)
        self._depth = 0
        self._steps = 0

    def of(self, expr: s.Expr, scope: Scope, env: Env = EMPTY) -> Kind | None:
        """The kind of an expression; ``env`` holds the variables of comprehensions and lambdas around it."""
        if self._depth == 0:
            self._steps = 0
        self._steps += 1
        if self._depth > _MAX_DEPTH or self._steps > _MAX_STEPS:
            return None
        self._depth += 1
        try:
            return self._of(expr, scope, env, scope.module.span(expr.pos))
        finally:
            self._depth -= 1

    def _of(self, expr: s.Expr, scope: Scope, env: Env, span: Span) -> Kind | None:
        if isinstance(expr, s.Literal):
            return _constant(expr.value, span)
        if isinstance(expr, s.Format):
            return Kind("str", span, "an f-string")
        if isinstance(expr, s.Lambda):
            return Kind("lambda", span, "a lambda")
        if isinstance(expr, s.Display):
            return self._display(expr, scope, env, span)
        if isinstance(expr, s.Mapping):
            return self._mapping(expr, scope, env, span)
        if isinstance(expr, s.Comprehension):
            return self._comprehension(expr, scope, env, span)
        if isinstance(expr, (s.Name, s.Call, s.Attribute, s.Subscript)):
            sort = self.sorts.of(expr, scope, env.sorts)
            kind = self.of_sort(sort) if sort is not None else None
            if kind is not None:
                return kind
        if isinstance(expr, s.Name):
            return self._name(expr, scope, env, span)
        if isinstance(expr, s.Call):
            return self.calls.of(expr, scope, env)
        if isinstance(expr, s.Attribute):
            row = self.sorts.of(expr.value, scope, env.sorts)  # `Order.objects.get(pk=1).created_at`
            if row is not None and row.kind == "instance" and row.model is not None:
                return self.members.column(row.model, expr.name, span, row.sure)
            return self.members.attribute(self.of(expr.value, scope, env), expr.name, span)
        if isinstance(expr, s.Subscript):
            return self._element(expr, scope, env, span)
        if isinstance(expr, s.Binary):
            return self._binary(expr, scope, env, span)
        if isinstance(expr, s.Conditional):
            return agreed([self.of(expr.body, scope, env), self.of(expr.orelse, scope, env)])
        if isinstance(expr, s.Boolean):
            return agreed([self.of(operand, scope, env) for operand in expr.operands])
        if isinstance(expr, s.Comparison):
            return Kind("bool", span, "a comparison")
        if isinstance(expr, s.Unary):
            return Kind("bool", span, "a test") if expr.op == "not" else self.of(expr.operand, scope, env)
        if isinstance(expr, s.Await):
            return self.calls.awaited(expr.value, scope, env)
        if isinstance(expr, s.Walrus):
            return self.of(expr.value, scope, env)
        return None

    # Containers

    def _display(self, expr: s.Display, scope: Scope, env: Env, span: Span) -> Kind:
        return Kind(_DISPLAYS[expr.kind], span, f"a {expr.kind} display").holding(
            (f"[{index}]", self.of(item, scope, env))
            for index, item in enumerate(expr.items)
            if not isinstance(item, s.Starred)
        )

    def _mapping(self, expr: s.Mapping, scope: Scope, env: Env, span: Span) -> Kind:
        found = Kind("dict", span, "a dict display")
        for key, value in expr.items:
            if key is None:
                spread = self.of(value, scope, env)
                found = found.holding(spread.inside if spread is not None else ())
                continue
            found = self.with_item(found, key, value, scope, env)
        keys = {key.value for key, _ in expr.items if isinstance(key, s.Literal)}
        return replace(found, name="envelope") if keys == _ENVELOPE and len(expr.items) == 2 else found

    def with_item(self, found: Kind, key: s.Expr, value: s.Expr, scope: Scope, env: Env) -> Kind:
        """A dict after ``found[key] = value``."""
        name = self.keyed(self.of(key, scope, env))
        step = f'["{key.value}"]' if isinstance(key, s.Literal) and isinstance(key.value, str) else ANY
        if name is not None and found.name in ("dict", "int-keyed dict"):
            found = Kind(name, scope.module.span(key.pos), "a key", sure=found.sure, inside=found.inside)
        return found.holding([(step, self.of(value, scope, env))])

    def keyed(self, key: Kind | None) -> str | None:
        """The kind of a dict with such a key where that is something special."""
        if key is not None and key.name in _NUMBER_KEYS:
            return "int-keyed dict"
        return "tuple-keyed dict" if key is not None and key.name in _BAD_KEYS else None

    def _comprehension(self, expr: s.Comprehension, scope: Scope, env: Env, span: Span) -> Kind:
        inner = self.within(expr.clauses, scope, env)
        found = Kind(_COMPREHENSIONS[expr.kind], span, f"a {expr.kind} comprehension".replace("generator c", "c"))
        if expr.value is not None:
            return self.with_item(found, expr.element, expr.value, scope, inner)
        return found.holding([(ANY, self.of(expr.element, scope, inner))])

    def within(self, clauses: Iterable[s.Clause], scope: Scope, env: Env) -> Env:
        """The variables inside a comprehension."""
        for clause in clauses:
            env = self.bind_loop(clause.target, clause.iter, scope, env)
        return env

    def bind_loop(self, target: s.Expr, iterable: s.Expr, scope: Scope, env: Env) -> Env:
        """The variables that ``for target in iterable`` binds."""
        kind = self.iterated(iterable, scope, env)
        for name, path in targets(target):
            item = kind
            for index in path:
                item = item.element(f"[{index}]") if item is not None else None
            env = env.binding(name, item, self.sorts.element(iterable, scope, env.sorts, path))
        return env

    def iterated(self, iterable: s.Expr, scope: Scope, env: Env) -> Kind | None:
        """The kind of each element that iterating over an expression gives."""
        sort = self.sorts.element(iterable, scope, env.sorts)
        if sort is not None:
            return self.of_sort(sort)
        value = self.evaluator.value(iterable, scope) if isinstance(iterable, s.Name) else None
        if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol):
            member = self.classes.of(value.symbol)
            if member is not None and member.endswith("enum"):
                return Kind(member, scope.module.span(iterable.pos), "a member", value.symbol, value.symbol.name)
        kind = self.of(iterable, scope, env)
        if kind is None:
            return None
        if kind.name == "range":
            return Kind("int", kind.origin, "from `range()`")
        return kind.element() if kind.name in (*COLLECTIONS, "iterator", "map", "filter", "enumerate", "zip") else None

    def _element(self, expr: s.Subscript, scope: Scope, env: Env, span: Span) -> Kind | None:
        owner = self.of(expr.value, scope, env)
        if owner is None:
            return self._enum_item(expr, scope, span)
        if isinstance(expr.index, s.Opaque):
            return owner.at(span) if owner.name in ("list", "tuple", "str", "bytes", "range") else None
        if owner.name == "QueryDict":
            return Kind("str", span, "a value of the request")
        if owner.name == "files":
            return Kind("file", span, "an uploaded file", sure=owner.sure)
        if isinstance(expr.index, s.Literal):
            text = f'["{expr.index.value}"]' if isinstance(expr.index.value, str) else f"[{expr.index.value}]"
            return owner.element(text)
        return owner.element() if owner.inside else None

    def _enum_item(self, expr: s.Subscript, scope: Scope, span: Span) -> Kind | None:
        """``Color["RED"]``."""
        value = self.evaluator.value(expr.value, scope)
        if not (isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol)):
            return None
        name = self.classes.of(value.symbol)
        if name is None or not name.endswith("enum"):
            return None
        return Kind(name, span, f"a member of `{value.symbol.name}`", value.symbol, value.symbol.name)

    def _binary(self, expr: s.Binary, scope: Scope, env: Env, span: Span) -> Kind | None:
        left, right = self.of(expr.left, scope, env), self.of(expr.right, scope, env)
        name = ANY_OPERAND.get((left.name, expr.op)) if left is not None else None
        if name is None and left is not None and right is not None:
            name = OPERATORS.get((left.name, expr.op, right.name))
        if name is None or left is None:
            return None
        sure = left.sure and (right is None or right.sure)
        inside = (*left.inside, *(right.inside if right is not None else ())) if name in ("list", "set", "dict") else ()
        return Kind(name, span, f"by `{expr.op}`", sure=sure, inside=inside)

    # Names

    def _name(self, expr: s.Name, scope: Scope, env: Env, span: Span) -> Kind | None:
        first, *rest = expr.path.split(".")
        field = self.members.field(expr, scope, env, span)
        if field is not None:
            return field
        if first in env.kinds:
            kind = env.kinds[first]
        else:
            dotted = self.variables.dotted(expr, scope) if rest else None
            if dotted is not None:
                return dotted
            if expr.path.startswith("self.request.") and (request := self.variables.own_request(scope, span)):
                kind, rest = request, rest[1:]
            else:
                kind = self.variables.of(first, scope, expr.pos)
            if kind is None and not self.variables.is_local(first, scope):
                return self.of_value(self.evaluator.name(expr.path, scope, expr.pos), span)
        for attr in rest:
            kind = self.members.attribute(kind, attr, span)
        return kind

    # Values and sorts

    def of_sort(self, sort: Sort) -> Kind | None:
        """The kind that goes with what is known of ORM objects."""
        what = sort.model.name if sort.model is not None else ""
        name = _SORT_KINDS.get(sort.kind)
        if name is not None:
            return Kind(name, sort.origin, sort.why, sort.model, what, sort.sure)
        inner = Kind("model instance", sort.origin, sort.why, sort.model, what, sort.sure)
        outer = {"instances": "list", "pair": "tuple", "table": "dict"}.get(sort.kind)
        step = "[0]" if sort.kind == "pair" else ANY
        return Kind(outer, sort.origin, sort.why, sure=sort.sure).holding([(step, inner)]) if outer else None

    def of_value(self, value: Value, span: Span) -> Kind | None:
        """The kind of a folded value, as a name at ``span`` stands for it."""
        if isinstance(value, Known):
            return _constant(value.value, value.span)
        if isinstance(value, Choice):
            return agreed([self.of_value(option, span) for option in value.options])
        if isinstance(value, Collection):
            items = [(f"[{index}]", self.of_value(item, span)) for index, item in enumerate(value.items)]
            return Kind(value.kind, value.span, f"a {value.kind}").holding(items)
        if isinstance(value, Table):
            return self._table(value, span)
        if isinstance(value, Instance):
            return self._instance(value, span)
        return self._reference(value, span) if isinstance(value, Reference) else None

    def _table(self, value: Table, span: Span) -> Kind:
        found = Kind("dict", value.span, "a dict")
        for key, item in value.entries:
            special = self.keyed(self.of_value(key, span))
            if special is not None:
                found = Kind(special, key.span, "a key", inside=found.inside)
            step = f'["{key.value}"]' if isinstance(key, Known) and isinstance(key.value, str) else ANY
            found = found.holding([(step, self.of_value(item, span))])
        return found

    def _instance(self, value: Instance, span: Span) -> Kind | None:
        if isinstance(value.symbol, ClassSymbol):
            if self.tasks.of_value(value) is not None:
                return None
            return self.of_class(value.symbol, value, span)
        name = KINDS.get(value.of.removeprefix("builtins.")) or FUNCTIONS.get(value.of.removeprefix("builtins."))
        if name is None and value.callee is not None:
            return None
        return Kind(name, value.span, f"from `{value.of.rpartition('.')[2]}()`") if name is not None else None

    def of_class(self, cls: ClassSymbol, value: Instance | None, span: Span) -> Kind | None:
        """The kind of an instance of a class, or of a member of an enum."""
        name = self.classes.of(cls)
        if name is None:
            return None
        member = value.keyword("name") if value is not None and name.endswith("enum") else None
        if isinstance(member, Known) and isinstance(member.value, str):
            return Kind(name, span, f"a member of `{cls.name}`", cls, f"{cls.name}.{member.value}")
        return Kind(name, span, f"made of `{cls.name}`", cls, cls.name)

    def _reference(self, value: Reference, span: Span) -> Kind | None:
        owner, _, last = value.of.rpartition(".")
        if value.of in REQUESTS or owner in REQUESTS:
            request = Kind("request", span, "the request of a view", what="request")
            return request if value.of in REQUESTS else self.members.attribute(request, last, span)
        if self.tasks.of_value(value) is not None:
            return Kind("task", span, "a task", what=last)
        if isinstance(value.symbol, FunctionSymbol):
            return None if value.owner is not None else Kind("function", span, "a function", what=last)
        if isinstance(value.symbol, ClassSymbol):
            return Kind("class", span, "a class", what=last)
        if isinstance(value.symbol, ModuleSymbol):
            return Kind("module", span, "a module", what=last)
        return None


def _constant(value: object, span: Span) -> Kind | None:
    if value is None:
        return Kind("None", span, "None")
    if isinstance(value, datetime.timedelta):
        return Kind("timedelta", span, "a timedelta")
    name = type(value).__name__
    return Kind(name, span, "a constant") if isinstance(value, (str, bytes, int, float, complex)) else None
