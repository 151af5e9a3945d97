"""Looking up what a call does to the world outside, and what keeps it from happening twice.

Precision decides: without a known receiver only names that one library has count, so a ``create`` or ``send`` on
something unknown is no effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from celerylint.knowledge import effect_table, guard_table, network_table
from celerylint.knowledge.origins import ALIASES, canonical

NO_TEXTS: Mapping[int | str, str] = {}


class Effect(NamedTuple):
    """What a call does that must not be repeated.

    ``kind`` is payment, http, mail, sms, push, chat, insert, increment, append, publish or enqueue. ``phrase`` goes
    after a name in a message ("`charge` charges a card"). ``safe_when`` are keywords that would make it repeatable.
    ``certain`` is False when only the method's name told, not its receiver.
    """

    kind: str
    phrase: str
    safe_when: tuple[str, ...] = ()
    certain: bool = True


class Guard(NamedTuple):
    """What keeps an effect from happening twice. ``kind`` is upsert, once, lock or row."""

    kind: str
    phrase: str


def effect_of(
    qualified: str | None,
    method: str,
    keywords: Mapping[str, bool],
    texts: Mapping[int | str, str] = NO_TEXTS,
) -> Effect | None:
    """The effect of a call that must not be repeated, None when it has none, is safe or is not known to have one.

    ``qualified`` is the dotted name of what is called (see ``origins``), None when its receiver is unknown; ``method``
    is its last part as written. Calls of the project's own functions are not for here. ``keywords`` are the keywords
    passed: False when the value is certainly None, False or empty. A key k of a dict display passed as ``headers``
    counts as the keyword "headers.k". ``texts`` are the arguments that are strings known in full or in part (the
    literal pieces of an f-string), by position or keyword.
    """
    name = canonical(qualified) if qualified else None
    effect = _sql(method, texts) or _verb(name, keywords, texts) or _append(name, method, texts)
    if effect is None:
        needed: tuple[str, ...] = ()
        found = _named(name)
        if found is None:
            effect = _unmistakable().get(method)
        else:
            effect, needed = found
        if effect is None or (needed and not _any_given(needed, keywords)):
            return None
    if _any_given(effect.safe_when, keywords) or (effect.kind == "http" and _harmless_url(texts)):
        return None
    return effect


def may_act(method: str) -> bool:
    """Whether any effect goes by this last part of a name: no other call need be looked up."""
    return method in _last_names()


def guard_of(
    qualified: str | None,
    method: str,
    keywords: Mapping[str, bool],
    texts: Mapping[int | str, str] = NO_TEXTS,
) -> Guard | None:
    """What a call guards against, None when it guards nothing. Arguments as for ``effect_of``.

    A lock guards only where it is held around the effect; a "once" only where its result is tested. Both are for the
    caller to see.
    """
    name = canonical(qualified) if qualified else None
    if name in guard_table.PROCESS_LOCAL:
        return None
    if method in guard_table.SQL_METHODS:
        for pattern, kind, phrase in guard_table.SQL:
            if any(re.search(pattern, text, re.IGNORECASE) for text in texts.values()):
                return Guard(kind, phrase)
    for kind, phrase, needed, names in guard_table.GUARDS:
        if needed and not _any_given(needed, keywords):
            continue
        if method in names or (name is not None and _matches(name, names)):
            return Guard(kind, phrase)
    return None


def is_read(qualified: str | None, method: str, texts: Mapping[int | str, str] = NO_TEXTS) -> bool:
    """Whether a call over the network only reads, so that repeating it changes nothing."""
    if qualified is None:
        return False
    name = canonical(qualified)
    if name in effect_table.VERBS:
        return _method(texts) in network_table.SAFE_VERBS
    return name in network_table.READS or _matches(name, network_table.READ_GLOBS)


def _sql(method: str, texts: Mapping[int | str, str]) -> Effect | None:
    """``execute("INSERT ...")`` on any receiver."""
    if method not in guard_table.SQL_METHODS:
        return None
    for text in texts.values():
        if _INSERT.match(text) and not _HARMLESS_INSERT.search(text):
            return Effect("insert", "inserts rows")
        if _INCREMENT.match(text):
            return Effect("increment", "increments a column")
    return None


_INSERT = re.compile(r"\s*insert\s+into\b", re.IGNORECASE)
_HARMLESS_INSERT = re.compile(r"\bon\s+(conflict|duplicate)\b|\bnot\s+exists\b", re.IGNORECASE)
_INCREMENT = re.compile(
    r"\s*update\b.*\bset\b.*?\b(\w+)\s*=\s*(?:\w+\.)?\1\s*[+-]\s*[\d%:?$@]", re.IGNORECASE | re.DOTALL
)


def _verb(name: str | None, keywords: Mapping[str, bool], texts: Mapping[int | str, str]) -> Effect | None:
    """``requests.request("POST", ...)`` and its like."""
    if name not in effect_table.VERBS:
        return None
    verb = _method(texts)
    if verb not in network_table.UNSAFE_VERBS:
        return None
    return Effect("http", f"sends an HTTP {verb}", effect_table.IDEMPOTENCY_HEADERS)


def _method(texts: Mapping[int | str, str]) -> str:
    return (texts.get("method") or texts.get(0) or "").upper()


def _append(name: str | None, method: str, texts: Mapping[int | str, str]) -> Effect | None:
    """``open(path, "a")`` and ``path.open("a")``."""
    position = {"open": 1, "io.open": 1, "codecs.open": 1, "pathlib.Path.open": 0}.get(name or "")
    if position is None and method == "open" and name is None:
        position = 0
    if position is None:
        return None
    mode = texts.get("mode") or texts.get(position) or ""
    return Effect("append", "appends to a file") if re.fullmatch(r"[abt+]*a[abt+]*", mode) else None


def _harmless_url(texts: Mapping[int | str, str]) -> bool:
    """Whether the URL of a POST is one that logs in or searches."""
    urls = [text for text in texts.values() if "/" in text]
    return any(re.search(network_table.HARMLESS_URL, url, re.IGNORECASE) for url in urls)


def _any_given(names: Iterable[str], keywords: Mapping[str, bool]) -> bool:
    given = {keyword.lower() for keyword, value in keywords.items() if value}
    return any(name.lower() in given for name in names)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(name == pattern or ("*" in pattern and fnmatchcase(name, pattern)) for pattern in patterns)


@lru_cache(maxsize=4096)
def _named(name: str | None) -> tuple[Effect, tuple[str, ...]] | None:
    """The row of a canonical name, with the keywords it needs."""
    if name is None:
        return None
    exact, globs = _index()
    if name in exact:
        return exact[name]
    return next((found for pattern, found in globs.get(name.rpartition(".")[2], ()) if _glob(name, pattern)), None)


def _glob(name: str, pattern: str) -> bool:
    """A glob that begins with ``*.objects`` asks for a class before it: ``Order.objects.create``."""
    if not fnmatchcase(name, pattern):
        return False
    manager = next((word for word in (".objects.", "._default_manager.") if word in pattern), None)
    return manager is None or name.partition(manager)[0].rpartition(".")[2][:1].isupper()


_Found = tuple[Effect, tuple[str, ...]]


@lru_cache(maxsize=1)
def _index() -> tuple[dict[str, _Found], dict[str, list[tuple[str, _Found]]]]:
    """Rows by exact name, and globs by their last part; made at the first question, not at import."""
    exact: dict[str, _Found] = {}
    globs: dict[str, list[tuple[str, _Found]]] = {}
    for kind, phrase, safe, needed, names in effect_table.ROWS:
        found = (Effect(kind, phrase, safe), needed)
        for name in names:
            if "*" in name:
                globs.setdefault(name.rpartition(".")[2], []).append((name, found))
            else:
                exact[name] = found
    return exact, globs


@lru_cache(maxsize=1)
def _last_names() -> frozenset[str]:
    exact, globs = _index()
    dotted = (*exact, *effect_table.VERBS, *ALIASES)
    names = {name.rpartition(".")[2] for name in dotted} | globs.keys() | _unmistakable().keys()
    return frozenset(names | guard_table.SQL_METHODS | {"open"})


@lru_cache(maxsize=1)
def _unmistakable() -> dict[str, Effect]:
    return {
        method: Effect(kind, phrase, safe, certain=False)
        for kind, phrase, safe, methods in effect_table.UNMISTAKABLE
        for method in methods
    }
