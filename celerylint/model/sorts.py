"""Which expressions are model instances, querysets and the like: a small type inference for ORM objects.

It follows assignments, loops, annotations, managers, relations, forms, signal receivers and the project's own
functions. What it does not know is None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import statements
from celerylint.knowledge import orm
from celerylint.knowledge.orm_classes import INSTANCE_SIGNALS, RELATION_FIELDS
from celerylint.model.apps import last_name
from celerylint.model.scopes import Binding, Scope, branch_at, reaching
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Instance, Known, Reference, Value
from celerylint.sources.spans import Pos, Span

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator

_MAX_DEPTH = 12
_ELEMENT = {"query": "instance", "instances": "instance", "manager": "instance", "scalars": "instance", "rows": "plain"}
_PLAIN_ATTRIBUTES = frozenset({"pk", "id", "uuid", "name", "slug"})


@dataclass(frozen=True, slots=True)
class Sort:
    """What an expression is: ``kind`` as in ``knowledge.orm`` (also "class" for a model class), the ORM family, the
    model where it is a class of the project, and the place and words that told."""

    kind: str
    family: str
    model: ClassSymbol | None
    origin: Span
    why: str

    @property
    def carries_instances(self) -> bool:
        return self.kind in orm.CARRIES_INSTANCES

    @property
    def model_name(self) -> str:
        return self.model.name if self.model is not None else "model"


class Sorts:
    """Infers sorts of expressions."""

    def __init__(self, evaluator: Evaluator, is_django: bool) -> None:
        self.evaluator = evaluator
        self.is_django = is_django
        self._depth = 0

    def of(self, expr: s.Expr, scope: Scope, env: Mapping[str, Sort] | None = None) -> Sort | None:
        """The sort of an expression where it stands; ``env`` holds the variables of comprehensions around it."""
        if self._depth > _MAX_DEPTH:
            return None
        self._depth += 1
        try:
            return self._of(expr, scope, env or {})
        finally:
            self._depth -= 1

    def _of(self, expr: s.Expr, scope: Scope, env: Mapping[str, Sort]) -> Sort | None:
        if isinstance(expr, s.Name):
            return self._name(expr, scope, env)
        if isinstance(expr, s.Call):
            return self._call(expr, scope, env)
        if isinstance(expr, s.Attribute):
            owner = self.of(expr.value, scope, env)
            return self._attribute(owner, expr.name, scope.module.span(expr.pos)) if owner else None
        if isinstance(expr, s.Subscript):
            sent = self._sent_by_signal(expr.value, expr, scope)
            if sent is not None:
                return sent
            return self._element(self.of(expr.value, scope, env), expr, scope)
        if isinstance(expr, s.Await):
            return self.of(expr.value, scope, env)
        if isinstance(expr, s.Conditional):
            return self._agree([self.of(expr.body, scope, env), self.of(expr.orelse, scope, env)])
        if isinstance(expr, s.Walrus):
            return self.of(expr.value, scope, env)
        if isinstance(expr, s.Display):
            return self._container([self.of(item, scope, env) for item in expr.items])
        if isinstance(expr, s.Mapping):
            return self._container([self.of(value, scope, env) for _, value in expr.items])
        if isinstance(expr, s.Comprehension):
            return self._comprehension(expr, scope, env)
        return None

    def _container(self, items: list[Sort | None]) -> Sort | None:
        carrying = [item for item in items if item is not None and item.carries_instances]
        return replace(carrying[0], kind="instances") if carrying else None

    def _agree(self, sorts: list[Sort | None]) -> Sort | None:
        """One sort for several possibilities: only when none of them contradicts."""
        known = [sort for sort in sorts if sort is not None]
        if not known or len(known) != len(sorts):
            return None
        return known[0] if all(k.kind == known[0].kind for k in known) else None

    def _comprehension(self, expr: s.Comprehension, scope: Scope, env: Mapping[str, Sort]) -> Sort | None:
        inner = dict(env)
        for clause in expr.clauses:
            source = self.of(clause.iter, scope, inner)
            element = self._element_sort(source)
            if isinstance(clause.target, s.Name):
                if element is not None:
                    inner[clause.target.path] = element
                else:
                    inner.pop(clause.target.path, None)
        sort = self.of(expr.value if expr.value is not None else expr.element, scope, inner)
        return replace(sort, kind="instances") if sort is not None and sort.carries_instances else None

    # Names

    def _name(self, expr: s.Name, scope: Scope, env: Mapping[str, Sort]) -> Sort | None:
        first, *rest = expr.path.split(".")
        span = scope.module.span(expr.pos)
        if self.is_django and self._is_request_path(expr, scope):
            return Sort("instance", "django", None, span, "the user of the request")
        sort = env.get(first) or self._variable(first, scope, expr.pos)
        for attr in rest:
            if sort is None:
                return None
            sort = self._attribute(sort, attr, span)
        return sort

    def _is_request_path(self, expr: s.Name, scope: Scope) -> bool:
        path = expr.path
        if not any(path == end or path.endswith("." + end) for end in orm.REQUEST_PATHS):
            return False
        first = path.split(".")[0]
        bindings = scope.table.by_name.get(first, [])
        return first == "self" or any(b.kind == "param" for b in bindings)

    def _variable(self, name: str, scope: Scope, pos: Pos | None) -> Sort | None:
        current: Scope | None = scope
        at = pos
        while current is not None:
            in_class = current.cls is not None and current.function is None
            bindings = current.table.by_name.get(name, ()) if not in_class or current is scope else ()
            if bindings and current.function is not None:
                return self._from_bindings(list(bindings), current, at)
            if bindings:
                return self._global(name, current)
            at = None if current.function is not None else at
            current = current.parent
        return self._global(name, scope.module.scope)

    def _global(self, name: str, scope: Scope) -> Sort | None:
        value = self.evaluator.lookup(name, scope, None, Span(scope.module.path, 1, 1, 1, 1))
        return self._value(value)

    def _value(self, value: Value) -> Sort | None:
        """Model classes, and instances of them at module level."""
        if isinstance(value, Reference):
            family = self.family(value)
            if family is not None:
                model = value.symbol if isinstance(value.symbol, ClassSymbol) else None
                return Sort("class", family, model, value.span, "a model")
            kind = orm.FUNCTIONS.get(value.of)
            if kind is not None and value.of.rpartition(".")[2] == "current_user":
                return Sort(kind, "sqlalchemy", None, value.span, "the current user")
        if isinstance(value, Instance) and value.of in (
            "django.contrib.auth.get_user_model",
            "django.apps.apps.get_model",
        ):
            return Sort("class", "django", None, value.span, "a model")
        return None

    def family(self, value: Reference) -> str | None:
        """The ORM family of a model class."""
        if isinstance(value.symbol, ClassSymbol):
            for base in self.evaluator.classes.outside_bases(value.symbol):
                found = orm.family_of(base.replace("()", "")) or orm.family_of(base)
                if found is not None:
                    return found
            return None
        return orm.family_of(value.of)

    def _from_bindings(self, bindings: list[Binding], scope: Scope, pos: Pos | None) -> Sort | None:
        function = scope.function
        assert function is not None
        branch = branch_at(function.statements, pos) if pos is not None else ()
        found = [b for b in reaching(bindings, pos, branch) if not _is_none(b)]
        sorts = [self._binding(b, scope) for b in found]
        return self._agree(sorts) if len(sorts) > 1 else sorts[0] if sorts else None

    def _binding(self, binding: Binding, scope: Scope) -> Sort | None:
        span = scope.module.span(binding.pos)
        node = binding.node
        if isinstance(node, s.Assign) and node.annotation is not None:
            annotated = self._annotated(node.annotation, scope)
            if annotated is not None:
                return replace(annotated, origin=span)
        if binding.kind == "assign" and binding.value is not None:
            sort = self.of(binding.value, scope)
            return replace(sort, origin=span) if sort is not None else None
        if binding.kind == "unpack" and binding.value is not None:
            sort = self.of(binding.value, scope)
            if sort is not None and sort.kind == "pair" and binding.detail == (0,):
                return replace(sort, kind="instance", origin=span)
            if isinstance(binding.value, s.Display) and isinstance(binding.detail, tuple) and len(binding.detail) == 1:
                index = binding.detail[0]
                return self.of(binding.value.items[index], scope) if index < len(binding.value.items) else None
            return None
        if binding.kind == "loop" and binding.value is not None and binding.detail == ():
            sort = self._element_sort(self.of(binding.value, scope))
            return replace(sort, origin=span) if sort is not None else None
        if binding.kind == "param" and isinstance(node, s.Param):
            return self._param(node, scope, span)
        if binding.kind in ("import", "class") and scope.function is not None:
            return self._value(self.evaluator.bound(binding, scope))
        return None

    def _param(self, param: s.Param, scope: Scope, span: Span) -> Sort | None:
        function = scope.function
        assert function is not None
        if param.annotation is not None:
            sort = self._annotated(param.annotation, scope.parent or scope)
            return replace(sort, origin=span) if sort is not None else None
        first = function.node.params[0].name if function.node.params else None
        if param.name == first and function.owner is not None:
            family = self.family(Reference(function.owner.qualified, function.owner, span))
            if family is not None and param.name == "cls":
                return Sort("class", family, function.owner, span, "a model")
            if family is not None and param.name == "self" and not _is_static(function):
                return Sort("instance", family, function.owner, span, f"`self` of the model `{function.owner.name}`")
            return None
        if param.name == "instance" and self._receives(function):
            return Sort("instance", "django", self._sender(function), span, "the instance that the signal is about")
        return None

    def _receives(self, function: FunctionSymbol) -> bool:
        """Whether a function receives a signal of Django's that passes ``instance``: by decorator, by a ``connect``
        call in its file, or by the two parameters that every such receiver has."""
        for decorator in function.node.decorators:
            if isinstance(decorator, s.Call) and last_name(decorator.func) == "receiver" and decorator.args:
                signals = decorator.args[0].items if isinstance(decorator.args[0], s.Display) else (decorator.args[0],)
                values = [self.evaluator.value(signal, function.scope) for signal in signals]
                if any(isinstance(v, Reference) and v.of in INSTANCE_SIGNALS for v in values):
                    return True
        if {"sender", "instance"} <= {p.name for p in function.node.params}:
            return True
        return self._connected(function) is not None

    def _connected(self, function: FunctionSymbol) -> str | None:
        """The sender in ``post_save.connect(function, sender=Order)``, "" without one, None when nothing connects it.

        Such calls often stand in a function of their own, whose body is not kept: the text is asked.
        """
        text = self.evaluator.modules.tree.source(function.module.path).text
        pattern = rf"(\w+)\.connect\(\s*{re.escape(function.name)}\b(?:\s*,\s*(?:sender\s*=\s*)?([\w.]+))?"
        for match in re.finditer(pattern, text):
            if match[1] in _SIGNAL_NAMES:
                return match[2] or ""
        return None

    def _sender(self, function: FunctionSymbol) -> ClassSymbol | None:
        name: str | None = None
        for decorator in function.node.decorators:
            if isinstance(decorator, s.Call):
                for keyword in decorator.keywords:
                    if keyword.name == "sender" and isinstance(keyword.value, s.Name):
                        name = keyword.value.path
        name = name or self._connected(function)
        value = self.evaluator.name(name, function.scope, None) if name else None
        return value.symbol if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol) else None

    def _annotated(self, annotation: s.Expr, scope: Scope) -> Sort | None:
        """The sort that an annotation promises: a model, ``Optional`` or ``X | None`` of one, a list of them."""
        span = scope.module.span(annotation.pos)
        if isinstance(annotation, s.Literal) and isinstance(annotation.value, str):
            name = annotation.value.strip().removesuffix("| None").strip()
            if not name.replace(".", "").isidentifier():
                return None
            return self._annotated(s.Name(annotation.pos, name), scope)
        if isinstance(annotation, s.Binary) and annotation.op == "|":
            parts = [
                p for p in (annotation.left, annotation.right) if not (isinstance(p, s.Literal) and p.value is None)
            ]
            sorts = [self._annotated(p, scope) for p in parts]
            return sorts[0] if len(sorts) == 1 else None
        if isinstance(annotation, s.Subscript) and isinstance(annotation.value, s.Name):
            outer = annotation.value.path.rpartition(".")[2]
            inner = self._annotated(annotation.index, scope)
            if inner is None:
                return None
            if outer in ("Optional", "Annotated"):
                return inner
            if outer in ("list", "List", "Sequence", "Iterable", "set", "Set", "tuple"):
                return replace(inner, kind="instances")
            return replace(inner, kind="query") if outer == "QuerySet" else None
        if isinstance(annotation, s.Name):
            value = self.evaluator.name(annotation.path, scope, None)
            family = self.family(value) if isinstance(value, Reference) else None
            if family is not None and isinstance(value, Reference):
                model = value.symbol if isinstance(value.symbol, ClassSymbol) else None
                return Sort("instance", family, model, span, f"annotated as `{annotation.path}`")
        return None

    # Attributes and calls

    def _attribute(self, owner: Sort, attr: str, span: Span) -> Sort | None:
        if owner.kind == "class":
            start = orm.START.get((owner.family, attr))
            if start is None and owner.model is not None and owner.family == "django":
                found = self.evaluator.classes.find(owner.model, attr)
                made_by = found[0].of if found and isinstance(found[0], Instance) else ""
                start = (
                    "manager" if "Manager" in made_by or "as_manager" in made_by or "from_queryset" in made_by else None
                )
            return replace(owner, kind=start, origin=span, why=f"from `{owner.model_name}.{attr}`") if start else None
        if owner.kind == "instance":
            return self._field(owner, attr, span)
        return None

    def _field(self, owner: Sort, attr: str, span: Span) -> Sort | None:
        """A relation of a model: one instance, or a manager."""
        if attr in _PLAIN_ATTRIBUTES or attr.endswith("_id") or owner.model is None:
            return None
        found = self.evaluator.classes.find(owner.model, attr)
        field = found[0] if found else None
        if not isinstance(field, Instance):
            return None
        many = RELATION_FIELDS.get(field.of.replace("()", ""))
        if many == "one" or (many == "either" and self._is_scalar(owner, attr)):
            return Sort(
                "instance", owner.family, self._related(field, owner), span, f"the relation `{owner.model.name}.{attr}`"
            )
        if many == "many" and owner.family == "django":
            return Sort(
                "manager", owner.family, self._related(field, owner), span, f"the relation `{owner.model.name}.{attr}`"
            )
        return None

    def _is_scalar(self, owner: Sort, attr: str) -> bool:
        """A SQLAlchemy relationship beside a ``<attr>_id`` column is to one."""
        return owner.model is not None and self.evaluator.classes.find(owner.model, f"{attr}_id") is not None

    def _related(self, field: Instance, owner: Sort) -> ClassSymbol | None:
        target = field.keyword("to", 0) or field.keyword("argument", 0)
        if isinstance(target, Reference) and isinstance(target.symbol, ClassSymbol):
            return target.symbol
        if isinstance(target, Known) and isinstance(target.value, str) and owner.model is not None:
            if target.value == "self":
                return owner.model
            name = target.value.rpartition(".")[2]
            value = self.evaluator.module_member(owner.model.module, name)
            return value.symbol if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol) else None
        return None

    def _call(self, expr: s.Call, scope: Scope, env: Mapping[str, Sort]) -> Sort | None:
        span = scope.module.span(expr.pos)
        owner_expr, method = _split(expr.func)
        if owner_expr is not None:
            sent = self._sent_by_signal(owner_expr, expr, scope) if method == "get" else None
            if sent is not None:
                return sent
            owner = self.of(owner_expr, scope, env)
            if owner is not None:
                if owner.kind == "session":
                    return self._session(expr, method, scope, span)
                kind = orm.result_of(owner.family, owner.kind, method)
                if kind is not None:
                    return replace(owner, kind=kind, origin=span, why=f"from `.{method}()`")
                own = self.evaluator.classes.method(owner.model, method) if owner.model is not None else None
                return self._returned(own, span) if own is not None and owner.kind in ("class", "instance") else None
            if method in ("query", "get", "scalars", "execute") and _is_session(owner_expr):
                return self._session(expr, method, scope, span)
            made = self._method_of_class(owner_expr, method, scope, span)
            if made is not None:
                return made
        return self._called(expr, scope, env, span)

    def _sent_by_signal(self, owner: s.Expr, expr: s.Expr, scope: Scope) -> Sort | None:
        """``kwargs.get("instance")`` and ``kwargs["instance"]`` in a signal receiver."""
        function = scope.function
        key = (
            expr.args[0]
            if isinstance(expr, s.Call) and expr.args
            else expr.index
            if isinstance(expr, s.Subscript)
            else None
        )
        if (
            function is None
            or not isinstance(owner, s.Name)
            or not isinstance(key, s.Literal)
            or key.value != "instance"
        ):
            return None
        if not any(p.kind == "kwargs" and p.name == owner.path for p in function.node.params):
            return None
        if not self._receives(function):
            return None
        span = scope.module.span(expr.pos)
        return Sort("instance", "django", self._sender(function), span, "the instance that the signal is about")

    def _session(self, expr: s.Call, method: str, scope: Scope, span: Span) -> Sort | None:
        """``session.query(Order)``, ``session.get(Order, id)``: sorts of a SQLAlchemy session's results."""
        if len(expr.args) < 1 or (method == "query" and len(expr.args) != 1):
            return None
        first = expr.args[0]
        while isinstance(first, s.Call):  # select(Order).where(...)
            inner, name = _split(first.func)
            if name == "select" and len(first.args) == 1:
                first = first.args[0]
            elif inner is not None:
                first = inner
            else:
                return None
        model = self.of(first, scope)
        if model is None or model.kind != "class":
            return None
        kind = orm.result_of(model.family, "session", method)
        return replace(model, kind=kind, origin=span, why=f"from `.{method}()`") if kind else None

    def _method_of_class(self, owner: s.Expr, method: str, scope: Scope, span: Span) -> Sort | None:
        """``form.save()``, ``serializer.save()``, ``self.get_object()`` of generic views."""
        cls: ClassSymbol | None = None
        if isinstance(owner, s.Name) and owner.path == "self":
            cls = scope.method_owner()
        else:
            value = self.evaluator.value(owner, scope)
            if isinstance(value, Instance) and isinstance(value.symbol, ClassSymbol):
                cls = value.symbol
        if cls is None:
            return None
        own = self.evaluator.classes.method(cls, method)
        if own is not None and not (method == "save" and self._returns_something(own)):
            return None
        for base in self.evaluator.classes.outside_bases(cls):
            kind = orm.method_of(base, method)
            if kind is not None:
                return Sort(kind, "django", self._model_of_meta(cls), span, f"from `.{method}()`")
        return None

    def _returns_something(self, function: FunctionSymbol) -> bool:
        return any(isinstance(n, s.Return) and n.value is not None for n in statements(function.statements))

    def _model_of_meta(self, cls: ClassSymbol) -> ClassSymbol | None:
        """``class Meta: model = Order``."""
        found = self.evaluator.classes.find(cls, "Meta")
        if found and isinstance(found[0], Reference) and isinstance(found[0].symbol, ClassSymbol):
            model = self.evaluator.classes.own(found[0].symbol, "model")
            if isinstance(model, Reference) and isinstance(model.symbol, ClassSymbol):
                return model.symbol
        return None

    def _called(self, expr: s.Call, scope: Scope, env: Mapping[str, Sort], span: Span) -> Sort | None:
        callee = self.evaluator.value(expr.func, scope)
        if not isinstance(callee, Reference):
            sort = self.of(expr.func, scope, env)
            return (
                replace(sort, kind="instance", origin=span, why="made here") if sort and sort.kind == "class" else None
            )
        kind = orm.FUNCTIONS.get(callee.of)
        if kind is not None:
            first = self.of(expr.args[0], scope, env) if expr.args else None
            return Sort(
                kind, "django", first.model if first else None, span, f"from `{callee.of.rpartition('.')[2]}()`"
            )
        family = self.family(callee)
        if family is not None:
            model = callee.symbol if isinstance(callee.symbol, ClassSymbol) else None
            return Sort("instance", family, model, span, "made here")
        if (
            callee.of.removeprefix("builtins.") in ("list", "tuple", "set", "sorted", "reversed")
            and len(expr.args) == 1
        ):
            inner = self.of(expr.args[0], scope, env)
            if inner is not None and _ELEMENT.get(inner.kind) == "instance":
                return replace(inner, kind="instances")
        if isinstance(callee.symbol, FunctionSymbol):
            return self._returned(callee.symbol, span)
        return None

    def _returned(self, function: FunctionSymbol, span: Span) -> Sort | None:
        """What a function of the project returns: by annotation, or by all of its ``return`` statements."""
        if function.node.is_generator:
            return None
        if function.node.returns is not None:
            sort = self._annotated(function.node.returns, function.scope)
            return replace(sort, origin=span, why=f"from `{function.name}()`") if sort is not None else None
        scope = self.evaluator.function_scope(function)
        returns = [n.value for n in statements(function.statements) if isinstance(n, s.Return) and n.value is not None]
        values = [r for r in returns if not (isinstance(r, s.Literal) and r.value is None)]
        sort = self._agree([self.of(value, scope) for value in values]) if values else None
        return replace(sort, origin=span, why=f"from `{function.name}()`") if sort is not None else None

    def _element(self, sort: Sort | None, expr: s.Subscript, scope: Scope) -> Sort | None:
        if sort is None:
            return None
        if isinstance(expr.index, s.Opaque):  # a slice
            return sort if sort.kind in ("query", "instances") else None
        if sort.kind == "table":
            return replace(sort, kind="instance", origin=scope.module.span(expr.pos))
        return self._element_sort(sort)

    def _element_sort(self, sort: Sort | None) -> Sort | None:
        kind = _ELEMENT.get(sort.kind) if sort is not None else None
        return replace(sort, kind=kind) if sort is not None and kind is not None else None


_SIGNAL_NAMES = frozenset(name.rpartition(".")[2] for name in INSTANCE_SIGNALS)


def _split(func: s.Expr) -> tuple[s.Expr | None, str]:
    if isinstance(func, s.Attribute):
        return func.value, func.name
    if isinstance(func, s.Name) and "." in func.path:
        owner, _, method = func.path.rpartition(".")
        return s.Name(func.pos, owner), method
    return None, func.path if isinstance(func, s.Name) else ""


def _is_session(owner: s.Expr) -> bool:
    path = owner.path if isinstance(owner, s.Name) else last_name(owner)
    return path.rpartition(".")[2].lower().endswith(("session", "dbsession"))


def _is_static(function: FunctionSymbol) -> bool:
    return any(isinstance(d, s.Name) and d.path in ("staticmethod", "classmethod") for d in function.node.decorators)


def _is_none(binding: Binding) -> bool:
    return binding.kind == "assign" and isinstance(binding.value, s.Literal) and binding.value.value is None
