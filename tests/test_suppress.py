from __future__ import annotations

from pathlib import PurePosixPath
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celerylint.rule import Evidence, Finding
from celerylint.sources.spans import Span
from celerylint.suppress import Suppression, Suppressions, has_hash_comments, read


def python(text: str) -> list[Suppression]:
    return read("tasks.py", dedent(text))


def covered(text: str, path: str = "tasks.py") -> list[int]:
    """The lines on which a finding that stands in its line only is answered by the one comment of the text."""
    text = dedent(text)
    [one] = read(path, text)
    return [n for n in range(1, text.count("\n") + 1) if one.covers(Span(path, n, 1, n, 5))]


def test_slugs_reason_and_place() -> None:
    [one] = python("x = 1  # celerylint: ignore[limit-missing, retry-unbounded] -- the pool kills it\n")
    assert one.slugs == ("limit-missing", "retry-unbounded")
    assert one.reason == "the pool kills it"
    assert not one.whole_file
    assert one.span == Span("tasks.py", 1, 8, 1, 8 + len(one.text))
    assert one.text.startswith("# celerylint:")


def test_columns_count_code_points() -> None:
    [one] = python('x = "日本"  # celerylint: ignore[limit-missing]\n')
    assert one.span.column == 11


PARTS = [*"#[](){}'\"\\:,- \n\t@fxé漢\0\f\r", '"""', "# celerylint: ignore[a-b]", "def ", "\n    "]


@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join), st.sampled_from(["a.py", "a.yml"]))
def test_any_text_can_be_searched(text: str, path: str) -> None:
    for one in read(path, f"{text}# celerylint: ignore[a-b]"):
        first, last = one.lines
        assert 1 <= first <= last
        lines = text.split("\n")
        assert 1 <= one.span.line <= len(lines)
        one.without("a-b")


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("# celerylint: ignore[a-b]", ""),
        ("# celerylint: ignore[a-b] --", ""),
        ("# celerylint: ignore[a-b] because", ""),
        ("#celerylint:ignore[a-b]--short", "short"),
        ("# celerylint: ignore [a-b] -- after  # noqa: E501", "after"),
        ("# noqa: E501  # celerylint: ignore[a-b] -- before", "before"),
        ("# celerylint: ignore[a-b] -- see #12 -- and more", "see #12 -- and more"),
    ],
)
def test_forms(comment: str, reason: str) -> None:
    [one] = python(f"x = 1  {comment}\n")
    assert (one.slugs, one.reason) == (("a-b",), reason)


def test_two_suppressions_in_one_comment() -> None:
    first, second = python("x = 1  # celerylint: ignore[a-b] -- one  # celerylint: ignore[c-d] -- two\n")
    assert (first.slugs, first.reason, second.slugs, second.reason) == (("a-b",), "one", ("c-d",), "two")


@pytest.mark.parametrize("comment", ["# celerylint: ignore", "# celerylint: ignore -- all", "# celerylint: ignore[]"])
def test_there_is_no_blanket_form(comment: str) -> None:
    [one] = python(f"x = 1  {comment}\n")
    assert one.slugs == ()


@pytest.mark.parametrize(
    "text",
    [
        'x = "# celerylint: ignore[a-b]"\n',
        '"""\n# celerylint: ignore[a-b]\n"""\n',
        "x = 1  # celerylint: see the handbook\n",
        "x = 1  # ignored by celerylint\n",
        "x = 1  # celerylint: ignored[a-b]\n",
    ],
)
def test_what_is_no_suppression(text: str) -> None:
    assert read("tasks.py", text) == []


def test_a_trailing_comment_covers_its_logical_line() -> None:
    assert covered("a = 1\nb = 2  # celerylint: ignore[a-b]\nc = 3\n") == [2]
    at_the_end = """\
        send.apply_async(
            args=[1],
            countdown=10,
        )  # celerylint: ignore[a-b]
        other()
        """
    assert covered(at_the_end) == [1, 2, 3, 4]
    without = at_the_end.replace("  # celerylint: ignore[a-b]", "")
    at_the_start = without.replace("async(", "async(  # celerylint: ignore[a-b]")
    assert covered(at_the_start) == [1, 2, 3, 4]


def test_inside_a_bracket_a_trailing_comment_covers_what_stands_on_its_line() -> None:
    text = """\
        SCHEDULE = {
            "one": {"task": "a"},
            "two": {"task": "b"},  # celerylint: ignore[a-b]
            "three": {"task": "c"},
        }
        """
    assert covered(text) == [3]
    [one] = python(text)
    assert one.covers(Span("tasks.py", 2, 1, 4, 9)), "something that spans the line of the comment"
    assert not one.covers(Span("tasks.py", 4, 1, 5, 2))


def test_inside_a_bracket_a_comment_on_its_own_line_covers_the_next_element() -> None:
    text = """\
        SCHEDULE = {
            "one": {"task": "a"},
            # celerylint: ignore[a-b]
            "two": {
                "task": ["b", "c"],
                "schedule": 10,
            },
            "three": {"task": "c"},
        }
        """
    assert covered(text) == [4, 5, 6, 7]


def test_a_comment_after_the_last_element_covers_itself() -> None:
    assert covered("x = [\n    1,\n    # celerylint: ignore[a-b]\n]\ny = 1\n") == [3]


def test_a_comment_on_its_own_line_covers_the_next_statement_up_to_its_colon() -> None:
    text = """\
        import os

        # celerylint: ignore[a-b] -- reason

        # another comment
        @app.task(
            bind=True,
        )
        @locked
        def send(self,
                 to):
            mail(to)
        other()
        """
    assert covered(text) == [6, 7, 8, 9, 10, 11]


@pytest.mark.parametrize("line", ["@app.task()", "@locked", "def send(self):"])
def test_decorators_and_definition_are_one(line: str) -> None:
    text = "x = 1\n@app.task()\n@locked\ndef send(self):\n    pass\ny = 2\n"
    assert covered(text.replace(line, f"{line}  # celerylint: ignore[a-b]")) == [2, 3, 4]


def test_a_statement_in_a_body_is_covered_alone() -> None:
    assert covered("def a():\n    # celerylint: ignore[a-b]\n    b()\n    c()\n") == [3]
    dedented = "class A:\n    x = 1\n    # celerylint: ignore[a-b]\ny = 1\n"
    assert covered(dedented) == [4]


def test_a_whole_file() -> None:
    [one] = python("x = 1\n# celerylint: ignore-file[a-b] -- generated\ny = 2\n")
    assert one.whole_file
    assert one.covers(Span("tasks.py", 99, 1, 99, 2))
    assert not one.covers(Span("other.py", 1, 1, 1, 2))


def test_what_cannot_be_tokenised_counts_up_to_there() -> None:
    assert covered("a = 1  # celerylint: ignore[a-b]\nb = (\n") == [1]
    assert read("tasks.py", "def f(:\n  '''\n  # celerylint: ignore[a-b]\n") == []


def test_other_files_line_by_line() -> None:
    assert covered("a: 1\nb: 2  # celerylint: ignore[a-b]\nc: 3\n", "compose.yml") == [2]
    assert read("compose.yml", "a: x#celerylint: ignore[a-b]\n") == [], "no comment without a space before it"


def test_a_comment_above_a_block_of_yaml_covers_the_block() -> None:
    text = """\
        services:
          # celerylint: ignore[a-b] -- scaled by hand
          worker:

            command:
              # a comment
              - celery
          beat:
            command: celery beat
        """
    assert covered(text, "docker-compose.yml") == [3, 4, 5, 6, 7]


def test_a_comment_above_a_continued_line_covers_all_of_it() -> None:
    text = "# celerylint: ignore[a-b]\nCMD celery \\\n  -A shop \\\nworker\nEXPOSE 80\n"
    assert covered(text, "Dockerfile") == [2, 3, 4]


@pytest.mark.parametrize(
    "name",
    ["a.py", "Procfile", "Procfile.dev", "Dockerfile", "api.Dockerfile", "x.yml", "k.yaml", "run.sh", ".env", "a.toml"],
)
def test_files_with_hash_comments(name: str) -> None:
    assert has_hash_comments(str(PurePosixPath("deploy") / name))


@pytest.mark.parametrize("name", ["a.json", "README.md", "a.js", "poetry.lock", "x.html"])
def test_files_without(name: str) -> None:
    assert not has_hash_comments(name)


def finding(line: int, *evidence: tuple[str, int], rule: str = "a-b") -> Finding:
    places = tuple(Evidence(Span(path, at, 1, at, 2), "why") for path, at in evidence)
    return Finding(rule, Span("tasks.py", line, 1, line, 5), "m", "h", "s:x", "error", "high", evidence=places)


def test_an_answer_at_any_place_that_carries_a_note() -> None:
    here = read("tasks.py", "x = 1  # celerylint: ignore[a-b] -- here\n")
    there = read("deploy.yml", "a:\nb: 1  # celerylint: ignore[a-b] -- there\n")
    suppressions = Suppressions([*there, *here])
    assert suppressions.answer(finding(7)) is None
    assert suppressions.answer(finding(1, rule="c-d")) is None
    assert not here[0].used and not there[0].used
    assert suppressions.answer(finding(7, ("deploy.yml", 2))) is there[0]
    assert there[0].used == {"a-b"} and not here[0].used
    assert suppressions.answer(finding(1, ("deploy.yml", 2))) is here[0], "the primary place first"
    assert here[0].used == {"a-b"}


def test_a_place_of_a_list_is_answered_alone() -> None:
    def listed(*notes: str) -> Finding:
        places = [Evidence(Span("list.py", at, 1, at, 2), note) for at, note in enumerate(notes, start=1)]
        return Finding("a-b", Span("tasks.py", 1, 1, 1, 5), "m", "h", "s:x", "error", "high", evidence=tuple(places))

    [second] = read("list.py", "\nx = 1  # celerylint: ignore[a-b] -- this one may\n")
    suppressions = Suppressions([second])
    hanging = listed("can hang", "can hang", "why")
    assert suppressions.answer(hanging) is None
    assert second.used == {"a-b"}, "it has an effect"
    assert [one.span.line for one in suppressions.unanswered(hanging).evidence] == [1, 3]
    assert suppressions.answer(listed("can hang", "why", "can hang")) is second, "a note of its own"
    both = Suppressions(read("list.py", "x = 1  # celerylint: ignore[a-b]\ny = 1  # celerylint: ignore[a-b]\n"))
    assert both.answer(hanging) is both.all[0], "the whole list is answered"


@pytest.mark.parametrize(
    ("comment", "without"),
    [
        ("# celerylint: ignore[a-b] -- reason", ""),
        ("# celerylint: ignore[a-b, c-d] -- reason", "# celerylint: ignore[c-d] -- reason"),
        ("# noqa: F401  # celerylint: ignore[a-b] -- reason", "# noqa: F401"),
        ("# celerylint: ignore[a-b] -- reason  # noqa: F401", "# noqa: F401"),
        ("# celerylint: ignore-file[c-d,a-b]", "# celerylint: ignore-file[c-d]"),
    ],
)
def test_a_slug_is_taken_out(comment: str, without: str) -> None:
    [one] = python(f"x = 1  {comment}\n")
    assert one.without("a-b") == without


def test_a_slug_is_renamed() -> None:
    [one] = python("x = 1  # noqa  # celerylint: ignore[a-b, c-d] -- a-b it is\n")
    assert one.renamed("a-b", "e-f") == "# noqa  # celerylint: ignore[e-f, c-d] -- a-b it is"
    assert one.renamed("a-b", "c-d") == "# noqa  # celerylint: ignore[c-d] -- a-b it is"
