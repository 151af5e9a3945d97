from __future__ import annotations

import pytest
from commands import found, located, shown, started, words
from hypothesis import given, settings
from hypothesis import strategies as st

from celerylint.facts.shell.items import Branches, Started, Word
from celerylint.facts.shell.run import run
from celerylint.facts.shell.state import State
from celerylint.facts.unknown import Unknown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
        ("a \\\n  b\nc", [["a", "b"], ["c"]]),
        ("a # b\nc#d", [["a"], ["c#d"]]),
        ("a; b && c || d & e | f", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]),
        ("a > out.log 2>&1 b < in", [["a", "b"]]),
        ("a &> all.log\nb", [["a"], ["b"]]),
        ("cat <<EOF\nceler y\nEOF\nb", [["cat"], ["b"]]),
        ("cat <<-'EOF'\n\tx\n\tEOF\nb", [["cat"], ["b"]]),
        ("a $'b\\n' \"\"", [["a", "b\n", ""]]),
        ("{ a; b; }; (c)", [["a"], ["b"], ["c"]]),
        ("! a && time b", [["a"], ["b"]]),
        ("A=1 B=2 c", [["c"]]),
        ("a '", [["a", ""]]),
        ("fi; a", [["a"]]),
        ("a ) b", [["a"], ["b"]]),
    ],
)
def test_words(text: str, expected: object) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('A=x; c $A ${A} "$A y"', ["c", "x", "x", "x y"]),
        ("A='x y'; c $A \"$A\"", ["c", "x", "y", "x y"]),
        ('A=; c $A "$A"', ["c", ""]),
        ("c ${A:-d,e} ${B-f} ${C:=g} $C", ["c", "d,e", "f", "g", "g"]),
        ("A=1; c ${A:-2} ${A:+3}", ["c", "1", "3"]),
        ("A=x.sh; c ${A%.sh} ${A#x} ${A##*.}", ["c", "x", ".sh", "sh"]),
        ("A=(x 'y z'); A+=(w); c \"${A[@]}\"", ["c", "x", "y z", "w"]),
        ("export A=x B; c $A", ["c", "x"]),
        ("A=x; A+=y; c $A", ["c", "xy"]),
        ('A=x; B="$A y"; c $B', ["c", "x", "y"]),
        ('set -- x y; c $1 "$@"', ["c", "x", "x", "y"]),
        ("set -- x y; shift; c $1", ["c", "y"]),
        ("IFS=: read -r A B <<< x:y; c $B $A", ["c", "y", "x"]),
        ("c $(which celery) `command -v celery`", ["c", "celery", "celery"]),
        ("c $(echo x)", ["c", "x"]),
        ('f() { echo "-Q $1"; }; c $(f x)', ["c", "-Q", "x"]),
    ],
)
def test_variables(text: str, expected: object) -> None:
    assert words(text)[-1] == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("c $A", "environment variable A has no default"),
        ("c ${A:?missing}", "environment variable A has no default"),
        ('c "x$A"', "environment variable A has no default"),
        ("c $1", "`$1` is an argument of the script"),
        ('c "$@"', "`$@` is an argument of the script"),
        ("c $(nproc)", "the output of a command"),
        ("c $((1 + 2))", "the result of arithmetic"),
        ("c ${A/x/y}", "`${A/x/y}` is not followed"),
        ("read A; c $A", "read from input"),
        ("A=$(hostname); c $A", "the output of a command"),
    ],
)
def test_what_is_hidden_says_why(text: str, reason: str) -> None:
    word = started(text)[-1].items[1]
    assert isinstance(word, Word)
    assert word.text is None
    assert word.value.unknown is not None
    assert word.value.unknown.reason == reason


def test_the_environment_goes_before_the_default() -> None:
    assert words("c ${A:-x} $B", A="y", B="z") == [["c", "y", "z"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if x; then A=1; else A=1; fi; c $A", ["c", "1"]),
        ("if x; then A=1; else A=2; fi; c $A", ["c", [["1"], ["2"]]]),
        ("A=; if x; then A='--beat -E'; fi; c $A d", ["c", [["--beat", "-E"], []], "d"]),
        ('A=(a); if x; then A+=(b); fi; c "${A[@]}" d', ["c", "a", [["b"], []], "d"]),
        ("A='c d'; if x; then A=\"$A e\"; fi; f $A", ["f", "c", [["d", "e"], ["d"]]]),
        ('if [ -z "$A" ]; then A=x; fi; c $A', ["c", "x"]),
        ('[ -z "$A" ] && A=x; c $A', ["c", "x"]),
        ('A=1; if [ "$A" = 1 ]; then B=y; else B=n; fi; c $B', ["c", "y"]),
        ("A=1; if [[ $A != 1 ]]; then B=y; fi; c ${B:-n}", ["c", "n"]),
        ("A=1; case $A in 1|2) B=y;; *) B=n;; esac; c $B", ["c", "y"]),
        ("if x; then exit 1; else A=2; fi; c $A", ["c", "2"]),
        ("for A in x; do B=$A; done; c $B", ["c", "x"]),
    ],
)
def test_conditions(text: str, expected: object) -> None:
    assert words(text)[-1] == expected


def test_a_default_does_not_decide_a_test() -> None:
    text = 'if [[ "${KIND:=worker}" == beat ]]; then b; elif [[ "$KIND" == worker ]]; then w; fi'
    assert [(shown(one.items), one.label) for one in started(text)] == [(["b"], "beat"), (["w"], "worker")]


def test_case_arms_are_starts_of_their_own() -> None:
    text = 'case "$1" in\n a) exec x "$1";;\n b | c) y;;\n *) exit 1;;\nesac\nz'
    assert [(shown(one.items), one.label) for one in started(text)] == [
        (["exec", "x", "a"], "a"),
        (["y"], "b"),
        (["exit", "1"], ""),
        (["z"], ""),
    ]


def test_a_known_argument_chooses_the_arm() -> None:
    result: list[Started] = []
    argument = located("b", "compose.yml")
    state = State(arguments=(Word(argument, argument.span(), True),))
    run(located('case "$1" in a) x;; b) shift; y "$@";; esac'), state, result.append)
    assert [shown(one.items) for one in result] == [["y"]]


def test_functions() -> None:
    text = "w() { exec c -Q $1; }\nu() { d; }\ncase $1 in a) w x;; esac"
    assert [(shown(one.items), one.label) for one in started(text)] == [(["exec", "c", "-Q", "x"], "a"), (["d"], "u")]


def test_a_function_that_calls_itself_ends() -> None:
    assert len(words("f() { a; f; }; f")) < 20


def test_eval_follows_every_alternative() -> None:
    text = "A=; if x; then A+='p q &\n'; else A+='r &\n'; fi; A+='s &'; eval \"$A\""
    assert words(text)[1:] == [["p", "q"], ["s"], ["r"], ["s"]]


def test_loops() -> None:
    assert words("for q in a b; do c -Q $q; done") == [["c", "-Q", "a"], ["c", "-Q", "b"]]
    (known,) = started("while sleep 1; do c; done")[1:]
    assert known.replicas == 1
    (unknown,) = started("for i in $(seq $N); do c $i; done")
    assert isinstance(unknown.replicas, Unknown)


def test_places_survive_variables() -> None:
    (command,) = started("A='-Q a,b'\n  c $A")
    _, queues = command.items[1:]
    assert isinstance(queues, Word)
    assert (queues.span.line, queues.span.column, queues.span.end_column) == (1, 7, 10)
    assert (queues.at.line, queues.at.column, queues.at.end_column) == (2, 5, 7)


def test_exported_variables_reach_the_command() -> None:
    (command,) = started("A=1; export B=2; C=3 c", A="0")
    assert {name: value.text for name, value in command.environment.items()} == {"A": "1", "B": "2", "C": "3"}


def test_too_many_alternatives_become_one_unknown() -> None:
    arms = " ".join(f"v{n}) A={n};;" for n in range(12))
    items = started(f"case $X in {arms} *) A=z;; esac; c $A")[-1].items
    assert not any(isinstance(item, Branches) for item in items)
    assert shown(items) == ["c", None]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abcQ=$(){}[]'\"`\\|&;<>!#*@ \n\t1:-+", max_size=60))
def test_any_text_ends_without_failing(text: str) -> None:
    started(text)


TOKENS = st.sampled_from([
    "if", "then", "else", "elif", "fi", "for", "in", "do", "done", "while", "case", "esac", "function", "f()",
    "{", "}", "((", "))", "(", ")", "[", "]", "[[", "]]", ";", ";;", "&", "&&", "|", "||", "\n", "<", ">", "<<",
    "<<<", "EOF", "!", "a", "A=1", "A+=(", "$A", "${A:-", "${A[@]}", "$(", "`", "'", '"', "\\", "#", "*",
    "eval", "set --", "shift", "read", "local", "export", "exec", "echo", "return", "exit", "f", "$1", "$@",
    "-z", "=", "celery", "worker", "-Q", "bash -c",
])  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(TOKENS, max_size=40), st.sampled_from([" ", "", "\n"]))
def test_any_statements_end_without_failing(tokens: list[str], between: str) -> None:
    found(between.join(tokens))


@pytest.mark.parametrize("opening", ["(", "{ ", "$(", "`", "if x; then ", "case x in a) ", "f() { ", '"$(', "${a:-"])
def test_deep_nesting(opening: str) -> None:
    closing = {"(": ")", "{ ": "; }", "$(": ")", "`": "`", '"$(': ')"', "${a:-": "}"}.get(opening, "")
    started(opening * 300 + " a")
    started(opening * 300 + " a" + closing * 300)
