"""A vector as bars around zero: biases, and their steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.heatmap import Scale
from gui.paint.text import code_face, draw_text
from gui.paint.values import number_text
from gui.views.equation.scenes.framed import CENTRE, outline

Array = np.ndarray[Any, Any]


def bar_at(share: float, count: int) -> int:
    """The bar at a share of the width."""
    return min(max(int(share * count), 0), count - 1)


def paint_bars(
    painter: QPainter,
    place: QRectF,
    values: Array,
    scale: Scale,
    chosen: int,
    theme: Theme,
    before: Array | None = None,
    border: str = "",
) -> None:
    """A bar for each number, up in red or down in blue; a tick where each stood `before`."""
    painter.fillRect(place, QColor(theme.bg))
    axis = px(16)
    area = place.adjusted(4, px(6), -4, -axis)
    limit = _limit(values, before, scale)
    middle, step = area.center().y(), area.width() / len(values)
    wide = max(step * 0.7, 1.0)
    if 0 <= chosen < len(values):
        column = QRectF(area.left() + chosen * step, place.top() + 1, step, place.height() - 2)
        painter.fillRect(column, QColor(theme.hover))
    for number, value in enumerate(values):
        left = area.left() + (number + 0.5) * step - wide / 2
        if not np.isfinite(value):
            painter.fillRect(QRectF(left, area.top(), wide, area.height()), QColor(theme.nan))
            continue
        high = float(value) / limit * area.height() / 2
        colour = theme.positive if value > 0 else theme.negative
        painter.fillRect(
            QRectF(left, middle - max(high, 0), wide, max(abs(high), 1)), QColor(colour)
        )
    painter.setPen(QPen(QColor(theme.strong), 1))
    painter.drawLine(QLineF(area.left(), middle, area.right(), middle))
    if before is not None:
        painter.setPen(QPen(QColor(theme.text), 1.5))
        for number, value in enumerate(np.ravel(before)):
            if np.isfinite(value):
                y = middle - float(value) / limit * area.height() / 2
                left = area.left() + (number + 0.5) * step - wide / 2
                painter.drawLine(QLineF(left, y, left + wide, y))
    _paint_axis(painter, QRectF(area.left(), area.bottom(), area.width(), axis), len(values), theme)
    if step >= px(38):
        _paint_numbers(painter, area, values, limit, theme)
    outline(painter, place, border or theme.strong, 2 if border else 1)


def _limit(values: Array, before: Array | None, scale: Scale) -> float:
    """The magnitude at the end of the axis; before and after end alike."""
    both = [np.ravel(values), *([np.ravel(before)] if before is not None else [])]
    finite = np.abs(np.concatenate(both))
    finite = finite[np.isfinite(finite)]
    return max(scale.high, float(finite.max()) if finite.size else 0.0) or 1.0


def _paint_axis(painter: QPainter, place: QRectF, count: int, theme: Theme) -> None:
    """The numbers of the bars that have room."""
    face, step = code_face(12), place.width() / count
    every = next(
        n for n in (1, 2, 5, 10, 20, 50, 100, 1000, 10**9) if n * step >= face.width("00") + 8
    )
    for number in range(0, count, every):
        room = QRectF(place.left() + (number + 0.5) * step - px(20), place.top(), px(40), px(16))
        draw_text(painter, room, str(number), face, theme.text3, CENTRE)


def _paint_numbers(
    painter: QPainter, area: QRectF, values: Array, limit: float, theme: Theme
) -> None:
    """Each bar's number beyond its end."""
    face, step = code_face(12), area.width() / len(values)
    for number, value in enumerate(values):
        if not np.isfinite(value):
            continue
        high = float(value) / limit * area.height() / 2
        y = area.center().y() - high
        top = y - px(16) if high >= 0 else y + 1
        top = min(max(top, area.top() - px(4)), area.bottom() - px(14))
        room = QRectF(area.left() + number * step, top, step, px(15))
        text = number_text(float(value))
        if face.width(text) <= step:
            draw_text(painter, room, text, face, theme.text, CENTRE)
