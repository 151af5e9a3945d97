"""Kubernetes manifests, Helm charts and values, OpenShift templates, Cloud Foundry, other YAML that starts things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from posixpath import basename, dirname

from celerylint.facts.deploy.fields import command_of, count_of, environment_of, replace_names, seconds_of
from celerylint.facts.deploy.templates import Lookup, Template, is_template
from celerylint.facts.deploy.workload import Command, DeployFile, Line, Words, Workload
from celerylint.facts.deploy.yamlnodes import Mapping, Node, Scalar, Sequence, load
from celerylint.facts.located import FileText, Located
from celerylint.facts.shell.items import Word
from celerylint.facts.unknown import Unknown

_PARAMETER = re.compile(r"\$\{\{?(\w+)\}?\}")
_REFERENCE = re.compile(r"(?<!\$)\$\((\w+)\)")
_NOT_STARTED = frozenset({
    "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "healthcheck", "healthCheck", "initContainers",
    "annotations", "labels", "description", "help", "comment", "preStop", "postStart", "probes", "tests",
})  # fmt: skip
_COMMANDS = ("command", "args", "cmd", "startCommand", "start_command", "dockerCommand", "start", "run", "entrypoint")
_GENERAL = frozenset({"deployment", "deployments", "statefulset", "deploy", "daemonset", "cronjob", "job"})
_MENTION = re.compile(r"celery\b.*\b(worker|beat|flower|multi)\b", re.DOTALL)
_MOST_STEPS = 100_000


@dataclass(slots=True)
class _Around:
    """What the surroundings of a container say about it."""

    name: str
    source: str
    replicas: int | Unknown | None = None
    grace: float | Unknown | None = None
    traits: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Located] = field(default_factory=dict)
    kubernetes: bool = False


def read_manifest(file: FileText, source: str, lookup: Lookup | None = None) -> DeployFile:
    """``source`` is "helm" for files of a chart, else "yaml"; ``lookup`` gives the values of the chart."""
    template = Template(file, lookup) if is_template(file.text) else None
    documents = load(file, template.masked, template.unmask) if template else load(file)
    reader = _Reader(file, source, template)
    for root in documents.roots:
        if isinstance(root, Mapping):
            reader.document(root, _Around("", source))
        else:
            reader.walk(root, _Around("", source), "")
    return DeployFile(file, source, reader.workloads, documents.unknown)


class _Reader:
    def __init__(self, file: FileText, source: str, template: Template | None) -> None:
        self.file = file
        self.source = source
        self.template = template
        self.workloads: list[Workload] = []
        self.left = _MOST_STEPS

    def document(self, root: Mapping, around: _Around) -> None:
        applications = root.get("applications")
        if isinstance(applications, Sequence):
            self.cloud_foundry(applications)
            return
        kind = root.text("kind")
        if kind is None:
            self.walk(root, around, "")
            return
        objects = root.get("objects") or root.get("items")
        if isinstance(objects, Sequence):
            inner = replace(around, parameters=_parameters(root.get("parameters")))
            for item in objects.items:
                if isinstance(item, Mapping):
                    self.document(item, inner)
            return
        name = root.text("metadata", "name")
        traits = {"kind": kind.shown}
        for key in ("strategy", "updateStrategy"):
            strategy = root.text("spec", key, "type")
            if strategy is not None and strategy.known:
                traits["strategy"] = strategy.known
        source = around.source if around.source == "helm" else "kubernetes"
        known_name = self.filled(name, around).known if name else None
        self.walk(root, replace(around, name=known_name or "", source=source, traits=traits, kubernetes=True), "")

    def walk(self, node: Node, around: _Around, key: str) -> None:
        """Every mapping that says what is started, with what stands around it."""
        self.left -= 1
        if self.left < 0:
            return
        if isinstance(node, Sequence):
            for item in node.items:
                if isinstance(item, Scalar) and not around.kubernetes:
                    self.mention(item, around, key)
                else:
                    self.walk(item, around, key)
        elif isinstance(node, Mapping):
            around = self.surroundings(node, around)
            started = self.container(node, around, key)
            for name, value in node.entries:
                text = name.text
                if text in _NOT_STARTED or text in started:
                    continue
                if isinstance(value, Scalar):
                    if not around.kubernetes:
                        self.mention(value, around, text)
                else:
                    self.walk(value, around, text)

    def surroundings(self, node: Mapping, around: _Around) -> _Around:
        for name in ("replicas", "replicaCount", "instances", "numReplicas", "minReplicas"):
            replicas = node.text(name)
            if replicas is not None:
                around = replace(around, replicas=count_of(self.filled(replicas, around)))
                break
        grace = node.text("terminationGracePeriodSeconds")
        return replace(around, grace=seconds_of(self.filled(grace, around))) if grace is not None else around

    def container(self, node: Mapping, around: _Around, key: str) -> set[str]:
        """Workloads for a mapping with ``command`` or ``args``; gives the keys that have been read."""
        names = [name for name in _COMMANDS if any(not isinstance(value, Mapping) for value in node.all(name))]
        if not names or not (around.kubernetes or any(_mentions(node, name) for name in names)):
            return set()
        own = node.text("name") or node.text("type")
        image = node.text("image")
        environment = environment_of(node.get("env") or node.get("environment"))
        environment = {name: self.filled(value, around) for name, value in environment.items()}
        name = around.name or (own.known if own is not None and own.known else "")
        name = name or (_named_by_file(self.file.path) if around.kubernetes else key)
        start = node.key(names[0])
        for entrypoint in self.commands(node, "command", around, environment):
            for command in self.commands(node, "args", around, environment):
                if entrypoint is None and command is None:
                    continue
                self.workloads.append(
                    Workload(
                        name, around.source, start.span if start else node.span,
                        command=command, entrypoint=entrypoint, replicas=around.replicas, grace_seconds=around.grace,
                        environment=environment, traits=dict(around.traits),
                        open_environment=node.key("envFrom") is not None or self.template is not None,
                        image=None if image is None else image.known or image.unknown,
                    )
                )  # fmt: skip
        for other in names:
            for value in node.all(other) if other not in ("command", "args") else ():
                if (read := command_of(value)) is not None:
                    workload = Workload(name, around.source, value.span, read, environment=environment)
                    self.workloads.append(workload)
        return set(names)

    def commands(
        self, node: Mapping, name: str, around: _Around, environment: dict[str, Located]
    ) -> Iterator[Command | None]:
        """Every value of ``command`` or ``args``: several where a template chooses; None when there is none."""
        found = False
        for value in node.all(name):
            command = command_of(value)
            if isinstance(command, Words) and isinstance(value, Sequence):
                filled = [(item, self.filled(item.value, around)) for item in value.items if isinstance(item, Scalar)]
                words = []
                for item, text in filled:
                    text = replace_names(text, _REFERENCE, environment)
                    words.append((item.value.begin(0), Word(text, item.value.span(), True)))
                items = self.template.arrange(words, value.start) if self.template else tuple(word for _, word in words)
                yield Words(items)
                found = True
            elif isinstance(command, Line):
                yield Line(replace_names(self.filled(command.text, around), _REFERENCE, environment))
                found = True
        if not found:
            yield None

    def mention(self, node: Scalar, around: _Around, key: str) -> None:
        """A text somewhere in other YAML that can only be a command of Celery's."""
        if key not in _NOT_STARTED and _MENTION.search(node.text):
            workload = Workload(around.name or key, around.source, node.span, Line(node.value), sure=False)
            workload.replicas = around.replicas
            self.workloads.append(workload)

    def cloud_foundry(self, applications: Sequence) -> None:
        for application in applications.items:
            if not isinstance(application, Mapping):
                continue
            name = application.text("name")
            environment = environment_of(application.get("env"))
            processes = application.get("processes")
            for node in [application, *(processes.items if isinstance(processes, Sequence) else ())]:
                command = command_of(node.get("command")) if isinstance(node, Mapping) else None
                if command is None or not isinstance(node, Mapping):
                    continue
                kind = node.text("type")
                shown = " ".join(part.shown for part in (name, kind) if part is not None)
                replicas = count_of(node.text("instances"))
                self.workloads.append(
                    Workload(shown, "cloudfoundry", node.span, command, replicas=replicas, environment=environment)
                )

    def filled(self, text: Located, around: _Around) -> Located:
        """With the parameters of an OpenShift template put in."""
        return replace_names(text, _PARAMETER, around.parameters) if around.parameters else text


def _named_by_file(path: str) -> str:
    """``templates/celery/deployment.yaml`` is about celery, ``templates/worker.yaml`` about a worker."""
    stem = basename(path).split(".")[0]
    return basename(dirname(path)) if stem in _GENERAL else stem


def _parameters(node: Node | None) -> dict[str, Located]:
    result: dict[str, Located] = {}
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Mapping) and (name := item.text("name")) is not None:
            value = item.text("value")
            if value is not None:
                result[name.text] = value
    return result


def _mentions(node: Mapping, name: str) -> bool:
    for value in node.all(name):
        scalars = value.items if isinstance(value, Sequence) else [value]
        if any(isinstance(scalar, Scalar) and "celery" in scalar.text.lower() for scalar in scalars):
            return True
    return False
