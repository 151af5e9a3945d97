"""The names of functions that come to send a message: those that send, and those that call them by name.

Only names are compared, in the text of modules that were read: a cheap way to leave out what cannot matter before
anything is resolved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from celerylint.facts import syntax as s
from celerylint.facts.walk import statements
from celerylint.model.modules import Module

_ROUNDS = 2
_COMMON = frozenset(
    {"save", "delete", "create", "update", "get", "post", "put", "patch", "run", "handle", "add", "set", "send",
     "dispatch", "form_valid", "process", "execute", "clean", "wrapper", "inner", "main", "call", "apply", "close"}
)  # fmt: skip
"""Names that say too little to look for who calls them."""


def sender_names(senders: Iterable[str], modules: Iterable[Module]) -> frozenset[str]:
    """The names of the ``senders``, and of the functions that lead to one of them in a few calls."""
    found = set(senders)
    fresh = {name for name in found if name not in _COMMON and not name.startswith("__")}
    texts = [(module, module.data) for module in modules if not module.is_test]
    for _ in range(_ROUNDS):
        callers: set[str] = set()
        for module, data in texts:
            lines = _lines(data, [name for name in map(str.encode, fresh) if name in data])
            if lines:
                callers |= {name for name, first, last in _functions(module) if any(first <= n <= last for n in lines)}
        fresh = {name for name in callers - found if name not in _COMMON and not name.startswith("__")}
        found |= callers
    return frozenset(found)


def _lines(data: bytes, names: list[bytes]) -> list[int]:
    """The lines on which one of the names is called."""
    if not names:
        return []
    lines: list[int] = []
    line, counted = 1, 0
    for match in re.finditer(rb"(?<!def )\b(?:%s)\(" % b"|".join(map(re.escape, names)), data):
        line += data.count(b"\n", counted, match.start())
        counted = match.start()
        lines.append(line)
    return lines


def _functions(module: Module) -> Iterator[tuple[str, int, int]]:
    """Every function of a module, with its first and its last line; those inside of functions as far as they are
    kept."""
    waiting = [module.facts.body]
    while waiting:
        for node in statements(waiting.pop()):
            if isinstance(node, s.Function):
                yield node.name, node.pos[0], node.whole[2]
                if node.body is not None:
                    waiting.append(node.body)
            elif isinstance(node, s.Class):
                waiting.append(node.body)
