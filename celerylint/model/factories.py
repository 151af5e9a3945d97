"""What makes a task: ``shared_task``, ``app.task``, and everything projects build around them.

A decorator is folded like any other expression, so a wrapper that forwards to ``shared_task`` (a function, a partial, a
decorator object, a method of a Celery subclass) ends in the same few shapes: something called with task options.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.model.entities import Option
from celerylint.model.symbols import ClassSymbol, FunctionSymbol
from celerylint.model.values import Choice, Instance, Reference, Value

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator

APP_CLASSES = frozenset({"celery.Celery", "celery.app.Celery", "celery.app.base.Celery"})
SHARED = frozenset(
    {
        "celery.shared_task",
        "celery.app.shared_task",
        "celery.task",
        "celery.task.task",
        "celery.decorators.task",
        "celery.task.base.task",
        "celery.current_app.task",
        "celery._state.current_app.task",
        "celery.app.current_app.task",
    }
)
PERIODIC = frozenset(
    {
        "celery.task.periodic_task",
        "celery.decorators.periodic_task",
        "celery.task.base.periodic_task",
    }
)
TASK_CLASSES = frozenset(
    {
        "celery.Task",
        "celery.app.task.Task",
        "celery.task.Task",
        "celery.task.base.Task",
        "celery.app.task.BaseTask",
        "celery.contrib.django.task.DjangoTask",
        "celery.current_app.Task",
        "celery.task.PeriodicTask",
    }
)


@dataclass(slots=True)
class Recipe:
    """How one function becomes a task. ``wrapped`` is the function registered in its stead (a wrapper's inner one)."""

    app: Instance | None
    options: dict[str, Option]
    unknown: Unknown | None = None
    wrapper: str | None = None
    wrapped: FunctionSymbol | None = None
    periodic: bool = False
    args: tuple[Value, ...] = field(default=())


class Factories:
    """Recognises task factories among folded values."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._depth = 0

    def is_app(self, value: Value | None) -> bool:
        """Whether a value is a Celery application: an instance of ``Celery``, of a subclass, or of a class from a
        package that is not here but that is named as one (``NotifyCelery``)."""
        if not isinstance(value, Instance):
            return False
        if isinstance(value.symbol, ClassSymbol):
            return self.is_app_class(value.symbol)
        return _is_app_class(value.of)

    def is_app_class(self, cls: ClassSymbol) -> bool:
        return any(_is_app_class(base) for base in self.evaluator.classes.outside_bases(cls))

    def is_task_class(self, cls: ClassSymbol) -> bool:
        return any(b in TASK_CLASSES or b.endswith("().Task") for b in self.evaluator.classes.outside_bases(cls))

    def recipe(self, decorator: Value, function: FunctionSymbol) -> Recipe | None:
        """What applying ``decorator`` to ``function`` makes, None when it makes no task."""
        if self._depth > 4:
            return None
        self._depth += 1
        try:
            return self._recipe(decorator, function)
        finally:
            self._depth -= 1

    def _recipe(self, decorator: Value, function: FunctionSymbol) -> Recipe | None:
        if isinstance(decorator, Choice):
            found = [r for r in (self.recipe(option, function) for option in decorator.options) if r]
            if len(found) > 1:
                unknown = Unknown("the decorator depends on a condition", decorator.span)
                return replace(found[0], unknown=found[0].unknown or unknown)
            return found[0] if found else None
        recipe = self.factory(decorator)
        if recipe is not None:
            return recipe
        if isinstance(decorator, Reference) and isinstance(decorator.symbol, FunctionSymbol):
            args: list[Value] = [Reference(function.qualified, function, function.span)]
            if decorator.owner is not None:
                args.insert(0, decorator.owner)
            return self._applied(decorator.symbol, args, function)
        if isinstance(decorator, Instance) and decorator.of == "functools.partial" and not decorator.open:
            return self._partial(decorator, function)
        if isinstance(decorator, Instance) and isinstance(decorator.symbol, ClassSymbol):
            called = self.evaluator.classes.method(decorator.symbol, "__call__")
            if called is not None:
                own = Reference(function.qualified, function, function.span)
                return self._applied(called, [decorator, own], function)
        return None

    def _partial(self, decorator: Instance, function: FunctionSymbol) -> Recipe | None:
        """``partial(task, time_limit=20)`` of the project's own ``task``, used as a decorator."""
        made = decorator.args[0] if decorator.args else None
        if not (isinstance(made, Reference) and isinstance(made.symbol, FunctionSymbol)):
            return None
        args = [*decorator.args[1:], Reference(function.qualified, function, function.span)]
        if made.owner is not None:
            args.insert(0, made.owner)
        return self._applied(made.symbol, args, function, dict(decorator.keywords))

    def _applied(
        self,
        decorator: FunctionSymbol,
        args: list[Value],
        function: FunctionSymbol,
        keywords: dict[str, Value] | None = None,
    ) -> Recipe | None:
        """What the project's own decorator returns for a function."""
        if not _may_make_task(decorator):
            return None
        result = self.evaluator.inline(decorator, args, keywords or {}, function.span)
        for option in result.options if isinstance(result, Choice) else (result,):
            recipe = self.product(option, function)
            if recipe is not None:
                recipe.wrapper = recipe.wrapper or decorator.qualified
                return recipe
        return None

    def product(self, value: Value, function: FunctionSymbol) -> Recipe | None:
        """The recipe of a task that was made of ``function`` and is worth ``value``; None when that is no task."""
        if isinstance(value, Instance):
            recipe = self.factory(value.callee) if value.callee is not None else None
            if recipe is not None and not isinstance(value.callee, Reference):
                return _wrapping(recipe, value)  # shared_task(**options)(function)
            whole = self.factory(value)
            return _wrapping(whole, value) if whole is not None else None  # shared_task(function, **options)
        if isinstance(value, Reference) and isinstance(value.symbol, FunctionSymbol) and value.symbol is not function:
            inner = value.symbol
            for decorator in inner.node.decorators:
                recipe = self.recipe(self.evaluator.value(decorator, inner.scope), inner)
                if recipe is not None:
                    recipe.wrapped = inner
                    return recipe
        return None

    def factory(self, value: Value | None) -> Recipe | None:
        """The recipe that a value stands for when it is a task factory, called with options or not."""
        if isinstance(value, Reference):
            return self._plain_factory(value)
        if not isinstance(value, Instance):
            return None
        if value.of == "functools.partial" and value.args:
            recipe = self.factory(value.args[0])
            return _with_options(recipe, value, "wrapper") if recipe else None
        if isinstance(value.callee, (Reference, Instance)):
            if isinstance(value.callee, Instance) and value.callee.of != "functools.partial":
                return None
            recipe = self.factory(value.callee)
            if recipe is not None:
                return _with_options(recipe, value, "decorator")
        return None

    def _plain_factory(self, value: Reference) -> Recipe | None:
        if value.of in SHARED:
            return Recipe(None, {})
        if value.of in PERIODIC:
            return Recipe(None, {}, periodic=True)
        if value.of.endswith(".task") and isinstance(value.owner, Instance) and self.is_app(value.owner):
            if isinstance(value.symbol, FunctionSymbol):
                return None  # a subclass's own `task`: folded like any other wrapper
            return Recipe(value.owner, {})
        of_super = isinstance(value.owner, Instance) and value.owner.of in ("builtins.super", "super")
        if value.of.endswith("().task") and of_super:
            return Recipe(None, {})
        return None


def _is_app_class(of: str) -> bool:
    return of in APP_CLASSES or (of.rpartition(".")[2].endswith("Celery") and not of.startswith("celery."))


def _with_options(recipe: Recipe, call: Instance, layer: str) -> Recipe:
    options = dict(recipe.options)
    for name, value in call.keywords:
        options[name] = Option(value, "decorator" if layer == "decorator" else "wrapper", layer, value.span)
    unknown = recipe.unknown
    if call.open:
        unknown = Unknown("options passed as `**` that are not known", call.span)
    return Recipe(recipe.app, options, unknown, recipe.wrapper, recipe.wrapped, recipe.periodic, call.args)


def _wrapping(recipe: Recipe, call: Instance) -> Recipe:
    """A recipe whose task is the function passed as first argument, when that is a function of the project."""
    first = call.args[0] if call.args else None
    if isinstance(first, Reference) and isinstance(first.symbol, FunctionSymbol):
        recipe.wrapped = first.symbol
    return recipe


def _may_make_task(decorator: FunctionSymbol) -> bool:
    """Whether a function of the project says anything about tasks: most decorators do not, and need no folding."""
    if decorator.name == "<lambda>":  # forwards to something in the same file
        return bool(decorator.module.facts.hot_lines)
    whole = decorator.owner.node.whole if decorator.owner is not None else decorator.node.whole
    first, last = whole[0], whole[2]
    return any(first <= line <= last for line in decorator.module.facts.hot_lines)


def own_keywords(expr: s.Expr) -> frozenset[str]:
    """The option names written at the decorator itself."""
    if isinstance(expr, s.Call):
        return frozenset(k.name for k in expr.keywords if k.name)
    return frozenset()


def relayer(recipe: Recipe, expr: s.Expr, direct: bool) -> None:
    """Tell options written at the decorator from those that a wrapper adds; ``direct``: there is no wrapper."""
    own = own_keywords(expr)
    label = _label(expr)
    for name, option in recipe.options.items():
        if direct or name in own:
            recipe.options[name] = replace(option, origin="decorator", layer="decorator")
        else:
            recipe.options[name] = replace(option, origin=f"wrapper `{label}`", layer="wrapper")


def _label(expr: s.Expr) -> str:
    if isinstance(expr, s.Call):
        return _label(expr.func)
    return expr.path if isinstance(expr, s.Name) else "decorator"
