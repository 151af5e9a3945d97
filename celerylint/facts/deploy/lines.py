"""Files read line by line: Procfile, and the rest of a file whose format is broken."""

from __future__ import annotations

import re

from celerylint.facts.deploy.templates import Template, is_template
from celerylint.facts.deploy.workload import DeployFile, Line, Words, Workload
from celerylint.facts.located import FileText, Located, join

_ENTRY = re.compile(r"^([A-Za-z0-9_.-]+)[ \t]*:[ \t]*(.+)$", re.MULTILINE)
_KEY = re.compile(r"^([ \t]*)(?:- +)?([\w.-]+)[ \t]*:[ \t]*(?:[|>][+-]?)?[ \t]*(.*)$")
_ITEM = re.compile(r"^([ \t]*)- +(\S.*)$")
_LONGEST = 10_000
"""Characters of a line; a longer one is data."""
_QUOTED = re.compile(r"\"((?:\\.|[^\"\\])*)\"|'([^']*)'|([^\s,\[\]\"']+)")


def text_of(file: FileText) -> Template:
    """The file with its template expressions masked, if it has any."""
    return Template(file if is_template(file.text) else FileText(file.path, file.text))


def read_procfile(file: FileText) -> DeployFile:
    """``name: command`` on each line; the command runs in a shell."""
    result = DeployFile(file, "procfile")
    template = text_of(file)
    for entry in _ENTRY.finditer(template.masked):
        command = template.located(entry.start(2), entry.end(2))
        span = file.span(entry.start(1), entry.end(1))
        result.workloads.append(Workload(entry[1], "procfile", span, Line(command)))
    return result


def read_broken(file: FileText, source: str) -> list[Workload]:
    """Commands of Celery's in a file that is not the YAML it should be: text behind a key, or the items of a list."""
    template = text_of(file)
    workloads: list[Workload] = []
    names: list[tuple[int, str]] = []
    number = 1
    while number <= file.count:
        begin = file.offset(number)
        line = template.masked[begin : file.offset(number + 1)].rstrip("\n")
        if len(line) > _LONGEST:
            number += 1
            continue
        item, key = _ITEM.match(line), _KEY.match(line)
        if key:
            indent = len(key[1])
            names = [name for name in names if name[0] < indent]
            owner = names[-1][1] if names else ""
            names.append((indent, key[2]))
            if "celery" in key[3].lower():
                start, end = begin + key.start(3), begin + key.end(3)
                workloads.append(_text(file, template, owner or key[2], source, start, end))
        elif item:
            last = _run_of_items(file, template, number, item[1])
            block = template.masked[begin : file.offset(last + 1)]
            if "celery" in block.lower():
                owner = names[-2][1] if len(names) > 1 else names[-1][1] if names else ""
                words = _words(file, template, number, last)
                workloads.append(Workload(owner, source, words[0].span(), Words.of(words), sure=False))
            number = last
        elif "celery" in line.lower() and not line.lstrip().startswith("#"):
            owner = names[0][1] if names else ""
            start = begin + len(line) - len(line.lstrip())
            workloads.append(_text(file, template, owner, source, start, begin + len(line)))
        number += 1
    return workloads


def _text(file: FileText, template: Template, name: str, source: str, start: int, end: int) -> Workload:
    text = template.masked[start:end]
    span = file.span(start, end)
    if text.startswith("["):
        words = [template.located(start + low, start + high) for low, high in _bracketed(text)]
        return Workload(name, source, span, Words.of(words), sure=False)
    if text[:1] in ("'", '"') and text.rstrip().endswith(text[0]):
        start, end = start + 1, start + len(text.rstrip()) - 1
    return Workload(name, source, span, Line(template.located(start, end)), sure=False)


def _bracketed(text: str) -> list[tuple[int, int]]:
    """The words of ``["a", 'b', c]`` as stretches of the text."""
    found = []
    for match in _QUOTED.finditer(text):
        group = match.lastindex or 0
        found.append((match.start(group), match.end(group)))
    return found


def _run_of_items(file: FileText, template: Template, number: int, indent: str) -> int:
    """The last line of the list items that begin at a line."""
    last = number
    while last < file.count:
        following = template.masked[file.offset(last + 1) : file.offset(last + 2)]
        match = _ITEM.match(following.rstrip("\n"))
        if match is None or match[1] != indent:
            break
        last += 1
    return last


def _words(file: FileText, template: Template, first: int, last: int) -> list[Located]:
    words = []
    for number in range(first, last + 1):
        begin = file.offset(number)
        match = _ITEM.match(template.masked[begin : file.offset(number + 1)].rstrip("\n"))
        if match:
            start, end = begin + match.start(2), begin + match.end(2)
            quote = match[2][0] if match[2][0] in "'\"" and match[2].endswith(match[2][0]) and len(match[2]) > 1 else ""
            words.append(template.located(start + len(quote), end - len(quote)))
    return words


def folded(file: FileText, template: Template, stretches: list[tuple[int, int]]) -> Located:
    """Several lines as one, joined by spaces: what continuation lines mean in units and INI files."""
    pieces: list[Located] = []
    for start, end in stretches:
        if pieces:
            pieces.append(Located.atom(" ", file, start, start))
        pieces.append(template.located(start, end))
    return join(pieces) if pieces else Located.of(file, 0, 0)
