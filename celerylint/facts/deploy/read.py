"""One deployment file to its workloads, by its kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import basename, dirname

from celerylint.facts.deploy.compose import read_compose
from celerylint.facts.deploy.dockerfile import read_dockerfile
from celerylint.facts.deploy.lines import read_broken, read_procfile, text_of
from celerylint.facts.deploy.makefile import read_makefile
from celerylint.facts.deploy.manifests import read_manifest
from celerylint.facts.deploy.pyproject import read_pyproject
from celerylint.facts.deploy.templates import Lookup
from celerylint.facts.deploy.units import read_supervisor, read_systemd
from celerylint.facts.deploy.workload import DeployFile, Line, Workload
from celerylint.facts.located import FileText, Located
from celerylint.facts.unknown import Unknown

_SERVICES = re.compile(r"^services:[ \t]*(#.*)?$", re.MULTILINE)
_S6 = re.compile(r"(^|/)(s6[^/]*|services\.d|cont-init\.d|sv|runit|service)/")


def read_deploy(
    file: FileText, kind: str, variables: Mapping[str, Located], lookup: Lookup | None = None
) -> DeployFile:
    """What a file starts. ``kind`` as ``kinds.kind_of`` names it.

    ``variables`` are those that docker compose puts in, ``lookup`` finds the values of a chart. Nothing a file contains
    makes this fail: a file that is not what its name says gives one Unknown and what could still be found in it.
    """
    try:
        found = _read(file, kind, variables, lookup)
    except RecursionError:
        place = file.span(0, 0)
        return DeployFile(file, kind, unknown=[Unknown("nested too deeply to read", place)])
    if kind in ("compose", "yaml", "helm") and any(reason.reason.startswith("not valid") for reason in found.unknown):
        source = {"yaml": "kubernetes"}.get(kind, kind)
        known = {(workload.span.line, workload.name) for workload in found.workloads}
        found.workloads += [
            workload for workload in read_broken(file, source) if (workload.span.line, workload.name) not in known
        ]
    return found


def _yaml(file: FileText, kind: str, variables: Mapping[str, Located], lookup: Lookup | None) -> DeployFile:
    """Compose files also go by other names (``production.yml``); their content tells."""
    if kind == "yaml" and _SERVICES.search(file.text):
        found = read_compose(file, variables)
        if any(workload.image or workload.build for workload in found.workloads):
            return found
    return read_manifest(file, kind, lookup)


def _read(file: FileText, kind: str, variables: Mapping[str, Located], lookup: Lookup | None) -> DeployFile:
    if kind == "compose":
        return read_compose(file, variables)
    if kind in ("yaml", "helm"):
        return _yaml(file, kind, variables, lookup)
    if kind in ("shell", "script"):
        return _shell(file)
    readers = {
        "procfile": read_procfile,
        "dockerfile": read_dockerfile,
        "makefile": read_makefile,
        "systemd": read_systemd,
        "supervisor": read_supervisor,
        "pyproject": read_pyproject,
    }
    return readers[kind](file)


def _shell(file: FileText) -> DeployFile:
    """The whole script is one workload; ``run`` files of s6 and runit are named by their folder."""
    named_run = basename(file.path) in ("run", "up")
    s6 = (named_run and bool(_S6.search(file.path))) or "execlineb" in file.text[:80]
    name = re.sub(r"\.(sh|bash|zsh|ksh)$", "", basename(file.path))
    if name in ("run", "start", "start.sh", "up") and dirname(file.path):
        name = basename(dirname(file.path))
    if re.search(r"\.(j2|jinja2?|tmpl|erb)$", file.path):
        text = text_of(file).located(0, len(file.text))
    else:
        text = Located.of(file, 0, len(file.text))
    workload = Workload(name, "s6" if s6 else "shell", file.span(0, 0), Line(text), open_environment=True)
    return DeployFile(file, "shell", [workload])
