"""Facts about a project that its owner states because they cannot be read: ``[tool.celerylint.project]``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Given:
    """All optional. Names may be globs where it says so.

    ``apps``: "proj.celery:app". ``settings``: paths or dotted modules of the settings that production uses. ``deploy``:
    globs of deployment files (replaces the built-in choice). ``broker``: "redis", "amqp", "sqs" when the URL is hidden.
    ``celery``: the version, when no lock file tells. ``external_tasks`` and ``external_queues``: globs of what lives in
    other repositories. ``effects`` and ``guards``: dotted globs of the project's own functions that have an effect
    which must not be repeated, or that guard one.
    """

    apps: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    deploy: tuple[str, ...] = ()
    broker: str | None = None
    celery: str | None = None
    external_tasks: tuple[str, ...] = ()
    external_queues: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
