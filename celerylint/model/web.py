"""Code that runs while a user waits: views, receivers, forms, serializers, admin actions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.model.apps import last_name
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, FunctionSymbol

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator

_BASES = re.compile(
    r"(?:View|ViewSet|ViewSetMixin|APIView|Serializer|Form|ModelForm|FormSet|ModelAdmin|Resource|Endpoint|Consumer"
    r"|RequestHandler|HTTPEndpoint)$"
)
_WORDS = {
    "Serializer": "serializer",
    "Form": "form",
    "ModelForm": "form",
    "FormSet": "form",
    "ModelAdmin": "model admin",
}
"""How such a class is called in a message; all others are views."""

_ROUTES = frozenset(
    {"route", "get", "post", "put", "patch", "delete", "api_view", "view_config", "websocket", "action"}
)
_GUARDS = frozenset({"login_required", "csrf_exempt", "permission_required", "user_passes_test", "require_POST"})
_SIGNALS = frozenset({"receiver", "connect", "listens_for"})
_AFTER_DELETE = frozenset({"pre_delete", "post_delete"})
_FILES = frozenset({"views", "viewsets", "signals", "receivers", "admin", "forms", "serializers"})


def web_path(scope: Scope, evaluator: Evaluator) -> str | None:
    """What kind of such code a place stands in ("view", "receiver", "serializer" ...); None when it is none."""
    current: Scope | None = scope
    while current is not None:
        function = current.function
        if function is not None:
            found = _kind(function, evaluator)
            if found is not None:
                return found
        current = current.parent
    stem = scope.module.name.rpartition(".")[2]
    return f"{stem} module" if scope.function is not None and stem in _FILES else None


def _kind(function: FunctionSymbol, evaluator: Evaluator) -> str | None:
    for decorator in function.node.decorators:
        name = last_name(decorator.func if isinstance(decorator, s.Call) else decorator)
        if name in _SIGNALS:
            return "receiver"
        if name in _GUARDS or (name in _ROUTES and isinstance(decorator, s.Call)):
            return "view"
    if function.owner is not None:
        return _class_kind(function.owner, evaluator)
    first = function.node.params[0].name if function.node.params else ""
    return "view" if first == "request" else None


def _class_kind(cls: ClassSymbol, evaluator: Evaluator) -> str | None:
    order, outside = evaluator.classes.lineage(cls)
    for base in (*outside, *(c.name for c in order)):
        match = _BASES.search(base.replace("()", ""))
        if match is not None:
            return _WORDS.get(match[0], "view")
    return None


def about_deletion(scope: Scope) -> bool:
    """Whether a place stands in a receiver of a deletion: the row is gone before any worker could look at it."""
    function = scope.function
    names = (n for d in (function.node.decorators if function is not None else ()) for n in _names(d))
    return any(name.rpartition(".")[2] in _AFTER_DELETE for name in names)


def _names(decorator: s.Expr) -> list[str]:
    return [node.path for node in below(decorator) if isinstance(node, s.Name)]
