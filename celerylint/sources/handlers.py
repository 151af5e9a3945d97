"""``except A, B:`` (PEP 758) for interpreters before 3.14, without LibCST.

Formatters write this form into whole repositories, and the interpreter itself says where each stands; so the plain
cases, all on one line, need no second parser. ``lower.py`` does the others, and to the same effect.
"""

from __future__ import annotations

import re

from celerylint.sources.text import normalise_newlines

_REFUSAL = "multiple exception types must be parenthesized"
# A colon directly followed by a blank and a body gives up the blank, so that the body keeps its columns.
_HANDLER = re.compile(
    r"(\s*except\b(?:[ \t]*\*)?[ \t]*)[ \t]([\w.]+(?:[ \t]*,[ \t]*([\w.]+))+,?)(?:[ \t](?=[ \t]*:)|(:) |(?=:))"
)
ERROR_NAMES = frozenset({"e", "ex", "exc", "err"})
"""Names that end ``except A, e:`` in Python 2, where they bind the error; ``respell_old.py`` reads such a file."""


def parenthesise(text: str, refused: SyntaxError) -> str | None:
    """``text`` (newlines normalised) with parentheses in the handler that ``refused`` is about; None when it is about
    something else, or about a handler that is not so plain."""
    if refused.msg != _REFUSAL or not refused.lineno:
        return None
    lines = normalise_newlines(text).split("\n")
    line = lines[refused.lineno - 1]
    handler = _HANDLER.match(line)
    if not handler or handler.start(2) + 1 != refused.offset or handler[3] in ERROR_NAMES:
        return None
    head, kinds, _, colon = handler.groups()
    lines[refused.lineno - 1] = f"{head}({kinds}){colon or ''}{line[handler.end() :]}"
    return "\n".join(lines)
