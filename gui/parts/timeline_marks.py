"""What is marked along the timeline: bookmarks as flags, breakpoints as dots."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gui.parts.rows import draw_text, ui_face
from gui.theme import Theme, mix
from gui.type_scale import px

FLAG = (8.0, 7.0)  # pixels, to the right of its pole
DOT = 3.0  # the radius in pixels
LEAST_NAME, MOST_NAME = 22.0, 160.0  # at a scale of 1, of a bookmark's name


def flag_at(x: float, top: float) -> QRectF:
    """Where the flag of a bookmark at `x` is drawn, and can be clicked."""
    return QRectF(x, top, px(FLAG[0]), px(FLAG[1]))


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


def name_beside(flag: QRectF, name: str, left: float, right: float) -> QRectF:
    """Where a bookmark's name stands: right of its flag, or left of it, between `left` and `right`.

    An empty rectangle where neither side has room for a part of it that can be read.
    """
    face = ui_face(11)
    wanted = min(face.width(name) + 7, px(MOST_NAME))
    least = min(wanted, px(LEAST_NAME))
    height = face.metrics.height()
    after, before = right - flag.right() - 1, flag.left() - 2 - left
    if after >= wanted or after >= max(before, least):
        return QRectF(flag.right() + 1, flag.top() - 1, min(wanted, after), height)
    if before >= least:
        width = min(wanted, before)
        return QRectF(flag.left() - 2 - width, flag.top() - 1, width, height)
    return QRectF()


def paint_name(painter: QPainter, place: QRectF, name: str, theme: Theme) -> None:
    """A bookmark's name on a ground of its own."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mix(theme.warning, theme.panel, 0.16))
    painter.drawRoundedRect(place, 3, 3)
    painter.restore()
    draw_text(painter, place.adjusted(3, 0, -3, 0), name, ui_face(11), theme.text)


def paint_dots(painter: QPainter, places: Iterable[float], y: float, theme: Theme) -> None:
    """A dot at each place, as beside the line in the source."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.panel), 1))
    painter.setBrush(QColor(theme.error))
    for x in places:
        painter.drawEllipse(QPointF(x, y), px(DOT), px(DOT))
    painter.restore()
