"""A tile of a dashboard: a heat map with title and words, and the place of its cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF

from gui.look.type_scale import px
from gui.paint.heatmap import Scale
from gui.paint.scales import Coloured

Array = np.ndarray[Any, Any]
Cell = tuple[int, int]
HEAD, FOOT, HISTOGRAM, HEADING = 20.0, 17.0, 64.0, 17.0
LEGEND = 28.0  # the height of a colour bar with its ends beneath


@dataclass(slots=True, eq=False)
class Tile:
    """One heat map.

    Attributes:
        id: its key from snapshot to snapshot.
        title, shape: above it, at the left and at the right.
        values: (rows, columns), or None: it is not there yet.
        scale: the ends of its colour map.
        array: the array that the words measure; by default the values.
        words: beneath it, pairs of a grey name and a value.
        warning: a word that stands out, after them.
        why: what the warning means, and what to look at.
        missing: the text shown until it is made, and the event that makes it.
        label_of: the name of a cell.
        row: the row to be marked, with its tag, or None.
        box: cells to be marked: top, left, bottom, right; ends excluded.
        cell: one that is marked within, row and column.
        pixels: whether it is a picture, which keeps its proportions.
        strip: (columns,) values drawn as a strip beneath, such as the biases, with its scale.
        histogram: whether one stands at its right.
        bar: whether a colour bar stands before the words.
        legend: whether one as wide as the cells stands beneath them, with its ends.
        image: rows and columns of the pictures that it is a mosaic of, or None.
        truth: the numbers to print, where the colours show values derived from them.
        known: (rows, columns) which cells are known by now; None: all. Others are left empty.
        heads: the names of the rows, at the left, and of the columns, above.
        coloured: its kept colour scales, that of the cells first.
    """

    id: str
    title: str
    shape: str = ""
    values: Array | None = None
    scale: Scale | None = None
    array: Array | None = None
    words: Sequence[tuple[str, str]] = ()
    warning: str = ""
    why: str = ""
    missing: tuple[str, int | None] = ("", None)
    label_of: Callable[[int, int], str] = field(default=lambda row, column: f"[{row}, {column}]")
    row: tuple[int, str] | None = None
    box: tuple[int, int, int, int] | None = None
    cell: Cell | None = None
    pixels: bool = False
    strip: tuple[Array, Scale] | None = None
    histogram: bool = False
    bar: bool = True
    legend: bool = False
    image: tuple[int, int] | None = None
    truth: Array | None = None
    known: Array | None = None
    heads: tuple[Sequence[str], Sequence[str]] = ((), ())
    coloured: tuple[Coloured, ...] = ()

    def cell_rect(self, cells: QRectF, row: int, column: int) -> QRectF:
        """Where a cell is, of all `cells` of the tile."""
        assert self.values is not None, "a tile without values has no cells"
        rows, columns = self.values.shape
        width, height = cells.width() / columns, cells.height() / rows
        return QRectF(cells.left() + column * width, cells.top() + row * height, width, height)


def place_cells(tile: Tile, rect: QRectF) -> QRectF:
    """Where the cells go within a tile."""
    foot = px(FOOT) * lines_in(rect) if tile.words or tile.warning else 0.0
    foot += px(LEGEND) if tile.legend else 0.0
    strip = px(14) if tile.strip is not None else 0.0
    wide = px(HISTOGRAM) + 8 if tile.histogram and rect.width() > 2.6 * px(HISTOGRAM) else 0.0
    head = px(HEAD) if tile.title else 0.0
    rows, columns = (px(HEADING) if names else 0.0 for names in tile.heads)
    cells = rect.adjusted(rows, head + columns, -wide, -foot - strip)
    if tile.pixels and tile.values is not None:
        rows, columns = tile.values.shape
        side = min(cells.width() / columns, cells.height() / rows)
        cells = QRectF(cells.left(), cells.top(), side * columns, side * rows)
        cells.moveLeft(rect.left() + (rect.width() - wide - cells.width()) / 2)
    return cells


def lines_in(rect: QRectF) -> int:
    """How many lines of words a tile has room for."""
    return 2 if rect.height() > px(150) else 1
