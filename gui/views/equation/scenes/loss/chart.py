"""All samples of the minibatch in order: the surprise of each, and what is made of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.text import code_face, draw_text, ui_face
from gui.paint.values import MINUS
from gui.views.equation.scenes.loss.bars import MARK, mark
from gui.views.equation.scenes.loss.card import LOW, Panel
from gui.views.equation.scenes.loss.numbers import DIFFERENCES, Judged, Stop, in_order, three
from gui.views.equation.scenes.loss.words import image_text
from gui.views.equation.scenes.words import label_text

Array = np.ndarray[Any, Any]
LINE = 20
BIG = 40  # pixels of the large number
LOW_LINE, LOW_BIG = 16, 26  # where there is little height
_RESULTS = (Stop.SURPRISES, Stop.TOTAL, Stop.MEAN)
_MOVES = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class _Level(NamedTuple):
    """A height that is marked by a line, with its name above or below it."""

    y: float
    text: str
    colour: str
    ground: QColor
    solid: bool = False
    below: bool = False


class SortedChart(Panel):
    """A bar for each sample, from the most certain to the most wrong.

    Signals:
        row_chosen: a row of the minibatch, to be shown as a card.
    """

    row_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setMouseTracking(True)
        self._judged: Judged | None = None
        self._chosen: tuple[int, ...] = ()
        self._order: Array = np.zeros(0, int)
        self._values: Array = np.zeros(0)
        self._phase = theme.forward
        self.at: int | None = None  # the place in the order that is pointed at

    def show_samples(self, judged: Judged, chosen: tuple[int, ...], phase: str) -> None:
        """Show a stop. `chosen`: the rows with cards."""
        self._judged, self._chosen, self._phase = judged, chosen, phase
        self._order = in_order(judged.ranks)
        values = judged.surprises
        self._values = (judged.of_label(judged.bars) if values is None else values)[self._order]
        if self.at is not None and self.at >= len(self._order):
            self.at = None
        self.setAccessibleName(self.title())
        parts = [self._caption(), *(text for text, _ in self._lines())]
        self.setAccessibleDescription(", ".join(part for part in parts if part))
        self.update()

    def title(self) -> str:
        """`All 100, sorted`."""
        if len(self._order) == 1:
            return self.tr("The only one")
        return self.tr("All {0}, sorted").format(len(self._order))

    def _caption(self) -> str:
        """What a bar is, or which sample is pointed at."""
        judged = self._judged
        assert judged is not None
        if self.at is not None:
            row = int(self._order[self.at])
            name = f"{label_text(int(judged.labels[row]))}, {image_text(row)}"
            return f"{name}: {three(float(self._values[self.at]))}"
        if judged.surprises is not None:
            return self.tr("{0}log p of each label").format(MINUS)
        if judged.stop is Stop.DIFFERENCE:
            return self.tr("p {0} 1 of each label").format(MINUS)
        if judged.stop is Stop.DIVIDED:
            return self.tr("(p {0} 1) ÷ {1} of each label").format(MINUS, len(self._order))
        return self.tr("p of each label")

    def _lines(self) -> list[tuple[str, bool]]:
        """The texts below the chart; those that are True are large."""
        judged = self._judged
        assert judged is not None
        count = len(self._order)
        lines = [(self.tr("{0} of {1} guessed right").format(judged.right, count), False)]
        if judged.mean is not None and judged.total is not None:
            lines += [(f"{three(judged.total)} ÷ {count} =", False), (three(judged.mean), True)]
        elif judged.total is not None:
            lines += [(self.tr("added up:"), False), (three(judged.total), True)]
        elif judged.stop in DIFFERENCES and judged.stop is not Stop.COPY:
            off = np.abs(judged.bars.sum(axis=1)).max()
            if off < 1e-5 * judged.unit:
                lines.append((self.tr("each row adds up to 0"), False))
            lines.append((self.tr("red +: asks for a lower score"), False))
            lines.append((self.tr("blue {0}: asks for a higher one").format(MINUS), False))
        return lines

    # Pointing

    def _plot(self) -> QRectF:
        """Where the bars are."""
        pad = px(10)
        room = QRectF(self.rect()).adjusted(pad + 4, pad, -pad - 4, -pad)
        below = sum(self._height(big) for _, big in self._lines()) + px(MARK) + px(6)
        above = px(LINE) if self._is_low() else 2 * px(LINE)
        return room.adjusted(0, above + px(4), 0, -below)

    def _is_low(self) -> bool:
        return self.height() < px(LOW)

    def _height(self, big: bool) -> int:
        """Of a line of text below the chart."""
        if self._is_low():
            return px(LOW_BIG if big else LOW_LINE)
        return px(BIG if big else LINE)

    def _place_at(self, x: float) -> int:
        plot = self._plot()
        count = len(self._order)
        return min(max(int((x - plot.left()) / plot.width() * count), 0), count - 1)

    def _point(self, place: int | None) -> None:
        if place != self.at:
            self.at = place
            if self._judged is not None:
                parts = [self._caption(), *(text for text, _ in self._lines())]
                self.setAccessibleDescription(", ".join(parts))
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Name the sample under the mouse."""
        self._point_under(event.position())
        event.ignore()  # the scene follows the mouse, too

    def _point_under(self, at: QPointF) -> None:
        if len(self._order):
            over = self._plot().top() <= at.y() <= self._plot().bottom() + px(MARK)
            self._point(self._place_at(at.x()) if over else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Name none."""
        super().leaveEvent(event)
        self._point(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show the sample as a card."""
        self._point_under(event.position())
        if self.at is not None and event.button() is Qt.MouseButton.LeftButton:
            self.row_chosen.emit(int(self._order[self.at]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows point at a neighbour, Enter shows it as a card."""
        key = Qt.Key(event.key())
        last = len(self._order) - 1
        if key in _MOVES and last >= 0:
            self._point(last if self.at is None else min(max(self.at + _MOVES[key], 0), last))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.at is not None:
            self.row_chosen.emit(int(self._order[self.at]))
        elif key is Qt.Key.Key_Escape and self.at is not None:
            self._point(None)
        else:
            super().keyPressEvent(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chart and what is made of it."""
        judged, theme = self._judged, self.theme
        if judged is None:
            return
        painter = QPainter(self)
        is_result = judged.stop in _RESULTS
        ground = mix(self._phase, theme.panel, 0.16) if is_result else QColor(theme.raised)
        edge = self._phase if is_result else theme.border
        room = self.paint_ground(painter, edge, ground)
        line = px(LINE)
        place = QRectF(room.left(), room.top() - px(2), room.width(), line)
        if not self._is_low() or self.at is None:
            draw_text(painter, place, self.title(), ui_face(13, QFont.Weight.Bold), theme.text)
            place.translate(0, line)
        if not self._is_low() or self.at is not None:
            draw_text(painter, place, self._caption(), ui_face(11), theme.text2)
        plot = self._plot()
        if plot.height() > px(24):
            self._paint_plot(painter, plot, judged, ground)
        self._paint_lines(painter, room)

    def _paint_plot(self, painter: QPainter, plot: QRectF, judged: Judged, ground: QColor) -> None:
        values, theme = self._values, self.theme
        classes = judged.bars.shape[1]
        finite = values[np.isfinite(values)]
        low = min(0.0, float(finite.min())) if finite.size else 0.0
        high = max(0.0, float(finite.max())) if finite.size else 1.0
        equal = None
        if judged.surprises is not None:
            equal = math.log(classes)
        elif judged.stop in (Stop.COPY, Stop.FOUND):
            high, equal = 1.0, 1 / classes
        share = 1 - px(18) / plot.height()  # so that the names stand within the chart
        levels = [v for v in (equal, judged.mean) if v is not None and math.isfinite(v)]
        high = max([high, *(level / share for level in levels)])
        span = (high - low) or 1.0

        def y(value: float) -> float:
            return plot.bottom() - (min(max(value, low), high) - low) / span * plot.height()

        self._paint_samples(painter, plot, y)
        axis = round(y(0)) + 0.5
        painter.setPen(QPen(QColor(theme.strong), 1))
        painter.drawLine(QLineF(plot.left(), axis, plot.right(), axis))
        mean = None
        if judged.mean is not None and math.isfinite(judged.mean):
            mean = y(judged.mean)
        even = None if equal is None else y(equal)
        near = even is not None and mean is not None and abs(even - mean) < px(18)
        if even is not None:
            text = self.tr("equal guesses {0}").format(three(equal or 0.0))
            below = near and mean is not None and even >= mean
            level = _Level(even, text, theme.text2, ground, False, below)
            self._paint_level(painter, plot, level)
        if mean is not None:
            below = near and even is not None and even < mean
            level = _Level(mean, self.tr("mean"), self._phase, ground, True, below)
            self._paint_level(painter, plot, level)

    def _paint_samples(self, painter: QPainter, plot: QRectF, y: Callable[[float], float]) -> None:
        values, theme, count = self._values, self.theme, len(self._values)
        each = plot.width() / count
        shown = max(1, round(1 / each)) if each < 1 else 1  # samples to a pixel
        zero = y(0.0)
        chosen = {int(np.flatnonzero(self._order == row)[0]) for row in self._chosen}
        for place in range(0, count, shown):
            value = float(values[place])
            ours = place in chosen
            colour = QColor(theme.text if ours else theme.zero)
            if value < 0:
                colour = QColor(theme.negative)
                colour = colour if ours else mix(theme.negative, theme.raised, 0.6)
            end = y(value) if math.isfinite(value) else plot.top()
            if not math.isfinite(value):
                colour = QColor(theme.nan)
            if place == self.at:
                colour = QColor(theme.accent)
            gap = 1.0 if each >= 3 else 0.0
            left = plot.left() + place * each
            height = max(abs(end - zero), 1.0)
            width = max(each * shown - gap, 1.0)
            painter.fillRect(QRectF(left, min(end, zero), width, height), colour)
        for place in chosen:
            mark(painter, plot.left() + (place + 0.5) * each, plot.bottom() + px(2), theme.text)

    def _paint_level(self, painter: QPainter, plot: QRectF, level: _Level) -> None:
        style = Qt.PenStyle.SolidLine if level.solid else Qt.PenStyle.DashLine
        painter.setPen(QPen(QColor(level.colour), px(2) if level.solid else 1, style))
        height = round(level.y) + 0.5
        painter.drawLine(QLineF(plot.left(), height, plot.right(), height))
        face = ui_face(11, QFont.Weight.Bold if level.solid else QFont.Weight.Normal)
        width = face.width(level.text) + px(2)
        place = QRectF(plot.left(), level.y - px(17), width, px(15))
        if level.below:
            place.moveTop(level.y + px(2))
        painter.fillRect(place, level.ground)  # the bars may be as high
        draw_text(painter, place, level.text, face, level.colour)

    def _paint_lines(self, painter: QPainter, room: QRectF) -> None:
        theme = self.theme
        y = room.bottom() - sum(self._height(big) for _, big in self._lines())
        for number, (text, big) in enumerate(self._lines()):
            height = self._height(big)
            place = QRectF(room.left(), y, room.width(), height)
            face = (
                code_face(20 if self._is_low() else 28, QFont.Weight.Bold) if big else ui_face(11)
            )
            if text.endswith("="):
                face = code_face(13)
            ink = theme.text if big or number == 0 else theme.text2
            draw_text(painter, place, text, face, ink)
            y += height
