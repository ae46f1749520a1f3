"""Where a number came from: the cells of the operands that made a cell of a result, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.debug.operation import Operation

Index = tuple[int, ...]
# One axis each: a number, or a slice of the axis.
Region = tuple[int | slice, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A contribution to a cell.

    Attributes:
        at: what it is known by: the summed index (596), or the operand's cell.
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
        terms: the largest contributions first, by magnitude, at most as many as were asked for.
        count: how many there are in all.
        nonzero: how many of them are not 0.
        factors: of a product the two vectors that were multiplied, row of the left and column of
            the right, whole, read-only; else the cells of each operand.
    """

    result: Any
    terms: tuple[Term, ...]
    count: int
    nonzero: int
    factors: tuple[np.ndarray[Any, Any], ...]


def sources_of(operation: Operation, index: Index) -> tuple[Region | None, ...]:
    """For each operand the cells that made the cell `index` of the result; None: none of them.

    Raises:
        IndexError: the result has no such cell.
    """
    raise NotImplementedError


def targets_of(operation: Operation, operand: int, index: Index) -> Region | None:
    """The cells of the result that the cell `index` of an operand reaches; None: none."""
    raise NotImplementedError


def terms_of(operation: Operation, index: Index, most: int = 12) -> Terms:
    """The arithmetic that made a cell of the result, the biggest contributions first."""
    raise NotImplementedError
