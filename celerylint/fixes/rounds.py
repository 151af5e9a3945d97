"""Fixing until nothing changes: lint, make the fixes that do not get in each other's way, lint again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from celerylint.fixes.apply import by_path, perform
from celerylint.fixes.splices import Refused
from celerylint.rule import Edit, Finding, Fix

Fixable: TypeAlias = tuple[Finding, Fix]
Files: TypeAlias = dict[str, bytes]


@dataclass(slots=True)
class Outcome:
    """What fixing came to.

    ``changed`` holds the new content of each file that differs now; nothing is written yet. ``refused`` are the
    findings of the last round that still have a fix, and why it was not made.
    """

    changed: Files = field(default_factory=dict)
    applied: list[Fixable] = field(default_factory=list)
    refused: list[tuple[Finding, str]] = field(default_factory=list)


def fixpoint(
    read: Callable[[str], bytes], lint: Callable[[Mapping[str, bytes]], Sequence[Fixable]], rounds: int = 10
) -> Outcome:
    """Make fixes until none is left that can be made, or for so many rounds.

    ``read`` gives the original content of a file (``OSError`` when it cannot). ``lint`` is given the files changed so
    far and returns the findings to be fixed with their fixes, the more important first. A fix is made whole, in all its
    files, or not at all; one that wants a place which another fix of the same round has taken waits for the next. When
    fixes undo each other, none of them is made.
    """
    outcome = Outcome()
    states: list[tuple[Files, int]] = [({}, 0)]
    for _ in range(rounds):
        step = _Round(lambda path: outcome.changed[path] if path in outcome.changed else read(path))
        step.run(lint(dict(outcome.changed)))
        outcome.refused = step.refused
        if not step.accepted:
            return outcome
        merged = {**outcome.changed, **step.changed}
        changed = {path: data for path, data in merged.items() if data != read(path)}
        applied = [*outcome.applied, *step.accepted]
        for state, count in states:
            if state == changed:
                refused = [(finding, "its fix and another one undo each other") for finding, _ in applied[count:]]
                return Outcome(state, applied[:count], [*step.refused, *refused])
        states.append((changed, len(applied)))
        outcome.changed, outcome.applied = changed, applied
    outcome.refused = [*outcome.refused, *((finding, "other fixes had to be made first") for finding in step.waiting)]
    return outcome


class _Round:
    """One pass over the findings: which fixes go together, and what they make of the files."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self.read = read
        self.accepted: list[Fixable] = []
        self.waiting: list[Finding] = []
        self.refused: list[tuple[Finding, str]] = []
        self.changed: Files = {}
        self._edits: dict[str, list[Edit]] = {}

    def run(self, fixable: Iterable[Fixable]) -> None:
        sound: list[Fixable] = []
        for finding, fix in fixable:
            try:
                if self._plan(by_path(fix.edits)):
                    sound.append((finding, fix))
                else:
                    self.refused.append((finding, "its edits are in place already"))
            except Refused as refusal:
                self.refused.append((finding, refusal.reason))
            except OSError as error:
                self.refused.append((finding, f"the file cannot be read: {error.strerror or error}"))
        self._accept(sound)
        self._make()

    def _plan(self, edits: Mapping[str, Sequence[Edit]]) -> bool:
        """Whether the edits change anything. Raises ``Refused`` when they cannot be made."""
        from celerylint.fixes.document import open_document
        from celerylint.fixes.plan import plan

        changes = False
        for path, some in edits.items():
            splices, refused = plan(open_document(path, self.read(path)), some)
            if refused:
                raise Refused(refused[0][1])
            changes = changes or bool(splices)
        return changes

    def _accept(self, candidates: Sequence[Fixable]) -> None:
        """Accept the fixes that go with those accepted before, the earlier ones first.

        Mostly all do, so they are tried together and halved when they do not.
        """
        together = by_path(edit for _, fix in candidates for edit in fix.edits)
        for path in together:
            together[path] = [*self._edits.get(path, ()), *together[path]]
        try:
            self._plan(together)
        except Refused:
            if len(candidates) == 1:
                self.waiting.append(candidates[0][0])
                return
            half = len(candidates) // 2
            self._accept(candidates[:half])
            self._accept(candidates[half:])
        else:
            self.accepted += candidates
            self._edits |= together

    def _make(self) -> None:
        """Make what was accepted; when the result does not verify, find out whose fault it is."""
        try:
            self.changed = perform(self.read, [fix for _, fix in self.accepted])
            return
        except Refused:
            candidates, self.accepted = self.accepted, []
        for finding, fix in candidates:
            try:
                perform(self.read, [fix])
            except Refused as refusal:
                self.refused.append((finding, refusal.reason))
                continue
            try:
                self.changed = perform(self.read, [*(fix for _, fix in self.accepted), fix])
                self.accepted.append((finding, fix))
            except Refused:  # sound, but not together with the others
                self.waiting.append(finding)
