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
NUMERAL = (8.0, 17.0)  # width of a digit and height of a line, in pixels at a scale of 1


@dataclass(slots=True, eq=False)
class Block:
    """An array.

    Attributes:
        operand: the number of the operand, or `RESULT`.
        values: the matrix that is drawn; None if only the shape is known.
        cells: the mapping between the array and the matrix.
        sizes: the texts at its rows and its columns, or "".
        match: whether rows, columns must agree with a dimension of another block.
        wrong: whether rows, columns are a dimension that fails to agree.
        gone: whether rows, columns are summed over.
        repeats: the number of times the real rows, columns are drawn; 1 without repeats.
        tile: rows and columns of its pictures, or None.
        marked: regions of the array that are always marked, such as the cells picked by an index.
        array: the whole array.
        numbers: the texts in the cells of a vector of whole numbers, such as labels; then `values`
            is None.
        captions: the texts beneath its pictures, in `foot` rows.
        short: the text of its columns' size where room is scarce.
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
        """Whether its cells are drawn, in colours or as numbers."""
        return self.values is not None or self.numbers is not None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns as drawn."""
        return self.cells.shape


@dataclass(slots=True, eq=False)
class Sign:
    """A sign between two parts, such as `@`, `+`, `=`; or with a word beneath, such as `sum`."""

    text: str
    caption: str = ""


@dataclass(slots=True, eq=False)
class Number:
    """A large number under its name, or a word, which is small beside an array."""

    name: str
    text: str
    event: int | None = None
    small: bool = False


@dataclass(slots=True, eq=False)
class Listing:
    """A dictionary or the like: its keys and short values, one row marked."""

    name: str
    rows: tuple[tuple[str, str], ...]
    marked: int = -1
    more: int = 0
    event: int | None = None


@dataclass(slots=True, eq=False)
class Curve:
    """A function of one array: `operation.curve` over the array's values."""

    name: str
    operation: Operation


Part = Block | Sign | Number | Listing | Curve


@dataclass(slots=True, eq=False)
class Picture:
    """The parts of an equation.

    Attributes:
        below: the index of the first part that lies beneath the previous parts; None for one row.
    """

    operation: Operation
    parts: list[Part]
    below: int | None = None
    mode_possible: bool = False
    blocks: list[Block] = field(default_factory=list)

    @property
    def folds(self) -> bool:
        """Whether its room decides how many pictures or numbers of a block are in a row."""
        return any(block.captions or block.numbers is not None for block in self.blocks)

    def block_of(self, operand: int) -> Block | None:
        """The block of an operand, or of the result."""
        return next((block for block in self.blocks if block.operand == operand), None)


@dataclass(frozen=True, slots=True)
class Manner:
    """How to show arrays: images as pictures or not, and the index of the leading axes.

    Attributes:
        labels: the labels of the minibatch's images.
        room: the available width and height.
        scale: the scale of the font.
    """

    image: tuple[int, int] = (28, 28)
    pictures: bool = False
    leading: tuple[int, ...] = ()
    labels: Array | None = None
    room: tuple[float, float] = (600.0, 300.0)
    scale: float = 1.0
