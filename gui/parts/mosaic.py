"""Rows or columns of a matrix as pictures, side by side: X as digits, W as what a unit sees."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]


class Mosaic(NamedTuple):
    """A matrix made of pictures, and how to find an element of the array in it.

    Attributes:
        matrix: the pictures, `across` of them in a row; places left over are zero.
        axis: the axis of the array along which one picture's pixels lie.
        count: how many pictures there are.
    """

    matrix: Array
    axis: int
    across: int
    count: int
    rows: int
    columns: int

    def source(self, row: int, column: int) -> tuple[int, int] | None:
        """The element of the array that a cell of the mosaic shows; None where no picture is."""
        picture = row // self.rows * self.across + column // self.columns
        if picture >= self.count:
            return None
        pixel = row % self.rows * self.columns + column % self.columns
        return (pixel, picture) if self.axis == 0 else (picture, pixel)


def picture_axis(shape: tuple[int, ...], image: tuple[int, int]) -> int | None:
    """The axis of a matrix or vector that is as long as an image has pixels; the last if both."""
    pixels = image[0] * image[1]
    for axis in range(len(shape) - 1, -1, -1):
        if shape[axis] == pixels > 1:
            return axis
    return None


def best_across(count: int, width: float, height: float) -> int:
    """How many square pictures to a row make them largest in `width` × `height`."""

    def side(across: int) -> float:
        return min(width / across, height / -(-count // across))

    return max(range(1, count + 1), key=side)


def make_mosaic(matrix: Array, axis: int, image: tuple[int, int], across: int) -> Mosaic:
    """Lay the pictures along `axis` of a matrix out, `across` to a row, in reading order."""
    rows, columns = image
    pictures = (matrix.T if axis == 0 else matrix).reshape(-1, rows, columns)
    count = len(pictures)
    down = -(-count // across)
    filled = np.zeros((down * across, rows, columns), dtype=matrix.dtype)
    filled[:count] = pictures
    grid = filled.reshape(down, across, rows, columns).swapaxes(1, 2)
    laid = grid.reshape(down * rows, across * columns)
    return Mosaic(laid, axis, across, count, rows, columns)
