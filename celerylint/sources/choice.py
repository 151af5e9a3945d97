"""Which files and folders of a tree are worth looking at, told by their names alone."""

from __future__ import annotations

PRUNED = frozenset({
    ".git", ".hg", ".svn", ".bzr", ".jj",
    ".venv", "venv", "site-packages", "__pypackages__", "node_modules", "bower_components", ".pixi", ".direnv",
    ".tox", ".nox", ".eggs", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".pytype", ".pyre",
    ".hypothesis", ".ipynb_checkpoints", ".celerylint_cache", ".cache", ".mirror", ".terraform", ".serverless",
    ".pyenv", "htmlcov",
})  # fmt: skip
"""Folders that never hold the project's own code, tracked or not."""

BUILT = frozenset({"build", "dist"})
"""Folders that are products unless git says otherwise: a file in them that it does not ignore is source."""

VENV_MARK = "pyvenv.cfg"
"""A folder with this file is a virtual environment, whatever its name (PEP 405)."""

_EXTENSIONS = frozenset({
    "py", "yml", "yaml", "toml", "cfg", "ini", "conf", "config", "service", "sh", "bash", "zsh", "ksh", "tpl", "j2",
    "mk", "lock", "env",
})  # fmt: skip
_TEMPLATES = frozenset({"jinja", "jinja2", "tmpl", "template", "erb", "dist", "example", "sample", "in"})
_NAMES = frozenset({"makefile", "gnumakefile", "pipfile", "run", "start", "entrypoint"})  # run: s6 and runit services
_PREFIXES = ("procfile", "dockerfile", "containerfile", ".env")
_PROGRAM_FOLDERS = frozenset({
    "bin", "docker", ".docker", "scripts", "script", "ops", "compose", "deploy", "deployment", "entrypoints",
})  # fmt: skip
_ENVIRONMENT_FOLDERS = frozenset({".envs"})  # cookiecutter-django keeps .envs/.production/.django there

_REQUIREMENT_FOLDERS = frozenset({"requirements"})
_DATA_FOLDERS = frozenset({"fixtures"})  # of Django: rows of django-celery-beat


def worth_reading(folder: str, name: str) -> bool:
    """Whether the file ``name`` in ``folder`` (posix, relative to the root) is Python or may configure or start Celery.

    Files without extension in folders of programs are kept: their first line has to tell what they are.
    """
    stem, dot, extension = name.rpartition(".")
    if extension in _EXTENSIONS and dot:
        return True
    lower = name.lower()
    if lower in _NAMES or lower.startswith(_PREFIXES):
        return True
    if not stem:  # no extension: "worker", or a dot file such as ".django"
        if _below(folder, _ENVIRONMENT_FOLDERS):
            return True
        return not dot and name.islower() and _below(folder, _PROGRAM_FOLDERS)
    if extension == "txt":
        return stem.startswith("requirements") or _below(folder, _REQUIREMENT_FOLDERS)
    if extension == "json":
        return _below(folder, _DATA_FOLDERS)
    if extension in _TEMPLATES:
        return worth_reading(folder, stem)
    return lower.endswith((".dockerfile", ".containerfile", ".procfile"))


def _below(folder: str, names: frozenset[str]) -> bool:
    return not names.isdisjoint(folder.split("/"))
