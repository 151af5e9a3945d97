"""docker compose files: every service with what it runs. Files are joined later, in the model."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from posixpath import dirname, join, normpath

from celerylint.facts.deploy.fields import command_of, count_of, environment_of, interpolate, seconds_of, strings
from celerylint.facts.deploy.workload import Command, DeployFile, Line, Words, Workload
from celerylint.facts.deploy.yamlnodes import Mapping, Node, Scalar, Sequence, load
from celerylint.facts.located import FileText, Located
from celerylint.facts.shell.items import Word
from celerylint.facts.unknown import Unknown

_DEVELOPMENT = frozenset({"dev", "develop", "development", "test", "tests", "testing", "local", "ci", "debug"})


def read_compose(file: FileText, variables: Dictionary[str, Located]) -> DeployFile:
    """``variables`` are those of the ``.env`` file beside it, which compose reads by itself."""
    documents = load(file)
    result = DeployFile(file, "compose", unknown=documents.unknown)
    for root in documents.roots[:1]:
        if isinstance(root, Mapping):
            services = root.mapping("services") or _version_one(root)
            for key, node in services.entries if services else ():
                if isinstance(node, Mapping):
                    workload = _service(key, node, variables)
                    _place(workload, dirname(file.path))
                    result.workloads.append(workload)
    return result


def _place(workload: Workload, folder: str) -> None:
    """Paths of a compose file begin at its folder."""
    workload.env_files = tuple(normpath(join(folder, path)) for path in workload.env_files)
    if workload.build is not None:
        context, dockerfile, target = workload.build
        workload.build = (normpath(join(folder, context)), dockerfile, target)


def _version_one(root: Mapping) -> Mapping | None:
    """The first format had the services at the top."""
    return root if any(isinstance(node, Mapping) and node.key("image") for _, node in root.entries) else None


def _service(key: Scalar, node: Mapping, variables: Dictionary[str, Located]) -> Workload:
    def text(*names: str) -> Located | None:
        found = node.text(*names)
        return None if found is None else interpolate(found, variables)

    replicas = count_of(text("deploy", "replicas"))
    if replicas is None:
        replicas = count_of(text("scale"))
    mode = text("deploy", "mode")
    if replicas is None and mode is not None and mode.text.startswith("global"):
        replicas = Unknown("one on every node of the swarm", mode.span())
    image = text("image")
    environment = environment_of(node.get("environment"))
    profiles = set(strings(node.get("profiles")))
    workload = Workload(
        key.value.text, "compose", key.span,
        command=_command(node.get("command"), variables),
        entrypoint=_command(node.get("entrypoint"), variables),
        replicas=replicas,
        grace_seconds=seconds_of(text("stop_grace_period")),
        environment={name: interpolate(value, variables) for name, value in environment.items()},
        env_files=tuple(_env_files(node.get("env_file"))),
        image=None if image is None else image.known or image.unknown,
        build=_build(node.get("build"), variables),
        extends=_extends(node.get("extends")),
        production=not (profiles and profiles <= _DEVELOPMENT),
    )  # fmt: skip
    restart = text("restart")
    if restart is not None and restart.known:
        workload.traits["restart"] = restart.known
    return workload


def _command(node: Node | None, variables: Dictionary[str, Located]) -> Command | None:
    command = command_of(node)
    if isinstance(command, Line):
        return Line(interpolate(command.text, variables), shell=False)
    if isinstance(command, Words):
        words = [item.value for item in command.items if isinstance(item, Word)]
        return Words.of([interpolate(word, variables) for word in words])
    return None


def _env_files(node: Node | None) -> list[str]:
    if isinstance(node, Sequence):
        paths = [item.text("path") for item in node.items if isinstance(item, Mapping)]
        return [*strings(node), *(path.text for path in paths if path is not None)]
    return list(strings(node))


def _build(node: Node | None, variables: Dictionary[str, Located]) -> tuple[str, str, str] | None:
    """Context folder, Dockerfile, stage."""
    if isinstance(node, Scalar):
        return (interpolate(node.value, variables).known or "", "Dockerfile", "") if not node.null else None
    if not isinstance(node, Mapping):
        return None
    parts = [node.text(name) for name in ("context", "dockerfile", "target")]
    known = [interpolate(part, variables).known if part is not None else None for part in parts]
    return known[0] or ".", known[1] or "Dockerfile", known[2] or ""


def _extends(node: Node | None) -> tuple[str, str] | None:
    if isinstance(node, Scalar) and not node.null:
        return "", node.value.text
    if isinstance(node, Mapping) and (service := node.text("service")) is not None:
        file = node.text("file")
        return file.text if file is not None else "", service.text
    return None
