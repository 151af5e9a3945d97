"""Take facts from one parsed file: ``ast`` in, ``syntax`` out. The ``ast`` tree is not kept.

Bodies of functions that name nothing of interest to Celery are left out (``Function.body`` is None), which is where
most of the work and the memory would go; ``everything=True`` keeps them.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Callable, Collection
from typing import Any, Protocol

from celerylint.facts import syntax as s
from celerylint.sources.spans import Pos

_BINARY = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.MatMult: "@",
}
_UNARY = {ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not"}
_COMPARE = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


class Text(Protocol):
    """What is needed of a source: its lines and the conversion of byte offsets to columns."""

    @property
    def text(self) -> str: ...

    @property
    def lines(self) -> list[str]: ...

    def line(self, number: int) -> str: ...

    def column(self, line: int, offset: int) -> int: ...


def take(
    tree: ast.Module,
    source: Text,
    path: str,
    hot_lines: Collection[int] = (),
    everything: bool = False,
    lowered: bool = False,
    old: bool = False,
) -> s.Module:
    """The facts of one module.

    ``hot_lines`` are the lines (1-based) on which something of interest stands; a function without one keeps no body
    unless ``everything`` is asked for.
    """
    taker = _Taker(source, sorted(hot_lines), everything)
    body = taker.block(tree.body)
    return s.Module(
        path=path, body=body, lowered=lowered, old=old, complete=not taker.left_out, hot_lines=frozenset(hot_lines)
    )


def take_definition(tree: ast.Module, source: Text, qualname: str) -> s.Function | None:
    """One function with its whole body, from the tree of its lines alone; None when the tree is of something else.

    ``qualname`` is the function's, which its lines do not tell.
    """
    taker = _Taker(source, [], everything=True)
    taker.qualname = qualname.rpartition(".")[0]
    body = taker.block(tree.body)
    found = body[0] if len(body) == 1 else None
    return found if isinstance(found, s.Function) and found.qualname == qualname else None


class _Taker:
    def __init__(self, source: Text, hot: list[int], everything: bool) -> None:
        self.source = source
        self.hot = hot
        self.everything = everything
        self.left_out = False
        ascii_only = source.text.isascii()
        self.wide = (
            frozenset() if ascii_only else frozenset(i for i, x in enumerate(source.lines, 1) if not x.isascii())
        )
        """The lines on which bytes and code points differ."""
        self.qualname = ""
        self.inside_kept = False
        self.yields = False
        self.expressions: dict[type[ast.AST], Callable[[Any], s.Expr]] = {
            ast.Constant: self.constant,
            ast.Name: self.name,
            ast.Attribute: self.attribute,
            ast.Call: self.call,
            ast.Starred: lambda n: s.Starred(self.pos(n), self.expr(n.value)),
            ast.List: lambda n: s.Display(self.pos(n), "list", self.exprs(n.elts)),
            ast.Tuple: lambda n: s.Display(self.pos(n), "tuple", self.exprs(n.elts)),
            ast.Set: lambda n: s.Display(self.pos(n), "set", self.exprs(n.elts)),
            ast.Dict: self.mapping,
            ast.Subscript: lambda n: s.Subscript(self.pos(n), self.expr(n.value), self.expr(n.slice)),
            ast.BinOp: lambda n: s.Binary(self.pos(n), _BINARY[type(n.op)], self.expr(n.left), self.expr(n.right)),
            ast.BoolOp: lambda n: s.Boolean(
                self.pos(n), "and" if isinstance(n.op, ast.And) else "or", self.exprs(n.values)
            ),
            ast.UnaryOp: lambda n: s.Unary(self.pos(n), _UNARY[type(n.op)], self.expr(n.operand)),
            ast.Compare: lambda n: s.Comparison(
                self.pos(n), self.expr(n.left), tuple(_COMPARE[type(op)] for op in n.ops), self.exprs(n.comparators)
            ),
            ast.IfExp: lambda n: s.Conditional(self.pos(n), self.expr(n.test), self.expr(n.body), self.expr(n.orelse)),
            ast.Lambda: lambda n: s.Lambda(self.pos(n), self.params(n.args), self.expr(n.body)),
            ast.JoinedStr: lambda n: s.Format(self.pos(n), self.exprs(n.values)),
            ast.FormattedValue: lambda n: self.expr(n.value),
            ast.ListComp: lambda n: self.comprehension(n, "list"),
            ast.SetComp: lambda n: self.comprehension(n, "set"),
            ast.GeneratorExp: lambda n: self.comprehension(n, "generator"),
            ast.DictComp: lambda n: self.comprehension(n, "dict"),
            ast.Await: lambda n: s.Await(self.pos(n), self.expr(n.value)),
            ast.Yield: self.yield_,
            ast.YieldFrom: self.yield_,
            ast.NamedExpr: lambda n: s.Walrus(self.pos(n), self.name(n.target), self.expr(n.value)),
        }
        self.statements: dict[type[ast.AST], Callable[[Any], s.Stmt | tuple[s.Stmt, ...]]] = {
            ast.Expr: lambda n: s.Expression(self.pos(n), self.expr(n.value)),
            ast.Assign: lambda n: s.Assign(self.pos(n), self.exprs(n.targets), self.expr(n.value), "=", None),
            ast.AugAssign: lambda n: s.Assign(
                self.pos(n), (self.expr(n.target),), self.expr(n.value), _BINARY[type(n.op)] + "=", None
            ),
            ast.AnnAssign: lambda n: s.Assign(
                self.pos(n), (self.expr(n.target),), self.optional(n.value), "=", self.expr(n.annotation)
            ),
            ast.Return: lambda n: s.Return(self.pos(n), self.optional(n.value)),
            ast.Raise: lambda n: s.Raise(self.pos(n), self.optional(n.exc), self.optional(n.cause)),
            ast.If: lambda n: s.If(self.pos(n), self.expr(n.test), self.block(n.body), self.block(n.orelse)),
            ast.For: self.for_,
            ast.AsyncFor: self.for_,
            ast.While: lambda n: s.While(self.pos(n), self.expr(n.test), self.block(n.body), self.block(n.orelse)),
            ast.With: self.with_,
            ast.AsyncWith: self.with_,
            ast.Try: self.try_,
            ast.Match: lambda n: s.Match(
                self.pos(n), self.expr(n.subject), tuple((self.optional(c.guard), self.block(c.body)) for c in n.cases)
            ),
            ast.FunctionDef: self.function,
            ast.AsyncFunctionDef: self.function,
            ast.ClassDef: self.class_,
            ast.Import: self.import_,
            ast.ImportFrom: self.import_from,
            ast.Pass: lambda n: s.Plain(self.pos(n), "pass"),
            ast.Break: lambda n: s.Plain(self.pos(n), "break"),
            ast.Continue: lambda n: s.Plain(self.pos(n), "continue"),
            ast.Global: lambda n: s.Plain(self.pos(n), "global", self.names(n)),
            ast.Nonlocal: lambda n: s.Plain(self.pos(n), "nonlocal", self.names(n)),
            ast.Delete: lambda n: s.Plain(self.pos(n), "delete", self.exprs(n.targets)),
            ast.Assert: lambda n: s.Plain(self.pos(n), "assert", (self.expr(n.test),)),
        }
        if hasattr(ast, "TryStar"):
            self.statements[ast.TryStar] = self.try_

    def pos(self, node: Any) -> Pos:
        wide = self.wide
        if not wide or (node.lineno not in wide and node.end_lineno not in wide):
            return (node.lineno, node.col_offset + 1, node.end_lineno, node.end_col_offset + 1)
        column = self.source.column
        return (
            node.lineno,
            column(node.lineno, node.col_offset),
            node.end_lineno,
            column(node.end_lineno, node.end_col_offset),
        )

    # Expressions

    def expr(self, node: ast.AST) -> s.Expr:
        take_one = self.expressions.get(type(node))
        return take_one(node) if take_one else s.Opaque(self.pos(node), type(node).__name__)

    def exprs(self, nodes: list[Any]) -> tuple[s.Expr, ...]:
        return tuple([self.expr(node) for node in nodes])

    def optional(self, node: ast.AST | None) -> s.Expr | None:
        return None if node is None else self.expr(node)

    def constant(self, node: ast.Constant) -> s.Expr:
        return s.Literal(self.pos(node), node.value)

    def name(self, node: ast.Name) -> s.Name:
        return s.Name(self.pos(node), node.id)

    def attribute(self, node: ast.Attribute) -> s.Expr:
        parts = [node.attr]
        value = node.value
        while isinstance(value, ast.Attribute):
            parts.append(value.attr)
            value = value.value
        if isinstance(value, ast.Name):
            parts.append(value.id)
            return s.Name(self.pos(node), ".".join(reversed(parts)))
        return s.Attribute(self.pos(node), self.expr(node.value), node.attr)

    def call(self, node: ast.Call) -> s.Expr:
        keywords = tuple(
            [s.Keyword(self.pos(k), k.arg, self.expr(k.value)) for k in node.keywords] if node.keywords else ()
        )
        return s.Call(self.pos(node), self.expr(node.func), self.exprs(node.args), keywords)

    def mapping(self, node: ast.Dict) -> s.Expr:
        items = tuple([(self.optional(k), self.expr(v)) for k, v in zip(node.keys, node.values, strict=True)])
        return s.Mapping(self.pos(node), items)

    def comprehension(self, node: Any, kind: str) -> s.Expr:
        clauses = tuple(
            s.Clause(self.pos(c.target), self.expr(c.target), self.expr(c.iter), self.exprs(c.ifs))
            for c in node.generators
        )
        if kind == "dict":
            return s.Comprehension(self.pos(node), kind, self.expr(node.key), self.expr(node.value), clauses)
        return s.Comprehension(self.pos(node), kind, self.expr(node.elt), None, clauses)

    def yield_(self, node: ast.Yield | ast.YieldFrom) -> s.Expr:
        self.yields = True
        return s.Yield(self.pos(node), self.optional(node.value), isinstance(node, ast.YieldFrom))

    # Statements

    def block(self, nodes: list[ast.stmt]) -> tuple[s.Stmt, ...]:
        result: list[s.Stmt] = []
        for node in nodes:
            take_one = self.statements.get(type(node))
            if take_one is None:  # `type X = ...`: binds a name that no rule looks up
                continue
            taken = take_one(node)
            if isinstance(taken, tuple):
                result.extend(taken)
            else:
                result.append(taken)
        return tuple(result)

    def names(self, node: ast.Global | ast.Nonlocal) -> tuple[s.Expr, ...]:
        return tuple(s.Name(self.pos(node), name) for name in node.names)

    def import_(self, node: ast.Import) -> tuple[s.Stmt, ...]:
        pos = self.pos(node)
        return tuple(s.Import(pos, a.name, 0, None, a.asname or a.name.partition(".")[0]) for a in node.names)

    def import_from(self, node: ast.ImportFrom) -> tuple[s.Stmt, ...]:
        pos = self.pos(node)
        return tuple(s.Import(pos, node.module or "", node.level, a.name, a.asname or a.name) for a in node.names)

    def for_(self, node: ast.For | ast.AsyncFor) -> s.Stmt:
        return s.For(
            self.pos(node), self.expr(node.target), self.expr(node.iter), self.block(node.body), self.block(node.orelse)
        )

    def with_(self, node: ast.With | ast.AsyncWith) -> s.Stmt:
        items = tuple((self.expr(i.context_expr), self.optional(i.optional_vars)) for i in node.items)
        return s.With(self.pos(node), items, self.block(node.body))

    def try_(self, node: Any) -> s.Stmt:
        handlers = tuple(self.handler(h) for h in node.handlers)
        return s.Try(
            self.pos(node), self.block(node.body), handlers, self.block(node.orelse), self.block(node.finalbody)
        )

    def handler(self, node: ast.ExceptHandler) -> s.Handler:
        line, column, _, _ = self.pos(node)
        header_end = len(self.source.line(line).split("#")[0].rstrip()) + 1
        return s.Handler((line, column, line, header_end), self.optional(node.type), node.name, self.block(node.body))

    # Definitions

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> s.Stmt:
        outer = (self.qualname, self.inside_kept, self.yields)
        self.qualname = f"{outer[0]}.{node.name}" if outer[0] else node.name
        qualname = self.qualname
        whole = self.whole(node)
        keep = self.everything or self.inside_kept or self.is_hot(whole[0], whole[2])
        decorators = self.exprs(node.decorator_list)
        params = self.params(node.args)
        returns = self.optional(node.returns)
        body: tuple[s.Stmt, ...] | None = None
        self.yields = False
        if keep:
            self.inside_kept = True
            self.qualname += ".<locals>"
            body = self.block(node.body)
        else:
            self.left_out = True
        generator = self.yields
        self.qualname, self.inside_kept, self.yields = outer
        line, column, _, _ = self.pos(node)
        name_pos = self.name_pos(node.name, line, column)
        return s.Function(
            pos=(line, column, line, len(self.source.line(line).rstrip()) + 1),
            name=node.name,
            qualname=qualname,
            params=params,
            returns=returns,
            decorators=decorators,
            body=body,
            is_async=isinstance(node, ast.AsyncFunctionDef),
            is_generator=generator,
            whole=whole,
            name_pos=name_pos,
        )

    def class_(self, node: ast.ClassDef) -> s.Stmt:
        outer, outer_yields = self.qualname, self.yields
        self.qualname = f"{outer}.{node.name}" if outer else node.name
        qualname = self.qualname
        keywords = tuple(s.Keyword(self.pos(k), k.arg, self.expr(k.value)) for k in node.keywords)
        body = self.block(node.body)
        self.qualname, self.yields = outer, outer_yields
        line, column, _, _ = self.pos(node)
        return s.Class(
            pos=(line, column, line, len(self.source.line(line).rstrip()) + 1),
            name=node.name,
            qualname=qualname,
            bases=self.exprs(node.bases),
            keywords=keywords,
            decorators=self.exprs(node.decorator_list),
            body=body,
            whole=self.whole(node),
        )

    def params(self, args: ast.arguments) -> tuple[s.Param, ...]:
        result: list[s.Param] = []
        positional = [*((a, "positional-only") for a in args.posonlyargs), *((a, "positional") for a in args.args)]
        defaults: list[ast.expr | None] = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
        for (arg, kind), default in zip(positional, defaults, strict=True):
            result.append(self.param(arg, kind, default))
        if args.vararg:
            result.append(self.param(args.vararg, "args", None))
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            result.append(self.param(arg, "keyword-only", default))
        if args.kwarg:
            result.append(self.param(args.kwarg, "kwargs", None))
        return tuple(result)

    def param(self, arg: ast.arg, kind: str, default: ast.expr | None) -> s.Param:
        return s.Param(self.pos(arg), arg.arg, kind, self.optional(default), self.optional(arg.annotation))

    def is_hot(self, first: int, last: int) -> bool:
        at = bisect_left(self.hot, first)
        return at < len(self.hot) and self.hot[at] <= last

    def whole(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Pos:
        line, column, end_line, end_column = self.pos(node)
        if node.decorator_list:
            line = min(line, node.decorator_list[0].lineno)
        return (line, column, end_line, end_column)

    def name_pos(self, name: str, line: int, column: int) -> Pos:
        start = self.source.line(line).find(name, column + 3)
        if start < 0:  # `def` and its name on two lines (a backslash between)
            return (line, column, line, column + 3)
        return (line, start + 1, line, start + 1 + len(name))
