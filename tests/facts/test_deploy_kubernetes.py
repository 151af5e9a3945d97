from __future__ import annotations

import pytest
from deployed import both, brief, only, place, processes, reasons

from celerylint.facts.unknown import Unknown


def deployment(container: str, spec: str = "", path: str = "k8s/worker.yaml") -> dict[str, str | bytes]:
    lines = [
        "apiVersion: apps/v1", "kind: Deployment", "metadata:", "  name: shop-worker", "spec:",
        *[f"  {line}" for line in spec.splitlines()],
        "  template:", "    spec:", "      terminationGracePeriodSeconds: 120", "      containers:",
        "        - name: app", "          image: shop", *[f"          {line}" for line in container.splitlines()],
    ]  # fmt: skip
    return {path: "\n".join(lines) + "\n"}


@pytest.mark.parametrize(
    "container",
    [
        "command: [celery, -A, p, worker, -Q, 'a,b']",
        "command:\n  - celery\nargs:\n  - -A\n  - p\n  - worker\n  - -Q\n  - a,b",
        "args: [celery, -A, p, worker, '--queues=a,b']",
        'command: ["/bin/sh", "-c", "celery -A p worker -Q a,b"]',
        'command: ["/bin/sh", "-c"]\nargs: ["exec celery -A p worker -Q a,b"]',
        "command: [bash, -c]\nargs:\n  - |\n    set -e\n    exec celery -A p worker \\\n      -Q a,b",
        "command: [celery, -A, p, worker, -Q, $(QUEUES)]\nenv:\n  - {name: QUEUES, value: 'a,b'}",
        'command: [sh, -c, "celery -A p worker -Q $QUEUES"]\nenv:\n  - name: QUEUES\n    value: a,b',
        "command: [celery]\nargs: [-A, p, worker, -Q, 'a,b']\nlivenessProbe:\n  exec: {command: [celery, -A, p, beat]}",
    ],
)
def test_ways_to_write_a_command(container: str) -> None:
    process = only(deployment(container, "replicas: 3\nstrategy: {type: Recreate}"))
    assert brief(process) == ("worker", "shop-worker", ("a", "b"))
    assert (process.source, process.app, process.replicas, process.grace_seconds) == ("kubernetes", "p", 3, 120.0)
    assert process.platform == {"kind": "Deployment", "strategy": "Recreate"}


def test_variables_from_elsewhere_are_unknown() -> None:
    container = 'command: [sh, -c, "celery -A p worker -Q $Q -c $N"]\nenvFrom: [{configMapRef: {name: c}}]\nenv:\n'
    process = only(deployment(container + "  - name: Q\n    valueFrom: {secretKeyRef: {name: s, key: q}}"))
    assert brief(process)[2] == "environment variable Q comes from a secret or a config map"
    assert isinstance(process.concurrency, Unknown)
    assert process.concurrency.reason == "environment variable N has no default"


def test_documents_and_containers_are_processes_of_their_own() -> None:
    files: dict[str, str | bytes] = {
        "deploy/all.yaml": """
        kind: Deployment
        metadata: {name: w}
        spec:
          replicas: 2
          template:
            spec:
              containers:
                - {name: a, command: [celery, -A, p, worker, -Q, a]}
                - {name: b, command: [celery, -A, p, worker, -Q, b]}
              initContainers:
                - {name: m, command: [celery, -A, p, worker]}
        ---
        kind: Service
        metadata: {name: celery-worker}
        ---
        kind: CronJob
        metadata: {name: b}
        spec:
          jobTemplate: {spec: {template: {spec: {containers: [{name: b, args: [celery, -A, p, beat]}]}}}}
        """
    }
    found = processes(files)
    assert [brief(p) for p in found] == [("worker", "w", ("a",)), ("worker", "w", ("b",)), ("beat", "b", None)]
    assert [p.replicas for p in found] == [2, 2, 1]
    assert found[2].platform["kind"] == "CronJob"


def test_openshift_parameters() -> None:
    files: dict[str, str | bytes] = {
        "deploy/clowdapp.yaml": """
        kind: Template
        objects:
          - kind: ClowdApp
            metadata: {name: "${NAME}"}
            spec:
              deployments:
                - name: worker
                  replicas: ${{COUNT}}
                  podSpec:
                    command: [/bin/bash, -c, "celery -A p worker -Q $QUEUES -c ${N}"]
                    env:
                      - {name: QUEUES, value: "${WORKER_QUEUES}"}
        parameters:
          - {name: NAME, value: koku}
          - {name: WORKER_QUEUES, value: 'a,b'}
          - {name: COUNT, value: '4'}
          - {name: N}
        """
    }
    process = only(files)
    assert (brief(process), process.replicas) == (("worker", "koku", ("a", "b")), 4)
    assert isinstance(process.concurrency, Unknown)


def test_cloud_foundry() -> None:
    files: dict[str, str | bytes] = {
        "manifests/manifest_prod.yml": """
        applications:
          - name: worker
            instances: 2
            command: celery -A p worker -Q a
          - name: web
            processes:
              - {type: web, command: gunicorn}
              - {type: beat, command: exec celery -A p beat, instances: 1}
        """
    }
    found = processes(files)
    assert [(brief(p), p.source, p.replicas) for p in found] == [
        (("worker", "worker", ("a",)), "cloudfoundry", 2),
        (("beat", "web beat", None), "cloudfoundry", 1),
    ]


def test_other_yaml_that_starts_things() -> None:
    files: dict[str, str | bytes] = {
        "render.yaml": "services:\n  - type: worker\n    name: jobs\n    startCommand: celery -A p worker -Q a\n",
        "heroku.yml": "run:\n  beat: celery -A p beat\n  web: gunicorn\n",
        "values.yaml": "workers:\n  mail:\n    command: [celery, -A, p, worker, -Q, mail]\n",
        "docs.yaml": "steps:\n  - text: start a celery worker and a celery beat\n  - description: celery -A p worker\n",
    }
    assert [brief(p) for p in processes(files)] == [
        ("beat", "beat", None),
        ("worker", "jobs", ("a",)),
        ("worker", "mail", ("mail",)),
    ]


# Helm

VALUES = """
worker:
  replicas: 3
  queues: a,b
  concurrency: 8
  app: ""
  nested: {pool: gevent}
"""


def chart(text: str, values: str = VALUES) -> dict[str, str | bytes]:
    return {
        "charts/shop/Chart.yaml": "name: shop\n",
        "charts/shop/values.yaml": values,
        **deployment(text, "replicas: {{ .Values.worker.replicas }}", "charts/shop/templates/worker.yaml"),
    }


@pytest.mark.parametrize(
    ("text", "queues"),
    [
        ('command: [celery, worker, -Q, "{{ .Values.worker.queues }}"]', ("a", "b")),
        ("command: [celery, worker, -Q, {{ .Values.worker.queues | quote }}]", ("a", "b")),
        ("args:\n  - celery\n  - worker\n  - --queues={{ .Values.worker.queues }}", ("a", "b")),
        ('command: [sh, -c, "celery worker -Q {{ .Values.worker.queues }},c"]', ("a", "b", "c")),
        ('command: [celery, worker, -Q, {{ .Values.none | default "x" }}]', ("x",)),
        ('command: [celery, worker, -Q, {{ default "x" .Values.worker.queues }}]', ("a", "b")),
        ('command: [celery, worker, {{ printf "-Q%s" .Values.worker.queues | quote }}]', ("a", "b")),
        ("command: [celery, worker, -Q, {{ .Values.none }}]", "template expression `.Values.none`"),
        ('command: [celery, worker, -Q, {{ include "q" . }}]', 'template expression `include "q" .`'),
        ('command: [celery, worker, {{ printf "-Q%s" .Release.Name }}]', 'template expression `"-Q%s" .Release.Name`'),
        (
            "command: [sh, -c, 'celery worker {{ if .Values.x }}-Q a{{ end }}']",
            "depends on a condition of the template",
        ),
        (
            "args:\n  - celery\n  - worker\n{{- if .Values.x }}\n  - -Q\n  - a\n{{- end }}\n  - -E",
            "depends on a condition in the script",
        ),
        (
            "args:\n  - celery\n  - worker\n  - -Q\n{{- if .Values.x }}\n  - a\n{{- else }}\n  - b\n{{- end }}",
            "depends on a condition in the script",
        ),
        ("{{- if .Values.x }}\nargs: [celery, worker, -Q, a]\n{{- end }}", ("a",)),
        (
            "args:\n  - celery\n  - worker\n  {{- range .Values.worker.extra }}\n  - {{ . }}\n  {{- end }}",
            "template expression `.`",
        ),
    ],
)
def test_values_of_a_chart(text: str, queues: object) -> None:
    process = only(chart(text))
    assert (process.source, process.replicas, brief(process)[2]) == ("helm", 3, queues)


def test_both_branches_of_a_template() -> None:
    text = "{{- if .Values.x }}\ncommand: [celery, worker]\n{{- else }}\ncommand: [celery, beat]\n{{- end }}"
    assert sorted(p.kind for p in processes(chart(text))) == ["beat", "worker"]


def test_with_changes_what_a_dot_is() -> None:
    text = "args:\n  - celery\n  - worker\n{{- with .Values.worker.concurrency }}\n  - -c {{ . }}\n{{- end }}\n"
    process = only(chart(text))
    assert isinstance(process.concurrency, Unknown)
    assert process.concurrency.reason == "depends on a condition in the script"


def test_places_in_a_template() -> None:
    process = only(chart('command: [celery, worker, -Q, "{{ .Values.worker.queues }}", -E]'))
    queues = process.argument_spans["queues"]
    assert place(process)[:2] == ("charts/shop/templates/worker.yaml", 13)
    assert (queues.column, queues.end_column) == (37, 69)


def test_a_template_that_is_not_yaml() -> None:
    text = '{{ define "x" }}\n  a: [\n{{ end }}\nspec:\n  command: [celery, -A, p, worker]\n  b: }\n'
    found, unknown = both({"charts/shop/templates/x.yaml": text})
    assert [brief(p) for p in found] == [("worker", "spec", None)]
    assert len(unknown) == 1
    assert unknown[0].reason.startswith("not valid YAML")


def test_a_name_that_a_template_makes() -> None:
    files = chart("command: [celery, worker]")
    path = "charts/shop/templates/worker.yaml"
    text = files.pop(path)
    assert isinstance(text, str)
    text = text.replace("name: shop-worker", 'name: {{ include "name" . }}')
    text = text.replace("name: app", "name: {{ .Chart.Name }}")
    assert only({**files, path: text}).name == "worker"
    assert only({**files, "charts/shop/templates/celery/deployment.yaml": text}).name == "celery"


@pytest.mark.parametrize(
    "text",
    [
        "{{", "}}", "{{ {{ }} }}", "{{/* celery */}}", "{{- end }}\ncelery: {{ .x",
        "a: {{ if }}{{ else }}{{ end }} celery",
        "{{ range }}\n" * 50 + "command: celery worker", "command: {{ toYaml .Values.x | nindent 4 }} celery",
        "{% for x in y %}\ncommand: celery -A {{ x }} worker\n{% endfor %}\n", "args: [{{ }}, celery]",
        "command: celery {{ .Values.a.b.c }} {{`{{ x }}`}}", "{{- $x := 1 }}\ncommand: [celery, {{ $x }}]",
    ],
)  # fmt: skip
def test_odd_templates_do_no_harm(text: str) -> None:
    both({"c/templates/a.yaml": text, "c/values.yaml": "a: {b: [celery]}\n"})


def test_a_blind_spot_for_hidden_queues_of_workers_only() -> None:
    assert reasons(chart("command: [celery, beat]\nargs: [{{ .x }}]")) == []
    assert len(reasons(chart("command: [celery, worker]\nargs: [{{ .x }}]"))) == 1
