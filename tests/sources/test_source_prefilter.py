"""Which files and lines are looked at: decided on bytes and names."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celerylint.sources.prefilter import hot_lines, is_test_path, names_celery


@pytest.mark.parametrize(
    "code",
    [
        "from celery import shared_task",
        "app = Celery()",
        "CELERY_BROKER_URL = 'redis://'",
        "@shared_task",
        "charge.delay(1)",
        "transaction.on_commit(partial(charge.delay, 1))",
        "charge.apply_async()",
        "app.send_task('x')",
        "charge.delay_on_commit(1)",
        "app.conf.beat_schedule = {}",
    ],
)
def test_what_celery_will_see_is_looked_at(code: str) -> None:
    assert names_celery(f"import os\n\n{code}\n".encode())


@pytest.mark.parametrize("code", ["", "import os", "delay = 3", "task = 1", "signature(f)", "chain([1], [2])"])
def test_other_files_are_not(code: str) -> None:
    assert not names_celery(code.encode())


@pytest.mark.parametrize(
    "code",
    [
        "import celery", "Celery('x')", "CELERY_X = 1", "@shared_task", "a.apply_async()", "a.delay(1)", "f(a.delay)",
        "a.send_task('x')", "on_commit(f)", "beat_schedule = {}", "self.retry()", "a.s(1)", "a.si(1)", "signature('a')",
        "chain(a, b)", "group(a)", "chord(a)", "@app.task", "crontab(minute=0)", "@periodic_task", "self.replace(x)",
        "autoretry_for=(E,)",
    ],
)  # fmt: skip
def test_hot_lines_are_those_of_interest(code: str) -> None:
    assert hot_lines(f"import os\n\nx = 1; {code}\ny = 2\n".encode()) == {3}


@pytest.mark.parametrize("code", ["a.split(1)", "a.side()", "delayed = 1", "retry(1)", "task = 1"])
def test_other_lines_are_cold(code: str) -> None:
    assert hot_lines(f"x\n{code}\n".encode()) == set()


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_hot_lines_are_counted_as_ast_counts(newline: str) -> None:
    text = newline.join(["x = 1", "\x0c", "'''", "celery", "''' + y", "z.delay(celery, 1)", ""])
    wanted = {node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}
    assert hot_lines(text.encode()) == wanted | {4}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from([b"a.delay(1)", b"x", b"", b"celery celery", b"\xff", b"b.s()"]), max_size=12))
def test_hot_lines_of_any_file(lines: list[bytes]) -> None:
    hot = {b"a.delay(1)", b"celery celery", b"b.s()"}
    assert hot_lines(b"\n".join(lines)) == {number for number, line in enumerate(lines, 1) if line in hot}


@pytest.mark.parametrize(
    "path",
    [
        "tests/a.py", "test/a.py", "shop/tests/factories.py", "testing/a.py", "__tests__/a.py", "test_a.py",
        "shop/test_a.py", "shop/a_test.py", "shop/a_tests.py", "tests.py", "shop/tests.py", "conftest.py",
        "shop/conftest.py", "e2e/a.py", "integration_tests/a.py", "test_support/a.py", "tests/data/run.sh",
    ],
)  # fmt: skip
def test_test_paths(path: str) -> None:
    assert is_test_path(path)


@pytest.mark.parametrize(
    "path", ["a.py", "contest/a.py", "attestation.py", "shop/latest.py", "testimonials/a.py", "shop/protest/tasks.py"]
)
def test_production_paths(path: str) -> None:
    assert not is_test_path(path)
