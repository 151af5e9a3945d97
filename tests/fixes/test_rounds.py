"""The driver that fixes until nothing changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import pytest
from marked_edits import marked, span

from celerylint.fixes import Refused, fixpoint, perform
from celerylint.fixes.rounds import Fixable, Outcome
from celerylint.rule import (
    Edit,
    EnsureImport,
    Finding,
    Fix,
    InsertStatement,
    Remove,
    RenameString,
    Replace,
    SetEntry,
    SetKeyword,
    WrapCall,
)

Rule = Callable[[str, str], list[tuple[tuple[int, int], list[Edit]]]]
"""A path and its text -> where something is wrong, and the edits against it."""


def run(files: Mapping[str, str], *rules: Rule, rounds: int = 10) -> tuple[dict[str, str], Outcome, int]:
    """The files after fixing, the outcome, and how often they were linted."""
    lints = 0

    def read(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return files[path].encode()

    def lint(changed: Mapping[str, bytes]) -> Sequence[Fixable]:
        nonlocal lints
        lints += 1
        found: list[Fixable] = []
        for rule in rules:
            for path in files:
                text = changed[path].decode() if path in changed else files[path]
                for (start, end), edits in rule(path, text):
                    found.append(fixable(path, text, start, end, edits))
        return found

    outcome = fixpoint(read, lint, rounds)
    after = {**files, **{path: data.decode() for path, data in outcome.changed.items()}}
    again = fixpoint(lambda path: after[path].encode(), lambda changed: [], rounds)
    assert again.changed == {}
    return after, outcome, lints


def fixable(path: str, text: str, start: int, end: int, edits: Sequence[Edit]) -> Fixable:
    finding = Finding(
        rule="r", span=span(text, start, end, path), message="m", help="h", subject=f"x:{text[start:end]}",
        severity="error", confidence="high",
    )  # fmt: skip
    return finding, Fix("Do it", "safe", tuple(edits))


def matching(pattern: str, make: Callable[..., list[Edit]]) -> Rule:
    """A rule that finds a pattern and edits at the places of its group 1."""

    def rule(path: str, text: str) -> list[tuple[tuple[int, int], list[Edit]]]:
        return [(match.span(1), make(span(text, *match.span(1), path), path)) for match in re.finditer(pattern, text)]

    return rule


CALLS = r"\b(f\((?!.*k=)[^()]*\))"
"""Calls of f without the keyword k."""


def test_independent_fixes_are_made_in_one_round() -> None:
    rule = matching(CALLS, lambda at, path: [SetKeyword(at, "k", "0")])
    files, outcome, lints = run({"a.py": "f()\nx = f(1)\n", "b.py": "f(2)\n", "c.py": "g()\n"}, rule)
    assert files == {"a.py": "f(k=0)\nx = f(1, k=0)\n", "b.py": "f(2, k=0)\n", "c.py": "g()\n"}
    assert (len(outcome.applied), outcome.refused, lints) == (3, [], 2)


def test_fixes_of_one_call_share_a_round() -> None:
    one = matching(r"\b(f\((?!.*k=).*\))", lambda at, path: [SetKeyword(at, "k", "0")])
    other = matching(r"\b(f\((?!.*l=).*\))", lambda at, path: [SetKeyword(at, "l", "0")])
    files, outcome, lints = run({"a.py": "f()\n"}, one, other)
    assert (files["a.py"], len(outcome.applied), lints) == ("f(k=0, l=0)\n", 2, 2)


def test_fixes_that_need_the_same_import_share_it() -> None:
    rule = matching(r"\b(old)\b", lambda at, path: [Replace(at, "json.new"), EnsureImport(path, "json")])
    files, _, lints = run({"a.py": "import os\n\nold\nold\nold\n"}, rule)
    assert (files["a.py"], lints) == ("import json\nimport os\n\njson.new\njson.new\njson.new\n", 2)


def test_a_fix_whose_place_is_taken_waits_for_the_next_round() -> None:
    wrap = matching(r"^(f\(.*\))", lambda at, path: [Replace(at, "g(f(1))")])
    inner = matching(r"\b(f\((?!.*k=)[^()]*\))", lambda at, path: [SetKeyword(at, "k", "0")])
    files, outcome, lints = run({"a.py": "f(1)\n"}, wrap, inner)
    assert (files["a.py"], len(outcome.applied), lints) == ("g(f(1, k=0))\n", 2, 3)


def test_a_fix_is_made_in_all_its_files_or_in_none() -> None:
    def rule(path: str, text: str) -> list[tuple[tuple[int, int], list[Edit]]]:
        if path != "a.py" or "old" not in text:
            return []
        return [((4, 9), [RenameString(span(text, 4, 9, file), "new") for file in ("a.py", "b.py")])]

    files, outcome, _ = run({"a.py": "x = 'old'\n", "b.py": "x = 'old'\n"}, rule)
    assert files == {"a.py": "x = 'new'\n", "b.py": "x = 'new'\n"}
    files, outcome, _ = run({"a.py": "x = 'old'\n", "b.py": "x = 1 + 2\n"}, rule)
    assert files == {"a.py": "x = 'old'\n", "b.py": "x = 1 + 2\n"}
    assert [reason for _, reason in outcome.refused] == ["no string stands there"]
    files, outcome, _ = run({"a.py": "x = 'old'\n"}, rule)
    assert [reason for _, reason in outcome.refused] == ["the file cannot be read: No such file or directory"]


def test_a_refused_fix_does_not_hold_up_the_others() -> None:
    bad = matching(r"(bad) = 1", lambda at, path: [Replace(at, "f()")])
    good = matching(r"\b(old)\b", lambda at, path: [Replace(at, "new")])
    files, outcome, _ = run({"a.py": "bad = 1\nold\n"}, bad, good)
    assert files["a.py"] == "bad = 1\nnew\n"
    assert [(finding.subject, reason) for finding, reason in outcome.refused] == [
        ("x:bad", "the result would not parse")
    ]


def test_fixes_that_are_sound_only_alone_are_made_one_after_the_other() -> None:
    wrap = matching(r"^(f\(.*\))", lambda at, path: [WrapCall(at, "g({args}, x)")])
    keyword = matching(r"^([fg]\((?!.*k=).*\))", lambda at, path: [SetKeyword(at, "k", "0")])
    files, outcome, lints = run({"a.py": "f(1)\n"}, wrap, keyword)
    assert (files["a.py"], len(outcome.applied), lints) == ("g(1, x, k=0)\n", 2, 3)


def test_one_name_is_not_imported_from_two_modules() -> None:
    one = matching(r"(old)\b", lambda at, path: [Replace(at, "new"), EnsureImport(path, "a", "new")])
    other = matching(r"(odd)\b", lambda at, path: [Replace(at, "new"), EnsureImport(path, "b", "new")])
    files, outcome, _ = run({"a.py": "old\nodd\n"}, one, other)
    assert files["a.py"] == "from a import new\n\nnew\nodd\n"
    assert [reason for _, reason in outcome.refused] == ["`new` means something else in this file"]


def test_fixes_that_undo_each_other_come_to_rest() -> None:
    there = matching(r"\b(a)\b", lambda at, path: [Replace(at, "b")])
    back = matching(r"\b(b)\b", lambda at, path: [Replace(at, "a")])
    files, outcome, _ = run({"a.py": "x = a\n"}, there, back)
    assert (files["a.py"], outcome.changed, outcome.applied) == ("x = a\n", {}, [])
    assert {reason for _, reason in outcome.refused} == {"its fix and another one undo each other"}
    good = matching(r"(old)", lambda at, path: [Replace(at, "new")])
    files, outcome, _ = run({"a.py": "x = a\nold\n"}, there, back, good)
    again, _, _ = run(files, there, back, good)
    assert "new" in files["a.py"]
    assert again == files


def test_rounds_are_limited_and_what_is_left_is_said() -> None:
    def rule(path: str, text: str) -> list[tuple[tuple[int, int], list[Edit]]]:
        number = int(text.split("=")[1])
        place = (4, len(text) - 1)
        edits: list[Edit] = [Replace(span(text, *place, path), str(number + 1))]
        again: list[Edit] = [Replace(span(text, *place, path), str(number + 2))]
        return [(place, edits), (place, again)]

    files, outcome, lints = run({"a.py": "x = 0\n"}, rule, rounds=4)
    assert (files["a.py"], len(outcome.applied), lints) == ("x = 4\n", 4, 4)
    assert [reason for _, reason in outcome.refused] == ["other fixes had to be made first"]


def test_edits_that_are_in_place_already_change_nothing() -> None:
    rule = matching(r"(\{.*\})", lambda at, path: [SetEntry(at, "a", "1")])
    files, outcome, lints = run({"a.py": "{'a': 1}\n"}, rule)
    assert (files["a.py"], outcome.applied, lints) == ("{'a': 1}\n", [], 1)
    assert [reason for _, reason in outcome.refused] == ["its edits are in place already"]


def test_a_file_that_ends_as_it_began_is_not_changed() -> None:
    def rule(path: str, text: str) -> list[tuple[tuple[int, int], list[Edit]]]:
        steps = {"x = 1\ny = 1\n": (10, "2"), "x = 1\ny = 2\n": (4, "2"), "x = 2\ny = 2\n": (10, "1")}
        if text not in steps:
            return []
        start, code = steps[text]
        return [((start, start + 1), [Replace(span(text, start, start + 1, path), code)])]

    files, outcome, _ = run({"a.py": "x = 1\ny = 1\n"}, rule)
    assert files["a.py"] == "x = 2\ny = 1\n"
    assert len(outcome.applied) == 3


def test_equal_statements_of_two_fixes_are_inserted_once() -> None:
    rule = matching(r"(f\(\w\))", lambda at, path: [InsertStatement(at, "g()", "before")])
    files, _, _ = run({"a.py": "h(f(1), f(2))\n"}, lambda path, text: rule(path, text) if "g()" not in text else [])
    assert files["a.py"] == "g()\nh(f(1), f(2))\n"


def test_several_statements_of_one_block_leave_one_pass() -> None:
    rule = matching(r"(drop\(\d\))", lambda at, path: [Remove(at)])
    files, outcome, lints = run({"a.py": "if x:\n    drop(1)\n    drop(2)\n"}, rule)
    assert (files["a.py"], len(outcome.applied), lints) == ("if x:\n    pass\n", 2, 2)


def test_perform_gives_the_changed_files_or_says_why_not() -> None:
    text, (at,) = marked("x = ⟦f()⟧\n", "a.py")
    good, bad = Fix("t", "safe", (SetKeyword(at, "k", "1"),)), Fix("t", "safe", (SetKeyword(at, "k", "!"),))
    assert perform(lambda path: text.encode(), [good]) == {"a.py": b"x = f(k=1)\n"}
    with pytest.raises(Refused, match="`!` is not an expression"):
        perform(lambda path: text.encode(), [bad])
    assert perform(lambda path: text.encode(), [Fix("t", "safe", ())]) == {}
