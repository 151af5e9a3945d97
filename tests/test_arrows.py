"""sources -> facts -> model -> rules -> engine -> fixes, output, cli: no import goes back."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "celerylint"

STAGES = [
    {"knowledge", "versions"},
    {"sources"},
    {"facts"},
    {"model"},
    {"rule"},
    {"rules"},
    {
        "baseline", "cache", "config", "config_file", "cst", "engine", "examples", "explain", "levels", "pages",
        "plugins", "registry", "report", "suppress", "suppress_lines",
    },
    {"fixes"},
    {"output"},
    {"cli", "lsp", "testing", "pytest_plugin", "__main__"},
]  # fmt: skip
"""A module may import those of its own stage and of earlier ones. What is new must be put somewhere here."""

TYPES_ONLY = {("rule", "model"), ("rule", "suppress"), ("rules", "suppress")}
"""Imports under TYPE_CHECKING that look forward: the contract of a rule names what the later stages hand to it."""

FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def stage_of(part: str) -> int:
    return next((number for number, parts in enumerate(STAGES) if part in parts), -1)


def imports(path: Path) -> Iterator[tuple[str, int, bool]]:
    """What a file imports from celerylint: first part below the package, line, and whether only for types."""
    tree = ast.parse(path.read_bytes())
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    here = ("celerylint", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            base = ".".join(here[: len(here) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            names = [f"{module}.{alias.name}" if module == "celerylint" else module for alias in node.names]
        for name in names:
            first, _, rest = name.partition(".")
            if first == "celerylint" and rest and not rest.startswith("__version__"):
                yield rest.partition(".")[0], node.lineno, node in for_types


def part_of(file: str) -> str:
    return file.partition("/")[0].removesuffix(".py")


@pytest.mark.parametrize("file", [file for file in FILES if file != "__init__.py"])
def test_no_import_goes_back(file: str) -> None:
    part = part_of(file)
    assert stage_of(part) >= 0, f"celerylint/{file}: `{part}` belongs to no stage; see STAGES"
    for target, line, for_types in imports(PACKAGE / file):
        if for_types and (part, target) in TYPES_ONLY:
            continue
        assert stage_of(target) >= 0, f"celerylint/{file}:{line}: `{target}` belongs to no stage; see STAGES"
        assert stage_of(target) <= stage_of(part), f"celerylint/{file}:{line}: {part} imports {target}, a later stage"


def test_imports_are_seen_in_every_form(tmp_path: Path) -> None:
    """The test above proves nothing if it overlooks a way of importing."""
    text = (
        "from __future__ import annotations\nimport celerylint.cli.check\nfrom celerylint import engine\n"
        "from celerylint.rules.tasks import x\nfrom ..model import y\n\ndef late():\n    from .. import config\n"
        "if TYPE_CHECKING:\n    from celerylint.output import z\n"
    )
    folder = PACKAGE / "facts"
    read = Path.read_bytes
    path = folder / "imagined.py"
    Path.read_bytes = lambda self: text.encode() if self == path else read(self)  # type: ignore[method-assign]
    try:
        found = list(imports(path))
    finally:
        Path.read_bytes = read  # type: ignore[method-assign]
    assert [(target, for_types) for target, _, for_types in sorted(found, key=lambda one: one[1])] == [
        ("cli", False), ("engine", False), ("rules", False), ("model", False), ("config", False), ("output", True),
    ]  # fmt: skip


def test_a_check_does_not_import_what_only_fixes_and_people_need() -> None:
    code = (
        "import sys; import celerylint.engine, celerylint.registry; celerylint.registry.builtin();"
        "print(sorted({'libcst', 'rich', 'yaml', 'pathspec', 'pytest'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE.parent, timeout=60, check=True
    )
    assert ran.stdout.strip() == "[]"
