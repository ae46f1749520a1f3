"""Compute again what an operation has computed, with numpy and of its operands alone."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from engine.debug.explain.operation import Form, Operation
from engine.debug.reach.placeholders import FadedArray

BINARY = {
    "+": operator.add, "−": operator.sub, "×": operator.mul, "÷": operator.truediv,
    "//": operator.floordiv, "mod": operator.mod, "^": operator.pow, "@": operator.matmul,
    "and": operator.and_, "or": operator.or_, "xor": operator.xor, "=": operator.eq,
    "≠": operator.ne, "<": operator.lt, "≤": operator.le, ">": operator.gt, "≥": operator.ge,
}  # fmt: skip
UNARY = {"−": operator.neg, "+": operator.pos, "not": operator.invert}


def recompute(operation: Operation) -> Any:
    """The result once more; None where the operation's form does not say how, or it has faded."""
    values = [operand.value for operand in operation.operands]
    for value in (*values, operation.result):
        kind = value.dtype.kind if isinstance(value, (np.ndarray, np.generic)) else "f"
        if isinstance(value, FadedArray) or kind in "OV":
            return None
    compute = _COMPUTE.get(operation.form)
    return None if compute is None else compute(operation, *values)


def _cells(operation: Operation, *values: Any) -> Any:
    symbol = operation.symbol
    if symbol.isidentifier() and symbol not in BINARY and symbol not in UNARY:
        return getattr(np, symbol)(*values)
    return UNARY[symbol](*values) if len(values) == 1 else BINARY[symbol](*values)


def _function(operation: Operation, x: Any) -> Any:
    assert operation.curve is not None
    return operation.curve(x)


def _reduction(operation: Operation, x: Any) -> Any:
    if operation.symbol == "norm":
        return None
    named = {"axis": operation.axes, "keepdims": operation.keepdims}
    if operation.symbol.startswith("arg"):
        whole = len(operation.axes) == x.ndim
        named["axis"] = None if whole else operation.axes[0]
    return getattr(np, operation.symbol)(x, **named)


def _in_place(operation: Operation, before: Any, change: Any, *index: Any) -> Any:
    if not isinstance(before, np.ndarray):
        return BINARY[operation.symbol](before, change)
    after = before.copy()
    where = tuple(index) if index else ...
    if operation.symbol == "":
        after[where] = change
    elif operation.symbol == "@":
        after = before @ change
    else:
        after[where] = BINARY[operation.symbol](after[where], change)
    return after


_COMPUTE = {
    Form.PRODUCT: lambda _, a, b: a @ b,
    Form.ELEMENTWISE: _cells,
    Form.FUNCTION: _function,
    Form.REDUCTION: _reduction,
    Form.TRANSPOSE: lambda operation, x: x.transpose(operation.details["axes"]),
    Form.INDEXING: lambda _, x, *index: x[tuple(index)],
    Form.IN_PLACE: _in_place,
}
