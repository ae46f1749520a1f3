"""Cells of an array, selected by an index that a user types: `300, 7` or `:, 3`."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from engine.errors import BadValue, clipped

Array = np.ndarray[Any, Any]
LONGEST_INDEX = 200  # characters; thousands of nested brackets would overflow the parser


def cells_of(array: Array, text: str) -> Array:
    """The cells of an array at a typed index: `300, 7`, `:, 3`, or "" for all.

    Raises:
        BadValue: the text is no index, or no index of this array.
    """
    try:
        return np.asarray(array[parse_index(text)])
    except (IndexError, TypeError, ValueError) as error:
        raise BadValue(
            "index of cells", text, f"an index into an array {array.shape} ({error})"
        ) from None


def parse_index(text: str) -> Any:
    """An index of integers and slices from a text; raises BadValue for anything else."""
    if not text.strip():
        return ...
    try:
        if len(text) > LONGEST_INDEX:
            raise ValueError("too long")
        node = ast.parse(f"a[{text}]", mode="eval").body
        if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)):
            raise ValueError("no index")
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        index = tuple(_part(part) for part in parts)
        if not index:  # `()`
            raise ValueError("no axis")
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: deep nesting
        raise BadValue(
            "index of cells", clipped(text, LONGEST_INDEX), "such as 300, 7 or :, 3"
        ) from None
    return index if len(index) > 1 else index[0]


def _part(node: ast.expr) -> Any:
    if isinstance(node, ast.Slice):
        bounds = (node.lower, node.upper, node.step)
        found = slice(*(None if bound is None else _whole(bound) for bound in bounds))
        if found.step == 0:
            raise ValueError("a step of 0")
        return found
    return _whole(node)


def _whole(node: ast.expr) -> int:
    value = ast.literal_eval(node)
    if type(value) is not int:
        raise ValueError("no whole number")
    return value


def cells_if_there(value: Any, text: str) -> Array | None:
    """The cells at a typed index; None if the value is no array, or has no such cells."""
    try:
        return cells_of(value, text) if isinstance(value, np.ndarray) else None
    except BadValue:
        return None
