"""Brokers and caches that deployment files start: Redis, Valkey, RabbitMQ and their options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from posixpath import basename

from celerylint.facts.deploy.workload import Line, Words, Workload
from celerylint.facts.located import Located
from celerylint.facts.shell.items import Started, Word
from celerylint.facts.shell.run import run
from celerylint.facts.shell.state import State
from celerylint.facts.unknown import Unknown
from celerylint.model.compositions import merged_services
from celerylint.model.production import for_production
from celerylint.model.repository import Files, Repository
from celerylint.sources.spans import Span

_KINDS = {
    "redis": "redis", "valkey": "valkey", "keydb": "keydb", "dragonfly": "dragonfly", "rabbitmq": "rabbitmq",
    "memcached": "memcached", "elasticmq": "sqs", "localstack": "sqs",
}  # fmt: skip
_SERVERS = ("redis-server", "valkey-server", "keydb-server")
_NEEDLES = (b"redis", b"valkey", b"keydb", b"dragonfly", b"rabbitmq", b"memcached", b"elasticmq", b"localstack")
_IMAGE = re.compile(r"^(?:[^/]+/)*([\w.-]+?)(?::[^/]*)?(?:@.*)?$")


@dataclass(slots=True)
class Service:
    """A server in a deployment file. ``kind``: redis, valkey, keydb, dragonfly, rabbitmq, memcached, sqs.

    ``options`` are those of its command line by name ("maxmemory-policy"), with their places in ``option_spans``.
    """

    name: str
    kind: str
    source: str
    span: Span
    image: str | Unknown | None
    options: dict[str, str | Unknown] = field(default_factory=dict)
    option_spans: dict[str, Span] = field(default_factory=dict)
    production: bool = True


def find_services(tree: Files, deploy_globs: Sequence[str] = ()) -> list[Service]:
    """Every broker or cache that a compose file or a manifest starts, in the order of path and line."""
    repository = Repository(tree, deploy_globs, _NEEDLES)
    found: list[Service] = []
    for workload, path in merged_services(repository):
        found += _service(workload, path)
    for path, file in repository.hot.items():
        if file.kind in ("yaml", "helm"):
            for workload in file.workloads:
                found += _service(workload, path)
    return sorted(found, key=lambda service: service.span)


def _service(workload: Workload, path: str) -> list[Service]:
    image = workload.image if isinstance(workload.image, str) else ""
    match = _IMAGE.match(image)
    words = _words(workload)
    program = basename(words[0].text or "") if words else ""
    named = match[1].lower() if match else ""
    kind = next((kind for word, kind in _KINDS.items() if word in named and "exporter" not in named), None)
    if kind is None and program in _SERVERS:
        kind = program.removesuffix("-server")
    if kind is None or "commander" in named or "insight" in named:
        return []
    service = Service(workload.name, kind, workload.source, workload.span, workload.image)
    service.production = workload.production and for_production(path)
    for index, word in enumerate(words):
        text = word.text or ""
        if text.startswith("--") and index + 1 < len(words):
            name, equals, value = text[2:].partition("=")
            following = words[index + 1]
            plain = value if equals else following.text
            service.options[name] = plain if plain is not None else following.value.unknown or ""
            service.option_spans[name] = word.span if equals else following.span
    return [service]


def _words(workload: Workload) -> list[Word]:
    """The words of the server's command, behind shells and the like."""
    items: list[Word] = []
    for command in (workload.entrypoint, workload.command):
        if isinstance(command, Words):
            items += [item for item in command.items if isinstance(item, Word)]
        elif isinstance(command, Line):
            items += _of_text(command.text)
    start = next((index for index, word in enumerate(items) if basename(word.text or "") in _SERVERS), None)
    if start is not None:
        return items[start:]
    for word in items:
        if any(server in word.value.text for server in _SERVERS) and " " in word.value.text:
            return _of_text(word.value)
    return items


def _of_text(text: Located) -> list[Word]:
    started: list[Started] = []
    run(text, State(), started.append)
    for one in started:
        words = [item for item in one.items if isinstance(item, Word)]
        if any(basename(word.text or "") in _SERVERS for word in words):
            return words
    return [item for one in started[:1] for item in one.items if isinstance(item, Word)]
