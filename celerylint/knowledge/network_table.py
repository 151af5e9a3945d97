"""Calls over the network that only read, and verbs and URLs that change nothing.

Sources: RFC 9110 section 9.2 (safe and idempotent methods); the reference documentation of the libraries named.
"""

from __future__ import annotations

SAFE_VERBS: frozenset[str] = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

UNSAFE_VERBS: frozenset[str] = frozenset({"POST", "PATCH"})
"""Verbs that are not idempotent; PUT and DELETE may be repeated."""

HARMLESS_URL = (
    r"/(oauth2?|token|tokens|login|auth|authenticate|session|sessions|search|_search|query|graphql)(/|\?|$)"
)
"""A POST to such an address logs in or asks; a GraphQL mutation looks the same and is not known to be one."""

_HTTP = ("requests", "requests.Session", "httpx", "httpx.Client", "aiohttp.ClientSession")

READS: frozenset[str] = frozenset(f"{where}.{verb}" for where in _HTTP for verb in ("get", "head", "options")) | {
    "urllib.request.urlretrieve", "imaplib.IMAP4.fetch", "imaplib.IMAP4.search",
}

READ_GLOBS: tuple[str, ...] = (
    "boto3.client.*.get_*", "boto3.client.*.list_*", "boto3.client.*.describe_*", "boto3.client.*.head_*",
    "boto3.client.s3.download_*", "redis.Redis.get", "redis.Redis.mget", "redis.Redis.hget*", "redis.Redis.lrange",
    "redis.Redis.llen", "redis.Redis.exists", "redis.Redis.ttl", "redis.Redis.scan*", "redis.Redis.smembers",
    "redis.Redis.sismember", "redis.Redis.z*range*", "django.core.cache.cache.get*", "stripe.*.retrieve",
    "stripe.*.list",
    "slack_sdk.WebClient.*_info", "slack_sdk.WebClient.*_list", "slack_sdk.WebClient.*_history",
    "elasticsearch.Elasticsearch.get", "elasticsearch.Elasticsearch.search", "elasticsearch.Elasticsearch.count",
)
