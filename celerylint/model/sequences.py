"""Values given where Celery wants a list or tuple of arguments: ``args=(order.id)``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from celerylint.facts import syntax as s
from celerylint.model.apps import last_name
from celerylint.model.entities import Call, Signature
from celerylint.model.scopes import Scope
from celerylint.model.values import Choice, Collection, Known, Table, Value
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

_SCALARS = frozenset({"str", "int", "float", "bool", "len", "round", "uuid4", "isoformat", "timestamp", "hexdigest"})
_KEYS = ("id", "pk", "uuid")
_SUFFIXES = ("_id", "_pk", "_uuid")
_MAKE_SEQUENCES = frozenset({"list", "tuple", "sorted", "split", "fetchone", "popitem", "values", "items"})
_SEQUENCES = ("args", "arguments", "params", "argv")


@dataclass(frozen=True, slots=True)
class Lone:
    """``what`` in words; ``spread`` is what unpacking makes of it; ``fixable``: a tuple of it is surely what was
    meant."""

    what: str
    spread: Literal["fails", "letters", "keys", "unknown"]
    confidence: Literal["high", "medium"]
    fixable: bool = True


def lone(expr: s.Expr, call: Call, project: Project) -> Lone | None:
    """What an expression given as ``args`` is when it is surely, or very likely, no list or tuple."""
    assert call.scope is not None
    found = surely_lone(expr, call.scope, project)
    if found is not None or not isinstance(expr, (s.Name, s.Attribute)):
        return found
    named = last_part(expr)
    if is_key(expr):
        return Lone("one key", "fails", "medium")
    if in_parentheses(call.scope.module.span(expr.pos), project) and not named.endswith(_SEQUENCES):
        signature = call.target.signature if call.target is not None else None
        parameters = signature.parameters if isinstance(signature, Signature) else ()
        meant = bool(parameters) and parameters[0].kind in ("positional", "positional-only")
        if named.endswith("s") and not (meant and parameters[0].name == named):
            return None  # ``(order_ids)``: perhaps one argument each
        if meant and not _made_as_sequence(expr, call.scope, project):
            return Lone("one value in parentheses", "unknown", "medium")
    return None


def _made_as_sequence(expr: s.Expr, scope: Scope, project: Project) -> bool:
    """Whether a variable is given a list or tuple where it is defined, or what may be one."""
    if isinstance(project.evaluator.value(expr, scope), (Collection, Choice)):
        return True
    if not isinstance(expr, s.Name) or "." in expr.path:
        return False
    found = project.evaluator.definition(expr.path, scope, expr.pos)
    value = found.binding.value if found is not None and found.binding.kind == "assign" else None
    return isinstance(value, (s.Display, s.Comprehension, s.Binary)) or (
        isinstance(value, s.Call) and last_name(value.func) in _MAKE_SEQUENCES
    )


def is_key(expr: s.Expr) -> bool:
    """Whether an expression is named as what identifies one thing: ``order.id``, ``user_pk``."""
    named = last_part(expr)
    return named in _KEYS or named.endswith(_SUFFIXES)


def surely_lone(expr: s.Expr, scope: Scope, project: Project) -> Lone | None:
    """The same where the expression itself shows it."""
    if isinstance(expr, s.Format):
        return Lone("a text", "letters", "high")
    if isinstance(expr, (s.Comparison, s.Unary)):
        return Lone("one value", "fails", "high")
    if isinstance(expr, (s.Mapping, s.Comprehension)) and getattr(expr, "kind", "dict") == "dict":
        return Lone("a dict", "keys", "high", fixable=False) if not isinstance(expr, s.Mapping) or expr.items else None
    if isinstance(expr, s.Display) and expr.kind == "set":
        return Lone("a set", "fails", "high", fixable=False)
    if isinstance(expr, s.Call) and last_name(expr.func) in _SCALARS:
        return Lone("one value", "letters", "high")
    sort = project.sorts.of(expr, scope)
    if sort is not None and sort.kind == "instance":
        return Lone("one instance", "fails", "high")
    return of_value(project.evaluator.value(expr, scope))


def of_value(value: Value | None) -> Lone | None:
    """The same for a folded value."""
    if isinstance(value, Table):
        return Lone("a dict", "keys", "high", fixable=False) if value.entries else None
    if not isinstance(value, Known) or not value.value:
        return None  # ``args or ()``: what is empty is no argument
    if isinstance(value.value, (str, bytes)):
        return Lone("a text", "letters", "high")
    return Lone("one value", "fails", "high")


def last_part(expr: s.Expr) -> str:
    """``id`` of ``self.order.id``."""
    if isinstance(expr, s.Name):
        return expr.path.rpartition(".")[2]
    return expr.name if isinstance(expr, s.Attribute) else ""


def in_parentheses(span: Span, project: Project) -> bool:
    """Whether parentheses of its own stand around an expression: ``args=(order)``, ``apply_async((order))``."""
    source = project.tree.source(span.path)
    before = source.line(span.line)[: span.column - 1].rstrip()
    after = source.line(span.end_line)[span.end_column - 1 :].lstrip()
    return before.endswith("(") and after.startswith(")") and before[:-1].rstrip().endswith(("=", "(", ",", ":"))


def as_tuple(span: Span, project: Project) -> str:
    """The code of a tuple whose only element is the expression at a span; parentheses around that stay."""
    text = project.text(span)
    return f"{text}," if in_parentheses(span, project) else f"({text},)"
