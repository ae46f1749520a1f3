"""A matrix to look into: heat map, axis marks, zoom and pan, a cell under mouse or keyboard.

Wheel, `+` and `−` zoom, dragging pans, `0` fits. The arrow keys move a cell cursor; cells large
enough for it carry their number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from gui.parts.cell_numbers import paint_numbers
from gui.parts.grid import Grid
from gui.parts.heatmap import HeatMap, MapKind, Scale
from gui.parts.rows import code_face, draw_text, paint_dimmed
from gui.parts.values import scalar_text
from gui.theme import Theme
from gui.type_scale import px

Array = np.ndarray[Any, Any]
Cell = tuple[int, int]

MARGIN_LEFT, MARGIN_TOP, MARGIN_END = 24, 20, 8
LEAST_MARK = 7.0  # pixels to which the mark of a smaller cell is enlarged
ZOOM_STEP = 1.25

_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_PageUp: (-10, 0),
    Qt.Key.Key_PageDown: (10, 0),
}


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
        self._cell: Cell | None = None
        self._rest: Cell | None = None  # what is marked while nobody points
        self._past = False
        self._by_keyboard = False
        self._dragged_from: QPointF | None = None
        self._heat_map = HeatMap()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
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
            self.grid = Grid(*values.shape, square=tile is not None)
            self._cell = self._rest = None
        self._values, self._scale = values, scale
        self._label_of, self._axes, self._tile = label_of, axes, tile
        self.grid.resize(*self._place())
        self._say_cell()
        self.update()

    def cell_text(self) -> str:
        """`[66, 18] 4.624` for the cell pointed at, or nothing."""
        label, cell = self.cell_label(), self._cell or self._rest
        return f"{label} {scalar_text(self._values[cell])}" if label and cell else ""

    def cell_label(self) -> str:
        """`[66, 18]` for the cell pointed at, or nothing."""
        cell = self._cell or self._rest
        return self._label_of(*cell) if cell else ""

    def mark(self, cell: Cell | None, past: bool = False) -> None:
        """Mark a cell while nobody points at one; `past`: dim all, it is of an earlier stop."""
        if (cell, past) != (self._rest, self._past):
            self._rest, self._past = cell, past
            self._say_cell()
            self.update()

    def point_at(self, position: QPointF) -> None:
        """Point at the cell at a place of the widget."""
        self._point_under(position)

    def zoom(self, factor: float) -> None:
        """Zoom at the cell pointed at by the keyboard, else at the middle."""
        x, y = (side / 2 for side in self.grid.size)
        if self._cell and self._by_keyboard:
            left, top, width, height = self.grid.rect_of(*self._cell)
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

    def _point_at(self, cell: Cell | None, by_keyboard: bool = False) -> None:
        self._by_keyboard = by_keyboard
        if cell != self._cell:
            self._cell = cell
            self._say_cell()
            self.update()

    def _say_cell(self) -> None:
        text = self.cell_text()
        self.setAccessibleDescription(text)
        self.cell_changed.emit(text)

    # What a person does. Names are Qt's.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the grid into the new size."""
        self.grid.resize(*self._place())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the mouse."""
        steps = event.angleDelta().y() / 120
        if steps:
            at = event.position() - self.area().topLeft()
            self.grid.zoom_at(ZOOM_STEP**steps, at.x(), at.y())
            self._point_under(event.position())
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
        self._point_under(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End panning."""
        self._dragged_from = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit."""
        self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing, unless the keyboard does."""
        if not self._by_keyboard:
            self._point_at(None)

    def _point_under(self, position: QPointF) -> None:
        at = position - self.area().topLeft()
        self._point_at(self.grid.cell_at(at.x(), at.y()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cell cursor; zoom, fit."""
        key = Qt.Key(event.key())
        last_row, last_column = self.grid.rows - 1, self.grid.columns - 1
        row, column = self._cell or (0, 0)
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM_STEP)
        elif key is Qt.Key.Key_Minus:
            self.zoom(1 / ZOOM_STEP)
        elif key is Qt.Key.Key_0:
            self.fit()
        elif key in _MOVES or key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            if key in _MOVES and self._cell is not None:
                row += _MOVES[key][0]
                column += _MOVES[key][1]
            elif key is Qt.Key.Key_Home:
                column = 0
            elif key is Qt.Key.Key_End:
                column = last_column
            cell = min(max(row, 0), last_row), min(max(column, 0), last_column)
            self.grid.reveal(*cell)
            self._point_at(cell, by_keyboard=True)
            self.update()
        else:
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
        if self.hasFocus():
            painter.setPen(QPen(QColor(self.theme.accent), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_tiles(self, painter: QPainter, area: QRectF) -> None:
        if self._tile is None:
            return
        panel = QColor(self.theme.panel)
        painter.setPen(QPen(panel, 2))
        width, height = self.grid.cell
        row = self.grid.rows - self._tile[0]
        for column in range(0, self.grid.columns, self._tile[1]):
            if not self._label_of(row, column):  # no picture is left for this place
                x, y, _, _ = self.grid.rect_of(row, column)
                corner = area.topLeft() + QPointF(x, y)
                size = QSizeF(self._tile[1] * width, self._tile[0] * height)
                painter.fillRect(QRectF(corner, size).adjusted(0, 0, 1, 1), panel)
        for column in range(self._tile[1], self.grid.columns, self._tile[1]):
            x = area.left() + (column - self.grid.left) * width
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        for row in range(self._tile[0], self.grid.rows, self._tile[0]):
            y = area.top() + (row - self.grid.top) * height
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))

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
        text, cell = self.cell_text(), self._cell or self._rest
        if cell is None or not text:
            return
        x, y, width, height = self.grid.rect_of(*cell)
        mark = QRectF(area.left() + x, area.top() + y, width, height)
        if not mark.intersects(area):
            return
        grow_x, grow_y = (max(0.0, (LEAST_MARK - side) / 2) for side in (width, height))
        mark = mark.adjusted(-grow_x, -grow_y, grow_x, grow_y)
        for colour, pen in (("#000000", 3.5), ("#ffffff", 1.5)):
            painter.setPen(QPen(QColor(colour), pen))
            painter.drawRect(mark)
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
        if self._cell is None:
            tag = self._at_rest(mark, tag.width(), area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.text))
        painter.drawRoundedRect(tag, 4, 4)
        draw_text(painter, tag, text, face, self.theme.panel, Qt.AlignmentFlag.AlignHCenter)

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
