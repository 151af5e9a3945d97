"""Every order of ``knowledge.precedence`` holds in the installed Celery."""

from __future__ import annotations

from itertools import combinations
from typing import Any
from unittest import mock

import celery
import pytest
from celery import Celery
from celery.exceptions import MaxRetriesExceededError, Retry
from celery_layers import NAME, Boom, body, enforced_limit, make, make_class, outcome, publish, received, retried

from celerylint.knowledge.precedence import (
    CLASS_AUTORETRY,
    NAME_ONLY_LOSES,
    ORDERS,
    PRECEDENCE,
    RETRY_CALL,
    SETTING_LAYERS,
    order_of,
)
from celerylint.knowledge.setting_names import old_names_work
from celerylint.versions import allows

SINCE_5_7 = allows(">=5.7", celery.__version__)
LAYERS = {option: found.layers for option in PRECEDENCE if (found := order_of(option, celery.__version__))}
if SINCE_5_7:
    LAYERS |= {
        option: found.layers
        for option in ("acks_on_failure", "acks_on_timeout", "retry_on_worker_lost")
        if (found := order_of(option, celery.__version__))
    }
LIMITS = ("time_limit", "soft_time_limit")
PUBLISHED = ("serializer", "priority", "queue", "routing_key", "exchange", "delivery_mode", "compression", "expires")
AUTORETRY = tuple(option for option, layers in LAYERS.items() if layers[0] == "decorator")
ATTRIBUTES_ONLY = tuple(
    option for option in LAYERS if option not in {*LIMITS, *PUBLISHED, *AUTORETRY, *RETRY_CALL, "ignore_result"}
)
VALUES: dict[str, Any] = {
    "rate_limit": ("10/m", "20/m"), "serializer": ("json", "pickle"), "queue": ("win", "lose"),
    "routing_key": ("win", "lose"), "exchange": ("win", "lose"), "compression": ("gzip", "bzip2"),
    "autoretry_for": ((Boom,), (KeyError,)), "dont_autoretry_for": ((Boom,), (KeyError,)),
    "retry_kwargs": ({"countdown": 11}, {"countdown": 22}), "retry_jitter": (False, True),
}  # fmt: skip
COMPANIONS: dict[str, dict[str, Any]] = {"routing_key": {"exchange": "x"}, "exchange": {"routing_key": "k"}}
FIXED: dict[str, dict[str, Any]] = {
    "autoretry_for": {},
    "dont_autoretry_for": {"autoretry_for": (Boom,)},
    "retry_kwargs": {"autoretry_for": (Boom,)},
    "retry_backoff": {"autoretry_for": (Boom,), "retry_jitter": False},
    "retry_backoff_max": {"autoretry_for": (Boom,), "retry_jitter": False, "retry_backoff": 1000},
    "retry_jitter": {"autoretry_for": (Boom,), "retry_backoff": 64},
}


def values(option: str) -> tuple[Any, Any]:
    """Two values that can be told apart."""
    return VALUES.get(option, (11, 22))


def pairs(options: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """(option, stronger layer, weaker layer) for all layers that can be set."""
    return [
        (option, *pair)
        for option in options
        for pair in combinations([layer for layer in LAYERS[option] if layer != "default"], 2)
    ]


def autoretry_effect(task: Any) -> Any:
    """What shows the value of an autoretry option: the delay, or whether there is a retry at all."""
    with mock.patch("random.randrange", return_value=22):
        raised = outcome(task)
    return raised.when if isinstance(raised, Retry) else type(raised)


def test_every_option_is_proven() -> None:
    proven = {*LIMITS, *PUBLISHED, *AUTORETRY, *ATTRIBUTES_ONLY, *RETRY_CALL, "ignore_result"}
    assert proven == set(LAYERS)
    assert set(AUTORETRY) == set(FIXED)


@pytest.mark.parametrize(("option", "strong", "weak"), pairs(LIMITS))
def test_limits(option: str, strong: str, weak: str) -> None:
    given = {strong: 11, weak: 22}
    task = make(option, given)
    call, command = ({option: given[layer]} if layer in given else {} for layer in ("call", "command"))
    assert enforced_limit(task, option, call, command) == 11


@pytest.mark.parametrize(("option", "strong", "weak"), pairs(ATTRIBUTES_ONLY))
def test_attributes(option: str, strong: str, weak: str) -> None:
    win, lose = values(option)
    assert getattr(make(option, {strong: win, weak: lose}), option) == win


@pytest.mark.parametrize(("option", "strong", "weak"), pairs(PUBLISHED))
def test_published_options(option: str, strong: str, weak: str) -> None:
    win, lose = values(option)
    given = {strong: win, weak: lose}
    call = {option: given["call"]} if "call" in given else {}
    _, sent = publish(make(option, given), **call, **COMPANIONS.get(option, {}))
    key = {"queue": "routing_key", "expires": "expiration"}.get(option, option)
    assert sent[key] == win


@pytest.mark.parametrize(("option", "strong", "weak"), pairs(("ignore_result",)))
def test_ignore_result(option: str, strong: str, weak: str) -> None:
    given = {strong: 11, weak: 22}
    request, _ = received(make(option, given), **({option: given["call"]} if "call" in given else {}))
    assert request.ignore_result == 11


@pytest.mark.parametrize(("strong", "weak"), [pair[1:] for pair in pairs(("max_retries",))])
def test_max_retries(strong: str, weak: str) -> None:
    given = {strong: 11, weak: 22}
    task = make("max_retries", given)
    call = {"max_retries": given["call"]} if "call" in given else {}
    assert isinstance(retried(task, 10, **call), Retry)
    assert isinstance(retried(task, 11, **call), MaxRetriesExceededError)


@pytest.mark.parametrize(("strong", "weak"), [pair[1:] for pair in pairs(("default_retry_delay",))])
def test_default_retry_delay(strong: str, weak: str) -> None:
    given = {strong: 11, weak: 22}
    call = {"countdown": given["call"]} if "call" in given else {}
    raised = retried(make("default_retry_delay", given), **call)
    assert isinstance(raised, Retry)
    assert raised.when == 11


@pytest.mark.parametrize(("option", "strong", "weak"), pairs(AUTORETRY))
def test_autoretry_options(option: str, strong: str, weak: str) -> None:
    win, lose = values(option)
    expected = autoretry_effect(make(option, {"decorator": win}, **FIXED[option]))
    assert autoretry_effect(make(option, {"decorator": lose}, **FIXED[option])) != expected
    assert autoretry_effect(make(option, {strong: win, weak: lose}, **FIXED[option])) == expected


@pytest.mark.parametrize("option", AUTORETRY)
def test_annotations_come_too_late_for_autoretry_of_class_tasks(option: str) -> None:
    assert "annotations" not in CLASS_AUTORETRY
    win, lose = values(option)
    expected = autoretry_effect(make_class(option, {"base": win}, **FIXED[option]))
    assert autoretry_effect(make_class(option, {"base": win, "annotations": lose}, **FIXED[option])) == expected
    assert autoretry_effect(make_class(option, {"decorator": win, "base": lose}, **FIXED[option])) == expected


@pytest.mark.parametrize("option", ["acks_late", "time_limit", "queue"])
def test_annotations_reach_other_attributes_of_class_tasks(option: str) -> None:
    assert getattr(make_class(option, {"base": 22, "annotations": 11}), option) == 11


@pytest.mark.parametrize("option", ["acks_late", "rate_limit", "ignore_result", "serializer", "priority"])
def test_none_on_the_decorator_hides_the_base(option: str) -> None:
    assert getattr(make(option, {"decorator": None, "base": 22, "setting": 11}), option) == 11


@pytest.mark.parametrize("option", ["acks_late", "rate_limit", "ignore_result"])
def test_none_in_annotations_leaves_the_setting(option: str) -> None:
    assert getattr(make(option, {"annotations": None, "base": 22, "setting": 11}), option) == 11


@pytest.mark.parametrize("option", LIMITS)
@pytest.mark.parametrize("nothing", [0, None])
def test_zero_and_none_do_not_lift_a_limit(option: str, nothing: int | None) -> None:
    assert ORDERS[option].falsy_yields
    assert enforced_limit(make(option, {"decorator": 11}), option, {option: nothing}, {}) == 11
    assert enforced_limit(make(option, {"decorator": nothing, "setting": 11}), option, {}, {}) == 11


@pytest.mark.parametrize("option", LIMITS)
def test_zero_on_the_command_line_lifts_the_setting(option: str) -> None:
    limit = enforced_limit(make(option, {"setting": 11}), option, {}, {option: 0})
    assert limit == 11 if SINCE_5_7 else not limit


@pytest.mark.parametrize("option", [option for option in PUBLISHED if ORDERS[option].none_call_hides])
def test_none_in_the_call_hides_the_attributes(option: str) -> None:
    win, _ = values(option)
    _, sent = publish(make(option, {"decorator": win}), **{**COMPANIONS.get(option, {}), option: None})
    key = {"queue": "routing_key", "expires": "expiration"}.get(option, option)
    # json is also what remains when nobody names a serializer
    assert sent.get(key) != win or option == "serializer"


@pytest.mark.parametrize("option", sorted(NAME_ONLY_LOSES - {"immediate", "mandatory"}))
def test_publishing_by_name_ignores_the_task(option: str) -> None:
    lose = {"serializer": "pickle"}.get(option, values(option)[1])
    task = make(option, {"decorator": lose})
    if option == "ignore_result":
        request, _ = received(task, by_name=True)
        seen = request.ignore_result
    else:
        _, sent = publish(task, by_name=True, **COMPANIONS.get(option, {}))
        seen = sent.get({"queue": "routing_key", "expires": "expiration"}.get(option, option))
    assert (seen == lose) is SINCE_5_7


def test_the_star_annotation_wins_over_the_named_one() -> None:
    app = Celery("star", set_as_current=False)
    app.conf.task_annotations = {"*": {"time_limit": 11}, NAME: {"time_limit": 22}}
    task = app.task(name=NAME, shared=False)(body)
    app.finalize()
    assert task.time_limit == 11


def configured(given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """``app.conf.broker_url`` when each layer sets it."""
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    if "environment" in given:
        monkeypatch.setenv("CELERY_BROKER_URL", given["environment"])
    app = Celery("layers", set_as_current=False, **({"broker": given["constructor"]} if "constructor" in given else {}))
    if "conf" in given:
        app.conf.broker_url = given["conf"]
    if "config object" in given:
        app.config_from_object({"broker_url": given["config object"]})
    if "add_defaults" in given:
        app.add_defaults({"broker_url": given["add_defaults"]})
    return str(app.conf.broker_url)


@pytest.mark.parametrize(("strong", "weak"), list(combinations(SETTING_LAYERS[:-1], 2)))
def test_setting_layers(strong: str, weak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured({strong: "memory://win", weak: "memory://lose"}, monkeypatch) == "memory://win"


@pytest.mark.parametrize("layer", ["conf", "constructor", "add_defaults"])
def test_prefixed_and_plain_spelling_in_different_layers(layer: str) -> None:
    app = Celery("prefix", set_as_current=False, **({"task_default_queue": "plain"} if layer == "constructor" else {}))
    app.config_from_object({"CELERY_TASK_DEFAULT_QUEUE": "prefixed"}, namespace="CELERY")
    if layer == "conf":
        app.conf.task_default_queue = "plain"
    if layer == "add_defaults":
        app.add_defaults({"task_default_queue": "plain"})
    # app.conf and the constructor are nearer than the config object, which 5.7 asks layer by layer
    assert app.conf.task_default_queue == ("plain" if SINCE_5_7 else "prefixed")


@pytest.mark.parametrize("namespace", ["", "CELERY", "SHOP"])
def test_old_names_and_namespaces(namespace: str) -> None:
    app = Celery("old", set_as_current=False)
    app.config_from_object({"CELERY_DEFAULT_QUEUE": "old"}, namespace=namespace)
    assert (app.conf.task_default_queue == "old") is old_names_work(namespace, celery.__version__)
