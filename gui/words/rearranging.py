"""The words for operations that move or pick cells: transposes, indices, copies, joins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.debug.explain.operation import Operand, Operation
from engine.debug.explain.reading import is_array, shape_of
from engine.debug.reach.placeholders import FadedArray
from gui.dialogs.wording import to_translate
from gui.words.saying import code, count, named, number, say, shape, whole

_N = to_translate
_FLAT = ("reshape", "ravel", "flatten", "squeeze", "expand_dims", "view")
_JOINS = ("concatenate", "stack", "hstack", "vstack", "column_stack", "dstack")
# What is done to an array by a function that moves cells.
_MOVES: Mapping[str, str] = {
    "pad": _N("words", "{array} gets a border: now {shape}."),
    "repeat": _N("words", "The cells of {array} are repeated: now {shape}."),
    "tile": _N("words", "{array} is laid out several times: now {shape}."),
    "broadcast_to": _N("words", "{array} is repeated to the shape {shape}, without a copy."),
    "roll": _N("words", "The cells of {array} are shifted around its end: {shape}."),
    "flip": _N("words", "{array} is reversed: {shape}."),
    "copy": _N("words", "{array} is copied: changes to the copy leave the original as it is."),
}


def transpose(operation: Operation) -> str:
    """A transpose."""
    array = operation.operands[0]
    sizes = shape_of(array.value)
    if len(sizes) == 2:
        return say(
            _N("words", "The rows of {array} become the columns of {source} {shape}."),
            array=named(array),
            source=code(operation.source),
            shape=shape(operation.result),
        )
    return say(
        _N("words", "The axes of {array} change places: {source} {shape}."),
        array=named(array),
        source=code(operation.source),
        shape=shape(operation.result),
    )


def indexing(operation: Operation) -> str:
    """An array that is indexed, by what its indices are."""
    array, *indices = operation.operands
    sizes = shape_of(array.value)
    fields: dict[str, Any] = {"source": code(operation.source), "array": named(array)}
    masks = [i for i in indices if _is_of(i, "b")]
    lists = [i for i in indices if _is_of(i, "iu") or isinstance(i.value, list)]
    if masks:
        return say(
            _N("words", "{source} takes the cells of {array} where {mask} is True: {n}."),
            mask=code(masks[0].text),
            n=shape(operation.result),
            **fields,
        )
    if len(lists) == 2 and len(sizes) == 2:
        return say(
            _N("words", "{source} picks one of {m} in each of {rows} of {array}."),
            m=count(sizes[1], "cell"),
            rows=count(len(lists[0].value), "row"),
            **fields,
        )
    if len(lists) == 1 and is_array(operation.result):
        rows = shape_of(operation.result)[0]
        return say(
            _N("words", "{source} takes {n} of {array} by number, as in {index}."),
            n=count(rows, "row" if len(sizes) > 1 else "cell"),
            index=named(lists[0]),
            **fields,
        )
    if any(i.value is None for i in indices) and not isinstance(indices[0].value, FadedArray):
        return say(
            _N("words", "{source} gives {array} a new axis of length 1: {shape}."),
            shape=shape(operation.result),
            **fields,
        )
    if not is_array(operation.result):
        return say(
            _N("words", "{source} is one cell of {array}: {value}."),
            value=number(operation.result),
            **fields,
        )
    return say(
        _N("words", "{source} takes a part of {array}: {shape}."),
        shape=shape(operation.result),
        **fields,
    )


def _is_of(operand: Operand, kinds: str) -> bool:
    value = operand.value
    return isinstance(value, np.ndarray) and value.ndim > 0 and value.dtype.kind in kinds


def copy(operation: Operation) -> str:
    """The same cells, maybe elsewhere: a copy, another shape or type, a join."""
    result, name = operation.result, operation.symbol
    array = operation.operands[0]
    fields = {"array": named(array), "source": code(operation.source), "shape": shape(result)}
    if len(operation.operands) > 1 or name in _JOINS:
        parts = ", ".join(named(operand) for operand in operation.operands[:2])
        if len(operation.operands) == 2:
            return say(_N("words", "{parts} are joined: {source} {shape}."), parts=parts, **fields)
        return say(
            _N("words", "{n} arrays, {array} the first, are joined: {shape}."),
            n=whole(len(operation.operands)),
            **fields,
        )
    if name == "astype" or name.startswith("float"):
        return say(
            _N("words", "{array} with its numbers as {type}."),
            type=code(str(getattr(result, "dtype", name))),
            **fields,
        )
    if name in _MOVES:
        return say(_MOVES[name], **fields)
    if name in _FLAT and shape_of(array.value) != shape_of(result):
        return say(
            _N("words", "The cells of {array} in another shape: {source} {shape}."), **fields
        )
    if name == "if":
        return say(_N("words", "The condition has chosen {array} for {source}."), **fields)
    return say(_N("words", "{source} has the cells of {array}: {shape}."), **fields)
