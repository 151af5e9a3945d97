"""How deeply a text nests: LibCST's parser recurses in native code, and the process dies where CPython would refuse."""

from __future__ import annotations

import re

BRACKETS = 200
"""CPython's own limit (``MAXLEVEL`` in ``Parser/lexer/state.h``): what nests deeper is not Python."""
CHAIN = 1000
"""Operators, strings or calls that follow each other; LibCST's code generator gives up earlier, its parser later."""

_TOKEN = re.compile(
    r"""
      \#[^\r\n]*
    | (?P<string>\"{3}(?:[^\\]|\\.)*?\"{3} | '{3}(?:[^\\]|\\.)*?'{3} | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*')
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<stop>[,;:\r\n])
    | (?P<branch>\belif\b)
    | (?P<link>[-+*/%@&|^~.<>!] | \b(?:and|or|not|if|else|lambda|await)\b)
    """,
    re.VERBOSE | re.DOTALL,
)


def too_deep(text: str) -> bool:
    """Whether parsing ``text`` with LibCST could exhaust the stack."""
    chains = [0]
    branches = 0
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            chains[-1] += 1
            chains.append(0)
        elif kind == "close":
            if len(chains) > 1:
                chains.pop()
        elif kind == "stop":
            # Line ends count only outside brackets; a colon there ends a header, inside it parts a key from its value.
            if len(chains) == 1 or token.group() in ",:":
                chains[-1] = 0
        elif kind == "branch":
            branches += 1
        elif kind is not None:
            chains[-1] += 1
        if len(chains) > BRACKETS or chains[-1] > CHAIN or branches > CHAIN:
            return True
    return False
