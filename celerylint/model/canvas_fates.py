"""What becomes of a canvas: sent, handed to ``self.replace``, part of another one, returned, kept, or dropped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.knowledge import canvas as known
from celerylint.model.apps import last_name
from celerylint.model.calls import SIGNATURES
from celerylint.model.canvas_reading import Reader
from celerylint.model.scopes import Scope
from celerylint.model.uses import Uses

_NEUTRAL = frozenset({"link", "link_error", "on_error", "set", "stamp", "set_immutable"})
"""Methods that change a signature in place: called for that, they send nothing."""


@dataclass(frozen=True, slots=True)
class Fate:
    """``kind``:

    ``sent``      by ``node``, a call of ``delay``, ``apply_async`` or the canvas itself, or a method handed over
                  (then it is no call);
                  ``bare`` when nothing is passed to it, ``body`` the argument of ``chord(header)(body)``
    ``replaced``  ``self.replace(canvas)``
    ``member``    part of another canvas or of a list
    ``returned``  by the function (``node`` is the statement)
    ``dropped``   nothing is done with it; ``node`` is the statement, or the assignment of a variable nobody reads
    ``mistaken``  ``node`` is ``canvas.link_error(x)`` whose value, ``x``, is used in the canvas's place
    ``other``     anything else
    """

    kind: Literal["sent", "replaced", "member", "returned", "dropped", "mistaken", "other"]
    node: s.Node | None = None
    bare: bool = False
    body: s.Expr | None = None


_OTHER = Fate("other")


class Fates:
    """Follows the value of an expression to what is done with it."""

    def __init__(self, reader: Reader, uses: Uses) -> None:
        self.reader = reader
        self.uses = uses

    def of(self, node: s.Expr, scope: Scope, depth: int = 0) -> Fate:
        """The fate of the value of ``node``."""
        use = self.uses.use(node, scope)
        if use is None or depth > 8:
            return _OTHER
        if use.kind == "dropped":
            return Fate("dropped", use.by)
        if use.kind == "returned":
            return Fate("returned", use.by) if isinstance(use.by, s.Return) else _OTHER
        if use.kind == "attribute" and isinstance(use.by, s.Attribute):
            return self._method(use.by, use.name, scope, depth)
        if use.kind == "other" and isinstance(use.by, s.Call) and use.by.func is node:
            body = use.by.args[0] if len(use.by.args) == 1 else None
            return Fate("sent", use.by, not use.by.args and not use.by.keywords, body)
        if use.kind == "argument":
            return self._argument(use.by, scope)
        if use.kind in ("element", "operand"):
            return Fate("member", use.by)
        if use.kind == "assigned" and use.name and scope.function is not None:
            return self._variable(use.name, use.by, node, scope)
        return _OTHER

    def names(self, name: str, scope: Scope) -> list[s.Name]:
        """Every place in a function that names a variable, those where it is assigned included."""
        inner = (n for statement in self.reader.body(scope) for n in below(statement) if isinstance(n, s.Name))
        return [n for n in inner if _names(n, name)]

    def is_sent(self, mention: s.Name, scope: Scope) -> bool:
        """Whether anything else is done with the canvas in a local variable: sent, or handed to somebody."""
        others = (n for n in self.names(mention.path, scope) if n is not mention)
        fates = [self._mention(n, mention.path, scope) for n in others]
        return any(f is not None and f.kind not in ("dropped", "returned") and f.node is not None for f in fates)

    def _method(self, attribute: s.Attribute, name: str, scope: Scope, depth: int) -> Fate:
        call = self.uses.parents(scope).get(id(attribute))
        called = isinstance(call, s.Call) and call.func is attribute
        if name in known.SENDING:
            sender = call if called and isinstance(call, s.Call) else None
            return Fate("sent", sender or attribute, sender is not None and _is_bare(sender))
        if not called or not isinstance(call, s.Call):
            return _OTHER
        if name in known.RETURN_SELF:
            return self.of(call, scope, depth + 1)
        if name in known.RETURN_CALLBACK:
            use = self.uses.use(call, scope)
            return Fate("dropped", use.by) if use is not None and use.kind == "dropped" else Fate("mistaken", call)
        return _OTHER

    def _argument(self, by: s.Node, scope: Scope) -> Fate:
        call = by if isinstance(by, s.Call) else self.uses.parents(scope).get(id(by))
        if not isinstance(call, s.Call):
            return _OTHER
        if last_name(call.func) == "replace" and self._in_task(call, scope):
            return Fate("replaced", call)
        if self.reader.canvas_class(call.func, scope) is not None:
            return Fate("member", call)
        return _OTHER

    def _in_task(self, call: s.Call, scope: Scope) -> bool:
        """``self.replace(...)`` and ``current_task.replace(...)``, not the one of a text or a signature."""
        found = self.reader.calls.at(call, scope)
        return found is not None and found.how == "replace"

    def _variable(self, name: str, assign: s.Node, node: s.Expr, scope: Scope) -> Fate:
        """The fate of a canvas in a local variable, when only one thing is done with it."""
        mentions = list(self._mentions(name, assign, scope))
        if None in mentions:
            return _OTHER
        fates = [f for f in (self._mention(m, name, scope) for m in mentions if m is not None) if f is not None]
        if not fates:
            return Fate("dropped", assign)
        same = {f.kind for f in fates}
        if len(fates) == 1 or same == {"sent"}:
            return Fate(fates[0].kind, fates[0].node, all(f.bare for f in fates))
        return _OTHER

    def _mentions(self, name: str, assign: s.Node, scope: Scope) -> Iterator[s.Name | None]:
        """The places after (or in a loop, around) an assignment that name a variable; None for what cannot be seen."""
        targets = {id(n) for n in below(assign) if isinstance(n, s.Name)} if isinstance(assign, s.Assign) else set()
        if isinstance(assign, s.Assign) and assign.value is not None:
            targets -= {id(n) for n in below(assign.value)}
        for statement in self.reader.body(scope):
            for inner in below(statement):
                if isinstance(inner, s.Function) and inner.body is None:
                    yield None
                elif isinstance(inner, s.Name) and id(inner) not in targets and _names(inner, name):
                    yield inner

    def _mention(self, mention: s.Name, name: str, scope: Scope) -> Fate | None:
        """What one mention does; None when it changes the canvas in place and no more."""
        use = self.uses.use(mention, scope)
        if use is None:
            return _OTHER
        method = mention.path[len(name) + 1 :]
        call = use.by if use.kind == "other" and isinstance(use.by, s.Call) and use.by.func is mention else None
        if method in known.SENDING:
            return Fate("sent", call or mention, call is not None and _is_bare(call))
        if method in _NEUTRAL and call is not None:
            outer = self.uses.use(call, scope)
            if outer is not None and outer.kind == "dropped":
                return None
            return Fate("mistaken", call) if method in known.RETURN_CALLBACK else _OTHER
        if method or method in SIGNATURES:
            return _OTHER
        if call is not None:
            return Fate("sent", call, not call.args and not call.keywords)
        if use.kind == "returned" and isinstance(use.by, s.Return):
            return Fate("returned", use.by)
        if use.kind == "argument":
            return self._argument(use.by, scope)
        return Fate("member", use.by) if use.kind in ("element", "operand") else _OTHER


def _names(mention: s.Name, variable: str) -> bool:
    return mention.path == variable or mention.path.startswith(f"{variable}.")


def _is_bare(call: s.Call) -> bool:
    """Whether ``canvas.delay(...)`` or ``canvas.apply_async(...)`` passes no arguments to its first tasks."""
    if last_name(call.func) in ("delay", "delay_on_commit"):
        return not call.args and not call.keywords
    return not call.args and not any(k.name in ("args", "kwargs", None) for k in call.keywords)
