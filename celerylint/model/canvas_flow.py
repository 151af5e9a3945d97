"""What each part of a canvas is given: the result before it in a chain, the list of results in the body of a chord."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from celerylint.model.canvas_parts import Fed, Given, Part

NOTHING = Given("nothing")
SOMETHING = Given("unknown")


def fed(part: Part, given: tuple[Given, ...], role: str = "", canvas: Part | None = None) -> Iterator[Fed]:
    """Every part below ``part`` that is no canvas, with each thing that it can be given."""
    whole = canvas or part
    if part.kind == "chain":
        yield from _steps(part, given, whole)
    elif part.kind == "group":
        for member in part.members:
            yield from fed(member, given, "member", part)
    elif part.kind == "chord":
        for member in part.members:
            yield from fed(member, given, "header", part)
        if part.body is not None:
            yield from fed(part.body, (Given("results", part),), "body", part)
    elif part.kind == "choice":
        for member in part.members:
            yield from fed(member, tuple(replace(g, certain=False) for g in given), role, whole)
    else:
        for each in given:
            yield Fed(part, each, role, whole)


def _steps(chain: Part, given: tuple[Given, ...], whole: Part) -> Iterator[Fed]:
    for number, step in enumerate(chain.members):
        after = _after(step)
        received = (*given, replace(after, certain=False)) if step.many else given
        role = "body" if number and chain.members[number - 1].kind == "group" else "step"
        yield from fed(step, received, role, chain)
        passed_by = step.maybe or step.many  # then what came before it may reach what comes after it
        given = (after, *(replace(g, certain=False) for g in given)) if passed_by else (after,)


def _after(step: Part) -> Given:
    """What a step gives to the next one."""
    if step.kind == "chain" and step.members:
        return _after(step.members[-1])
    if step.kind == "group":
        return Given("results", step)
    if step.kind == "chord" and step.body is not None:
        return _after(step.body)
    return Given("result", step)
