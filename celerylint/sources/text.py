"""One file as text: decoded as Python decodes it (PEP 263), with the line numbers and columns that ``ast`` means."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
# PEP 263: a comment of this form in line one, or in line two when line one holds nothing but a comment or blanks.
_COOKIE = re.compile(rb"[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)")
_NO_CODE = re.compile(rb"[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)")


class SourceProblem(Exception):
    """A file cannot be read as text. ``message`` says why and what to do; ``line`` is 1-based, or None when no line is
    to blame."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(slots=True)
class Source:
    """A decoded file.

    ``text`` has no byte order mark and keeps the newlines of the file. ``newline`` is the newline used most. Lines are
    counted as the Python tokenizer does: ``\\n``, ``\\r\\n`` and ``\\r`` end a line; form feeds and Unicode separators
    do not.
    """

    path: str
    data: bytes
    text: str
    encoding: str
    bom: bool
    newline: str
    _lines: list[str] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def lines(self) -> list[str]:
        """The lines without their newlines; a newline at the end of the file opens no further line."""
        if self._lines is None:
            self._lines = normalise_newlines(self.text).split("\n")
            if not self._lines[-1]:
                self._lines.pop()
        return self._lines

    def line(self, number: int) -> str:
        """Line ``number`` (1-based) without its newline; "" outside the file, where ``SyntaxError`` can point."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def column(self, line: int, offset: int) -> int:
        """The 1-based column, in code points, of the 0-based UTF-8 byte ``offset`` that ``ast`` gives in ``line``."""
        if self.text.isascii():
            return offset + 1
        text = self.line(line)
        if text.isascii():
            return offset + 1
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")) + 1


def read_source(path: str, data: bytes) -> Source:
    """Decode ``data``. A coding line counts in Python files only; everything else is UTF-8.

    Raises SourceProblem for null bytes, an unknown encoding, and bytes that are not in the encoding.
    """
    bom = data.startswith(_BOM)
    encoding, line = _declared(data) if path.endswith((".py", ".pyi")) else (None, None)
    if bom and encoding not in (None, "utf-8"):
        raise SourceProblem(
            f"begins with a UTF-8 byte order mark but declares the encoding {encoding!r}; remove one of the two", line
        )
    if data.startswith(_UTF16_BOMS):
        raise SourceProblem("is UTF-16; save it as UTF-8", 1)
    if b"\0" in data:
        raise SourceProblem("contains a null byte; save it as text in UTF-8", _line_at(data, data.index(b"\0")))
    encoding = encoding or "utf-8"
    try:
        text = data.decode(encoding)
    except LookupError:
        raise SourceProblem(f"declares the unknown encoding {encoding!r}; save it as UTF-8", line) from None
    except UnicodeDecodeError as error:
        at = _line_at(data, error.start)
        advice = "save it as UTF-8" if line else "save it as UTF-8, or declare its encoding in the first line (PEP 263)"
        raise SourceProblem(f"byte 0x{data[error.start]:02x} is not {encoding}; {advice}", at) from None
    except Exception as error:  # codecs such as unicode_escape and undefined raise what they like
        raise SourceProblem(f"cannot be decoded as {encoding!r} ({error}); save it as UTF-8", line) from None
    if bom:
        text = text.removeprefix("\ufeff")
    return Source(path, data, text, encoding, bom, _newline(data))


def normalise_newlines(text: str) -> str:
    """``text`` with ``\\n`` for every newline, as the Python tokenizer reads it."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _declared(data: bytes) -> tuple[str | None, int | None]:
    """The encoding that the coding line names, normalised as the tokenizer does, and the line it stands on."""
    if b"coding" not in data[:1000]:  # by far the commonest case; a cookie further on is no cookie anyone wrote
        return None, None
    start = len(_BOM) if data.startswith(_BOM) else 0
    first = _COOKIE.match(data, start)
    line = 1
    if not first and (blank := _NO_CODE.match(data, start)):
        first = _COOKIE.match(data, blank.end())
        line = 2
    if not first:
        return None, None
    name = first[1].decode("ascii", "replace")
    plain = name[:12].lower().replace("_", "-")
    if plain in ("utf8", "utf-8") or plain.startswith("utf-8-"):
        return "utf-8", line
    for alias in ("latin-1", "iso-8859-1", "iso-latin-1"):
        if plain == alias or plain.startswith(f"{alias}-"):
            return "iso-8859-1", line
    return name, line


def _newline(data: bytes) -> str:
    returns = data.count(b"\r")
    if not returns:
        return "\n"
    pairs = data.count(b"\r\n")
    counts = {"\n": data.count(b"\n") - pairs, "\r\n": pairs, "\r": returns - pairs}
    return max(counts, key=lambda newline: counts[newline])


def _line_at(data: bytes, offset: int) -> int:
    before = data[:offset]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1
