"""Functions and classes that surely are no tasks and so have none of a task's methods.

"Surely" means: no decorator that could make one, no attribute put on them later, no base class that is not here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.model.modules import Module
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, FunctionSymbol, ModuleSymbol
from celerylint.model.values import Collection, Instance, Reference, Table, Value, alternatives
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.project import Project

_KEEPS = frozenset(
    {
        "staticmethod",
        "classmethod",
        "functools.wraps",
        "functools.lru_cache",
        "functools.cache",
        "contextlib.contextmanager",
        "django.db.transaction.atomic",
        "typing.no_type_check",
    }
)
"""Decorators whose result has no attributes of a task's."""

_PLAIN_BASES = frozenset(
    {"object", "abc.ABC", "typing.Generic", "typing.Generic()", "typing.Protocol", "typing.NamedTuple", "enum.Enum"}
)
_DATA = {"instances": "a list", "query": "a queryset", "rows": "a queryset", "table": "a dict", "pair": "a tuple"}
"""Kind of ORM value that has no method of a task's: what it is."""

_DYNAMIC = re.compile(r"\bglobals\(\)|\bsetattr\(|\bsys\.modules\b|\bvars\(|__dict__|\b__getattr__\b|\bexec\(")
"""Signs of a module or class that gets names in a way that reading does not see."""


def plain_function(value: Value, attribute: str, project: Project) -> FunctionSymbol | None:
    """The function of the project that ``value`` surely is and that has no ``attribute``; None when in doubt."""
    found: FunctionSymbol | None = None
    for option in alternatives(value):
        symbol = option.symbol if isinstance(option, Reference) else None
        if not isinstance(symbol, FunctionSymbol) or not _is_plain(symbol, project):
            return None
        if _given(symbol.name, attribute, symbol.module, project) or (found is not None and found is not symbol):
            return None
        found = symbol
    return found


def plain_method(owner: s.Expr, attribute: str, scope: Scope, project: Project) -> FunctionSymbol | None:
    """The same for ``self.method``: the method of the class around."""
    if (
        not isinstance(owner, s.Name)
        or owner.path.count(".") != 1
        or owner.path.partition(".")[0] not in _selves(scope)
    ):
        return None
    cls = scope.method_owner()
    name = owner.path.partition(".")[2]
    method = project.evaluator.classes.method(cls, name) if cls is not None else None
    if method is None or not _is_plain(method, project) or _given(name, attribute, method.module, project):
        return None
    return method


def plain_class(cls: ClassSymbol, attribute: str, project: Project) -> bool:
    """Whether neither a class of the project nor its instances can have ``attribute``."""
    classes = project.evaluator.classes
    order, outside = classes.lineage(cls)
    if not set(outside) <= _PLAIN_BASES or classes.find(cls, attribute) is not None:
        return False
    for one in order:
        if one.node.decorators or one.node.keywords or classes.own(one, "__getattr__") is not None:
            return False
        text = project.tree.source(one.module.path).text
        if _DYNAMIC.search(text) or re.search(rf"\.{attribute}\s*=[^=]", text):
            return False
    return True


def derived(cls: ClassSymbol, project: Project) -> bool:
    """Whether some class of the project may derive from ``cls``: what ``cls`` lacks may then come from beside it."""
    pattern = re.compile(rb"^[ \t]*class[ \t]+\w+[ \t]*\([^)]*\b" + cls.name.encode() + rb"\b", re.MULTILINE)
    data = (project.tree.read(path) for path in project.tree.python_files)
    word = cls.name.encode()
    return any(word in one and pattern.search(one) for one in data)


def plain_owner(value: Value, attribute: str, project: Project) -> ClassSymbol | None:
    """The class of the project that ``value`` surely is (or is an instance of) and that has no ``attribute``."""
    options = list(alternatives(value))
    if len(options) != 1 or not isinstance(options[0], (Reference, Instance)):
        return None
    symbol = options[0].symbol
    if isinstance(symbol, ClassSymbol) and plain_class(symbol, attribute, project):
        return symbol
    return None


def data(owner: s.Expr, scope: Scope, project: Project) -> tuple[str, Span] | None:
    """For a list, a dict, a queryset: what it is in words, and where that was seen; None for anything else."""
    sort = project.sorts.of(owner, scope)
    if sort is not None and sort.kind in _DATA:
        return f"{_DATA[sort.kind]} of `{sort.model.name}`" if sort.model is not None else _DATA[sort.kind], sort.origin
    options = list(alternatives(project.evaluator.value(owner, scope)))
    if options and all(isinstance(o, (Collection, Table)) for o in options):
        return ("a dict" if isinstance(options[0], Table) else "a list"), options[0].span
    return None


def missing_member(owner: s.Expr, scope: Scope, project: Project) -> tuple[Module, str] | None:
    """For ``module.name``, and a name that this function imports from there: the module of the project that surely
    has no such name; None when in doubt."""
    if not isinstance(owner, s.Name):
        return None
    if "." not in owner.path:
        return _missing_import(owner.path, scope, project)
    path, _, name = owner.path.rpartition(".")
    value = project.evaluator.name(path, scope, owner.pos)
    symbol = value.symbol if isinstance(value, Reference) else None
    if not isinstance(symbol, ModuleSymbol):
        return None
    return (symbol.module, name) if _surely_lacks(symbol.module, name, scope, project) else None


def _missing_import(name: str, scope: Scope, project: Project) -> tuple[Module, str] | None:
    """``from shop.tasks import charge`` in a function, where the module has no such name."""
    bindings = scope.table.by_name.get(name, ()) if scope.function is not None else ()
    node = bindings[0].node if len(bindings) == 1 and not bindings[0].branch else None
    if not isinstance(node, s.Import) or node.name is None:
        return None
    module = project.evaluator.import_target(node, scope.module)
    found = module is not None and _surely_lacks(module, node.name, scope, project)
    return (module, node.name) if module is not None and found else None


def _surely_lacks(module: Module, name: str, scope: Scope, project: Project) -> bool:
    if module.scope.table.stars or project.evaluator.module_member(module, name) is not None:
        return False
    dynamic = _DYNAMIC.search(project.tree.source(module.path).text) is not None
    given = _given(module.name.rpartition(".")[2], name, scope.module, project)
    return not (dynamic or given or several_editions(module, project))


def several_editions(module: Module, project: Project) -> bool:
    """Whether another file could be meant by the module's name (a second edition of the package, say)."""
    suffix = "/" + module.path.removesuffix("/__init__.py").removesuffix(".py")
    tail = "/" + "/".join(module.name.split("."))
    return sum(
        ("/" + path.removesuffix("/__init__.py").removesuffix(".py")).endswith(tail)
        for path in project.tree.python_files
    ) > (1 if suffix.endswith(tail) else 0)


def _is_plain(function: FunctionSymbol, project: Project) -> bool:
    reference = Reference(function.qualified, function, function.span)
    if project.is_task(reference) or function.name == "<lambda>":
        return False
    for decorator in function.node.decorators:
        value = project.evaluator.value(decorator, function.scope)
        if not (isinstance(value, (Reference, Instance)) and value.of.removeprefix("builtins.") in _KEEPS):
            return False
    return True


def _given(name: str, attribute: str, module: Module, project: Project) -> bool:
    """Whether the attribute is put on the thing somewhere in the module that defines it."""
    text = project.tree.source(module.path).text
    return _DYNAMIC_NAMES.search(text) is not None or bool(re.search(rf"\b{name}\.{attribute}\s*=[^=]", text))


_DYNAMIC_NAMES = re.compile(r"\bglobals\(\)|\bsetattr\(\s*(?:sys\.modules|\w+,)|\bsys\.modules\[__name__\]")


def _selves(scope: Scope) -> set[str]:
    names: set[str] = set()
    current: Scope | None = scope
    while current is not None:
        function = current.function
        if function is not None and function.owner is not None and function.node.params:
            names.add(function.node.params[0].name)
        current = current.parent
    return names
