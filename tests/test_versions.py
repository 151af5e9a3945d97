from __future__ import annotations

import pytest

from celerylint.versions import allows, release


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("5.4.0", (5, 4, 0)),
        ("v5.4", (5, 4)),
        (" 5.5.0rc1 ", (5, 5, 0)),
        ("5", (5,)),
        ("4.4.7.post1", (4, 4, 7)),
        (">=5.2,<6", None),
        ("5.*", None),
        ("latest", None),
        ("", None),
        (None, None),
    ],
)
def test_release(version: str | None, numbers: tuple[int, ...] | None) -> None:
    assert release(version) == numbers


@pytest.mark.parametrize(
    ("specifier", "version", "holds"),
    [
        (">=4.0", "4.0.0", True),
        (">=4.0", "3.1.26", False),
        (">=4.0,<5.3", "5.2.7", True),
        (">=4.0,<5.3", "5.3.0", False),
        ("==5.2.*", "5.2.9", True),
        ("==5.2.*", "5.3.0", False),
        ("!=5.2.*", "5.2.9", False),
        ("==5.2", "5.2.0", True),
        ("!=5.2", "5.2.1", True),
        (">5.2", "5.2.0", False),
        ("<=5.2", "5.2.0", True),
        ("~=5.2", "5.9", True),
        ("~=5.2", "6.0", False),
        ("~=5.2.1", "5.3", False),
        (">=5.10", "5.9", False),
        ("", "5.0", True),
        (" >=4.0 , <6 ", "5.0", True),
    ],
)
def test_allows(specifier: str, version: str, holds: bool) -> None:
    assert allows(specifier, version) is holds


@pytest.mark.parametrize("version", [None, "unreadable"])
def test_an_unknown_version_is_the_newest(version: str | None) -> None:
    assert allows(">=4.0", version)
    assert allows("!=5.0", version)
    assert not allows(">=4.0,<5.3", version)
    assert not allows("==5.2", version)


@pytest.mark.parametrize("specifier", ["4.0", ">=", "=>4.0", ">=4.*", "~=4", "latest"])
def test_a_wrong_specifier_is_refused(specifier: str) -> None:
    with pytest.raises(ValueError, match="not a version specifier"):
        allows(specifier, "5.0")
