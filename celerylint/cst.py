"""For rules whose evidence is in comments or layout, and for those who like to write LibCST visitors.

`CstRule` is a `Rule` that walks the concrete tree of the modules that hold tasks, an app or configuration. The tree is
parsed only when such a rule is active, and LibCST is imported only then.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from celerylint.rule import Finding, Rule, Span

if TYPE_CHECKING:
    import libcst
    from libcst.metadata import MetadataWrapper

    from celerylint.model.project import Module, Project

__all__ = ["ConcreteModule", "CstRule"]


class ConcreteModule:
    """What a visitor works with: the model's ``module`` and ``project``, the tree, and a way to report a node."""

    def __init__(self, rule: Rule, module: Module, project: Project) -> None:
        self.module = module
        self.project = project
        self.found: list[Finding] = []
        self._rule = rule

    @property
    def text(self) -> str:
        """The source, which is there without parsing: look here first whether the module is worth a walk."""
        return self.project.tree.source(self.module.path).text

    @cached_property
    def wrapper(self) -> MetadataWrapper:
        """LibCST's metadata wrapper over the tree, which is parsed when first asked for."""
        from libcst.metadata import MetadataWrapper

        # A tree that was just parsed holds no node twice, so the wrapper need not copy it.
        return MetadataWrapper(self.module.cst, unsafe_skip_copy=True)

    def span(self, node: libcst.CSTNode) -> Span:
        """Where a node stands, without the whitespace and comments that belong to it."""
        from libcst.metadata import PositionProvider

        place = self.wrapper.resolve(PositionProvider)[node]
        return Span(self.module.path, place.start.line, place.start.column + 1, place.end.line, place.end.column + 1)

    def report(self, node: libcst.CSTNode, **finding: Any) -> None:
        """Note a finding at ``node``; the keywords are those of `Rule.finding` except ``at``."""
        self.found.append(self._rule.finding(at=self.span(node), **finding))


class CstRule(Rule):
    """Base class of a rule that is a LibCST visitor. Define ``visitor``, nothing else is needed.

    Import LibCST inside ``visitor`` (or in a module that is imported there): then those who switch the rule off do not
    pay for it. A file that LibCST cannot read is passed over and becomes a blind spot.
    """

    def visitor(self, concrete: ConcreteModule) -> libcst.CSTVisitor | None:
        """A visitor that looks at ``concrete`` and calls ``concrete.report``, or None to pass the module over.

        One is made for each module. It may use matchers (``libcst.matchers.MatcherDecoratableVisitor``) and
        ``METADATA_DEPENDENCIES``.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no `visitor`")

    def check_module(self, module: Module, project: Project) -> Iterable[Finding]:
        """Walk the tree of ``module`` with a fresh visitor and give what it reported, in the order of the file."""
        concrete = ConcreteModule(self, module, project)
        visitor = self.visitor(concrete)
        if visitor is not None:
            from libcst import ParserSyntaxError

            try:
                concrete.wrapper.visit(visitor)
            except ParserSyntaxError as error:
                project.modules_index.note_text(module.path, error.raw_line, f"no concrete tree: {error.message}")
        return sorted(concrete.found, key=lambda finding: finding.span)
