"""The mapping between the cells of an array and the cells of the matrix drawn for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from engine.debug.explain.terms import Index, Region
from gui.paint.mosaic import Mosaic

Array = np.ndarray[Any, Any]
MOST_MARKS = 400  # the most single cells that are marked at a time


@dataclass(frozen=True, slots=True)
class Box:
    """Cells of a drawn matrix: rows `top` to `bottom`, columns `left` to `right`, ends excluded."""

    top: int
    left: int
    bottom: int
    right: int


class Cells(Protocol):
    """Maps an array's cells to drawn cells, and back."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns that are drawn."""

    def index(self, row: int, column: int) -> Index | None:
        """The array's index of a drawn cell; None if the cell is empty."""

    def boxes(self, region: Region) -> list[Box]:
        """The drawn cells of a region of the array."""


@dataclass(frozen=True, slots=True)
class Plain:
    """The last two axes of an array; a vector is a row, a number a single cell.

    Attributes:
        array_shape: the shape of the array itself.
        shape: rows and columns as drawn; an axis of size 1 may be drawn longer, repeated.
        leading: the indices of the axes before the last two.
    """

    array_shape: tuple[int, ...]
    shape: tuple[int, int]
    leading: tuple[int, ...] = ()

    def index(self, row: int, column: int) -> Index | None:
        """The array's index; along a repeated axis the index of the real cell."""
        sizes = self.array_shape[-2:]
        at = (row, column)[2 - len(sizes) :]
        return (*self.leading, *(min(i, n - 1) for i, n in zip(at, sizes, strict=True)))

    def boxes(self, region: Region) -> list[Box]:
        """One box, or one per cell."""
        ahead = len(self.array_shape) - 2
        if any(isinstance(part, np.ndarray) for part in region):
            return self._points(region)
        if ahead > 0:
            before = region[:ahead]
            if any(
                not isinstance(part, slice) and part != at
                for part, at in zip(before, self.leading, strict=True)
            ):
                return []
            region = region[ahead:]
        spans = [(0, length) for length in self.shape]
        sizes = self.array_shape[-2:]
        for axis, (part, size) in enumerate(zip(region, sizes, strict=True), start=2 - len(sizes)):
            repeated = size == 1 and self.shape[axis] != 1
            if not isinstance(part, slice) and not repeated:
                spans[axis] = (int(part), int(part) + 1)
        return [Box(spans[0][0], spans[1][0], spans[0][1], spans[1][1])]

    def _points(self, region: Region) -> list[Box]:
        found = []
        for at in list(zip(*map(np.ravel, region), strict=True))[:MOST_MARKS]:
            found += self.boxes(tuple(int(i) for i in at))
        return found


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A vector in several rows, wrapped like lines of text.

    Attributes:
        count: the number of cells of the vector.
        across: the number of cells per row.
    """

    count: int
    across: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns that are drawn."""
        return -(-self.count // self.across), self.across

    def index(self, row: int, column: int) -> Index | None:
        """The vector's index of a drawn cell."""
        place = row * self.across + column
        return (place,) if place < self.count else None

    def boxes(self, region: Region) -> list[Box]:
        """One box per cell; for the whole vector a single box."""
        (part,) = region
        if isinstance(part, slice):
            return [Box(0, 0, *self.shape)]
        found = [divmod(int(place), self.across) for place in np.ravel(part)[:MOST_MARKS]]
        return [Box(row, column, row + 1, column + 1) for row, column in found]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Rows or columns of a matrix as pictures, laid out in a mosaic."""

    mosaic: Mosaic

    @property
    def shape(self) -> tuple[int, int]:
        """Pixels down and across."""
        rows, columns = self.mosaic.matrix.shape
        return rows, columns

    def index(self, row: int, column: int) -> Index | None:
        """The array's index of a pixel."""
        return self.mosaic.source(row, column)

    def boxes(self, region: Region) -> list[Box]:
        """Whole pictures, or a pixel in each picture."""
        if any(isinstance(part, np.ndarray) for part in region):
            points = list(zip(*map(np.ravel, region), strict=True))[:MOST_MARKS]
            return [box for at in points for box in self.boxes(tuple(int(i) for i in at))]
        axis = self.mosaic.axis if len(region) == 2 else 0
        picture = region[1 - axis] if len(region) == 2 else 0
        pixel = region[axis]
        found = []
        for number in self._numbers(picture):
            top = number // self.mosaic.across * (self.mosaic.rows + self.mosaic.foot)
            left = number % self.mosaic.across * self.mosaic.columns
            if isinstance(pixel, slice):
                found.append(Box(top, left, top + self.mosaic.rows, left + self.mosaic.columns))
            else:
                y, x = divmod(int(pixel), self.mosaic.columns)
                found.append(Box(top + y, left + x, top + y + 1, left + x + 1))
        return found

    def _numbers(self, picture: int | slice) -> Iterator[int]:
        if isinstance(picture, slice):
            yield from range(min(self.mosaic.count, MOST_MARKS))
        else:
            yield int(picture)
