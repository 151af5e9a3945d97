"""What a shell knows at one point of a script, and how several such states become one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from celerylint.facts.located import Located
from celerylint.facts.shell.items import Array, Choices, Scalar, Variables, merged
from celerylint.facts.unknown import Unknown


@dataclass(slots=True)
class State:
    """What a shell knows at one point of a script.

    ``arguments`` is None when nobody says how the script is called. ``environment`` is what it was started with;
    ``trust`` says that nothing else is added to it, so that a default is what really happens.
    """

    environment: Mapping[str, Located] = field(default_factory=dict)
    variables: Variables = field(default_factory=dict)
    exported: frozenset[str] = frozenset()
    arguments: Array | None = None
    trust: bool = False
    label: str = ""
    replicas: int | Unknown = 1
    branches: Choices = ()
    ended: bool = False

    def copy(self) -> State:
        return replace(self, variables=dict(self.variables))

    def child_environment(self) -> dict[str, Located]:
        """What a command started here finds in its environment."""
        result = dict(self.environment)
        for name, value in self.variables.items():
            if isinstance(value, Located) and (name in self.exported or name in self.environment):
                result[name] = value
        return result


def join_states(state: State, left: list[State]) -> None:
    """Make ``state`` what one of ``left`` leaves behind; those that ended the script say nothing about what follows."""
    alive = [other for other in left if not other.ended]
    if not alive:
        state.ended = bool(left)
        return
    names = {name for other in alive for name in other.variables}
    result: dict[str, Scalar | Array] = {}
    for name in names:
        left_behind = [other.variables.get(name, other.environment.get(name)) for other in alive]
        values = [value for value in left_behind if value is not None]
        result[name] = merged(values, missing=len(values) < len(alive))
    state.variables = result
    state.exported = frozenset().union(*(other.exported for other in alive))
    arguments = [other.arguments for other in alive]
    if any(other != arguments[0] for other in arguments):
        state.arguments = None
    else:
        state.arguments = arguments[0]
