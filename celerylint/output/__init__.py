"""A report as text: one writer per format, a module with ``render(page) -> str`` that is imported when asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from celerylint.report import Report

__all__ = ["FORMATS", "Page", "render"]

FORMATS = ("full", "concise", "json")


@dataclass(frozen=True, slots=True)
class Page:
    """What a writer needs besides the report.

    ``shown`` gives a path of the report as the user should see it. ``width`` is that of the terminal, or a fair guess
    (``terminal`` is False then, and sentences are not broken). ``most`` limits how many findings are printed.
    """

    report: Report
    shown: Callable[[str], str] = str
    width: int = 100
    terminal: bool = False
    colour: bool = False
    most: int | None = None
    unsafe: bool = False


def render(form: str, page: Page) -> str:
    """The report in one of ``FORMATS`` (or ``statistics``), ending with a newline unless it is empty."""
    text = importlib.import_module(f"celerylint.output.{form}").render(page)
    assert isinstance(text, str)
    return text
