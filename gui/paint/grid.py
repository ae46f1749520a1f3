"""The layout of a matrix's cells on the screen: fitting, zooming, panning. It uses no Qt.

Fitted, a matrix fills its place, so the axes have scales of their own: true proportions would make
784 × 50 a thread. Zooming enlarges both until a cell is large enough for its number.
"""

from __future__ import annotations

from dataclasses import dataclass

from gui.look.type_scale import px
from gui.paint.heatmap import Viewport

LARGEST_CELL = (72.0, 32.0)  # width and height in pixels at which a cell is large enough
LEAST_ZOOM = 1.001  # less is what rounding leaves of a zoom that was undone
LARGEST_SQUARE = 24.0  # the same for the pixels of pictures, which carry no numbers


@dataclass(slots=True)
class Grid:
    """A matrix of `rows` × `columns` cells in a place of `width` × `height` pixels.

    Attributes:
        square: whether cells keep equal sides, as the pixels of a picture do.
        capped: whether a cell stops growing once it is large enough for its number.
        zoom: 1 is fitted.
        top, left: the cell (a fraction, when panned between two) in the upper left corner.
        home: width and height in which it is fitted, where its place has grown since; or None.
    """

    rows: int
    columns: int
    width: float = 1.0
    height: float = 1.0
    square: bool = False
    capped: bool = True
    zoom: float = 1.0
    top: float = 0.0
    left: float = 0.0
    home: tuple[float, float] | None = None

    @property
    def largest_cell(self) -> tuple[float, float]:
        """Width and height beyond which a cell is not enlarged; never more than the place."""
        if not self.capped:
            return self.width, self.height
        width, height = (LARGEST_SQUARE, LARGEST_SQUARE) if self.square else LARGEST_CELL
        return min(px(width), self.width), min(px(height), self.height)

    @property
    def fitted(self) -> tuple[float, float]:
        """Width and height of a cell when all are in sight."""
        place = self.home or (self.width, self.height)
        width, height = place[0] / self.columns, place[1] / self.rows
        most = self.largest_cell
        if self.square:
            side = min(width, height, *most)
            return side, side
        return min(width, most[0]), min(height, most[1])

    @property
    def wanted(self) -> tuple[float, float]:
        """Width and height that would show all cells at this zoom."""
        width, height = self.fitted
        most = (LARGEST_SQUARE, LARGEST_SQUARE) if self.square else LARGEST_CELL
        return (
            self.columns * min(width * self.zoom, max(most[0], width)),
            self.rows * min(height * self.zoom, max(most[1], height)),
        )

    @property
    def cell(self) -> tuple[float, float]:
        """Width and height of a cell, in pixels."""
        width, height = self.fitted
        most = self.largest_cell
        if self.square:
            side = min(width * self.zoom, *most)
            return side, side
        return min(width * self.zoom, most[0]), min(height * self.zoom, most[1])

    @property
    def largest_zoom(self) -> float:
        """The zoom at which both axes have reached their largest cells."""
        width, height = self.fitted
        most = self.largest_cell
        return max(1.0, most[0] / width, most[1] / height)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of what is drawn, in pixels; at most the place."""
        width, height = self.cell
        return min(self.width, self.columns * width), min(self.height, self.rows * height)

    def window(self) -> Viewport:
        """The cells in sight."""
        width, height = self.cell
        w, h = self.size
        bottom = min(self.rows, self.top + h / height)
        right = min(self.columns, self.left + w / width)
        return Viewport(self.top, self.left, bottom, right)

    def fit(self) -> None:
        """Show all cells."""
        self.zoom, self.top, self.left = 1.0, 0.0, 0.0

    def resize(self, width: float, height: float, home: tuple[float, float] | None = None) -> None:
        """Give the grid another place; what is in the corner stays there if it can.

        `home` is the place in which it is fitted, if that is another.
        """
        self.width, self.height = max(1.0, width), max(1.0, height)
        self.home = None if home is None else (max(1.0, home[0]), max(1.0, home[1]))
        self.zoom = min(self.zoom, self.largest_zoom)
        self._clamp()

    def zoom_at(self, factor: float, x: float, y: float) -> None:
        """Zoom so that the point (x, y) of the place stays above the same cell."""
        row, column = self.place_at(x, y)
        zoom = min(self.zoom * factor, self.largest_zoom)
        self.zoom = zoom if zoom > LEAST_ZOOM else 1.0
        self.put(row, column, x, y)

    def put(self, row: float, column: float, x: float, y: float) -> None:
        """Move so that a place among the cells lies at the point (x, y), if it can."""
        width, height = self.cell
        self.left, self.top = column - x / width, row - y / height
        self._clamp()

    def place_at(self, x: float, y: float) -> tuple[float, float]:
        """Which row and column, with their fractions, lie at the point (x, y)."""
        width, height = self.cell
        return self.top + y / height, self.left + x / width

    def pan(self, dx: float, dy: float) -> None:
        """Move the cells by so many pixels."""
        width, height = self.cell
        self.left -= dx / width
        self.top -= dy / height
        self._clamp()

    def reveal(self, row: int, column: int) -> None:
        """Move as little as brings a cell into sight."""
        seen = self.window()
        if row < seen.top:
            self.top = float(row)
        elif row + 1 > seen.bottom:
            self.top += row + 1 - seen.bottom
        if column < seen.left:
            self.left = float(column)
        elif column + 1 > seen.right:
            self.left += column + 1 - seen.right
        self._clamp()

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column under a point of the place, or None beside the matrix."""
        w, h = self.size
        if not (0 <= x < w and 0 <= y < h):
            return None
        width, height = self.cell
        row, column = int(self.top + y / height), int(self.left + x / width)
        return min(row, self.rows - 1), min(column, self.columns - 1)

    def rect_of(self, row: int, column: int) -> tuple[float, float, float, float]:
        """x, y, width and height of a cell in the place; outside of it when not in sight."""
        width, height = self.cell
        return (column - self.left) * width, (row - self.top) * height, width, height

    def _clamp(self) -> None:
        width, height = self.cell
        w, h = self.size
        self.left = min(max(self.left, 0.0), max(0.0, self.columns - w / width))
        self.top = min(max(self.top, 0.0), max(0.0, self.rows - h / height))
