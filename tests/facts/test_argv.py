from __future__ import annotations

import pytest
from commands import calls, celery, found, only, options

from celerylint.facts.argv import CeleryCommand
from celerylint.facts.unknown import Unknown
from celerylint.knowledge.cli import COMMAND_OPTIONS, GLOBAL_OPTIONS


@pytest.mark.parametrize(
    "text",
    [
        "celery -A p worker",
        "/opt/venv/bin/celery -A p worker",
        "A=b C=d celery -A p worker",
        "exec celery -A p worker",
        "env A=b celery -A p worker",
        "env -u X A=b celery -A p worker",
        "nohup celery -A p worker &",
        "sudo -u www-data celery -A p worker",
        "sudo -u celery -E celery -A p worker",
        "gosu celery celery -A p worker",
        "nice -n 10 celery -A p worker",
        "timeout 30 celery -A p worker",
        "python -m celery -A p worker",
        "python3.12 -u -m celery -A p worker",
        "python manage.py celery -A p worker",
        "poetry run celery -A p worker",
        "uv run --no-dev celery -A p worker",
        "pipenv run python -m celery -A p worker",
        "newrelic-admin run-program celery -A p worker",
        "bin/start-pgbouncer newrelic-admin run-program celery -A p worker",
        "ddtrace-run celery -A p worker",
        "opentelemetry-instrument --traces_exporter otlp celery -A p worker",
        "tini -s -- celery -A p worker",
        "wait-for-it.sh db:5432 -- celery -A p worker",
        "/docker-entrypoint.sh celery -A p worker",
        "watchmedo auto-restart -d . -p '*.py' -R -- celery -A p worker",
        "watchfiles --filter python 'celery -A p worker' src",
        "watchmedo shell-command --command='celery -A p worker' .",
        'nodemon --exec "celery -A p worker"',
        "bash -c 'cd x && celery -A p worker'",
        'bash -lc "celery -A p worker"',
        "sh -exc 'celery -A p worker'",
        "bash -euxo pipefail -c 'celery -A p worker'",
        "su celery -s /bin/sh -c 'celery -A p worker'",
        'su -c "celery -A p worker" celery',
        "docker compose run --rm web celery -A p worker",
        'docker compose exec web bash -c "celery -A p worker"',
        "xvfb-run --auto-servernum celery -A p worker",
        "sleep 5; celery -A p worker",
        "celery -A p worker | tee log",
        "celery -A p worker > /dev/null 2>&1",
        "(cd x && celery -A p worker)",
        "CELERY=venv/bin/celery; $CELERY -A p worker",
        "CMD='celery -A p worker'; exec $CMD",
        'eval "celery -A p worker"',
        'set -- celery -A p worker; exec "$@"',
    ],
)
def test_wherever_a_command_stands(text: str) -> None:
    command = only(text)
    assert (command.kind, command.line.options) == ("worker", {"app": "p"})


@pytest.mark.parametrize(
    "text",
    [
        "celery -A p inspect ping -d celery@$HOSTNAME",
        "celery -A p status",
        "celery -A p purge -f",
        "celery -A p control shutdown",
        "celery -A p call tasks.add",
        "celery --version",
        "celery multi stop w1 -A p",
        "# celery -A p worker",
        "echo celery -A p worker",
        "echo 'celery -A p worker -l info'",
        "printf 'celery -A p worker\\n'",
        'log_info "celery -A p worker -l info"',
        "print_usage 'celery worker'",
        "pip install celery flower",
        "uv pip install 'celery[redis]'",
        "poetry add celery",
        "apt-get install -y python3-celery celery",
        "docker compose up -d celery beat",
        "docker-compose restart celery worker",
        "docker compose logs -f celery worker",
        "systemctl restart celery",
        "supervisorctl restart celery worker",
        "pkill -f 'celery worker'",
        "ps aux | grep 'celery -A p worker' | grep -v grep",
        "kill $(pgrep -f 'celery -A p worker')",
        "useradd celery",
        "chown -R celery worker",
        "cat <<EOF\ncelery -A p worker\nEOF",
        "trap 'celery -A p worker' EXIT",
        "ruff check celerywyrm worker",
        "make celery worker",
        "git commit -m celery worker",
        "rm -f /tmp/celery worker",
        "celery",
        "celery worked fine",
    ],
)
def test_what_only_looks_like_a_command(text: str) -> None:
    assert celery(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("celery -A p worker -Q a,b", {"app": "p", "queues": "a,b"}),
        ("celery -A p worker -Qa,b", {"app": "p", "queues": "a,b"}),
        ("celery -A p worker --queues=a,b", {"app": "p", "queues": "a,b"}),
        ("celery -A p worker --queues a,b", {"app": "p", "queues": "a,b"}),
        ("celery -A p worker -Q 'a, b'", {"app": "p", "queues": "a, b"}),
        ("celery -A p worker -Q=a", {"app": "p", "queues": "=a"}),
        ("celery --app p worker", {"app": "p"}),
        ("celery --app=p worker", {"app": "p"}),
        ("celery -Ap worker", {"app": "p"}),
        ("celery worker -A p -l info", {"app": "p", "loglevel": "info"}),
        ("celery worker --app=p -c 4 -P gevent", {"app": "p", "concurrency": "4", "pool": "gevent"}),
        ("celery -q -b redis:// -A p worker", {"quiet": True, "broker": "redis://", "app": "p"}),
        ("celery -A p worker -BE", {"app": "p", "beat": True, "task-events": True}),
        ("celery -A p worker -Bl info", {"app": "p", "beat": True, "loglevel": "info"}),
        ("celery -A p worker -Ofair -lINFO", {"app": "p", "optimization": "fair", "loglevel": "INFO"}),
        ("celery -A p worker --events --purge", {"app": "p", "task-events": True, "purge": True}),
        ("celery -A p worker --discard", {"app": "p", "purge": True}),
        ("celery -A p worker -X a -I b,c", {"app": "p", "exclude-queues": "a", "include": "b,c"}),
        ("celery -A p worker --schedule=/x -s /y", {"app": "p", "schedule-filename": "/y"}),
        ("celery -A p worker --maxtasksperchild=9", {"app": "p", "max-tasks-per-child": "9"}),
        ("celery worker --time-limit 9 --soft-time-limit=8", {"time-limit": "9", "soft-time-limit": "8"}),
        ("celery -A p worker --own-option=3 --flag", {"app": "p", "own-option": "3", "flag": True}),
        ("celery -A p worker -- --ignored", {"app": "p"}),
        ("celery -A p beat -S django --max-interval 5", {"app": "p", "scheduler": "django", "max-interval": "5"}),
        ("celery -A p flower --port=5555 --persistent", {"app": "p", "port": "5555", "persistent": True}),
    ],
)
def test_the_grammar(text: str, expected: dict[str, object]) -> None:
    assert options(text) == expected


@pytest.mark.parametrize("option", COMMAND_OPTIONS["worker"] + GLOBAL_OPTIONS)
def test_every_option_of_the_worker_is_read(option: object) -> None:
    from celerylint.knowledge.cli import CliOption

    assert isinstance(option, CliOption)
    for flag in option.flags:
        value = ["v"] if option.takes_value else []
        before = options(" ".join(["celery", flag, *value, "worker"])) if option in GLOBAL_OPTIONS else None
        after = options(" ".join(["celery", "worker", flag, *value, "-E"]))
        expected = {option.name: "v" if option.takes_value else True}
        assert before in (None, expected)
        assert after == {**expected, "task-events": True}


@pytest.mark.parametrize(
    "text",
    [
        "-Q a,b -c 4",
        "-Qa,b -c4",
        "-Q=a --queues=b",
        "-BE -l info -Ofair",
        "-Bl info",
        "--purge --time-limit 9 -s x --schedule=y",
        "-X 'a, b' --include=c -- d",
        "--autoscale=10,1 -n w@%h --without-gossip",
    ],
)
def test_agreement_with_click(text: str) -> None:
    import shlex

    import click
    from celery.bin.worker import worker

    theirs, _, _ = worker.make_parser(click.Context(worker)).parse_args(shlex.split(text))
    ours = {name.replace("-", "_"): value for name, value in options(f"celery worker {text}").items()}
    assert ours == dict(theirs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("celery -A p worker -Q $Q", "environment variable Q has no default"),
        ("celery -A p worker -Q a,$Q", "environment variable Q has no default"),
        ("celery -A p worker -Qa,$Q", "environment variable Q has no default"),
        ("celery -A p worker --queues=$Q", "environment variable Q has no default"),
        ("celery -A p worker -Q ${Q:-a,b}", "a,b"),
        ("celery -A p worker --queues=${Q:-a,b}", "a,b"),
        ("if x; then Q=a; else Q=b; fi; celery -A p worker -Q $Q", "depends on a condition in the script"),
        ("if x; then O='-Q a'; fi; celery -A p worker ${O:-}", "depends on a condition in the script"),
        ("if x; then O='-Q a'; else O='-E -Q a'; fi; celery -A p worker $O", "a"),
    ],
)
def test_hidden_values(text: str, expected: str) -> None:
    assert options(text)["queues"] == expected


@pytest.mark.parametrize("text", ["celery -A p worker $OPTS", 'celery -A p worker "$@"', "celery -A p worker $(opts)"])
def test_hidden_words_may_hold_any_option(text: str) -> None:
    assert only(text).line.unread is not None


def test_a_value_that_is_hidden_hides_nothing_else() -> None:
    assert only("celery -A p worker -c $N -n w@$HOSTNAME").line.unread is None


def test_a_hidden_command_is_a_blind_spot() -> None:
    (hidden,) = found("celery -A p $1")
    assert isinstance(hidden, Unknown)
    assert hidden.reason == "`$1` is an argument of the script"


def test_alternatives_of_the_command_are_commands() -> None:
    text = "if x; then K=worker; else K='beat -S s'; fi; celery -A p $K"
    assert [(c.kind, c.line.options) for c in celery(text)] == [
        ("worker", {"app": "p"}),
        ("beat", {"app": "p", "scheduler": "s"}),
    ]


def test_several_commands() -> None:
    text = "celery -A p worker -Q a & celery -A p worker -Q b & celery -A p beat; celery flower; celery -A p events"
    assert [command.kind for command in celery(text)] == ["worker", "worker", "beat", "flower", "other"]


def test_places() -> None:
    command = only("exec nice celery -A p \\\n  worker -Q a,b  # all\n")
    assert (command.span.line, command.span.column, command.span.end_line, command.span.end_column) == (1, 11, 2, 16)
    queues = command.line.spans["queues"]
    assert (queues.line, queues.column, queues.end_column) == (2, 10, 16)
    assert command.prefix == ("exec", "nice")
    assert command.arguments == ("celery", "-A", "p", "worker", "-Q", "a,b")


def test_places_inside_a_string() -> None:
    command = only('bash -c "x && celery -A p worker -Q a"')
    assert (command.span.column, command.span.end_column) == (15, 38)
    assert command.prefix == ("bash", "-c")


def test_arguments_show_hidden_words_as_written() -> None:
    assert only('celery -A p worker -Q "${Q}x"').arguments[-1] == "${Q}x"


def test_multi() -> None:
    commands = celery("celery -A p multi start w1 w2 w3 -c 3 -Q:w1 a -c:2,3 8 -l INFO --time-limit=9")
    assert [c.node for c in commands] == ["w1", "w2", "w3"]
    assert [c.kind for c in commands] == ["multi"] * 3
    assert [c.line.options.get("queues") for c in commands] == ["a", None, None]
    assert [c.line.options["concurrency"] for c in commands] == ["3", "8", "8"]
    assert all(c.line.options["time-limit"] == "9" and c.line.options["app"] == "p" for c in commands)


def test_multi_with_a_number_of_nodes() -> None:
    commands = celery("celery multi start 3 -A p -Q:1-2 a -Q b")
    assert [c.node for c in commands] == ["celery1", "celery2", "celery3"]
    assert [c.line.options["queues"] for c in commands] == ["a", "a", "b"]


def test_multi_with_hidden_nodes() -> None:
    (command,) = celery("$CELERY_BIN -A $APP multi start $NODES --pidfile=/x $OPTS")
    assert command.line.unread is not None
    assert isinstance(command.line.options["app"], Unknown)


def test_agreement_with_celery_multi() -> None:
    from celery.apps.multi import MultiParser, NamespacedOptionParser

    text = "4 -A p -Q:1-2 a,b -Q:4 c -c:1,3 5 --time-limit=3 -E"
    parser = NamespacedOptionParser(text.split())
    parser.parse()
    theirs = [(n.name.split("@")[0], n.options.get("-Q"), n.options.get("-c")) for n in MultiParser().parse(parser)]
    ours = [
        (c.node, c.line.options.get("queues"), c.line.options.get("concurrency"))
        for c in celery(f"celery multi start {text}")
    ]
    assert ours == theirs


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("./entrypoint.sh worker", "./entrypoint.sh"),
        ("exec /app/run.sh worker", "/app/run.sh"),
        ("make worker", "make"),
        ("bash -c './run.sh worker'", "./run.sh"),
    ],
)
def test_other_commands_are_calls_of_scripts(text: str, program: str) -> None:
    (call,) = calls(text)
    assert call.program == program
    assert [word.text for word in call.arguments if hasattr(word, "text")] == ["worker"]


def test_the_environment_of_a_command() -> None:
    command = only("export A=1\nB=2 celery -A p worker", C="3")
    assert isinstance(command, CeleryCommand)
    assert {name: value.known for name, value in command.environment.items()} == {"A": "1", "B": "2", "C": "3"}
