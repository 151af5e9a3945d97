"""What an option that means a time is: a number, a timedelta, a date with or without a zone, a text.

Folding computes constants. Here an expression is followed as far as its kind, and, for dates, to the clock that they
come from and how far ahead of it they lie.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.model.scopes import Scope
from celerylint.model.values import Choice, Known, Reference, Value
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

Clock = Literal["local", "utc", "aware", "literal", "unknown"]
"""local: naive, by the host's clock; utc: naive, in UTC; aware: with a zone; literal: naive, as written."""

_CLOCKS: dict[str, Clock] = {
    "datetime.datetime.now": "local",
    "datetime.datetime.today": "local",
    "datetime.datetime.fromtimestamp": "local",
    "datetime.datetime.utcnow": "utc",
    "datetime.datetime.utcfromtimestamp": "utc",
    "datetime.datetime": "literal",
    "django.utils.timezone.localtime": "aware",
    "django.utils.timezone.make_aware": "aware",
}
_ZONE_AT = {"datetime.datetime.now": 0, "datetime.datetime.fromtimestamp": 1, "datetime.datetime": 7}
_TIMEDELTA = frozenset({"datetime.timedelta", "dateutil.relativedelta.relativedelta"})
_NUMBERS = frozenset({"int", "float", "round", "len", "random.randint", "random.random", "random.uniform"})
_READS = ("os.environ", "os.getenv", "getenv(", "environ[", "environ.get")
_ENVIRONMENT = frozenset({"os.environ.get", "os.getenv", "environ.get"})
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Moment:
    """``kind``: number, timedelta, date, text, environment (a text from the environment), none, unknown.

    ``seconds`` is the number, the length of the timedelta, or how far a date lies ahead of its clock; None when that is
    not a constant. ``clock`` and ``at`` (the place that reads it) are set for dates. ``value`` is a folded constant.
    """

    kind: Literal["number", "timedelta", "date", "text", "environment", "none", "unknown"]
    seconds: float | None = None
    clock: Clock = "unknown"
    at: Span | None = None
    value: Known | None = None
    variable: str = ""
    optional: bool = False
    """Whether it may be None instead."""


UNKNOWN = Moment("unknown")


class Moments:
    """Tells what expressions of a project are."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.evaluator = project.evaluator

    def of(self, expr: s.Expr, scope: Scope, depth: int = 0) -> Moment:
        """What an expression is worth as a time."""
        if depth > _MAX_DEPTH:
            return UNKNOWN
        if isinstance(expr, s.Call):
            return self._call(expr, scope, depth)
        if isinstance(expr, s.Binary):
            return self._binary(expr, scope, depth)
        if isinstance(expr, s.Format):
            return Moment("text")
        if isinstance(expr, (s.Conditional, s.Boolean)):
            parts = (expr.body, expr.orelse) if isinstance(expr, s.Conditional) else expr.operands
            return _agreed([self.of(part, scope, depth + 1) for part in parts])
        if isinstance(expr, s.Subscript):
            return self._subscript(expr, scope)
        if isinstance(expr, s.Name):
            return self._name(expr, scope, depth)
        return moment_of(self.evaluator.value(expr, scope))

    def _name(self, name: s.Name, scope: Scope, depth: int) -> Moment:
        found = self.evaluator.definition(name.path, scope, name.pos) if "." not in name.path else None
        if found is None or found.binding.value is None or found.binding.kind != "assign":
            return self._imported(name, scope, depth) or moment_of(self.evaluator.value(name, scope))
        if found.binding.value.pos == name.pos:
            return UNKNOWN
        moment = self.of(found.binding.value, found.scope, depth + 1)
        return replace(moment, seconds=None, value=None) if found.changes else moment

    def _imported(self, name: s.Name, scope: Scope, depth: int) -> Moment | None:
        """A constant of another module that is read from the environment there."""
        value = self.evaluator.value(name, scope)
        if isinstance(value, Unknown) and value.reason.startswith("environment variable") and value.span.path:
            text = self.project.text(value.span)
            return Moment("environment", variable=value.reason.split()[2]) if text.startswith(_READS) else None
        if not (isinstance(value, Known) and value.assumed):
            return None
        module = self.project.modules_index.load(value.span.path)
        for bindings in module.scope.table.by_name.values() if module is not None else ():
            for binding in bindings:
                made = binding.value if binding.kind == "assign" else None
                if made is not None and module is not None and module.span(made.pos).covers(value.span):
                    return self.of(made, module.scope, depth + 1)
        return None

    def _call(self, call: s.Call, scope: Scope, depth: int) -> Moment:
        func = call.func
        owner: s.Expr | None = func.value if isinstance(func, s.Attribute) else None
        method = func.name if isinstance(func, s.Attribute) else ""
        if isinstance(func, s.Name) and "." in func.path:
            path, _, method = func.path.rpartition(".")
            owner = s.Name(func.pos, path)
        if owner is not None and method in ("replace", "astimezone", "total_seconds"):
            under = self.of(owner, scope, depth + 1)
            if method == "total_seconds":
                return Moment("number", under.seconds) if under.kind == "timedelta" else Moment("number")
            if under.kind == "date":
                zoned = method == "astimezone" or any(k.name == "tzinfo" for k in call.keywords)
                return replace(under, clock="aware" if zoned else under.clock, seconds=None)
        callee = self.evaluator.value(func, scope)
        of = callee.of if isinstance(callee, Reference) else ""
        if of in _ENVIRONMENT and call.args:
            return self._read(call, scope)
        if of == "django.utils.timezone.now":
            return Moment("date", 0.0, self._of_django(scope), scope.module.span(call.pos))
        if of in _CLOCKS:
            return Moment("date", 0.0, self._clock(of, call, scope), scope.module.span(call.pos))
        value = self.evaluator.value(call, scope)
        if of in _TIMEDELTA:
            return moment_of(value) if isinstance(value, Known) else Moment("timedelta")
        if of in _NUMBERS and not isinstance(value, Known):
            return Moment("number")
        return Moment("text") if of == "str" and not isinstance(value, Known) else moment_of(value)

    def _read(self, call: s.Call, scope: Scope) -> Moment:
        variable = self.evaluator.value(call.args[0], scope)
        name = variable.value if isinstance(variable, Known) and isinstance(variable.value, str) else ""
        default = self.evaluator.value(call.args[1], scope) if len(call.args) > 1 else None
        known = default if isinstance(default, Known) else None
        return Moment("environment", variable=name, at=scope.module.span(call.pos), value=known)

    def _clock(self, of: str, call: s.Call, scope: Scope) -> Clock:
        place = _ZONE_AT.get(of)
        zone = next((k.value for k in call.keywords if k.name in ("tz", "tzinfo")), None)
        if any(k.name is None for k in call.keywords) or any(isinstance(a, s.Starred) for a in call.args):
            return "unknown"
        if zone is None and place is not None and len(call.args) > place:
            zone = call.args[place]
        if zone is None:
            return _CLOCKS[of]
        value = self.evaluator.value(zone, scope)
        return _CLOCKS[of] if isinstance(value, Known) and value.value is None else "aware"

    def _of_django(self, scope: Scope) -> Clock:
        """``timezone.now()`` has a zone unless ``USE_TZ`` is off."""
        value = self.project.django.lookup("USE_TZ", scope.module.span((1, 1, 1, 1)))
        return "local" if isinstance(value, Known) and value.value is False and value.assumed is None else "aware"

    def _binary(self, expr: s.Binary, scope: Scope, depth: int) -> Moment:
        value = self.evaluator.value(expr, scope)
        if isinstance(value, Known):
            return moment_of(value)
        left, right = self.of(expr.left, scope, depth + 1), self.of(expr.right, scope, depth + 1)
        if expr.op in ("+", "-"):
            if left.kind == "date" and right.kind == "date":
                return Moment("timedelta")
            if right.kind == "date":
                left, right = right, left
            if left.kind == "date":
                if right.kind != "timedelta":
                    return replace(left, seconds=None)
                sign = 1 if expr.op == "+" else -1
                known = left.seconds is not None and right.seconds is not None
                return replace(left, seconds=(left.seconds or 0) + sign * (right.seconds or 0) if known else None)
        kinds = (left.kind, right.kind)
        if kinds == ("timedelta", "timedelta") and expr.op in ("+", "-"):
            return Moment("timedelta")
        if expr.op == "*" and "timedelta" in kinds:
            return Moment("timedelta")
        if left.kind == right.kind == "number":
            return Moment("number")
        return UNKNOWN

    def _subscript(self, expr: s.Subscript, scope: Scope) -> Moment:
        value = self.evaluator.value(expr.value, scope)
        if isinstance(value, Reference) and value.of in ("os.environ", "environ"):
            name = self.evaluator.value(expr.index, scope)
            text = name.value if isinstance(name, Known) and isinstance(name.value, str) else ""
            return Moment("environment", variable=text, at=scope.module.span(expr.pos))
        return moment_of(self.evaluator.value(expr, scope))


def moment_of(value: Value) -> Moment:
    """What a folded value is worth as a time."""
    if isinstance(value, Choice):
        return _agreed([moment_of(option) for option in value.options])
    if not isinstance(value, Known):
        return UNKNOWN
    plain = value.value
    if plain is None:
        return Moment("none")
    if isinstance(plain, (int, float)):
        return Moment("number", float(plain), value=value)
    if isinstance(plain, timedelta):
        return Moment("timedelta", plain.total_seconds(), value=value)
    return Moment("text", value=value) if isinstance(plain, str) else UNKNOWN


def _agreed(moments: list[Moment]) -> Moment:
    """One for several possibilities: what all of them are; None among them says nothing."""
    kinds = {m.kind for m in moments if m.kind != "none"}
    if len(kinds) != 1:
        return replace(UNKNOWN, optional=any(m.kind == "none" for m in moments)) if kinds else Moment("none")
    some = [m for m in moments if m.kind != "none"]
    clocks = {m.clock for m in some}
    return replace(
        some[0],
        clock=some[0].clock if len(clocks) == 1 else "unknown",
        seconds=some[0].seconds if len({m.seconds for m in some}) == 1 and len(some) == len(moments) else None,
        value=some[0].value if len(moments) == 1 else None,
        optional=len(some) < len(moments) or any(m.optional for m in some),
    )


def words(seconds: float) -> str:
    """``90 s``, ``30 min``, ``2 h``, ``3 days``: the largest unit that gives a whole number."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size and seconds % size == 0:
            return f"{int(seconds // size)} {unit}"
        if seconds == size == 3600:
            return "1 h"
    return f"{seconds:g} s"
