"""What parameters without an annotation are, by what callers pass: one is known to pass such a value, and none is known
to pass another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.walk import below, calls_below
from celerylint.model.apps import last_name
from celerylint.model.kinds.kind import Env, Kind, agreed
from celerylint.model.scopes import Scope
from celerylint.model.sorts import Sort
from celerylint.model.sorts.sort import agreed as agreed_sorts
from celerylint.model.symbols import FunctionSymbol
from celerylint.model.visit import all_scopes
from celerylint.sources.prefilter import is_test_path

if TYPE_CHECKING:
    from celerylint.model.project import Project

_MAX_DEPTH = 2
_MAX_CALLERS = 12
_MAX_FILES = 6


class GivenByCallers:
    """Answers for parameters; what it says is never sure, because a caller may not be visible."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._read = frozenset(project.modules_index.kept)
        self._known: dict[tuple[int, str], tuple[Kind | None, Sort | None]] = {}

    def env(self, expr: s.Expr, scope: Scope, env: Env, depth: int = 0) -> Env:
        """``env`` with the parameters that an expression names and that only callers can tell about."""
        function = scope.function
        if function is None or depth > _MAX_DEPTH or self.project.callers.runs_as_task(function):
            return env
        for name in {n.path.split(".")[0] for n in below(expr) if isinstance(n, s.Name)}:
            bindings = scope.table.by_name.get(name, ())
            if name in env.kinds or len(bindings) != 1 or not isinstance(bindings[0].node, s.Param):
                continue
            param = bindings[0].node
            if param.annotation is None and param.kind in ("positional", "keyword-only", "positional-only"):
                kind, sort = self._given(function, param, depth)
                if kind is not None or sort is not None:
                    env = env.binding(name, kind, sort)
        return env

    def _given(self, function: FunctionSymbol, param: s.Param, depth: int) -> tuple[Kind | None, Sort | None]:
        key = (id(function.node), param.name)
        if key not in self._known:
            self._known[key] = (None, None)  # for a function that calls itself
            self._known[key] = self._asked(function, param, depth)
        return self._known[key]

    def _asked(self, function: FunctionSymbol, param: s.Param, depth: int) -> tuple[Kind | None, Sort | None]:
        first = function.node.params[0] if function.node.params else None
        if function.owner is not None and param is first:
            return None, None
        calls = [*self.project.callers.calls_of(function), *self._unread(function)]
        kinds: list[Kind | None] = []
        sorts: list[Sort | None] = []
        for call, scope in calls if len(calls) <= _MAX_CALLERS else ():
            given = _argument(call, function, param)
            if given is None:
                if param.default is None:
                    return None, None
                continue
            env = self.project.arguments.env(call, scope)
            env = self.env(given, scope, env, depth + 1)
            span = scope.module.span(given.pos)
            kind = self.project.kinds.of(given, scope, env)
            kinds.append(kind.at(span, "passed by a caller") if kind is not None else None)
            sorts.append(self.project.sorts.of(given, scope, env.sorts))
        kind = agreed([k for k in kinds if k is not None])
        sort = agreed_sorts([x for x in sorts if x is not None]) if kind is not None else None
        if sort is not None and kind is not None:
            sort = Sort(sort.kind, sort.family, sort.model, kind.origin, kind.why, False)
        return kind.doubtful() if kind is not None else None, sort

    def _unread(self, function: FunctionSymbol) -> list[tuple[s.Call, Scope]]:
        """The calls in production files that nothing had asked for so far, where there are only few."""
        tree, index = self.project.tree, self.project.modules_index
        word = f"{function.name}(".encode()
        paths = [p for p in tree.python_files if p not in self._read and not is_test_path(p) and word in tree.read(p)]
        found: list[tuple[s.Call, Scope]] = []
        for module in map(index.load, paths) if len(paths) <= _MAX_FILES else ():
            for scope, body in all_scopes(module, self.project.evaluator) if module is not None else ():
                for statement in body:
                    if isinstance(statement, (s.Function, s.Class)):
                        continue
                    for call in calls_below(statement, into_functions=False):
                        if last_name(call.func) == function.name:
                            callee = self.project.callees.function(call, scope)
                            if callee is not None and callee.node is function.node:
                                found.append((call, scope))
        return found


def _argument(call: s.Call, function: FunctionSymbol, param: s.Param) -> s.Expr | None:
    """What a call passes for a parameter; None when that is not known, or nothing."""
    for keyword in call.keywords:
        if keyword.name == param.name:
            return keyword.value
    params = function.node.params
    static = any(isinstance(d, s.Name) and d.path == "staticmethod" for d in function.node.decorators)
    position = params.index(param) - (1 if function.owner is not None and not static else 0)
    if param.kind == "keyword-only" or position >= len(call.args):
        return None
    if any(isinstance(arg, s.Starred) for arg in call.args[: position + 1]):
        return None
    return call.args[position]
