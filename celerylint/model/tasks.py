"""Find every task as a worker would register it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.facts.walk import below, calls_below, statements
from celerylint.knowledge.guard_table import TASK_BASES
from celerylint.model.apps import last_name
from celerylint.model.builtin_calls import text_of
from celerylint.model.entities import App, Option, Parameter, Signature, Task
from celerylint.model.evaluate import REGISTERED
from celerylint.model.factories import TASK_CLASSES, Factories, Recipe, relayer
from celerylint.model.modules import Module
from celerylint.model.passing import Looks, Passing, handed_on, passing
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Instance, Known, Reference, Value
from celerylint.model.visit import body_of, scopes
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.model.apps import Apps
    from celerylint.model.evaluate import Evaluator

ATTRIBUTES = (
    "max_retries",
    "default_retry_delay",
    "rate_limit",
    "ignore_result",
    "trail",
    "send_events",
    "store_errors_even_if_ignored",
    "serializer",
    "time_limit",
    "soft_time_limit",
    "track_started",
    "acks_late",
    "acks_on_failure_or_timeout",
    "reject_on_worker_lost",
    "throws",
    "expires",
    "priority",
    "queue",
    "exchange",
    "routing_key",
    "autoretry_for",
    "dont_autoretry_for",
    "retry_backoff",
    "retry_backoff_max",
    "retry_jitter",
    "retry_kwargs",
    "typing",
    "compression",
    "delivery_mode",
    "immediate",
    "mandatory",
    "pydantic",
)
"""Options that a base class can give as class attributes (``celery.app.task.Task`` and ``celery.app.autoretry``)."""

_TRANSPARENT = frozenset(
    {
        "functools.wraps",
        "staticmethod",
        "builtins.staticmethod",
        "typing.no_type_check",
        "typing.final",
        "django.db.transaction.atomic",
        "sentry_sdk.trace",
    }
)
"""Decorators from outside that pass all arguments on as they are."""


class Tasks:
    """Collects tasks from all loaded modules."""

    def __init__(self, evaluator: Evaluator, factories: Factories, apps: Apps) -> None:
        self.evaluator = evaluator
        self.factories = factories
        self.apps = apps
        self.by_function: dict[int, Task] = {}
        self.by_class: dict[int, Task] = {}
        self.by_call: dict[tuple[Span, int], Task] = {}
        """Tasks made by a call, ``refresh = app.task(refresh_all)``: one function may be several tasks."""
        self.found: list[Task] = []

    def collect(self, module: Module) -> None:
        """Find the tasks of one module."""
        for scope in scopes(module, self.evaluator):
            for node in statements(body_of(scope)):
                if isinstance(node, s.Function) and node.decorators:
                    self._decorated(node, scope)
                elif isinstance(node, s.Class):
                    self._class(node, scope)
                else:
                    for call in _calls_of(node):
                        self._called(call, scope)

    # Functions under a decorator

    def _decorated(self, node: s.Function, scope: Scope) -> None:
        if _is_inner_of_decorator(node, scope):
            return
        function = self.evaluator.function_symbol(node, scope)
        for index, decorator in enumerate(node.decorators):
            value = self.evaluator.value(decorator, scope)
            recipe = self.factories.recipe(value, function)
            if recipe is None:
                continue
            if recipe.app is None:
                recipe.app = self._owner_app(decorator, scope)
            self._refine(recipe, decorator, scope)
            beneath = node.decorators[index + 1 :]
            self._add(recipe, function, decorator, scope, beneath)
            return

    def _owner_app(self, decorator: s.Expr, scope: Scope) -> Instance | None:
        """The app in ``@app.task`` when a subclass's own ``task`` method hid it."""
        func = decorator.func if isinstance(decorator, s.Call) else decorator
        if isinstance(func, s.Name) and "." in func.path:
            owner = self.evaluator.name(func.path.rpartition(".")[0], scope, func.pos)
            if isinstance(owner, Instance) and self.factories.is_app(owner):
                return owner
        return None

    def _refine(self, recipe: Recipe, decorator: s.Expr, scope: Scope) -> None:
        func = decorator.func if isinstance(decorator, s.Call) else decorator
        callee = self.evaluator.value(func, scope)
        plain = self.factories.factory(callee)
        direct = isinstance(callee, Reference) and plain is not None
        relayer(recipe, decorator, direct)
        if not direct and (recipe.wrapper is None or recipe.wrapper.endswith("<lambda>")):
            recipe.wrapper = callee.of if isinstance(callee, (Reference, Instance)) else None

    # Functions handed to a factory: ``refresh = app.task(refresh_all, name="x")``

    def _called(self, call: s.Call, scope: Scope) -> None:
        if not call.args or not isinstance(call.args[0], s.Name) or last_name(call.func) == "register_task":
            return  # instances of task classes are followed in `_class`
        if not _may_be_function(call.args[0].path, scope):
            return
        first = self.evaluator.value(call.args[0], scope)
        if not (isinstance(first, Reference) and isinstance(first.symbol, FunctionSymbol)):
            return
        function = first.symbol
        if _is_inner_of_decorator(function.node, function.scope):
            return
        made = self.evaluator.value(call, scope)
        recipe = self.factories.product(made, function)
        if recipe is None or (made.span, id(function.node)) in self.by_call:
            return
        if recipe.app is None:
            recipe.app = self._owner_app(call, scope)
        self._refine(recipe, call, scope)
        task = self._add(recipe, function, call, scope, ())
        self.by_call[made.span, id(function.node)] = task

    # Building

    def _add(
        self, recipe: Recipe, function: FunctionSymbol, decorator: s.Expr, scope: Scope, beneath: tuple[s.Expr, ...]
    ) -> Task:
        module = scope.module
        app = self.apps.of(recipe.app) if recipe.app else self.apps.for_module(module)
        base = self._base(recipe, app)
        bind = _flag(recipe.options.get("bind"), recipe.unknown)
        name, explicit = self._name(recipe, function, beneath, scope, app)
        task = Task(
            name=name,
            module=module,
            span=module.span(decorator.pos),
            function_span=module.span(function.node.name_pos),
            kind="function",
            function=function,
            base=base,
            app=app,
            signature=self._signature(recipe, function, beneath, scope, bind, base),
            bind=bind,
            declared=dict(recipe.options),
            unknown_options=recipe.unknown,
            decorator_span=module.span(decorator.pos),
            decorator_is_call=isinstance(decorator, s.Call),
            wrapper=recipe.wrapper,
            in_tests=module.is_test,
            explicit_name=explicit,
            shared=recipe.app is None,
            apps=self.apps.nearest(module) if recipe.app is None else (app,) if app is not None else (),
        )
        self._inherit(task, base)
        self.by_function.setdefault(id(function.node), task)
        self.found.append(task)
        return task

    def _base(self, recipe: Recipe, app: App | None) -> ClassSymbol | None:
        option = recipe.options.get("base")
        if option is not None:
            if isinstance(option.value, Reference) and isinstance(option.value.symbol, ClassSymbol):
                return option.value.symbol
            if not (isinstance(option.value, Known) and option.value.value is None):
                if not (isinstance(option.value, Reference) and known_base(option.value.of)):
                    recipe.unknown = recipe.unknown or Unknown("the base class is not here", option.value.span)
                return None
        if app is not None:
            recipe.unknown = recipe.unknown or app.foreign_class
            return app.task_class
        return None

    def _inherit(self, task: Task, base: ClassSymbol | None) -> None:
        """Options that base classes give as class attributes; the nearest wins, the decorator wins over all."""
        if base is None:
            return
        for name in ATTRIBUTES:
            if name in task.declared:
                continue
            found = self.evaluator.classes.find(base, name)
            if found is not None:
                value, owner = found
                task.declared[name] = Option(value, f"base class `{owner.name}`", "base", value.span)
        outside = [b for b in self.evaluator.classes.outside_bases(base) if not known_base(b)]
        if outside and task.unknown_options is None:
            task.unknown_options = Unknown(f"base class `{outside[0]}` is not here", base.span)

    def _name(
        self, recipe: Recipe, function: FunctionSymbol, beneath: tuple[s.Expr, ...], scope: Scope, app: App | None
    ) -> tuple[str | Unknown, bool]:
        """``name=`` or what ``celery.utils.imports.gen_task_name`` makes: module and ``__name__`` of the function."""
        option = recipe.options.get("name")
        if option is not None and not (isinstance(option.value, Known) and option.value.value is None):
            text = text_of(option.value)
            return (text if text is not None else Unknown("its name is computed", option.value.span)), True
        if recipe.unknown is not None and recipe.unknown.reason.startswith("options passed"):
            return Unknown("options passed as `**` may hold a name", recipe.unknown.span), False
        made = self._generated_name(function, app)
        if made is not None:
            return made, False
        if app is not None and app.task_class is not None and self.evaluator.classes.find(app.task_class, "name"):
            return Unknown("its base class computes the name", function.span), False
        if recipe.wrapped is not None and recipe.wrapped is not function:
            renamed = recipe.wrapped
            if not _wraps(renamed, self.evaluator):
                return f"{renamed.module.name}.{renamed.name}", False
        for decorator in beneath:
            outer = self._renamed_by(decorator, scope)
            if outer is not None:
                return outer, False
        return f"{function.module.name}.{function.name}", False

    def _generated_name(self, function: FunctionSymbol, app: App | None) -> str | Unknown | None:
        """The name that the project's own ``gen_task_name(self, name, module)`` gives, None when there is none."""
        instance = self.apps.instances.get(app.span) if app is not None else None
        if instance is None or not isinstance(instance.symbol, ClassSymbol):
            return None
        method = self.evaluator.classes.method(instance.symbol, "gen_task_name")
        if method is None:
            return None
        span = function.span
        own: list[Value] = [instance, Known(function.name, span), Known(function.module.name, span)]
        text = text_of(self.evaluator.inline(method, own, {}, span))
        return text if text is not None else Unknown("the app's own `gen_task_name` computes the name", span)

    def _renamed_by(self, decorator: s.Expr, scope: Scope) -> str | None:
        """The name that a decorator of the project without ``functools.wraps`` gives to what it decorates."""
        inner = self._inner_of(decorator, scope)
        if inner is None or _wraps(inner, self.evaluator):
            return None
        return f"{inner.module.name}.{inner.name}"

    def _inner_of(self, decorator: s.Expr, scope: Scope) -> FunctionSymbol | None:
        """The inner function that a decorator of the project returns in place of the decorated one."""
        value = self.evaluator.value(decorator, scope)
        if not (isinstance(value, Reference) and isinstance(value.symbol, FunctionSymbol)):
            return None
        placeholder = Unknown("the decorated function", value.span)
        returned = self.evaluator.inline(value.symbol, [placeholder], {}, value.span)
        if isinstance(returned, Reference) and isinstance(returned.symbol, FunctionSymbol):
            return returned.symbol
        return None

    def _signature(
        self,
        recipe: Recipe,
        function: FunctionSymbol,
        beneath: tuple[s.Expr, ...],
        scope: Scope,
        bind: bool | Unknown,
        base: ClassSymbol | None,
    ) -> Signature | Unknown:
        span = function.span
        if isinstance(bind, Unknown):
            return Unknown("it is not known whether it is bound", span)
        passed: list[Passing | None] = []
        if base is not None:
            passed.append(self._given_by_class(base))
        if bind:
            passed.append(Passing(1, frozenset()))
        if recipe.wrapped is not None and recipe.wrapped is not function:
            passed.append(passing(recipe.wrapped, function, self._looks(recipe.wrapped)))
        passed += [self._given_by_decorator(decorator, scope, function) for decorator in beneath]
        if None in passed:
            return Unknown("a wrapper or decorator may change its parameters", span)
        given = [p for p in passed if p is not None]
        leading = 0
        for layer in given:
            if layer.own > leading:
                return Unknown("a wrapper takes parameters of its own", span)
            leading += layer.leading - layer.own
        named = frozenset[str]().union(*(p.named for p in given))
        signature = signature_of(function.node, function.module, leading, named)
        extra = [
            Parameter(name, "keyword-only", False, function.module.span(pos))
            for layer in given
            for name, pos in layer.extra
        ]
        last = [p for p in signature.parameters if p.kind == "kwargs"]
        return Signature((*(p for p in signature.parameters if p.kind != "kwargs"), *extra, *last))

    def _given_by_decorator(self, decorator: s.Expr, scope: Scope, function: FunctionSymbol) -> Passing | None:
        """What a decorator between the task decorator and the function gives to it; None when that is not known."""
        value = self.evaluator.value(decorator, scope)
        if isinstance(value, (Reference, Instance)) and value.of in _TRANSPARENT:
            return Passing(0, frozenset())
        if not (isinstance(value, Reference) and isinstance(value.symbol, FunctionSymbol)):
            return None
        own: list[Value] = [Reference(function.qualified, function, function.span)]
        if value.owner is not None:
            own.insert(0, value.owner)
        returned = self.evaluator.inline(value.symbol, own, {}, value.span)
        if not (isinstance(returned, Reference) and isinstance(returned.symbol, FunctionSymbol)):
            return None
        if returned.symbol.node is function.node:
            return Passing(0, frozenset())
        return passing(returned.symbol, function, self._looks(returned.symbol))

    def _looks(self, inner: FunctionSymbol) -> Looks:
        """Whether a call in a wrapper only looks at the function that it is given: a helper of the project that uses
        nothing but attributes of it (``lock_key(function)``)."""

        def looks(call: s.Call, name: s.Name) -> bool:
            value = self.evaluator.value(call.func, self.evaluator.function_scope(inner))
            helper = value.symbol if isinstance(value, Reference) and value.owner is None else None
            if not isinstance(helper, FunctionSymbol):
                return False
            params = [p.name for p in helper.node.params if p.kind in ("positional", "positional-only")]
            place = next((i for i, arg in enumerate(call.args) if arg is name), len(params))
            if place >= len(params):
                return False
            nodes = (node for statement in helper.statements for node in below(statement))
            return not any(isinstance(node, s.Name) and node.path == params[place] for node in nodes)

        return looks

    def _given_by_class(self, base: ClassSymbol) -> Passing | None:
        """What the ``__call__`` of task classes puts before the sender's arguments; None when that is not known."""
        leading, named = 0, frozenset[str]()
        for cls in self.evaluator.classes.lineage(base)[0]:
            method = next((m for m in self.evaluator.classes.methods(cls) if m.name == "__call__"), None)
            if method is None or not method.node.params:
                continue
            receiver = method.node.params[0].name
            onward = {"super.__call__", f"{receiver}.run"}
            found = handed_on(method, partial(_calls_one_of, onward), set())
            if found is None or found.own != 1:
                return None
            leading, named = leading + found.leading, named | found.named
            if not any(_path_of(call.func) == "super.__call__" for call in calls_below(method.node)):
                break
        return Passing(leading, named)

    # Classes

    def _class(self, node: s.Class, scope: Scope) -> None:
        """``class Charge(Task)`` that is registered: by ``register_task``, an explicit name, or an old-style base."""
        cls = self.evaluator.class_symbol(node, scope)
        if not self.factories.is_task_class(cls) or self._abstract(cls):
            return
        registered = self._registered_name(cls)
        if registered is None:
            return
        run = self.evaluator.classes.method(cls, "run")
        if run is None:
            return
        module = scope.module
        app = self.apps.for_module(module)
        task = Task(
            name=registered,
            module=module,
            span=module.span(node.pos),
            function_span=run.span,
            kind="class",
            function=self._implementation(cls, run),
            base=cls,
            app=app,
            signature=self._class_signature(cls, run),
            bind=True,
            declared={},
            unknown_options=None,
            in_tests=module.is_test,
            explicit_name=self.evaluator.classes.own(cls, "name") is not None,
        )
        self._inherit(task, cls)
        self.by_class[id(node)] = task
        self.found.append(task)

    def _implementation(self, cls: ClassSymbol, run: FunctionSymbol) -> FunctionSymbol:
        """What a base class's ``run`` hands its arguments to (``self.run_impl(*args, **kwargs)``); else ``run``."""
        if run.owner is None or run.owner.node is cls.node or not run.node.params:
            return run
        receiver = run.node.params[0].name
        for call in (c for statement in run.statements for c in calls_below(statement)):
            owner, _, name = _path_of(call.func).rpartition(".")
            if owner == receiver and any(isinstance(arg, s.Starred) for arg in call.args):
                return self.evaluator.classes.method(cls, name) or run
        return run

    def _class_signature(self, cls: ClassSymbol, run: FunctionSymbol) -> Signature | Unknown:
        given = self._given_by_class(cls)
        if given is None:
            return Unknown("the task class changes the arguments", cls.span)
        return signature_of(run.node, run.module, 1 + given.leading, given.named)

    def _abstract(self, cls: ClassSymbol) -> bool:
        own = self.evaluator.classes.own(cls, "abstract")
        return isinstance(own, Known) and own.value is True

    def _registered_name(self, cls: ClassSymbol) -> str | Unknown | None:
        """The name under which a task class is registered, None when nothing registers it."""
        own = self.evaluator.classes.find(cls, "name")
        keyword = next((k for k in cls.node.keywords if k.name == "name"), None)
        if id(cls.node) not in self.apps.registered_classes and keyword is None:
            return None
        if keyword is not None:
            text = text_of(self.evaluator.value(keyword.value, cls.scope))
            return text if text is not None else Unknown("its name is computed", cls.span)
        if own is None or (isinstance(own[0], Known) and own[0].value is None):
            return f"{cls.module.name}.{cls.name}"
        text = text_of(own[0])
        return text if text is not None else Unknown("its name is computed", own[0].span)

    # Questions

    def name_of(self, value: Value) -> str | None:
        """The registered name of the task that a folded value is, where it is known."""
        task = self.of_value(value) if isinstance(value, (Reference, Instance)) else None
        return task.name if task is not None and isinstance(task.name, str) else None

    def of_value(self, value: Value | None) -> Task | None:
        """The task that a folded value refers to."""
        if isinstance(value, Reference):
            if isinstance(value.symbol, FunctionSymbol):
                return self.by_function.get(id(value.symbol.node))
            if isinstance(value.symbol, ClassSymbol):
                return self.by_class.get(id(value.symbol.node))
        if isinstance(value, Instance):
            if isinstance(value.symbol, ClassSymbol):
                return self.by_class.get(id(value.symbol.node))
            if value.of.endswith("register_task") and value.args:
                return self.of_value(value.args[0])
            if value.of == REGISTERED:
                name = text_of(value.args[0])
                return next((t for t in self.found if t.name == name), None) if name is not None else None
            if value.args and self.factories.factory(value.callee) is not None:
                first = value.args[0]
                if isinstance(first, Reference) and isinstance(first.symbol, FunctionSymbol):
                    made = self.by_call.get((value.span, id(first.symbol.node)))
                    if made is not None:
                        return made
                return self.of_value(first)
        return None


def signature_of(node: s.Function, module: Module, drop: int, given: frozenset[str] = frozenset()) -> Signature:
    """What a caller passes; ``drop`` leading positional parameters, and the ``given`` ones, are somebody else's."""
    parameters: list[Parameter] = []
    for param in node.params:
        positional = param.kind in ("positional", "positional-only")
        if positional and drop:
            drop -= 1
            continue
        if param.name in given and param.kind not in ("args", "kwargs"):
            continue
        required = param.default is None and param.kind not in ("args", "kwargs")
        parameters.append(Parameter(param.name, param.kind, required, module.span(param.pos)))  # type: ignore[arg-type]
    return Signature(tuple(parameters))


def _may_be_function(path: str, scope: Scope) -> bool:
    """Whether a name is bound by a ``def`` or an import: folding what any other variable holds would be for nothing."""
    first = path.partition(".")[0]
    current: Scope | None = scope
    while current is not None:
        bindings = current.table.by_name.get(first)
        if bindings:
            return any(b.kind in ("function", "import", "class") for b in bindings)
        current = current.parent
    return bool(scope.module.scope.table.stars)


def _is_inner_of_decorator(node: s.Function, scope: Scope) -> bool:
    """Whether a nested function is what a decorator puts around the function it is given: it calls a parameter of an
    enclosing function, or copies its name with ``wraps(parameter)``. It becomes a task where the decorator is used."""
    params: set[str] = set()
    outer: Scope | None = scope
    while outer is not None and outer.function is not None:
        params.update(p.name for p in outer.function.node.params)
        outer = outer.parent
    if not params:
        return False
    for call in calls_below(node):
        if isinstance(call.func, s.Name) and call.func.path in params:
            return True
        if any(isinstance(a, s.Name) and a.path in params for a in call.args) and call in node.decorators:
            return True
    return False


def _flag(option: Option | None, unknown: Unknown | None) -> bool | Unknown:
    if option is None:
        return unknown if unknown is not None and unknown.reason.startswith("options passed") else False
    if isinstance(option.value, Known):
        return bool(option.value.value)
    return Unknown("it is computed", option.value.span)


def known_base(of: str) -> bool:
    """Whether it is known which options a base class from outside sets."""
    return of in TASK_BASES or plain_base(of)


def plain_base(of: str) -> bool:
    """Whether a base class from outside is one of Celery's own, or none that has attributes of tasks."""
    return (
        of in TASK_CLASSES
        or of.endswith("().Task")
        or of in ("object", "abc.ABC", "typing.Generic()", "typing.Generic")
    )


def _wraps(function: FunctionSymbol, evaluator: Evaluator) -> bool:
    """Whether an inner function takes over the name of what it wraps."""
    for decorator in function.node.decorators:
        value = evaluator.value(decorator, function.scope)
        of = value.of if isinstance(value, (Reference, Instance)) else ""
        if of.endswith(("functools.wraps", "wraps", "decorator.decorator")):
            return True
    return False


def _calls_one_of(paths: set[str], call: s.Call) -> bool:
    return _path_of(call.func) in paths


def _path_of(func: s.Expr) -> str:
    """``super().__call__`` and ``super(X, self).__call__`` as "super.__call__", plain names as they are."""
    if isinstance(func, s.Attribute) and isinstance(func.value, s.Call):
        return f"{_path_of(func.value.func)}.{func.name}"
    return func.path if isinstance(func, s.Name) else ""


def _calls_of(node: s.Stmt) -> Iterator[s.Call]:
    if isinstance(node, (s.Assign, s.Expression)) and isinstance(node.value, s.Call):
        yield node.value
