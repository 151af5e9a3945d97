"""Which values survive which serializer, by version of kombu.

Fates of a value:

``same``     arrives as it was sent
``changed``  arrives as something else, silently (``BECOMES`` says as what)
``refused``  EncodeError in the caller, nothing is sent
``fatal``    sent, and then refused by the worker: DecodeError, the message is discarded

Sources: kombu/utils/json.py:JSONEncoder and object_hook, kombu/serialization.py:register_msgpack and register_yaml,
msgpack's and PyYAML's safe dumper; proven by the tests for those that are installed.
"""

from __future__ import annotations

from celerylint.versions import allows

CONTENT_TYPES: dict[str, str] = {
    "application/json": "json",
    "application/x-yaml": "yaml",
    "application/x-python-serialize": "pickle",
    "application/x-msgpack": "msgpack",
    "application/data": "auth",
    "text/plain": "raw",
}
"""MIME type that ``accept_content`` may name: the serializer. Source: kombu/serialization.py, celery/security."""

BUILT_IN: frozenset[str] = frozenset({"json", "yaml", "pickle", "msgpack"})
"""Serializers that kombu registers; "auth" comes with ``app.setup_security()``."""

UNSAFE: frozenset[str] = frozenset({"pickle"})
"""Serializers whose reading can run code. kombu's yaml is safe_load."""

_PLAIN = ("str", "int", "float", "bool", "None", "list", "dict")

_JSON: dict[str, tuple[str, ...]] = {
    "same": (*_PLAIN, "datetime", "date", "time", "Decimal", "UUID", "bytes"),
    "changed": (
        "tuple", "namedtuple", "int-keyed dict", "str enum", "int enum", "OrderedDict", "defaultdict", "Counter",
        "QueryDict", "lazy str", "SafeString", "numpy.float64",
    ),
    "refused": (
        "timedelta", "set", "frozenset", "enum", "dataclass", "complex", "Fraction", "deque", "range", "generator",
        "dict view", "map", "filter", "zip", "Path", "IP address", "exception", "class", "function", "module",
        "bytearray",
        "memoryview", "pydantic model", "pydantic url", "numpy.int64", "numpy.ndarray", "numpy.bool_",
        "model instance",
        "queryset", "tuple-keyed dict", "object", "file", "lambda", "task", "request", "response", "compiled regex",
        "lock", "logger", "enumerate", "reversed", "iterator",
    ),
    "fatal": ("envelope",),
}

_MSGPACK: dict[str, tuple[str, ...]] = {
    "same": (*_PLAIN, "bytes"),
    "changed": ("tuple", "namedtuple", "str enum", "int enum", "bytearray", "memoryview"),
    "refused": (
        "datetime", "date", "time", "timedelta", "Decimal", "UUID", "set", "frozenset", "enum", "dataclass", "complex",
        "Fraction", "deque", "range", "generator", "Path", "exception", "class", "function", "module",
        "pydantic model", "dict view", "map", "filter", "zip", "request", "response", "task", "lock", "logger",
        "model instance", "queryset", "object", "file", "lambda", "enumerate", "reversed", "iterator",
    ),
    "fatal": ("int-keyed dict",),
}

_YAML: dict[str, tuple[str, ...]] = {
    "same": (*_PLAIN, "datetime", "date", "bytes", "set", "int-keyed dict"),
    "changed": ("tuple",),
    "refused": (
        "timedelta", "Decimal", "UUID", "time", "enum", "str enum", "int enum", "namedtuple", "dataclass", "complex",
        "Fraction", "deque", "range", "generator", "Path", "exception", "class", "function", "module",
        "pydantic model",
        "model instance", "queryset", "object", "file", "lambda", "frozenset", "OrderedDict", "defaultdict", "Counter",
        "dict view", "map", "filter", "zip", "request", "response", "task", "lock", "logger", "enumerate", "reversed",
        "iterator",
    ),
}

_PICKLE: dict[str, tuple[str, ...]] = {
    "same": (*_PLAIN, "datetime", "date", "time", "timedelta", "Decimal", "UUID", "bytes", "tuple", "set", "frozenset",
             "int-keyed dict", "tuple-keyed dict", "enum", "str enum", "int enum", "dataclass", "namedtuple",
             "complex",
             "Fraction", "deque", "range", "Path", "OrderedDict", "Counter", "bytearray", "model instance", "class",
             "function", "pydantic model", "exception"),
    "refused": ("generator", "lambda", "file", "lock", "module", "memoryview", "dict view"),
}

_FATES: dict[str, dict[str, str]] = {
    serializer: {kind: fate for fate, kinds in table.items() for kind in kinds}
    for serializer, table in (("json", _JSON), ("msgpack", _MSGPACK), ("yaml", _YAML), ("pickle", _PICKLE))
}

_JSON_BEFORE_5_3: dict[str, str] = {
    "datetime": "changed", "date": "changed", "time": "changed", "Decimal": "changed", "UUID": "changed",
    "bytes": "refused", "envelope": "same",
}

_JSON_BEFORE_4: dict[str, str] = dict.fromkeys(("datetime", "date", "time", "Decimal", "UUID"), "refused")
"""kombu 3 had no encoder for them: its JSONEncoder knew only ``__json__`` (kombu/utils/json.py of 3.0)."""

BECOMES: dict[str, str] = {
    "tuple": "list", "namedtuple": "list", "int-keyed dict": "dict with str keys", "str enum": "str",
    "int enum": "int",
    "OrderedDict": "dict", "defaultdict": "dict", "Counter": "dict",
    "QueryDict": "dict with the last value of each key",
    "lazy str": "str", "SafeString": "str", "numpy.float64": "float", "datetime": "str", "date": "str", "time": "str",
    "Decimal": "str", "UUID": "str", "bytearray": "bytes", "memoryview": "bytes",
}
"""Kind of value that a serializer changes: what arrives."""

KINDS: dict[str, str] = {
    "datetime.datetime": "datetime", "datetime.date": "date", "datetime.time": "time",
    "datetime.timedelta": "timedelta",
    "decimal.Decimal": "Decimal", "uuid.UUID": "UUID", "uuid.uuid1": "UUID", "uuid.uuid4": "UUID",
    "uuid.uuid5": "UUID",
    "datetime.datetime.now": "datetime", "datetime.datetime.utcnow": "datetime",
    "datetime.datetime.fromtimestamp": "datetime",
    "datetime.date.today": "date", "django.utils.timezone.now": "datetime",
    "django.utils.timezone.timedelta": "timedelta",
    "pathlib.Path": "Path", "pathlib.PurePath": "Path", "fractions.Fraction": "Fraction", "collections.deque": "deque",
    "collections.OrderedDict": "OrderedDict", "collections.defaultdict": "defaultdict",
    "collections.Counter": "Counter",
    "ipaddress.ip_address": "IP address", "ipaddress.IPv4Address": "IP address", "ipaddress.IPv6Address": "IP address",
    "ipaddress.ip_network": "IP address", "ipaddress.IPv4Network": "IP address", "ipaddress.IPv6Network": "IP address",
    "set": "set", "frozenset": "frozenset", "complex": "complex", "range": "range", "map": "map", "filter": "filter",
    "zip": "zip", "bytearray": "bytearray", "memoryview": "memoryview", "open": "file", "io.BytesIO": "file",
    "io.StringIO": "file", "re.compile": "compiled regex", "threading.Lock": "lock", "logging.getLogger": "logger",
    "object": "object", "tuple": "tuple", "list": "list", "dict": "dict", "str": "str", "int": "int", "float": "float",
    "bool": "bool", "bytes": "bytes",
}
"""What is called to make a value: its kind."""


CLASS_KINDS: dict[str, str] = {
    "enum.Enum": "enum", "enum.Flag": "enum", "enum.IntEnum": "int enum", "enum.IntFlag": "int enum",
    "enum.StrEnum": "str enum", "django.db.models.Choices": "enum", "django.db.models.TextChoices": "str enum",
    "django.db.models.IntegerChoices": "int enum", "typing.NamedTuple": "namedtuple",
    "collections.namedtuple": "namedtuple", "pydantic.BaseModel": "pydantic model",
    "sqlmodel.SQLModel": "pydantic model",
    "dataclasses.dataclass": "dataclass", "attr.s": "object", "attrs.define": "object", "attrs.frozen": "object",
    "Exception": "exception", "BaseException": "exception",
}
"""Base class or class decorator: the kind of value that its instances (for enums, its members) are.

A class with both ``str`` (or ``int``) and an enum among its bases has members of kind "str enum" ("int enum").
"""


def fate(serializer: str, kind: str, kombu: str | None = None) -> str | None:
    """What becomes of a kind of value with a serializer; None when the table does not say.

    ``kombu`` is its version; None stands for 5.3 and later. A project can teach json a type
    (``kombu.utils.json.register_type``, ``__json__``), which is for the caller to see.
    """
    if serializer == "json" and kombu is not None and not allows(">=5.3", kombu) and kind in _JSON_BEFORE_5_3:
        return (_JSON_BEFORE_5_3 if allows(">=4.0", kombu) else _JSON_BEFORE_4).get(kind)
    return _FATES.get(serializer, {}).get(kind)


def serializer_of(name: str) -> str:
    """The serializer that a name or MIME type of ``accept_content`` means."""
    return CONTENT_TYPES.get(name, name)
