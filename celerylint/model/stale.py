"""How much a pickled copy of a row matters to the task that gets it: it is as old as the message.

A task that saves the copy undoes what has changed since; one that uses it as a key only is merely tied to the class as
it was when the message was sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from celerylint.model.arguments import Argument
from celerylint.model.entities import Call
from celerylint.model.web import about_deletion

if TYPE_CHECKING:
    from celerylint.model.project import Project

_KEYS = frozenset({"pk", "id", "uuid", "_meta", "__class__"})
_LOOKUPS = frozenset(
    {
        "filter",
        "filter_by",
        "exclude",
        "get",
        "get_or_create",
        "update_or_create",
        "create",
        "add",
        "remove",
        "isinstance",
        "type",
        "str",
        "repr",
        "debug",
        "info",
        "warning",
        "error",
        "exception",
        "print",
        "format",
    }
)
"""What may be handed a row without asking it for more than its key: lookups, relations and log lines."""


def harmless(call: Call, argument: Argument, project: Project) -> bool:
    """Whether the age of the copy does no harm that is seen: the task uses it as a key, or only reads what it chose to
    have pickled, or the row is gone by then. False where that is not known."""
    if call.scope is not None and about_deletion(call.scope):
        return True
    uses = project.arguments.reliance(call, argument)
    if uses is None or uses.changed:
        return False
    attributes, handed = uses.attributes.keys(), uses.handed - _LOOKUPS
    if handed or "save" in attributes:
        return False
    chosen = call.target is not None and call.target.option("serializer").layer == "decorator"
    return chosen or all(name in _KEYS or name.endswith("_id") for name in attributes)
