"""The arithmetic behind a cell: the operand cells that made it, and the result cells it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.debug.explain.dependencies import Index, Region, Shapes, links_of
from engine.debug.explain.operation import Form, Operation
from engine.debug.explain.reading import shape_of
from engine.debug.reach.placeholders import FadedArray

__all__ = ["Index", "Region", "Term", "Terms", "sources_of", "targets_of", "terms_of"]

Array = np.ndarray[Any, Any]
_SUMS = ("sum", "mean", "nansum", "nanmean")


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A contribution to a cell.

    Attributes:
        at: the summed index (596,), or the cell of the operand.
        factors: the numbers whose product it is: `(0.99, 0.0686)`.
        value: its contribution.
    """

    at: Index
    factors: tuple[float, ...]
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """The arithmetic that made a cell of a result.

    Attributes:
        result: the cell's value.
        terms: the largest contributions, the largest magnitude first, at most `most`. For `max` and
            the like they are the largest values, for `min` the smallest.
        count: the number of all contributions.
        nonzero: the number of contributions that are not 0.
        factors: for a product the whole row of the left operand and column of the right; else the
            cells of each operand. Read-only.
    """

    result: Any
    terms: tuple[Term, ...]
    count: int
    nonzero: int
    factors: tuple[Array, ...]


def sources_of(operation: Operation, index: Index) -> tuple[Region | None, ...]:
    """For each operand, the cells that made the cell `index` of the result, or None.

    Raises:
        IndexError: the result has no such cell.
    """
    shapes = _shapes_of(operation)
    _check(shapes.result, index)
    links = links_of(operation)
    if links is None or not operation.operands:
        return (None,) * len(operation.operands)
    return links[0](operation, shapes, index)


def targets_of(operation: Operation, operand: int, index: Index) -> Region | None:
    """The cells of the result that the cell `index` of an operand reaches, or None.

    Raises:
        IndexError: the operand has no such cell.
    """
    shapes = _shapes_of(operation)
    _check(shapes.operands[operand], index)
    links = links_of(operation)
    if links is None or operation.result is None:
        return None
    return links[1](operation, shapes, operand, index)


def _shapes_of(operation: Operation) -> Shapes:
    operands = tuple(shape_of(operand.value) for operand in operation.operands)
    return Shapes(operands, shape_of(operation.result))


def terms_of(operation: Operation, index: Index, most: int = 12) -> Terms:
    """The arithmetic that made a cell of the result, the biggest contributions first.

    If the values were not kept, there are no terms, and the result is None.

    Raises:
        IndexError: the result has no such cell.
    """
    found = zip(operation.operands, sources_of(operation, index), strict=True)
    kept = [
        (region, _cells(operand.value, region))
        for operand, region in found
        if region is not None and _is_numeric(operand.value)
    ]
    result = _cell(operation.result, index)
    matrix = operation.form is Form.PRODUCT or (
        operation.form is Form.IN_PLACE and operation.symbol == "@"
    )
    if matrix and len(kept) == 2:
        return _terms_of_product(result, kept[0][1], kept[1][1], most)
    if operation.form is Form.REDUCTION and kept:
        return _terms_of_reduction(operation, result, kept[0][1], kept[0][0], most)
    terms = tuple(
        Term(tuple(int(i) for i in region), (_number(cells),), _number(cells))
        for region, cells in kept
        if cells.ndim == 0
    )
    nonzero = sum(term.value != 0 for term in terms)
    return Terms(result, terms[:most], len(terms), nonzero, tuple(cells for _, cells in kept))


def _cell(value: Any, index: Index) -> Any:
    if isinstance(value, FadedArray):
        return None
    if shape_of(value):
        return np.asarray(value)[index]
    return value[()] if isinstance(value, np.ndarray) else value


def _cells(value: Any, region: Region) -> Array:
    cells = np.asarray(np.asarray(value)[region]).view()
    cells.flags.writeable = False
    return cells


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
    else:
        order = _largest(flat, most, -1 if "min" in operation.symbol else 1)
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


def _largest(values: Array, most: int, sign: int = 1) -> Array:
    """The places of the largest values, the largest first; NaN counts as the largest."""
    keys = np.abs(values) if values.dtype.kind == "c" else values
    keys = -sign * keys.astype(np.float64)
    keys[np.isnan(keys)] = -np.inf
    if keys.size <= 16 * most:
        return np.argsort(keys, kind="stable")[:most]
    found = np.sort(np.argpartition(keys, most)[:most])
    return found[np.argsort(keys[found], kind="stable")]


def _number(value: Any) -> float:
    number = np.asarray(value).item()
    return abs(number) if isinstance(number, complex) else float(number)


def _is_numeric(value: Any) -> bool:
    if isinstance(value, (bool, int, float)):
        return True
    if isinstance(value, list):
        value = np.asarray(value) if shape_of(value) else None
    return isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biufc"


def _check(shape: tuple[int, ...], index: Index) -> None:
    if len(index) != len(shape) or any(not 0 <= i < n for i, n in zip(index, shape, strict=True)):
        raise IndexError(f"no cell {index} in an array of shape {shape}")
