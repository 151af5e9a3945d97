from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from celerylint.config import Config, ConfigError, find_root, load
from celerylint.rule import Rule


def write(root: Path, text: str, name: str = "celerylint.toml") -> Path:
    (root / name).write_text(dedent(text), encoding="utf-8")
    return root


def complaints(root: Path, **how: Any) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(root, **how)
    return tuple(line.partition(f"{root.name}/")[2] or line for line in caught.value.lines)


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert (config.profile, config.fail_on, config.min_confidence, config.tests) == ("default", "warning", None, False)
    assert (config.exclude, config.plugins, config.file, config.warnings) == ((), (), None, ())


def test_every_key(tmp_path: Path) -> None:
    write(
        tmp_path,
        """
        profile = "pedantic"
        fail-on = "error"
        min-confidence = "high"
        exclude = ["**/migrations/**"]
        plugins = ["acme-celerylint", "./lint/celery_rules.py"]
        tests = true

        [project]
        apps = ["proj.celery:app"]
        settings = ["config/settings/production.py"]
        deploy = ["deploy/**/*.yaml"]
        broker = "redis"
        celery = "5.5"
        external-tasks = ["billing.*"]
        external-queues = ["emails"]

        [effects]
        effects = ["shop.pay.*"]
        guards = ["shop.once"]

        [rules]
        limit-missing = "info"
        "beat-*" = "error"
        call-large-argument = { level = "warning", max-bytes = 65536 }
        call-small-argument = { max-bytes = 1 }

        [[overrides]]
        paths = ["tests/**"]
        rules = { "call-*" = "off" }
        """,
    )
    config = load(tmp_path)
    assert (config.profile, config.fail_on, config.min_confidence, config.tests) == ("pedantic", "error", "high", True)
    assert config.exclude == ("**/migrations/**",)
    assert config.plugins == ("acme-celerylint", "./lint/celery_rules.py")
    given = config.given
    assert (given.apps, given.settings) == (("proj.celery:app",), ("config/settings/production.py",))
    assert (given.deploy, given.broker, given.celery) == (("deploy/**/*.yaml",), "redis", "5.5")
    assert (given.external_tasks, given.external_queues) == (("billing.*",), ("emails",))
    assert (given.effects, given.guards) == (("shop.pay.*",), ("shop.once",))
    assert config.levels.profile == "pedantic"
    assert config.levels.levels == {"limit-missing": "info", "beat-*": "error", "call-large-argument": "warning"}
    assert config.options == {"call-large-argument": {"max-bytes": 65536}, "call-small-argument": {"max-bytes": 1}}
    assert [(one.paths, one.levels) for one in config.levels.overrides] == [(("tests/**",), {"call-*": "off"})]
    assert config.file == tmp_path / "celerylint.toml"


def test_pyproject_holds_it_in_a_table(tmp_path: Path) -> None:
    write(tmp_path, '[project]\nname = "shop"\n[tool.celerylint]\nprofile = "audit"\n', "pyproject.toml")
    assert load(tmp_path).profile == "audit"


def test_a_pyproject_without_the_table_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, "[tool.ruff]\nline-length = 100\n", "pyproject.toml")
    assert load(tmp_path).profile == "default"
    assert load(tmp_path).file is None


def test_celerylint_toml_wins_and_says_so(tmp_path: Path) -> None:
    write(tmp_path, 'profile = "audit"\n')
    write(tmp_path, '[tool.celerylint]\nprofile = "pedantic"\n', "pyproject.toml")
    config = load(tmp_path)
    assert config.profile == "audit"
    assert config.warnings == ("celerylint.toml is used; [tool.celerylint] in pyproject.toml is not",)
    write(tmp_path, "[tool.ruff]\n", "pyproject.toml")
    assert load(tmp_path).warnings == ()


def test_command_line_over_environment_over_file(tmp_path: Path) -> None:
    write(tmp_path, 'profile = "pedantic"\nfail-on = "info"\n')
    environ = {"CELERYLINT_PROFILE": "audit", "CELERYLINT_FAIL_ON": "error", "CELERYLINT_MIN_CONFIDENCE": ""}
    config = load(tmp_path, environ=environ, command_line={"fail_on": "warning", "profile": None, "select": ("a-b",)})
    assert (config.profile, config.fail_on, config.min_confidence) == ("audit", "warning", None)
    assert (config.levels.profile, config.levels.select, config.levels.ignore) == ("audit", ("a-b",), ())


def test_a_wrong_value_in_the_environment(tmp_path: Path) -> None:
    assert complaints(tmp_path, environ={"CELERYLINT_PROFILE": "strict"}) == (
        'environment variable CELERYLINT_PROFILE: must be one of default, pedantic, audit, not "strict"',
    )


def test_isolated_reads_no_file(tmp_path: Path) -> None:
    write(tmp_path, "profile = [broken\n")
    assert load(tmp_path, isolated=True).profile == "default"


def test_another_file(tmp_path: Path) -> None:
    write(tmp_path, 'profile = "audit"\n')
    write(tmp_path, 'profile = "pedantic"\n', "other.toml")
    assert load(tmp_path, file=tmp_path / "other.toml").profile == "pedantic"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('profil = "audit"\n', 'celerylint.toml:1: unknown key "profil"; did you mean "profile"?'),
        ('\nfail_on = "error"\n', 'celerylint.toml:2: unknown key "fail_on"; did you mean "fail-on"?'),
        ("colour = 1\n", 'celerylint.toml:1: unknown key "colour"'),
        ('profile = "strict"\n', 'celerylint.toml:1: "profile" must be one of default, pedantic, audit, not "strict"'),
        ("profile = 3\n", 'celerylint.toml:1: "profile" must be a string, not a number'),
        ('exclude = "a"\n', 'celerylint.toml:1: "exclude" must be a list of strings, not a string'),
        ("exclude = [1]\n", 'celerylint.toml:1: "exclude" must be a list of strings'),
        ("tests = 1\n", 'celerylint.toml:1: "tests" must be true or false, not a number'),
        ("rules = []\n", 'celerylint.toml:1: "rules" must be a table, not a list'),
        ("[project]\n\nbrokr = 'redis'\n",
         'celerylint.toml:3: unknown key "brokr" in [project]; did you mean "broker"?'),
        ('[project]\ncelery = ">=5"\n', 'celerylint.toml:2: "celery" must be a version such as "5.5", not ">=5"'),
        ('[rules]\n"a-b" = "high"\n', 'celerylint.toml:2: "a-b" must be one of off, info, warning, error, not "high"'),
        ("[rules]\n# why\na-b = 1\n", 'celerylint.toml:3: "a-b" must be a string, not a number'),
        ("[rules]\na-b = { level = 'loud' }\n",
         'celerylint.toml:2: "level" must be one of off, info, warning, error, not "loud"'),
        ("[rules.a-b]\nlevel = 'loud'\n",
         'celerylint.toml:2: "level" must be one of off, info, warning, error, not "loud"'),
        ('[rules]\n"a-*" = { level = "off", size = 1 }\n',
         'celerylint.toml:2: "a-*" means several rules, so it takes a level but no options'),
        ("[[overrides]]\nrules = {}\n", 'celerylint.toml:1: an override needs "paths"'),
        ("[[overrides]]\npaths = ['a']\n\n[[overrides]]\npaths = ['b']\nrule = {}\n",
         'celerylint.toml:6: unknown key "rule" in [overrides]; did you mean "rules"?'),
        ("[[overrides]]\npaths = ['a']\n[overrides.rules]\na-b = 'no'\n",
         'celerylint.toml:4: "a-b" must be one of off, info, warning, error, not "no"'),
        ("[overrides]\npaths = ['a']\n", 'celerylint.toml:1: "overrides" must be a list of tables, not a table'),
        ("overrides = [1]\n", 'celerylint.toml:1: "overrides" must be a list of tables'),
        ("[policy]\n", 'celerylint.toml:1: unknown key "policy"'),
        ("[tool.celerylint]\nprofile = 'audit'\n",
         "celerylint.toml:1: in this file the keys stand at the top level, without [tool.celerylint]"),
        ("profile = audit\n", "celerylint.toml:1: not TOML: invalid value"),
        ("\n[rules\n", "celerylint.toml:2: not TOML: expected ']' at the end of a table declaration"),
        ("profile = 'audit", "celerylint.toml: not TOML: expected \"'\" (at its end)"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "celerylint.toml").write_text(text, encoding="utf-8")
    assert complaints(tmp_path) == (complaint,)


def test_the_same_in_pyproject(tmp_path: Path) -> None:
    write(
        tmp_path,
        """\
        [project]
        profil = "not ours"

        [tool.celerylint]
        profil = "audit"

        [tool.celerylint.rules]
        limit-missing = "loud"
        """,
        "pyproject.toml",
    )
    assert complaints(tmp_path) == (
        'pyproject.toml:5: unknown key "profil" in [tool.celerylint]; did you mean "profile"?',
        'pyproject.toml:8: "limit-missing" must be one of off, info, warning, error, not "loud"',
    )


def test_tool_celerylint_that_is_no_table(tmp_path: Path) -> None:
    write(tmp_path, "[tool]\ncelerylint = 1\n", "pyproject.toml")
    assert complaints(tmp_path) == ("pyproject.toml:2: [tool.celerylint] must be a table",)


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "celerylint.toml").write_bytes(b'profile = "\xff"\n')
    assert complaints(tmp_path) == ("celerylint.toml: not TOML: the file is not UTF-8",)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    gone = tmp_path / "gone.toml"
    assert complaints(tmp_path, file=gone) == ("gone.toml: cannot be read: no such file or directory",)


def test_selectors_that_mean_nothing(tmp_path: Path) -> None:
    write(
        tmp_path,
        """\
        [rules]
        limit-missing = "off"
        limit-mising = "off"
        "queue-*" = "off"
        reliability = "info"

        [[overrides]]
        paths = ["a"]
        rules = { reliabilty = "off" }
        """,
    )
    rule = type("LimitMissing", (Rule,), {"slug": "limit-missing"})
    with pytest.raises(ConfigError) as caught:
        load(tmp_path).check_selectors([rule])
    assert [line.rpartition("celerylint.toml")[2] for line in caught.value.lines] == [
        ':3: "limit-mising" is neither a rule nor a category; did you mean "limit-missing"?',
        ':4: "queue-*" matches no rule',
        ':9: "reliabilty" is neither a rule nor a category; did you mean "reliability"?',
    ]


def test_the_root_is_the_nearest_folder_with_a_marker(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    inner = tmp_path / "services" / "api"
    (inner / "shop").mkdir(parents=True)
    (inner / "shop" / "tasks.py").touch()
    (tmp_path / "services" / "mail").mkdir()
    assert find_root([inner / "shop" / "tasks.py"]) == tmp_path
    (inner / "pyproject.toml").touch()
    assert find_root([inner / "shop" / "tasks.py"]) == inner
    assert find_root([inner]) == inner
    assert find_root([inner / "shop", tmp_path / "services" / "mail"]) == tmp_path, "the parent of both"


def test_every_field_says_what_it_means() -> None:
    text = Path(load.__code__.co_filename).read_text(encoding="utf-8")
    for name in Config.__dataclass_fields__:
        if not name.startswith("_"):
            declared = text.split(f"\n    {name}: ", 1)[1].split("\n")
            assert declared[1].strip().startswith('"""'), name
