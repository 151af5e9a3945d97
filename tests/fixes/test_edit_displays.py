"""Entries of dicts, elements of lists, tuples and sets."""

from __future__ import annotations

import pytest
from marked_edits import check, refusal

from celerylint.rule import Remove, SetEntry


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("D = ⟦{}⟧\n", 'D = {"key": [1]}\n'),
        ("D = ⟦{\n}⟧\n", 'D = {"key": [1]}\n'),
        ("D = ⟦{'a': 1}⟧\n", "D = {'a': 1, 'key': [1]}\n"),
        ("D = ⟦{A: 1,}⟧\n", 'D = {A: 1, "key": [1],}\n'),
        ("D = ⟦{\n    'a': 1,\n    'b': 2,  # two\n}⟧\n",
         "D = {\n    'a': 1,\n    'b': 2,  # two\n    'key': [1],\n}\n"),
        ("D = ⟦{\n    'a': 1,\n    'b': 2\n}⟧\n", "D = {\n    'a': 1,\n    'b': 2,\n    'key': [1]\n}\n"),
        ("D = ⟦{\n    **base,\n}⟧\n", 'D = {\n    **base,\n    "key": [1],\n}\n'),
        ("D = ⟦{'a': 1,\n     'b': 2}⟧\n", "D = {'a': 1,\n     'b': 2,\n     'key': [1]}\n"),
        ("D = ⟦{'a': {\n    'b': 2,\n}}⟧\n", "D = {'a': {\n    'b': 2,\n}, 'key': [1]}\n"),
        ("D = ⟦{\n    # nothing yet\n}⟧\n", 'D = {\n    # nothing yet\n    "key": [1],\n}\n'),
        ("D = ⟦{'key': 0, 'key': 1}⟧\n", "D = {'key': 0, 'key': [1]}\n"),
        ("D = ⟦{'k' 'ey': (0)}⟧\n", "D = {'k' 'ey': [1]}\n"),
        ("é = ⟦{'é': 1}⟧\n", "é = {'é': 1, 'key': [1]}\n"),
        ("D = ⟦dict(a=1)⟧\n", "D = dict(a=1, key=[1])\n"),
        ("D = ⟦dict(\n    a=1,\n    key=0,\n)⟧\n", "D = dict(\n    a=1,\n    key=[1],\n)\n"),
        ("class C:\n    D = ⟦{\n        1: 2,\n    }⟧\n",
         'class C:\n    D = {\n        1: 2,\n        "key": [1],\n    }\n'),
    ],
)  # fmt: skip
def test_an_entry_is_set(before: str, after: str) -> None:
    check(before, after, lambda at: SetEntry(at, "key", "[1]"))


def test_code_of_several_lines_moves_with_its_entry() -> None:
    check(
        "class C:\n    D = ⟦{\n        'a': 1,\n    }⟧\n",
        "class C:\n    D = {\n        'a': 1,\n        'b': {\n            'c': 2,\n        },\n    }\n",
        lambda at: SetEntry(at, "b", "{\n    'c': 2,\n}"),
    )


def test_a_key_is_quoted_as_its_text_demands() -> None:
    check("D = ⟦{'a': 1}⟧\n", "D = {'a': 1, 'it\\'s\\n': 2}\n", lambda at: SetEntry(at, "it's\n", "2"))


def test_two_entries_of_one_dict_are_set_at_once() -> None:
    check(
        "D = ⟦{\n    'a': 1\n}⟧\n",
        "D = {\n    'a': 1,\n    'b': 2,\n    'c': 3\n}\n",
        lambda at: [SetEntry(at, "b", "2"), SetEntry(at, "c", "3")],
    )


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("D = ⟦f(a=1)⟧\n", "no dict stands there"),
        ("D = ⟦{k: v for k in x}⟧\n", "no dict stands there"),
        ("D = ⟦[1]⟧\n", "no dict stands there"),
        ("D = ⟦{'a-b': [  # why\n    1]}⟧\n", "a comment inside it would be lost"),
        ("D = ⟦dict(a=1)⟧\n", "`dict(...)` cannot take 'a-b' as a keyword"),
    ],
)
def test_what_is_no_dict_takes_no_entry(before: str, reason: str) -> None:
    assert refusal(before, lambda at: SetEntry(at, "a-b", "1")) == reason


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("L = [⟦aa⟧, b]\n", "L = [b]\n"),
        ("L = [a, ⟦b⟧]\n", "L = [a]\n"),
        ("L = [⟦a⟧]\n", "L = []\n"),
        ("L = [a, ⟦*b⟧]\n", "L = [a]\n"),
        ("L = [a, (⟦b⟧)]\n", "L = [a]\n"),
        ("L = [a, ⟦(b, c)⟧]\n", "L = [a]\n"),
        ("L = [\n    a,\n    # about b\n    ⟦b⟧,  # b\n    cc,\n]\n", "L = [\n    a,\n    # about b\n    cc,\n]\n"),
        ("L = [\n    a, ⟦bb⟧,\n    c,\n]\n", "L = [\n    a, c,\n]\n"),
        ("L = [\n    a, ⟦b⟧,  # why\n    c,\n]\n", "L = [\n    a,   # why\n    c,\n]\n"),
        ("S = {a, ⟦b⟧}\n", "S = {a}\n"),
        ("T = (a, ⟦b⟧)\n", "T = (a,)\n"),
        ("T = (⟦aa⟧, b)\n", "T = (b,)\n"),
        ("T = (⟦aa⟧, b,)\n", "T = (b,)\n"),
        ("T = (a, b, ⟦c⟧)\n", "T = (a, b)\n"),
        ("T = (⟦a⟧,)\n", "T = ()\n"),
        ("T = (\n    a,\n    ⟦b⟧,\n)\n", "T = (\n    a,\n)\n"),
        ("T = (\n    a,\n    ⟦b⟧\n)\n", "T = (\n    a,\n)\n"),
        ("T = a, ⟦b⟧\n", "T = a,\n"),
        ("T = ⟦aa⟧, b\n", "T = b,\n"),
        ("T = a, ⟦bb⟧, c\n", "T = a, c\n"),
        ("D = {⟦'aa'⟧: 1, 'b': 2}\n", "D = {'b': 2}\n"),
        ("D = {⟦'a'⟧: 1}\n", "D = {}\n"),
        ("D = {'b': 2, **⟦x⟧}\n", "D = {'b': 2}\n"),
        ("D = {\n    ⟦'aa'⟧: [\n        1,\n    ],\n    'b': 2,\n}\n", "D = {\n    'b': 2,\n}\n"),
        ("D = {⟦KEYS⟧: 1, 'b': 2}\n", "D = {'b': 2}\n"),
    ],
)  # fmt: skip
def test_an_element_is_taken_out(before: str, after: str) -> None:
    check(before, after, Remove)


def test_a_tuple_keeps_its_comma_whatever_goes() -> None:
    check("T = (⟦a⟧, bb, ⟦c⟧)\n", "T = (bb,)\n", lambda *at: [Remove(one) for one in at])


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("S = {⟦a⟧}\n", "nothing would be left of it"),
        ("T = ⟦a⟧,\n", "nothing would be left of it"),
        ("D = {'a': ⟦b⟧}\n", "no statement, element, entry or argument stands there"),
        ("x = ⟦a⟧ + b\n", "no statement, element, entry or argument stands there"),
        ("x = f(k=⟦a⟧)\n", "no statement, element, entry or argument stands there"),
        ("x[⟦a⟧, b]\n", "no statement, element, entry or argument stands there"),
    ],
)
def test_what_cannot_go_stays(before: str, reason: str) -> None:
    assert refusal(before, Remove) == reason
