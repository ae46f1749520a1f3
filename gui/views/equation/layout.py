"""The places of an equation's parts and cells on the canvas, fitted or zoomed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from PySide6.QtCore import QPointF, QRectF

from engine.debug.explain.terms import Region
from gui.paint.cell_numbers import LEAST_DIGITS, number_width
from gui.paint.cell_pointer import ArrayCell
from gui.paint.grid import Grid
from gui.views.equation.arrange import PartPlace, arrange, holds_numbers
from gui.views.equation.block_painter import boxes_on_screen
from gui.views.equation.grow import grow
from gui.views.equation.part_painter import Ink, measure
from gui.views.equation.picture.parts import Block, Part, Picture

DIGITS = (2, LEAST_DIGITS)  # significant ones, for which arrays of few cells are widened
FEW = 12  # the most cells that are outlined; more are dotted


def needed_widths(picture: Picture, digits: int) -> dict[int, float]:
    """The widths of cells that hold numbers with so many digits, by the id of the block."""
    found = {}
    for block in picture.blocks:
        if block.values is not None and block.tile is None:
            width = number_width(block.values, digits)
            if width is not None:
                found[id(block)] = width
    return found


class EquationLayout:
    """The places of a picture's parts.

    Attributes:
        places: the places of the parts, from left to right.
    """

    def __init__(self) -> None:
        self.places: list[PartPlace] = []
        self._picture: Picture | None = None
        self._ink: Ink | None = None
        self._room = (1.0, 1.0)
        self._needed: dict[int, dict[int, float]] = {}  # by digits: the width of a block's cells
        self._digits: dict[tuple[float, float], int] = {}  # by width and height, once asked
        self._grids: dict[str, Grid] = {}
        self._grid_of: dict[int, Grid] = {}
        self._anchor: tuple[Part, QPointF, float, float] | None = None  # of the current zoom

    def show(self, picture: Picture, ink: Ink, same: bool) -> None:
        """Lay out another picture from now on; the `same` expression stays zoomed."""
        self._picture, self._ink = picture, ink
        self._needed = {digits: needed_widths(picture, digits) for digits in DIGITS}
        self._digits = {}
        if not same:
            self._grids = {}

    def lay_out(self, width: float, height: float) -> None:
        """Place each part in an area of this size; zoomed arrays grow into free room."""
        self._room = width, height
        if self._picture is not None and self._ink is not None:
            self._lay_out(self._picture, self._ink)

    def digits_in(self, width: float, height: float) -> int:
        """The significant digits of each number in arrays of few cells, in an area of this size.

        0: some have no room for a number; the most where there are no such arrays.
        """
        if self._picture is None or self._ink is None or not any(self._needed.values()):
            return DIGITS[0]
        if (width, height) not in self._digits:
            self._arranged(self._picture, self._ink, width, height)
        return self._digits[width, height]

    def _arranged(self, picture: Picture, ink: Ink, width: float, height: float) -> list[PartPlace]:
        """The places, with room for as many significant digits as can be; remembers how many."""

        def size(part: Part) -> tuple[float, float]:
            return measure(part, ink, width)

        known = self._digits.get((width, height), DIGITS[0])
        places: list[PartPlace] = []
        for digits in DIGITS:
            if digits <= known or digits == DIGITS[-1]:
                needed = self._needed[digits]
                places = arrange(picture, width, height, ink.scale, size, needed)
                if holds_numbers(places, needed):
                    self._digits[width, height] = digits
                    return places
        self._digits[width, height] = 0
        return places

    def _lay_out(self, picture: Picture, ink: Ink) -> None:
        (width, height), below = self._room, picture.below is not None
        self.places = self._arranged(picture, ink, width, height)
        grow(self.places, self._fit_grids(), width, height, ink.scale, below)
        for place in self.places:
            for rect in (place.rect,) if place.rect is place.cells else (place.rect, place.cells):
                rect.translate(8, 4)
            if isinstance(place.part, Block):
                self._fit_cells(place, place.part)

    def _fit_grids(self) -> dict[int, tuple[float, float]]:
        """Fit each block into its place; returns the sizes that zoomed blocks want."""
        self._grid_of, wanted = {}, {}
        for place in self.places:
            part = place.part
            if isinstance(part, Block):
                key = f"{part.operand} {part.shape} {part.tile}"
                grid = self._grids.get(key)
                if grid is None:
                    rows, columns = part.shape
                    grid = self._grids[key] = Grid(rows, columns, square=part.tile is not None)
                grid.resize(place.cells.width(), place.cells.height())
                self._grid_of[id(part)] = grid
                if grid.zoom > 1:
                    wanted[id(part)] = grid.wanted
        return wanted

    def _fit_cells(self, place: PartPlace, block: Block) -> None:
        """Make the cells of a place as large as its grid."""
        grid, cells = self._grid_of[id(block)], place.cells
        home = (grid.width, grid.height) if grid.zoom > 1 else None
        grid.resize(cells.width(), cells.height(), home)
        width, height = grid.size
        middle = cells.center().y()
        cells.setWidth(width)
        cells.setHeight(height)
        if block.tile is not None and grid.zoom > 1:
            cells.moveTop(middle - height / 2)

    def grid_of(self, block: Block) -> Grid:
        """The grid of a block that is laid out."""
        return self._grid_of[id(block)]

    def place_of(self, operand: int) -> PartPlace | None:
        """The place of the block of an operand or of the result, or None."""
        for place in self.places:
            if isinstance(place.part, Block) and place.part.operand == operand:
                return place
        return None

    def place_with(self, block: Block) -> PartPlace:
        """The place of a block that is laid out."""
        return next(place for place in self.places if place.part is block)

    def block_at(self, position: QPointF) -> Block | None:
        """The block whose cells lie at a point of the canvas."""
        for place in self.places:
            if isinstance(place.part, Block) and place.cells.contains(position):
                return place.part
        return None

    def cell_at(self, position: QPointF) -> ArrayCell[Block] | None:
        """The cell at a point of the canvas; None also in the empty places of a mosaic."""
        block = self.block_at(position)
        if block is None:
            return None
        inside = position - self.place_with(block).cells.topLeft()
        cell = self.grid_of(block).cell_at(inside.x(), inside.y())
        if cell is None or block.cells.index(*cell) is None:
            return None
        return ArrayCell(block, *cell)

    def middle_of(self, cell: ArrayCell[Block]) -> QPointF:
        """The middle of a cell on the canvas."""
        left, top, width, height = self.grid_of(cell.array).rect_of(cell.row, cell.column)
        corner = self.place_with(cell.array).cells.topLeft()
        return corner + QPointF(left + width / 2, top + height / 2)

    def boxes(
        self, regions: Mapping[int, Region]
    ) -> Iterator[tuple[PartPlace, Block, Region, list[QRectF]]]:
        """Each block with marked cells: its place, the region, and the region's rectangles."""
        for place in self.places:
            block = place.part
            region = regions.get(block.operand) if isinstance(block, Block) else None
            if isinstance(block, Block) and region is not None and block.is_drawn:
                reached = block.cells.boxes(region)
                least = 7.0 if len(reached) <= FEW else 2.0  # for example a pixel of each picture
                grid = self.grid_of(block)
                yield place, block, region, boxes_on_screen(reached, grid, place.cells, least)

    @property
    def zoomed(self) -> bool:
        """Whether an array is zoomed."""
        return any(grid.zoom > 1 for grid in self._grid_of.values())

    def fit(self) -> None:
        """Show all of every array."""
        for grid in self._grid_of.values():
            grid.fit()
        self.lay_out(*self._room)

    def fit_block(self, block: Block) -> None:
        """Show all of an array."""
        self.grid_of(block).fit()
        self.lay_out(*self._room)

    def zoom_at(self, block: Block, factor: float, at: QPointF) -> None:
        """Zoom a block about a point of the canvas, although the block itself moves.

        The cell under the point is kept for the next step of the zoom, because it cannot stay there
        while a whole axis is visible.
        """
        grid = self.grid_of(block)
        inside = at - self.place_with(block).cells.topLeft()
        if self._anchor is None or self._anchor[:2] != (block, at):
            self._anchor = block, at, *grid.place_at(inside.x(), inside.y())
        row, column = self._anchor[2:]
        grid.zoom_at(factor, inside.x(), inside.y())
        self.lay_out(*self._room)
        inside = at - self.place_with(block).cells.topLeft()
        grid.put(row, column, inside.x(), inside.y())

    def zoom_by_key(
        self, factor: float | None, block: Block, cell: ArrayCell[Block] | None
    ) -> None:
        """Zoom a block about a cell, or about its middle.

        With `factor` None, fit the block; if it is not zoomed, fit every array.
        """
        if factor is not None:
            middle = self.place_with(block).cells.center()
            self.zoom_at(block, factor, middle if cell is None else self.middle_of(cell))
        elif self.grid_of(block).zoom == 1:
            self.fit()
        else:
            self.fit_block(block)

    def end_zoom(self) -> None:
        """Forget the zoom's centre, because the mouse has moved."""
        self._anchor = None
