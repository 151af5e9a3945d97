"""systemd units and supervisor configuration: sections with keys, commands without a shell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename

from celerylint.facts.deploy.fields import count_of, seconds_of
from celerylint.facts.deploy.lines import folded, text_of
from celerylint.facts.deploy.workload import DeployFile, Line, Workload
from celerylint.facts.located import FileText, Located, join
from celerylint.facts.shell.words import WordReader
from celerylint.facts.unknown import Unknown

_SECTION = re.compile(r"\s*\[([^\]]+)\]\s*$")
_PAIR = re.compile(r"\s*([\w.-]+)\s*[=:]\s*(.*)$")
_SPECIFIER = re.compile(r"%(%|[A-Za-z])")
_FORMAT = re.compile(r"%(%|\((\w+)\)\d*[sd])")


def read_systemd(file: FileText) -> DeployFile:
    """One workload for every ``ExecStart``."""
    result = DeployFile(file, "systemd")
    name = basename(file.path).split(".service")[0].rstrip("@")
    environment: dict[str, Located] = {}
    files: list[str] = []
    grace = None
    commands: list[Located] = []
    for section, key, value in _pairs(file, continued=True):
        if section != "Service":
            continue
        if key == "ExecStart":
            text = value.text.lstrip("-@:+!|")
            commands = [] if not text.strip() else commands
            if text.strip():
                commands.append(_specifiers(value.cut(len(value.text) - len(text), len(value.text))))
        elif key == "Environment":
            environment.update(_assignments(value, " "))
        elif key == "EnvironmentFile":
            files.append(value.text.lstrip("-"))
        elif key == "TimeoutStopSec":
            grace = seconds_of(value)
    for command in commands:
        workload = Workload(name, "systemd", command.span(), Line(command, shell=False), grace_seconds=grace)
        workload.environment, workload.env_files = environment, tuple(files)
        workload.open_environment = bool(files)
        result.workloads.append(workload)
    return result


def read_supervisor(file: FileText) -> DeployFile:
    """One workload for every ``[program:x]``."""
    result = DeployFile(file, "supervisor")
    programs: dict[str, dict[str, Located]] = {}
    for section, key, value in _pairs(file, continued=False):
        if section.startswith("program:"):
            programs.setdefault(section[len("program:") :].strip(), {})[key] = value
    for name, pairs in programs.items():
        if "command" not in pairs:
            continue
        environment = _assignments(pairs["environment"], ",") if "environment" in pairs else {}
        command = _formatted(pairs["command"], name, environment)
        workload = Workload(name, "supervisor", command.span(), Line(command, shell=False), environment=environment)
        workload.replicas = count_of(pairs.get("numprocs"))
        workload.grace_seconds = seconds_of(pairs.get("stopwaitsecs"))
        workload.open_environment = True
        result.workloads.append(workload)
    return result


def _pairs(file: FileText, continued: bool) -> Iterator[tuple[str, str, Located]]:
    """Section, key and value. Lines go on after a backslash (units) or when the next one is indented (INI)."""
    template = text_of(file)
    section = ""
    number = 1

    def line(at: int) -> str:
        return template.masked[file.offset(at) : file.offset(at + 1)].rstrip("\n")

    while number <= file.count:
        text = line(number)
        begin = file.offset(number)
        number += 1
        header = _SECTION.match(text)
        if header:
            section = header[1].strip()
            continue
        pair = _PAIR.match(text) if text.strip()[:1] not in ("#", ";") else None
        if pair is None:
            continue
        stretches = [(begin + pair.start(2), begin + len(_content(text, continued)))]
        while number <= file.count:
            following = line(number)
            if continued:
                if not text.rstrip().endswith("\\"):
                    break
            elif following[:1] not in (" ", "\t") or not following.strip():
                break
            start = file.offset(number)
            text = following
            number += 1
            if following.strip()[:1] in ("#", ";"):
                text = "\\" if continued else following
                continue
            indent = len(following) - len(following.lstrip())
            stretches.append((start + indent, start + len(_content(following, continued))))
        yield section, pair[1], folded(file, template, [(low, max(low, high)) for low, high in stretches])


def _content(text: str, continued: bool) -> str:
    """The line without its continuation mark or, in INI files, the comment behind a blank and a semicolon."""
    text = text.rstrip()
    if continued:
        return text[:-1].rstrip() if text.endswith("\\") else text
    comment = re.search(r"\s;", text)
    return text[: comment.start()].rstrip() if comment else text


def _specifiers(text: Located) -> Located:
    """``%%`` is a percent sign; ``%i`` and the like are filled in by systemd."""
    pieces, begin = [], 0
    for match in _SPECIFIER.finditer(text.text):
        low, high = text.begin(match.start()), text.finish(match.end() - 1)
        pieces.append(text.cut(begin, match.start()))
        if match[1] == "%":
            pieces.append(Located.atom("%", text.file, low, high))
        else:
            reason = Unknown(f"systemd fills in `{match[0]}`", text.span(match.start(), match.end()))
            pieces.append(Located.hole(reason, text.file, low, high))
        begin = match.end()
    return join([*pieces, text.cut(begin, len(text.text))])


def _formatted(text: Located, program: str, environment: dict[str, Located]) -> Located:
    """``%%`` is a percent sign; ``%(ENV_X)s`` a variable; ``%(program_name)s`` the program's name."""
    pieces, begin = [], 0
    for match in _FORMAT.finditer(text.text):
        low, high = text.begin(match.start()), text.finish(match.end() - 1)
        pieces.append(text.cut(begin, match.start()))
        name = match[2] or ""
        value = environment.get(name.removeprefix("ENV_")) if name.startswith("ENV_") else None
        if match[1] == "%":
            pieces.append(Located.atom("%", text.file, low, high))
        elif name == "program_name":
            pieces.append(Located.atom(program, text.file, low, high))
        elif value is not None and value.known is not None:
            pieces.append(Located.atom(value.known, text.file, low, high))
        else:
            shown = f"environment variable {name[4:]} has no default" if name.startswith("ENV_") else f"`{match[0]}`"
            reason = Unknown(shown, text.span(match.start(), match.end()))
            pieces.append(Located.hole(reason, text.file, low, high))
        begin = match.end()
    return join([*pieces, text.cut(begin, len(text.text))])


def _assignments(text: Located, separator: str) -> dict[str, Located]:
    """``A=b "C=d e"`` (units) and ``A="b",C=d`` (supervisor)."""
    result: dict[str, Located] = {}
    reader = WordReader(text)
    while reader.position < reader.end:
        if text.text[reader.position] in " \t," + separator:
            reader.position += 1
            continue
        word = reader.word(stop=" \t" if separator == " " else ",")
        plain = word.written.stripped()
        if len(plain.text) > 1 and plain.text[0] in "'\"" and plain.text[-1] == plain.text[0]:
            plain = plain.cut(1, len(plain.text) - 1)
        name, equals, value = plain.text.partition("=")
        if equals:
            quoted = len(value) > 1 and value[0] in "'\"" and value[-1] == value[0]
            inset = len(name) + 1 + (1 if quoted else 0)
            result[name.strip()] = plain.cut(inset, len(plain.text) - (1 if quoted else 0))
    return result
