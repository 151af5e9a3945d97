"""The deployment files of a tree, read once each, and the scripts, Dockerfiles and variables that they name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING, Protocol

from celerylint.facts.deploy.kinds import is_script, kind_of
from celerylint.facts.located import Located, decode

if TYPE_CHECKING:
    from celerylint.facts.deploy.templates import Lookup
    from celerylint.facts.deploy.workload import DeployFile, Workload
    from celerylint.facts.deploy.yamlnodes import Mapping

_VARIABLE = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(.*)$", re.MULTILINE)
NEEDLES = (b"celery", b"CELERY", b"Celery")
_STARTING = (b"command", b"args", b"cmd", b"start", b"run:", b"entrypoint", b"celery ", b"image:")
"""YAML that starts something holds one of these; autoscalers, services and dashboards do not."""
_RUNNING = frozenset({"compose", "procfile", "dockerfile", "yaml", "helm"})
"""Kinds that run scripts without naming Celery. Of the first three a repository has few."""
_SHORT = len("start.sh")
_LARGEST = 2_000_000
_LARGEST_SCRIPT = 300_000
"""Bytes of a deployment file; a larger one is data, a larger script carries an archive."""


class Files(Protocol):
    """What is needed of a tree."""

    @property
    def files(self) -> tuple[str, ...]: ...

    def read(self, path: str) -> bytes: ...


class Repository:
    """``globs`` replace the built-in choice of deployment files; ``needles`` are what a file must hold to be read."""

    def __init__(self, tree: Files, globs: Sequence[str] = (), needles: Sequence[bytes] = NEEDLES) -> None:
        self.tree = tree
        self.needles = tuple(needles)
        self.globs = tuple(globs)
        self.known = frozenset(tree.files)
        self._read: dict[str, DeployFile | None] = {}
        self._values: dict[str, Mapping | None] = {}

    @cached_property
    def candidates(self) -> dict[str, str]:
        """Path and kind of every file that may be a deployment file."""
        found = {}
        for path in self._matching() if self.globs else self.tree.files:
            kind = None if path.endswith(".py") else kind_of(path) or ("script" if self.globs else None)
            if kind is not None:
                found[path] = kind
        return found

    @cached_property
    def composed(self) -> dict[str, list[str]]:
        """Folder to the files in it that are, or may be, docker compose files."""
        found: dict[str, list[str]] = {}
        for path, kind in self.candidates.items():
            if kind in ("compose", "yaml"):
                found.setdefault(dirname(path), []).append(path)
        return found

    def _matching(self) -> list[str]:
        from pathspec import GitIgnoreSpec

        return sorted(GitIgnoreSpec.from_lines(self.globs).match_files(self.tree.files))

    @cached_property
    def hot(self) -> dict[str, DeployFile]:
        """The deployment files that hold a needle, and those that may run a script which does."""
        found: dict[str, DeployFile] = {}
        cold: dict[str, bytes] = {}
        for path, kind in self.candidates.items():
            data = self.tree.read(path)
            if kind in ("yaml", "helm") and not any(word in data for word in _STARTING):
                continue
            if not any(needle in data for needle in self.needles):
                if kind in _RUNNING:
                    cold[path] = data
            elif (file := self.file(path, data)) is not None:
                found[path] = file
        scripts = [basename(path).encode() for path, file in found.items() if file.kind == "shell"]
        for path, data in cold.items() if scripts else ():
            few = self.candidates[path] not in ("yaml", "helm")
            if few or any(script in data for script in scripts if len(script) > _SHORT):
                called = self.file(path, data)
                if called is not None:
                    found[path] = called
        return dict(sorted(found.items()))

    def file(self, path: str, data: bytes | None = None) -> DeployFile | None:
        """A deployment file, read once; None for a path that is none."""
        if path not in self._read:
            self._read[path] = self._file(path, self.tree.read(path) if data is None else data)
        return self._read[path]

    def _file(self, path: str, data: bytes) -> DeployFile | None:
        kind = kind_of(path) or "script"
        if not data or len(data) > (_LARGEST_SCRIPT if kind in ("shell", "script") else _LARGEST):
            return None
        if kind == "script" and not is_script(data):
            return None
        from celerylint.facts.deploy.read import read_deploy  # the readers are not needed where nothing is to be read

        variables = self.variables(join(dirname(path), ".env")) if kind in ("compose", "yaml") else {}
        lookup = self.chart(path) if kind == "helm" else None
        return read_deploy(decode(path, data), kind, variables, lookup)

    # What files name

    def variables(self, path: str) -> dict[str, Located]:
        """The variables of a ``.env`` file; none when it is not in the tree."""
        path = normpath(path)
        if path not in self.known:
            return {}
        file = decode(path, self.tree.read(path))
        found = {}
        for match in _VARIABLE.finditer(file.text):
            start, end = match.start(2), match.start(2) + len(match[2].rstrip())
            if end - start > 1 and file.text[start] in "'\"" and file.text[end - 1] == file.text[start]:
                start, end = start + 1, end - 1
            found[match[1]] = Located.of(file, start, end)
        return found

    def chart(self, path: str) -> Lookup:
        """The values of the chart that a template belongs to."""
        from celerylint.facts.deploy.yamlnodes import Mapping, load

        folder = path.split("templates/")[0]
        values_path = next((p for p in (f"{folder}values.yaml", f"{folder}values.yml") if p in self.known), "")
        if values_path not in self._values:
            roots = load(decode(values_path, self.tree.read(values_path))).roots if values_path else []
            self._values[values_path] = next((root for root in roots if isinstance(root, Mapping)), None)
        values = self._values[values_path]

        def lookup(names: tuple[str, ...]) -> Located | None:
            return values.text(*names) if values is not None else None

        return lookup

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for path in self.tree.files:
            index.setdefault(basename(path), []).append(path)
        return index

    @cached_property
    def copied(self) -> dict[str, list[str]]:
        """Name in an image to path in the repository, of every Dockerfile that mentions Celery."""
        found: dict[str, list[str]] = {}
        for file in self.hot.values():
            if file.kind == "dockerfile":
                for workload in file.workloads:
                    for target, source in workload.copies.items():
                        if not target.endswith("/"):
                            found.setdefault(basename(target), []).append(source)
        return found

    def script(self, program: str, near: str, copies: dict[str, str]) -> DeployFile | None:
        """The script a command names, as a file of this tree. ``near`` is the path of the file that names it.

        Paths inside an image are matched by their end (``/app/bin/run.sh`` is ``bin/run.sh``), then by what a
        Dockerfile copies there; several equally good candidates are none.
        """
        for name in [program, *self._sources(program, copies)]:
            path = self._best(name, near)
            if path is not None:
                file = self.file(path)
                if file is not None and file.kind == "shell":
                    return file
        return None

    def _sources(self, program: str, copies: dict[str, str]) -> list[str]:
        exact = [source for target, source in copies.items() if basename(target) == basename(program)]
        if exact:
            return exact
        others = self.copied.get(basename(program), [])
        return others if len(set(others)) == 1 else []

    def _best(self, program: str, near: str) -> str | None:
        wanted = [part for part in program.split("/") if part not in ("", ".", "..")]
        if not wanted:
            return None
        candidates = self._by_name.get(wanted[-1], [])

        def fit(path: str) -> tuple[int, int]:
            parts, folder = path.split("/"), dirname(near).split("/")
            tail = 0
            while tail < min(len(parts), len(wanted)) and parts[-1 - tail] == wanted[-1 - tail]:
                tail += 1
            shared = 0
            while shared < min(len(parts) - 1, len(folder)) and parts[shared] == folder[shared]:
                shared += 1
            return tail, shared

        ranked = sorted(candidates, key=lambda path: (*fit(path), -path.count("/")), reverse=True)
        if not ranked:
            return None
        if len(ranked) > 1 and fit(ranked[0]) == fit(ranked[1]) and ranked[0].count("/") == ranked[1].count("/"):
            return None
        return ranked[0]

    def makefiles(self, near: str) -> list[DeployFile]:
        """The Makefile of the folder of a file, else that of the root."""
        for folder in dict.fromkeys((dirname(near), "")):
            paths = [join(folder, name) for name in ("GNUmakefile", "makefile", "Makefile")]
            files = [self.file(path) for path in paths if path in self.known]
            if files:
                return [file for file in files if file is not None]
        return []

    def image(self, build: tuple[str, str, str]) -> Workload | None:
        """The stage of a Dockerfile that ``build`` of a compose service names."""
        context, dockerfile, target = build
        for path in (normpath(join(context, dockerfile)), normpath(dockerfile)):
            if path in self.known and (file := self.file(path)) is not None:
                stages = [stage for stage in file.workloads if not target or stage.traits.get("stage") == target]
                return stages[-1] if stages else None
        return None
