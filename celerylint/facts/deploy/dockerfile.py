"""Dockerfiles: what CMD and ENTRYPOINT of each stage start."""

from __future__ import annotations

import re
from posixpath import basename, dirname

from celerylint.facts.deploy.workload import Command, DeployFile, Line, Words, Workload
from celerylint.facts.located import FileText, Located, join
from celerylint.facts.shell.words import WordReader

_INSTRUCTION = re.compile(r"[ \t]*([A-Za-z]+)[ \t]+")
_FROM = re.compile(r"(?i)(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*$")
_HEREDOC = re.compile(r"<<-?(['\"]?)(\w+)\1")
_STRING = re.compile(r'\s*"((?:\\.|[^"\\])*)"\s*(,|\])')


def read_dockerfile(file: FileText) -> DeployFile:
    """One workload for every stage, with its own CMD and ENTRYPOINT or those of the stage it builds on."""
    result = DeployFile(file, "dockerfile")
    stages: dict[str, Workload] = {}
    order: list[Workload] = []
    environment: dict[str, Located] = {}
    for name, text in _instructions(file):
        if name == "FROM":
            match = _FROM.match(text.text)
            stage = (match[2] or "") if match else ""
            base = stages.get(match[1].lower()) if match else None
            environment = dict(base.environment) if base else dict(environment) if not order else {}
            current = Workload(stage or _name(file.path), "dockerfile", text.span(), environment=environment)
            current.traits["stage"] = stage
            current.open_environment = True
            if base:
                current.command, current.entrypoint = base.command, base.entrypoint
                current.copies.update(base.copies)
            order.append(current)
            if stage:
                stages[stage.lower()] = current
        elif name in ("ENV", "ARG"):
            _variables(text, environment)
        elif order and name in ("COPY", "ADD"):
            words = [word for word in text.text.split() if not word.startswith("--")]
            if len(words) == 2:
                order[-1].copies[words[1]] = words[0]
        elif order and name == "CMD":
            order[-1].command = _command(text)
        elif order and name == "ENTRYPOINT":
            order[-1].entrypoint = _command(text)
    result.workloads = order
    return result


def _name(path: str) -> str:
    """``Dockerfile.worker`` and ``worker.Dockerfile`` are about a worker; else the folder says it."""
    parts = [part for part in re.split(r"[._-]", basename(path)) if part.lower() not in ("dockerfile", "containerfile")]
    return "-".join(parts) or basename(dirname(path)) or "Dockerfile"


def _instructions(file: FileText) -> list[tuple[str, Located]]:
    """Instruction and its text, lines joined. Bodies of here-documents are left out."""
    found: list[tuple[str, Located]] = []
    number = 1
    while number <= file.count:
        match = _INSTRUCTION.match(file.line(number))
        if match is None:
            number += 1
            continue
        pieces: list[Located] = []
        begin = file.offset(number) + match.end()
        while number <= file.count:
            line = file.line(number)
            end = file.offset(number) + len(line)
            continued = line.rstrip().endswith(("\\", "`"))
            if not (pieces and (line.lstrip().startswith("#") or not line.strip())):
                stop = file.offset(number) + len(line.rstrip()) - 1 if continued else end
                pieces.append(Located.of(file, begin, max(stop, begin)))
            elif pieces:
                continued = True
            number += 1
            if not continued or number > file.count:
                break
            begin = file.offset(number)
            pieces.append(Located.atom(" ", file, begin, begin))
        text = join(pieces)
        heredoc = _HEREDOC.search(text.text)
        if heredoc:
            while number <= file.count and file.line(number).strip() != heredoc[2]:
                number += 1
            number += 1
        found.append((match[1].upper(), text.stripped()))
    return found


def _command(text: Located) -> Command:
    """The exec form is a JSON list; anything else runs in a shell."""
    if not text.text.startswith("["):
        return Line(text)
    words: list[Located] = []
    at = 1
    while True:
        match = _STRING.match(text.text, at)
        if match is None:
            # Docker runs a list that is not JSON (single quotes) in a shell, brackets and all.
            return Words(()) if text.text.replace(" ", "") == "[]" else Line(text)
        words.append(_unescaped(text, match.start(1), match.end(1)))
        if match[2] == "]":
            return Words.of(words)
        at = match.end()


def _unescaped(text: Located, start: int, end: int) -> Located:
    pieces: list[Located] = [text.cut(start, start)]
    at = start
    for escape in re.compile(r"\\(.)").finditer(text.text, start, end):
        char = {"n": "\n", "t": "\t"}.get(escape[1], escape[1])
        place = Located.atom(char, text.file, text.begin(escape.start()), text.finish(escape.end() - 1))
        pieces += [text.cut(at, escape.start()), place]
        at = escape.end()
    pieces.append(text.cut(at, end))
    return join(pieces)


def _variables(text: Located, environment: dict[str, Located]) -> None:
    """``ENV A=b C="d e"`` and the old ``ENV A b c``; ``ARG A=b``."""
    reader = WordReader(text)
    first, _, rest = text.text.partition(" ")
    if "=" not in first:
        if rest:
            environment[first] = text.cut(len(first) + 1, len(text.text)).stripped()
        return
    while reader.position < reader.end:
        while text.text[reader.position : reader.position + 1] in (" ", "\t"):
            reader.position += 1
        before = reader.position
        word = reader.word(stop=" \t")
        name, equals, _ = word.written.text.partition("=")
        literal = word.literal
        if equals and literal is not None:
            environment[name] = _value(word.written, len(name) + 1)
        if reader.position == before:
            break


def _value(written: Located, start: int) -> Located:
    value = written.cut(start, len(written.text))
    quoted = len(value.text) > 1 and value.text[0] in "'\"" and value.text[-1] == value.text[0]
    return value.cut(1, len(value.text) - 1) if quoted else value
