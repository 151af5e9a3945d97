"""Rules tested by their own documentation, for celerylint itself and for those who write plug-ins.

    from celerylint.testing import check_examples

    def test_acme_task_untyped():
        check_examples(AcmeTaskUntyped)

or, without a line of code, ``pytest --celerylint-rules acme_rules``. What an example promises stands in
`celerylint.explain`. The files of an example are laid out in a temporary folder and linted with every rule there is.
"""

from __future__ import annotations

import difflib
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from celerylint.examples import Example, examples_of
from celerylint.explain import DocProblem, Mark, docstring_line, page_of, strip_marks
from celerylint.registry import adopt, builtin, slug_of_class
from celerylint.rule import Rule

if TYPE_CHECKING:
    from celerylint.report import Report
    from celerylint.rule import Finding, Fix

__all__ = ["Case", "check_case", "check_examples", "example_cases", "fixture_cases"]

Place: TypeAlias = tuple[str, int, str]
"""Path, line, slug of a finding."""


@dataclass(frozen=True, slots=True)
class Case:
    """One small project and what is to be found in it. ``broken`` says why a docstring cannot be read, else it is "".

    ``fixed`` are the files that the rule's fix changes, with their text afterwards; None when nothing is promised.
    """

    id: str
    rule: type[Rule]
    kind: Literal["bad", "good", "fixture"]
    place: str
    files: Mapping[str, bytes]
    expected: tuple[tuple[str, Mark], ...] = ()
    fixed: Mapping[str, bytes] | None = None
    unsafe: bool = False
    broken: str = ""

    def __str__(self) -> str:
        return self.id


def example_cases(rules: Iterable[type[Rule]]) -> list[Case]:
    """A case for every example in the docstrings of ``rules``."""
    return [case for rule in rules for case in _cases_of(rule)]


def fixture_cases(folder: Path, rules: Iterable[type[Rule]]) -> list[Case]:
    """A case for every ``<folder>/<slug>/<case>/`` whose slug is one of ``rules``; its marks stand in its files.

    Of such a case only the rule itself and the rules that a mark names are looked at.
    """
    cases = []
    for rule in rules:
        for home in sorted(path for path in (folder / rule.slug).glob("*") if path.is_dir()):
            files, expected = dict[str, bytes](), list[tuple[str, Mark]]()
            for path in sorted(path for path in home.rglob("*") if path.is_file()):
                text, marks = strip_marks(path.read_bytes().decode("utf-8", "surrogateescape"))
                name = path.relative_to(home).as_posix()
                files[name] = text.encode("utf-8", "surrogateescape")
                expected += [(name, mark) for mark in marks]
            place = f"{folder.name}/{rule.slug}/{home.name}"
            cases.append(Case(f"{rule.slug}-{home.name}", rule, "fixture", place, files, tuple(expected)))
    return cases


def check_examples(rule: type[Rule]) -> None:
    """Check every example in the docstring of ``rule``. Raises AssertionError, which says what is otherwise."""
    if not rule.slug:
        slug = slug_of_class(rule.__name__)
        adopt(rule, slug, slug.partition("-")[0])
    for case in example_cases([rule]):
        check_case(case)


def check_case(case: Case, others: Sequence[type[Rule]] | None = None) -> None:
    """Lint the project of one case with its rule and ``others`` (the built-in ones), and compare.

    Raises AssertionError when a finding is missing, when there is one that nobody announced, when a rule raises, or
    when the fix does not give what the case shows.
    """
    assert not case.broken, f"{case.place}: {case.broken}"
    rules = {rule.slug: rule for rule in (*(builtin() if others is None else others), case.rule)}
    with tempfile.TemporaryDirectory(prefix="celerylint-") as folder:
        root = Path(folder).resolve()
        _lay_out(root, case.files)
        _compare(case, _lint(root, rules.values()))
        if case.fixed is not None:
            _check_fix(case, root, rules.values())


def _cases_of(rule: type[Rule]) -> list[Case]:
    path, start = docstring_line(rule)
    try:
        examples = examples_of(page_of(rule))
    except DocProblem as problem:
        place = f"{path}:{start + problem.line - 1}"
        return [Case(f"{rule.slug}-docstring", rule, "good", place, {}, broken=problem.message)]
    cases, ids = [], Counter[str]()
    for example in examples:
        words = [rule.slug, example.kind, example.name, _kebab(example.title)]
        name = "-".join(word for word in words if word)
        ids[name] += 1
        number = f"-{ids[name]}" if ids[name] > 1 else ""
        cases.append(_case(f"{name}{number}", rule, example, f"{path}:{start + example.line - 1}"))
    return cases


def _case(name: str, rule: type[Rule], example: Example, place: str) -> Case:
    kind: Literal["bad", "good"] = "bad" if example.kind == "bad" else "good"
    fixed = None if example.fixed is None else _encoded(example.fixed)
    return Case(name, rule, kind, place, _encoded(example.files), example.expected, fixed, example.unsafe)


def _encoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


def _kebab(title: str) -> str:
    return "-".join("".join(sign if sign.isalnum() else " " for sign in title.lower()).split())


def _lay_out(root: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _lint(root: Path, rules: Iterable[type[Rule]], changed: Mapping[str, bytes] | None = None) -> Report:
    """Everything that can be said of the project; whose business a finding is, is decided where it is compared."""
    from celerylint import config, engine

    given = config.load(root, command_line={"profile": "audit", "min_confidence": "low"})
    return engine.run(root, given, rules, overlays=changed)


def _compare(case: Case, report: Report) -> None:
    _refuse_errors(case, report)
    said: dict[Place, str] = {}
    found: Counter[Place] = Counter()
    announced = {case.rule.slug, *(mark.slug for _, mark in case.expected)}
    for entry in report.new:
        finding = entry.finding
        heard = entry.rule.profile == "default" and finding.confidence != "low"
        if finding.rule in announced or case.kind == "good" or (case.kind == "bad" and heard):
            place = (finding.span.path, finding.span.line, finding.rule)
            found[place] += 1
            said[place] = finding.message
    wanted = Counter((path, mark.line, mark.slug) for path, mark in case.expected)
    if found != wanted:
        lines = [f"{case.place}: what is found in this {case.kind} project is not what it announces"]
        lines += [f"  missing:    {path}:{line} {slug}" for path, line, slug in sorted((wanted - found).elements())]
        lines += [
            f"  unexpected: {path}:{line} {slug}: {said[path, line, slug]}"
            for path, line, slug in sorted((found - wanted).elements())
        ]
        raise AssertionError("\n".join(lines))


def _check_fix(case: Case, root: Path, rules: Iterable[type[Rule]]) -> None:
    """Make the fixes of this rule alone until nothing changes, and compare with what the case shows."""
    from celerylint.fixes.rounds import fixpoint

    safeties: set[str] = set()

    def fixable(changed: Mapping[str, bytes]) -> list[tuple[Finding, Fix]]:
        report = _lint(root, rules, changed)
        found = [(entry.finding, report.fix(entry)) for entry in report.new if entry.finding.rule == case.rule.slug]
        _refuse_errors(case, report)
        fixes = [(finding, fix) for finding, fix in found if fix is not None]
        safeties.update(fix.safety for _, fix in fixes)
        return fixes

    outcome = fixpoint(lambda path: (root / path).read_bytes(), fixable)
    refused = "".join(f"\n  refused:    {finding.message}: {reason}" for finding, reason in outcome.refused)
    for path, text in {**case.files, **(case.fixed or {})}.items():
        got = outcome.changed.get(path, case.files.get(path, b""))
        if got != text:
            lines = difflib.unified_diff(_lines(text), _lines(got), f"{path} as shown", f"{path} as fixed", lineterm="")
            raise AssertionError("\n".join([f"{case.place}: the fix gives something else{refused}", *lines]))
    safety = "unsafe" if case.unsafe else "safe"
    assert safeties == {safety}, f"{case.place}: the block says {safety}, the fix is {' and '.join(sorted(safeties))}"
    left = [entry.finding for entry in _lint(root, rules, outcome.changed).new if entry.finding.rule == case.rule.slug]
    places = [f"{finding.span.path}:{finding.span.line} {finding.message}" for finding in left]
    assert not left, f"{case.place}: after the fix the rule still finds {', '.join(places)}"


def _refuse_errors(case: Case, report: Report) -> None:
    for error in report.errors:
        raise AssertionError(f"{case.place}: {error.where} raised {error.message}\n{error.trace}")


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").splitlines()
