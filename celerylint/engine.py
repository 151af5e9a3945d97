"""The one pipeline: a folder in, a report out. Readable from top to bottom."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from celerylint.config import CONFIDENCES, Config, ConfigError
from celerylint.levels import nearest
from celerylint.model.project import Project, build
from celerylint.report import Counts, InternalError, Notice, Report, Reported
from celerylint.rule import Finding, Rule, overridden
from celerylint.sources.prefilter import is_test_path
from celerylint.sources.text import SourceProblem
from celerylint.sources.tree import Tree, open_tree
from celerylint.suppress import MARK, Suppression, Suppressions, has_hash_comments, read
from celerylint.versions import allows

NOUNS: Mapping[str, Callable[[Project], Iterable[object]]] = {
    "check_app": lambda project: project.apps,
    "check_task": lambda project: project.tasks,
    "check_call": lambda project: project.calls,
    "check_setting": lambda project: project.settings,
    "check_schedule": lambda project: project.schedule,
    "check_route": lambda project: project.routes,
    "check_queue": lambda project: project.queues.values(),
    "check_process": lambda project: project.processes,
    "check_module": lambda project: _spoken_modules(project),
}
"""What each hook is called with, once per item. ``check_project`` and ``check_suppression`` are called apart."""


def run(
    root: Path,
    config: Config,
    rules: Iterable[type[Rule]],
    *,
    paths: Iterable[str] = (),
    overlays: Mapping[str, bytes] | None = None,
) -> Report:
    """Lint the project at ``root`` and say what was found.

    The whole project is always modelled; ``paths`` (relative, ``/``) restrict what is reported. ``overlays`` take the
    place of files. Errors inside a rule, and files that cannot be read, are in the report; what stops the model itself
    from being built is raised.
    """
    with _collecting_rarely():
        return _run(root, config, rules, tuple(paths), overlays)


@contextlib.contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Let the garbage collector run less often meanwhile: what is made here stays, and looking through it again and
    again took a quarter of the time."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _run(
    root: Path,
    config: Config,
    rules: Iterable[type[Rule]],
    wanted: tuple[str, ...],
    overlays: Mapping[str, bytes] | None,
) -> Report:
    started = time.perf_counter()
    known = {rule.slug: rule for rule in rules}
    project = open_model(root, config, overlays)
    tree = project.tree
    report = Report(root=root, project=project)
    active = [rule(config.options.get(slug)) for slug, rule in known.items() if _runs(rule, config, project)]

    findings = [(rule, finding) for rule in active for finding in _checked(rule, project, report.errors)]
    suppressions = Suppressions(_suppressions(project))
    for _, finding in findings:
        suppressions.answer(finding)  # before anything is filtered out: what answers a hidden finding is in use
    _judge(suppressions, ran={rule.slug for rule in active}, known=known, config=config)
    for rule in active:
        findings += [(rule, finding) for finding in _checked_suppressions(rule, suppressions, project, report.errors)]

    findings.sort(key=lambda item: (item[1].span.path, item[1].span.line, item[1].span.column, item[1].rule))
    for (rule, finding), fingerprint in zip(findings, _fingerprints((f for _, f in findings), tree), strict=True):
        level = config.levels.at(type(rule), finding.span.path)
        if level == "off" or not within(finding.span.path, wanted):
            continue
        if is_test_path(finding.span.path) and not (config.tests or rule.in_tests):
            continue
        if level == "below" or not _sure_enough(finding, config):
            report.below += 1
            continue
        graded = finding if level == "default" else replace(finding, severity=level)
        answer = suppressions.answer(finding)
        if answer:
            report.findings.append(Reported(graded, rule, fingerprint, "ignored", answer.reason))
        else:
            report.findings.append(Reported(suppressions.unanswered(graded), rule, fingerprint))

    report.counts = _counts(project)
    report.found_celery = saw_celery(project)
    report.blind_spots = project.blind_spots
    report.problems = [Notice(problem.path, problem.message) for problem in tree.problems]
    report.elapsed = time.perf_counter() - started
    return report


def open_model(root: Path, config: Config, overlays: Mapping[str, bytes] | None = None) -> Project:
    """The model of the project at ``root``. Raises ConfigError for an ``exclude`` that is no pattern."""
    try:
        tree = open_tree(root, overlays, config.exclude)
    except ValueError as error:
        raise ConfigError(f'"exclude" in {config.file or "the configuration"}: {error}') from error
    return build(tree, config.given)


def saw_celery(project: Project) -> bool:
    """Whether there is anything of Celery in a project, be it only a file that could not be read."""
    seen = (project.apps, project.tasks, project.calls, project.settings, project.processes)
    return any(seen) or bool(project.modules_index.problems)


def _runs(rule: type[Rule], config: Config, project: Project) -> bool:
    """Whether a rule is wanted anywhere and its claim holds for the Celery of this project."""
    return config.levels.runs(rule) and allows(rule.celery, project.versions.get("celery"))


@dataclass(slots=True)
class _Guard:
    """Runs a rule's hook; what it raises becomes an internal error and ends this rule, not the run."""

    rule: Rule
    errors: list[InternalError]

    def findings(self, hook: str, calls: Iterable[tuple[object, ...]]) -> Iterator[Finding]:
        try:
            for arguments in calls:
                for finding in getattr(self.rule, hook)(*arguments):
                    if not isinstance(finding, Finding):
                        raise TypeError(f"yielded a {type(finding).__name__}, not a finding made with self.finding")
                    yield finding
        except Exception as error:
            self.errors.append(InternalError.of(f"rule `{self.rule.slug}` ({hook})", error))


def _checked(rule: Rule, project: Project, errors: list[InternalError]) -> Iterator[Finding]:
    """What a rule finds, each thing once: a setting that two apps share is one line with one fault."""
    guard = _Guard(rule, errors)
    seen: set[tuple[object, ...]] = set()
    for hook in overridden(type(rule)):
        if hook == "check_project":
            found = guard.findings(hook, [(project,)])
        elif hook in NOUNS:
            found = guard.findings(hook, ((noun, project) for noun in NOUNS[hook](project)))
        else:
            continue
        for finding in found:
            key = (finding.span, finding.subject, finding.message)
            if key not in seen:
                seen.add(key)
                yield finding


def _checked_suppressions(
    rule: Rule, suppressions: Suppressions, project: Project, errors: list[InternalError]
) -> Iterator[Finding]:
    if "check_suppression" in overridden(type(rule)):
        calls = ((suppression, project) for suppression in suppressions.all)
        yield from _Guard(rule, errors).findings("check_suppression", calls)


def _spoken_modules(project: Project) -> list[object]:
    """Modules that hold tasks, an app or configuration: those whose concrete tree a rule may walk."""
    spoken = {id(task.module) for task in project.tasks}
    places = {app.span.path for app in project.apps} | {setting.span.path for setting in project.settings}
    return [
        module
        for module in sorted(project.modules.values(), key=lambda module: module.path)
        if id(module) in spoken or module.is_settings or module.path in places
    ]


def _suppressions(project: Project) -> Iterator[Suppression]:
    tree = project.tree
    python = set(project.modules_index.loaded)
    others = {path for path in tree.other_files if has_hash_comments(path)}
    for path in sorted(python | others):
        if MARK.encode() in tree.read(path):
            with contextlib.suppress(SourceProblem):
                yield from read(path, "\n".join(tree.source(path).lines))


def _judge(suppressions: Suppressions, ran: set[str], known: Mapping[str, type[Rule]], config: Config) -> None:
    """Say of every suppression which of its rules are unknown, and which ran and found nothing there.

    A rule that did not run is not judged, nor one about suppressions itself; a name that may belong to a plug-in which
    was left out is not called unknown.
    """
    for one in suppressions.all:
        one.unused = tuple(
            slug for slug in one.slugs if slug in ran and slug not in one.used and known[slug].family != "suppressions"
        )
        if config.all_rules_known:
            one.unknown = {slug: nearest(slug, known) for slug in one.slugs if slug not in known}


def _sure_enough(finding: Finding, config: Config) -> bool:
    least = config.min_confidence or ("low" if config.profile == "audit" else "medium")
    return CONFIDENCES.index(finding.confidence) <= CONFIDENCES.index(least)


def within(path: str, wanted: tuple[str, ...]) -> bool:
    """Whether a path is one of those asked for or lies below one; without any, every path is."""
    return not wanted or any(one in ("", ".", path) or path.startswith(f"{one}/") for one in wanted)


def _fingerprints(findings: Iterable[Finding], tree: Tree) -> Iterator[str]:
    """A stable name for each finding: rule, subject and text, never the line. Equal ones are told apart by order."""
    seen: Counter[str] = Counter()
    for finding in findings:
        kind, _, name = finding.subject.partition(":")
        parts = (finding.rule, kind, name, " ".join(_excerpt(finding, tree).split()))
        mark = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        yield f"{mark}:{seen[mark]}" if seen[mark] else mark
        seen[mark] += 1


def _excerpt(finding: Finding, tree: Tree) -> str:
    """The source text of the primary place, "" when its file cannot be read (the report says so elsewhere)."""
    span = finding.span
    try:
        lines = list(tree.source(span.path).lines[span.line - 1 : span.end_line])
    except (OSError, SourceProblem):
        return ""
    if len(lines) == span.end_line - span.line + 1:
        lines[-1] = lines[-1][: span.end_column - 1]
    return "\n".join(lines)[span.column - 1 :]


def _counts(project: Project) -> Counts:
    return Counts(
        files=project.files,
        tasks=sum(not task.in_tests for task in project.tasks),
        calls=sum(not call.in_tests for call in project.calls),
        queues=len(project.queues),
        processes=len(project.processes),
    )
