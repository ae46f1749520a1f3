"""Paints the running sum of one number as a curve, where other sums have a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.text import code_face, draw_text, ui_face
from gui.paint.values import number_text
from gui.views.equation.scenes.digits.layout import DigitsLayout
from gui.views.equation.scenes.digits.paint import (
    BOLD,
    CENTRE,
    RIGHT,
    DigitsPainter,
    State,
    paint_caption,
    paint_frame,
)
from gui.views.equation.scenes.digits.words import asks_text

Array = np.ndarray[Any, Any]
MOST_POINTS = 600  # of the curve
AIR = 18  # pixels above and below the curve, where the 0 has room


class CurvePainter(DigitsPainter):
    """Paints the columns as its base does, and a curve for the sum.

    `State.large` are the running sums (N,), of which the last is the result.
    """

    def __init__(self) -> None:
        super().__init__()
        self.number = 0.0  # below the curve

    def _paint_large(
        self, painter: QPainter, room: DigitsLayout, state: State, theme: Theme
    ) -> None:
        whole = state.added == state.count and state.pointed < 0
        paint_caption(painter, room.caption, state, theme)
        painter.fillRect(room.final, QColor(theme.raised))
        paint_frame(painter, room.final, state.phase if whole else theme.text2, 2.0)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_curve(painter, room.final, state, theme)
        painter.restore()
        line = QRectF(room.final.left(), room.colour_bar.top(), room.final.width(), px(24))
        signed = self.number > 0 or self.number < 0  # of 0 and NaN nothing is asked
        told = room.asks is not None or room.arrows
        asks = asks_text(self.number) if signed and told else ""
        _paint_number(painter, line, number_text(self.number, 3), asks, theme)


def _paint_number(painter: QPainter, rect: QRectF, number: str, asks: str, theme: Theme) -> None:
    """The sum and what it asks, `0.0759  ↓ lower`, centred together if there is room."""
    bold, plain = code_face(15, BOLD), ui_face(13)
    wide = bold.width(number) + px(12) + plain.width(asks)
    if not asks or wide > rect.width():
        draw_text(painter, rect, number, bold, theme.text, CENTRE)
        return
    rect = rect.adjusted((rect.width() - wide) / 2, 0, 0, 0)
    draw_text(painter, rect, number, bold, theme.text)
    rect.setLeft(rect.left() + bold.width(number) + px(12))
    draw_text(painter, rect, asks, plain, theme.text)


def _paint_curve(painter: QPainter, rect: QRectF, state: State, theme: Theme) -> None:
    """The sum from 0 to the result; what is not added yet is thin."""
    sums = np.concatenate([[0.0], np.nan_to_num(state.large, posinf=0.0, neginf=0.0)])
    low, high = min(float(sums.min()), 0.0), max(float(sums.max()), 0.0)
    room = (high - low) * px(AIR) / max(rect.height() - 2 * px(AIR), px(AIR)) or 1.0
    low, high = low - room, high + room
    across = rect.width() - px(16)

    def place(count: int) -> QPointF:
        x = rect.left() + px(8) + count / state.count * across
        return QPointF(x, rect.bottom() - (sums[count] - low) / (high - low) * rect.height())

    def line(first: int, last: int) -> list[QPointF]:
        points = min(last - first + 1, MOST_POINTS)
        return [place(int(n)) for n in np.linspace(first, last, points).round()]

    zero = rect.bottom() + low / (high - low) * rect.height()
    painter.setPen(QPen(QColor(theme.strong), 1, Qt.PenStyle.DashLine))
    painter.drawLine(QLineF(rect.left(), zero, rect.right(), zero))
    above = high < -low  # on the side where there is no curve
    top = zero - px(16) if above else zero + 1
    name = QRectF(rect.right() - px(20), top, px(16), px(15))
    draw_text(painter, name, "0", code_face(12), theme.text2, RIGHT)
    painter.setPen(QPen(QColor(theme.text3), 1))
    painter.drawPolyline(line(state.added, state.count))
    painter.setPen(QPen(QColor(theme.text), 2))
    painter.drawPolyline(line(0, state.added))
    if state.pointed >= 0:
        start, end = place(state.pointed), place(state.pointed + 1)
        colour = theme.positive if end.y() <= start.y() else theme.negative
        painter.setPen(QPen(QColor(colour), px(4)))
        painter.drawLine(start, end)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.text))
    painter.drawEllipse(place(state.added), px(4), px(4))
