"""The versions a project has pinned, read from its lock files and requirements."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from posixpath import basename, dirname
from typing import Any, Protocol

from celerylint.model.production import for_production
from celerylint.versions import allows

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PACKAGES = ("celery", "kombu", "django", "redis", "django-celery-beat")
"""What rules ask for."""

_LOCKS = frozenset({"uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"})
_PACKAGE = re.compile(r'\[\[packages?\]\]\s*name = "([^"]+)"\s*version = "([^"]+)"')
_PINNED = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*={2,3}\s*([0-9][\w.!+-]*)\s*(?=;|#|\\|--|$)")
_EXACT = re.compile(r"=*\s*([0-9][\w.!+-]*)$")
_DJANGO_CELERY = re.compile(r"(?im)^[ \t]*django[-_]celery[ \t]*(?:[=<>~!#;].*)?$")
"""A requirement of django-celery, which works with Celery 3 only (its setup requires ``celery>=3.1.15,<4.0``)."""
_REQUIREMENTS = re.compile(r"(?i)^(requirements|constraints)[\w.-]*\.(txt|in|pip)$")


class Files(Protocol):
    """What is needed of a tree."""

    @property
    def files(self) -> tuple[str, ...]: ...

    def read(self, path: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Pin:
    """One pinned version. ``rank`` orders kinds of files: a lock file before requirements before a declaration, before
    what can be inferred."""

    package: str
    version: str
    rank: int
    path: str

    @property
    def weight(self) -> tuple[int, bool, int]:
        """The smaller, the closer to what production installs."""
        return self.rank, not for_production(self.path), self.path.count("/")


def find_versions(tree: Files) -> dict[str, str | None]:
    """The version of every package in ``PACKAGES``; None when nothing pins it, or equally good files disagree."""
    pins: list[_Pin] = []
    for path in tree.files:
        reader = _reader(path)
        if reader is not None:
            rank, read = reader
            text = tree.read(path).decode("utf-8-sig", "replace")
            pins += [_Pin(name, version, rank, path) for name, version in read(text) if name in PACKAGES]
            if _DJANGO_CELERY.search(text):
                pins.append(_Pin("celery", "3.1", 3, path))
    return {package: _agreed([pin for pin in pins if pin.package == package]) for package in PACKAGES}


def is_of_python2(versions: dict[str, str | None]) -> bool:
    """Whether the pins are those of a time when Python 2 was usual: Django 2 was the first without it, Celery 5 too."""
    celery, django = versions.get("celery"), versions.get("django")
    return celery is not None and django is not None and allows("<5", celery) and allows("<2", django)


def _agreed(pins: list[_Pin]) -> str | None:
    if not pins:
        return None
    best = min(pin.weight for pin in pins)
    versions = {pin.version for pin in pins if pin.weight == best}
    return versions.pop() if len(versions) == 1 else None


def _reader(path: str) -> tuple[int, Any] | None:
    """The rank of a file and the function that reads it; None for files that pin nothing."""
    name = basename(path)
    if name in _LOCKS:
        return 0, _lock
    if name == "Pipfile.lock":
        return 0, _pipfile_lock
    if _REQUIREMENTS.match(name) or (name.endswith(".txt") and basename(dirname(path)) == "requirements"):
        return 1, _requirements
    if name == "pyproject.toml":
        return 2, _pyproject
    if name in ("setup.cfg", "Pipfile"):
        return 2, _requirements if name == "setup.cfg" else _pipfile
    return None


def _normal(name: str) -> str:
    """The name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _lock(text: str) -> Iterator[tuple[str, str]]:
    for name, version in _PACKAGE.findall(text):
        yield _normal(name), version


def _pipfile_lock(text: str) -> Iterator[tuple[str, str]]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return
    section = content.get("default") if isinstance(content, dict) else None
    for name, entry in section.items() if isinstance(section, dict) else ():
        match = _EXACT.match(str(entry.get("version", ""))) if isinstance(entry, dict) else None
        if match:
            yield _normal(name), match[1]


def _requirements(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        match = _PINNED.match(line.strip())
        if match:
            yield _normal(match[1]), match[2]


def _pyproject(text: str) -> Iterator[tuple[str, str]]:
    content = _toml(text)
    project, tool = _table(content.get("project")), _table(content.get("tool"))
    requirements = [project.get("dependencies")]
    requirements += _table(project.get("optional-dependencies")).values()
    requirements += _table(content.get("dependency-groups")).values()
    for group in requirements:
        yield from _requirements("\n".join(_texts(group)))
    poetry = _table(tool.get("poetry"))
    yield from _declared(_table(poetry.get("dependencies")))


def _pipfile(text: str) -> Iterator[tuple[str, str]]:
    yield from _declared(_table(_toml(text).get("packages")))


def _declared(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """``celery = "5.4.0"`` or ``celery = { version = "5.4.0" }``; a range pins nothing."""
    for name, value in table.items():
        version = value.get("version") if isinstance(value, dict) else value
        match = _EXACT.match(version.strip()) if isinstance(version, str) else None
        if match:
            yield _normal(name), match[1]


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> Iterable[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
