"""Evaluates an expression: asteval walks its tree and calls the operations allowed here."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
from asteval import Interpreter

from engine.debug.conditions.costs import Meter
from engine.debug.conditions.functions import call_function, call_method, read_attribute
from engine.debug.conditions.operators import (
    compute_binary,
    compute_comparison,
    compute_unary,
    read_item,
)
from engine.debug.conditions.values import truth

CONSTANTS = {"nan": np.nan, "inf": np.inf, "pi": np.pi}


class Evaluator(Interpreter):  # type: ignore[misc]  # asteval ships no types
    """An interpreter whose symbol table holds only values, no functions.

    Exceptions pass through unchanged. asteval itself would raise a new exception of the same class:
    this fails for some classes, prints whole arrays in the message, and catches KeyboardInterrupt.
    """

    def __init__(self) -> None:
        super().__init__(symtable={}, minimal=True, with_ifexp=True, use_numpy=False)
        self.symtable.clear()
        self.symtable.update(CONSTANTS)
        self.meter = Meter()

    def run(self, node: Any, expr: Any = None, lineno: Any = None, with_raise: bool = True) -> Any:
        """The value of a node; None for a missing bound of a slice."""
        return None if node is None else self.node_handlers[type(node).__name__.lower()](node)

    def raise_exception(
        self, node: Any, exc: Any = None, msg: str = "", expr: Any = None, lineno: Any = None
    ) -> None:
        """Raise the error that asteval reports, without keeping it."""
        raise (exc or RuntimeError)(msg)

    def on_binop(self, node: ast.BinOp) -> Any:
        """`a + b`."""
        return compute_binary(type(node.op), self.run(node.left), self.run(node.right), self.meter)

    def on_unaryop(self, node: ast.UnaryOp) -> Any:
        """`-a`."""
        return compute_unary(type(node.op), self.run(node.operand), self.meter)

    def on_compare(self, node: ast.Compare) -> Any:
        """`a < b < c`, up to the first comparison that is false."""
        left, result = self.run(node.left), None
        last = len(node.ops) - 1
        for number, (op, comparator) in enumerate(zip(node.ops, node.comparators, strict=True)):
            right = self.run(comparator)
            result = compute_comparison(type(op), left, right, self.meter)
            if number < last and not truth(result):
                return result
            left = right
        return result

    def on_boolop(self, node: ast.BoolOp) -> Any:
        """`a and b`, `a or b`: the first value that decides."""
        wanted = isinstance(node.op, ast.Or)
        for part in node.values[:-1]:
            value = self.run(part)
            if truth(value) is wanted:
                return value
        return self.run(node.values[-1])

    def on_ifexp(self, node: ast.IfExp) -> Any:
        """`a if b else c`."""
        return self.run(node.body if truth(self.run(node.test)) else node.orelse)

    def on_subscript(self, node: ast.Subscript) -> Any:
        """`a[b]`."""
        return read_item(self.run(node.value), self.run(node.slice), self.meter)

    def on_attribute(self, node: ast.Attribute) -> Any:
        """`a.T`."""
        return read_attribute(self.run(node.value), node.attr)

    def on_call(self, node: ast.Call) -> Any:
        """`max(a)`, `a.max()`."""
        function, rest = node.func, [self.run(argument) for argument in node.args]
        given = {str(keyword.arg): self.run(keyword.value) for keyword in node.keywords}
        if isinstance(function, ast.Attribute):
            return call_method(self.run(function.value), function.attr, rest, given, self.meter)
        assert isinstance(function, ast.Name)
        return call_function(function.id, rest[0], rest[1:], given, self.meter)
