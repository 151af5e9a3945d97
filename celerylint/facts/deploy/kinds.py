"""Which files may say what is started, told by their names and first bytes."""

from __future__ import annotations

import re
from posixpath import basename

_TEMPLATE = re.compile(r"\.(j2|jinja2?|tmpl|tpl|template|erb|dist|example|sample|in)$")
_NAMED = (
    (re.compile(r"(?i)^procfile(\..+)?$|\.procfile$"), "procfile"),
    (re.compile(r"(?i)^(docker-|podman-)?compose([._-].*)?\.ya?ml$|^docker-compose.*\.ya?ml$"), "compose"),
    (re.compile(r"(?i)^(dockerfile|containerfile)([._-].*)?$|\.(dockerfile|containerfile)$"), "dockerfile"),
    (re.compile(r"(?i)^(gnu)?makefile([._-].*)?$|\.mk$"), "makefile"),
    (re.compile(r"(?i)\.service$"), "systemd"),
    (re.compile(r"(?i)^pyproject\.toml$"), "pyproject"),
    (re.compile(r"(?i)\.ya?ml$"), "yaml"),
    (re.compile(r"(?i)\.(sh|bash|zsh|ksh)$"), "shell"),
    (re.compile(r"(?i)^supervisord?[\w.-]*\.(conf|ini)$|\.(conf|ini)$"), "supervisor"),
)
_PASSED_OVER = re.compile(
    r"(^|/)(\.github|\.gitlab|\.circleci|node_modules|\.git|locale|locales|site-packages|\.tox|\.venv|venv)/"
    r"|(^|/)(\.pre-commit-config|mkdocs|\.readthedocs|\.gitlab-ci|\.travis|azure-pipelines|bitbucket-pipelines|\.drone"
    r"|cloudbuild|buildspec|appveyor|codecov|\.codecov|openapi|pnpm-lock|conda-lock|environment)\.ya?ml$"
)
_HELM = re.compile(r"(^|/)templates/")


def kind_of(path: str) -> str | None:
    """The kind of a deployment file, "script" for a name without extension that its first line has to explain."""
    if _PASSED_OVER.search(path):
        return None
    name = basename(path)
    while _TEMPLATE.search(name):
        name = _TEMPLATE.sub("", name)
    for pattern, kind in _NAMED:
        if pattern.search(name):
            if kind == "yaml" and _HELM.search(path):
                return "helm"
            return kind
    return "script" if "." not in name else None


def is_script(data: bytes) -> bool:
    """Whether a file without extension is run by a shell (or by execline, which s6 uses)."""
    first = data[:80].split(b"\n", 1)[0]
    return first.startswith(b"#!") and any(word in first for word in (b"sh", b"execline", b"with-contenv"))
