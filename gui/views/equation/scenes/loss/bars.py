"""A row of numbers as upright bars, one for each class, with the label's class marked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.text import Face, code_face, draw_text

Array = np.ndarray[Any, Any]
LINE = 17  # pixels of a line of numbers
NAMES = 17  # pixels of the classes' names
MARK = 9  # pixels of the triangle
_CENTRE = Qt.AlignmentFlag.AlignHCenter


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """What is drawn of a row.

    Attributes:
        values: (K,)
        label: the class that is marked.
        scale: its ends; 0 lies between them.
        texts: the number of each class, drawn where there is room.
        first: the classes whose numbers come first.
        outlines: (K,) outlined behind the bars, or None.
        target: the label's outline, dashed, or None.
        signed: red above 0 and blue below; else the label's bar is bright and the others grey.
        line: a height to mark, and its text; or None.
    """

    values: Array
    label: int
    scale: tuple[float, float]
    texts: tuple[str, ...]
    first: tuple[int, ...]
    outlines: Array | None = None
    target: float | None = None
    signed: bool = False
    line: tuple[float, str] | None = None


def bar_face(bold: bool = False) -> Face:
    """The face of the numbers and names."""
    return code_face(11, QFont.Weight.Bold if bold else QFont.Weight.Normal)


def mark(painter: QPainter, x: float, top: float, colour: QColor | str) -> None:
    """A triangle that points up at what stands above it."""
    half, height = px(4.5), px(7)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    points = [QPointF(x, top), QPointF(x - half, top + height), QPointF(x + half, top + height)]
    painter.drawPolygon(QPolygonF(points))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_bars(painter: QPainter, rect: QRectF, bars: Bars, theme: Theme, ground: QColor) -> None:
    """Draw the bars, their numbers, the names of the classes and the label's triangle."""
    _Painter(painter, rect, bars, theme, ground).paint()


class _Painter:
    def __init__(
        self, painter: QPainter, rect: QRectF, bars: Bars, theme: Theme, ground: QColor
    ) -> None:
        self._painter, self._rect, self._bars, self._theme = painter, rect, bars, theme
        self._ground = ground
        self._low, self._high = bars.scale
        below = px(LINE) if self._low < 0 else 0
        self._area = rect.adjusted(0, px(LINE), 0, -px(NAMES) - px(MARK) - below)
        self._slot = rect.width() / len(bars.values)
        self._taken: list[QRectF] = []

    def _y(self, value: float) -> float:
        span = (self._high - self._low) or 1.0
        share = (min(max(value, self._low), self._high) - self._low) / span
        return self._area.bottom() - share * self._area.height()

    def _x(self, k: int) -> float:
        return self._rect.left() + (k + 0.5) * self._slot

    def paint(self) -> None:
        bars = self._bars
        if bars.line is not None:
            self._paint_line(bars.line[0])
        for k, value in enumerate(bars.values):
            self._paint_bar(k, float(value))
        zero = round(self._y(0.0)) + 0.5
        self._painter.setPen(QPen(QColor(self._theme.strong), 1))
        self._painter.drawLine(QLineF(self._rect.left(), zero, self._rect.right(), zero))
        self._paint_numbers()
        if bars.line is not None:
            self._paint_word(*bars.line)
        self._paint_names()

    def _paint_line(self, value: float) -> None:
        y = round(self._y(value)) + 0.5
        self._painter.setPen(QPen(QColor(self._theme.strong), 1, Qt.PenStyle.DashLine))
        self._painter.drawLine(QLineF(self._rect.left(), y, self._rect.right(), y))

    def _paint_word(self, value: float, text: str) -> None:
        """The word at the line: at the side without the highest bar, if no number stands there."""
        tall = int(np.argmax(np.nan_to_num(self._bars.values, nan=-np.inf)))
        if self._bars.target is not None:
            tall = self._bars.label
        face, rect = code_face(11), self._rect
        width = face.width(text) + 1
        y = round(self._y(value)) + 0.5 - px(LINE)
        sides = [rect.right() - width, rect.left()]
        for left in sides if tall < len(self._bars.values) / 2 else reversed(sides):
            place = QRectF(left, y, width, px(LINE))
            if not any(place.intersects(taken) for taken in self._taken):
                draw_text(self._painter, place, text, face, self._theme.text2)
                return

    def _bar(self, k: int, value: float) -> QRectF:
        """The rectangle from 0 to a value, at least a pixel high."""
        gap = 1.5 if self._slot > 6 else 0.5
        width = min(self._slot - 2 * gap, px(44))
        zero, end = round(self._y(0.0)), round(self._y(value))
        if zero == end:
            end += 1 if value < 0 else -1
        left = round(self._x(k) - width / 2)
        return QRectF(left, min(zero, end), max(round(width), 1), abs(end - zero))

    def _paint_bar(self, k: int, value: float) -> None:
        bars, theme, painter = self._bars, self._theme, self._painter
        ours = k == bars.label
        if not math.isfinite(value):
            painter.fillRect(self._bar(k, self._high or self._low), QColor(theme.nan))
            return
        if bars.signed:
            colour = QColor(theme.positive if value > 0 else theme.negative)
            if not ours:
                colour = mix(colour.name(), self._ground.name(), 0.72)
        else:
            colour = QColor(theme.text if ours else theme.zero)
        filled = bars.outlines is None or bars.signed
        if filled and value != 0:
            painter.fillRect(self._bar(k, value), colour)
        if bars.outlines is not None:
            self._paint_outline(k, float(bars.outlines[k]), ours, Qt.PenStyle.SolidLine)
        if ours and bars.target is not None:
            self._paint_outline(k, bars.target, ours, Qt.PenStyle.DashLine)

    def _paint_outline(self, k: int, value: float, ours: bool, style: Qt.PenStyle) -> None:
        colour = self._theme.text if ours else self._theme.text3
        self._painter.setPen(QPen(QColor(colour), 1, style))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawRect(self._bar(k, value).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_numbers(self) -> None:
        """The numbers that matter, then all others that have room."""
        bars = self._bars
        every = max(bar_face().width(text) for text in bars.texts) < self._slot - 2
        rest = [k for k in range(len(bars.values)) if k not in bars.first] if every else []
        for k in (*bars.first, *rest):
            self._paint_number(k, k == bars.label)

    def _paint_number(self, k: int, ours: bool) -> None:
        """Beyond the end of the bar, and of its neighbours as far as the text reaches."""
        bars, face = self._bars, bar_face(ours)
        value = float(bars.values[k])
        width, line = face.width(bars.texts[k]) + 2, px(LINE)
        left = min(max(self._x(k) - width / 2, self._rect.left()), self._rect.right() - width)
        ends = self._ends(left, left + width)
        below = value < 0 < self._high
        y = self._y(min(ends)) + 1 if below else self._y(max(ends)) - line
        place = QRectF(left, y, width, line)
        if bars.line is not None and place.top() < self._y(bars.line[0]) < place.bottom():
            place.moveBottom(self._y(bars.line[0]))
        for taken in self._taken:
            if place.intersects(taken):
                place.moveTop(taken.bottom() if below else taken.top() - line + 2)
        if place.top() < self._rect.top() - 4 or place.left() < self._rect.left() - 1:
            return
        self._taken.append(place)
        colour = self._theme.text if ours else self._theme.text2
        if not math.isfinite(value):
            colour = self._theme.nan
        draw_text(self._painter, place, bars.texts[k], face, colour, _CENTRE)

    def _ends(self, left: float, right: float) -> list[float]:
        """The ends of the bars and outlines between two places, and 0."""
        bars = self._bars
        first = max(int((left - self._rect.left()) / self._slot + 0.1), 0)
        last = int((right - self._rect.left()) / self._slot - 0.1) + 1
        found = [0.0, *(float(value) for value in bars.values[first:last])]
        if bars.outlines is not None:
            found += [float(value) for value in bars.outlines[first:last]]
        if bars.target is not None and first <= bars.label < last:
            found.append(bars.target)
        return [min(max(v, self._low), self._high) for v in found if math.isfinite(v)]

    def _paint_names(self) -> None:
        """The classes' names, every nth if they are narrow; the label's always."""
        bars, theme = self._bars, self._theme
        top = self._rect.bottom() - px(NAMES) - px(MARK)
        last = str(len(bars.values) - 1)
        wide = bar_face(True).width(last) + px(4)
        every = max(1, math.ceil(wide / self._slot))
        for k in range(len(bars.values)):
            ours = k == bars.label
            near = abs(k - bars.label) * self._slot < wide
            if not ours and (k % every or near):
                continue
            place = QRectF(self._x(k) - wide, top, 2 * wide, px(NAMES))
            colour = theme.text if ours else theme.text2
            draw_text(self._painter, place, str(k), bar_face(ours), colour, _CENTRE)
        mark(self._painter, self._x(bars.label), top + px(NAMES), theme.text)
