"""Comparing the version numbers that the tables carry."""

from __future__ import annotations

import re

_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


def parse(version: str) -> tuple[int, ...]:
    """The numbers a version begins with: "5.6.3" and "v5.6.3rc1" give (5, 6, 3); () when there are none."""
    found = _NUMBERS.search(version)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def at_least(version: str, minimum: str) -> bool:
    """Whether ``version`` is ``minimum`` or later; missing parts count as zero, so "5.6" is "5.6.0"."""
    left, right = parse(version), parse(minimum)
    width = max(len(left), len(right))
    return left + (0,) * (width - len(left)) >= right + (0,) * (width - len(right))
