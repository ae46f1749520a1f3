"""A canvas for a matrix: heat map, axis marks, zoom and pan, a cell under mouse or keyboard.

Wheel, `+` and `−` zoom, dragging pans, `0` fits. The arrow keys move a cell cursor; cells large
enough for it carry their number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.cell_marks import enlarged, paint_outline, paint_seams, paint_tag
from gui.paint.cell_numbers import paint_numbers
from gui.paint.cell_pointer import ArrayCell, CellPointer, zoom_of_key, zoom_of_wheel
from gui.paint.grid import Grid
from gui.paint.heatmap import HeatMap, MapKind, Scale
from gui.paint.text import code_face, draw_text, paint_dimmed
from gui.paint.values import scalar_text

Array = np.ndarray[Any, Any]
Cell = tuple[int, int]

MARGIN_LEFT, MARGIN_TOP, MARGIN_END = 24, 20, 8
LEAST_MARK = 7.0  # pixels to which the mark of a smaller cell is enlarged
_ONLY = 0  # the id of the only array of this canvas


class MatrixCanvas(QWidget):
    """Draws a matrix; says in a tag beside the cell what it holds and where it is.

    `label_of(row, column)` names a cell of the matrix, `[66, 18]`, or is empty for one that stands
    for nothing (the gap behind the last picture).
    """

    cell_changed = Signal(str)  # the tag's text, or "" when no cell is pointed at

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.grid = Grid(1, 1)
        self._values: Array = np.zeros((1, 1))
        self._scale = Scale(MapKind.SIGNED, -1.0, 1.0)
        self._label_of: Callable[[int, int], str] = lambda row, column: f"[{row}, {column}]"
        self._axes = ("1", "1")
        self._tile: Cell | None = None
        self._rest: Cell | None = None  # what is marked while nobody points
        self._past = False
        self._dragged_from: QPointF | None = None
        self._heat_map = HeatMap()
        self.pointer: CellPointer[int] = CellPointer(self, self, self._on_moved)
        self.setMinimumSize(96, 56)
        self.setAccessibleName(self.tr("Heat map"))

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.update()

    def show_matrix(
        self,
        values: Array,
        scale: Scale,
        label_of: Callable[[int, int], str],
        axes: tuple[str, str],
        tile: Cell | None = None,
    ) -> None:
        """Draw a matrix; zoom and place are kept while its shape is the same.

        Args:
            values: (rows, columns), at least one of each.
            scale: the values at the ends of the colour map.
            label_of: the index that a cell is known by.
            axes: the texts at the left and the upper edge.
            tile: rows and columns of the pictures that the matrix is made of, or None.
        """
        if values.shape != (self.grid.rows, self.grid.columns) or tile != self._tile:
            rows, columns = values.shape
            self.grid = Grid(rows, columns, square=tile is not None)
            self.pointer.at = self._rest = None
        self._values, self._scale = values, scale
        self._label_of, self._axes, self._tile = label_of, axes, tile
        self.grid.resize(*self._place())
        self._say()
        self.update()

    def cell_text(self) -> str:
        """`[66, 18] 4.624` for the cell pointed at, or nothing."""
        label, cell = self.cell_label(), self._marked()
        return f"{label} {scalar_text(self._values[cell])}" if label and cell else ""

    def cell_label(self) -> str:
        """`[66, 18]` for the cell pointed at, or nothing."""
        cell = self._marked()
        return self._label_of(*cell) if cell else ""

    def mark(self, cell: Cell | None, past: bool = False) -> None:
        """Mark a cell while nobody points at one; `past`: dim all, it is of an earlier stop."""
        if (cell, past) != (self._rest, self._past):
            self._rest, self._past = cell, past
            self._say()
            self.update()

    def point_at(self, position: QPointF) -> None:
        """Point at the cell at a place of the widget."""
        self.pointer.point_under(position)

    def zoom(self, factor: float) -> None:
        """Zoom at the cell pointed at by the keyboard, else at the middle."""
        x, y = (side / 2 for side in self.grid.size)
        at = self.pointer.at
        if at is not None and self.pointer.by_keyboard:
            left, top, width, height = self.grid.rect_of(at.row, at.column)
            x, y = left + width / 2, top + height / 2
        self.grid.zoom_at(factor, x, y)
        self.update()

    def fit(self) -> None:
        """Show the whole matrix."""
        self.grid.fit()
        self.update()

    def area(self) -> QRectF:
        """Where the cells are drawn."""
        return QRectF(px(MARGIN_LEFT), px(MARGIN_TOP), *self.grid.size)

    def _place(self) -> tuple[int, int]:
        return (
            max(1, self.width() - px(MARGIN_LEFT) - MARGIN_END),
            max(1, self.height() - px(MARGIN_TOP) - MARGIN_END),
        )

    def _marked(self) -> Cell | None:
        at = self.pointer.at
        return self._rest if at is None else (at.row, at.column)

    def _on_moved(self) -> None:
        self.cell_changed.emit(self.cell_text())

    def _say(self) -> None:
        self.pointer.say()
        self._on_moved()

    # Where the cells are, for the pointer

    def cell_at(self, position: QPointF) -> ArrayCell[int] | None:
        """The cell at a place of the widget."""
        at = position - self.area().topLeft()
        cell = self.grid.cell_at(at.x(), at.y())
        return None if cell is None else ArrayCell(_ONLY, *cell)

    def shape_of(self, array: int) -> Cell:
        """Rows and columns."""
        return self.grid.rows, self.grid.columns

    def has(self, cell: ArrayCell[int]) -> bool:
        """All cells are there; the gap behind the last picture has no name."""
        return True

    def arrays(self) -> Sequence[int]:
        """The one matrix."""
        return (_ONLY,)

    def first(self) -> int:
        """The matrix."""
        return _ONLY

    def reveal(self, cell: ArrayCell[int]) -> None:
        """Pan to a cell."""
        self.grid.reveal(cell.row, cell.column)
        self.update()

    def describe(self) -> str:
        """The cell pointed at, with its number."""
        return self.cell_text()

    # What a person does. Names are Qt's.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the grid into the new size."""
        self.grid.resize(*self._place())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the mouse."""
        factor = zoom_of_wheel(event)
        if factor != 1:
            at = event.position() - self.area().topLeft()
            self.grid.zoom_at(factor, at.x(), at.y())
            self.pointer.point_under(event.position())
            self.update()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pan."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._dragged_from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, or point at the cell under the mouse."""
        if self._dragged_from is not None and self.grid.zoom > 1:
            moved = event.position() - self._dragged_from
            self._dragged_from = event.position()
            self.grid.pan(moved.x(), moved.y())
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.update()
        self.pointer.point_under(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End panning."""
        self._dragged_from = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit."""
        self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing, unless the keyboard does."""
        self.pointer.leave()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cell pointer; zoom, fit."""
        key = Qt.Key(event.key())
        factor = zoom_of_key(key)
        if factor is not None:
            self.zoom(factor)
        elif key is Qt.Key.Key_0:
            self.fit()
        elif not self.pointer.move(key):
            super().keyPressEvent(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells, their frame and marks, the numbers and the tag."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.theme.panel))
        area, window = self.area(), self.grid.window()
        self._heat_map.paint(painter, area, self._values, self._scale, self.theme, window)
        painter.setPen(QColor(self.theme.strong))
        painter.drawRect(area.adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.save()
        painter.setClipRect(area)
        self._paint_tiles(painter, area)
        if self._tile is None:
            paint_numbers(painter, area, self._values, self._scale, self.grid, self.theme)
        painter.restore()
        self._paint_axes(painter, area)
        if self._past:
            paint_dimmed(painter, self.rect(), self.theme)
        else:
            self._paint_cell(painter, area)
        self.pointer.paint_focus(painter, self.theme)

    def _paint_tiles(self, painter: QPainter, area: QRectF) -> None:
        if self._tile is None:
            return
        panel = QColor(self.theme.panel)
        width, height = self.grid.cell
        row = self.grid.rows - self._tile[0]
        for column in range(0, self.grid.columns, self._tile[1]):
            if not self._label_of(row, column):  # no picture is left for this place
                x, y, _, _ = self.grid.rect_of(row, column)
                corner = area.topLeft() + QPointF(x, y)
                size = QSizeF(self._tile[1] * width, self._tile[0] * height)
                painter.fillRect(QRectF(corner, size).adjusted(0, 0, 1, 1), panel)
        paint_seams(painter, area, self.grid, self._tile, self.theme)

    def _paint_axes(self, painter: QPainter, area: QRectF) -> None:
        seen = self.grid.window()
        left, top = self._axes
        if self.grid.zoom > 1 and self._tile is None:
            left = _part(seen.top, seen.bottom, self.grid.rows, left)
            top = _part(seen.left, seen.right, self.grid.columns, top)
        face = code_face(11)
        room = self.width() - px(MARGIN_LEFT)
        _paint_mark(painter, QPointF(px(MARGIN_LEFT), px(10)), area.width(), room, top, self.theme)
        painter.save()
        painter.translate(px(10), area.bottom())
        painter.rotate(-90)
        room = int(area.bottom())
        if left and face.width(left) + 4 <= room:
            _paint_mark(painter, QPointF(0, 0), area.height(), room, left, self.theme)
        painter.restore()

    def _paint_cell(self, painter: QPainter, area: QRectF) -> None:
        text, cell = self.cell_text(), self._marked()
        if cell is None or not text:
            return
        x, y, width, height = self.grid.rect_of(*cell)
        mark = QRectF(area.left() + x, area.top() + y, width, height)
        if not mark.intersects(area):
            return
        mark = enlarged(mark, LEAST_MARK)
        paint_outline(painter, mark)
        face = code_face(12)
        tag = QRectF(mark.right() + 8, mark.top() - 4, face.width(text) + px(14), px(22))
        if tag.right() > self.width():
            tag.moveRight(mark.left() - 8)
        tag.moveTop(min(max(tag.top(), 0.0), self.height() - tag.height()))
        if tag.left() < 0:  # no room on either side: above or below
            tag.moveLeft(max(0.0, self.width() - tag.width()))
            below = mark.bottom() + 6
            fits = below + tag.height() <= self.height()
            tag.moveTop(below if fits else mark.top() - 6 - tag.height())
        if self.pointer.at is None:
            tag = self._at_rest(mark, tag.width(), area)
        paint_tag(painter, tag, text, face, self.theme)

    def _at_rest(self, mark: QRectF, width: float, area: QRectF) -> QRectF:
        """Where the tag stands while nobody points: off the array, in the margin if need be."""
        if area.right() + 8 + width <= self.width():
            top = min(max(mark.center().y() - px(11), 0.0), max(self.height() - px(22), 0.0))
            return QRectF(area.right() + 8, top, width, px(22))
        tag = QRectF(mark.center().x() - width / 2, 0, width, px(MARGIN_TOP) - 2)
        size = code_face(11).width(self._axes[1]) / 2 + 8  # of the words in the middle
        if abs(tag.center().x() - area.center().x()) < size + width / 2:
            left = area.center().x() - size - width
            tag.moveLeft(left if left >= 0 else area.center().x() + size)
        tag.moveLeft(min(max(tag.left(), 0.0), max(self.width() - width, 0.0)))
        return tag


def _part(first: float, last: float, count: int, whole: str) -> str:
    """`600–650 of 784` where not all of an axis is in sight."""
    begin, end = int(first), int(np.ceil(last)) - 1
    return whole if (begin, end) == (0, count - 1) else f"{begin}–{end} / {whole}"


def _paint_mark(
    painter: QPainter, start: QPointF, length: float, room: float, text: str, theme: Theme
) -> None:
    """Draw a dimension: a line with end strokes and its text in the middle of it."""
    face = code_face(11)
    y = start.y()
    width = face.width(text)
    painter.setPen(QColor(theme.text3))
    box = QRectF(start.x() + (length - width) / 2, y - px(8), width + 1, px(16))
    if width + 24 <= length:
        end = start.x() + length
        painter.drawLine(QPointF(start.x(), y), QPointF(box.left() - 6, y))
        painter.drawLine(QPointF(box.right() + 6, y), QPointF(end, y))
        for x in (start.x(), end):
            painter.drawLine(QPointF(x, y - 4), QPointF(x, y + 4))
    else:
        box.moveLeft(min(max(box.left(), start.x() if room > width else 0), room - width))
    draw_text(painter, box, text, face, theme.text2)
