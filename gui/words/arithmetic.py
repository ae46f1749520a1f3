"""The words for arithmetic, comparisons and functions, cell by cell."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.debug.explain.operation import Operand, Operation
from engine.debug.explain.reading import is_array, shape_of
from gui.dialogs.wording import to_translate
from gui.words.measured import numbers
from gui.words.saying import code, count, named, number, percent, say, shape, whole

_N = to_translate

# An operation of two arrays of one shape; an array and a number; a row, and a column, of numbers
# for an array. The smaller operand is `b`, which stands at the right if `b_last`.
_CELLS: Mapping[str, str] = {
    "+": _N("words", "{a} and {b} are added, cell by cell."),
    "−": _N("words", "{b} is taken off {a}, cell by cell."),
    "×": _N("words", "{a} and {b} are multiplied, cell by cell."),
    "÷": _N("words", "{a} is divided by {b}, cell by cell."),
    "^": _N("words", "{a} to the power of {b}, cell by cell."),
    "maximum": _N("words", "The larger of each two cells of {a} and {b}."),
    "minimum": _N("words", "The smaller of each two cells of {a} and {b}."),
}
_LAST: Mapping[str, str] = {  # array, then number
    "+": _N("words", "{b} is added to every cell of {a}."),
    "−": _N("words", "{b} is taken off every cell of {a}."),
    "×": _N("words", "Every cell of {a} is multiplied by {b}."),
    "÷": _N("words", "Every cell of {a} is divided by {b}."),
    "^": _N("words", "Every cell of {a} to the power of {b}."),
    "maximum": _N("words", "Every cell of {a} below {b} becomes {b}."),
    "minimum": _N("words", "Every cell of {a} above {b} becomes {b}."),
}
_FIRST: Mapping[str, str] = {  # number, then array
    **_LAST,
    "−": _N("words", "Every cell of {a} is taken off {b}."),
    "÷": _N("words", "{b} is divided by every cell of {a}."),
    "^": _N("words", "{b} to the power of every cell of {a}."),
}
_ROWS: Mapping[str, str] = {  # an array, and one row for all of its rows
    "+": _N("words", "{b} is added to every row of {a}."),
    "−": _N("words", "{b} is taken off every row of {a}."),
    "×": _N("words", "Every row of {a} is multiplied by {b}."),
    "÷": _N("words", "Every row of {a} is divided by {b}."),
}
_COLUMNS: Mapping[str, str] = {  # an array, and one number for each of its rows
    "+": _N("words", "Each row of {a} has its own number of {b} added."),
    "−": _N("words", "Each row of {a} has its own number of {b} taken off."),
    "×": _N("words", "Each row of {a} is multiplied by its own number of {b}."),
    "÷": _N("words", "Each row of {a} is divided by its own number of {b}."),
}
# Functions of one array.
_FUNCTIONS: Mapping[str, str] = {
    "exp": _N("words", "e to the power of each cell of {a}: from {low} to {high}."),
    "log": _N("words", "The logarithm of each cell of {a}: from {low} to {high}."),
    "sqrt": _N("words", "The square root of each cell of {a}: from {low} to {high}."),
    "tanh": _N("words", "tanh of each cell of {a}: from {low} to {high}."),
    "square": _N("words", "Each cell of {a} is squared: from {low} to {high}."),
    "abs": _N("words", "Each cell of {a} without its sign: from {low} to {high}."),
    "absolute": _N("words", "Each cell of {a} without its sign: from {low} to {high}."),
    "sign": _N("words", "The sign of each cell of {a}: −1, 0 or 1."),
    "clip": _N("words", "Each cell of {a} is kept within limits: from {low} to {high}."),
}


def elementwise(operation: Operation) -> str:
    """Arithmetic or a comparison of arrays, and of arrays and numbers."""
    result, operands = operation.result, operation.operands
    arrays = [operand for operand in operands if is_array(operand.value)]
    if isinstance(result, np.ndarray) and result.dtype == bool:
        return _mask(operation, result)
    if operation.symbol == "where":
        return _where(operation)
    if len(operands) == 1:
        return _one(operation)
    if len(operands) != 2 or not arrays:
        return _plain(operation)
    if len(arrays) == 2:
        return _two_arrays(operation, *arrays)
    table = _LAST if arrays[0] is operands[0] else _FIRST
    other = operands[1] if arrays[0] is operands[0] else operands[0]
    if operation.symbol not in table:
        return _plain(operation)
    return say(table[operation.symbol], a=named(arrays[0]), b=_with_value(other))


def _one(operation: Operation) -> str:
    if operation.symbol in ("−", "negative"):
        return say(
            _N("words", "The sign of each cell of {a} is turned: {source}."),
            a=named(operation.operands[0]),
            source=code(operation.source),
        )
    return _plain(operation)


def _two_arrays(operation: Operation, first: Operand, second: Operand) -> str:
    m, n, out = shape_of(first.value), shape_of(second.value), shape_of(operation.result)
    if m != out and n != out:
        return say(
            _N("words", "{source}: {m} and {n} give {out}, a broadcast larger than both."),
            source=code(operation.source),
            m=shape(first.value),
            n=shape(second.value),
            out=shape(operation.result),
        )
    if m == n and operation.symbol in _CELLS:
        if operation.symbol == "×" and first.text == second.text:
            return say(_N("words", "{a} is squared, cell by cell."), a=named(first))
        return say(_CELLS[operation.symbol], a=named(first), b=code(second.text))
    big, small = (first, second) if m == out else (second, first)
    turned = big is second and operation.symbol in ("−", "÷")
    sizes = shape_of(small.value)
    table = _COLUMNS if len(sizes) == len(out) == 2 and sizes[1] == 1 != out[1] else _ROWS
    row = len(out) == 2 and sizes in ((out[1],), (1, out[1]))
    if not turned and operation.symbol in table and (row or table is _COLUMNS):
        return say(table[operation.symbol], a=named(big), b=named(small))
    return say(
        _N("words", "{source}: {small} is repeated to the shape of {big}."),
        source=code(operation.source),
        small=named(small),
        big=named(big),
    )


def _with_value(operand: Operand) -> str:
    """A number: its value, and its name if it has one."""
    try:
        text = number(operand.value)
    except (TypeError, ValueError):
        return code(operand.text)
    try:
        ast.literal_eval(operand.text)
    except (ValueError, SyntaxError):
        return say(_N("words", "{name} = {value}"), name=code(operand.text), value=text)
    return text


def _mask(operation: Operation, result: np.ndarray[Any, Any]) -> str:
    return say(
        _N("words", "{source} {shape} is True in {share} of its cells."),
        source=code(operation.source),
        shape=shape(result),
        share=percent(int(np.count_nonzero(result)), result.size),
    )


def _where(operation: Operation) -> str:
    test, yes, no = operation.operands
    return say(
        _N("words", "Where {test} is True {yes}, elsewhere {no}: {shape}."),
        test=code(test.text),
        yes=code(yes.text),
        no=code(no.text),
        shape=shape(operation.result),
    )


def function(operation: Operation) -> str:
    """A function of one array, cell by cell."""
    result, array = operation.result, operation.operands[0]
    if isinstance(result, np.ndarray) and result.dtype == bool:
        return _mask(operation, result)
    cells = numbers(result)
    fields = {"a": named(array), "low": number(cells.min()), "high": number(cells.max())}
    if operation.symbol in _FUNCTIONS:
        return say(_FUNCTIONS[operation.symbol], **fields)
    power = _power(operation.source, array.text)
    if power == 2:
        return say(_N("words", "{a} is squared, cell by cell: from {low} to {high}."), **fields)
    if operation.symbol in ("maximum", "minimum"):
        limit = [part for part in _arguments(operation.source) if part != array.text]
        raised = int(np.count_nonzero(cells != numbers(array.value)))
        if limit and operation.symbol == "maximum":
            return say(
                _N("words", "Cells of {a} below {limit} become {limit}: {n} of {cells}."),
                limit=code(limit[0]),
                n=whole(raised),
                cells=count(cells.size, "cell"),
                **fields,
            )
        if limit:
            return say(
                _N("words", "Cells of {a} above {limit} become {limit}: {n} of {cells}."),
                limit=code(limit[0]),
                n=whole(raised),
                cells=count(cells.size, "cell"),
                **fields,
            )
    if operation.symbol == "where":
        return _plain(operation)
    return say(
        _N("words", "{source}, for each cell of {a}: from {low} to {high}."),
        source=code(operation.source),
        **fields,
    )


def _power(source: str, base: str) -> int | None:
    """The exponent, if a source is a whole power of a base."""
    try:
        node = ast.parse(source.strip(), mode="eval").body
    except SyntaxError:
        return None
    found = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)
    if not found or not isinstance(node, ast.BinOp) or ast.unparse(node.left) != base:
        # The base times itself.
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            left, right = ast.unparse(node.left), ast.unparse(node.right)
            return 2 if left == right == base else None
        return None
    return node.right.value if isinstance(node.right, ast.Constant) else None  # type: ignore[return-value]


def _arguments(source: str) -> list[str]:
    """The arguments of a call, as source."""
    try:
        node = ast.parse(source.strip(), mode="eval").body
    except SyntaxError:
        return []
    return [ast.unparse(part) for part in node.args] if isinstance(node, ast.Call) else []


def _plain(operation: Operation) -> str:
    given = ", ".join(named(o) for o in operation.operands if is_array(o.value))
    return say(
        _N("words", "{source}, cell by cell, from {given}: {shape}."),
        source=code(operation.source),
        given=given,
        shape=shape(operation.result),
    )
