"""``pytest --celerylint-rules acme_rules``: every example of a plug-in's rules as a test, without a line of code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from celerylint.rule import Rule
    from celerylint.testing import Case


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("celerylint").addoption(
        "--celerylint-rules",
        action="append",
        default=[],
        metavar="MODULE|PATH",
        help="run the examples of these rules (a module or package, by name or path), and their fixtures/rules",
    )


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add an item for each example and each folder of ``fixtures/rules`` that belongs to one of the rules."""
    for name in config.getoption("--celerylint-rules"):
        from celerylint.plugins import rules_of_module_name, rules_of_plugin
        from celerylint.registry import RuleProblem, builtin
        from celerylint.testing import example_cases, fixture_cases

        try:
            is_path = "/" in name or name.endswith(".py")
            rules = rules_of_plugin(name, Path.cwd()) if is_path else rules_of_module_name(name)
        except RuleProblem as problem:
            raise pytest.UsageError(f"--celerylint-rules {name}: {problem}") from problem
        others = (*builtin(), *rules)
        for case in [*example_cases(rules), *fixture_cases(config.rootpath / "fixtures" / "rules", rules)]:
            items.append(ExampleItem.from_parent(session, name=case.id, case=case, others=others))


class ExampleItem(pytest.Item):
    """One example of one rule."""

    def __init__(self, *, case: Case, others: Sequence[type[Rule]], **rest: Any) -> None:
        super().__init__(**rest)
        self.case, self.others = case, others

    def runtest(self) -> None:
        from celerylint.testing import check_case

        check_case(self.case, self.others)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is wrong with the example; a traceback only for other errors."""
        return str(excinfo.value) if isinstance(excinfo.value, AssertionError) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        path, _, line = self.case.place.rpartition(":")
        return (Path(path), int(line) - 1, self.name) if line.isdigit() else (Path(self.case.place), None, self.name)
