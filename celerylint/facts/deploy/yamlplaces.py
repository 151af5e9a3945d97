"""Where the characters of a YAML scalar are written: quotes, escapes, folds and block indentation undone."""

from __future__ import annotations

_ESCAPE_WIDTH = {"x": 4, "u": 6, "U": 10}


def align(value: str, source: str, start: int, end: int, style: str) -> list[tuple[int, int]] | None:
    """Offset and width in ``source`` for every character of ``value``; None when they do not fit together."""
    places: list[tuple[int, int]] = []
    at = start
    if style in ("|", ">"):
        at = source.find("\n", start) + 1
        while at < end and source[at] in " \t":
            at += 1
    elif style:
        at = start + 1
    index = 0
    while index < len(value):
        if style == '"' and source[at : at + 1] == "\\":
            if source[at + 1 : at + 2] == "\n":
                at += 2
                while source[at : at + 1] in (" ", "\t"):
                    at += 1
                continue
            width = _ESCAPE_WIDTH.get(source[at + 1 : at + 2], 2)
            places.append((at, width))
            at, index = at + width, index + 1
            continue
        blanks = at
        while blanks < end and source[blanks] in " \t\n":
            blanks += 1
        if value[index] in " \t\n" and "\n" in source[at:blanks]:
            # A fold or a line of a block: the white space here stands for the white space there.
            while index < len(value) and value[index] in " \t\n":
                places.append((at, max(blanks - at, 1)))
                index += 1
            at = blanks
            continue
        if value[index] in " \t\n" and at >= end:
            places.append((end, 0))
            index += 1
            continue
        if source[at : at + 1] != value[index]:
            at = source.find(value[index], at, end)
            if at < 0:
                return None
        width = 2 if style == "'" and value[index] == "'" else 1
        places.append((at, width))
        at, index = at + width, index + 1
    return places
