"""The project's Python modules: their names, their facts, and what an import leads to.

Modules that name Celery are read at once, others when something asks for them (a model class, an exception hierarchy, a
settings base).
"""

from __future__ import annotations

import posixpath
import re
import sys
from typing import TYPE_CHECKING, Any

from celerylint.facts import syntax as s
from celerylint.facts.take import take, take_definition
from celerylint.facts.unknown import Unknown
from celerylint.facts.walk import below
from celerylint.model.scopes import Scope, collect
from celerylint.sources.parse import SyntaxProblem, parse, parse_part
from celerylint.sources.prefilter import hot_lines, is_test_path
from celerylint.sources.spans import Pos, Span
from celerylint.sources.text import SourceProblem

if TYPE_CHECKING:
    from celerylint.sources.tree import Tree

FOREIGN = frozenset(
    {"celery", "kombu", "django", "flask", "redis", "billiard", "vine", "amqp", "requests", "sqlalchemy"}
)
"""Top-level packages that are never taken for a folder of the project that happens to bear their name."""

_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([A-Za-z_][A-Za-z0-9_.]*)", re.MULTILINE)
_SOURCE_FOLDERS = frozenset({"src", "lib", "source"})
_ROOT_MARKERS = ("manage.py", "pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "requirements.txt", "Dockerfile")


class Module:
    """One Python file of the project.

    ``name`` is the dotted name under which the project imports it; ``package`` is what relative imports start from.
    """

    def __init__(self, name: str, path: str, facts: s.Module, modules: Modules) -> None:
        self.name = name
        self.path = path
        self.facts = facts
        self.is_test = is_test_path(path)
        self.is_settings = False
        self._modules = modules
        self._expanded: dict[tuple[str, int], s.Function] | None = None
        self._cst: Any = None
        self._aliases: frozenset[str] | None = None
        self.scope = Scope(self, collect(facts.body))

    def __repr__(self) -> str:
        return f"Module({self.name!r})"

    @property
    def aliases(self) -> frozenset[str]:
        """The names that imports of this module bind to something spelled otherwise (``import x as y``)."""
        if self._aliases is None:
            bindings = (b for found in self.scope.table.by_name.values() for b in found)
            self._aliases = frozenset(
                b.name for b in bindings if isinstance(b.node, s.Import) and b.node.name and b.node.name != b.node.alias
            )
        return self._aliases

    @property
    def is_package(self) -> bool:
        return posixpath.basename(self.path) == "__init__.py"

    @property
    def package(self) -> str:
        return self.name if self.is_package else self.name.rpartition(".")[0]

    def span(self, pos: Pos) -> Span:
        return Span.at(self.path, pos)

    def expanded(self, function: s.Function) -> s.Function:
        """The same function with its body: its lines are read once more, or the whole file where they do not do."""
        apart = self._modules.read_function(self.path, function) if not self.facts.lowered else None
        if apart is not None:
            return apart
        if self._expanded is None:
            full = self._modules.read(self.path, everything=True)
            self._expanded = {}
            if full is not None:
                nodes = (n for statement in full.body for n in below(statement))
                self._expanded = {(n.qualname, n.pos[0]): n for n in nodes if isinstance(n, s.Function)}
        return self._expanded.get((function.qualname, function.pos[0]), function)

    @property
    def data(self) -> bytes:
        """The file as it is on the disk."""
        return self._modules.tree.read(self.path)

    @property
    def cst(self) -> Any:
        """The LibCST tree of this module (``libcst.Module``), parsed when first asked for.

        Raises ``libcst.ParserSyntaxError`` for a file that LibCST cannot read.
        """
        if self._cst is None:
            import libcst

            self._cst = libcst.parse_module(self._modules.tree.read(self.path))
        return self._cst


class Modules:
    """All modules by name and by path, loaded on demand."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.problems: list[Unknown] = []
        self.loaded: dict[str, Module] = {}
        self.kept: dict[str, Module] = {}
        """The modules that were read to build the model, by path. Those that a single question brings in later are not
        among them, so that what looks through all modules does not depend on which rules ran before."""
        self._failed: set[str] = set()
        self._files = frozenset(p for p in tree.files if p.endswith(".py"))
        self._packages = frozenset(posixpath.dirname(p) for p in self._files if posixpath.basename(p) == "__init__.py")
        self._roots_of = self._index_roots()
        self._marked = frozenset(posixpath.dirname(p) for p in tree.files if posixpath.basename(p) in _ROOT_MARKERS)
        self._imported: set[str] = set()
        """Every module that the files looked at import, and the packages around it."""
        self._names: dict[str, str] = {}
        self._found: dict[tuple[str, str], str | None] = {}

    def _index_roots(self) -> dict[str, list[str]]:
        """First component of a dotted name -> folders in which a file or folder of that name lies."""
        roots: dict[str, set[str]] = {}
        seen: set[str] = set()
        for path in self._files:
            folder, base = posixpath.split(path)
            if base != "__init__.py":
                roots.setdefault(base[:-3], set()).add(folder)
            while folder and folder not in seen:
                seen.add(folder)
                parent, name = posixpath.split(folder)
                roots.setdefault(name, set()).add(parent)
                folder = parent
        return {name: sorted(found) for name, found in roots.items()}

    # Reading

    def read(self, path: str, everything: bool = False) -> s.Module | None:
        """The facts of one file, None (and a noted problem) when nobody can read it."""
        try:
            source = self.tree.source(path)
            parsed = parse(source)
            return take(parsed.tree, source, path, hot_lines(source.data), everything, parsed.lowered, parsed.old)
        except (SourceProblem, SyntaxProblem) as problem:
            self.note(path, problem)
        except RecursionError:
            self.note_text(path, 1, "nested too deeply to be read")
        return None

    def read_function(self, path: str, function: s.Function) -> s.Function | None:
        """One function of a file in full, from its own lines; None when they cannot be read by themselves."""
        source = self.tree.source(path)
        first, _, last, _ = function.whole
        tree = parse_part(source, first, last)
        return take_definition(tree, source, function.qualname) if tree is not None else None

    def note(self, path: str, problem: SourceProblem | SyntaxProblem) -> None:
        self.note_text(path, problem.line or 1, problem.message, getattr(problem, "column", None) or 1)

    def note_text(self, path: str, line: int, message: str, column: int = 1) -> None:
        if path not in self._failed:
            self._failed.add(path)
            self.problems.append(Unknown(message, Span(path, line, column, line, column + 1)))

    def load(self, path: str) -> Module | None:
        """The module of a file, read now if it was not yet."""
        if path in self.loaded:
            return self.loaded[path]
        if path in self._failed or path not in self._files:
            return None
        facts = self.read(path)
        if facts is None:
            return None
        module = Module(self.name_of(path), path, facts, self)
        self.loaded[path] = module
        return module

    def settle(self) -> None:
        """Note that the model is built."""
        self.kept = dict(sorted(self.loaded.items()))

    def learn_imports(self, data: bytes) -> None:
        """Note absolute imports as spelled in a file: they tell how namespace folders are named."""
        for match in _IMPORT.findall(data):
            dotted = match.decode("ascii")
            while dotted and dotted not in self._imported:
                self._imported.add(dotted)
                dotted = dotted.rpartition(".")[0]

    def imports(self, package: str) -> bool:
        """Whether the files that were looked at import a package."""
        return package in self._imported

    # Names

    def name_of(self, path: str) -> str:
        """The dotted name of a file: its chain of packages, lengthened where imports in the project say so."""
        name = self._names.get(path)
        if name is None:
            name = self._names[path] = self._compute_name(path)
        return name

    def _compute_name(self, path: str) -> str:
        folder, base = posixpath.split(path)
        parts = [] if base == "__init__.py" else [base[:-3]]
        while folder and folder in self._packages:
            folder, last = posixpath.split(folder)
            parts.insert(0, last)
        names = [".".join(parts)] if parts else []
        if parts and not self._is_imported(names[0]):
            shorter = next(
                (".".join(parts[i:]) for i in range(1, len(parts) - 1) if self._is_imported(".".join(parts[i:]))), None
            )
            if shorter is not None:
                return shorter  # a package folder that is itself on the path
        while folder and folder not in self._marked and posixpath.basename(folder) not in _SOURCE_FOLDERS:
            folder, last = posixpath.split(folder)  # folders without __init__.py between a root and the first package
            parts.insert(0, last)
            names.append(".".join(parts))
        spelled = next((n for n in names if self._is_imported(n)), None)
        return spelled or (names[-1] if names else posixpath.basename(posixpath.dirname(path)) or "__init__")

    def _is_imported(self, name: str) -> bool:
        return name in self._imported

    def find(self, dotted: str, importer: str) -> str | None:
        """The file that ``import dotted`` reads when it stands in the file ``importer``; None when it is not here."""
        key = (dotted, posixpath.dirname(importer))
        if key not in self._found:
            self._found[key] = self._find(dotted, key[1])
        return self._found[key]

    def _find(self, dotted: str, folder: str) -> str | None:
        first = dotted.partition(".")[0]
        if first in FOREIGN:
            return None
        relative = dotted.replace(".", "/")
        best: tuple[int, int, int, str] | None = None
        for root in self._roots_of.get(first, ()):
            inner = 1 if root and root in self._packages else 0
            if inner and (first in sys.stdlib_module_names or ("." not in dotted and root != folder)):
                continue  # a folder inside a package is on the path of few projects only (``sys.path`` changed by hand)
            base = f"{root}/{relative}" if root else relative
            for path in (f"{base}/__init__.py", f"{base}.py"):
                if path in self._files:
                    nearness = len(posixpath.commonprefix([root + "/", folder + "/"])) if root else 0
                    outside = 0 if root == "" or (folder + "/").startswith(root + "/") else 1
                    rank = (inner, outside, -nearness, path)
                    if best is None or rank < best:
                        best = rank
                    break
        return best[3] if best else None

    def module(self, dotted: str, importer: str) -> Module | None:
        path = self.find(dotted, importer)
        return self.load(path) if path else None

    def absolute(self, imported: s.Import, module: Module) -> str:
        """The absolute dotted module of an import statement."""
        if imported.level == 0:
            return imported.module
        package = module.package.split(".") if module.package else []
        up = imported.level - 1
        base = package[: len(package) - up] if up else package
        return ".".join([*base, imported.module] if imported.module else base)

    def submodule(self, package: Module, name: str) -> Module | None:
        """``name`` as a module inside a package of the project."""
        if not package.is_package:
            return None
        folder = posixpath.dirname(package.path)
        base = f"{folder}/{name}" if folder else name
        for path in (f"{base}/__init__.py", f"{base}.py"):
            if path in self._files:
                return self.load(path)
        return None

    def relative(self, imported: s.Import, module: Module) -> Module | None:
        """The module that a relative import names, by folder (it need not have a computable dotted name)."""
        folder = posixpath.dirname(module.path)
        for _ in range(imported.level - 1):
            folder = posixpath.dirname(folder)
        relative = imported.module.replace(".", "/")
        base = posixpath.join(folder, relative) if relative else folder
        for path in (f"{base}/__init__.py" if base else "__init__.py", f"{base}.py"):
            if path in self._files:
                return self.load(path)
        return None
