"""Makefiles: the recipes of every target, variables put in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from celerylint.facts.deploy.fields import standing_for
from celerylint.facts.deploy.workload import DeployFile, Line, Workload
from celerylint.facts.located import FileText, Located, join
from celerylint.facts.unknown import Unknown

_VARIABLE = re.compile(r"(?:export |override )?[ ]*([\w.-]+)[ \t]*(\+|\?|::?)?=[ \t]*(.*)$")
_DEFINE = re.compile(r"define[ \t]+([\w.-]+)")
_RULE = re.compile(r"([^\s#:=][^#:=]*)::?(?!=)(.*)$")
_DEEPEST = 12
_LONGEST = 20_000


@dataclass(slots=True)
class _Makefile:
    file: FileText
    variables: dict[str, Located] = field(default_factory=dict)
    recipes: dict[str, list[Located]] = field(default_factory=dict)
    left: int = 2_000
    """References that may still be put in: variables that name each other grow without end."""


def read_makefile(file: FileText) -> DeployFile:
    """One workload for every target with a recipe that mentions celery or another target."""
    makefile = _Makefile(file, {"MAKE": _text(file, "make")})
    _scan(makefile)
    result = DeployFile(file, "makefile")
    for target, lines in makefile.recipes.items():
        expanded = [_expand(line, makefile, target, 0) for line in lines]
        pieces: list[Located] = []
        for line in expanded:
            newline = Located.atom("\n", file, line.begin(0), line.begin(0))
            pieces += [newline, line] if pieces else [line]
        recipe = join(pieces)
        if "celery" in recipe.text.lower() or "make" in recipe.text:
            workload = Workload(target, "makefile", lines[0].span(), Line(recipe))
            workload.open_environment = True
            result.workloads.append(workload)
    return result


def _text(file: FileText, text: str) -> Located:
    return Located.atom(text, file, 0, 0)


def _scan(makefile: _Makefile) -> None:
    file = makefile.file
    number = 1
    targets: list[str] = []
    while number <= file.count:
        line = file.line(number)
        begin = file.offset(number)
        define = _DEFINE.match(line)
        if define:
            start = number + 1
            while number <= file.count and not file.line(number).startswith("endef"):
                number += 1
            makefile.variables[define[1]] = Located.of(file, file.offset(start), max(file.offset(number) - 1, 0))
            number += 1
            continue
        if line.startswith("\t"):
            text, number = _joined(file, number, begin + 1)
            stripped = text.text.lstrip(" \t@-+")
            for target in targets if stripped else ():
                recipe = text.cut(len(text.text) - len(stripped), len(text.text))
                makefile.recipes.setdefault(target, []).append(recipe)
            continue
        variable = _VARIABLE.match(line)
        if variable:
            value, number = _joined(file, number, begin + variable.start(3))
            before = makefile.variables.get(variable[1]) if variable[2] == "+" else None
            if variable[2] != "?" or variable[1] not in makefile.variables:
                space = Located.atom(" ", file, begin, begin)
                makefile.variables[variable[1]] = join([before, space, value]) if before is not None else value
            continue
        rule = _RULE.match(line)
        if rule:
            targets = rule[1].split()
            inline = rule[2].find(";")
            if inline >= 0:
                text, _ = _joined(file, number, begin + rule.start(2) + inline + 1)
                for target in targets:
                    makefile.recipes.setdefault(target, []).append(text.stripped())
        number += 1


def _joined(file: FileText, number: int, begin: int) -> tuple[Located, int]:
    """A logical line that begins at ``begin``, and the number of the next line. The backslashes are kept."""
    last = number
    while last < file.count and file.line(last).endswith("\\"):
        last += 1
    end = file.offset(last) + len(file.line(last))
    return Located.of(file, begin, max(end, begin)), last + 1


def _expand(text: Located, makefile: _Makefile, target: str, depth: int) -> Located:
    """With ``$(NAME)``, ``${NAME}``, ``$@`` and ``$(call f,a)`` replaced, and ``$$`` for the shell's dollar."""
    if "$" not in text.text or depth > _DEEPEST:
        return text
    pieces: list[Located] = []
    begin = 0
    while True:
        at = text.text.find("$", begin)
        if at < 0 or at + 1 >= len(text.text):
            break
        pieces.append(text.cut(begin, at))
        following = text.text[at + 1]
        if following == "$":
            pieces.append(text.cut(at + 1, at + 2))
            begin = at + 2
        elif following in "({":
            end = _closing(text.text, at + 1)
            pieces.append(_reference(text, at, end, makefile, target, depth))
            begin = end
        else:
            value = _text(makefile.file, target) if following == "@" else None
            pieces.append(_placed(value, text, at, at + 2))
            begin = at + 2
    pieces.append(text.cut(begin, len(text.text)))
    return join(pieces)


def _reference(text: Located, start: int, end: int, makefile: _Makefile, target: str, depth: int) -> Located:
    inner = text.cut(start + 2, end - 1)
    name = inner.text.strip()
    if name.startswith("call "):
        function, _, rest = name[5:].partition(",")
        body = makefile.variables.get(function.strip())
        offset = inner.text.index(",") + 1 if "," in inner.text else len(inner.text)
        arguments = _expand(inner.cut(offset, len(inner.text)), makefile, target, depth + 1)
        makefile.left -= 1
        if body is None or rest == "" or makefile.left < 0:
            return arguments
        return _called(body, arguments, makefile, target, depth)
    value = makefile.variables.get(name)
    makefile.left -= 1
    if value is None or makefile.left < 0 or len(text.text) > _LONGEST:
        return _placed(None, text, start, end)
    expanded = _expand(value, makefile, target, depth + 1)
    return expanded if "\n" in expanded.text else standing_for(expanded, text, start, end)


def _called(body: Located, arguments: Located, makefile: _Makefile, target: str, depth: int) -> Located:
    """The body of a ``define`` with ``$(1)`` replaced by the arguments."""
    pieces: list[Located] = []
    begin = 0
    for match in re.finditer(r"\$[({]1[)}]", body.text):
        pieces += [body.cut(begin, match.start()), arguments]
        begin = match.end()
    pieces.append(body.cut(begin, len(body.text)))
    return _expand(join(pieces), makefile, target, depth + 1)


def _placed(value: Located | None, text: Located, start: int, end: int) -> Located:
    if value is not None:
        return standing_for(value, text, start, end)
    written = text.text[start:end]
    reason = Unknown(f"`{written}` is not set in the Makefile", text.span(start, end))
    return Located.hole(reason, text.file, text.begin(start), text.finish(end - 1))


def _closing(text: str, start: int) -> int:
    """The index behind the bracket that closes the one at ``start``."""
    opening = text[start]
    closing = ")" if opening == "(" else "}"
    depth = 0
    for index in range(start, len(text)):
        if text[index] == opening:
            depth += 1
        elif text[index] == closing:
            depth -= 1
            if depth == 0:
                return index + 1
    return len(text)
