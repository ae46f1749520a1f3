"""Probes: calls inserted before single lines, to watch them while training runs at full speed.

A probe changes nothing else in the file, and no result. The function's code is swapped for code
with the probe only while it is needed, so that other lines cost nothing. A probe is called where a
recording has a line event: before the statement, and for a loop before each turn.
"""

from __future__ import annotations

import ast
import builtins
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

from engine.debug.instrument.parsing import unwarned
from engine.debug.instrument.swaps import swaps
from engine.debug.instrument.twin import functions_in, key_of, read_source

PROBE, TURNS = "<probe>", "<probe turns>"
Place = tuple[str, int]  # file and line
Callback = Callable[[int, FrameType], None]

_watched: tuple[int, Callback] | None = None  # the watched thread, and the callback


def _probe(number: int) -> None:
    if _watched is not None and _watched[0] == threading.get_ident():
        _watched[1](number, sys._getframe(1))


def _turns(number: int, items: Iterable[Any]) -> Iterator[Any]:
    """The items of a loop, with its line probed before each item and once more at the end."""
    turns = iter(items)
    while True:
        if _watched is not None and _watched[0] == threading.get_ident():
            _watched[1](number, sys._getframe(1))
        try:
            item = next(turns)
        except StopIteration:
            return
        yield item


class _Prober(ast.NodeTransformer):
    """Inserts probes before the statements that begin on certain lines."""

    def __init__(self, numbers: Mapping[int, int]) -> None:
        self._numbers = numbers
        self._depth = 0  # of enclosing functions

    def visit(self, node: ast.AST) -> Any:
        """Probe a statement within a function, and the statements inside it."""
        is_function = isinstance(node, ast.FunctionDef)
        self._depth += is_function
        self.generic_visit(node)
        self._depth -= is_function
        number = self._numbers.get(getattr(node, "lineno", -1))
        if number is None or not isinstance(node, ast.stmt) or not self._depth:
            return node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Global,
                             ast.Nonlocal)):  # fmt: skip
            return node
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return node  # a docstring
        constant = ast.Constant(number)
        if isinstance(node, ast.For):
            node.iter = self._call(TURNS, node.iter, constant, node.iter)
            return node
        call = self._call(PROBE, node, constant)
        if isinstance(node, ast.While):
            either = ast.BoolOp(ast.Or(), [call, node.test])
            node.test = ast.copy_location(either, node.test)
            return node
        return [ast.copy_location(ast.Expr(call), node), node]

    @staticmethod
    def _call(name: str, at: ast.AST, *arguments: ast.expr) -> ast.expr:
        call = ast.copy_location(ast.Call(ast.Name(name, ast.Load()), list(arguments), []), at)
        for new in ast.walk(call):
            if isinstance(new, ast.expr) and not hasattr(new, "lineno"):
                ast.copy_location(new, at)
        return call


@lru_cache(maxsize=64)
def _compiled(file: str, text: str, numbers: tuple[tuple[int, int], ...]) -> Mapping[Any, CodeType]:
    """The functions of a file, compiled with probes given as (line, number) pairs."""
    with unwarned():
        tree = _Prober(dict(numbers)).visit(ast.parse(text, file))
        code = compile(ast.fix_missing_locations(tree), file, "exec", dont_inherit=True)
    return dict(functions_in(code))


@contextmanager
def probing(places: Mapping[Place, int], callback: Callback) -> Iterator[None]:
    """A context in which `callback` gets the number and the frame of each place that runs.

    Only this thread is watched. Functions whose live code differs from their source stay as they
    are.
    """
    global _watched
    by_file: dict[str, dict[int, int]] = {}
    for (file, line), number in places.items():
        by_file.setdefault(file, {})[line] = number
    codes = {
        file: _compiled(file, read_source(file), tuple(sorted(lines.items())))
        for file, lines in by_file.items()
    }
    before = _watched
    try:
        with code_swapped(codes):
            _watched = threading.get_ident(), callback
            yield
    finally:
        _watched = before


@contextmanager
def code_swapped(codes: Mapping[str, Mapping[Any, CodeType]]) -> Iterator[None]:
    """A context in which known functions run other code, given by file and key of the function.

    Functions whose live code differs from their source stay as they are.
    """
    swapped = []
    try:
        for reference, plain, _ in list(swaps.known.values()):
            function = reference()
            if function is None or function.__code__ is not plain:
                continue
            probed = codes.get(plain.co_filename, {}).get(key_of(plain))
            same = probed is None or probed.co_code == plain.co_code
            if probed is not None and not same and probed.co_freevars == plain.co_freevars:
                swapped.append((function, plain))
                function.__code__ = probed
        yield
    finally:
        for function, plain in swapped:
            function.__code__ = plain


# Probed code looks up the probe functions in `builtins`.
setattr(builtins, PROBE, _probe)
setattr(builtins, TURNS, _turns)
