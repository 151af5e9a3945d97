"""Version numbers and specifiers, as far as a rule needs them (``celery = ">=4.0,<5.3"``)."""

from __future__ import annotations

import re

_CLAUSE = re.compile(r"(==|!=|<=|>=|~=|<|>)\s*v?(\d+(?:\.\d+)*)(\.\*)?")
_RELEASE = re.compile(r"v?(\d+(?:\.\d+)*)(?=$|[^\d*])(?!\.\*)")


def release(version: str | None) -> tuple[int, ...] | None:
    """The numbers of a version (``5.5.0rc1`` gives ``(5, 5, 0)``), None when it is not one plain version."""
    found = _RELEASE.match(version.strip()) if version else None
    return tuple(int(part) for part in found.group(1).split(".")) if found else None


def allows(specifier: str, version: str | None) -> bool:
    """Whether a version satisfies every clause of a specifier; an unknown version counts as the newest there is.

    Knows ``==`` (also ``==5.2.*``), ``!=``, ``<``, ``<=``, ``>``, ``>=`` and ``~=``, joined by commas; a pre-release
    counts as the release it leads to. Raises ValueError for anything else: a rule that states it wrongly is broken.
    """
    have = release(version)
    return all(_holds(clause.strip(), have) for clause in specifier.split(",") if clause.strip())


def _holds(clause: str, have: tuple[int, ...] | None) -> bool:
    found = _CLAUSE.fullmatch(clause)
    if not found:
        raise ValueError(f"not a version specifier: {clause!r}")
    operator, wanted = found.group(1), tuple(int(part) for part in found.group(2).split("."))
    prefix = found.group(3) is not None
    if prefix and operator not in ("==", "!="):
        raise ValueError(f"not a version specifier: {clause!r}")
    if have is None:
        return operator in ("!=", ">", ">=")
    size = max(len(have), len(wanted))
    left, right = _padded(have, size), _padded(wanted, size)
    same = left[: len(wanted)] == wanted if prefix else left == right
    if operator in ("==", "!="):
        return same is (operator == "==")
    if operator == "~=":
        if len(wanted) < 2:
            raise ValueError(f"not a version specifier: {clause!r}")
        return left >= right and left[: len(wanted) - 1] == wanted[:-1]
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]


def _padded(numbers: tuple[int, ...], size: int) -> tuple[int, ...]:
    return numbers + (0,) * (size - len(numbers))
