"""Lowering: Python newer than the interpreter, respelled in place so that an older ``ast`` reads it.

LibCST reads the text; what the target version lacks is blanked or respelled byte for byte, so that every line number
and nearly every column stays exact:

    except A, B:            ->  except(A, B):                   PEP 758, 3.14
    t"{x}"                  ->  __(x )                          PEP 750, 3.14
    def f[T = int](x)       ->  def f         (x)               PEP 695, 3.12 and PEP 696, 3.13
    type X = int            ->  X      = int                    PEP 695, 3.12
    f'{a['b']}'             ->  f'{a["b"]}'                     PEP 701, 3.12
    except* A:              ->  except  A:                      PEP 654, 3.11
    a[*b], *args: *Ts       ->  a[__], *args:  Ts               PEP 646, 3.11
    lazy import x           ->  import      x                   PEP 810, 3.15

A run of underscores is a name that nothing defines: what it stands for is unknown, and nothing is guessed.
"""

from __future__ import annotations

import re
import sys
import threading
from typing import TYPE_CHECKING

from celerylint.sources.text import normalise_newlines

if TYPE_CHECKING:
    from collections.abc import Callable

# LibCST recurses on the C stack, where an overflow ends the process: whatever is nested beyond what people write is
# refused before it gets there, and the rest is given a stack of its own (reserved, not used, by the system).
_STACK = 256 << 20
_LARGEST = 500_000
_DEEPEST = 100
_BRACKETS = re.compile(r"[(\[{]|[)\]}]|^(?:def|class|import)\b", re.MULTILINE)
# LibCST reads nested patterns in exponential time.
_NESTED_PATTERN = re.compile(r"^[ \t]*case\b(?:[^\n)\]}]*[(\[{]){12}", re.MULTILINE)


def lower(text: str, target: tuple[int, int] = sys.version_info[:2]) -> str | None:
    """``text`` as Python ``target`` (3.10 or later) can read it, newlines normalised to ``\\n``.

    None when LibCST cannot read the text either. What is newer than LibCST knows stays as it is.
    """
    text = normalise_newlines(text)
    if _too_intricate(text):
        return None
    return _with_room(lambda: _respelled(text, target))


def _respelled(text: str, target: tuple[int, int]) -> str | None:
    import libcst
    from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

    from celerylint.sources.canvas import Canvas
    from celerylint.sources.respell import Respell

    module = libcst.parse_module(text)
    if module.code != text:  # the spans below would be those of another text
        return None
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    canvas = Canvas(text, wrapper.resolve(ByteSpanPositionProvider))
    wrapper.module.visit(Respell(canvas, target))
    return canvas.text()


def _with_room(work: Callable[[], str | None]) -> str | None:
    """What ``work`` returns on a thread with a deep stack; None when it raises, for it runs what others wrote on text
    that nobody vouches for (LibCST's own panics are not even Exceptions)."""
    results: list[str | None] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException:
            results.append(None)

    usual = threading.stack_size()
    try:
        threading.stack_size(_STACK)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
    except (RuntimeError, ValueError):  # no memory for it, or not possible on this system
        return None
    finally:
        threading.stack_size(usual)
    thread.join()
    return results[0]


def _too_intricate(text: str) -> bool:
    if len(text) > _LARGEST or _NESTED_PATTERN.search(text):
        return True
    depth = 0
    for match in _BRACKETS.finditer(text):  # brackets in strings count too; a statement at the margin starts afresh
        token = match[0]
        if token in "([{":
            depth += 1
            if depth > _DEEPEST:
                return True
        else:
            depth = max(0, depth - 1) if token in ")]}" else 0
    return False
