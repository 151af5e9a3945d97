"""One name for each outside thing, however it is imported or made.

The model spells what is called as a dotted name: a function as it is imported ("requests.post"), a method after the
name of what made its receiver ("requests.Session.post" for ``requests.Session().post``), attributes in between
("twilio.rest.Client.messages.create"). Libraries offer the same thing under several names and through factories;
``canonical`` folds these so that each table names a thing once.
"""

from __future__ import annotations

from functools import lru_cache

_FOLDED: dict[str, tuple[str, ...]] = {
    # HTTP. Sources: the packages' __init__ modules.
    "requests": ("requests.api", "niquests", "niquests.api", "grequests", "botocore.vendored.requests"),
    "requests.Session": (
        "requests.session", "requests.sessions.Session", "requests.sessions.session",
        "requests_oauthlib.OAuth2Session",
        "requests_oauthlib.OAuth1Session", "requests_toolbelt.sessions.BaseUrlSession", "requests_cache.CachedSession",
        "google.auth.transport.requests.AuthorizedSession", "cloudscraper.create_scraper",
        "authlib.integrations.requests_client.OAuth2Session",
    ),
    "httpx": ("httpx._api",),
    "httpx.Client": (
        "httpx.AsyncClient", "httpx._client.Client", "httpx._client.AsyncClient",
        "authlib.integrations.httpx_client.OAuth2Client", "authlib.integrations.httpx_client.AsyncOAuth2Client",
    ),
    "aiohttp.ClientSession": ("aiohttp.client.ClientSession", "aiohttp_retry.RetryClient"),
    "urllib3.PoolManager": (
        "urllib3.ProxyManager", "urllib3.poolmanager.PoolManager", "urllib3.HTTPConnectionPool",
        "urllib3.HTTPSConnectionPool", "urllib3.connectionpool.HTTPConnectionPool", "urllib3.connection_from_url",
    ),
    "http.client.HTTPConnection": ("http.client.HTTPSConnection",),
    # Mail
    "smtplib.SMTP": ("smtplib.SMTP_SSL", "smtplib.LMTP", "aiosmtplib.SMTP"),
    "django.core.mail.EmailMessage": (
        "django.core.mail.EmailMultiAlternatives", "django.core.mail.message.EmailMessage",
        "django.core.mail.message.EmailMultiAlternatives", "anymail.message.AnymailMessage",
    ),
    # Redis. Source: redis/__init__.py; pipelines take the same commands.
    "redis.Redis": (
        "redis.StrictRedis", "redis.client.Redis", "redis.client.StrictRedis", "redis.from_url",
        "redis.utils.from_url",
        "redis.Redis.from_url", "redis.RedisCluster", "redis.cluster.RedisCluster", "redis.asyncio.Redis",
        "redis.asyncio.client.Redis", "redis.asyncio.from_url", "redis.Redis.pipeline", "redis.Redis.client",
        "django_redis.get_redis_connection", "flask_redis.FlaskRedis", "fakeredis.FakeRedis",
        "fakeredis.FakeStrictRedis",
        "redis.sentinel.Sentinel.master_for", "walrus.Database",
    ),
    "django.core.cache.cache": ("django.core.cache.caches.default",),
    # ORM sessions and managers
    "django.db.models.Manager": (
        "django.db.models.QuerySet", "django.db.models.manager.Manager", "django.db.models.query.QuerySet",
        "django.db.models.Model.objects", "django.db.models.Model._default_manager",
        "django.db.models.Model._base_manager",
    ),
    "django.db.models.Model": ("django.db.models.base.Model", "django.contrib.gis.db.models.Model"),
    "sqlalchemy.orm.Session": (
        "sqlalchemy.orm.session.Session", "sqlalchemy.orm.scoped_session", "sqlalchemy.orm.scoping.scoped_session",
        "sqlalchemy.orm.sessionmaker", "sqlalchemy.ext.asyncio.AsyncSession",
        "sqlalchemy.ext.asyncio.async_sessionmaker",
        "sqlalchemy.orm.Session.begin", "flask_sqlalchemy.SQLAlchemy.session", "sqlmodel.Session",
        "sqlmodel.ext.asyncio.session.AsyncSession", "flask_sqlalchemy_lite.SQLAlchemy.session",
    ),
    "sqlalchemy.insert": (
        "sqlalchemy.sql.insert", "sqlalchemy.sql.expression.insert", "sqlalchemy.dialects.postgresql.insert",
        "sqlalchemy.dialects.sqlite.insert", "sqlalchemy.dialects.mysql.insert", "sqlalchemy.Table.insert",
    ),
    "pymongo.collection.Collection": ("motor.motor_asyncio.AsyncIOMotorCollection",),
    # Messages and queues
    "slack_sdk.WebClient": (
        "slack_sdk.web.WebClient", "slack_sdk.web.client.WebClient", "slack.WebClient",
        "slack_sdk.web.async_client.AsyncWebClient",
    ),
    "slack_sdk.webhook.WebhookClient": ("slack_sdk.WebhookClient",),
    "twilio.rest.Client": ("twilio.rest.TwilioRestClient",),
    "sendgrid.SendGridAPIClient": ("sendgrid.sendgrid.SendGridAPIClient",),
    "kafka.KafkaProducer": ("kafka.producer.KafkaProducer", "aiokafka.AIOKafkaProducer"),
    "confluent_kafka.Producer": ("confluent_kafka.SerializingProducer",),
    "kombu.Producer": ("kombu.messaging.Producer", "kombu.Connection.Producer"),
    "pika.BlockingConnection.channel": (
        "pika.adapters.blocking_connection.BlockingConnection.channel",
        "pika.adapters.blocking_connection.BlockingChannel", "pika.channel.Channel",
    ),
    "redis.lock.Lock": ("redis.Redis.lock", "redis.asyncio.lock.Lock"),
    "boto3.client": ("boto3.session.Session.client", "boto3.Session.client"),
    "boto3.resource": ("boto3.session.Session.resource", "boto3.Session.resource"),
}

ALIASES: dict[str, str] = {alias: name for name, aliases in _FOLDED.items() for alias in aliases}
"""Dotted name, or the beginning of one: the name that the tables use for it."""

KEYED_FACTORIES: frozenset[str] = frozenset({"boto3.client", "boto3.resource"})
"""Functions whose first argument decides what they make."""

_DEEPEST = max(name.count(".") for name in ALIASES) + 1


def origin(maker: str, first: str | None = None) -> str:
    """The name of the receiver that calling ``maker`` makes; ``first`` is its first argument when that is a known str.

    ``origin("boto3.client", "sqs")`` is "boto3.client.sqs"; for everything else the name folds as ``canonical`` does.
    """
    name = canonical(maker)
    return f"{name}.{first}" if first and name in KEYED_FACTORIES else name


@lru_cache(maxsize=4096)
def canonical(qualified: str) -> str:
    """The name that the tables use: the longest known beginning is replaced, again and again until none is left."""
    for _ in range(4):
        parts = qualified.split(".")
        for size in range(min(len(parts), _DEEPEST), 0, -1):
            replacement = ALIASES.get(".".join(parts[:size]))
            if replacement is not None:
                qualified = ".".join([replacement, *parts[size:]])
                break
        else:
            break
    return qualified
