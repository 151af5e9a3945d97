"""What only older Pythons read, respelled: the ``print`` statement, ``except X, e``, ``raise X, "text"``, ``<>``, old
octal and long numbers (on 3.10 and 3.11, whose tokenizer lets them pass), ``ur""`` strings, tabs mixed with spaces, and
``async`` used as a name (before 3.7).

Projects that run Celery for ten years hold such files. Everything is respelled on its own line, so line numbers stay
exact; columns on a changed line may move by a few places. Like newer syntax, a text is only respelled after the running
interpreter has refused it.
"""

from __future__ import annotations

import io
import re
import tokenize

from celerylint.sources.text import normalise_newlines

_Edit = tuple[tuple[int, int], tuple[int, int], str]
_KEYWORDS_AFTER_ASYNC = frozenset({"def", "for", "with"})
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_PYTHON_2 = re.compile(
    r"""^[ \t]*(?:print(?:[ \t]*>>|[ \t]+[\w"'])|exec[ \t]+[\w"']|raise[ \t]+[\w.]+,"""
    r"""|except[ \t]+[^:#\n]*,[ \t]*[a-z_]\w*[ \t]*:)""",
    re.MULTILINE,
)
_LARGEST = 500_000  # characters; the tokenizer of older versions is written in Python
_SKIP = frozenset({tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING})


def is_python2(text: str) -> bool:
    """Whether a text that had to be respelled says itself that no Python 3 runs it: it prints, executes, catches or
    raises by statements of Python 2. Tabs mixed with spaces and ``async`` as a name prove nothing."""
    return _PYTHON_2.search(text) is not None


def respell_old(text: str) -> str | None:
    """The text as Python 3 (newlines normalised), None when there is nothing here to respell or it cannot be cut into
    tokens."""
    if len(text) > _LARGEST:
        return None
    text = normalise_newlines(text)
    indented = _without_mixed_tabs(text)
    try:
        tokens = [t for t in tokenize.generate_tokens(io.StringIO(indented).readline) if t.type not in _SKIP]
    except (tokenize.TokenError, SyntaxError):  # an unclosed bracket or an indentation nobody can follow
        return None
    edits: list[_Edit] = []
    for statement in _statements(tokens):
        edits.extend(_respell(statement))
    if not edits and indented == text:
        return None
    return _apply(indented, edits)


def _without_mixed_tabs(text: str) -> str:
    """Tabs in indentation as Python 2 counts them, when spaces are used as well; otherwise columns stay exact."""
    blanks = set("".join(_INDENT.findall(text)))
    return _INDENT.sub(lambda indent: indent[0].expandtabs(8), text) if len(blanks) == 2 else text


def _statements(tokens: list[tokenize.TokenInfo]) -> list[list[tokenize.TokenInfo]]:
    """Logical lines, cut at semicolons and after the colon of a one-line block."""
    found: list[list[tokenize.TokenInfo]] = [[]]
    depth = 0
    in_lambda = False
    for token in tokens:
        depth += _depth(token)
        if token.type == tokenize.NEWLINE or (token.string == ";" and depth == 0):
            found.append([])
            in_lambda = False
            continue
        found[-1].append(token)
        in_lambda = in_lambda or token.string == "lambda"
        if token.string == ":" and depth == 0 and not in_lambda:
            found.append([])
    return [statement for statement in found if statement]


def _respell(tokens: list[tokenize.TokenInfo]) -> list[_Edit]:
    edits = _small(tokens)
    first = tokens[0].string
    if first == "print" and len(tokens) > 1 and not _is_call(tokens):
        edits.extend(_print(tokens))
    elif first == "exec" and len(tokens) > 1 and tokens[1].string != "(":
        edits.extend([(tokens[0].end, tokens[1].start, "("), (tokens[-1].end, tokens[-1].end, ")")])
    elif first == "except":
        comma = _last_comma(tokens)
        # A name in lower case: except A, B: is Python 3.14.
        if comma == len(tokens) - 3 and tokens[-1].string == ":" and tokens[comma + 1].string.islower():
            edits.append((tokens[comma].start, tokens[comma + 1].start, " as "))
    elif first == "raise":
        comma = _first_comma(tokens)
        if comma is not None:
            edits.append((tokens[comma].start, tokens[comma].end, "("))
            edits.append((tokens[-1].end, tokens[-1].end, ")"))
    return edits


def _depth(token: tokenize.TokenInfo) -> int:
    """By how much a token goes deeper into brackets."""
    return (token.string in ("(", "[", "{")) - (token.string in (")", "]", "}"))


def _is_call(tokens: list[tokenize.TokenInfo]) -> bool:
    """``print(...)`` and nothing after it reads the same in both languages; so does ``print = x``."""
    if tokens[1].string in ("=", ".", ","):
        return True
    return tokens[1].string == "(" and _closing(tokens, 1) == len(tokens) - 1


def _closing(tokens: list[tokenize.TokenInfo], start: int) -> int:
    depth = 0
    for index in range(start, len(tokens)):
        depth += _depth(tokens[index])
        if depth == 0:
            return index
    return -1


def _print(tokens: list[tokenize.TokenInfo]) -> list[_Edit]:
    after = tokens[1]
    start = after.end if after.string == ">>" else after.start
    return [(tokens[0].end, start, "("), (tokens[-1].end, tokens[-1].end, ")")]


def _small(tokens: list[tokenize.TokenInfo]) -> list[_Edit]:
    edits: list[_Edit] = []
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        touches = after is not None and token.end == after.start
        if token.string == "<" and touches and after is not None and after.string == ">":
            edits.append((token.start, after.end, "!="))
        elif token.string == "<>":
            edits.append((token.start, token.end, "!="))
        elif token.type == tokenize.NUMBER and touches and after is not None:
            if set(token.string) == {"0"} and after.type == tokenize.NUMBER:
                edits.append((token.start, token.end, "0o"))
            elif after.string in ("L", "l"):
                edits.append((after.start, after.end, ""))
        elif token.type == tokenize.NAME and token.string.lower() == "ur" and touches and after is not None:
            if after.type == tokenize.STRING:
                edits.append((token.start, token.end, "r"))
        elif token.string == "async" and (after is None or after.string not in _KEYWORDS_AFTER_ASYNC):
            edits.append((token.start, token.end, "async_"))
    return edits


def _first_comma(tokens: list[tokenize.TokenInfo]) -> int | None:
    depth = 0
    for index, token in enumerate(tokens):
        depth += _depth(token)
        if token.string == "," and depth == 0:
            return index
    return None


def _last_comma(tokens: list[tokenize.TokenInfo]) -> int | None:
    depth, found = 0, None
    for index, token in enumerate(tokens):
        depth += _depth(token)
        if token.string == "," and depth == 0:
            found = index
    return found


def _apply(text: str, edits: list[_Edit]) -> str:
    lines = text.split("\n")
    for (line, column), (end_line, end_column), new in sorted(edits, reverse=True):
        if line == end_line:
            lines[line - 1] = lines[line - 1][:column] + new + lines[line - 1][end_column:]
        else:  # across a backslash: keep the lines, replace from the first place on
            lines[line - 1] = lines[line - 1][:column] + new + lines[line - 1][column:]
    return "\n".join(lines)
