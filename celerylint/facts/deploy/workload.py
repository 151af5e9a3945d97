"""What one deployment file says it starts, before files are joined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from celerylint.facts.located import FileText, Located
from celerylint.facts.shell.items import Item, Word
from celerylint.facts.unknown import Unknown
from celerylint.sources.spans import Span


@dataclass(frozen=True, slots=True)
class Line:
    """A command given as text. ``shell`` says that a shell runs it, so that its operators count."""

    text: Located
    shell: bool = True


@dataclass(frozen=True, slots=True)
class Words:
    """A command given as a list of words."""

    items: tuple[Item, ...]

    @classmethod
    def of(cls, values: list[Located]) -> Words:
        return cls(tuple(Word(value, value.span(), True) for value in values))


Command = Line | Words


@dataclass(slots=True)
class Workload:
    """One thing a file starts: a service, container, unit, program, target, Procfile entry.

    ``entrypoint`` and ``command`` are None when the file does not set them (the image's own are used then).
    ``environment`` maps names to texts; a name that is listed without a value has a hole. ``env_files`` are paths from
    the root. ``open_environment`` says that more variables come from elsewhere. ``build`` is where the image is built:
    context folder (from the root), Dockerfile, target stage. ``extends`` names the file, or "", and the service in it.
    ``traits`` is what the platform says about it: "kind" (Deployment, CronJob), "strategy", "restart".
    """

    name: str
    source: str
    span: Span
    command: Command | None = None
    entrypoint: Command | None = None
    replicas: int | Unknown | None = None
    grace_seconds: float | Unknown | None = None
    environment: Mapping[str, Located] = field(default_factory=dict)
    env_files: tuple[str, ...] = ()
    open_environment: bool = False
    image: str | Unknown | None = None
    build: tuple[str, str, str] | None = None
    extends: tuple[str, str] | None = None
    traits: dict[str, str] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    """Of a Dockerfile: path in the image to path in the repository, for files that are copied."""
    production: bool = True
    sure: bool = True
    """False for a text that is a command only if it reads like one."""


@dataclass(slots=True)
class DeployFile:
    """The workloads of one file and what of it could not be read."""

    file: FileText
    kind: str
    workloads: list[Workload] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
