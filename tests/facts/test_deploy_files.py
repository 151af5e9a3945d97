"""Procfile, Dockerfile, systemd, supervisor, shell, s6, Makefile, pyproject."""

from __future__ import annotations

import pytest
from deployed import both, brief, only, place, processes, reasons

from celerylint.facts.unknown import Unknown


def test_procfile() -> None:
    files: dict[str, str | bytes] = {
        "Procfile": """
        # worker: celery -A p worker -Q old
        web: gunicorn p.wsgi
        worker: bin/start-pgbouncer newrelic-admin run-program celery -A p worker -Q a,b -B
        extra_worker: REMAP_SIGTERM=SIGQUIT celery -A p worker -l $LEVEL
        beat: cd src && exec celery -A p beat
        release: python manage.py migrate
        """,
        "Procfile.dev": "worker: celery -A p worker -c 1\n",
    }
    found = processes(files)
    assert [(brief(p), p.production) for p in found] == [
        (("worker", "worker", ("a", "b")), True),
        (("worker", "extra_worker", None), True),
        (("beat", "beat", None), True),
        (("worker", "worker", None), False),
    ]
    assert found[0].beat
    assert found[0].prefix == ("bin/start-pgbouncer", "newrelic-admin", "run-program")
    assert found[1].environment == {"REMAP_SIGTERM": "SIGQUIT"}
    assert place(found[0]) == ("Procfile", 3, 56)


def test_procfile_with_odd_bytes() -> None:
    files: dict[str, str | bytes] = {
        "Procfile": b"# caf\xe9\r\nworker: celery -A p worker -Q \xe9t\xe9\r\nbeat: celery -A p beat\r\n",
        "b/Procfile": b"\xef\xbb\xbfworker: celery -A p worker\n",
        "c/Procfile": "worker: celery -A p worker\n".encode("utf-16"),
    }
    assert [(p.span.path, *brief(p)[:2]) for p in processes(files)] == [
        ("Procfile", "worker", "worker"),
        ("Procfile", "beat", "beat"),
        ("b/Procfile", "worker", "worker"),
    ]
    assert processes(files)[0].queues == ("\xe9t\xe9",)


def test_procfile_with_templates() -> None:
    text = "{% if x %}\nworker: celery -A {{ cookiecutter.slug }} worker -Q a\n{% endif %}\n"
    process = only({"{{cookiecutter.slug}}/Procfile": text})
    assert brief(process) == ("worker", "worker", ("a",))
    assert isinstance(process.app, Unknown)


@pytest.mark.parametrize(
    "text",
    [
        'CMD ["celery", "-A", "p", "worker", "-Q", "a,b"]',
        "CMD celery -A p worker -Q a,b",
        "CMD celery -A p worker \\\n    # comment\n    -Q a,b",
        'ENTRYPOINT ["celery", "-A", "p"]\nCMD ["worker", "-Q", "a,b"]',
        "ENTRYPOINT exec celery -A p worker -Q a,b",
        'ENV QUEUES=a,b\nCMD ["sh", "-c", "celery -A p worker -Q $QUEUES"]',
        'ARG QUEUES="a,b"\nENV QUEUES $QUEUES\nENV QUEUES=a,b OTHER="c d"\nCMD celery -A p worker -Q ${QUEUES}',
        "CMD celery beat\ncmd celery -A p worker -Q a,b\nHEALTHCHECK CMD celery -A p inspect ping",
        'ENTRYPOINT ["/tini", "--"]\nCMD ["celery", "-A", "p", "worker", "-Q", "a,b"]',
        'RUN <<EOF\nCMD celery beat\nEOF\nCMD ["celery", "-A", "p", "worker", "-Q", "a,b"]',
    ],
)
def test_dockerfile(text: str) -> None:
    process = only({"docker/worker/Dockerfile": f"FROM python:3.12 AS base\nRUN pip install celery\n{text}\n"})
    assert (brief(process), process.app, process.source) == (("worker", "base", ("a", "b")), "p", "dockerfile")


def test_stages_of_a_dockerfile() -> None:
    text = """
    FROM python AS base
    ENV Q=a
    FROM base AS worker
    CMD celery -A p worker -Q $Q
    FROM base AS beat
    CMD celery -A p beat
    FROM worker AS test
    """
    found = [(brief(p), p.production) for p in processes({"Dockerfile": text})]
    assert (("worker", "worker", ("a",)), True) in found
    assert (("beat", "beat", None), True) in found


def test_a_dockerfile_is_named_by_its_file() -> None:
    assert only({"Dockerfile.worker": "FROM x\nCMD celery worker\n"}).name == "worker"
    assert only({"beat.Dockerfile": "FROM x\nCMD celery beat\n"}).name == "beat"
    assert only({"jobs/Dockerfile": "FROM x\nCMD celery beat\n"}).name == "jobs"


def test_systemd() -> None:
    files: dict[str, str | bytes] = {
        "deploy/shop-worker@.service": """
        [Unit]
        Description=celery -A p worker
        [Service]
        Environment=QUEUES=a,b "LEVEL=info x"
        Environment=OTHER=1
        EnvironmentFile=-/etc/shop
        TimeoutStopSec=2min
        ExecStartPre=/usr/bin/celery -A p purge -f
        ExecStart=-/opt/venv/bin/celery -A p worker \\
            --hostname=w%i@%%h \\
            -Q ${QUEUES} -c $N
        ExecStop=/opt/venv/bin/celery -A p control shutdown
        """
    }
    process = only(files)
    assert (brief(process), process.app, process.source) == (("worker", "shop-worker", ("a", "b")), "p", "systemd")
    assert isinstance(process.options["hostname"], Unknown)
    assert process.options["hostname"].reason == "systemd fills in `%i`"
    assert isinstance(process.concurrency, Unknown)
    assert place(process) == ("deploy/shop-worker@.service", 9, 12)
    assert process.argument_spans["queues"].line == 11


def test_systemd_as_celery_documents_it() -> None:
    files: dict[str, str | bytes] = {
        "celery.service": """
        [Service]
        Type=forking
        EnvironmentFile=/etc/conf.d/celery
        ExecStart=/bin/sh -c '${CELERY_BIN} -A $CELERY_APP multi start $CELERYD_NODES \\
            --pidfile=${CELERYD_PID_FILE} --logfile=${CELERYD_LOG_FILE} $CELERYD_OPTS'
        ExecStop=/bin/sh -c '${CELERY_BIN} multi stopwait $CELERYD_NODES'
        """
    }
    process = only(files)
    assert process.kind == "multi"
    assert isinstance(process.queues, Unknown)
    assert process.unread is not None


def test_supervisor() -> None:
    files: dict[str, str | bytes] = {
        "conf/supervisord.conf": """
        ; command=celery worker
        [supervisord]
        nodaemon=true

        [program:worker]
        command=newrelic-admin run-program celery -A p worker
            --hostname=w@%%n ; which host
            -Q a,%(ENV_Q)s -c %(ENV_N)s
            ; -Q x
            -P gevent
        numprocs=2
        process_name=%(program_name)s_%(process_num)02d
        stopwaitsecs = 600
        environment=Q="b",DEBUG=0

        [program:beat]
        command: celery -A p beat
        [eventlistener:x]
        command=celery -A p worker
        """
    }
    worker, beat = processes(files)
    assert (brief(worker), worker.replicas, worker.grace_seconds) == (("worker", "worker", ("a", "b")), 2, 600.0)
    assert worker.options["hostname"] == "w@%n"
    assert worker.pool == "gevent"
    assert isinstance(worker.concurrency, Unknown)
    assert worker.concurrency.reason == "environment variable N has no default"
    assert place(worker) == ("conf/supervisord.conf", 6, 36)
    assert brief(beat) == ("beat", "beat", None)


def test_supervisor_templates() -> None:
    text = "[program:beat]\ncommand={{ celery }} -A {{ project_name }} beat\n"
    process = only({"project_template/supervisor.conf": text})
    assert process.kind == "beat"
    assert isinstance(process.app, Unknown)


def test_shell_scripts() -> None:
    files: dict[str, str | bytes] = {
        "bin/start-worker.sh": '#!/bin/sh\nexec celery -A p worker -Q "${QUEUES:-a,b}" $OPTS\n',
        "bin/beat": "#!/usr/bin/env bash\nexec celery -A p beat\n",
        "bin/notes": "exec celery -A p beat\n",
        "start": "#!/bin/bash\ncelery -A p worker\n",
        "compose/worker/start": "#!/bin/bash\ncelery -A p worker\n",
    }
    assert [(brief(p), p.source) for p in processes(files)] == [
        (("beat", "beat", None), "shell"),
        (("worker", "start-worker", ("a", "b")), "shell"),
        (("worker", "worker", None), "shell"),
        (("worker", "start", None), "shell"),
    ]


def test_s6() -> None:
    files: dict[str, str | bytes] = {
        "rootfs/etc/s6-overlay/s6-rc.d/svc-worker/run": """
        #!/command/with-contenv /usr/bin/bash
        cd /usr/src
        if [[ -n "${ROOTLESS}" ]]; then
          exec /usr/local/bin/celery --app paperless worker --loglevel INFO -Q a
        else
          exec s6-setuidgid paperless /usr/local/bin/celery --app paperless worker --loglevel INFO -Q a
        fi
        """,
        "etc/services.d/beat/run": "#!/usr/bin/execlineb -P\nwith-contenv\ns6-setuidgid app\ncelery -A p beat\n",
    }
    beat, *workers = processes(files)
    assert (brief(beat), beat.source) == (("beat", "beat", None), "s6")
    assert {(brief(p), p.source) for p in workers} == {(("worker", "svc-worker", ("a",)), "s6")}


def test_makefile() -> None:
    files: dict[str, str | bytes] = {
        "Makefile": (
            "CELERY = cd src/ && celery -A p worker\nQUEUES ?= a,b\n"
            "define run\n\tdocker compose run --rm app $(1)\nendef\n"
            ".PHONY: worker\nworker: deps ## run celery worker\n\t@echo celery -A p worker\n"
            "\t$(CELERY) -Q $(QUEUES) \\\n"
            "\t  -c 2 -n w@$$HOSTNAME\n\nprod-beat:\n\t-. env.sh && celery -A p beat\n"
            "in-docker:\n\t$(call run,celery -A p worker -Q c)\npurge:\n\tcelery -A p purge -f\n"
            "all: worker\n\t$(MAKE) worker\nhidden:\n\tcelery -A p worker -Q $(HIDDEN)\n"
        )
    }
    assert [(brief(p), p.production) for p in processes(files)] == [
        (("worker", "worker", ("a", "b")), False),
        (("beat", "prod-beat", None), True),
        (("worker", "in-docker", ("c",)), False),
        (("worker", "hidden", "`$(HIDDEN)` is not set in the Makefile"), False),
    ]


def test_pyproject() -> None:
    files: dict[str, str | bytes] = {
        "pyproject.toml": """
        [project]
        dependencies = ["celery>=5"]
        [tool.poe.tasks]
        worker = "celery -A p worker -Q a"
        beat = { cmd = "celery -A p beat" }
        both = { shell = "celery -A p worker & celery -A p beat" }
        steps = ["worker", { cmd = ["celery", "-A", "p", "flower"] }]
        [tool.taskipy.tasks]
        jobs = { cmd = 'watchfiles "celery -A p worker"', help = "celery worker" }
        [tool.pdm.scripts]
        w.cmd = ["celery", "-A", "p", "worker", "-Q", "b"]
        [tool.hatch.envs.default.scripts]
        run = ["cd x", "celery -A p worker -Q c"]
        """
    }
    found = processes(files)
    assert [(p.kind, p.name, p.queues) for p in found] == [
        ("worker", "worker", ("a",)),
        ("beat", "beat", None),
        ("worker", "both", None),
        ("beat", "both", None),
        ("flower", "steps", None),
        ("worker", "jobs", None),
        ("worker", "w", ("b",)),
        ("worker", "run", ("c",)),
    ]
    assert place(found[0]) == ("pyproject.toml", 4, 11)
    assert not any(p.production for p in found)


def test_make_variables_that_name_each_other_end() -> None:
    text = "A = $(B) $(B) celery\nB = $(A) $(A)\ndefine f\n\t$(call f,$(1) $(1))\nendef\n"
    both({"Makefile": text + "x:\n\t$(A) worker\n\t$(call f,celery worker)\n" * 5})


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [("pyproject.toml", 'a = "celery\n', 1), ("pyproject.toml", "[tool.poe.tasks]\nx = celery\n", 2)],
)
def test_broken_toml(path: str, text: str, line: int) -> None:
    assert reasons({path: text}) == [(path, line, "not valid TOML")]


@pytest.mark.parametrize(
    "path",
    [
        "Procfile", "Dockerfile", "Makefile", "a.service", "supervisord.conf", "run.sh", "etc/s6/x/run",
        "pyproject.toml", "docker-compose.yml", "k8s/a.yaml", "c/templates/a.yaml", "manifest.yml.j2", "bin/start",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "data",
    [
        b"", b"celery", b"\x00celery\x00", b"\xff\xfec\x00e", b"celery \xff\xfe worker",
        b"celery worker" + b" \\\n" * 50,
        b"#!/bin/sh\ncelery worker \\", b"[Service]\nExecStart=celery worker \\", b"CMD [\"celery\", \"worker\"",
        b"CMD celery worker \\\n", b"FROM\nCMD\nENV\nCOPY celery\n", b"[program:x]\ncommand=%(celery)s %(",
        b"celery:\n\t$(celery",
        b"define celery\n", b"x: $(call celery\n\t$(call celery)\n", b"worker: celery -A p worker -Q '", b"{{ celery }",
        b"services:\n" + b"  celery: &a\n" * 5, b"a: " + b"[" * 5000 + b"celery", b"\r\r\ncelery\r", b"x=(celery\n",
    ],
)  # fmt: skip
def test_odd_files_do_no_harm(path: str, data: bytes) -> None:
    both({path: data})
