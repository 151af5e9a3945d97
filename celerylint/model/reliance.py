"""What the body of a task does with one of its parameters, as far as that tells which type it expects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from celerylint.facts import syntax as s
from celerylint.facts.walk import below
from celerylint.model.apps import last_name
from celerylint.model.symbols import FunctionSymbol
from celerylint.sources.spans import Span

_ORDER = frozenset({"<", ">", "<=", ">="})


@dataclass(frozen=True, slots=True)
class Reliance:
    """``attributes`` are read of the parameter (or called on it), with the place of each; ``identities`` are
    comparisons by ``is`` with something other than a constant; ``ordered`` comparisons by ``<`` and arithmetic;
    ``converted`` the functions that it, or what is taken from it, is handed to, ``handed`` those that get it whole;
    ``keys`` what is looked up in it (``x[key]``, ``x.get(key)``, ``key in x``); ``changed`` tells that the parameter is
    bound again, so that nothing is said of what came with the message."""

    attributes: dict[str, Span]
    identities: tuple[Span, ...]
    ordered: tuple[Span, ...]
    converted: frozenset[str]
    changed: bool
    handed: frozenset[str]
    keys: tuple[s.Expr, ...] = ()


def reliance(function: FunctionSymbol, name: str) -> Reliance:
    """How a function uses its parameter ``name``."""
    attributes: dict[str, Span] = {}
    identities: list[Span] = []
    ordered: list[Span] = []
    converted: set[str] = set()
    keys: list[s.Expr] = []
    handed: set[str] = set()
    changed = False
    derived = {name}
    for node in _nodes(function):
        span = function.module.span(node.pos)
        if isinstance(node, s.Name) and node.path.startswith(name + "."):
            attributes.setdefault(node.path.split(".")[1], span)
        elif isinstance(node, s.Comparison):
            changed_by = {"is": identities, "is not": identities, **dict.fromkeys(_ORDER, ordered)}
            operands = (node.left, *node.others)
            for index, op in enumerate(node.ops):
                if op in ("in", "not in") and _is(operands[index + 1], name):
                    keys.append(operands[index])
                pair = operands[index : index + 2]
                constant = any(isinstance(operand, s.Literal) for operand in pair)
                if op in changed_by and not constant and any(_is(operand, name) for operand in pair):
                    changed_by[op].append(span)
        elif isinstance(node, s.Binary) and (_is(node.left, name) or _is(node.right, name)):
            ordered.append(span)
        elif isinstance(node, s.Subscript) and _is(node.value, name):
            keys.append(node.index)
        elif isinstance(node, s.Call):
            given = (*node.args, *(k.value for k in node.keywords))
            if any(_taken_from(arg, derived) for arg in given):
                converted.add(last_name(node.func))
            if any(_is(arg, name) for arg in given):
                handed.add(last_name(node.func))
            if isinstance(node.func, s.Name) and node.func.path in (f"{name}.get", f"{name}.pop") and node.args:
                keys.append(node.args[0])
        elif isinstance(node, (s.For, s.Clause)):
            if _taken_from(node.iter, derived):
                derived |= {n.path for n in below(node.target) if isinstance(n, s.Name)}
        elif isinstance(node, s.Assign):
            changed |= any(_is(target, name) for target in node.targets)
    return Reliance(
        attributes, tuple(identities), tuple(ordered), frozenset(converted), changed, frozenset(handed), tuple(keys)
    )


def _taken_from(expr: s.Expr, names: set[str]) -> bool:
    """Whether an expression holds one of the variables, or anything of it but the values of a dict."""
    found = (n.path.split(".") for n in below(expr) if isinstance(n, s.Name))
    return any(first in names and rest != ["values"] for first, *rest in found)


def _is(expr: s.Expr, name: str) -> bool:
    return isinstance(expr, s.Name) and expr.path == name


def _nodes(function: FunctionSymbol) -> Iterator[s.Node]:
    for statement in function.statements:
        yield from below(statement)
