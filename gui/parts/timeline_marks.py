"""What is marked along the timeline: bookmarks as flags, breakpoints as dots."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gui.theme import Theme

FLAG = QRectF(0.0, 0.0, 8.0, 7.0)  # pixels, to the right of its pole
DOT = 3.0  # the radius in pixels


def flag_at(x: float, top: float) -> QRectF:
    """Where the flag of a bookmark at `x` is drawn, and can be clicked."""
    return FLAG.translated(x, top)


def paint_flag(painter: QPainter, flag: QRectF, foot: float, theme: Theme) -> None:
    """A flag on a pole that ends at `foot`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.warning), 1.2))
    painter.drawLine(flag.topLeft(), QPointF(flag.left(), foot))
    painter.setPen(QPen(QColor(theme.panel), 0.8))
    painter.setBrush(QColor(theme.warning))
    tip = QPointF(flag.right(), flag.center().y())
    painter.drawPolygon(QPolygonF([flag.topLeft(), tip, flag.bottomLeft()]))
    painter.restore()


def paint_dots(painter: QPainter, places: Iterable[float], y: float, theme: Theme) -> None:
    """A dot at each place, as beside the line in the source."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.panel), 1))
    painter.setBrush(QColor(theme.error))
    for x in places:
        painter.drawEllipse(QPointF(x, y), DOT, DOT)
    painter.restore()
