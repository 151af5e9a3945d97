from __future__ import annotations

import pytest
from deployed import both, brief, only, place, processes, reasons

from celerylint.facts.unknown import Unknown


def service(text: str) -> dict[str, str | bytes]:
    return {"docker-compose.yml": f"services:\n  w:\n    image: x\n    {text}\n"}


@pytest.mark.parametrize(
    "text",
    [
        "command: celery -A p worker -Q a,b",
        'command: "celery -A p worker -Q a,b"',
        "command: 'celery -A p worker -Q a,b'",
        "command: [celery, -A, p, worker, -Q, 'a,b']",
        "command:\n      - celery\n      - -A\n      - p\n      - worker\n      - -Q\n      - a,b",
        "command: >\n      celery -A p worker\n      -Q a,b",
        "command: |\n      celery -A p worker \\\n        -Q a,b",
        'command: bash -c "sleep 5 && celery -A p worker -Q a,b"',
        "command: ['bash', '-c', 'sleep 5 && celery -A p worker -Q a,b']",
        "command: >\n      /bin/sh -c '\n      sleep 3;\n      celery -A p worker -Q a,b'",
        "command: sh -c 'celery -A p worker -Q ${QUEUES:-a,b}'",
        "command: celery -A p worker -Q ${QUEUES-a,b}",
        "command: sh -c 'celery -A p worker -Q $$Q'\n    environment:\n      Q: a,b",
        "command: sh -c 'celery -A p worker -Q $$Q'\n    environment:\n      - Q=a,b",
        'command: "celery -A p worker -Q \\"a,b\\""',
        "entrypoint: celery -A p worker\n    command: -Q a,b",
        "entrypoint: [/entry.sh]\n    command: [celery, -A, p, worker, -Q, 'a,b']",
    ],
)
def test_ways_to_write_a_command(text: str) -> None:
    process = only(service(text))
    assert (brief(process), process.app, process.source) == (("worker", "w", ("a", "b")), "p", "compose")


def test_places() -> None:
    process = only(service("command: >\n      celery -A p\n      worker -Q a,b"))
    assert place(process) == ("docker-compose.yml", 5, 7)
    assert (process.span.end_line, process.span.end_column) == (6, 20)
    queues = process.argument_spans["queues"]
    assert (queues.line, queues.column, queues.end_column) == (6, 14, 20)


def test_white_space_in_a_list_is_kept() -> None:
    assert only(service("command: celery -A p worker -Q 'a, b'")).queues == ("a", " b")


@pytest.mark.parametrize("written", ["$QUEUES", "${QUEUES}", "a,${QUEUES}", "${QUEUES:?missing}"])
def test_a_variable_without_default_is_unknown(written: str) -> None:
    files = service(f"command: celery -A p worker -Q {written}")
    assert brief(only(files))[2] == "environment variable QUEUES has no default"
    assert reasons(files) == [("docker-compose.yml", 4, "environment variable QUEUES has no default")]


def test_variables_of_the_env_file_beside_it() -> None:
    files = service("command: celery -A p worker -Q $QUEUES -c ${N}")
    files[".env"] = "# comment\nexport QUEUES='a,b'\nN=3\n"
    process = only(files)
    assert (process.queues, process.concurrency) == (("a", "b"), 3)


def test_env_file_of_a_service() -> None:
    files = service("command: sh -c 'celery -A p worker -Q $$QUEUES'\n    env_file: ./env/worker")
    files["env/worker"] = "QUEUES=a,b\n"
    assert only(files).queues == ("a", "b")


def test_what_a_service_says_about_itself() -> None:
    process = only(
        service(
            "command: celery -A p worker -c 4 -P gevent -B --time-limit=9 --soft-time-limit 8.5\n"
            "    stop_grace_period: 1m30s\n    restart: always\n    environment:\n      A: b\n      C:\n"
            "    deploy:\n      replicas: 3"
        )
    )
    assert (process.concurrency, process.pool, process.beat, process.replicas) == (4, "gevent", True, 3)
    assert (process.time_limit, process.soft_time_limit, process.grace_seconds) == (9.0, 8.5, 90.0)
    assert process.environment["A"] == "b"
    assert isinstance(process.environment["C"], Unknown)
    assert process.platform == {"restart": "always"}


@pytest.mark.parametrize(("text", "replicas"), [("scale: 2", 2), ("deploy: {replicas: '${N:-4}'}", 4)])
def test_replicas(text: str, replicas: int) -> None:
    assert only(service(f"command: celery worker\n    {text}")).replicas == replicas


@pytest.mark.parametrize("text", ["deploy: {mode: global}", "deploy: {replicas: '${N}'}"])
def test_unknown_replicas(text: str) -> None:
    assert isinstance(only(service(f"command: celery worker\n    {text}")).replicas, Unknown)


def test_anchors_and_merge_keys() -> None:
    files = {
        "compose.yaml": """
        x-base: &base
          image: x
          command: celery -A p worker
          environment: &env
            Q: a
        services:
          one:
            <<: *base
          two:
            <<: [*base]
            command: celery -A p worker -Q b
            environment:
              <<: *env
        """
    }
    assert [brief(p) for p in processes(files)] == [("worker", "one", None), ("worker", "two", ("b",))]
    assert all(p.environment == {"Q": "a"} for p in processes(files))


def test_extends() -> None:
    files: dict[str, str | bytes] = {
        "docker-compose.yml": """
        services:
          web: {image: x, environment: {Q: a}}
          worker:
            extends: web
            command: sh -c "celery -A p worker -Q $$Q"
          beat:
            extends: {file: deploy/common.yml, service: beat}
        """,
        "deploy/common.yml": "services:\n  beat:\n    image: x\n    command: celery -A p beat\n",
    }
    assert [brief(p) for p in processes(files)] == [("beat", "beat", None), ("worker", "worker", ("a",))]


def test_services_that_extend_each_other() -> None:
    files = {"docker-compose.yml": "services:\n  a: {extends: b, command: celery beat}\n  b: {extends: a, image: x}\n"}
    assert {p.kind for p in processes(files)} == {"beat"}


BASE = """
services:
  worker:
    image: x
    command: celery -A p worker -c 1
  beat:
    image: x
    command: celery -A p beat
"""


def test_a_production_file_over_the_base() -> None:
    files: dict[str, str | bytes] = {
        "docker-compose.yml": BASE,
        "docker-compose.prod.yml": "services:\n  worker:\n    deploy:\n      replicas: 4\n  beat: {restart: always}\n",
    }
    found = processes(files)
    assert [(p.name, p.replicas, p.production) for p in found] == [("worker", 4, True), ("beat", 1, True)]


def test_a_development_file_over_the_base() -> None:
    files: dict[str, str | bytes] = {
        "docker-compose.yml": BASE,
        "docker-compose.override.yml": "services:\n  worker:\n    volumes: [.:/app]\n  beat: {ports: [1]}\n",
        "docker-compose.dev.yml": "services:\n  worker:\n    command: watchfiles 'celery -A p worker'\n",
    }
    found = [(p.name, p.concurrency, p.production, p.span.path) for p in processes(files)]
    assert found == [
        ("worker", None, False, "docker-compose.dev.yml"),
        ("worker", 1, True, "docker-compose.yml"),
        ("beat", None, True, "docker-compose.yml"),
    ]


def test_the_same_command_in_two_files_is_one_process() -> None:
    files: dict[str, str | bytes] = {"docker-compose.yml": BASE, "docker-compose.test.yml": BASE}
    assert [(p.name, p.production) for p in processes(files)] == [("worker", True), ("beat", True)]


def test_development_profiles() -> None:
    assert only(service("command: celery worker\n    profiles: [dev]")).production is False
    assert only(service("command: celery worker\n    profiles: [dev, workers]")).production is True


def test_a_compose_file_by_another_name() -> None:
    process = only({"production.yml": "services:\n  worker:\n    image: x\n    command: celery -A p worker\n"})
    assert (brief(process), process.source) == (("worker", "worker", None), "compose")


def test_health_checks_and_other_texts_are_no_processes() -> None:
    text = (
        'command: celery -A p worker\n    healthcheck:\n      test: ["CMD", "celery", "-A", "p", "beat"]\n'
        "    container_name: celery\n    depends_on: [celery]\n    labels: {a: celery -A p worker}"
    )
    assert len(processes(service(text))) == 1


# Bad files


def test_a_key_that_stands_twice() -> None:
    files = service("command: celery -A p worker\n    image: y")
    assert [brief(p) for p in processes(files)] == [("worker", "w", None)]
    assert reasons(files) == [("docker-compose.yml", 5, "the key `image` stands twice in one mapping")]


def test_broken_yaml_still_gives_its_commands() -> None:
    files = {
        "docker-compose.yml": """
        services:
          worker:
            image: x
            command: celery -A p worker -Q a
          beat:
          \tcommand: ["celery", "-A", "p", "beat"]
          flower:
            command:
              - celery
              - -A
              - p
              - flower
            healthcheck: celery -A p status
        """
    }
    found, unknown = both(files)
    assert sorted(brief(p) for p in found) == [
        ("beat", "beat", None),
        ("flower", "flower", None),
        ("worker", "worker", ("a",)),
    ]
    assert [(reason.span.line, reason.reason.split("(")[0]) for reason in unknown] == [(6, "not valid YAML ")]


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  - celery worker\n",
        "services: celery worker\n",
        "services:\n  w: celery worker\n",
        "services:\n  w:\n    command: {a: celery}\n",
        "services:\n  w:\n    command: [[celery], worker]\n    environment: celery\n    build: [a]\n    extends: [b]\n",
        "services:\n  w: &w\n    x: *w\n    command: celery worker\n",
        "- celery\n",
        "celery",
        "\0celery",
        "services:\n  w:\n    command: celery \ud83d\udc07 worker\n".encode("utf-8", "surrogatepass"),
        "a: &a [celery]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: &d [*c, *c, *c]\n",
        "{" * 100_000 + "celery command",
        "- " * 100_000 + "celery command",
        "a: " + "[" * 100_000 + "celery",
        "\n".join(" " * depth + "command:" for depth in range(1500)) + "celery",
        "? [celery]\n: worker\n",
        b"\xff\xfeservices",
        b"services:\n  w\xe9:\n    image: x\n    command: celery worker\n",
    ],
)
def test_odd_files_do_no_harm(text: str | bytes) -> None:
    for name in ("docker-compose.yml", "deploy/app.yaml", "chart/templates/a.yaml"):
        both({name: text})
