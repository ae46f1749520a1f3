"""A mosaic: rows or columns of a matrix as pictures, such as x as digits, W as units' weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
LEAST_PICTURE = 64  # pixels from which a picture shows more than its numbers


@dataclass(frozen=True, slots=True, eq=False)
class Mosaic:
    """A matrix of pictures, and the mapping between its cells and the array's elements.

    Attributes:
        matrix: the pictures, `across` of them in a row; places left over are zero.
        axis: the axis of the array along which one picture's pixels lie.
        count: how many pictures there are.
        foot: rows of the mosaic beneath each picture that are left empty, for words.
    """

    matrix: Array
    axis: int
    across: int
    count: int
    rows: int
    columns: int
    foot: int = 0

    def source(self, row: int, column: int) -> tuple[int, int] | None:
        """The element of the array that a cell of the mosaic shows; None: it shows none."""
        height = self.rows + self.foot
        picture = row // height * self.across + column // self.columns
        if picture >= self.count or row % height >= self.rows:
            return None
        pixel = row % height * self.columns + column % self.columns
        return (pixel, picture) if self.axis == 0 else (picture, pixel)

    def place(self, row: int, column: int) -> tuple[int, int]:
        """The cell of the mosaic that shows an element of the array."""
        pixel, picture = (row, column) if self.axis == 0 else (column, row)
        down, right = divmod(picture, self.across)
        y, x = divmod(pixel, self.columns)
        return down * (self.rows + self.foot) + y, right * self.columns + x


def picture_axis(shape: tuple[int, ...], image: tuple[int, int]) -> int | None:
    """The axis of a matrix or vector that is as long as an image has pixels; the last if both."""
    pixels = image[0] * image[1]
    for axis in range(len(shape) - 1, -1, -1):
        if shape[axis] == pixels > 1:
            return axis
    return None


def best_across(count: int, width: float, height: float, shape: float = 1.0) -> int:
    """How many pictures to a row make them largest in `width` × `height`.

    `shape`: how high each is, with what stands beneath it, of its width.
    """

    def side(across: int) -> float:
        return min(width / across, height / -(-count // across) / shape)

    return max(range(1, count + 1), key=side)


def make_mosaic(
    matrix: Array, axis: int, image: tuple[int, int], across: int, foot: int = 0
) -> Mosaic:
    """Lay the pictures along `axis` of a matrix out, `across` to a row, in reading order.

    Beneath each are `foot` rows of zeros.
    """
    rows, columns = image
    pictures = (matrix.T if axis == 0 else matrix).reshape(-1, rows, columns)
    count = len(pictures)
    down = -(-count // across)
    filled = np.zeros((down * across, rows + foot, columns), dtype=matrix.dtype)
    filled[:count, :rows] = pictures
    grid = filled.reshape(down, across, rows + foot, columns).swapaxes(1, 2)
    laid = grid.reshape(down * (rows + foot), across * columns)
    return Mosaic(laid, axis, across, count, rows, columns, foot)
