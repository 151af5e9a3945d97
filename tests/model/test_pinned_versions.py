from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "facts"))

from deployed import FakeTree

from celerylint.model.versions import PACKAGES, find_versions, is_of_python2


def celery(files: dict[str, str | bytes]) -> str | None:
    return find_versions(FakeTree(files))["celery"]


def test_every_package_has_an_answer() -> None:
    assert find_versions(FakeTree({})) == dict.fromkeys(PACKAGES)


LOCK = """
version = 1

[[package]]
name = "celery-types"
version = "9.9"

[[package]]
name = "Celery"
version = "5.4.0"
source = { registry = "x" }
dependencies = [{ name = "kombu" }]

[[package]]
name = "django_celery_beat"
version = "2.7.0"
"""


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock", "pdm.lock", "backend/uv.lock"])
def test_lock_files(name: str) -> None:
    versions = find_versions(FakeTree({name: LOCK}))
    assert (versions["celery"], versions["django-celery-beat"], versions["kombu"]) == ("5.4.0", "2.7.0", None)


def test_pylock() -> None:
    assert celery({"pylock.toml": '[[packages]]\nname = "celery"\nversion = "5.5.1"\n'}) == "5.5.1"


def test_pipfile_lock() -> None:
    default = {"celery": {"version": "==5.3.6"}, "redis": {"git": "x"}}
    text = json.dumps({"default": default, "develop": {"kombu": {"version": "==5.3"}}})
    versions = find_versions(FakeTree({"Pipfile.lock": text}))
    assert (versions["celery"], versions["redis"], versions["kombu"]) == ("5.3.6", None, None)


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("celery==5.4.0", "5.4.0"),
        ("celery[redis,gevent] == 5.4.0  # via -r base.in", "5.4.0"),
        ("celery==5.4.0 \\\n    --hash=sha256:abc", "5.4.0"),
        ("celery==5.4.0; python_version >= '3.9'", "5.4.0"),
        ("Celery===5.4.0rc1", "5.4.0rc1"),
        ("celery==5.4.*", None),
        ("celery>=5.4,<6", None),
        ("celery~=5.4", None),
        ("celery==5.4.0,<6", None),
        ("celery", None),
        ("# celery==5.4.0", None),
        ("celery-types==5.4.0", None),
        ("celery @ git+https://x/celery.git@v5.4.0", None),
        ("celery==4.4.7; python_version < '3.7'\ncelery==5.4.0; python_version >= '3.7'", None),
    ],
)
def test_requirements(line: str, version: str | None) -> None:
    assert celery({"requirements.txt": f"django==5\n{line}\n"}) == version


@pytest.mark.parametrize(
    "path", ["requirements/prod.txt", "constraints.txt", "requirements-base.txt", "api/requirements.in"]
)
def test_names_of_requirement_files(path: str) -> None:
    assert celery({path: "celery==5.4.0\n"}) == "5.4.0"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('[project]\ndependencies = ["celery[redis]==5.4.0"]\n', "5.4.0"),
        ('[project]\ndependencies = ["celery>=5.4"]\n', None),
        ('[project.optional-dependencies]\njobs = ["celery==5.4.0"]\n', "5.4.0"),
        ('[dependency-groups]\njobs = ["celery==5.4.0", {include-group = "x"}]\n', "5.4.0"),
        ('[tool.poetry.dependencies]\ncelery = "5.4.0"\n', "5.4.0"),
        ('[tool.poetry.dependencies]\ncelery = {version = "5.4.0", extras = ["redis"]}\n', "5.4.0"),
        ('[tool.poetry.dependencies]\ncelery = "^5.4.0"\n', None),
        ("[project\ncelery", None),
        ("[project]\ndependencies = 3\n", None),
    ],
)
def test_pyproject(text: str, version: str | None) -> None:
    assert celery({"pyproject.toml": text}) == version


def test_setup_cfg_and_pipfile() -> None:
    assert celery({"setup.cfg": "[options]\ninstall_requires =\n    celery==5.4.0\n    kombu\n"}) == "5.4.0"
    assert celery({"Pipfile": '[packages]\ncelery = "==5.4.0"\n[dev-packages]\ncelery = "==1.0"\n'}) == "5.4.0"


def test_a_lock_file_goes_before_requirements() -> None:
    assert celery({"requirements.txt": "celery==5.2.0\n", "uv.lock": LOCK}) == "5.4.0"


def test_the_file_that_pins() -> None:
    assert celery({"requirements.txt": "celery>=5\n", "requirements/prod.txt": "celery==5.4.0\n"}) == "5.4.0"


def test_production_goes_before_development() -> None:
    dev, base = "requirements/dev.txt", "requirements/base.txt"
    assert celery({dev: "celery==5.3.0\n", base: "celery==5.4.0\n"}) == "5.4.0"


def test_files_that_disagree() -> None:
    assert celery({"a/uv.lock": LOCK, "b/uv.lock": LOCK.replace("5.4.0", "5.3.0")}) is None
    assert celery({"uv.lock": LOCK, "b/uv.lock": LOCK.replace("5.4.0", "5.3.0")}) == "5.4.0"


@pytest.mark.parametrize(
    "name", ["uv.lock", "Pipfile.lock", "requirements.txt", "pyproject.toml", "Pipfile", "setup.cfg"]
)
@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"{", b"[]", b'{"default": []}', b"celery==", b'[[package]]\nname = "celery"']
)
def test_odd_files_do_no_harm(name: str, data: bytes) -> None:
    assert celery({name: data}) is None


@pytest.mark.parametrize(("requirements", "version"), [
    ("django-celery\n", "3.1"),
    ("django-celery==3.3.1\n", "3.1"),
    ("django-celery==3.2\ncelery==3.1.26\n", "3.1.26"),
    ("django-celery-beat==2.6\ndjango-celery-results\n", None),
])  # fmt: skip
def test_django_celery_means_celery_three(requirements: str, version: str | None) -> None:
    assert celery({"requirements.txt": requirements}) == version


@pytest.mark.parametrize(("celery", "django", "old"), [
    ("3.1.25", "1.8", True), ("4.4.7", "1.11.29", True), ("4.4.7", "2.2", False), ("5.0", "1.11", False),
    (None, "1.8", False), ("3.1.25", None, False),
])  # fmt: skip
def test_pins_of_the_time_of_python_2(celery: str | None, django: str | None, old: bool) -> None:
    assert is_of_python2({"celery": celery, "django": django}) is old
