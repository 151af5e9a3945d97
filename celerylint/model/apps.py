"""Find the Celery applications of the project and what is done to them."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import commonprefix
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.facts.walk import calls_below, statements
from celerylint.model.entities import App
from celerylint.model.factories import APP_CLASSES, TASK_CLASSES, Factories
from celerylint.model.modules import Module
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol
from celerylint.model.values import Instance, Known, Reference, Value, alternatives
from celerylint.model.visit import body_of, scopes
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator


class Apps:
    """All apps by the place of their ``Celery(...)`` call."""

    def __init__(self, evaluator: Evaluator, factories: Factories) -> None:
        self.evaluator = evaluator
        self.factories = factories
        self.by_span: dict[Span, App] = {}
        self.instances: dict[Span, Instance] = {}
        self.registered_classes: set[int] = set()
        self._classes: set[str] = set()

    def all(self) -> list[App]:
        return [self.by_span[span] for span in sorted(self.by_span)]

    def learn(self, module: Module) -> None:
        """Note the names of the project's own app classes, before ``collect``."""
        for node in statements(module.facts.body):
            cls = self.evaluator.class_symbol(node, module.scope) if isinstance(node, s.Class) and node.bases else None
            if cls is not None and self.factories.is_app_class(cls):
                self._classes.add(cls.name)

    def collect(self, module: Module) -> None:
        """Note the apps made and the task classes registered in one module."""
        for scope in scopes(module, self.evaluator):
            for statement in statements(body_of(scope)):
                for call in statement_calls(statement):
                    self._consider(call, scope)

    def add_implicit(self, module: Module) -> None:
        """The default app, configured by a Django settings module or ``celeryconfig``, when no app is written."""
        names = sorted(
            (b.pos, name)
            for name, bindings in module.scope.table.by_name.items()
            for b in bindings
            if b.kind == "assign" and name.upper().startswith(("CELERY", "BROKER_"))
        )
        if not names or self.by_span:
            return
        span = module.span(names[0][0])
        self.by_span[span] = App(name="default", main=None, module=module.name, span=span, implicit=True)
        self.instances[span] = Instance("celery.Celery", None, (), (), span)

    def _consider(self, call: s.Call, scope: Scope) -> None:
        last = last_name(call.func)
        if last in ("register_task", "register") and call.args:
            value = self.evaluator.value(call.args[0], scope)
            for option in alternatives(value):
                if isinstance(option, (Instance, Reference)) and isinstance(option.symbol, ClassSymbol):
                    self.registered_classes.add(id(option.symbol.node))
        elif "elery" in last or "App" in last or last == "app" or last in self._classes:
            value = self.evaluator.value(call, scope)
            if (
                isinstance(value, Instance)
                and value.span == scope.module.span(call.pos)
                and self.factories.is_app(value)
            ):
                self._add(value, call, scope)

    def _add(self, value: Instance, call: s.Call, scope: Scope) -> None:
        if value.span in self.by_span:
            return
        module = scope.module
        app = App(
            name=_assigned_name(call, scope) or "app",
            main=value.keyword("main", 0),
            module=module.name,
            span=value.span,
        )
        if isinstance(value.symbol, ClassSymbol):
            declared = self.evaluator.classes.find(value.symbol, "task_cls")
            self._task_class(app, declared[0] if declared else None)
            outside = [b for b in self.evaluator.classes.outside_bases(value.symbol) if b not in APP_CLASSES]
            if outside:
                app.foreign_class = Unknown(f"the app's class derives from `{outside[0]}`, which is not here", app.span)
        elif value.of not in APP_CLASSES:
            app.foreign_class = Unknown(f"the app's class `{value.of}` is not here", app.span)
            app.opaque = (app.foreign_class,)
        self._task_class(app, value.keyword("task_cls"))
        self._task_class_set_later(app, value, scope)
        strict = value.keyword("strict_typing")
        if strict is not None:
            app.lenient = not strict.value if isinstance(strict, Known) else None
        self.by_span[value.span] = app
        self.instances[value.span] = value

    def _task_class(self, app: App, value: Value | None) -> None:
        """``task_cls=``: the base of every task of the app; a class, or a string ``module:Class``."""
        if value is None:
            return
        if isinstance(value, Known) and isinstance(value.value, str):
            value = self._by_string(value.value, app.span)
        if isinstance(value, Reference) and isinstance(value.symbol, ClassSymbol):
            app.task_class = value.symbol
        elif not (isinstance(value, Reference) and value.of in TASK_CLASSES) and not isinstance(value, Known):
            app.foreign_class = Unknown("the app's task class is not here", value.span)

    def _task_class_set_later(self, app: App, value: Instance, scope: Scope) -> None:
        """``app.Task = ContextTask`` beside the app, ``self.Task = ...`` and ``super().__init__(task_cls=...)`` in a
        method of its class."""
        for binding in scope.table.by_name.get(f"{app.name}.Task", ()):
            self._task_class(app, self.evaluator.bound(binding, scope))
        lineage = self.evaluator.classes.lineage(value.symbol)[0] if isinstance(value.symbol, ClassSymbol) else ()
        for method in (method for cls in lineage for method in self.evaluator.classes.methods(cls)):
            inner = self.evaluator.function_scope(method)
            for binding in inner.table.by_name.get("self.Task", ()):
                self._task_class(app, self.evaluator.bound(binding, inner))
            for call in (c for node in statements(method.statements) for c in statement_calls(node)):
                given = next((k.value for k in call.keywords if k.name == "task_cls"), None)
                if given is not None and last_name(call.func) == "__init__":
                    self._task_class(app, self.evaluator.value(given, inner))

    def _by_string(self, text: str, span: Span) -> Value:
        dotted, _, attr = text.replace(":", ".").rpartition(".")
        module = self.evaluator.modules.module(dotted, span.path)
        member = self.evaluator.module_member(module, attr) if module else None
        return member if member is not None else Unknown(f"`{text}` is not here", span)

    # Questions

    def of(self, value: Value | None) -> App | None:
        """The app that a folded value is."""
        for option in alternatives(value) if value is not None else ():
            if isinstance(option, Instance) and option.span in self.by_span:
                return self.by_span[option.span]
        return None

    def nearest(self, module: Module) -> tuple[App, ...]:
        """The apps that a ``shared_task`` of a module most likely belongs to: those nearest by package, all that
        tie."""
        candidates = [a for a in self.all() if not _in_tests(a)] or self.all()

        def shared(app: App) -> int:
            return len(commonprefix([module.name.split("."), app.module.split(".")]))

        most = max(map(shared, candidates), default=0)
        return tuple(a for a in candidates if shared(a) == most)

    def for_module(self, module: Module) -> App | None:
        """The app that ``shared_task`` in a module belongs to: the only one, or the first of the nearest."""
        return next(iter(self.nearest(module)), None)

    def owner(self, expr: s.Expr, scope: Scope) -> App | None:
        """The app that an expression such as ``app`` or ``current_app`` stands for, when that can be told.

        A parameter named like an app (``sender`` in ``on_after_configure``) is the module's app.
        """
        value = self.evaluator.value(expr, scope)
        app = self.of(value)
        if app is not None:
            return app
        if isinstance(value, Reference) and value.of.endswith(("current_app", "celery.app.app_or_default")):
            return self.for_module(scope.module)
        if isinstance(value, Unknown) and isinstance(expr, s.Name) and looks_like_app(expr.path):
            return self.for_module(scope.module)
        if isinstance(expr, s.Name) and expr.path == "self":  # a method of the project's own subclass of Celery
            cls = scope.method_owner()
            own = (span for span, i in self.instances.items() if cls is not None and i.symbol is cls)
            return self.by_span.get(next(own, scope.module.span((0, 0, 0, 0))))
        return None


def looks_like_app(path: str) -> bool:
    last = path.rpartition(".")[2]
    return last in ("sender", "app", "celery") or last.endswith(("celery", "celery_app", "celeryapp"))


def _in_tests(app: App) -> bool:
    from celerylint.sources.prefilter import is_test_path

    return is_test_path(app.span.path)


def statement_calls(statement: s.Stmt) -> Iterator[s.Call]:
    """The calls in a statement's own expressions; nested blocks and definitions are visited on their own."""
    if isinstance(statement, s.Function):
        for decorator in statement.decorators:
            yield from calls_below(decorator)
        for param in statement.params:
            if param.default is not None:
                yield from calls_below(param.default)
        return
    if isinstance(statement, s.Class):
        for part in (*statement.decorators, *statement.bases):
            yield from calls_below(part)
        return
    for expr in own_expressions(statement):
        yield from calls_below(expr)


def own_expressions(statement: s.Stmt) -> Iterator[s.Expr]:
    """The expressions that belong to a statement itself, not to its blocks."""
    if isinstance(statement, s.Assign):
        yield from statement.targets
        if statement.value is not None:
            yield statement.value
    elif isinstance(statement, (s.Expression, s.Return)):
        if statement.value is not None:
            yield statement.value
    elif isinstance(statement, s.Raise):
        yield from (e for e in (statement.exc, statement.cause) if e is not None)
    elif isinstance(statement, (s.If, s.While)):
        yield statement.test
    elif isinstance(statement, s.For):
        yield statement.iter
    elif isinstance(statement, s.With):
        yield from (context for context, _ in statement.items)
    elif isinstance(statement, s.Match):
        yield statement.subject
        yield from (guard for guard, _ in statement.cases if guard is not None)
    elif isinstance(statement, s.Try):
        yield from (h.type for h in statement.handlers if h.type is not None)
    elif isinstance(statement, s.Plain):
        yield from statement.values


def last_name(func: s.Expr) -> str:
    """The last part of what is called: ``delay`` in ``task.delay(...)``."""
    if isinstance(func, s.Name):
        return func.path.rpartition(".")[2]
    return func.name if isinstance(func, s.Attribute) else ""


def _assigned_name(call: s.Call, scope: Scope) -> str | None:
    for name, bindings in scope.table.by_name.items():
        if any(b.value is call for b in bindings):
            return name
    return None
