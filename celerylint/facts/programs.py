"""The programs in front of a command: those that run it, those that only show it, and shells that are given a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from posixpath import basename

from celerylint.facts.shell.items import Item, Word

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "su", "runuser", "script"})
RUNNERS = frozenset({
    "exec", "env", "nohup", "sudo", "gosu", "su-exec", "doas", "runuser", "nice", "ionice", "chrt", "timeout", "time",
    "command", "tini", "dumb-init", "catatonit", "s6-setuidgid", "setuidgid", "setpriv", "chpst", "with-contenv",
    "newrelic-admin", "ddtrace-run", "opentelemetry-instrument", "elasticapm-run", "poetry", "uv", "uvx", "pipenv",
    "pdm", "hatch", "rye", "pixi", "watchmedo", "watchfiles", "hupper", "nodemon", "xvfb-run", "honcho", "dotenv",
    "doppler", "chamber", "aws-vault", "infisical", "op", "envconsul", "coverage", "strace", "stdbuf", "conda",
    "micromamba", "mamba", "wait-for-it", "wait-for-it.sh", "wait-for", "dockerize", "flock", "setsid", "unbuffer",
    "tmux", "screen", "concurrently", "entr", "authbind", "chroot", "python", "start-stop-daemon",
})  # fmt: skip
"""Programs that run the words behind them, so that a ``celery`` there is a command."""
SHOWS = frozenset({
    "cat", "grep", "egrep", "fgrep", "sed", "awk", "pip", "pip3", "apt", "apt-get", "apk", "yum", "dnf", "brew", "npm",
    "yarn", "pkill", "pgrep", "kill", "killall", "ps", "systemctl", "service", "supervisorctl", "journalctl", "git",
    "cp", "mv", "rm", "ls", "mkdir", "touch", "chown", "chmod", "useradd", "adduser", "groupadd", "usermod", "trap",
    "alias", "read", "test", "find", "tail", "head", "tee", "logger", "cd", "pushd", "popd", "type", "which", "whereis",
    "man", "rsync", "scp", "curl", "wget", "ruff", "mypy", "flake8", "black", "isort", "pytest", "pylint", "COPY",
    "ADD", "vi", "vim", "nano",
})  # fmt: skip
"""Programs whose arguments are text, files or packages, never a command."""
SPEAKS = re.compile(
    r"(?i)(^|_|-)(log|echo|print|printf|say|msg|message|warn|warning|info|error|err|debug|note|notice|die|fatal"
    r"|fail|usage|help|success|banner|title)(_|-|$)"
)


def head_of(items: Sequence[Item]) -> tuple[str, int]:
    """The program that a command names, behind assignments and the plainest of runners, with its index."""
    for index, item in enumerate(items):
        if not isinstance(item, Word):
            return "", index
        text = item.text or item.value.shown
        if "=" in text and re.match(r"[A-Za-z_]\w*=", text):
            continue
        name = re.sub(r"^python[\d.]*$", "python", basename(text))
        if name in ("exec", "nohup", "command", "time", "env") or (index and text.startswith("-")):
            continue
        if name == "sudo" and index + 1 < len(items):
            following = items[index + 1]
            if isinstance(following, Word) and following.text and not following.text.startswith("-"):
                continue
        return (text if "/" in text and name not in RUNNERS | SHOWS | _SHELLS else name), index
    return "", len(items)


def script_of_shell(words: Sequence[Word]) -> Word | None:
    """The string behind ``-c`` of a shell or of ``su``."""
    shell = next((i for i, word in enumerate(words) if basename(word.text or "") in _SHELLS), None)
    if shell is None:
        return None
    for index in range(shell + 1, len(words) - 1):
        text = words[index].text or ""
        if re.fullmatch(r"-[a-z]*c", text) or text == "--command":
            # options may still follow: bash -c -e "..."; bash -euxo pipefail -c "..."
            following = index + 1
            while following < len(words) - 1 and (words[following].text or "").startswith("-"):
                following += 1
            return words[following]
        if not text.startswith("-") and basename(words[shell].text or "") not in ("su", "runuser", "script"):
            previous = words[index - 1].text or ""
            if not previous.endswith("o"):
                return None
    return None
