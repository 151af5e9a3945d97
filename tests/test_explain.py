"""A docstring is read once into summary, prose, blocks and examples."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from celerylint.examples import examples_of
from celerylint.explain import DocProblem, Mark, docstring_line, page_of, parse, strip_marks
from celerylint.registry import builtin

TEXT = """A summary
in two lines.

What happens in production.

It has `code` and

- a list

```python bad
x = 1  # expect: task-odd
y = 2  # expect: task-odd, task-even
```

```python fixed unsafe
x = 2
```

```yaml good file=compose.yml
services: {}
```

## Across files

```python file=shop/celery.py
app = 1
```

```python bad file=shop/tasks.py
z = 3  # expect: task-odd
```

```python
an(illustration)
```

## When to suppress
Never.
"""


def test_summary_body_and_sections() -> None:
    page = parse(TEXT)
    assert page.summary == "A summary in two lines."
    assert page.body == "What happens in production.\n\nIt has `code` and\n\n- a list"
    assert [section.title for section in page.sections] == ["", "Across files", "When to suppress"]
    suppress = page.section("When to suppress")
    assert suppress is not None and suppress.parts == ("Never.",)
    assert page.section("Elsewhere") is None


def test_marks_are_taken_out_of_the_code_and_kept() -> None:
    block = parse(TEXT).sections[0].blocks[0]
    assert block.text == "x = 1\ny = 2\n"
    assert block.marks == (Mark(1, "task-odd"), Mark(2, "task-odd"), Mark(2, "task-even"))
    assert (block.kind, block.path, block.language) == ("bad", "tasks.py", "python")


def test_blocks_of_one_kind_under_one_heading_are_one_project() -> None:
    first, second, third = examples_of(parse(TEXT))
    assert (first.kind, first.files, first.fixed, first.unsafe) == (
        "bad", {"tasks.py": "x = 1\ny = 2\n"}, {"tasks.py": "x = 2\n"}, True,
    )  # fmt: skip
    assert (second.kind, second.files, second.fixed) == ("good", {"compose.yml": "services: {}\n"}, None)
    assert third.title == "Across files"
    assert third.files == {"shop/celery.py": "app = 1\n", "shop/tasks.py": "z = 3\n"}
    assert third.expected == (("shop/tasks.py", Mark(1, "task-odd")),)


def test_names_tell_examples_under_one_heading_apart() -> None:
    text = "S.\n\n```python bad name=a\nx\n```\n```python bad name=b\ny\n```\n```python fixed name=b\nz\n```\n"
    first, second = examples_of(parse(text))
    assert (first.name, first.fixed) == ("a", None)
    assert (second.name, second.fixed) == ("b", {"tasks.py": "z\n"})


def test_a_longer_fence_holds_a_shorter_one() -> None:
    (block,) = parse("S.\n\n````python good\n'''\n```\n'''\n````\n").sections[0].blocks
    assert block.text == "'''\n```\n'''\n"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "begins with its summary"),
        ("S.\n\n```python bad\nx\n", 3, "never closed"),
        ("S.\n\n```python wrong\nx\n```\n", 3, "`wrong` is not understood"),
        ("S.\n\n```python bad good\nx\n```\n", 3, "`good` is not understood"),
        ("S.\n\n```python bad unsafe\nx\n```\n", 3, "`unsafe` is not understood"),
        ("S.\n\n```python bad file=\nx\n```\n", 3, "`file=` is not understood"),
        ("S.\n\n```ini bad\nx\n```\n", 3, "a block of ini says its file"),
        ("S.\n\n```python good\nx  # expect: task-odd\n```\n", 3, "only a `bad` block announces findings"),
    ],
)
def test_a_docstring_that_does_not_keep_the_form_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(DocProblem, match=message) as caught:
        parse(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("S.\n\n```python file=tasks.py\nx\n```\n```python bad\ny\n```\n", 6, "`tasks.py` stands twice"),
        ("S.\n\n```python bad\nx\n```\n```python fixed\ny\n```\n```python fixed\nz\n```\n", 9, "stands twice"),
        ("S.\n\n```python bad\nx\n```\n\n## T\n```python fixed\ny\n```\n", 8, "comes after a `bad` one"),
        ("S.\n\n```python fixed\nx\n```\n```python bad\ny\n```\n", 3, "comes after a `bad` one"),
        ("S.\n\n```python bad\nx\n```\n```python fixed name=b\ny\n```\n", 6, "comes after a `bad` one"),
    ],
)
def test_blocks_that_do_not_fit_together_are_refused(text: str, line: int, message: str) -> None:
    with pytest.raises(DocProblem, match=message) as caught:
        _ = examples_of(parse(text))
    assert caught.value.line == line


def test_a_file_that_comes_again_begins_the_next_project() -> None:
    blocks = [("bad", "a"), ("fixed", "b"), ("bad", "c"), ("good", "d"), ("bad", "e"), ("fixed", "f"), ("good", "g")]
    page = parse("S.\n\n" + "".join(f"```python {kind}\n{code}\n```\n" for kind, code in blocks))
    assert [(one.kind, one.files["tasks.py"].strip(), one.fixed) for one in examples_of(page)] == [
        ("bad", "a", {"tasks.py": "b\n"}),
        ("bad", "c", None),
        ("good", "d", None),
        ("bad", "e", {"tasks.py": "f\n"}),
        ("good", "g", None),
    ]


@pytest.mark.parametrize(
    ("text", "stripped", "marks"),
    [
        ("a  # expect: x-y\r\nb\r\n", "a\r\nb\r\n", (Mark(1, "x-y"),)),
        ("a  # noqa  # expect: x-y", "a  # noqa", (Mark(1, "x-y"),)),
        ('CMD ["x"] # expect: x-y, x-z\n', 'CMD ["x"]\n', (Mark(1, "x-y"), Mark(1, "x-z"))),
        ("a  # expects nothing\n", "a  # expects nothing\n", ()),
        ("a  # expect: x-y and more\n", "a  # expect: x-y and more\n", ()),
    ],
)
def test_a_mark_ends_its_line(text: str, stripped: str, marks: tuple[Mark, ...]) -> None:
    assert strip_marks(text) == (stripped, marks)


def test_the_place_of_a_docstring_is_known() -> None:
    rule = builtin()[0]
    path, line = docstring_line(rule)
    assert page_of(rule).summary.split()[0] in Path(path).read_text(encoding="utf-8").splitlines()[line - 1]


def test_docstrings_are_read_from_the_source_when_python_strips_them() -> None:
    code = (
        "from celerylint.registry import builtin; from celerylint.explain import page_of;"
        "rule = builtin()[0]; assert rule.__doc__ is None; print(page_of(rule).summary)"
    )
    ran = subprocess.run(
        [sys.executable, "-B", "-OO", "-c", code],
        capture_output=True, text=True, cwd=Path(__file__).parent.parent, timeout=60, check=True,
    )  # fmt: skip
    assert ran.stdout.strip() == page_of(builtin()[0]).summary
