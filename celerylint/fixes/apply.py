"""Edits in, bytes out. LibCST is loaded by the first call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from celerylint.fixes.splices import Refused, apply
from celerylint.rule import Edit, EnsureImport, Fix


@dataclass(slots=True)
class Result:
    """What became of one file: ``data`` is its new content, or None when an edit was refused and nothing is changed.

    Edits that are in place already are no refusal; ``data`` is then what it was.
    """

    data: bytes | None
    refused: list[tuple[Edit, str]] = field(default_factory=list)


def apply_edits(data: bytes, path: str, edits: Iterable[Edit]) -> Result:
    """Make all ``edits`` in the file ``path`` that holds ``data``, or none of them."""
    from celerylint.fixes.document import open_document
    from celerylint.fixes.plan import plan, ranges_of
    from celerylint.fixes.verify import verify

    edits = list(edits)
    try:
        document = open_document(path, data, _lines(edits))
        splices, refused = plan(document, edits)
        if refused:
            return Result(None, refused)
        if document.is_python and splices:
            text = verify(document, splices, ranges_of(document, edits))
        else:
            text = apply(document.text, splices)
        return Result(document.encode(text))
    except Refused as refusal:
        return Result(None, [(edit, refusal.reason) for edit in edits])


def _lines(edits: Iterable[Edit]) -> frozenset[int] | None:
    """The lines on which the edits stand; None when the whole file matters (what a name means, where imports are)."""
    lines: set[int] = set()
    for edit in edits:
        if isinstance(edit, EnsureImport):
            return None
        lines.update(range(edit.span.line, edit.span.end_line + 1))
    return frozenset(lines)


def by_path(edits: Iterable[Edit]) -> dict[str, list[Edit]]:
    """Edits by the file that they change."""
    result: dict[str, list[Edit]] = {}
    for edit in edits:
        result.setdefault(edit.path if isinstance(edit, EnsureImport) else edit.span.path, []).append(edit)
    return result


def perform(read: Callable[[str], bytes], fixes: Sequence[Fix]) -> dict[str, bytes]:
    """The new content of every file that ``fixes`` change, all of them made together.

    Raises ``Refused`` when one of them cannot be made, or not together with the others.
    """
    changed: dict[str, bytes] = {}
    for path, edits in by_path(edit for fix in fixes for edit in fix.edits).items():
        before = read(path)
        result = apply_edits(before, path, edits)
        if result.data is None:
            raise Refused(result.refused[0][1])
        if result.data != before:
            changed[path] = result.data
    return changed
