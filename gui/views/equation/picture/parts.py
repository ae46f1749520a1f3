"""The parts of an operation's picture: arrays, signs, numbers, listings, curves; without sizes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.debug.explain.operation import Operation
from engine.debug.explain.terms import Region
from gui.views.equation.picture.cells import Cells

Array = np.ndarray[Any, Any]
RESULT = -1
NUMERAL = (8.0, 17.0)  # width of a digit, height of a line, in pixels at a scale of 1


@dataclass(slots=True, eq=False)
class Block:
    """An array.

    Attributes:
        operand: which one of the operation, or `RESULT`.
        values: the matrix that is drawn; None where the shape alone is known.
        cells: maps between the array and the matrix.
        sizes: the texts at its rows and its columns, "" for none.
        match: whether rows, columns are a dimension that must agree with another's.
        wrong: whether rows, columns are one that does not.
        gone: whether rows, columns are summed over.
        repeats: how often the real rows, columns are repeated; 1: they are not.
        tile: rows and columns of the pictures that it is made of, or None.
        marked: regions of the array that are always marked, such as the cells picked by an index.
        array: the whole array.
        numbers: of a vector of whole numbers, such as labels, what is written in its cells in the
            place of colours; then there are no `values`.
        captions: what stands beneath each of its pictures, in `foot` rows.
        short: the size of its columns where there is little room for it.
    """

    name: str
    operand: int
    values: Array | None
    cells: Cells
    array: Any
    event: int | None = None
    sizes: tuple[str, str] = ("", "")
    match: tuple[bool, bool] = (False, False)
    wrong: tuple[bool, bool] = (False, False)
    gone: tuple[bool, bool] = (False, False)
    repeats: tuple[int, int] = (1, 1)
    tile: tuple[int, int] | None = None
    marked: tuple[Region, ...] = ()
    numbers: Array | None = None
    captions: tuple[str, ...] = ()
    foot: int = 0
    short: str = ""

    @property
    def is_drawn(self) -> bool:
        """Whether its cells are there to be seen, in colours or as numbers."""
        return self.values is not None or self.numbers is not None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns as drawn."""
        return self.cells.shape


@dataclass(slots=True, eq=False)
class Sign:
    """A sign between two parts: `@`, `+`, `=`; with a word beneath, such as `sum`."""

    text: str
    caption: str = ""


@dataclass(slots=True, eq=False)
class Number:
    """A large number under its name; or a word, small beside an array."""

    name: str
    text: str
    event: int | None = None
    small: bool = False


@dataclass(slots=True, eq=False)
class Listing:
    """A dictionary or the like: its keys and short values, one of them marked."""

    name: str
    rows: tuple[tuple[str, str], ...]
    marked: int = -1
    more: int = 0
    event: int | None = None


@dataclass(slots=True, eq=False)
class Curve:
    """A function of one array: `operation.curve` over its values."""

    name: str
    operation: Operation


Part = Block | Sign | Number | Listing | Curve


@dataclass(slots=True, eq=False)
class Picture:
    """The parts of an equation.

    Attributes:
        below: the part from which on all stand beneath the ones before, or None: all in a row.
    """

    operation: Operation
    parts: list[Part]
    below: int | None = None
    mode_possible: bool = False
    blocks: list[Block] = field(default_factory=list)

    def block_of(self, operand: int) -> Block | None:
        """The block of an operand, or of the result."""
        return next((block for block in self.blocks if block.operand == operand), None)


@dataclass(frozen=True, slots=True)
class Manner:
    """How to show arrays: images as pictures, and which index of the leading axes.

    Attributes:
        labels: of the minibatch's images.
        room: width and height available.
        scale: of the type.
    """

    image: tuple[int, int] = (28, 28)
    pictures: bool = False
    leading: tuple[int, ...] = ()
    labels: Array | None = None
    room: tuple[float, float] = (600.0, 300.0)
    scale: float = 1.0
