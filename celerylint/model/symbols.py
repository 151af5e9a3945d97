"""What a name of the project stands for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from celerylint.facts import syntax as s
from celerylint.sources.spans import Pos, Span

if TYPE_CHECKING:
    from celerylint.model.functions import Body
    from celerylint.model.modules import Module
    from celerylint.model.scopes import Scope


@dataclass(slots=True, eq=False)
class FunctionSymbol:
    """A ``def`` of the project. ``scope`` is where it is defined, ``owner`` the class whose method it is."""

    node: s.Function
    module: Module
    scope: Scope
    owner: ClassSymbol | None = None
    _body: Body | None = field(default=None, repr=False)
    _full: s.Function | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"FunctionSymbol({self.qualified})"

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def qualified(self) -> str:
        return f"{self.module.name}.{self.node.qualname}"

    @property
    def span(self) -> Span:
        """The function's name where it is defined."""
        return Span.at(self.module.path, self.node.name_pos)

    @property
    def statements(self) -> tuple[s.Stmt, ...]:
        """The body; taken from the file again when the facts left it out."""
        if self.node.body is not None:
            return self.node.body
        if self._full is None:
            self._full = self.module.expanded(self.node)
        return self._full.body or ()

    @property
    def body(self) -> Body:
        """The structured body: what it calls, raises, returns and handles."""
        if self._body is None:
            from celerylint.model.functions import Body

            self._body = Body(self)
        return self._body


@dataclass(slots=True, eq=False)
class ClassSymbol:
    """A ``class`` of the project."""

    node: s.Class
    module: Module
    scope: Scope

    def __repr__(self) -> str:
        return f"ClassSymbol({self.qualified})"

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def qualified(self) -> str:
        return f"{self.module.name}.{self.node.qualname}"

    @property
    def span(self) -> Span:
        return Span.at(self.module.path, self.node.pos)


@dataclass(slots=True, eq=False)
class ModuleSymbol:
    """A module or package of the project."""

    module: Module

    @property
    def qualified(self) -> str:
        return self.module.name


@dataclass(slots=True, frozen=True)
class External:
    """A name from a package that is not part of the project (or a builtin): only its dotted name is known."""

    qualified: str


Symbol: TypeAlias = FunctionSymbol | ClassSymbol | ModuleSymbol | External

__all__ = ["ClassSymbol", "External", "FunctionSymbol", "ModuleSymbol", "Pos", "Symbol"]
