"""The syntax tree of a place in the source, with positions in the file.

The tree that a twin was compiled from is rewritten, so the text of the place is parsed again.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import cast

from engine.debug.events import Kind, Span
from engine.debug.instrument.parsing import unwarned
from engine.debug.instrument.sites import Site, characters

# Templates that complete a statement: the text of a compound statement is often only its header.
# (The text of an exception may include the body.)
_ELIFS = ("if 0: pass\n{} pass", "if 0: pass\n{}")
_STATEMENTS = ("{}", "{} pass", "{}\n case _: pass", "{} pass\nfinally: pass", *_ELIFS)


@lru_cache(maxsize=1 << 15)
def syntax_of(site: Site) -> ast.expr | ast.stmt | None:
    """The tree of the text of a place; None if it is neither an expression nor a statement.

    Lines and columns of the nodes are those of the file, in characters, as in a `Span`.
    """
    # An exception is usually raised by an expression, but a statement may raise, too.
    kinds = (_expression, _statement) if site.kind in (Kind.EXPRESSION, Kind.EXCEPTION) else (
        _statement,
    )  # fmt: skip
    for parse in kinds:
        found = parse(site.source)
        if found is not None:
            tree, first = found
            _place(tree, site, first)
            if isinstance(tree, ast.Tuple):  # its positions include our parentheses
                tree.lineno, tree.col_offset, tree.end_lineno, tree.end_col_offset = site.span
            return tree
    return None


def span_of(node: ast.AST) -> Span:
    """The position of a node of such a tree."""
    place = cast(ast.expr, node)
    return Span(place.lineno, place.col_offset, place.end_lineno or 0, place.end_col_offset or 0)


def text_of(node: ast.AST) -> str:
    """A node as source text, on one line."""
    text: str | None = vars(node).get("text")
    return ast.unparse(node) if text is None else text


def _expression(source: str) -> tuple[ast.expr, int] | None:
    try:
        with unwarned():
            return ast.parse(f"(\n{source}\n)", mode="eval").body, 2
    except (SyntaxError, ValueError):
        return None


def _statement(source: str) -> tuple[ast.stmt, int] | None:
    for template in _STATEMENTS:
        try:
            with unwarned():
                statement = ast.parse(template.replace("{}", source)).body[0]
        except (SyntaxError, ValueError, IndexError):
            continue
        if template in _ELIFS:
            return cast(ast.If, statement).orelse[0], 2
        return statement, 1
    return None


def _place(tree: ast.AST, site: Site, first: int) -> None:
    """Move the nodes to their positions in the file; the text began at line `first`."""
    lines = tuple(site.source.split("\n"))
    ahead = site.span.line - first
    for node in ast.walk(tree):
        if not isinstance(node, (ast.expr, ast.stmt)):
            continue
        row, end_row = node.lineno - first, (node.end_lineno or node.lineno) - first
        start = characters(lines, row + 1, node.col_offset)
        end = characters(lines, end_row + 1, node.end_col_offset or 0)
        if row == end_row and row < len(lines):
            vars(node)["text"] = lines[row][start:end]
        node.lineno, node.end_lineno = node.lineno + ahead, end_row + first + ahead
        node.col_offset = start + (site.span.column if row == 0 else 0)
        node.end_col_offset = end + (site.span.column if end_row == 0 else 0)
