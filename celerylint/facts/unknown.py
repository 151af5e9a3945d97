"""The value of what cannot be read."""

from __future__ import annotations

from dataclasses import dataclass

from celerylint.sources.spans import Span


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that exists but cannot be read statically.

    ``reason`` completes the sentence "this is not known because ..." in a few words ("environment variable PORT has no
    default", "imported from a package that is not here"). It is shown to users as a blind spot.
    """

    reason: str
    span: Span
