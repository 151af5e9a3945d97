"""Edits of generated code, held against the same change made on the ``ast``."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Callable
from typing import Literal

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from marked_edits import PATH

from celerylint.fixes import apply_edits
from celerylint.rule import AppendArgument, Edit, InsertStatement, Remove, RemoveKeyword, Replace, SetEntry, SetKeyword
from celerylint.sources.spans import Span

NAMES = st.sampled_from(["a", "bb", "é", "x.y"])
ATOMS = st.one_of(NAMES, st.sampled_from(["1", "'ü'", '"s"', "r'\\d'", "None", "f'{a} é'"]))
LAYOUTS = [
    "{0}", "{0},", "\n    {1}\n", "\n    {1},\n", "\n    {2},  # last\n    # end\n", "\n    {2}  # last\n", "{3}",
]  # fmt: skip
BLOCKS = ["if c:", "def f():", "@d\nclass C:", "try:\n    pass\nfinally:", "# about\nwith w:"]


def laid_out(brackets: str, items: list[str], layout: str) -> str:
    """The items between brackets, on one line or on several, with and without comments and a comma at the end."""
    if not items:
        return brackets if layout == "{0}" else f"{brackets[0]}\n    # empty\n{brackets[1]}"
    inside = layout.format(", ".join(items), ",\n    ".join(items), ",  # why\n    ".join(items), ",\n  ".join(items))
    return brackets[0] + inside + brackets[1]


@st.composite
def expressions(draw: st.DrawFn, depth: int) -> str:
    kind = draw(st.sampled_from(["atom", "call", "dict", "list", "sum", "brackets"])) if depth else "atom"
    if kind == "atom":
        return draw(ATOMS)
    inner = expressions(depth - 1)
    if kind == "sum":
        return f"({draw(inner)} + {draw(inner)})"
    if kind == "brackets":
        return f"({draw(inner)})"
    layout = draw(st.sampled_from(LAYOUTS))
    keys = draw(st.lists(st.sampled_from("klm"), max_size=2, unique=True))
    if kind == "dict":
        return laid_out("{}", [f"'{key}': {draw(inner)}" for key in keys], layout)
    items = draw(st.lists(inner, max_size=3))
    if kind == "list":
        return laid_out("[]", items, layout)
    return draw(NAMES) + laid_out("()", [*items, *(f"{key}={draw(inner)}" for key in keys)], layout)


@st.composite
def statements(draw: st.DrawFn, depth: int) -> str:
    head = draw(st.sampled_from(["", "", *BLOCKS])) if depth else ""
    if not head:
        return draw(st.sampled_from(["v = {}", "{}  # é", "return_({})"])).format(draw(expressions(3)))
    body = "\n".join(draw(st.lists(statements(depth - 1), min_size=1, max_size=3)))
    return head + "\n" + "\n".join("    " + line for line in body.split("\n"))


MODULES = st.lists(statements(2), min_size=1, max_size=4).map(lambda lines: "\n".join(lines) + "\n")


def span_of(node: ast.expr | ast.stmt | ast.keyword, lines: list[str]) -> Span:
    def column(line: int, offset: int) -> int:
        return len(lines[line - 1].encode()[:offset].decode()) + 1

    end_line, end_offset = node.end_lineno or 0, node.end_col_offset or 0
    return Span(PATH, node.lineno, column(node.lineno, node.col_offset), end_line, column(end_line, end_offset))


def value(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body


Change = Callable[[st.DataObject, ast.Module, list[str]], "tuple[Edit, Span]"]
"""Choose a place, change the tree there, and give the edit that says the same and the place that may change."""


def chosen(data: st.DataObject, tree: ast.Module, kind: type[ast.AST]) -> ast.AST:
    nodes = [node for node in ast.walk(tree) if isinstance(node, kind)]
    inside = {inner for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for inner in ast.walk(node)}
    nodes = [node for node in nodes if node not in inside]
    assume(nodes)
    return data.draw(st.sampled_from(nodes))


def set_keyword(data: st.DataObject, tree: ast.Module, lines: list[str]) -> tuple[Edit, Span]:
    call = chosen(data, tree, ast.Call)
    assert isinstance(call, ast.Call)
    name = data.draw(st.sampled_from(["k", "new"]))
    present = [keyword for keyword in call.keywords if keyword.arg == name]
    edit = SetKeyword(span_of(call, lines), name, "1, 2")
    if present:
        present[0].value = value("1, 2")
    else:
        call.keywords.append(ast.keyword(name, value("1, 2")))
    return edit, edit.span


def remove_keyword(data: st.DataObject, tree: ast.Module, lines: list[str]) -> tuple[Edit, Span]:
    call = chosen(data, tree, ast.Call)
    assert isinstance(call, ast.Call)
    edit = RemoveKeyword(span_of(call, lines), "k")
    call.keywords = [keyword for keyword in call.keywords if keyword.arg != "k"]
    return edit, edit.span


def append_argument(data: st.DataObject, tree: ast.Module, lines: list[str]) -> tuple[Edit, Span]:
    call = chosen(data, tree, ast.Call)
    assert isinstance(call, ast.Call)
    call.args.append(value("new"))
    return AppendArgument(span_of(call, lines), "new"), span_of(call, lines)


def set_entry(data: st.DataObject, tree: ast.Module, lines: list[str]) -> tuple[Edit, Span]:
    display = chosen(data, tree, ast.Dict)
    assert isinstance(display, ast.Dict)
    edit = SetEntry(span_of(display, lines), "k", "[]")
    keys = [key.value if isinstance(key, ast.Constant) else None for key in display.keys]
    if "k" in keys:
        display.values[keys.index("k")] = value("[]")
    else:
        display.keys.append(ast.Constant("k"))
        display.values.append(value("[]"))
    return edit, edit.span


def remove_element(data: st.DataObject, tree: ast.Module, lines: list[str]) -> tuple[Edit, Span]:
    display = chosen(data, tree, ast.List)
    assert isinstance(display, ast.List)
    assume(display.elts)
    element = display.elts.pop(data.draw(st.integers(0, len(display.elts) - 1)))
    return Remove(span_of(element, lines)), span_of(display, lines)


def replace(data: st.DataObject, tree: ast.Module, lines: list[str]) -> tuple[Edit, Span]:
    node = chosen(data, tree, ast.expr)
    assert isinstance(node, ast.expr)
    assume(not isinstance(getattr(node, "ctx", None), ast.Store) and not isinstance(node, ast.FormattedValue))
    code = data.draw(st.sampled_from(["p or q", "lambda: 0", "p, q", "p.q", "-1"]))
    edit = Replace(span_of(node, lines), code)
    for parent in ast.walk(tree):
        for field, old in ast.iter_fields(parent):
            if old is node:
                setattr(parent, field, value(code))
            elif isinstance(old, list):
                old[:] = [value(code) if one is node else one for one in old]
    return edit, edit.span


def in_body(data: st.DataObject, tree: ast.Module) -> tuple[list[ast.stmt], int]:
    bodies = [
        field
        for node in ast.walk(tree)
        for field in (getattr(node, "body", None), getattr(node, "finalbody", None))
        if isinstance(field, list) and field
    ]
    body = data.draw(st.sampled_from(bodies))
    return body, data.draw(st.integers(0, len(body) - 1))


def insert_statement(data: st.DataObject, tree: ast.Module, lines: list[str]) -> tuple[Edit, Span]:
    body, at = in_body(data, tree)
    sides: list[Literal["before", "after"]] = ["before", "after"]
    where = data.draw(st.sampled_from(sides))
    edit = InsertStatement(span_of(body[at], lines), "if n:\n    m()\n", where)
    body.insert(at + (where == "after"), ast.parse(edit.code).body[0])
    return edit, edit.span


def remove_statement(data: st.DataObject, tree: ast.Module, lines: list[str]) -> tuple[Edit, Span]:
    body, at = in_body(data, tree)
    edit = Remove(span_of(body.pop(at), lines))
    if not body and body is not tree.body:
        body.append(ast.Pass())
    return edit, edit.span


CHANGES: dict[Change, bool] = {
    set_keyword: True, remove_keyword: False, append_argument: True, set_entry: True, remove_element: False,
    replace: True, insert_statement: True, remove_statement: False,
}  # fmt: skip
"""Whether all comments must still be there."""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data(), MODULES, st.sampled_from(list(CHANGES)))
def test_an_edit_does_what_it_says_and_nothing_else(data: st.DataObject, text: str, change: Change) -> None:
    tree = ast.parse(text)
    edit, place = change(data, tree, text.split("\n"))
    result = apply_edits(text.encode(), PATH, [edit])
    if result.data is None:  # there are two good reasons
        assert {reason for _, reason in result.refused} < {
            "a comment inside it would be lost", "`p, q` is no context manager"
        }  # fmt: skip
        return
    after = result.data.decode()
    assert ast.dump(ast.parse(after)) == ast.dump(tree)
    lost = comments(text) - comments(after)
    assert not (lost and CHANGES[change])
    lines = text.splitlines(keepends=True)
    assert after.startswith("".join(lines[: max(place.line - 3, 0)]))  # a comment and a decorator belong to the place
    assert after.endswith("".join(lines[place.end_line :]))


def comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)
