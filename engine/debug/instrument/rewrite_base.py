"""The base of all rewriting of syntax trees: calls of hooks, sites, and the current scope.

Hooks are functions in `builtins` under names that are no identifiers, such as `<line>`. The first
argument of each hook is the token of the running call. Lambdas, generator bodies and generator
expressions count as one expression: they pass None, and report only their overwrites.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, cast

from engine.debug.events import Kind, Phase, Span
from engine.debug.instrument.outer_names import OuterNames
from engine.debug.instrument.sites import SITES, TOKEN, Site, characters, text_between


def hook(name: str, node: ast.AST, *arguments: ast.expr) -> ast.Call:
    """A call of a hook, at the position of `node`."""
    call = ast.Call(ast.Name(f"<{name}>", ast.Load()), list(arguments), [])
    for new in ast.walk(call):
        if not hasattr(new, "lineno") and isinstance(new, ast.expr):
            ast.copy_location(new, node)
    return call


def as_statement(call: ast.expr, node: ast.AST) -> ast.stmt:
    """A statement that consists of this call."""
    return ast.copy_location(ast.Expr(call), node)


def name_node(name: str, node: ast.AST) -> ast.Name:
    """The syntax node of reading a name."""
    return ast.copy_location(ast.Name(name, ast.Load()), node)


def names_in(*targets: ast.AST | None) -> list[str]:
    """The plain names that assignment targets (or patterns) bind, in order."""
    found: list[str] = []
    for target in targets:
        if target is None:
            continue
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.append(node.id)
            elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
                found.append(node.name)
            elif isinstance(node, ast.MatchMapping) and node.rest:
                found.append(node.rest)
    return list(dict.fromkeys(found))


def closing_over(names: Iterable[str], node: ast.AST) -> ast.expr:
    """A function that is never called: its closure has the cells of these variables."""
    nothing = ast.arguments([], [], None, [], [], None, [])
    body = ast.Tuple([ast.Name(name, ast.Load()) for name in names], ast.Load())
    function = ast.Lambda(nothing, body)
    for new in ast.walk(function):
        if isinstance(new, ast.expr):
            ast.copy_location(new, node)
            new.col_offset, new.end_lineno, new.end_col_offset = 0, new.lineno, 0
    return function


def _without_blocks(node: ast.stmt) -> ast.AST:
    """The header of a compound statement, without its blocks."""
    header = copy(node)
    for name in ("body", "orelse", "handlers", "finalbody", "cases", "decorator_list"):
        if hasattr(header, name):
            setattr(header, name, [])
    return header


@dataclass(slots=True)
class Scope:
    """The function being rewritten.

    Attributes:
        quiet: whether it has no events, and only reports its overwrites.
        returns_late: whether a `with` or `try` may still run code after its `return`.
        outside: its global and nonlocal names.
        global_names: those of them that are global.
        cells: the variables of closures that it binds and another function may bind or has made.
        class_name: for the mangling of private names.
    """

    qualname: str
    quiet: bool
    returns_late: bool
    outside: frozenset[str]
    class_name: str
    phase: Phase = Phase.FORWARD
    global_names: frozenset[str] = frozenset()
    cells: frozenset[str] = frozenset()


class Rewriter:
    """A file being rewritten, and the current function in it."""

    def __init__(
        self,
        file: str,
        lines: tuple[str, ...],
        outer_names: Mapping[tuple[str, int], OuterNames],
    ) -> None:
        self.file = file
        self.lines = lines
        self.outer_names = outer_names
        self.scope = Scope("", True, False, frozenset(), "")

    def _site(self, kind: Kind, node: ast.AST, last: ast.AST | None = None) -> ast.expr:
        first = cast(ast.expr, node)
        end = cast(ast.expr, last or node)
        line, end_line = first.lineno, end.end_lineno or end.lineno
        span = Span(
            line,
            characters(self.lines, line, first.col_offset),
            end_line,
            characters(self.lines, end_line, end.end_col_offset or 0),
        )
        site = Site(
            kind, self.file, self.scope.qualname, span, text_between(self.lines, span),
            self.scope.phase, node,
        )  # fmt: skip
        SITES.append(site)
        return ast.copy_location(ast.Constant(len(SITES) - 1), node)

    def _token(self, node: ast.AST) -> ast.expr:
        if self.scope.quiet:
            return ast.copy_location(ast.Constant(None), node)
        return name_node(TOKEN, node)

    def _report(self, node: ast.expr, value: ast.expr) -> ast.expr:
        """An expression event for `node`, whose rewritten form is `value`."""
        if self.scope.quiet:
            return value
        return hook("expression", node, self._token(node), self._site(Kind.EXPRESSION, node), value)

    def _mangled(self, name: str) -> str:
        class_name = self.scope.class_name.lstrip("_")
        private = name.startswith("__") and not name.endswith("__")
        return f"_{class_name}{name}" if private and class_name else name

    def _log_outside(
        self, names: Iterable[str], node: ast.AST, is_deleted: bool = False
    ) -> list[ast.stmt]:
        """Log the stores of a statement to global variables and to those of closures."""
        stored = list(dict.fromkeys(names))
        outside = tuple(self._mangled(name) for name in stored if name in self.scope.global_names)
        kind = "delete" if is_deleted else "store"
        calls = []
        if outside:
            constant = ast.Constant(cast(Any, outside))
            calls.append(hook(f"{kind} global", node, self._token(node), constant))
        for name in stored:
            if self._mangled(name) in self.scope.cells:
                cell = closing_over([name], node)
                calls.append(hook(f"{kind} cell", node, self._token(node), cell))
        return [as_statement(call, node) for call in calls]

    def _end_of_header(self, node: ast.stmt) -> tuple[int, int]:
        """The end of a compound statement's header, after its colon (line, column in bytes)."""
        parts = [
            child
            for child in ast.walk(_without_blocks(node))
            if isinstance(child, (ast.expr, ast.arg, ast.keyword))
        ]
        line, column = node.lineno, node.col_offset
        for part in parts:
            line, column = max((line, column), (part.end_lineno or 0, part.end_col_offset or 0))
        while line <= len(self.lines):
            rest = self.lines[line - 1].encode()[column:].split(b"#")[0]
            if b":" in rest:
                return line, column + rest.index(b":") + 1
            line, column = line + 1, 0
        return node.lineno, len(self.lines[node.lineno - 1].encode())

    def _returned(self, node: ast.AST, value: ast.expr) -> ast.expr:
        name = "return late" if self.scope.returns_late else "return"
        return hook(name, node, self._token(node), self._site(Kind.RETURN, node), value)
