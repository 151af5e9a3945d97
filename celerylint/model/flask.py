"""The configuration of a Flask application, as far as its code says it: where many projects keep Celery's settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from celerylint.facts import syntax as s
from celerylint.facts.walk import statements
from celerylint.model.apps import statement_calls
from celerylint.model.django import module_names
from celerylint.model.evaluate import Evaluator
from celerylint.model.modules import Module
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, ModuleSymbol
from celerylint.model.values import Instance, Known, Reference, Table, Unknown, Value, alternatives, choice
from celerylint.model.visit import all_scopes
from celerylint.sources.prefilter import is_test_path
from celerylint.sources.spans import Span

_FILLS = re.compile(rb"\.config(?:\.(?:from_(?:mapping|object|pyfile)|update|setdefault)\(|\[)")
_CONFIG_FILE = re.compile(r"(^|/)[^/]*(config|settings|conf)[^/]*(/[^/]+)?\.py$")
_METHODS = ("from_mapping", "from_object", "update", "setdefault", "from_pyfile")


class FlaskConfig:
    """Everything put into ``app.config`` of the project's Flask applications.

    Several applications, and several configuration classes, are variants: a key is then worth a choice.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._mappings: list[Table] | None = None
        self._objects: list[Reference | Instance] = []
        self._hidden = False
        self._known: dict[str, Value | None] = {}

    def lookup(self, key: str, span: Span) -> Value | None:
        """``app.config[key]``; None when nothing visible gives it."""
        if key not in self._known:
            self._known[key] = Unknown(f"Flask's `{key}` refers to itself", span)
            values = list(self._values(key))
            self._known[key] = choice(values, span) if values else None
        return self._known[key]

    def table(self, span: Span, prefix: str = "") -> Table | None:
        """The whole of ``app.config``, or what ``get_namespace(prefix)`` makes of it; None when nothing fills it."""
        names = {
            key.value
            for mapping in self._all_mappings()
            for key, _ in mapping.entries
            if isinstance(key, Known) and isinstance(key.value, str)
        }
        for source in self._objects or (self._by_name() if self._hidden else ()):
            names.update(self._names(source))
        entries: list[tuple[Value, Value]] = []
        for name in sorted(n for n in names if n.isupper() and n.startswith(prefix)):
            value = self.lookup(name, span)
            if value is not None:
                spelled = name[len(prefix) :].lower() if prefix else name
                entries.append((Known(spelled, value.span), value))
        return Table(tuple(entries), span, self._hidden) if entries else None

    # What gives a key

    def _values(self, key: str) -> Iterator[Value]:
        found = [value for mapping in self._all_mappings() if (value := mapping.get(key)) is not None]
        if found:  # set one by one, after the objects in every project that does both
            yield from found
            return
        members = self._members(self._objects, key)
        if not members and self._hidden:
            members = self._members(self._by_name(), key)
        serious = [value for source, value in members if "test" not in source.of.lower()]
        yield from serious or (value for _, value in members)

    def _members(self, sources: Iterable[Reference | Instance], key: str) -> list[tuple[Reference | Instance, Value]]:
        return [(source, value) for source in sources if (value := self._member(source, key)) is not None]

    def _member(self, source: Reference | Instance, key: str) -> Value | None:
        if isinstance(source.symbol, ModuleSymbol):
            return self.evaluator.module_member(source.symbol.module, key)
        if isinstance(source.symbol, ClassSymbol):
            found = self.evaluator.classes.find(source.symbol, key)
            return found[0] if found is not None else None
        return None

    def _names(self, source: Reference | Instance) -> set[str]:
        if isinstance(source.symbol, ModuleSymbol):
            return module_names(source.symbol.module, self.evaluator)
        if isinstance(source.symbol, ClassSymbol):
            lineage = self.evaluator.classes.lineage(source.symbol)[0]
            return {name for cls in lineage for name in self.evaluator.class_scope(cls).table.by_name}
        return set()

    def _by_name(self) -> Iterator[Reference]:
        """Configuration classes told by the name of their file, for a project that chooses one while it runs."""
        modules = self.evaluator.modules
        for path in modules.tree.python_files:
            if not _CONFIG_FILE.search(path) or is_test_path(path):
                continue
            module = modules.load(path)
            nodes = [n for n in module.facts.body if isinstance(n, s.Class)] if module is not None else []
            classes = [self.evaluator.class_symbol(node, module.scope) for node in nodes] if module is not None else []
            parents = {id(b.node) for cls in classes for b in self.evaluator.classes.lineage(cls)[0][1:]}
            for cls in classes:
                if id(cls.node) not in parents:
                    yield Reference(cls.qualified, cls, cls.span)

    # Reading what fills it

    def _all_mappings(self) -> list[Table]:
        if self._mappings is None:
            self._mappings = []
            modules = self.evaluator.modules
            for path in modules.tree.python_files:
                data = b"" if is_test_path(path) else modules.tree.read(path)
                if b".config" in data and _FILLS.search(data):
                    module = modules.load(path)
                    if module is not None:
                        self._read(module)
        return self._mappings

    def _read(self, module: Module) -> None:
        for scope, body in all_scopes(module, self.evaluator):
            for node in statements(body):
                if isinstance(node, s.Assign):
                    self._assigned(node, scope)
                for call in statement_calls(node):
                    self._called(call, scope)

    def _assigned(self, node: s.Assign, scope: Scope) -> None:
        for target in node.targets:
            if not (isinstance(target, s.Subscript) and _is_config(target.value) and node.value is not None):
                continue
            key = self.evaluator.value(target.index, scope)
            if isinstance(key, Known) and self._mappings is not None:
                value = self.evaluator.value(node.value, scope)
                self._mappings.append(Table(((key, value),), scope.module.span(target.pos)))

    def _called(self, call: s.Call, scope: Scope) -> None:
        if not isinstance(call.func, s.Name):
            return
        owner, _, method = call.func.path.rpartition(".")
        if method not in _METHODS or not _is_config(s.Name(call.func.pos, owner)) or self._mappings is None:
            return
        args, keywords, is_open = self.evaluator.arguments(call, scope)
        span = scope.module.span(call.pos)
        if method == "from_object":
            for option in alternatives(args[0]) if args else ():
                self._object(option, scope)
        elif method == "from_pyfile":
            self._hidden = True
        elif method == "setdefault":
            if len(args) == 2:
                self._mappings.append(Table(((args[0], args[1]),), span))
        else:
            for option in (o for arg in args for o in alternatives(arg)):
                if isinstance(option, Table):
                    self._mappings.append(option)
            entries = tuple((Known(name, value.span), value) for name, value in keywords.items())
            self._mappings.append(Table(entries, span, is_open))

    def _object(self, value: Value, scope: Scope) -> None:
        if isinstance(value, Known) and isinstance(value.value, str):
            found = self._by_string(value.value, scope)
            if found is not None:
                value = found
        if isinstance(value, (Reference, Instance)) and isinstance(value.symbol, (ModuleSymbol, ClassSymbol)):
            self._objects.append(value)
        else:
            self._hidden = True

    def _by_string(self, text: str, scope: Scope) -> Value | None:
        """``from_object("shop.config.Production")`` (``werkzeug.utils.import_string``)."""
        text = text.replace(":", ".")
        module = self.evaluator.modules.module(text, scope.module.path)
        if module is not None:
            return Reference(module.name, ModuleSymbol(module), scope.module.span((1, 1, 1, 1)))
        dotted, _, attr = text.rpartition(".")
        module = self.evaluator.modules.module(dotted, scope.module.path) if dotted else None
        return self.evaluator.module_member(module, attr) if module is not None else None


def _is_config(expr: s.Expr) -> bool:
    return isinstance(expr, s.Name) and expr.path.endswith(".config") and not expr.path.startswith("self.config")
