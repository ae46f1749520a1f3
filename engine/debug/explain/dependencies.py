"""Which operand cells make a result cell, and which result cells an operand cell reaches.

There is a pair of functions for each form of operation. They use only shapes and indices, so that
they also work for arrays whose values were not kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np

from engine.debug.explain.operation import Form, Operation
from engine.debug.explain.reading import shape_of

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]
Index = tuple[int, ...]
# A numpy index: an integer or a slice for each axis, or an array of integers for each axis.
Region = tuple[Any, ...]
Regions = tuple[Region | None, ...]

_WHOLE = slice(None)


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes of an operation's operands and of its result."""

    operands: tuple[Shape, ...]
    result: Shape


def _product_sources(operation: Operation, shapes: Shapes, index: Index) -> Regions:
    left, right = shapes.operands[:2]
    rest = list(index)
    column = rest.pop() if len(right) > 1 else None
    row = rest.pop() if len(left) > 1 else None
    stack = tuple(rest)
    a = (_WHOLE,) if row is None else (*_stretched(left[:-2], stack), row, _WHOLE)
    b = (_WHOLE,) if column is None else (*_stretched(right[:-2], stack), _WHOLE, column)
    return a, b


def _product_target(operation: Operation, shapes: Shapes, operand: int, index: Index) -> Region:
    shape, other = shapes.operands[operand], shapes.operands[1 - operand]
    kept = () if len(shape) == 1 else ((index[-2],) if operand == 0 else (index[-1],))
    across = (_WHOLE,) if len(other) > 1 else ()
    ends = (*kept, *across) if operand == 0 else (*across, *kept)
    ahead = len(shapes.result) - len(ends)
    own = [i if n > 1 else _WHOLE for i, n in zip(index[:-2], shape[:-2], strict=True)]
    return (*(_WHOLE,) * (ahead - len(own)), *own, *ends)


def _stretched(shape: Shape, index: Index) -> Index:
    """The cell that is at `index` when an array of this shape is broadcast."""
    own = index[len(index) - len(shape) :]
    return tuple(0 if n == 1 else i for i, n in zip(own, shape, strict=True))


def _reached(shape: Shape, out: Shape, index: Index) -> Region:
    """The places of the cell `index` when an array of this shape is broadcast to `out`."""
    ahead = len(out) - len(shape)
    own = [
        _WHOLE if n == 1 and out[ahead + axis] != 1 else i
        for axis, (i, n) in enumerate(zip(index, shape, strict=True))
    ]
    return (*(_WHOLE,) * ahead, *own)


def _cell_sources(operation: Operation, shapes: Shapes, index: Index) -> Regions:
    return tuple(_stretched(shape, index) for shape in shapes.operands)


def _cell_target(operation: Operation, shapes: Shapes, operand: int, index: Index) -> Region:
    return _reached(shapes.operands[operand], shapes.result, index)


def _reduction_sources(operation: Operation, shapes: Shapes, index: Index) -> Regions:
    rest = iter(index)
    region: list[Any] = []
    for axis in range(len(shapes.operands[0])):
        collapsed = axis in operation.axes
        place = next(rest) if operation.keepdims or not collapsed else 0
        region.append(_WHOLE if collapsed else place)
    return (tuple(region),)


def _reduction_target(operation: Operation, shapes: Shapes, operand: int, index: Index) -> Region:
    return tuple(
        0 if axis in operation.axes else i
        for axis, i in enumerate(index)
        if operation.keepdims or axis not in operation.axes
    )


def _transpose_sources(operation: Operation, shapes: Shapes, index: Index) -> Regions:
    axes = operation.details["axes"]
    return (tuple(index[axes.index(axis)] for axis in range(len(axes))),)


def _transpose_target(operation: Operation, shapes: Shapes, operand: int, index: Index) -> Region:
    return tuple(index[axis] for axis in operation.details["axes"])


def _same_sources(operation: Operation, shapes: Shapes, index: Index) -> Regions:
    return tuple(index if shape == shapes.result else None for shape in shapes.operands)


def _same_target(operation: Operation, shapes: Shapes, operand: int, index: Index) -> Region | None:
    return index if shapes.operands[operand] == shapes.result else None


def _reshaped(shape: Shape, out: Shape, index: Index) -> Region | None:
    """The cell at the same place in C order; None if the sizes differ."""
    if shape == out:
        return index
    if prod(shape) != prod(out):
        return None
    flat = np.ravel_multi_index(index, shape) if index else 0
    return tuple(int(i) for i in np.unravel_index(flat, out)) if out else ()


@lru_cache(maxsize=4)
def _labels(operation: Operation) -> Array | None:
    """The source of each cell of a moved copy: operand cells numbered from 1 across operands."""
    move = operation.details.get("move")
    shapes = [shape_of(operand.value) for operand in operation.operands]
    if move is None:
        return None
    ends = accumulate((prod(shape) for shape in shapes), initial=1)
    labels = [
        np.arange(start, start + prod(shape)).reshape(shape)
        for start, shape in zip(ends, shapes, strict=False)
    ]
    try:
        moved = np.asarray(move(*labels))
    except (TypeError, ValueError, IndexError):
        return None
    return moved if moved.shape == shape_of(operation.result) else None


def _copy_sources(operation: Operation, shapes: Shapes, index: Index) -> Regions:
    labels = _labels(operation)
    if labels is None:
        if len(shapes.operands) != 1:
            return (None,) * len(shapes.operands)
        return (_reshaped(shapes.result, shapes.operands[0], index),)
    label = int(labels[index]) - 1
    found: list[Region | None] = []
    for shape in shapes.operands:
        inside = 0 <= label < prod(shape)
        found.append(tuple(map(int, np.unravel_index(label, shape))) if inside else None)
        label -= prod(shape)
    return tuple(found)


def _copy_target(operation: Operation, shapes: Shapes, operand: int, index: Index) -> Region | None:
    shape = shapes.operands[operand]
    labels = _labels(operation)
    if labels is None:
        return _reshaped(shape, shapes.result, index) if len(shapes.operands) == 1 else None
    before = sum(prod(other) for other in shapes.operands[:operand])
    return _where(labels == before + int(np.ravel_multi_index(index, shape)) + 1)


def _where(mask: Array) -> Region | None:
    if mask.ndim == 0:
        return () if mask else None
    found = np.nonzero(mask)
    if found[0].size <= 1:
        return tuple(int(axis[0]) for axis in found) if found[0].size else None
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Picks:
    """The cells that an index selects.

    Attributes:
        places: for each selected cell, its flat place in the array (C order).
        last: for each flat place in the array, the flat number of its last selection; -1: none.
    """

    places: Array
    last: Array


@lru_cache(maxsize=4)
def _picks(operation: Operation) -> _Picks | None:
    """The selected cells; None if an index is unknown, or selects within a cell."""
    first = _first_index(operation)
    shape = shape_of(operation.operands[0].value)
    indices = tuple(operand.value for operand in operation.operands[first:])
    size = prod(shape)
    try:
        places = np.asarray(np.arange(size).reshape(shape)[indices])
    except (IndexError, TypeError, ValueError):
        return None
    if operation.form is Form.INDEXING and places.shape != shape_of(operation.result):
        return None
    last = np.full(size, -1)
    last[places.ravel()] = np.arange(places.size)
    return _Picks(places, last)


def _first_index(operation: Operation) -> int:
    return 1 if operation.form is Form.INDEXING else 2


def _index_sources(operation: Operation, place: Index) -> Regions:
    """For each index, its cell that selected the cell `place` of the selection."""
    values = [operand.value for operand in operation.operands[_first_index(operation) :]]
    shapes = [_reach_of(value) for value in values]
    arrays = [shape for shape in shapes if shape]
    if not arrays or any(value is Ellipsis for value in values):
        return (None,) * len(values)
    advanced = [axis for axis, shape in enumerate(shapes) if shape is not None]
    # Numpy puts the axes of index arrays at the first array, if the arrays are adjacent.
    together = advanced == list(range(advanced[0], advanced[-1] + 1))
    start = advanced[0] if together else 0
    picked = place[start : start + len(np.broadcast_shapes(*arrays))]
    return tuple(
        _cell_of_index(value, shape, picked) if shape else None
        for value, shape in zip(values, shapes, strict=True)
    )


def _reach_of(value: Any) -> Shape | None:
    """The shape that an index contributes; None for a slice, a new axis or an ellipsis."""
    if value is None or value is Ellipsis or isinstance(value, slice):
        return None
    array = np.asarray(value)
    return (int(np.count_nonzero(array)),) if array.dtype == bool else array.shape


def _cell_of_index(value: Any, shape: Shape, picked: Index) -> Region:
    own = _stretched(shape, picked)
    if np.asarray(value).dtype == bool:
        return tuple(int(axis[own[0]]) for axis in np.nonzero(value))
    return own


def _indexing_sources(operation: Operation, shapes: Shapes, index: Index) -> Regions:
    picks = _picks(operation)
    if picks is None:
        return (None,) * len(shapes.operands)
    at = np.unravel_index(int(picks.places[index]), shapes.operands[0])
    return (tuple(map(int, at)), *_index_sources(operation, index))


def _indexing_target(
    operation: Operation, shapes: Shapes, operand: int, index: Index
) -> Region | None:
    picks = _picks(operation)
    if operand > 0 or picks is None:
        return None
    return _where(picks.places == np.ravel_multi_index(index, shapes.operands[0]))


def _in_place_sources(operation: Operation, shapes: Shapes, index: Index) -> Regions:
    if operation.symbol == "@":
        return _product_sources(operation, shapes, index)
    before, change = shapes.operands[:2]
    stored = operation.symbol == ""  # a plain store does not depend on the old value
    if len(shapes.operands) == 2:
        return None if stored else index, _stretched(change, index)
    picks = _picks(operation)
    if picks is None:
        return (None,) * len(shapes.operands)
    pick = int(picks.last[np.ravel_multi_index(index, before)])
    if pick < 0:
        return (index, *(None,) * (len(shapes.operands) - 1))
    cell = tuple(map(int, np.unravel_index(pick, picks.places.shape)))
    extra = max(len(change) - len(cell), 0)
    made = ((0,) * extra) + _stretched(change[extra:], cell)
    return None if stored else index, made, *_index_sources(operation, cell)


def _in_place_target(
    operation: Operation, shapes: Shapes, operand: int, index: Index
) -> Region | None:
    if operation.symbol == "@":
        return _product_target(operation, shapes, operand, index) if operand < 2 else None
    if len(shapes.operands) == 2:
        stored = operand == 0 and operation.symbol == ""
        return None if stored else _reached(shapes.operands[operand], shapes.result, index)
    picks = _picks(operation)
    if picks is None or operand > 1:
        return None
    if operand == 0:
        flat = np.ravel_multi_index(index, shapes.operands[0])
        return None if operation.symbol == "" and picks.last[flat] >= 0 else index
    change = shapes.operands[1]
    out = picks.places.shape
    extra = max(len(change) - len(out), 0)  # leading axes of length 1, which a store drops
    region = _reached(change[extra:], out, index[extra:])
    numbers = np.arange(picks.places.size).reshape(out)
    picked = np.ravel(np.asarray(numbers[region]))
    places = np.ravel(picks.places)[picked]
    places = places[picks.last[places] == picked]  # a later write to the same cell overwrites
    if places.size <= 1:
        return tuple(map(int, np.unravel_index(places[0], shapes.result))) if places.size else None
    return np.unravel_index(places, shapes.result)


_Sources = Callable[[Operation, Shapes, Index], Regions]
_Target = Callable[[Operation, Shapes, int, Index], "Region | None"]
Links = tuple[_Sources, _Target]
LINKS: dict[Form, Links] = {
    Form.PRODUCT: (_product_sources, _product_target),
    Form.ELEMENTWISE: (_cell_sources, _cell_target),
    Form.FUNCTION: (_cell_sources, _cell_target),
    Form.REDUCTION: (_reduction_sources, _reduction_target),
    Form.TRANSPOSE: (_transpose_sources, _transpose_target),
    Form.COPY: (_copy_sources, _copy_target),
    Form.INDEXING: (_indexing_sources, _indexing_target),
    Form.IN_PLACE: (_in_place_sources, _in_place_target),
    Form.RETURN: (_same_sources, _same_target),
    Form.ASSIGNMENT: (_same_sources, _same_target),
}


def links_of(operation: Operation) -> Links | None:
    """How the cells of an operation hang together; None: they do not, or it is not known."""
    own: Links | None = operation.details.get("links")
    return own or LINKS.get(operation.form)
