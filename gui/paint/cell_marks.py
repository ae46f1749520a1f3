"""Marks on painted arrays: the outline of cells, the tag beside them, the seams of a mosaic."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.look.theme import Theme
from gui.paint.grid import Grid
from gui.paint.text import Face, draw_text

_SEAM = 0.35  # its width in pixels of the pictures


def enlarged(rect: QRectF, least: float) -> QRectF:
    """A rectangle made at least so many pixels wide and high, about its middle."""
    grow_x, grow_y = (max(0.0, (least - side) / 2) for side in (rect.width(), rect.height()))
    return rect.adjusted(-grow_x, -grow_y, grow_x, grow_y)


def paint_outline(painter: QPainter, rect: QRectF, colour: str = "#ffffff") -> None:
    """A line with a black halo, which shows on every colour."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, width in (("#000000", 3.5), (colour, 1.5)):
        painter.setPen(QPen(QColor(ink), width))
        painter.drawRect(rect)


def paint_tag(painter: QPainter, rect: QRectF, text: str, face: Face, theme: Theme) -> None:
    """A tag: its text on a rounded ground in the colour of text."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.text))
    painter.drawRoundedRect(rect, 4, 4)
    draw_text(painter, rect, text, face, theme.panel, Qt.AlignmentFlag.AlignHCenter)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_seams(
    painter: QPainter, area: QRectF, grid: Grid, tile: tuple[int, int], theme: Theme
) -> None:
    """Part the pictures of a mosaic, each of `tile` rows and columns; `area` holds the grid.

    The seam grows with the pixels: pictures of few large ones would run together at a thin one.
    """
    width, height = grid.cell
    painter.setPen(QPen(QColor(theme.panel), max(2.0, _SEAM * min(width, height))))
    for column in range(tile[1], grid.columns, tile[1]):
        x = area.left() + (column - grid.left) * width
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
    for row in range(tile[0], grid.rows, tile[0]):
        y = area.top() + (row - grid.top) * height
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
