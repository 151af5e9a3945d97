"""Spellings, history and hints of settings, compared with the installed Celery."""

from __future__ import annotations

from typing import Any

import celery
import pytest
from celery import Celery
from celery.app import defaults

from celerylint.knowledge import setting_hints, setting_history, setting_names, setting_values
from celerylint.knowledge.settings import SETTINGS
from celerylint.versions import allows

VERSION = celery.__version__
INSTALLED = dict(defaults.flatten(defaults.NAMESPACES))
SENTINEL = object()


def read(source: dict[str, Any], namespace: str, setting: str) -> Any:
    """What Celery makes of a configuration; ``source`` is given as a config object."""
    app = Celery("names", set_as_current=False)
    app.config_from_object(source, namespace=namespace)
    return app.conf.get(setting)


def spelled(setting: str) -> set[str]:
    """Spellings of one setting, right and wrong."""
    old = setting_names.NEW_TO_OLD[setting]
    upper = setting.upper()
    return {setting, old, upper, f"CELERY_{upper}", f"celery_{setting}", f"SHOP_{upper}", f"CELERY_CELERY_{upper}"}


@pytest.mark.parametrize("namespace", ["", "CELERY", "CELERY_", "celery", "SHOP", "task", "Mixed"])
def test_resolve_is_what_celery_reads(namespace: str) -> None:
    wrong = []
    for setting in INSTALLED:
        for name in spelled(setting):
            resolved = setting_names.resolve(name, namespace, VERSION) == setting
            if name != "CELERY_RESULT_BACKEND" and (read({name: SENTINEL}, namespace, setting) is SENTINEL) != resolved:
                wrong.append((setting, name, resolved))
    assert wrong == []


def test_the_stand_ins_are_read_under_every_namespace() -> None:
    for namespace in ("", "CELERY", "SHOP"):
        app = Celery("names", set_as_current=False)
        source = {"CELERY_RESULT_BACKEND": "cache+memory://", "TIME_ZONE": "Asia/Tokyo"}
        app.config_from_object(source, namespace=namespace)
        assert (app.conf.result_backend, app.conf.timezone) == ("cache+memory://", "Asia/Tokyo")
        assert setting_names.resolve("CELERY_RESULT_BACKEND", namespace) == "result_backend"
        assert setting_names.resolve("TIME_ZONE", namespace) == "timezone"


@pytest.mark.parametrize("setting", ["task_acks_late", "broker_url", "beat_schedule"])
@pytest.mark.parametrize("namespace", ["", "CELERY"])
def test_the_first_spelling_wins(setting: str, namespace: str) -> None:
    names = setting_names.spellings(setting, namespace, VERSION)
    source = {name: f"memory://{number}" for number, name in enumerate(names)}
    assert read(source, namespace, setting) == "memory://0"


def test_spelled_names_resolve() -> None:
    for namespace in ("", "CELERY"):
        assert {setting_names.resolve(name, namespace) for name in setting_names.spelled_names(namespace)} == set(
            setting_names.NEW_TO_OLD
        )


def test_old_names_die_under_a_namespace_before_5_7() -> None:
    assert setting_names.ignored_under_namespace("CELERY_ALWAYS_EAGER") == "task_always_eager"
    assert setting_names.ignored_under_namespace("CELERY_ALWAYS_EAGER", version="5.6.3") == "task_always_eager"
    assert setting_names.ignored_under_namespace("CELERY_ALWAYS_EAGER", version="5.7.0") is None
    assert setting_names.ignored_under_namespace("CELERY_ACCEPT_CONTENT") is None
    assert setting_names.ignored_under_namespace("CELERY_NO_SUCH_THING") is None
    dead = [old for old in setting_names.OLD_TO_NEW if setting_names.ignored_under_namespace(old)]
    dead_in_5_6 = [old for old in dead if setting_history.exists_in(setting_names.OLD_TO_NEW[old], "5.6.3")]
    assert len(dead_in_5_6) == 139


def test_names_that_only_a_namespace_gives_a_meaning() -> None:
    assert setting_names.needs_namespace("CELERY_BROKER_URL") == "broker_url"
    assert setting_names.needs_namespace("CELERY_ENABLE_UTC") == "enable_utc"
    assert setting_names.needs_namespace("CELERY_RESULT_BACKEND") is None
    assert setting_names.needs_namespace("CELERY_QUEUES") is None
    assert setting_names.needs_namespace("DEBUG") is None


@pytest.mark.parametrize(("variable", "setting"), sorted(setting_names.ENVIRONMENT.items()))
def test_environment_wins(variable: str, setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "memory://environment")
    app = Celery("environment", set_as_current=False, broker="memory://constructor", backend="memory://constructor")
    app.conf.update({"broker_read_url": "memory://conf", "broker_write_url": "memory://conf"})
    assert getattr(app.conf, setting) == "memory://environment"


def test_history_agrees_with_the_installed_celery() -> None:
    known = {**SETTINGS, **setting_history.ADDED_LATER}
    assert {name for name in known if setting_history.exists_in(name, VERSION)} == set(INSTALLED)
    for name, option in INSTALLED.items():
        expected = setting_values.default_in(name, VERSION)
        assert expected == (option.default if not isinstance(option.default, list) else tuple(option.default)), name
    assert {n: setting_names.NEW_TO_OLD[n] for n in INSTALLED} == defaults._TO_OLD_KEY


def test_history_by_version() -> None:
    assert setting_values.default_in("accept_content", "4.0.2") == ("json", "pickle", "msgpack", "yaml")
    assert setting_values.default_in("accept_content", "4.1") == ("json",)
    assert setting_values.default_in("worker_concurrency", "5.1.2") == 0
    assert not setting_history.exists_in("worker_disable_prefetch", "5.5.3")
    assert setting_history.exists_in("worker_disable_prefetch", "5.6.0")
    assert setting_history.exists_in("task_queue_ha_policy", "5.0.5")
    assert not setting_history.exists_in("task_queue_ha_policy", "5.1")
    with pytest.raises(KeyError):
        setting_values.default_in("no_such_setting")


def test_history_names_only_settings() -> None:
    names = {*setting_history.DEFAULT_CHANGES, *setting_history.DEPRECATED, *setting_history.ADDED_IN}
    names |= {*setting_values.CHOICES, *setting_values.ALSO_ACCEPTS, *setting_values.OPEN_CHOICES}
    names |= {use for _, uses in setting_history.DEPRECATED.values() for use in uses}
    assert names <= set(setting_names.NEW_TO_OLD)
    for name, values in setting_values.CHOICES.items():
        default = setting_values.default_in(name)
        assert default is None or default in values, name


def test_hints_are_about_names_that_do_not_exist() -> None:
    for name, meant in setting_hints.MEANT.items():
        assert setting_names.resolve(name) is None, name
        assert setting_names.resolve(meant) == meant, meant
        assert name not in INSTALLED
    for name in setting_hints.INSTEAD:
        assert setting_names.resolve(name) is None, name
    assert not set(setting_hints.MEANT) & set(setting_hints.INSTEAD)


def test_hints_speak_the_namespace() -> None:
    assert setting_hints.meant("CELERY_ALWAYS_EAGER", "CELERY") == "CELERY_TASK_ALWAYS_EAGER"
    assert setting_hints.meant("CELERY_ALWAYS_EAGER", "CELERY", "5.7.0") is None
    assert setting_hints.meant("CELERY_WORKER_TIME_LIMIT", "CELERY") == "CELERY_TASK_TIME_LIMIT"
    assert setting_hints.meant("worker_time_limit") == "task_time_limit"
    assert setting_hints.meant("task_time_limit") is None
    assert setting_hints.meant("CELERY_SHOE_SIZE", "CELERY") is None
    assert "max_retries" in (setting_hints.instead("CELERY_TASK_MAX_RETRIES", "CELERY") or "")
    assert setting_hints.instead("CELERY_TASK_ACKS_LATE", "CELERY") is None


def test_settings_of_other_packages_are_not_typos() -> None:
    assert setting_names.is_third_party("CELERY_REDBEAT_REDIS_URL", "CELERY")
    assert setting_names.is_third_party("redbeat_redis_url")
    assert setting_names.is_third_party("ONCE")
    assert not setting_names.is_third_party("CELERY_TASK_ACKS_LAT", "CELERY")


def test_a_string_stays_a_string() -> None:
    """The reason why ``ALSO_ACCEPTS`` is about kinds: nothing converts what a config module holds."""
    assert read({"worker_concurrency": "4", "task_acks_late": "False"}, "", "worker_concurrency") == "4"
    assert bool(read({"task_acks_late": "False"}, "", "task_acks_late")) is True


def test_settings_read_though_undeclared() -> None:
    assert not set(setting_names.READ_BUT_UNDECLARED) & set(INSTALLED)
    assert setting_names.resolve("CELERY_OVERRIDE_BACKENDS", "CELERY") == "override_backends"
    assert allows(">=4.0", VERSION)
