"""Tests of edits: the places of a source are marked, and every case is tried in several dresses."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from celerylint.fixes import Refused, apply_edits, text_edits
from celerylint.rule import Edit
from celerylint.sources.spans import Span

PATH = "shop/tasks.py"
Maker: TypeAlias = Callable[..., Any]
"""What makes an edit, or several, of the places that are marked."""
_LINE_END = re.compile(r"\r\n?|\n")


def marked(text: str, path: str = PATH) -> tuple[str, list[Span]]:
    """The text without its marks ``⟦`` and ``⟧``, and the places between them in the order in which they open."""
    plain = ""
    open_: list[int] = []
    places: list[list[int]] = []
    for character in text:
        if character == "⟦":
            open_.append(len(places))
            places.append([len(plain), 0])
        elif character == "⟧":
            places[open_.pop()][1] = len(plain)
        else:
            plain += character
    return plain, [span(plain, start, end, path) for start, end in places]


def span(text: str, start: int, end: int, path: str = PATH) -> Span:
    """The span of the characters from ``start`` to ``end``."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def position(offset: int) -> tuple[int, int]:
        line = max(number for number, begin in enumerate(starts, 1) if begin <= offset)
        return line, offset - starts[line - 1] + 1

    return Span(path, *position(start), *position(end))


def edited(text: str, make: Maker, path: str = PATH) -> str:
    """What the edits make of a marked text; ``make`` is given the places. Raises ``Refused`` with the first reason."""
    plain, spans = marked(text, path)
    return _apply(plain.encode(), _edits(make, spans), path).decode()


def check(before: str, after: str, make: Maker, without: str = "") -> None:
    """The edits make ``after`` of ``before``, also with other newlines, tabs, a byte order mark and another encoding.

    Making them once more changes nothing or is refused, and the text edits say the same as the new content. ``without``
    names a dress that does not suit the case ("latin" puts two lines above it).
    """
    for dress in (_plain, _windows, _tabs, _mark, _latin):
        if dress.__name__ == f"_{without}" or (dress is _windows and "\n" not in before):
            continue
        one, other, encode = dress(before, after)
        plain, spans = marked(one)
        edits = _edits(make, spans)
        data = encode(plain)
        result = _apply(data, edits, PATH)
        assert result == encode(other), dress.__name__
        assert replayed(data, result) == result
        if ast_of(plain) is not None:
            assert ast_of(other) is not None
        again = apply_edits(result, PATH, edits)
        assert again.data in (None, result), f"{dress.__name__}: made twice"


def refusal(text: str, make: Maker, path: str = PATH) -> str:
    """Why the edits are refused."""
    plain, spans = marked(text, path)
    result = apply_edits(plain.encode(), path, _edits(make, spans))
    assert result.data is None
    return result.refused[0][1]


def replayed(before: bytes, after: bytes) -> bytes:
    """``before`` with the text edits made that lead to ``after``; only for texts in one of the encodings tried here."""
    encoding = "latin-1" if b"coding: latin-1" in before else "utf-8"
    bom = before.startswith(b"\xef\xbb\xbf")
    text = before[3 if bom else 0 :].decode(encoding)
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    for edit in reversed(text_edits(before, after)):
        start = starts[edit["start"]["line"] - 1] + edit["start"]["column"] - 1
        end = starts[edit["end"]["line"] - 1] + edit["end"]["column"] - 1
        text = text[:start] + edit["text"] + text[end:]
    return (b"\xef\xbb\xbf" if bom else b"") + text.encode(encoding)


def ast_of(text: str) -> str | None:
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return None


def _apply(data: bytes, edits: list[Edit], path: str) -> bytes:
    result = apply_edits(data, path, edits)
    if result.data is None:
        raise Refused("; ".join(reason for _, reason in result.refused))
    return result.data


def _edits(make: Maker, spans: list[Span]) -> list[Edit]:
    made = make(*spans)
    return list(made) if isinstance(made, (list, tuple)) else [made]


# Dresses: the same case in another file


def _plain(before: str, after: str) -> tuple[str, str, Callable[[str], bytes]]:
    return before, after, str.encode


def _windows(before: str, after: str) -> tuple[str, str, Callable[[str], bytes]]:
    return before.replace("\n", "\r\n"), after.replace("\n", "\r\n"), str.encode


def _tabs(before: str, after: str) -> tuple[str, str, Callable[[str], bytes]]:
    def tabbed(text: str) -> str:
        return re.sub(r"(?m)^(⟦?)((?:    )+)(?=\S)", lambda match: match[1] + "\t" * (len(match[2]) // 4), text)

    return tabbed(before), tabbed(after), str.encode


def _mark(before: str, after: str) -> tuple[str, str, Callable[[str], bytes]]:
    return before, after, lambda text: b"\xef\xbb\xbf" + text.encode()


def _latin(before: str, after: str) -> tuple[str, str, Callable[[str], bytes]]:
    head = "# coding: latin-1\n_ = 'é'\n"
    return head + before, head + after, lambda text: text.encode("latin-1", "strict")
