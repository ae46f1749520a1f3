"""Where a number came from: the cells of the operands that made a cell of a result, and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from engine.debug.operation import Form, Operation

Array = np.ndarray[Any, Any]
Index = tuple[int, ...]
# As numpy indexes: a number or a slice for each axis, or for each axis an array of numbers.
Region = tuple[Any, ...]

_BY_CELL = (Form.ELEMENTWISE, Form.FUNCTION)
_SUMS = ("sum", "mean", "nansum", "nanmean")


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A contribution to a cell.

    Attributes:
        at: what it is known by: the summed index (596,), or the cell of the operand.
        factors: the numbers that it is made of, `(0.99, 0.0686)`.
        value: what it contributes.
    """

    at: Index
    factors: tuple[float, ...]
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """How a cell of a result was made.

    Attributes:
        result: the cell's value.
        terms: the largest contributions first, by magnitude, at most as many as were asked for; of
            `max` and its like the largest values, of `min` the smallest.
        count: how many there are in all.
        nonzero: how many of them are not 0.
        factors: of a product the two vectors that were multiplied, row of the left and column of
            the right, whole, read-only; else the cells of each operand.
    """

    result: Any
    terms: tuple[Term, ...]
    count: int
    nonzero: int
    factors: tuple[Array, ...]


def sources_of(operation: Operation, index: Index) -> tuple[Region | None, ...]:
    """For each operand the cells that made the cell `index` of the result; None: none of them.

    Raises:
        IndexError: the result has no such cell.
    """
    _check(np.shape(operation.result), index)
    shapes = [np.shape(operand.value) for operand in operation.operands]
    form = operation.form
    if form is Form.PRODUCT:
        return _product_sources(shapes[0], shapes[1], index)
    if form in _BY_CELL:
        return tuple(_broadcast_source(shape, index) for shape in shapes)
    if form is Form.REDUCTION:
        return (_reduction_source(operation, shapes[0], index),)
    if form is Form.TRANSPOSE:
        axes = operation.details["axes"]
        return (tuple(index[axes.index(axis)] for axis in range(len(axes))),)
    if form is Form.INDEXING:
        at = np.unravel_index(int(_picks(operation)[index]), shapes[0])
        return (tuple(map(int, at)), *(_index_source(o.value, index) for o in
                                       operation.operands[1:]))  # fmt: skip
    if form is Form.COPY and shapes:
        return (_reshaped(np.shape(operation.result), shapes[0], index),)
    if form is Form.IN_PLACE:
        return _in_place_sources(operation, shapes, index)
    if form in (Form.RETURN, Form.ASSIGNMENT):
        same = [shape == np.shape(operation.result) for shape in shapes]
        return tuple(index if there else None for there in same)
    return (None,) * len(shapes)


def targets_of(operation: Operation, operand: int, index: Index) -> Region | None:
    """The cells of the result that the cell `index` of an operand reaches; None: none.

    Raises:
        IndexError: the operand has no such cell.
    """
    value = operation.operands[operand].value
    shape, out = np.shape(value), np.shape(operation.result)
    _check(shape, index)
    form = operation.form
    if operation.result is None:
        return None
    if form is Form.PRODUCT:
        other = np.shape(operation.operands[1 - operand].value)
        return _product_target(operand, shape, other, out, index)
    if form in _BY_CELL:
        return _broadcast_target(shape, out, index)
    if form is Form.REDUCTION:
        return _reduction_target(operation, out, index)
    if form is Form.TRANSPOSE:
        return tuple(index[axis] for axis in operation.details["axes"])
    if form is Form.INDEXING and operand == 0:
        return _where(_picks(operation), int(np.ravel_multi_index(index, shape)))
    if form is Form.COPY:
        return _reshaped(shape, out, index)
    if form is Form.IN_PLACE:
        return _in_place_target(operation, operand, shape, out, index)
    if form in (Form.RETURN, Form.ASSIGNMENT):
        return index if shape == out else None
    return None


def terms_of(operation: Operation, index: Index, most: int = 12) -> Terms:
    """The arithmetic that made a cell of the result, the biggest contributions first."""
    result = operation.result[index] if index else np.asarray(operation.result)[()]
    sources = sources_of(operation, index)
    cells = [
        np.asarray(np.asarray(operand.value)[region])
        for operand, region in zip(operation.operands, sources, strict=True)
        if region is not None and _is_numeric(operand.value)
    ]
    for cell in cells:
        if cell.base is not None or cell.flags.owndata:
            cell.flags.writeable = False
    if operation.form is Form.PRODUCT and len(cells) == 2:
        return _terms_of_product(result, cells[0], cells[1], most)
    if operation.form is Form.REDUCTION and cells:
        return _terms_of_reduction(operation, result, cells[0], sources[0] or (), most)
    terms = tuple(
        Term(tuple(int(i) for i in region), (_number(cell),), _number(cell))
        for cell, region in zip(cells, [s for s in sources if s is not None], strict=False)
        if cell.ndim == 0
    )
    nonzero = sum(term.value != 0 for term in terms)
    return Terms(result, terms[:most], len(terms), nonzero, tuple(cells))


def _terms_of_product(result: Any, row: Array, column: Array, most: int) -> Terms:
    with np.errstate(all="ignore"):
        products = row * column
    order = _largest(np.abs(products), most)
    terms = tuple(
        Term((int(k),), (_number(row[k]), _number(column[k])), _number(products[k])) for k in order
    )
    return Terms(result, terms, products.size, int(np.count_nonzero(products)), (row, column))


def _terms_of_reduction(
    operation: Operation, result: Any, cells: Array, region: Region, most: int
) -> Terms:
    flat = cells.reshape(-1)
    share = 1 / flat.size if "mean" in operation.symbol and flat.size else 1
    if operation.symbol in _SUMS:
        order = _largest(np.abs(flat), most)
    elif "min" in operation.symbol:
        order = _largest(-flat, most)
    else:
        order = _largest(flat, most)
    open_axes = [axis for axis, part in enumerate(region) if isinstance(part, slice)]
    terms = []
    for place in order:
        at = [int(part) if not isinstance(part, slice) else 0 for part in region]
        inside = np.unravel_index(int(place), cells.shape)
        for axis, position in zip(open_axes, inside, strict=True):
            at[axis] = int(position)
        value = _number(flat[place])
        terms.append(Term(tuple(at), (value,), value * share))
    return Terms(result, tuple(terms), flat.size, int(np.count_nonzero(flat)), (cells,))


def _largest(values: Array, most: int) -> Array:
    """Places of the largest, the largest first; NaN counts as the largest."""
    keys = np.where(np.isnan(values), np.inf, values) if values.dtype.kind == "f" else values
    if keys.dtype == bool:
        keys = keys.astype(np.uint8)
    order: Array = np.argsort(-keys.astype(np.float64), kind="stable")[:most]
    return order


def _number(value: Any) -> float:
    number = np.asarray(value).item()
    return abs(number) if isinstance(number, complex) else float(number)


def _is_numeric(value: Any) -> bool:
    if isinstance(value, (bool, int, float, np.generic)):
        return True
    return isinstance(value, np.ndarray) and value.dtype.kind in "biufc"


def _check(shape: tuple[int, ...], index: Index) -> None:
    if len(index) != len(shape) or any(not 0 <= i < n for i, n in zip(index, shape, strict=True)):
        raise IndexError(f"no cell {index} in an array of shape {shape}")


def _product_sources(
    left: tuple[int, ...], right: tuple[int, ...], index: Index
) -> tuple[Region, Region]:
    whole = slice(None)
    rest = list(index)
    column = rest.pop() if len(right) > 1 else None
    row = rest.pop() if len(left) > 1 else None
    stacks = tuple(rest)
    a = (*_stack_of(left[:-2], stacks), row, whole) if row is not None else (whole,)
    b = (*_stack_of(right[:-2], stacks), whole, column) if column is not None else (whole,)
    return a, b


def _stack_of(shape: tuple[int, ...], stacks: tuple[int, ...]) -> tuple[int, ...]:
    """The place of a stack of matrices, broadcast."""
    own = stacks[len(stacks) - len(shape) :] if shape else ()
    return tuple(0 if n == 1 else i for i, n in zip(own, shape, strict=True))


def _product_target(
    operand: int,
    shape: tuple[int, ...],
    other: tuple[int, ...],
    out: tuple[int, ...],
    index: Index,
) -> Region:
    whole = slice(None)
    matrix = len(shape) > 1
    kept = () if not matrix else ((index[-2],) if operand == 0 else (index[-1],))
    across = (whole,) if len(other) > 1 else ()
    ends = (*kept, *across) if operand == 0 else (*across, *kept)
    stacks: Region = (whole,) * (len(out) - len(ends))
    own = [i if n > 1 else whole for i, n in zip(index[:-2], shape[:-2], strict=True)]
    if own:
        stacks = (*stacks[: len(stacks) - len(own)], *own)
    return (*stacks, *ends)


def _broadcast_source(shape: tuple[int, ...], index: Index) -> Region:
    own = index[len(index) - len(shape) :] if shape else ()
    return tuple(0 if n == 1 else i for i, n in zip(own, shape, strict=True))


def _broadcast_target(shape: tuple[int, ...], out: tuple[int, ...], index: Index) -> Region:
    ahead = len(out) - len(shape)
    own = [
        slice(None) if n == 1 and out[ahead + axis] != 1 else i
        for axis, (i, n) in enumerate(zip(index, shape, strict=True))
    ]
    return (*(slice(None),) * ahead, *own)


def _reduction_source(operation: Operation, shape: tuple[int, ...], index: Index) -> Region:
    rest = iter(index)
    region: list[Any] = []
    for axis in range(len(shape)):
        collapsed = axis in operation.axes
        if operation.keepdims or not collapsed:
            i = next(rest)
        region.append(slice(None) if collapsed else i)
    return tuple(region)


def _reduction_target(operation: Operation, out: tuple[int, ...], index: Index) -> Region:
    kept = [
        0 if axis in operation.axes else i
        for axis, i in enumerate(index)
        if operation.keepdims or axis not in operation.axes
    ]
    return tuple(kept)


def _reshaped(shape: tuple[int, ...], out: tuple[int, ...], index: Index) -> Region | None:
    """The cell of the same place in reading order; None where the sizes differ."""
    if shape == out:
        return index
    if np.prod(shape) != np.prod(out):
        return None
    flat = int(np.ravel_multi_index(index, shape)) if index else 0
    return tuple(int(i) for i in np.unravel_index(flat, out)) if out else ()


@lru_cache(maxsize=4)
def _picks(operation: Operation) -> Array:
    """For each cell that was picked, its place in the array, in reading order."""
    first = 1 if operation.form is Form.INDEXING else 2
    shape = np.shape(operation.operands[0].value)
    places = np.arange(int(np.prod(shape))).reshape(shape)
    parts = tuple(operand.value for operand in operation.operands[first:])
    return np.asarray(places[parts])


def _where(picks: Array, place: int) -> Region | None:
    found = np.nonzero(picks == place)
    if picks.ndim == 0:
        return () if int(picks) == place else None
    if found[0].size == 0:
        return None
    if found[0].size == 1:
        return tuple(int(axis[0]) for axis in found)
    return found


def _index_source(value: Any, index: Index) -> Region | None:
    """The cell of an index array that picked a cell of the result, where that is plain."""
    shape = np.shape(value)
    if isinstance(value, np.ndarray) and value.dtype != bool and len(shape) <= len(index):
        own = index[: len(shape)]
        if all(0 <= i < n for i, n in zip(own, shape, strict=True)):
            return own
    return None


def _in_place_sources(
    operation: Operation, shapes: list[tuple[int, ...]], index: Index
) -> tuple[Region | None, ...]:
    change, indices = shapes[1], shapes[2:]
    if operation.symbol == "@":
        return (None,) * len(shapes)
    if not indices:
        return index, _broadcast_source(change, index)
    place = int(np.ravel_multi_index(index, shapes[0]))
    found = _where(_picks(operation), place)
    if found is None:
        return (index, *(None,) * (len(shapes) - 1))
    cell = tuple(int(np.ravel(axis)[-1]) for axis in found)  # the last one that wrote it stays
    picked = [_index_source(o.value, cell) for o in operation.operands[2:]]
    return index, _broadcast_source(change, cell), *picked


def _in_place_target(
    operation: Operation, operand: int, shape: tuple[int, ...], out: tuple[int, ...], index: Index
) -> Region | None:
    if operand == 0:
        return index
    if operation.symbol == "@":
        return None
    if len(operation.operands) == 2:
        return _broadcast_target(shape, out, index)
    if operand > 1:
        return None
    picks = _picks(operation)
    places = picks[_broadcast_target(shape, picks.shape, index)]
    cells = np.unravel_index(np.ravel(places), out)
    if np.size(places) == 1:
        return tuple(int(axis[0]) for axis in cells)
    return cells
