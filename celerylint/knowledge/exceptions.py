"""Questions about exceptions: what catches what, what comes from the network, what a narrow ``autoretry_for`` holds."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from celerylint.knowledge.exception_table import MODULE_ALIASES, NAME_ALIASES, TREE
from celerylint.knowledge.origins import canonical as fold


class Library(NamedTuple):
    """What a family of calls raises when the other side is away or slow.

    ``narrow`` are dotted names to import for a task that uses the library: transient failures, no bugs and no answers
    such as 404. ``all`` are the roots of everything the library raises by itself.
    """

    name: str
    narrow: tuple[str, ...]
    all: tuple[str, ...]


_RAISED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "aiohttp": (("aiohttp.ClientConnectionError", "TimeoutError"), ("aiohttp.ClientError", "TimeoutError")),
    "botocore": (
        ("botocore.exceptions.ConnectionError", "botocore.exceptions.HTTPClientError"),
        ("botocore.exceptions.BotoCoreError", "botocore.exceptions.ClientError"),
    ),
    "django.db": (("django.db.OperationalError", "django.db.InterfaceError"), ("django.db.Error",)),
    "google": (
        (
            "google.api_core.exceptions.ServiceUnavailable", "google.api_core.exceptions.DeadlineExceeded",
            "google.api_core.exceptions.TooManyRequests",
        ),
        ("google.api_core.exceptions.GoogleAPIError",),
    ),
    "httpx": (("httpx.TransportError",), ("httpx.HTTPError", "httpx.InvalidURL", "httpx.StreamError")),
    "kombu": (("kombu.exceptions.OperationalError",), ("kombu.exceptions.KombuError",)),
    "pika": (("pika.exceptions.AMQPConnectionError",), ("pika.exceptions.AMQPError",)),
    "pymongo": (("pymongo.errors.ConnectionFailure",), ("pymongo.errors.PyMongoError",)),
    "redis": (
        ("redis.exceptions.ConnectionError", "redis.exceptions.TimeoutError"), ("redis.exceptions.RedisError",),
    ),
    "requests": (("requests.ConnectionError", "requests.Timeout"), ("requests.RequestException",)),
    "slack_sdk": (
        ("urllib.error.URLError", "ConnectionError", "TimeoutError"), ("slack_sdk.errors.SlackClientError", "OSError"),
    ),
    "smtplib": (
        ("smtplib.SMTPServerDisconnected", "smtplib.SMTPConnectError", "ConnectionError", "TimeoutError"), ("OSError",),
    ),
    "socket": (("ConnectionError", "TimeoutError"), ("OSError",)),
    "sqlalchemy": (
        ("sqlalchemy.exc.OperationalError", "sqlalchemy.exc.InterfaceError", "sqlalchemy.exc.TimeoutError"),
        ("sqlalchemy.exc.SQLAlchemyError",),
    ),
    "stripe": (("stripe.error.APIConnectionError", "stripe.error.RateLimitError"), ("stripe.error.StripeError",)),
    "urllib": (
        ("urllib.error.URLError", "ConnectionError", "TimeoutError"), ("OSError", "http.client.HTTPException"),
    ),
    "urllib3": (
        (
            "urllib3.exceptions.MaxRetryError", "urllib3.exceptions.TimeoutError", "urllib3.exceptions.ProtocolError",
        ),
        ("urllib3.exceptions.HTTPError",),
    ),
}

LIBRARIES: dict[str, Library] = {name: Library(name, narrow, roots) for name, (narrow, roots) in _RAISED.items()}
"""Library: what it raises. Sources: the packages' documentation of errors; see ``exception_table``."""

_CALLS: dict[str, str] = {
    "requests": "requests", "httpx": "httpx", "aiohttp": "aiohttp", "urllib3": "urllib3", "urllib.request": "urllib",
    "http.client": "urllib", "smtplib": "smtplib", "django.core.mail": "smtplib", "flask_mail": "smtplib",
    "redis": "redis", "boto3": "botocore", "botocore": "botocore", "django.db": "django.db",
    "sqlalchemy": "sqlalchemy",
    "kombu": "kombu", "stripe": "stripe", "slack_sdk": "slack_sdk", "twilio": "requests", "sendgrid": "urllib",
    "pymongo": "pymongo", "mongoengine": "pymongo", "pika": "pika", "google.cloud": "google", "socket": "socket",
    "ftplib": "socket", "imaplib": "socket", "poplib": "socket", "xmlrpc.client": "socket",
}
"""Beginning of a canonical dotted name: the library whose exceptions its calls raise.

twilio sends through requests, sendgrid through urllib, Django's default mail backend through smtplib.
"""

_TRANSIENT: tuple[str, ...] = (
    "ConnectionError", "TimeoutError", "socket.gaierror", "http.client.RemoteDisconnected",
    "http.client.IncompleteRead",
    "urllib.error.URLError", "smtplib.SMTPServerDisconnected", "smtplib.SMTPConnectError",
    "kombu.exceptions.OperationalError",
    "requests.exceptions.ConnectionError", "requests.exceptions.Timeout", "requests.exceptions.ChunkedEncodingError",
    "httpx.TransportError", "urllib3.exceptions.MaxRetryError", "urllib3.exceptions.TimeoutError",
    "urllib3.exceptions.ProtocolError", "aiohttp.ClientConnectionError", "aiohttp.ClientPayloadError",
    "redis.exceptions.ConnectionError", "redis.exceptions.TimeoutError", "django.db.OperationalError",
    "django.db.InterfaceError", "sqlalchemy.exc.OperationalError", "sqlalchemy.exc.InterfaceError",
    "sqlalchemy.exc.TimeoutError", "sqlalchemy.exc.DisconnectionError", "botocore.exceptions.ConnectionError",
    "botocore.exceptions.HTTPClientError", "stripe.APIConnectionError", "stripe.RateLimitError",
    "pymongo.errors.ConnectionFailure", "pika.exceptions.AMQPConnectionError",
    "google.api_core.exceptions.ServiceUnavailable", "google.api_core.exceptions.DeadlineExceeded",
    "google.api_core.exceptions.TooManyRequests",
)
_LASTING: tuple[str, ...] = (
    "urllib.error.HTTPError", "httpx.UnsupportedProtocol", "httpx.LocalProtocolError",
    "redis.exceptions.AuthenticationError",
)
"""Below a transient exception, yet an answer or a mistake that a retry meets again."""

BROAD: frozenset[str] = frozenset({"Exception", "BaseException"})
"""Names that also catch bugs and Celery's own SoftTimeLimitExceeded."""


@lru_cache(maxsize=1024)
def canonical(name: str) -> str:
    """The name under which the table has an exception: "requests.Timeout" is "requests.exceptions.Timeout".

    A name that the table does not have comes back folded as far as possible.
    """
    module, _, last = name.rpartition(".")
    name = f"{MODULE_ALIASES.get(module, module)}.{last}".lstrip(".")
    return NAME_ALIASES.get(name, name)


@lru_cache(maxsize=1024)
def bases(name: str) -> tuple[str, ...] | None:
    """The direct bases of an exception by canonical name, None for one that the table does not have."""
    module, _, last = canonical(name).rpartition(".")
    siblings = TREE.get(module, {})
    found = siblings.get(last)
    if found is None:
        return None
    return tuple(f"{module}.{base}" if module and base in siblings else base for base in found.split())


@lru_cache(maxsize=1024)
def ancestors(name: str) -> frozenset[str] | None:
    """The canonical names of an exception and all its bases, None when the table does not have it."""
    if bases(name) is None:
        return None
    found: set[str] = set()
    waiting = [canonical(name)]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(bases(current) or ())
    return frozenset(found)


def catches(handler: str, raised: str) -> bool | None:
    """Whether ``except handler`` catches ``raised``; None when nothing is known about the raised one.

    A class of the project is not in the table: ask about its bases.
    """
    above = ancestors(raised)
    if above is not None:
        return canonical(handler) in above
    wanted = canonical(handler)
    return True if wanted in {"BaseException", canonical(raised)} else None


def is_transient(name: str) -> bool | None:
    """Whether an exception stands for a failure outside that may pass; None when the table does not have it."""
    above = ancestors(name)
    if above is None:
        return None
    return not above.isdisjoint(_TRANSIENT) and above.isdisjoint(_LASTING)


def library_of(qualified: str) -> Library | None:
    """The library whose exceptions a call raises, by the dotted name of what is called (see ``origins``)."""
    parts = fold(qualified).split(".")
    for size in range(len(parts), 0, -1):
        name = _CALLS.get(".".join(parts[:size]))
        if name is not None:
            return LIBRARIES[name]
    return None


def suggestion(calls: Iterable[str]) -> tuple[str, ...]:
    """The narrow exceptions for a task that makes these calls, in a stable order; () when no call is known."""
    libraries = {library.name: library for call in calls if (library := library_of(call)) is not None}
    names = (name for key in sorted(libraries) for name in libraries[key].narrow)
    return tuple(dict.fromkeys(names))
