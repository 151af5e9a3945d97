"""Effects and guards: what is found, what is left alone, and that the names exist where a library is installed."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest

from celerylint.knowledge import effect_table, guard_table, network_table, origins
from celerylint.knowledge.effects import effect_of, guard_of, is_read

FOUND = [
    ("stripe.Charge.create", {}, "payment"),
    ("stripe.StripeClient.v1.payment_intents.create", {}, "payment"),
    ("stripe.Charge.create", {"idempotency_key": False}, "payment"),
    ("braintree.BraintreeGateway.transaction.sale", {}, "payment"),
    ("requests.post", {"json": True, "timeout": True}, "http"),
    ("requests.sessions.Session.patch", {}, "http"),
    ("requests.session.post", {}, "http"),
    ("httpx.AsyncClient.post", {}, "http"),
    ("aiohttp.ClientSession.post", {}, "http"),
    ("urllib.request.urlopen", {"data": True}, "http"),
    ("django.core.mail.send_mail", {}, "mail"),
    ("django.core.mail.EmailMultiAlternatives.send", {}, "mail"),
    ("smtplib.SMTP_SSL.sendmail", {}, "mail"),
    ("boto3.client.ses.send_email", {}, "mail"),
    ("sendgrid.SendGridAPIClient.send", {}, "mail"),
    ("twilio.rest.Client.messages.create", {}, "sms"),
    ("firebase_admin.messaging.send", {}, "push"),
    ("slack_sdk.web.client.WebClient.chat_postMessage", {}, "chat"),
    ("shop.models.Order.objects.create", {}, "insert"),
    ("django.db.models.QuerySet.bulk_create", {}, "insert"),
    ("sqlalchemy.ext.asyncio.AsyncSession.add", {}, "insert"),
    ("shop.db.session.add", {}, "insert"),
    ("redis.from_url.incr", {}, "increment"),
    ("redis.StrictRedis.pipeline.incrby", {}, "increment"),
    ("django.core.cache.cache.incr", {}, "increment"),
    ("redis.Redis.rpush", {}, "append"),
    ("redis.Redis.xadd", {}, "publish"),
    ("boto3.client.sqs.send_message", {}, "publish"),
    ("boto3.resource.sqs.get_queue_by_name.send_message", {}, "publish"),
    ("kafka.KafkaProducer.send", {}, "publish"),
    ("rq.Queue.enqueue", {}, "enqueue"),
]

LEFT_ALONE = [
    ("requests.get", {}),
    ("requests.put", {}),
    ("requests.Session.delete", {}),
    ("urllib.request.urlopen", {}),
    ("stripe.Charge.create", {"idempotency_key": True}),
    ("stripe.Charge.retrieve", {}),
    ("stripe.StripeClient.charges.create", {"options.idempotency_key": True}),
    ("requests.post", {"headers": True, "headers.Idempotency-Key": True}),
    ("django.db.models.Manager.bulk_create", {"ignore_conflicts": True}),
    ("django.db.models.Manager.update", {}),
    ("shop.client.objects.create", {}),
    ("shop.models.Order.create", {}),
    ("shop.notify.send", {}),
    ("boto3.client.sqs.send_message", {"MessageDeduplicationId": True}),
    ("boto3.client.s3.put_object", {}),
    ("boto3.client.dynamodb.put_item", {}),
    ("elasticsearch.Elasticsearch.index", {"id": True}),
    ("redis.Redis.set", {}),
    ("redis.Redis.sadd", {}),
]


@pytest.mark.parametrize(("qualified", "keywords", "kind"), FOUND)
def test_effects(qualified: str, keywords: dict[str, bool], kind: str) -> None:
    effect = effect_of(qualified, qualified.rpartition(".")[2], keywords)
    assert effect is not None
    assert (effect.kind, effect.certain) == (kind, True)


@pytest.mark.parametrize(("qualified", "keywords"), LEFT_ALONE)
def test_no_effects(qualified: str, keywords: dict[str, bool]) -> None:
    assert effect_of(qualified, qualified.rpartition(".")[2], keywords) is None


@pytest.mark.parametrize("method", ["create", "send", "post", "add", "publish", "save", "insert", "execute", "append"])
def test_a_common_name_on_something_unknown_is_no_effect(method: str) -> None:
    assert effect_of(None, method, {}) is None
    assert effect_of(f"shop.gateway.client.{method}", method, {}) is None


@pytest.mark.parametrize(("method", "kind"), [
    ("chat_postMessage", "chat"), ("bulk_create", "insert"), ("basic_publish", "publish"), ("rpush", "append"),
    ("insert_one", "insert"), ("email_user", "mail"),
])  # fmt: skip
def test_unmistakable_names_count_on_anything(method: str, kind: str) -> None:
    effect = effect_of(None, method, {})
    assert effect is not None
    assert (effect.kind, effect.certain) == (kind, False)


def test_verbs_are_read_from_the_arguments() -> None:
    for texts in ({0: "POST"}, {"method": "patch"}):
        effect = effect_of("requests.request", "request", {}, texts)
        assert effect is not None and effect.kind == "http"
    assert effect_of("requests.request", "request", {}, {0: "GET"}) is None
    assert effect_of("requests.request", "request", {}) is None
    assert is_read("requests.request", "request", {0: "GET"})
    assert not is_read("requests.request", "request", {0: "POST"})


@pytest.mark.parametrize("url", ["https://x.example/oauth/token", "https://x.example/api/search?q=1", "/graphql"])
def test_a_post_that_logs_in_or_searches(url: str) -> None:
    assert effect_of("requests.post", "post", {}, {0: url}) is None
    assert effect_of("requests.post", "post", {}, {0: "https://x.example/orders"}) is not None
    assert effect_of("django.core.mail.send_mail", "send_mail", {}, {0: url}) is not None


@pytest.mark.parametrize(("statement", "kind"), [
    ("INSERT INTO orders VALUES (%s)", "insert"),
    ("insert into orders (a) select 1", "insert"),
    ("INSERT INTO orders VALUES (1) ON CONFLICT DO NOTHING", None),
    ("INSERT INTO o SELECT 1 WHERE NOT EXISTS (SELECT 1)", None),
    ("UPDATE shop SET stock = stock - 1 WHERE id = 1", "increment"),
    ("UPDATE shop SET a = 1,\n stock = shop.stock + 1", "increment"),
    ("UPDATE shop SET stock = stock - %s", "increment"),
    ("UPDATE shop SET stock = 5", None),
    ("UPDATE shop SET settings = settings - 'old_key'", None),
    ("SELECT 1", None),
])  # fmt: skip
def test_sql(statement: str, kind: str | None) -> None:
    effect = effect_of(None, "execute", {}, {0: statement})
    assert (effect.kind if effect else None) == kind


@pytest.mark.parametrize(("qualified", "method", "texts", "appends"), [
    ("open", "open", {0: "log.txt", 1: "a"}, True), ("open", "open", {"mode": "ab"}, True),
    ("open", "open", {0: "data", 1: "w"}, False), ("open", "open", {0: "a"}, False),
    (None, "open", {0: "a"}, True), (None, "open", {0: "r"}, False), ("shop.open", "open", {0: "a"}, False),
])  # fmt: skip
def test_appending_to_files(qualified: str | None, method: str, texts: dict[int | str, str], appends: bool) -> None:
    assert (effect_of(qualified, method, {}, texts) is not None) is appends


@pytest.mark.parametrize(("qualified", "method", "keywords", "kind"), [
    (None, "get_or_create", {}, "upsert"), (None, "setnx", {}, "once"), (None, "set", {"nx": True}, "once"),
    ("django.core.cache.cache.add", "add", {}, "once"), ("shop.cache.add", "add", {}, "once"),
    ("redis.Redis.lock", "lock", {}, "lock"), ("filelock.FileLock", "FileLock", {}, "lock"),
    (None, "select_for_update", {}, "row"), (None, "bulk_create", {"ignore_conflicts": True}, "upsert"),
    (None, "update_one", {"upsert": True}, "upsert"), ("shop.db.session.merge", "merge", {}, "upsert"),
])  # fmt: skip
def test_guards(qualified: str | None, method: str, keywords: dict[str, bool], kind: str) -> None:
    guard = guard_of(qualified, method, keywords)
    assert guard is not None
    assert guard.kind == kind


@pytest.mark.parametrize(("qualified", "method", "keywords"), [
    (None, "set", {}), (None, "set", {"nx": False}), (None, "add", {}), (None, "bulk_create", {}),
    ("threading.Lock", "Lock", {}), ("asyncio.Lock", "Lock", {}), (None, "update_one", {}), (None, "get", {}),
])  # fmt: skip
def test_no_guards(qualified: str | None, method: str, keywords: dict[str, bool]) -> None:
    assert guard_of(qualified, method, keywords) is None


def test_guards_in_sql() -> None:
    for statement, kind in (
        ("SELECT pg_advisory_xact_lock(1)", "lock"),
        ("SELECT * FROM a FOR UPDATE", "row"),
        ("INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING", "upsert"),
    ):
        guard = guard_of(None, "execute", {}, {0: statement})
        assert guard is not None and guard.kind == kind
    assert guard_of(None, "execute", {}, {0: "SELECT 1"}) is None


def test_reads() -> None:
    assert is_read("requests.get", "get")
    assert is_read("httpx.AsyncClient.get", "get")
    assert is_read("boto3.client.s3.get_object", "get_object")
    assert is_read("stripe.Charge.retrieve", "retrieve")
    assert not is_read("requests.post", "post")
    assert not is_read("boto3.client.s3.put_object", "put_object")
    assert not is_read(None, "get")


def test_origins_fold_names() -> None:
    assert origins.origin("boto3.client", "sqs") == "boto3.client.sqs"
    assert origins.origin("boto3.session.Session.client", "ses") == "boto3.client.ses"
    assert origins.origin("boto3.client") == "boto3.client"
    assert origins.origin("redis.StrictRedis", "host") == "redis.Redis"
    assert origins.canonical("redis.StrictRedis.pipeline.incr") == "redis.Redis.incr"
    assert origins.canonical("shop.tasks.charge") == "shop.tasks.charge"
    for alias, name in origins.ALIASES.items():
        assert origins.canonical(alias) == origins.canonical(name)


def table_names() -> list[str]:
    """Every literal dotted name of the tables that does not go through a factory's first argument."""
    rows = [name for *_, names in effect_table.ROWS for name in names]
    rows += [name for *_, names in guard_table.GUARDS for name in names if "." in name]
    rows += [*effect_table.VERBS, *guard_table.PROCESS_LOCAL, *guard_table.TASK_BASES, *guard_table.UNIQUE_ERRORS]
    rows += [*effect_table.F_EXPRESSIONS, *network_table.READS, *origins.ALIASES, *origins.ALIASES.values()]
    keyed = ("boto3.client.", "boto3.resource.")
    return sorted({name for name in rows if "*" not in name and not name.startswith(keyed)} - ONLY_IN_SOME_RELEASES)


ONLY_IN_SOME_RELEASES = {
    "twilio.rest.TwilioRestClient", "firebase_admin.messaging.send_all", "firebase_admin.messaging.send_multicast",
    "kafka.KafkaProducer.send_and_wait", "postmarker.core.PostmarkClient.emails.send",
    "postmarker.core.PostmarkClient.emails.send_batch", "postmarker.core.PostmarkClient.emails.send_with_template",
}  # fmt: skip
"""Names that older releases have, a library folded into another has, or that are set on instances from elsewhere."""


def missing(name: str) -> str | None:
    """The part of a dotted name that an installed library does not have; None when all is there or cannot be seen."""
    parts = name.split(".")
    found: Any = None
    for size in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:size]))
            break
        except ImportError:
            continue
        except Exception:
            return None  # needs Django settings, say
    if found is None:
        return None
    for part in parts[size:]:
        if not inspect.ismodule(found) and not inspect.isclass(found):
            return None  # what a function returns, or an attribute set in __init__
        if hasattr(found, "__getattr__") and not hasattr(found, part):
            return None
        if not hasattr(found, part):
            return None if getattr(found, "__file__", "") is None or part in inspect.getsource(found) else part
        found = getattr(found, part)
    return None


def test_names_exist_in_installed_libraries() -> None:
    assert missing("smtplib.SMTP.send_telegram") == "send_telegram"
    assert {name: part for name in table_names() if (part := missing(name)) is not None} == {}
