"""The marks of breakpoints, as in other debuggers."""

from __future__ import annotations

from math import cos, pi, sin

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from engine.debug.breakpoints.breakpoints import Breakpoint
from gui.dialogs.breakpoint_kinds import kind_of
from gui.look.theme import Theme

RADIUS = 5.0


def paint_breakpoint(painter: QPainter, middle: QPointF, one: Breakpoint, theme: Theme) -> None:
    """A dot; a diamond for a logpoint, a hexagon for data; a grey ring where it is disabled."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if one.enabled:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.error))
    else:
        painter.setPen(QPen(QColor(theme.text3), 1.6))
        painter.setBrush(QColor(theme.panel))
    corners = 4 if one.log else kind_of(one.place).corners
    if corners:
        painter.drawPolygon(_corners(middle, corners, RADIUS + 1, 0.0))
    else:
        painter.drawEllipse(middle, RADIUS, RADIUS)
    if one.condition or one.hits:  # two strokes: the breakpoint does not always stop
        painter.setPen(QPen(QColor(theme.panel if one.enabled else theme.text3), 1.4))
        for y in (-1.5, 1.5):
            painter.drawLine(middle + QPointF(-2.5, y), middle + QPointF(2.5, y))
    painter.restore()


def _corners(middle: QPointF, count: int, radius: float, turn: float) -> QPolygonF:
    angles = (turn + 2 * pi * number / count for number in range(count))
    return QPolygonF([middle + QPointF(radius * cos(a), radius * sin(a)) for a in angles])


def breakpoint_icon(one: Breakpoint, theme: Theme) -> QIcon:
    """The mark as an icon of 16 pixels."""
    picture = QPixmap(32, 32)
    picture.setDevicePixelRatio(2.0)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_breakpoint(painter, QPointF(8, 8), one, theme)
    painter.end()
    return QIcon(picture)
