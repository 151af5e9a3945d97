"""docker compose as a whole: ``extends``, and the files that are laid over a base file of the same folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from posixpath import dirname, join, normpath

from celerylint.facts.deploy.kinds import kind_of
from celerylint.facts.deploy.workload import DeployFile, Workload
from celerylint.model.production import for_production
from celerylint.model.repository import Repository

_BASES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_DEEPEST = 6


def merged_services(repository: Repository) -> Iterator[tuple[Workload, str]]:
    """Every service as compose runs it, with the path of the file that says so last.

    A service of the base file that a production file only scales comes once, with the replicas of that file.
    """
    folders = {dirname(path) for path, file in repository.hot.items() if file.kind == "compose"}
    for folder in sorted(folders):
        files = dict(_files(repository, folder))
        base_path = next((join(folder, name) for name in _BASES if join(folder, name) in files), None)
        own_services: list[Workload] = []
        if base_path is not None:
            own_services = [resolved(repository, w, base_path, files[base_path]) for w in files[base_path].workloads]
        base = {workload.name: workload for workload in own_services}
        changed: set[str] = set()
        laid_over: list[tuple[Workload, str]] = []
        for path, file in files.items():
            if path == base_path:
                continue
            for workload in file.workloads:
                own = resolved(repository, workload, path, file)
                below = base.get(own.name) if kind_of(path) == "compose" else None
                if below is None or _says_what_runs(own):
                    laid_over.append((own if below is None else merge(below, own), path))
                elif for_production(path) and (own.replicas is not None or own.grace_seconds is not None):
                    changed.add(own.name)
                    laid_over.append((merge(below, own), path))
        for workload in own_services:
            if workload.name not in changed and base_path is not None:
                yield workload, base_path
        yield from laid_over


def _files(repository: Repository, folder: str) -> Iterator[tuple[str, DeployFile]]:
    for path in repository.composed.get(folder, ()):
        file = repository.file(path) if repository.candidates[path] == "compose" else repository.hot.get(path)
        if file is not None and file.kind == "compose":
            yield path, file


def _says_what_runs(workload: Workload) -> bool:
    return workload.command is not None or workload.entrypoint is not None


def resolved(repository: Repository, workload: Workload, path: str, file: DeployFile, depth: int = 0) -> Workload:
    """The service with what it ``extends`` put under it."""
    if workload.extends is None or depth > _DEEPEST:
        return workload
    other_path, name = workload.extends
    owner: DeployFile | None = file
    if other_path:
        path = normpath(join(dirname(path), other_path))
        owner = repository.file(path) if path in repository.known else None
    base = next((w for w in owner.workloads if w.name == name), None) if owner else None
    if base is None or owner is None or base is workload:
        return workload
    return merge(resolved(repository, base, path, owner, depth + 1), workload)


def merge(base: Workload, over: Workload) -> Workload:
    """``over`` laid over ``base``, as compose merges services."""
    command, entrypoint = over.command, over.entrypoint
    if command is None and entrypoint is None:
        command = base.command
    return replace(
        over,
        command=command,
        entrypoint=entrypoint if entrypoint is not None else base.entrypoint,
        replicas=over.replicas if over.replicas is not None else base.replicas,
        grace_seconds=over.grace_seconds if over.grace_seconds is not None else base.grace_seconds,
        environment={**base.environment, **over.environment},
        env_files=(*base.env_files, *over.env_files),
        open_environment=base.open_environment or over.open_environment,
        image=over.image if over.image is not None else base.image,
        build=over.build if over.build is not None else base.build,
        traits={**base.traits, **over.traits},
    )
