"""What functions, methods and attributes of everyday values give, in the vocabulary of ``knowledge.serializers``.

Sources: the reference of Python's standard library (datetime, pathlib, uuid, decimal, collections, enum, tempfile),
of Django (HttpRequest, QueryDict, timezone), Django REST framework (Request), pydantic and dataclasses; the tests look
up those that are installed.
"""

from __future__ import annotations

FUNCTIONS: dict[str, str] = {
    **dict.fromkeys(
        (
            "datetime.datetime.strptime", "datetime.datetime.combine", "datetime.datetime.fromisoformat",
            "datetime.datetime.today", "datetime.datetime.utcfromtimestamp", "django.utils.timezone.localtime",
            "django.utils.timezone.make_aware", "django.utils.timezone.make_naive",
            "django.utils.timezone.datetime", "django.utils.timezone.datetime.now",
            "django.utils.dateparse.parse_datetime", "dateutil.parser.parse", "dateutil.parser.isoparse",
        ),
        "datetime",
    ),
    **dict.fromkeys(
        (
            "datetime.date.fromisoformat", "datetime.date.fromtimestamp", "django.utils.timezone.localdate",
            "django.utils.dateparse.parse_date",
        ),
        "date",
    ),
    **dict.fromkeys(
        (
            "json.dumps", "simplejson.dumps", "repr", "str", "format", "chr", "hex", "oct", "bin", "ascii", "input",
            "os.path.join", "os.path.abspath", "os.path.basename", "os.path.dirname", "os.getcwd", "tempfile.mkdtemp",
            "tempfile.mktemp", "tempfile.gettempdir", "secrets.token_hex", "secrets.token_urlsafe", "os.fspath",
            "django.urls.reverse", "django.utils.crypto.get_random_string", "os.getenv",
            "django.core.serializers.serialize", "django.utils.encoding.force_str", "django.utils.encoding.smart_str",
        ),
        "str",
    ),
    **dict.fromkeys(("len", "int", "hash", "id", "ord", "abs", "round", "sum", "os.getpid"), "int"),
    **dict.fromkeys(("float", "time.time", "time.monotonic", "random.random"), "float"),
    **dict.fromkeys(("bool", "isinstance", "hasattr", "callable", "any", "all", "issubclass"), "bool"),
    **dict.fromkeys(
        ("dataclasses.asdict", "attrs.asdict", "attr.asdict", "vars", "django.forms.models.model_to_dict",
         "django.forms.model_to_dict"),
        "dict",
    ),
    **dict.fromkeys(("sorted", "dir", "os.listdir", "glob.glob", "list"), "list"),
    "dataclasses.astuple": "tuple",
    **dict.fromkeys(
        (
            "open", "io.open", "tempfile.NamedTemporaryFile", "tempfile.TemporaryFile", "tempfile.SpooledTemporaryFile",
            "django.core.files.File", "django.core.files.base.File", "django.core.files.base.ContentFile",
            "django.core.files.uploadedfile.SimpleUploadedFile", "gzip.open", "zipfile.ZipFile", "tarfile.open",
        ),
        "file",
    ),
    **dict.fromkeys(
        (
            "requests.get", "requests.post", "requests.put", "requests.patch", "requests.delete", "requests.head",
            "requests.request", "httpx.get", "httpx.post", "httpx.put", "httpx.patch", "httpx.delete",
            "django.http.HttpResponse", "django.http.JsonResponse", "rest_framework.response.Response",
            "django.shortcuts.render", "django.shortcuts.redirect", "flask.jsonify", "flask.Response",
        ),
        "response",
    ),
    "enumerate": "enumerate", "reversed": "reversed", "iter": "iterator", "os.walk": "generator",
    "itertools.chain": "iterator", "itertools.chain.from_iterable": "iterator", "itertools.islice": "iterator",
    "itertools.groupby": "iterator", "itertools.product": "iterator", "itertools.repeat": "iterator",
    **dict.fromkeys(("numpy.array", "numpy.zeros", "numpy.ones", "numpy.arange", "numpy.asarray"), "numpy.ndarray"),
    "numpy.int64": "numpy.int64", "numpy.float64": "numpy.float64",
    **dict.fromkeys(("pandas.DataFrame", "pandas.read_csv", "pandas.read_sql", "pandas.read_excel"), "object"),
    "uuid.uuid3": "UUID",
}  # fmt: skip
"""What is called: the kind of value it gives, beside the constructors in ``knowledge.serializers.KINDS``."""

ELEMENTWISE: frozenset[str] = frozenset({"list", "tuple", "sorted", "set", "frozenset", "reversed", "iter"})
"""Functions whose result holds the elements of their argument."""

COLLECTIONS: frozenset[str] = frozenset({"list", "tuple", "set", "frozenset", "deque", "range", "generator"})

DICTS: frozenset[str] = frozenset({"dict", "int-keyed dict", "tuple-keyed dict", "OrderedDict", "defaultdict",
                                   "Counter"})  # fmt: skip

SETS: frozenset[str] = frozenset({"set", "frozenset"})

_METHODS: dict[str, dict[str, tuple[str, ...]]] = {
    "datetime": {
        "str": ("isoformat", "strftime", "ctime"), "float": ("timestamp",), "date": ("date",),
        "time": ("time", "timetz"), "datetime": ("replace", "astimezone"), "timedelta": ("utcoffset", "dst"),
        "int": ("weekday", "isoweekday", "toordinal"),
    },
    "date": {
        "str": ("isoformat", "strftime", "ctime"), "date": ("replace",), "int": ("weekday", "isoweekday", "toordinal"),
    },
    "time": {"str": ("isoformat", "strftime"), "time": ("replace",)},
    "timedelta": {"float": ("total_seconds",)},
    "Path": {
        "str": ("as_posix", "as_uri", "read_text", "group", "owner"), "bytes": ("read_bytes",), "file": ("open",),
        "bool": ("exists", "is_file", "is_dir"), "generator": ("iterdir", "glob", "rglob"),
        "Path": (
            "joinpath", "resolve", "absolute", "with_suffix", "with_name", "with_stem", "expanduser", "relative_to",
            "rename", "replace",
        ),
    },
    "UUID": {"str": ("__str__",)},
    "Decimal": {"Decimal": ("quantize", "normalize", "copy_abs", "sqrt"), "str": ("to_eng_string",)},
    "str": {
        "str": (
            "format", "join", "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "replace",
            "removeprefix", "removesuffix", "zfill", "format_map",
        ),
        "list": ("split", "rsplit", "splitlines"), "tuple": ("partition", "rpartition"), "bytes": ("encode",),
        "bool": ("startswith", "endswith", "isdigit", "isidentifier"), "int": ("find", "count", "index"),
    },
    "bytes": {"str": ("decode", "hex")},
    "QueryDict": {
        "dict": ("dict", "to_dict"), "QueryDict": ("copy",), "str": ("urlencode",), "list": ("getlist",),
        "generator": ("items", "values", "lists"), "dict view": ("keys",),
    },
    "files": {"file": ("get", "pop"), "generator": ("values", "items")},
    "pydantic model": {
        "dict": ("model_dump", "dict"), "str": ("model_dump_json", "json"), "pydantic model": ("model_copy", "copy"),
    },
    "namedtuple": {"dict": ("_asdict",), "namedtuple": ("_replace",)},
    "exception": {"exception": ("with_traceback",)},
    "file": {"int": ("tell", "write", "fileno")},
    "list": {"int": ("index", "count"), "list": ("copy",)},
    "response": {"None": ("raise_for_status", "close")},
}  # fmt: skip

PYDANTIC_MAKERS = frozenset(
    {
        "model_validate", "model_validate_json", "model_validate_strings", "model_construct", "parse_obj", "parse_raw",
        "parse_file", "from_orm", "construct",
    }
)  # fmt: skip
"""Class methods of pydantic models that make one (pydantic 1 and 2)."""

METHODS: dict[tuple[str, str], str] = {
    **{
        (kind, method): result
        for kind, table in _METHODS.items()
        for result, methods in table.items()
        for method in methods
    },
    **{(kind, method): "dict view" for kind in DICTS for method in ("keys", "values", "items")},
    **{(kind, "copy"): kind for kind in DICTS},
    **{
        (kind, method): kind
        for kind in SETS
        for method in ("union", "intersection", "difference", "symmetric_difference", "copy")
    },
}
"""(kind of the receiver, method): the kind that calling it gives."""

_ATTRIBUTES: dict[str, dict[str, tuple[str, ...]]] = {
    "datetime": {"int": ("year", "month", "day", "hour", "minute", "second", "microsecond")},
    "date": {"int": ("year", "month", "day")},
    "timedelta": {"int": ("days", "seconds", "microseconds")},
    "Path": {"Path": ("parent",), "str": ("name", "stem", "suffix", "anchor"), "tuple": ("parts",)},
    "UUID": {"str": ("hex", "urn"), "int": ("int",), "bytes": ("bytes",)},
    "enum": {"str": ("name", "label")},
    "str enum": {"str": ("name", "value", "label")},
    "int enum": {"str": ("name", "label"), "int": ("value",)},
    "exception": {"tuple": ("args",)},
    "request": {
        "QueryDict": ("GET", "POST", "query_params", "form", "args", "values"), "files": ("FILES", "files"),
        "bytes": ("body",),
        "str": ("method", "path", "path_info", "content_type"), "dict": ("COOKIES",),
    },
    "file": {"str": ("name", "content_type", "path", "url"), "int": ("size",)},
    "response": {"str": ("text", "url", "reason"), "int": ("status_code",), "bytes": ("content",)},
    "dict": {}, "set": {},
}  # fmt: skip

ATTRIBUTES: dict[tuple[str, str], str] = {
    (kind, name): result
    for kind, table in _ATTRIBUTES.items()
    for result, names in table.items()
    for name in names
}
"""(kind of the owner, attribute): the kind that reading it gives."""

REQUESTS = frozenset({"flask.request", "flask.globals.request", "quart.request"})
"""Proxies of the current request."""

OPERATORS: dict[tuple[str, str, str], str] = {
    **{(left, op, right): left for left in SETS for right in (*SETS, "dict view") for op in ("-", "|", "&", "^")},
    **{("dict view", op, right): "set" for right in (*SETS, "dict view", "list") for op in ("-", "|", "&", "^")},
    ("datetime", "-", "datetime"): "timedelta", ("datetime", "-", "timedelta"): "datetime",
    ("datetime", "+", "timedelta"): "datetime", ("timedelta", "+", "datetime"): "datetime",
    ("date", "-", "date"): "timedelta", ("date", "-", "timedelta"): "date", ("date", "+", "timedelta"): "date",
    ("timedelta", "+", "timedelta"): "timedelta", ("timedelta", "-", "timedelta"): "timedelta",
    ("timedelta", "*", "int"): "timedelta", ("int", "*", "timedelta"): "timedelta",
    ("timedelta", "/", "timedelta"): "float", ("timedelta", "//", "timedelta"): "int",
    ("Path", "/", "str"): "Path", ("Path", "/", "Path"): "Path", ("str", "/", "Path"): "Path",
    ("list", "+", "list"): "list", ("tuple", "+", "tuple"): "tuple", ("str", "+", "str"): "str",
    ("dict", "|", "dict"): "dict", ("list", "*", "int"): "list", ("str", "*", "int"): "str",
    **{("Decimal", op, right): "Decimal" for op in "+-*/" for right in ("Decimal", "int")},
    **{(left, op, right): "int" for left in ("int",) for op in ("+", "-", "*", "//", "%") for right in ("int",)},
    **{(left, op, right): "float" for op in ("+", "-", "*", "/") for left, right in (("float", "int"), ("int", "float"),
                                                                                     ("float", "float"))},
}  # fmt: skip
"""(kind, operator, kind): the kind that it gives."""

ANY_OPERAND: dict[tuple[str, str], str] = {("Path", "/"): "Path", ("str", "%"): "str"}
"""(kind on the left, operator): the kind that it gives whatever stands on the right."""

ANNOTATIONS: dict[str, str] = {
    **{
        name: kind
        for kind, names in {
            "datetime": ("datetime.datetime", "django.utils.timezone.datetime"), "date": ("datetime.date",),
            "time": ("datetime.time",), "timedelta": ("datetime.timedelta",), "Decimal": ("decimal.Decimal",),
            "UUID": ("uuid.UUID",), "Path": ("pathlib.Path", "pathlib.PurePath"), "set": ("set", "typing.Set"),
            "frozenset": ("frozenset", "typing.FrozenSet"), "list": ("list", "typing.List"),
            "dict": ("dict", "typing.Dict"), "tuple": ("tuple", "typing.Tuple"), "str": ("str", "typing.Text"),
            "int": ("int",), "float": ("float",), "bool": ("bool",), "bytes": ("bytes",), "complex": ("complex",),
            "generator": ("typing.Generator", "collections.abc.Generator"), "bytearray": ("bytearray",),
            "QueryDict": ("django.http.QueryDict",),
            "exception": ("Exception", "BaseException"),
            "request": (
                "django.http.HttpRequest", "django.http.request.HttpRequest", "rest_framework.request.Request",
                "fastapi.Request", "starlette.requests.Request", "flask.Request",
            ),
            "response": ("requests.Response", "httpx.Response", "django.http.HttpResponse"),
            "file": (
                "typing.IO", "typing.BinaryIO", "typing.TextIO", "io.BytesIO", "io.StringIO", "fastapi.UploadFile",
                "starlette.datastructures.UploadFile", "django.core.files.File", "django.core.files.base.File",
                "django.core.files.uploadedfile.UploadedFile", "werkzeug.datastructures.FileStorage",
            ),
            "numpy.ndarray": ("numpy.ndarray",),
            "object": (
                "pandas.DataFrame", "pandas.Series", "sqlalchemy.orm.Session", "sqlalchemy.orm.session.Session",
                "sqlalchemy.ext.asyncio.AsyncSession", "redis.Redis", "redis.client.Redis", "requests.Session",
            ),
            "queryset": ("django.db.models.QuerySet", "django.db.models.query.QuerySet"),
        }.items()
        for name in names
    }
}  # fmt: skip
"""Type in an annotation: the kind of its values."""

COLUMN_TYPES: dict[str, str] = {
    "DateTime": "datetime", "TIMESTAMP": "datetime", "Date": "date", "Time": "time", "Interval": "timedelta",
    "INTERVAL": "timedelta", "Numeric": "Decimal", "DECIMAL": "Decimal", "UUID": "UUID", "Uuid": "UUID",
    "LargeBinary": "bytes", "BYTEA": "bytes", "String": "str", "Text": "str", "Unicode": "str", "Integer": "int",
    "BigInteger": "int", "SmallInteger": "int", "Boolean": "bool", "Float": "float",
}  # fmt: skip
"""Last part of the name of a SQLAlchemy column type: the kind that reading the attribute gives."""

PLAIN_OBJECT_BASES: frozenset[str] = frozenset({"object", "abc.ABC", "ABC", "typing.Generic", "typing.Generic()",
                                                "typing.Protocol"})  # fmt: skip
"""Bases that leave the instances of a class what no serializer but pickle can encode."""

OPAQUE_BASES: frozenset[str] = frozenset({
    "django.forms.Form", "django.forms.ModelForm", "django.views.View", "django.views.generic.View",
    "rest_framework.serializers.Serializer", "rest_framework.serializers.ModelSerializer", "threading.Thread",
    "rest_framework.views.APIView", "django.core.management.base.BaseCommand", "marshmallow.Schema",
})  # fmt: skip
"""Classes of frameworks whose instances no text serializer can encode."""

PYDANTIC_BASES: frozenset[str] = frozenset({
    "pydantic.BaseModel", "pydantic.main.BaseModel", "pydantic.v1.BaseModel", "pydantic_settings.BaseSettings",
    "ninja.Schema", "pydantic.generics.GenericModel", "pydantic.BaseModel()",
})  # fmt: skip
