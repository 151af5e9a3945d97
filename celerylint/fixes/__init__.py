"""Fixes: edits that rules describe, made on the concrete tree, verified, repeated to a fixpoint and written.

Importing this package is cheap; LibCST is loaded when the first edit is made.
"""

from celerylint.fixes.apply import Result, apply_edits, perform
from celerylint.fixes.diff import TextEdit, text_edits, unified_diff
from celerylint.fixes.rounds import Outcome, fixpoint
from celerylint.fixes.splices import Refused
from celerylint.fixes.write import FixProblem, write_atomically

__all__ = [
    "FixProblem",
    "Outcome",
    "Refused",
    "Result",
    "TextEdit",
    "apply_edits",
    "fixpoint",
    "perform",
    "text_edits",
    "unified_diff",
    "write_atomically",
]
