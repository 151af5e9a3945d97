from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "facts"))

from deployed import FakeTree

from celerylint.facts.unknown import Unknown
from celerylint.model.services import Service, find_services


def services(text: str, path: str = "docker-compose.yml") -> list[Service]:
    return find_services(FakeTree({path: text}))


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        ("redis", "redis"),
        ("redis:7.2-alpine", "redis"),
        ("docker.io/library/redis:7@sha256:abc", "redis"),
        ("bitnami/redis-cluster:7", "redis"),
        ("valkey/valkey:8", "valkey"),
        ("rabbitmq:3-management", "rabbitmq"),
        ("registry.local:5000/team/rabbitmq", "rabbitmq"),
        ("eqalpha/keydb", "keydb"),
        ("softwaremill/elasticmq-native", "sqs"),
    ],
)
def test_kinds(image: str, kind: str) -> None:
    (service,) = services(f"services:\n  queue:\n    image: {image}\n")
    assert (service.name, service.kind, service.image, service.source) == ("queue", kind, image, "compose")


@pytest.mark.parametrize(
    "image", ["oliver006/redis_exporter", "rediscommander/redis-commander", "postgres", "shop/app"]
)
def test_what_is_no_broker(image: str) -> None:
    assert services(f"services:\n  redis:\n    image: {image}\n    command: redis-cli ping\n") == []


@pytest.mark.parametrize(
    "command",
    [
        "redis-server --maxmemory 1gb --maxmemory-policy allkeys-lru",
        "[redis-server, --maxmemory, 1gb, --maxmemory-policy, allkeys-lru]",
        "[--maxmemory, 1gb, --maxmemory-policy, allkeys-lru]",
        "sh -c 'exec redis-server --maxmemory 1gb --maxmemory-policy allkeys-lru'",
        'bash -c "cd x && redis-server /redis.conf --maxmemory 1gb --maxmemory-policy ${P:-allkeys-lru}"',
    ],
)
def test_options(command: str) -> None:
    (service,) = services(f"services:\n  redis:\n    image: redis\n    command: {command}\n")
    assert service.options == {"maxmemory": "1gb", "maxmemory-policy": "allkeys-lru"}
    assert service.option_spans["maxmemory-policy"].line == 4


def test_a_hidden_option() -> None:
    text = "services:\n  r:\n    image: redis\n    command: redis-server --maxmemory-policy $P --port 1\n"
    (service,) = services(text)
    assert isinstance(service.options["maxmemory-policy"], Unknown)
    assert service.options["port"] == "1"


def test_manifests() -> None:
    text = """
    kind: StatefulSet
    metadata: {name: cache}
    spec:
      template:
        spec:
          containers:
            - {name: r, image: "redis:7", args: [--maxmemory-policy, volatile-lru]}
            - {name: q, image: rabbitmq}
    """
    found = services(text, "k8s/redis.yaml")
    assert [(s.name, s.kind, s.options) for s in found] == [("cache", "redis", {"maxmemory-policy": "volatile-lru"})]


def test_production() -> None:
    text = "services: {%s: {image: redis}}"
    found = find_services(FakeTree({"docker-compose.yml": text % "r", "docker-compose.dev.yml": text % "s"}))
    assert [(s.name, s.production) for s in found] == [("s", False), ("r", True)]
