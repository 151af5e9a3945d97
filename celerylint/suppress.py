"""Comments that answer a finding: ``# celerylint: ignore[slug, slug] -- reason`` and ``ignore-file[slug]``.

A trailing comment covers its logical line; inside a bracket it covers what stands on its own line, so that one entry of
a long dict can be answered. A comment on a line of its own covers the next statement up to its colon (decorators
included), inside a bracket the next element. There is no blanket form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from celerylint.rule import Finding
from celerylint.sources.spans import Span

if TYPE_CHECKING:
    from celerylint.suppress_lines import Comment

MARK = "celerylint:"
"""Only files that hold this are searched for comments."""

HASH_COMMENTS = (
    "*.py", "*.pyi", "*.pyw", "*.toml", "*.yaml", "*.yml", "*.cfg", "*.ini", "*.conf", "*.service", "*.sh", "*.bash",
    "*.env", ".env*", "*.mk", "*.tpl", "*.properties", "requirements*.txt", "Procfile*", "*Dockerfile*",
    "*Containerfile*", "Makefile*", "Pipfile",
)  # fmt: skip
"""Names of the files whose comments begin with ``#``."""

_DIRECTIVE = re.compile(
    rf"#\s*{MARK}\s*(?P<form>ignore(?:-file)?)\b(?:\s*\[(?P<slugs>[^\]]*)\])?(?P<rest>.*?)(?=\s+#\s|$)"
)
_REASON = re.compile(r"\s*--\s*(\S.*)")


@dataclass(slots=True, eq=False)
class Suppression:
    """One comment that answers findings of the rules in ``slugs``, in one statement or in the whole file.

    ``span`` is the whole comment and ``text`` what it says. ``used`` fills up as findings are matched; the engine sets
    ``unused`` (slugs whose rule ran and found nothing here) and ``unknown`` (slug -> nearest rule, or None) before the
    rules about suppressions are asked.
    """

    span: Span
    text: str
    slugs: tuple[str, ...]
    reason: str
    whole_file: bool
    lines: tuple[int, int]
    only_line: int | None
    part: tuple[int, int]
    used: set[str] = field(default_factory=set)
    unused: tuple[str, ...] = ()
    unknown: dict[str, str | None] = field(default_factory=dict)

    def covers(self, span: Span) -> bool:
        if span.path != self.span.path:
            return False
        if self.whole_file:
            return True
        if not self.lines[0] <= span.line <= self.lines[1]:
            return False
        return self.only_line is None or span.line <= self.only_line <= span.end_line

    def without(self, slug: str) -> str:
        """The comment with one slug taken out; empty when nothing is left to say."""
        rest = [one for one in self.slugs if one != slug]
        if rest:
            return self._with(rest)
        start, end = self.part
        return (self.text[:start].rstrip() + "  " + self.text[end:].lstrip()).strip()

    def renamed(self, old: str, new: str) -> str:
        """The comment with one slug put in the place of another."""
        return self._with(dict.fromkeys(new if one == old else one for one in self.slugs))

    def _with(self, slugs: Iterable[str]) -> str:
        start, end = self.part
        directive = re.sub(r"\[[^\]]*\]", f"[{', '.join(slugs)}]", self.text[start:end], count=1)
        return self.text[:start] + directive + self.text[end:]


def has_hash_comments(path: str) -> bool:
    """Whether the comments of a file begin with ``#``, judged by its name."""
    name = path.rpartition("/")[2]
    return any(fnmatchcase(name, pattern) for pattern in HASH_COMMENTS)


def read(path: str, text: str) -> list[Suppression]:
    """Every suppression in one file, whose lines end with plain newlines.

    Text in strings is no comment. A file that is not Python is read line by line.
    """
    if MARK not in text:
        return []
    from celerylint.suppress_lines import comments_in_python, comments_in_text  # few files hold the mark

    comments = comments_in_python(text) if path.endswith((".py", ".pyi", ".pyw")) else comments_in_text(text)
    return [one for comment in comments for one in _directives(path, comment)]


def _directives(path: str, comment: Comment) -> Iterator[Suppression]:
    for found in _DIRECTIVE.finditer(comment.text):
        reason = _REASON.match(found["rest"])
        yield Suppression(
            span=Span(path, comment.line, comment.column, comment.line, comment.column + len(comment.text)),
            text=comment.text,
            slugs=tuple(dict.fromkeys(slug.strip() for slug in (found["slugs"] or "").split(",") if slug.strip())),
            reason=reason.group(1).strip() if reason else "",
            whole_file=found["form"] == "ignore-file",
            lines=comment.covers,
            only_line=comment.only_line,
            part=found.span(),
        )


class Suppressions:
    """All suppressions of a project, and which of them were needed."""

    def __init__(self, found: Iterable[Suppression]) -> None:
        self.all = sorted(found, key=lambda one: (one.span, one.part))
        self._by_path: dict[str, list[Suppression]] = {}
        for one in self.all:
            self._by_path.setdefault(one.span.path, []).append(one)

    def answer(self, finding: Finding) -> Suppression | None:
        """The suppression that answers a finding: at its own place, or at a further place that carries a note.

        Places that share one note are a list (118 tasks that "can hang for ever"): a comment at one of them answers for
        that place alone, and the finding is answered when every place of the list is. Each comment that covers a place
        is marked as used.
        """
        answers = list(self._covering(finding, finding.span))
        lists: dict[str, list[list[Suppression]]] = {}
        for evidence in finding.evidence:
            lists.setdefault(evidence.message, []).append(list(self._covering(finding, evidence.span)))
        for one in (*answers, *(one for places in lists.values() for place in places for one in place)):
            one.used.add(finding.rule)
        answers += [places[0][0] for places in lists.values() if all(places)]
        return answers[0] if answers else None

    def unanswered(self, finding: Finding) -> Finding:
        """The finding without the further places that a comment answers for."""
        left = tuple(one for one in finding.evidence if not any(self._covering(finding, one.span)))
        return finding if len(left) == len(finding.evidence) else replace(finding, evidence=left)

    def _covering(self, finding: Finding, span: Span) -> Iterator[Suppression]:
        return (one for one in self._by_path.get(span.path, ()) if finding.rule in one.slugs and one.covers(span))
