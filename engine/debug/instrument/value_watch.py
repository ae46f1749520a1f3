"""Watches the values of one expression at full speed, such as the loss.

As with probes, only the functions of its file are swapped, and only while they are watched.
"""

from __future__ import annotations

import ast
import builtins
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType
from typing import Any

from engine.debug.events import Span
from engine.debug.instrument.parsing import unwarned
from engine.debug.instrument.probes import code_swapped
from engine.debug.instrument.sites import characters
from engine.debug.instrument.twin import functions_in, read_source

VALUE = "<value>"
Callback = Callable[[Any], None]
_watched: tuple[int, Callback] | None = None  # the watched thread, and the callback


def _value(value: Any) -> Any:
    if _watched is not None and _watched[0] == threading.get_ident():
        _watched[1](value)
    return value


class _Wrapper(ast.NodeTransformer):
    """Puts a call around the outermost expression of a span."""

    def __init__(self, text: str, span: Span) -> None:
        self._lines = tuple(text.splitlines())
        self._span = span

    def visit(self, node: ast.AST) -> Any:
        """Wrap the expression, or look inside of it."""
        if isinstance(node, ast.expr) and self._is_wanted(node):
            call = ast.Call(ast.Name(VALUE, ast.Load()), [node], [])
            for new in (call, call.func):
                ast.copy_location(new, node)
            return call
        return self.generic_visit(node)

    def _is_wanted(self, node: ast.expr) -> bool:
        wanted, lines = self._span, self._lines
        if (node.lineno, node.end_lineno) != (wanted.line, wanted.end_line):
            return False
        if isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
            return False
        first = characters(lines, node.lineno, node.col_offset)
        last = characters(lines, node.end_lineno or 0, node.end_col_offset or 0)
        return (first, last) == (wanted.column, wanted.end_column)


@lru_cache(maxsize=32)
def _compiled(file: str, text: str, span: Span) -> Mapping[Any, CodeType]:
    with unwarned():
        tree = _Wrapper(text, span).visit(ast.parse(text, file))
        code = compile(ast.fix_missing_locations(tree), file, "exec", dont_inherit=True)
    return dict(functions_in(code))


@contextmanager
def watching(file: str, span: Span, callback: Callback) -> Iterator[None]:
    """A context in which `callback` gets each value of an expression, and may raise.

    Only this thread is watched. Functions whose live code differs from their source are not.

    Raises:
        OSError, SyntaxError: the source cannot be read.
    """
    global _watched
    codes = {file: _compiled(file, read_source(file), span)}
    before = _watched
    try:
        with code_swapped(codes):
            _watched = threading.get_ident(), callback
            yield
    finally:
        _watched = before


# The changed code looks the function up in `builtins`.
setattr(builtins, VALUE, _value)
