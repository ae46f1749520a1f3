"""Watches the end of one function at full speed: its variables just before it returns.

As with probes, only the code of this function is swapped, and only while it is watched.
"""

from __future__ import annotations

import ast
import builtins
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType, FrameType, FunctionType
from typing import Any

from engine.debug.instrument.parsing import unwarned
from engine.debug.instrument.twin import functions_in, key_of, read_source

ENDING = "<ending>"
Callback = Callable[[FrameType], None]
_watched: tuple[int, Callback] | None = None  # the watched thread, and the callback
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def _end() -> None:
    if _watched is not None and _watched[0] == threading.get_ident():
        _watched[1](sys._getframe(1))


class _Ender(ast.NodeTransformer):
    """Inserts a call before each `return` of one function, and at its end."""

    def __init__(self, first_line: int) -> None:
        self._first_line = first_line
        self._inside = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Instrument the function that begins on the line."""
        first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
        if self._inside:
            return node
        if first != self._first_line:
            self.generic_visit(node)
            return node
        self._inside = True
        node.body = [new for one in node.body for new in self._rewritten(one)]
        self._inside = False
        node.body.append(_call(node.body[-1]))
        return node

    def _rewritten(self, node: ast.stmt) -> list[ast.stmt]:
        found = self.visit(node)
        return found if isinstance(found, list) else [found]

    def visit_Return(self, node: ast.Return) -> Any:
        """Insert the call."""
        return [_call(node), node] if self._inside else node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """A class inside of the function returns nothing from it."""
        if not self._inside:
            self.generic_visit(node)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """Nor does a coroutine."""
        return node


def _call(at: ast.stmt) -> ast.stmt:
    call = ast.Expr(ast.Call(ast.Name(ENDING, ast.Load()), [], []))
    for node in ast.walk(call):
        if isinstance(node, (ast.expr, ast.stmt)):
            ast.copy_location(node, at)
    return call


@lru_cache(maxsize=32)
def _compiled(file: str, text: str, first_line: int) -> dict[Any, CodeType]:
    with unwarned():
        tree = _Ender(first_line).visit(ast.parse(text, file))
        code = compile(ast.fix_missing_locations(tree), file, "exec", dont_inherit=True)
    return dict(functions_in(code))


@contextmanager
def ending(function: FunctionType, callback: Callback) -> Iterator[None]:
    """A context in which `callback` gets the frame of each call of a function that ends normally.

    Only this thread is watched. A function whose live code differs from its source is not.

    Raises:
        OSError, SyntaxError: the source cannot be read.
    """
    global _watched
    plain = function.__code__
    found = _compiled(plain.co_filename, read_source(plain.co_filename), plain.co_firstlineno)
    probed = found.get(key_of(plain))
    before = _watched
    _watched = threading.get_ident(), callback
    try:
        if probed is not None and probed.co_freevars == plain.co_freevars:
            function.__code__ = probed
        yield
    finally:
        _watched = before
        function.__code__ = plain


# The changed code looks the function up in `builtins`.
setattr(builtins, ENDING, _end)
