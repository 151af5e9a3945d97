"""The exception hierarchy, compared with every library that is installed."""

from __future__ import annotations

import builtins
import importlib

import pytest

from celerylint.knowledge import exceptions
from celerylint.knowledge.exception_table import MODULE_ALIASES, NAME_ALIASES, TREE


def load(name: str) -> type[BaseException]:
    """The exception of a dotted name, by import; skips when its package is not installed."""
    module, _, last = name.rpartition(".")
    if not module:
        found = getattr(builtins, last)
    else:
        found = getattr(pytest.importorskip(module, exc_type=ImportError), last)
    assert issubclass(found, BaseException)
    return found


def dotted(cls: type) -> str:
    name = cls.__name__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__name__}"
    return exceptions.canonical(name)


@pytest.mark.parametrize("module", TREE, ids=lambda module: module or "builtins")
def test_bases(module: str) -> None:
    """A package may put classes of its own between; what counts is what is caught."""
    for last in TREE[module]:
        name = f"{module}.{last}".lstrip(".")
        found = {dotted(base) for base in load(name).__bases__}
        listed = set(exceptions.bases(name) or ())
        assert {base for base in found if exceptions.bases(base) is not None} <= {*listed, *above(listed)}, name
        for base in listed:
            if exceptions.bases(base) is not None:
                assert issubclass(load(name), load(base)), name


def above(names: set[str]) -> set[str]:
    return {ancestor for name in names for ancestor in exceptions.ancestors(name) or ()}


@pytest.mark.parametrize(("alias", "name"), sorted(NAME_ALIASES.items()))
def test_second_names_are_the_same_class(alias: str, name: str) -> None:
    module, _, last = alias.rpartition(".")
    found = getattr(pytest.importorskip(module) if module else builtins, last, None)
    if last == "WindowsError" or (last == "TimeoutError" and found is not TimeoutError and "celery" not in alias):
        pytest.skip("not this platform, or Python 3.10")
    assert found is load(name)


@pytest.mark.parametrize("library", sorted(exceptions.LIBRARIES))
def test_narrow_exceptions_are_known_transient_and_below_the_roots(library: str) -> None:
    found = exceptions.LIBRARIES[library]
    for name in found.narrow:
        assert exceptions.is_transient(name) is True, name
        assert not exceptions.BROAD & {name}
    for name in found.all:
        assert exceptions.bases(name) is not None, name


@pytest.mark.parametrize("library", sorted(exceptions.LIBRARIES))
def test_suggested_names_can_be_imported(library: str) -> None:
    for name in (*exceptions.LIBRARIES[library].narrow, *exceptions.LIBRARIES[library].all):
        load(name)


@pytest.mark.parametrize(("handler", "raised", "expected"), [
    ("ConnectionError", "requests.ConnectionError", False),
    ("TimeoutError", "requests.Timeout", False),
    ("OSError", "requests.exceptions.HTTPError", True),
    ("IOError", "requests.ConnectionError", True),
    ("ConnectionError", "httpx.ConnectError", False),
    ("httpx.TransportError", "httpx.ReadTimeout", True),
    ("TimeoutError", "celery.exceptions.TimeoutError", False),
    ("Exception", "celery.exceptions.Retry", True),
    ("Exception", "billiard.exceptions.SoftTimeLimitExceeded", True),
    ("celery.exceptions.TaskPredicate", "celery.exceptions.Reject", True),
    ("Exception", "SystemExit", False),
    ("ConnectionError", "redis.exceptions.ConnectionError", False),
    ("django.db.utils.DatabaseError", "django.db.IntegrityError", True),
    ("OSError", "smtplib.SMTPServerDisconnected", True),
    ("ValueError", "shop.errors.Declined", None),
    ("BaseException", "shop.errors.Declined", True),
    ("shop.errors.Declined", "shop.errors.Declined", True),
])  # fmt: skip
def test_catches(handler: str, raised: str, expected: bool | None) -> None:
    assert exceptions.catches(handler, raised) is expected


@pytest.mark.parametrize(("name", "expected"), [
    ("requests.ConnectionError", True), ("requests.exceptions.HTTPError", False), ("ValueError", False),
    ("OSError", False),
    ("ConnectionResetError", True), ("socket.timeout", True), ("urllib.error.HTTPError", False),
    ("urllib.error.URLError", True),
    ("redis.exceptions.AuthenticationError", False), ("redis.exceptions.BusyLoadingError", True),
    ("django.db.OperationalError", True), ("django.db.IntegrityError", False), ("Exception", False),
    ("shop.Error", None),
])  # fmt: skip
def test_transient(name: str, expected: bool | None) -> None:
    assert exceptions.is_transient(name) is expected


@pytest.mark.parametrize(("call", "library"), [
    ("requests.Session.post", "requests"), ("httpx.AsyncClient.get", "httpx"),
    ("twilio.rest.Client.messages.create", "requests"),
    ("django.core.mail.send_mail", "smtplib"), ("boto3.client.sqs.send_message", "botocore"),
    ("redis.from_url.get", "redis"), ("django.db.models.Manager.get", "django.db"),
    ("google.cloud.storage.Client", "google"),
    ("flask_sqlalchemy.SQLAlchemy.session.add", "sqlalchemy"), ("shop.tasks.charge", None), ("math.sqrt", None),
])  # fmt: skip
def test_library_of(call: str, library: str | None) -> None:
    found = exceptions.library_of(call)
    assert (found.name if found else None) == library


def test_suggestion() -> None:
    assert exceptions.suggestion(["requests.post", "requests.get"]) == ("requests.ConnectionError", "requests.Timeout")
    both = exceptions.suggestion(["requests.post", "redis.Redis.get"])
    assert both == exceptions.suggestion(["redis.Redis.get", "requests.post"])
    assert set(both) == {
        "requests.ConnectionError", "requests.Timeout", "redis.exceptions.ConnectionError",
        "redis.exceptions.TimeoutError",
    }  # fmt: skip
    assert exceptions.suggestion(["math.sqrt"]) == ()


def test_requests_answers_are_not_in_its_narrow_tuple() -> None:
    for name in exceptions.LIBRARIES["requests"].narrow:
        assert exceptions.catches(name, "requests.HTTPError") is False
        assert exceptions.catches(name, "requests.exceptions.InvalidURL") is False


@pytest.mark.parametrize(("alias", "module"), sorted(MODULE_ALIASES.items()))
def test_module_aliases_hold_the_same_classes(alias: str, module: str) -> None:
    if module == "":
        return
    there, here = pytest.importorskip(alias), importlib.import_module(module)
    shared = [name for name in TREE[module] if hasattr(there, name)]
    assert shared
    assert all(getattr(there, name) is getattr(here, name) for name in shared)
