"""Comments, in Python and elsewhere."""

from __future__ import annotations

import pytest
from marked_edits import check, edited, refusal

from celerylint.rule import Edit, RenameString, ReplaceComment
from celerylint.sources.spans import Span

OLD = "# celerylint: ignore[a, b]"


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        (f"x = 1  ⟦{OLD}⟧\n", "# celerylint: ignore[a]", "x = 1  # celerylint: ignore[a]\n"),
        (f"x = 1  ⟦{OLD}⟧\n", "", "x = 1\n"),
        (f"x = 1\n⟦{OLD}⟧\ny = 2\n", "", "x = 1\ny = 2\n"),
        (f"def f():\n    ⟦{OLD}⟧\n    x = 1\n", "", "def f():\n    x = 1\n"),
        (f"f(\n    1,  ⟦{OLD}⟧\n    2,\n)\n", "", "f(\n    1,\n    2,\n)\n"),
        (f"x = 'é'  ⟦{OLD}⟧\n", "# c", "x = 'é'  # c\n"),
        (f"x = 1  ⟦{OLD}⟧", "", "x = 1"),
    ],
)
def test_a_comment_is_replaced(before: str, new: str, after: str) -> None:
    check(before, after, lambda at: ReplaceComment(at, new))


@pytest.mark.parametrize("path", ["compose.yaml", "Procfile", "setup.cfg", "Dockerfile"])
def test_comments_are_replaced_in_any_file(path: str) -> None:
    def make(at: Span) -> list[Edit]:
        return [ReplaceComment(at, "")]

    assert edited(f"worker: celery  ⟦{OLD}⟧\r\nbeat: x\r\n", make, path) == "worker: celery\r\nbeat: x\r\n"
    assert edited(f"  ⟦{OLD}⟧\nbeat: é\n", make, path) == "beat: é\n"
    assert edited(f"é: 1 ⟦{OLD}⟧  \n", lambda at: ReplaceComment(at, "# c"), path) == "é: 1 # c  \n"
    assert refusal("a: ⟦b⟧\n", make, path) == "no comment stands there"
    assert refusal("a: ⟦# b⟧ c\n", make, path) == "no comment stands there"
    assert refusal("a: ⟦'b'⟧\n", lambda at: RenameString(at, "c"), path) == (
        "only comments are changed in files that are not Python"
    )


@pytest.mark.parametrize(
    ("before", "new", "reason"),
    [
        (f"x = '⟦{OLD}⟧'\n", "", "no comment stands there"),
        ("x = ⟦1⟧\n", "", "no comment stands there"),
        (f"x = 1  ⟦{OLD}⟧\n", "c", "'c' is not a comment"),
        (f"x = 1  ⟦{OLD}⟧\n", "# c\nimport os", "'# c\\nimport os' is not a comment"),
    ],
)
def test_what_is_no_comment_is_refused(before: str, new: str, reason: str) -> None:
    assert refusal(before, lambda at: ReplaceComment(at, new)) == reason
