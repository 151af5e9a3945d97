"""What is known of instances of a few classes from outside: constructor arguments read back, declared defaults."""

from __future__ import annotations

from celerylint.model.environment import assume
from celerylint.model.values import Instance, Known, Unknown, Value
from celerylint.sources.spans import Span

_POSITIONS = {
    "Exchange": ("name", "type"),
    "Queue": ("name", "exchange", "routing_key"),
}
_FIELDS = frozenset({"pydantic.Field", "pydantic.fields.Field", "pydantic.v1.Field", "dataclasses.field"})


def constructor_argument(instance: Instance, name: str) -> Value | None:
    """``Exchange("orders").name``: an attribute of a kombu entity that repeats an argument; None for anything else."""
    package, _, cls = instance.of.rpartition(".")
    positions = _POSITIONS.get(cls)
    if positions is None or package.partition(".")[0] != "kombu" or instance.open:
        return None
    if name in positions:
        given = instance.keyword(name, positions.index(name))
        if given is not None:
            return given
        if (cls, name) == ("Exchange", "type"):
            return Known("direct", instance.span)  # kombu.entity.Exchange.type
        return None
    return instance.keyword(name)


def declared_value(of: str, args: list[Value], keywords: dict[str, Value], span: Span) -> Value | None:
    """The default of a declared setting or field (``IntegerValue(2)``, ``Field(default=2)``); None for other calls."""
    if of.startswith("configurations.values.") and of.endswith("Value"):
        return _configured(of.rpartition(".")[2], args, keywords, span)
    if of in _FIELDS:
        default = keywords.get("default") or (args[0] if args and of != "dataclasses.field" else None)
        if default is None or (isinstance(default, Known) and default.value is ...):
            return Unknown("a field without a default", span)
        return default
    return None


def _configured(cls: str, args: list[Value], keywords: dict[str, Value], span: Span) -> Value:
    """A value of django-configurations: its default, which the environment replaces unless ``environ=False``."""
    default = args[0] if args else keywords.get("default")
    required = keywords.get("environ_required")
    if default is None or cls == "SecretValue" or (isinstance(required, Known) and required.value):
        return Unknown("an environment variable has no default", span)
    if cls.endswith("URLValue") and cls != "URLValue":  # databases, caches, e-mail: parsed into a dict
        return Unknown("a URL that is parsed", span)
    reads = keywords.get("environ")
    if isinstance(reads, Known) and reads.value is False:
        return default
    name = keywords.get("environ_name")
    label = f"variable {name.value}" if isinstance(name, Known) else "a variable named like the setting"
    return assume(default, f"environment: {label}")
