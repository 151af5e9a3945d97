"""Workers that Python code starts: ``app.worker_main([...])`` and ``app.start([...])``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from celerylint.facts.argv import CeleryCommand
from celerylint.facts.commandline import NotCelery, Undecided, read_command
from celerylint.facts.deploy.workload import Workload
from celerylint.facts.located import FileText, Located, decode
from celerylint.facts.shell.items import Item, Word
from celerylint.facts.syntax import Call, Name
from celerylint.facts.unknown import Unknown
from celerylint.facts.walk import statements
from celerylint.model.apps import Apps, last_name, statement_calls
from celerylint.model.entities import Process
from celerylint.model.evaluate import Evaluator
from celerylint.model.modules import Module
from celerylint.model.processes import process_of
from celerylint.model.scopes import Scope
from celerylint.model.values import Collection, Known, Value
from celerylint.model.visit import all_scopes
from celerylint.sources.spans import Span

_STARTS = re.compile(rb"\.worker_main\(|(?:app|elery)\.start\(\s*[^)\s]")
_KINDS = ("worker", "beat")


def processes_in(module: Module, evaluator: Evaluator, apps: Apps) -> Iterator[Process]:
    """The workers that a module starts through its app; other programs' ``start`` are left alone."""
    data = evaluator.modules.tree.read(module.path)
    if not _STARTS.search(data):
        return
    file = decode(module.path, data)
    for scope, body in all_scopes(module, evaluator):
        for statement in statements(body):
            for call in statement_calls(statement):
                if last_name(call.func) in ("worker_main", "start"):
                    found = _started(call, scope, evaluator, apps, file)
                    if found is not None:
                        yield found


def _started(call: Call, scope: Scope, evaluator: Evaluator, apps: Apps, file: FileText) -> Process | None:
    if not isinstance(call.func, Name) or apps.owner(Name(call.pos, call.func.path.rpartition(".")[0]), scope) is None:
        return None
    args, keywords, is_open = evaluator.arguments(call, scope)
    argv = keywords.get("argv") or (args[0] if args else None)
    if argv is None or is_open:
        return None  # the words of the process's own command line
    items = _items(argv, file)
    try:
        line = read_command(items)
    except (NotCelery, Undecided):
        return None
    if isinstance(line, Unknown) or line.command not in _KINDS:
        return None
    span = scope.module.span(call.pos)
    words = tuple(item.value.shown for item in items if isinstance(item, Word))
    name = scope.function.name if scope.function is not None else scope.module.name.rpartition(".")[2]
    command = CeleryCommand(line.command, line, span, (), ("celery", *words), {}, "", 1)
    return process_of(Workload(name, "python", span), command, scope.module.path)


def _items(argv: Value, file: FileText) -> list[Item]:
    """The words of a command line; what cannot be read becomes a hole, for one word or for all."""
    if not isinstance(argv, Collection):
        return [_hole(Unknown("a command line that is not known", argv.span), argv.span, file)]
    items: list[Item] = []
    for value in argv.items:
        if isinstance(value, Known):
            start, end = _offsets(value.span, file)
            located = Located.atom(str(value.value), file, start, end)
            items.append(Word(located, value.span, True))
        else:
            reason = value if isinstance(value, Unknown) else Unknown("a word that is not known", value.span)
            items.append(_hole(reason, value.span, file))
    if argv.open:
        items.append(_hole(Unknown("more words than are known", argv.span), argv.span, file))
    return items


def _hole(reason: Unknown, span: Span, file: FileText) -> Word:
    start, end = _offsets(span, file)
    return Word(Located.hole(reason, file, start, end), span, False)


def _offsets(span: Span, file: FileText) -> tuple[int, int]:
    """Where a span of this file begins and ends; the beginning of the file for a span in another one."""
    if span.path != file.path:
        return 0, 0
    return file.offset(span.line) + span.column - 1, file.offset(span.end_line) + span.end_column - 1
