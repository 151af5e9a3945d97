from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "facts"))

from deployed import FakeTree, both, brief, only, place, processes, reasons

from celerylint.facts.unknown import Unknown
from celerylint.model.processes import find_processes
from celerylint.model.production import for_production, named_for_production

ENTRYPOINT = """
#!/bin/bash
set -e
cmd="celery -A p"
case "$1" in
  worker)
    shift
    exec $cmd worker -Q "${QUEUES:-default}" "$@"
    ;;
  beat)
    exec $cmd beat
    ;;
  *)
    exec "$@"
    ;;
esac
"""


def compose(services: str, **others: str) -> dict[str, str | bytes]:
    return {"docker-compose.yml": "services:\n" + services, "bin/entrypoint.sh": ENTRYPOINT, **others}


def test_a_script_on_its_own() -> None:
    found = processes({"bin/entrypoint.sh": ENTRYPOINT})
    assert [(brief(p), p.source) for p in found] == [
        (("worker", "worker", ("default",)), "shell"),
        (("beat", "beat", None), "shell"),
    ]
    assert found[0].unread is not None
    assert isinstance(found[0].concurrency, Unknown)


@pytest.mark.parametrize(
    "service",
    [
        "    command: ./bin/entrypoint.sh worker -c 4\n",
        "    command: bash /app/bin/entrypoint.sh worker -c 4\n",
        '    command: ["/app/bin/entrypoint.sh", "worker", "-c", "4"]\n',
        '    entrypoint: ["/usr/bin/tini", "--", "/app/bin/entrypoint.sh"]\n    command: worker -c 4\n',
        "    entrypoint: /entrypoint.sh\n    command: [worker, -c, '4']\n",
        "    command: sh -c 'sleep 3 && exec /app/bin/entrypoint.sh worker -c 4'\n",
    ],
)
def test_a_service_that_calls_a_script(service: str) -> None:
    files = compose(f"  mail:\n    image: x\n{service}    environment: {{QUEUES: 'a,b'}}\n")
    mail, beat = sorted(processes(files), key=lambda p: p.source)
    assert (brief(mail), mail.concurrency, mail.source) == (("worker", "mail", ("a", "b")), 4, "compose")
    assert mail.unread is None
    assert place(mail) == ("bin/entrypoint.sh", 7, 10)
    assert (brief(beat), beat.source) == (("beat", "beat", None), "shell")


def test_an_entrypoint_that_runs_its_arguments() -> None:
    files = compose("  w:\n    image: x\n    entrypoint: /entrypoint.sh\n    command: [celery, worker, -Q, a]\n")
    (process,) = [p for p in processes(files) if p.source == "compose"]
    assert brief(process) == ("worker", "w", ("a",))
    assert place(process) == ("docker-compose.yml", 5, 15)
    assert process.prefix == ("/entrypoint.sh",)


def test_an_entrypoint_that_is_not_here() -> None:
    text = "services:\n  w:\n    image: x\n    entrypoint: [/elsewhere.sh]\n    command: celery worker\n"
    assert brief(only({"docker-compose.yml": text})) == ("worker", "w", None)


def test_the_entrypoint_of_the_image() -> None:
    files = compose(
        "  w:\n    build: .\n    command: worker\n  b:\n    build: {context: ., target: app}\n    command: beat\n",
        Dockerfile='FROM x AS other\nFROM x AS app\nENV QUEUES=a\nCOPY bin/entrypoint.sh /run\nENTRYPOINT ["/run"]\n',
    )
    assert [(brief(p), p.source) for p in processes(files)] == [
        (("worker", "w", ("a",)), "compose"),
        (("beat", "b", None), "compose"),
    ]


def test_the_command_of_the_image() -> None:
    files: dict[str, str | bytes] = {
        "docker-compose.yml": "services:\n  celery:\n    build: app\n    environment: {Q: b}\n",
        "app/Dockerfile": 'FROM x\nENV Q=a\nCMD ["sh", "-c", "celery -A p worker -Q $Q"]\n',
    }
    assert [(brief(p), p.source) for p in processes(files)] == [(("worker", "celery", ("b",)), "compose")]


def test_scripts_that_an_image_renames() -> None:
    files: dict[str, str | bytes] = {
        "production.yml": """
        services:
          django: &django
            build:
              context: .
              dockerfile: ./compose/production/django/Dockerfile
            command: /start
          celeryworker:
            <<: *django
            command: /start-celeryworker
          flower:
            <<: *django
            command: /start-flower
        """,
        "compose/production/django/Dockerfile": """
        FROM python
        COPY --chown=django:django ./compose/production/django/celery/worker/start /start-celeryworker
        COPY ./compose/production/django/celery/flower/start /start-flower
        """,
        "compose/production/django/celery/worker/start": "#!/bin/bash\nexec celery -A config.celery_app worker\n",
        "compose/production/django/celery/flower/start": (
            "#!/bin/bash\nuntil timeout 10 celery -A config.celery_app inspect ping; do\n  >&2 echo 'wait'\ndone\n"
            'exec celery \\\n  -A config.celery_app \\\n  -b "${URL}" \\\n  flower \\\n  --basic_auth="${U}:${P}"\n'
        ),
        "compose/local/django/celery/worker/start": (
            "#!/bin/bash\nexec watchfiles --filter python celery.__main__.main "
            "--args '-A config.celery_app worker -l INFO'\n"
        ),
    }
    assert [(p.kind, p.name, p.source, p.production) for p in processes(files)] == [
        ("flower", "flower", "compose", True),
        ("worker", "celeryworker", "compose", True),
    ]


def test_a_script_that_only_development_calls_stands_for_itself() -> None:
    files: dict[str, str | bytes] = {
        "docker-compose.dev.yml": "services:\n  w:\n    image: x\n    command: ./run.sh\n",
        "run.sh": "celery -A p worker\n",
    }
    process = only(files)
    assert (process.name, process.production) == ("run", True)


def test_make_targets_that_a_service_calls() -> None:
    files: dict[str, str | bytes] = {
        "docker-compose.yml": "services:\n  celery-worker:\n    image: x\n    command: make jobs\n",
        "Makefile": "jobs:\n\tcelery -A p worker -Q a\nother:\n\tcelery -A p beat\n",
    }
    found = processes(files)
    assert [(brief(p), p.source, p.production) for p in found] == [
        (("worker", "celery-worker", ("a",)), "compose", True),
        (("beat", "other", None), "makefile", False),
    ]


def test_scripts_that_call_each_other_end() -> None:
    files: dict[str, str | bytes] = {
        "Procfile": "w: ./a.sh\n",
        "a.sh": "./b.sh celery\n",
        "b.sh": "./a.sh celery\ncelery -A p worker\n",
    }
    assert {p.kind for p in processes(files)} == {"worker"}


def test_two_scripts_of_one_name_are_told_apart_by_their_folder() -> None:
    files: dict[str, str | bytes] = {
        "a/docker-compose.yml": "services:\n  w:\n    image: x\n    command: /app/start.sh celery\n",
        "a/start.sh": "celery -A a worker\n",
        "b/start.sh": "celery -A b worker\n",
    }
    assert sorted((str(p.app), p.name) for p in processes(files)) == [("a", "w"), ("b", "b")]


def test_a_watcher_in_a_branch_is_the_same_worker() -> None:
    files: dict[str, str | bytes] = {
        "run.sh": """
        if [ "$DEBUG" = 1 ]; then
          watchmedo auto-restart -- celery -A p worker -l debug
        else
          celery -A p worker -l info
        fi
        """
    }
    assert only(files).options["loglevel"] == "info"


def test_one_command_in_both_branches() -> None:
    text = """
    #!/bin/sh
    if [ -n "$ROOT" ]; then exec celery -A p worker; else exec gosu app celery -A p worker; fi
    """
    assert only({"run.sh": text}).prefix == ("exec",)
    again = processes({"run.sh": "celery -A p worker &\ncelery -A p worker &\nwait\n"})
    assert len(again) == 2


def test_one_service_with_two_equal_commands() -> None:
    text = "services:\n  w:\n    image: x\n    command: bash -c 'celery -A p worker & celery -A p worker'\n"
    assert len(processes({"docker-compose.yml": text, "docker-compose.dev.yml": text})) == 2


def test_arms_that_call_one_function() -> None:
    text = "start() {\n  celery -A p beat\n}\ncase $1 in start) start;; restart) stop; start;; esac\n"
    assert only({"init.sh": text}).name == "start"


def test_replicas_multiply() -> None:
    files: dict[str, str | bytes] = {
        "supervisord.conf": "[program:w]\ncommand=bash -c 'for q in a b; do celery worker -Q $q & done'\nnumprocs=3\n"
    }
    assert [(p.queues, p.replicas) for p in processes(files)] == [(("a",), 3), (("b",), 3)]
    looped = only({"run.sh": "for i in $(seq $N); do celery worker & done\n"})
    assert isinstance(looped.replicas, Unknown)


def test_the_app_from_the_environment() -> None:
    assert only({"run.sh": "export APP=p\ncelery worker\n"}).app == "p"
    assert only({"run.sh": "export APP=p\ncelery -A q worker\n"}).app == "q"
    assert only({"run.sh": "celery worker\n"}).app is None


def test_numbers_that_are_none() -> None:
    process = only({"run.sh": "celery worker -c many --time-limit=x\n"})
    assert isinstance(process.concurrency, Unknown)
    assert process.concurrency.reason == "`many` is not a number"
    assert isinstance(process.time_limit, Unknown)


def test_multi_gives_one_process_for_each_node() -> None:
    found = processes({"run.sh": "celery multi start mail web -A p -Q:mail m -Q:web w,x\n"})
    assert [brief(p) for p in found] == [("multi", "mail", ("m",)), ("multi", "web", ("w", "x"))]


def test_a_hidden_command_is_a_blind_spot() -> None:
    reason = "environment variable KIND has no default"
    assert reasons({"run.sh": "exec celery -A p $KIND\n"}) == [("run.sh", 1, reason)]


def test_order_is_stable() -> None:
    files: dict[str, str | bytes] = {
        "z.sh": "celery worker\n",
        "Procfile": "b: celery beat\na: celery worker\n",
        "a/Procfile": "w: celery worker\n",
    }
    found = [place(p)[:2] for p in processes(files)]
    assert found == [("Procfile", 1), ("Procfile", 2), ("a/Procfile", 1), ("z.sh", 1)]


def test_only_files_that_mention_celery_are_read() -> None:
    tree = FakeTree({"a.yaml": "a: b\n", "src/app.py": "celery", "celery.md": "celery -A p worker", "b.txt": "celery"})
    assert find_processes(tree) == ([], [])
    assert tree.asked == ["a.yaml"]


def test_files_that_are_passed_over() -> None:
    text = "jobs:\n  t:\n    steps:\n      - run: celery -A p worker -B\n"
    assert processes({".github/workflows/ci.yml": text, "node_modules/a/Procfile": "w: celery worker\n"}) == []


def test_globs_replace_the_choice() -> None:
    files: dict[str, str | bytes] = {
        "Procfile": "w: celery worker\n",
        "ops/worker.command": "#!/bin/sh\ncelery -A p worker -Q a\n",
        "ops/deep/beat.yml": "command: celery -A p beat\n",
    }
    found, _ = find_processes(FakeTree(files), ["ops/**"])
    assert [brief(p) for p in found] == [("beat", "", None), ("worker", "worker.command", ("a",))]


@pytest.mark.parametrize(
    ("path", "production"),
    [
        ("docker-compose.yml", True),
        ("docker-compose.prod.yml", True),
        ("docker-compose.dev.yml", False),
        ("docker-compose.override.yml", False),
        ("docker-compose-developer.yml", False),
        ("compose/local/start", False),
        ("compose/production/start", True),
        ("ci/run.sh", False),
        ("tests/docker/run.sh", False),
        ("conf/supervisord-dev.conf", False),
        ("deploy/device/worker.sh", True),
        ("examples/Procfile", False),
        ("services/latest/worker.service", True),
    ],
)
def test_production(path: str, production: bool) -> None:
    assert for_production(path) is production


def test_names_of_targets() -> None:
    assert named_for_production("prodceleryworkers")
    assert not named_for_production("worker")


def test_agreement_with_the_tree(tmp_path: Path) -> None:
    from celerylint.sources.tree import open_tree

    (tmp_path / "Procfile").write_text("worker: celery -A p worker -Q a\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "beat").write_text("#!/bin/sh\ncelery -A p beat\n")
    found, unknown = find_processes(open_tree(tmp_path))
    assert [brief(p) for p in found] == [("worker", "worker", ("a",)), ("beat", "beat", None)]
    assert unknown == []


def test_a_large_file_is_data() -> None:
    assert both({"Procfile": "worker: celery worker\n" + "# " + "x" * 3_000_000}) == ([], [])
