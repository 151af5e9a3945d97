"""Effects that must not be repeated: where a function has them, what guards them, and what can fail after them.

Effects are followed through the project's own functions, a few calls deep; a cycle or an unknown callee adds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import below, statements
from celerylint.knowledge.effect_table import EXTERNAL_KINDS
from celerylint.knowledge.effects import Effect, effect_of, guard_of, is_read, may_act
from celerylint.knowledge.guard_table import TASK_BASES, UNIQUE_ERRORS
from celerylint.model.callees import Callees, split
from celerylint.model.functions import Event
from celerylint.model.given import Given
from celerylint.model.scopes import Scope
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.values import Known, Reference, Table, alternatives
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.entities import Call, Task
    from celerylint.model.evaluate import Evaluator

_MAX_DEPTH = 2
_ONCE_WORDS = (
    "lock",
    "once",
    "singleton",
    "unique",
    "idempot",
    "overlap",
    "mutex",
    "semaphore",
    "dedup",
    "throttle",
    "cooldown",
)
_PURE = frozenset(
    {"len", "isinstance", "bool", "str", "int", "float", "hasattr", "getattr", "type", "sorted", "list", "set"}
)
_STATE = re.compile(
    r"status|state|sent|done|processed|complete|finished|notified|handled|_at$|_on$|^is_|^has_|deleted|active|exists|retries|"
    r"seen|flag|locked|claimed|pending|delivered|paid|synced|last_|version|hash|etag"
)
"""Attributes whose names say that they tell what has happened."""

BROAD = frozenset({"Exception", "BaseException"})
"""Names that catch everything."""


@dataclass(slots=True)
class Found:
    """An effect of a function: ``event`` is where it stands in that very function (the call of a helper, when the
    helper has it), ``span`` where it really happens, ``via`` the helpers between."""

    effect: Effect
    event: Event
    span: Span
    via: tuple[FunctionSymbol, ...]
    guarded: bool
    rolled_back: bool = False
    """Whether a failure afterwards undoes it: a database effect in an atomic block, or added to an open session."""

    @property
    def external(self) -> bool:
        return self.effect.kind in EXTERNAL_KINDS


class Effects:
    """Summarises functions; each is read once."""

    def __init__(self, evaluator: Evaluator, callees: Callees, given: Given, sent: Mapping[int, Call]) -> None:
        self.evaluator = evaluator
        self.callees = callees
        self.given = given
        self.sent = sent
        self._known: dict[tuple[int, int], list[Found]] = {}
        self._active: set[int] = set()
        self._fallible: dict[int, bool] = {}
        self._of_call: dict[int, Effect | None] = {}

    @cached_property
    def _own_mail(self) -> bool:
        """Whether ``EMAIL_BACKEND`` is a class of the project: what sending mail then does is not known (it may
        queue)."""
        if self.evaluator.django_setting is None:
            return False
        value = self.evaluator.django_setting("EMAIL_BACKEND", Span("", 1, 1, 1, 1))
        names = [v.value for v in alternatives(value) if isinstance(v, Known) and isinstance(v.value, str)]
        return any(self.evaluator.modules.find(name.rpartition(".")[0], "") is not None for name in names)

    def of(self, function: FunctionSymbol, depth: int = _MAX_DEPTH) -> list[Found]:
        """The effects of one run of a function, in order."""
        key = (id(function.node), depth)
        if key in self._known:
            return self._known[key]
        if id(function.node) in self._active:
            return []
        self._active.add(id(function.node))
        try:
            found = list(self._collect(function, depth))
        finally:
            self._active.discard(id(function.node))
        self._known[key] = found
        return found

    def _collect(self, function: FunctionSymbol, depth: int) -> Iterator[Found]:
        guards: list[Event] | None = None  # only asked for where there is an effect
        for event in function.body.calls:
            if event.deferred:
                continue
            effect = self.effect(event, function)
            if effect is not None:
                guards = self.guards(function) if guards is None else guards
                guarded = self._is_guarded(event, function, guards, effect.kind not in EXTERNAL_KINDS)
                undone = effect.kind not in EXTERNAL_KINDS and _rolled_back(event, function)
                yield Found(effect, event, event.span, (), guarded, undone)
                continue
            helper = self._helper(event, function) if depth else None
            if helper is not None:
                for inner in self.of(helper, depth - 1):
                    guards = self.guards(function) if guards is None else guards
                    guarded = inner.guarded or self._is_guarded(event, function, guards, not inner.external)
                    undone = inner.rolled_back or (not inner.external and _rolled_back(event, function))
                    yield Found(inner.effect, event, inner.span, (helper, *inner.via), guarded, undone)

    def _helper(self, event: Event, function: FunctionSymbol) -> FunctionSymbol | None:
        helper = self.callees.function(event.call, self.evaluator.function_scope(function))
        if helper is None or helper.node.is_generator or helper.module.is_test:
            return None
        return helper

    def effect(self, event: Event, function: FunctionSymbol) -> Effect | None:
        """The effect of one call by itself."""
        key = id(event.call)  # the call belongs to the function, which is kept
        if key not in self._of_call:
            self._of_call[key] = self._effect(event, function)
        return self._of_call[key]

    def _effect(self, event: Event, function: FunctionSymbol) -> Effect | None:
        method = split(event.call.func)[1]
        sent = self.sent.get(id(event.call))
        named = method in function.module.aliases or (
            isinstance(event.call.func, s.Name) and "." not in event.call.func.path
        )
        if not (named or sent or self.given.effects or may_act(method)):
            return None
        scope = self.evaluator.function_scope(function)
        name = self.callees.qualified(event.call, scope)
        helper = self.callees.function(event.call, scope)
        own = helper.qualified if helper is not None else name
        if own is not None and any(fnmatchcase(own, pattern) for pattern in self.given.effects):
            return Effect("declared", f"calls `{own.rpartition('.')[2]}`")
        if sent is not None and sent.how in ("delay", "apply_async") and sent.target is not None:
            own_task = sent.target.function is function
            return None if own_task else Effect("enqueue", f"enqueues `{sent.target.label}`")
        if helper is not None:
            return None
        if _asks_for_token(event.call):
            return None
        found = effect_of(name, method, self._keywords(event.call, scope), self._texts(event.call, scope))
        if (
            found is not None
            and found.kind == "mail"
            and name is not None
            and name.startswith("django.")
            and self._own_mail
        ):
            return None
        return found

    # Guards

    def _keywords(self, call: s.Call, scope: Scope) -> dict[str, bool]:
        """Keyword: False when its value is certainly None, False or empty; keys of a ``headers`` dict as
        "headers.key"."""
        found: dict[str, bool] = {}
        for keyword in call.keywords:
            if keyword.name is None:
                continue
            found[keyword.name] = not (isinstance(keyword.value, s.Literal) and not keyword.value.value)
            if keyword.name == "headers":
                value = self.evaluator.value(keyword.value, scope)
                for key, item in value.entries if isinstance(value, Table) else ():
                    if isinstance(key, Known):
                        found[f"headers.{key.value}"] = not (isinstance(item, Known) and not item.value)
        return found

    def _texts(self, call: s.Call, scope: Scope) -> dict[int | str, str]:
        """The text arguments, by position or keyword; of an f-string or a call its literal pieces."""
        found: dict[int | str, str] = {}
        pairs: list[tuple[int | str, s.Expr]] = [
            *enumerate(call.args),
            *((k.name, k.value) for k in call.keywords if k.name),
        ]
        for place, expr in pairs:
            pieces = [n.value for n in below(expr) if isinstance(n, s.Literal) and isinstance(n.value, str)]
            for name in (n for n in below(expr) if isinstance(n, s.Name) and n.path.rpartition(".")[2].isupper()):
                value = self.evaluator.value(name, scope)
                if isinstance(value, Known) and isinstance(value.value, str):
                    pieces.append(value.value)
            if pieces and not isinstance(expr, (s.Mapping, s.Display)):
                found[place] = "".join(pieces)
        return found

    def guards(self, function: FunctionSymbol) -> list[Event]:
        """The calls of a function that keep an effect from happening twice."""
        scope = self.evaluator.function_scope(function)
        found: list[Event] = []
        for event in function.body.calls:
            name = self.callees.qualified(event.call, scope)
            method = split(event.call.func)[1]
            helper = self.callees.function(event.call, scope)
            own = helper.qualified if helper is not None else name
            declared = own is not None and any(fnmatchcase(own, p) for p in self.given.guards)
            if (
                declared
                or guard_of(name, method, self._keywords(event.call, scope), self._texts(event.call, scope))
                or _sounds_guarded(method)
            ):
                found.append(event)
        return found

    def _is_guarded(self, event: Event, function: FunctionSymbol, guards: list[Event], exists_counts: bool) -> bool:
        """Whether something before or around an effect may keep it from being repeated. Errs on the side of yes."""
        if event.handlers:
            return True  # a report of the failure itself
        if any(g.span < event.span for g in guards):
            return True
        if any(_sounds_guarded(_last(context)) for context in event.withs):
            return True
        if any(self._catches_unique(t, function) for t in event.tries):
            return True
        if any(_looks_at_state(test, function, exists_counts) for test, _ in event.tests):
            return True
        if (
            _returns_early(function, event, exists_counts)
            or _recorded_before(function, event)
            or _chosen_by_state(function)
        ):
            return True
        if any(_recognises_repeat(t) for t in event.tries):
            return True
        return any(isinstance(loop, s.For) and _marks_done(loop) for loop in event.loops)

    def _catches_unique(self, statement: s.Try, function: FunctionSymbol) -> bool:
        scope = self.evaluator.function_scope(function)
        for handler in statement.handlers:
            types = handler.type.items if isinstance(handler.type, s.Display) else (handler.type,)
            for part in types:
                value = self.evaluator.value(part, scope) if part is not None else None
                if isinstance(value, Reference) and value.of in UNIQUE_ERRORS:
                    return True
        return False

    def once(self, task: Task) -> bool:
        """Whether a decorator or base class keeps a task from running twice at a time, or sounds as if it did."""
        function = task.function
        if function is None:
            return True
        for decorator in function.node.decorators:
            words = [k.name for k in decorator.keywords if k.name] if isinstance(decorator, s.Call) else []
            if any(_sounds_guarded(word) for word in [_last(decorator), *words]):
                return True
        for name in ("once", "unique_on", "lock_expiry", "singleton", "locked", "lock_timeout"):
            if name in task.declared:
                return True
        base = task.declared.get("base")
        if base is not None and isinstance(base.value, Reference) and base.value.of in TASK_BASES:
            return True
        if task.base is not None:
            names = [
                *self.evaluator.classes.outside_bases(task.base),
                *(c.name for c in self.evaluator.classes.lineage(task.base)[0]),
            ]
            return any(n in TASK_BASES or _sounds_guarded(n) for n in names)
        return bool(task.wrapper and _sounds_guarded(task.wrapper.rpartition(".")[2]))

    # What can fail

    def fallible(self, event: Event, function: FunctionSymbol) -> bool:
        """Whether a call leaves the process over the network and so can fail for reasons outside."""
        effect = self.effect(event, function)
        if effect is not None and effect.kind in EXTERNAL_KINDS:
            return True
        scope = self.evaluator.function_scope(function)
        method = split(event.call.func)[1]
        if is_read(self.callees.qualified(event.call, scope), method, self._texts(event.call, scope)):
            return True
        helper = self._helper(event, function)
        return helper is not None and self._function_fails(helper, _MAX_DEPTH - 1)

    def outside_calls(self, function: FunctionSymbol, depth: int = _MAX_DEPTH) -> Iterator[str | None]:
        """The dotted names of the outside things that a function calls, helpers of the project included; None for a
        call of something that is not known."""
        scope = self.evaluator.function_scope(function)
        for event in function.body.calls:
            helper = self._helper(event, function)
            if helper is not None and helper is not function and depth:
                yield from self.outside_calls(helper, depth - 1)
            elif helper is None:
                yield self.callees.qualified(event.call, scope)

    def _function_fails(self, function: FunctionSymbol, depth: int) -> bool:
        known = self._fallible.get(id(function.node))
        if known is not None:
            return known
        self._fallible[id(function.node)] = False
        scope = self.evaluator.function_scope(function)
        result = False
        for event in function.body.calls:
            if event.deferred or any(swallows(t) for t in event.tries):
                continue
            name = self.callees.qualified(event.call, scope)
            method = split(event.call.func)[1]
            effect = effect_of(name, method, self._keywords(event.call, scope), self._texts(event.call, scope))
            if (effect is not None and effect.kind in EXTERNAL_KINDS and effect.certain) or is_read(
                name, method, self._texts(event.call, scope)
            ):
                result = True
                break
            helper = self._helper(event, function) if depth else None
            if helper is not None and self._function_fails(helper, depth - 1):
                result = True
                break
        self._fallible[id(function.node)] = result
        return result


def _asks_for_token(call: s.Call) -> bool:
    """An OAuth token request (RFC 6749 has ``grant_type`` in its body): a second one does no harm."""
    values = [k.value for k in call.keywords if k.name in ("data", "json", "params")]
    return any(
        isinstance(value, s.Mapping)
        and any(isinstance(key, s.Literal) and key.value == "grant_type" for key, _ in value.items)
        for value in values
    )


def _rolled_back(event: Event, function: FunctionSymbol) -> bool:
    """Django's ``atomic`` around a call or function, or SQLAlchemy's ``session.add`` that only a commit makes last."""
    contexts = [_last(context) for context in (*event.withs, *function.node.decorators)]
    if any("atomic" in c or c in ("begin", "begin_nested", "transaction") for c in contexts):
        return True
    return split(event.call.func)[1] in ("add", "add_all")


def _sounds_guarded(word: str) -> bool:
    lowered = word.lower()
    return any(part in lowered for part in _ONCE_WORDS) and "block" not in lowered.replace("lock", "", 1)


def _last(expr: s.Expr) -> str:
    node = expr.func if isinstance(expr, s.Call) else expr
    return split(node)[1] or (node.path if isinstance(node, s.Name) else "")


def _looks_at_state(test: s.Expr, function: FunctionSymbol, exists_counts: bool) -> bool:
    """Whether a condition asks something that a run of the task could have changed: an attribute, a query, a key, or a
    variable that holds one. Parameters and what a loop takes from them are the same in both runs. That something exists
    (``if not order: return``) guards what makes it exist, so it counts for inserts only."""
    same = _same_in_every_run(function)
    if not exists_counts:
        bare = test.operand if isinstance(test, s.Unary) else test
        if isinstance(bare, s.Comparison) and all(isinstance(o, s.Literal) and o.value is None for o in bare.others):
            bare = bare.left
        if isinstance(bare, s.Name) and "." not in bare.path:
            return False
    written = _fields_written(function)
    for node in below(test):
        if isinstance(node, s.Call):
            if not (isinstance(node.func, s.Name) and node.func.path in _PURE):
                return True
        elif (
            isinstance(node, s.Name)
            and not node.path.startswith(("settings.", "app.conf."))
            and not node.path.isupper()
        ):
            first, _, rest = node.path.partition(".")
            last = node.path.rpartition(".")[2]
            if rest and (last in written or _STATE.search(last)):
                return True
            if not rest and first not in same and node.path not in _PURE:
                return True
        elif isinstance(node, s.Attribute):
            if node.name in written or _STATE.search(node.name):
                return True
        elif isinstance(node, s.Subscript):
            return True
    return False


def _fields_written(function: FunctionSymbol) -> set[str]:
    """The names of attributes that a function assigns, or passes to ``update(...)``."""
    written: set[str] = set()
    for node in statements(function.statements):
        if isinstance(node, s.Assign):
            written.update(t.path.rpartition(".")[2] for t in node.targets if isinstance(t, s.Name) and "." in t.path)
    for event in function.body.calls:
        if split(event.call.func)[1] in ("update", "aupdate", "filter_update"):
            written.update(k.name for k in event.call.keywords if k.name)
    return written


def _recorded_before(function: FunctionSymbol, event: Event) -> bool:
    """Whether something was set and saved before the effect: a second run then knows, or chooses other rows."""
    before = [e for e in function.body.events if e.span < event.span and not e.deferred]
    assigns = any(
        e.kind == "assign"
        and isinstance(e.node, s.Assign)
        and any(isinstance(t, s.Name) and "." in t.path for t in e.node.targets)
        for e in before
    )
    saves = any(
        e.kind == "call" and split(e.call.func)[1] in ("save", "asave", "commit", "update_fields") for e in before
    )
    return assigns and saves


def _chosen_by_state(function: FunctionSymbol) -> bool:
    """``filter(sent=False)`` in a function that sets ``sent``: a second run finds nothing to do."""
    written = _fields_written(function)
    queries = (
        e.call for e in function.body.calls if split(e.call.func)[1] in ("filter", "exclude", "get", "filter_by")
    )
    return any(k.name and k.name.partition("__")[0] in written for call in queries for k in call.keywords)


def _names_status(test: s.Expr) -> bool:
    names = (n.path.rpartition(".")[2] for n in below(test) if isinstance(n, s.Name))
    return any(name in ("status", "status_code", "code", "errno") for name in names)


def _recognises_repeat(statement: s.Try) -> bool:
    """A handler that looks at the answer's status and returns: the receiver tells that it was done already."""
    for handler in statement.handlers:
        for node in statements(handler.body):
            returns = isinstance(node, s.If) and any(isinstance(inner, s.Return) for inner in statements(node.body))
            if returns and isinstance(node, s.If) and _names_status(node.test):
                return True
    return False


def _same_in_every_run(function: FunctionSymbol) -> set[str]:
    """Parameters, and the targets of loops over them; ``self`` of a bound task knows which attempt it is."""
    same = {p.name for p in function.node.params} - {"self", "cls"}
    for node in statements(function.statements):
        if isinstance(node, s.For) and isinstance(node.iter, s.Name) and node.iter.path in same:
            same.update(t.path for t in _targets(node.target))
    return same


def _returns_early(function: FunctionSymbol, event: Event, exists_counts: bool) -> bool:
    """``if <state>: return`` before the effect."""
    for node in statements(function.statements):
        if node.pos >= event.statement.pos:
            break
        if isinstance(node, s.If) and node.body and _looks_at_state(node.test, function, exists_counts):
            last = node.body[-1]
            if isinstance(last, (s.Return, s.Raise)) or (isinstance(last, s.Plain) and last.what == "continue"):
                return True
    return False


def _marks_done(loop: s.For) -> bool:
    """Whether a loop changes its element, so that a second run would choose others."""
    names = {t.path for t in _targets(loop.target)}
    for node in statements(loop.body):
        if isinstance(node, s.Assign):
            for target in node.targets:
                if isinstance(target, s.Name) and target.path.partition(".")[0] in names and "." in target.path:
                    return True
        if isinstance(node, s.Expression) and isinstance(node.value, s.Call) and isinstance(node.value.func, s.Name):
            owner, _, method = node.value.func.path.rpartition(".")
            if owner.partition(".")[0] in names and method in ("delete", "save", "update", "mark", "archive"):
                return True
            if method.startswith(("mark", "set_", "archive", "complete")):
                return True
    return False


def _targets(target: s.Expr) -> Iterator[s.Name]:
    return (node for node in below(target) if isinstance(node, s.Name))


def swallows(statement: s.Try) -> bool:
    """Whether a ``try`` catches everything and does not raise again."""
    for handler in statement.handlers:
        types = handler.type.items if isinstance(handler.type, s.Display) else (handler.type,)
        broad = any(t is None or (isinstance(t, s.Name) and t.path in BROAD) for t in types)
        if broad and not any(isinstance(n, s.Raise) for body in handler.body for n in below(body)):
            return True
    return False
