"""Every configuration value in every layer that Celery reads, and which of them wins.

Order of layers without a namespace (measured, `celery/app/utils.py:Settings` is a ChainMap): values set on
``app.conf``, then constructor keywords, then the config object, then defaults. Under a namespace the prefixed name is
looked up first in all layers, so the config object's ``CELERY_X`` wins over ``app.conf.x``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from celerylint.facts import syntax as s
from celerylint.facts.unknown import Unknown
from celerylint.facts.walk import statements
from celerylint.knowledge.setting_names import resolve
from celerylint.model.apps import Apps, last_name, statement_calls
from celerylint.model.django import DjangoSettings, module_names, open_stars
from celerylint.model.entities import App, Setting
from celerylint.model.flask import FlaskConfig
from celerylint.model.modules import Module
from celerylint.model.scopes import Scope
from celerylint.model.symbols import ClassSymbol, External, ModuleSymbol
from celerylint.model.values import Instance, Known, Reference, Table, Value, alternatives
from celerylint.model.visit import body_of, scopes
from celerylint.sources.spans import Pos, Span

if TYPE_CHECKING:
    from celerylint.model.evaluate import Evaluator

_CONSTRUCTOR = {"broker": "broker_url", "backend": "result_backend", "include": "include"}
_NOT_SETTINGS = frozenset(
    {
        "main",
        "loader",
        "amqp",
        "events",
        "log",
        "control",
        "set_as_current",
        "tasks",
        "changes",
        "config_source",
        "fixups",
        "task_cls",
        "autofinalize",
        "namespace",
        "strict_typing",
    }
)
_RANK = {"conf": 0, "constructor": 1, "config object": 2, "django": 2}


@dataclass(slots=True)
class Settings:
    """All settings found, by app and name."""

    found: list[Setting] = field(default_factory=list)
    spelled_nowhere: list[Setting] = field(default_factory=list)
    """Values under names that look like settings but that Celery does not read (``name`` is then the spelling)."""
    optional: list[Unknown] = field(default_factory=list)
    """Places from which a machine may add settings of its own; the project is complete without them."""

    def add(self, setting: Setting) -> None:
        for known in self.found:
            if known.span == setting.span and known.name == setting.name and known.app is setting.app:
                if known.variant != setting.variant:
                    known.variant = ""  # one line that several variants share
                return
        self.found.append(setting)

    def of(self, app: App | None, name: str) -> list[Setting]:
        """The effective values of a setting, one for each variant that sets it."""
        return [x for x in self.found if x.name == name and x.effective and (x.app is app or app is None)]

    def settle(self) -> None:
        """Mark the layers that lose."""
        groups: dict[tuple[int, str], list[Setting]] = {}
        for setting in self.found:
            groups.setdefault((id(setting.app), setting.name), []).append(setting)
        for group in groups.values():
            best = min(_rank(x) for x in group)
            for setting in group:
                setting.effective = _rank(setting) == best


def _rank(setting: Setting) -> int:
    prefixed = setting.app is not None and bool(setting.app.namespace) and setting.layer in ("django", "config object")
    return -1 if prefixed else _RANK[setting.layer]


class SettingsReader:
    """Reads the layers of every app."""

    def __init__(
        self, evaluator: Evaluator, apps: Apps, django: DjangoSettings, flask: FlaskConfig, version: str | None = None
    ) -> None:
        self.evaluator = evaluator
        self.apps = apps
        self.django = django
        self.flask = flask
        self.version = version
        self.settings = Settings()

    def read(self, modules: list[Module]) -> Settings:
        for app in self.apps.all():
            self._constructor(app)
            if app.implicit:
                self._implicit(app)
            if app.foreign_class is not None:
                self._foreign(app)
        for module in modules:
            for scope in scopes(module, self.evaluator):
                for statement in statements(body_of(scope)):
                    self._statement(statement, scope)
        self._app_classes()
        self.settings.settle()
        self.settings.found.sort(key=lambda x: (x.span, x.name))
        return self.settings

    def _app_classes(self) -> None:
        """``self.conf.update(...)`` in methods of the project's own app classes that were not kept as facts."""
        classes = {
            id(i.symbol.node): i.symbol for i in self.apps.instances.values() if isinstance(i.symbol, ClassSymbol)
        }
        for cls in classes.values():
            for method in self.evaluator.classes.methods(cls):
                if method.node.body is None:
                    scope = self.evaluator.function_scope(method)
                    for statement in statements(method.statements):
                        self._statement(statement, scope)

    # Constructor

    def _constructor(self, app: App) -> None:
        instance = self.apps.instances[app.span]
        for name, value in instance.keywords:
            if name in _CONSTRUCTOR or name not in _NOT_SETTINGS:
                self._add(_CONSTRUCTOR.get(name, name), value, value.span, "constructor", app, namespace="")
        for position, name in ((2, "backend"), (6, "broker")):  # Celery(main, loader, backend, amqp, events, log, ...)
            if position == 2 and len(instance.args) > position:
                given = instance.args[position]
                self._add(_CONSTRUCTOR[name], given, given.span, "constructor", app, "")
        if instance.open:
            self._opaque(app, "keywords passed as `**` to the app", app.span)
        if app.namespace == "" and isinstance(instance.keyword("namespace"), Known):
            app.namespace = str(instance.keyword("namespace").value)  # type: ignore[union-attr]
        source = instance.keyword("config_source")
        if source is not None:
            self._config_object(app, source, app.span)

    def _implicit(self, app: App) -> None:
        """The default app reads ``celeryconfig``, or all Django settings where django-celery is the loader."""
        module = self.evaluator.modules.loaded.get(app.span.path)
        if module is not None and module not in self.django.modules:
            self._module(app, module, "config object")
        else:
            self._django(app, app.span)

    # Statements

    def _statement(self, statement: s.Stmt, scope: Scope) -> None:
        if isinstance(statement, s.Assign) and statement.value is not None:
            for target in statement.targets:
                self._assigned(target, statement.value, scope)
        for call in statement_calls(statement):
            last = last_name(call.func)
            if last in ("config_from_object", "config_from_envvar", "config_from_cmdline"):
                self._load(call, scope, last)
            elif last in ("update", "add_defaults", "setdefault", "__setitem__"):
                self._updated(call, scope, last)

    def _app_conf(self, expr_path: str, scope: Scope, pos: Pos) -> App | None:
        """The app of a dotted name that ends in ``.conf``."""
        owner, _, last = expr_path.rpartition(".")
        if last != "conf" or not owner:
            return None
        return self.apps.owner(s.Name(pos, owner), scope)

    def _assigned(self, target: s.Expr, value: s.Expr, scope: Scope) -> None:
        module = scope.module
        if isinstance(target, s.Name) and ".conf." in target.path:
            conf, _, name = target.path.rpartition(".")
            app = self._app_conf(conf, scope, target.pos)
            if app is not None:
                found = self.evaluator.name(target.path, scope, None)
                folded = found if not isinstance(found, Unknown) else self.evaluator.value(value, scope)
                self._add(name, folded, module.span(target.pos), "conf", app, "", module.span(value.pos))
        elif isinstance(target, s.Subscript) and isinstance(target.value, s.Name):
            app = self._app_conf(target.value.path, scope, target.pos)
            key = self.evaluator.value(target.index, scope) if app is not None else None
            if app is not None and isinstance(key, Known) and isinstance(key.value, str):
                folded = self.evaluator.value(value, scope)
                self._add(key.value, folded, module.span(target.pos), "conf", app, "", module.span(value.pos))

    def _updated(self, call: s.Call, scope: Scope, method: str) -> None:
        if not isinstance(call.func, s.Name):
            return
        owner = call.func.path.rpartition(".")[0]
        app = (
            self.apps.owner(s.Name(call.pos, owner), scope)
            if method == "add_defaults"
            else self._app_conf(owner, scope, call.pos)
        )
        if app is None:
            return
        args, keywords, is_open = self.evaluator.arguments(call, scope)
        spans = {k.name: scope.module.span(k.pos) for k in call.keywords if k.name}
        if method in ("setdefault", "__setitem__"):
            if len(args) == 2 and isinstance(args[0], Known):
                self._add(str(args[0].value), args[1], scope.module.span(call.args[0].pos), "conf", app, "")
            return
        for name, value in keywords.items():
            self._add(name, value, spans.get(name, value.span), "conf", app, "", value.span)
        for expr, arg in zip(call.args, args, strict=False):
            self._mapping(app, self._of_flask(expr, scope) or arg, "conf")
        if is_open:
            self._opaque(app, "configuration passed as `**` that is not known", scope.module.span(call.pos))

    def _mapping(self, app: App, value: Value, layer: str) -> None:
        """``conf.update({...})``, ``conf.update(flask_app.config["CELERY"])``."""
        for option in alternatives(value):
            if isinstance(option, Table):
                last = {key.value: (key, item) for key, item in option.entries if isinstance(key, Known)}
                for name, (key, item) in last.items():
                    if isinstance(name, str):
                        self._add(name, item, key.span, layer, app, "", item.span)
                if option.open:
                    self._opaque(app, "a configuration dict that is not fully known", option.span)
            else:
                hidden = "configuration from an object that is not here"
                reason = option.reason if isinstance(option, Unknown) else hidden
                self._opaque(app, reason, option.span, elsewhere=not isinstance(option, Unknown))

    # Config objects

    def _load(self, call: s.Call, scope: Scope, method: str) -> None:
        app = None
        if isinstance(call.func, s.Name):
            app = self.apps.owner(s.Name(call.pos, call.func.path.rpartition(".")[0]), scope)
        elif isinstance(call.func, s.Attribute):
            app = self.apps.owner(call.func.value, scope)
        if app is None:
            return
        span = scope.module.span(call.pos)
        app.config_sources = (*app.config_sources, span)
        args, keywords, _ = self.evaluator.arguments(call, scope)
        namespace = keywords.get("namespace") or (args[3] if len(args) > 3 else None)
        if isinstance(namespace, Known) and isinstance(namespace.value, str):
            app.namespace = namespace.value
        source = args[0] if args else keywords.get("obj")
        if method != "config_from_object" or source is None:
            self._opaque(app, f"configuration read by {method}", span, elsewhere=method != "config_from_cmdline")
        else:
            whole = self._of_flask(call.args[0], scope) if call.args else None
            self._config_object(app, whole or source, span)

    def _of_flask(self, expr: s.Expr, scope: Scope) -> Value | None:
        """``flask_app.config`` as a whole, or ``flask_app.config.get_namespace("CELERY_")``."""
        span = scope.module.span(expr.pos)
        if isinstance(expr, s.Name) and expr.path.endswith(".config"):
            folded = self.evaluator.value(expr, scope)
            if not isinstance(folded, (Unknown, Reference)):
                return None
            chosen = Unknown("Flask's configuration is chosen while it runs", span)
            return self.flask.table(span) or (chosen if self.evaluator.modules.imports("flask") else None)
        func = expr.func if isinstance(expr, s.Call) else None
        if isinstance(expr, s.Call) and isinstance(func, s.Name) and func.path.endswith(".config.get_namespace"):
            prefix = self.evaluator.value(expr.args[0], scope) if expr.args else None
            if isinstance(prefix, Known) and isinstance(prefix.value, str):
                return self.flask.table(span, prefix.value)
        return None

    def _foreign(self, app: App) -> None:
        """An app whose class is not here but reads Flask's configuration by custom: the ``CELERY`` dict."""
        if self.evaluator.modules.imports("flask"):
            found = self.flask.lookup("CELERY", app.span)
            for option in alternatives(found) if found is not None else ():
                if isinstance(option, Table):
                    self._mapping(app, option, "config object")

    def _config_object(self, app: App, source: Value, span: Span) -> None:
        for option in alternatives(source):
            if isinstance(option, Known) and isinstance(option.value, str):
                self._by_string(app, option.value, span)
            elif isinstance(option, Reference) and option.of in ("django.conf.settings", "django.conf"):
                self._django(app, span)
            elif isinstance(option, Reference) and isinstance(option.symbol, ModuleSymbol):
                self._module(app, option.symbol.module, "config object")
            elif isinstance(option, (Reference, Instance)) and isinstance(option.symbol, ClassSymbol):
                self._class(app, option.symbol, option if isinstance(option, Instance) else None)
            elif isinstance(option, Table):
                self._mapping(app, option, "config object")
            else:
                reason = option.reason if isinstance(option, Unknown) else "a configuration object that is not here"
                self._opaque(app, reason, span, elsewhere=not isinstance(option, Unknown))

    def _by_string(self, app: App, text: str, span: Span) -> None:
        if text in ("django.conf:settings", "django.conf.settings"):
            self._django(app, span)
            return
        dotted, _, attr = text.partition(":")
        module = self.evaluator.modules.module(dotted, span.path)
        if module is None and not attr:
            dotted, _, attr = text.rpartition(".")
            module = self.evaluator.modules.module(dotted, span.path) if dotted else None
        if module is None:
            self._opaque(app, f"configuration module `{text}` is not here", span, elsewhere=True)
        elif attr:
            member = self.evaluator.module_member(module, attr)
            self._config_object(app, member or Unknown(f"`{attr}` is not visible in {module.path}", span), span)
        else:
            self._module(app, module, "config object")

    def _django(self, app: App, span: Span) -> None:
        app.django = True
        if not self.django.modules:
            self._opaque(app, "no Django settings module is visible", span, elsewhere=True)
        for module in self.django.modules:
            self._module(app, module, "django")
            for cls in self.django.classes(module):
                self._class(app, cls, None)

    def _module(self, app: App, module: Module, layer: str) -> None:
        module.is_settings = True
        app.settings_modules = (*app.settings_modules, module.name)
        for name in sorted(module_names(module, self.evaluator)):
            if not self._looks_read(name, app):
                continue
            value = self.evaluator.module_member(module, name)
            if value is None or (isinstance(value, Reference) and isinstance(value.symbol, (ModuleSymbol, External))):
                continue
            span, value_span = self._where(module, name, value)
            self._add(name, value, span, layer, app, app.namespace, value_span, module.name)
        for star, optional in open_stars(module, self.evaluator):
            if optional:
                self.settings.optional.append(
                    Unknown("settings that one machine may add: a star import that may fail", star)
                )
            else:
                self._opaque(app, "settings from a star import that is not here", star, elsewhere=True)

    def _looks_read(self, name: str, app: App) -> bool:
        return resolve(name, app.namespace, self.version) is not None or name.upper().startswith(("CELERY", "BROKER_"))

    def _where(self, module: Module, name: str, value: Value, seen: frozenset[str] = frozenset()) -> tuple[Span, Span]:
        """The place of the assignment that gave a setting its value, in whatever module of a star chain it stands."""
        bindings = [b for b in module.scope.table.by_name.get(name, ()) if b.kind in ("assign", "unpack", "import")]
        if bindings:
            last = bindings[-1]
            source = last.node if last.kind == "import" else None
            if isinstance(source, s.Import) and source.name is not None:
                origin = self.evaluator.import_target(source, module)
                if origin is not None and origin.path not in seen:
                    return self._where(origin, source.name, value, seen | {module.path})
            value_pos = last.value.pos if last.value is not None else last.pos
            return module.span(last.pos), module.span(value_pos)
        for star in reversed(module.scope.table.stars):
            if isinstance(star.node, s.Import):
                target = self.evaluator.import_target(star.node, module)
                if target is None or target.path in seen:
                    continue
                if self.evaluator.module_member(target, name) is not None:
                    return self._where(target, name, value, seen | {module.path})
        return value.span, value.span

    def _class(self, app: App, cls: ClassSymbol, instance: Instance | None) -> None:
        cls.module.is_settings = True
        app.settings_modules = (*app.settings_modules, cls.qualified)
        seen: set[str] = set()
        for current in self.evaluator.classes.lineage(cls)[0]:
            for name, bindings in self.evaluator.class_scope(current).table.by_name.items():
                if name in seen or not self._looks_read(name, app) or bindings[-1].kind == "function":
                    continue
                seen.add(name)
                value = self.evaluator.classes.own(current, name)
                if value is not None:
                    span = current.module.span(bindings[-1].pos)
                    self._add(name, value, span, "config object", app, app.namespace, value.span, cls.qualified)
        unseen = [b for b in self.evaluator.classes.outside_bases(cls) if b not in ("object",)]
        known = ("configurations.Configuration", "pydantic.BaseSettings", "pydantic_settings.BaseSettings")
        if any(b not in known for b in unseen):
            self._opaque(app, f"base class `{unseen[0]}` of the configuration is not here", cls.span, elsewhere=True)

    # Adding

    def _opaque(self, app: App, reason: str, span: Span, elsewhere: bool = False) -> None:
        app.configured_elsewhere = app.configured_elsewhere or elsewhere
        if not any(o.span == span for o in app.opaque):
            app.opaque = (*app.opaque, Unknown(reason, span))

    def _add(
        self,
        spelled: str,
        value: Value,
        span: Span,
        layer: str,
        app: App,
        namespace: str,
        value_span: Span | None = None,
        variant: str = "",
    ) -> None:
        name = resolve(spelled, namespace, self.version)
        setting = Setting(
            name=name or spelled,
            spelled=spelled,
            value=value,
            span=span,
            layer=layer,
            app=app,
            variant=variant,
            value_span=value_span or value.span,
        )
        if name is None:
            self.settings.spelled_nowhere.append(setting)
        else:
            self.settings.add(setting)
